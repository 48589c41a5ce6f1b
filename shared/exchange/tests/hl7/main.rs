//! HL7 v2, from outside: what messages say, how they are answered, and that what is written is read again.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that panics has found something"
)]

mod answers;
mod arbitrary;
mod messages;
mod orders;
mod parsing;
mod referrals;
mod reports;
mod round_trip;
mod visits;
