//! Whether an exported database is what the functions wrote: no row of a referral changed, removed or inserted.
//!
//! [`chain`] is the check of one referral and does no I/O; the others read the files and go over the tables. What a chain
//! cannot show by itself, a tail that was cut off together with a row that was worked out again, shows against the hashes that
//! partners kept ([`proof`]). Nothing here prints what a row holds: findings name a referral and a number.

pub mod chain;
pub mod database;
mod fault;
pub mod proof;
mod verify;

pub use fault::{Fault, Finding, Wrong};
pub use verify::{Report, read, verify};
