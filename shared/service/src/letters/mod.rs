//! Letters to offices without software: what opens a link, and the wording.
//!
//! Invariant: neither the token of a link nor its code is stored, and neither is ever in a URL that a server sees.

mod built_in;
mod secret;
mod template;
mod wording;
mod words;

pub(crate) use built_in::{LANGUAGES, built_in};
pub(crate) use secret::{Opener, code_hash, token_hash};
pub(crate) use template::{Block, Filled, TEXT_CHARS_MAX, faults, fill, to_text};
pub(crate) use wording::{Placeholder, Wording};
pub(crate) use words::{SPOKEN, names, word};
