//! Letters to offices without software: what opens a link, and the wording.
//!
//! Invariant: neither the token of a link nor its code is stored, and neither is ever in a URL that a server sees.

mod secret;

pub(crate) use secret::{Opener, code_hash, token_hash};

/// The languages that letters are worded in as built.
pub(crate) const LANGUAGES: &[&str] = &["en", "es"];
