//! Digests, secrets derived from the operator's master key, and webhook signatures.
//!
//! No secret is stored: what the database holds is hashes and versions, so that a copy of it can sign and open nothing.

mod digest;
mod master;
mod webhook;

pub use digest::{equal, sha256, sha256_hex};
pub use master::{DerivedKind, MasterKeys, SigningSecret};
pub use webhook::{SIGNATURES_MAX, SignatureError, Signed, TOLERANCE_SECONDS, sign, verify};
