//! A year of a network of clinics: patients, offices and the lines between them fail as often as the literature says, on a
//! simulated clock, and every step goes through the real routers over a real database. Run twice with the same fates: without the
//! sweep and without anybody who looks at what is late, and with both.
//!
//! What is measured and what is assumed stands apart, in [`parameters`]: the rates without chasing are published, and so are the
//! results that they are set to meet; how people answer to being chased is an assumption, and the results are shown for several.
//!
//! Invariant, looked at on every day of the year: no referral is open without somebody whose turn it is, and a time at which it is
//! looked at again.

#![allow(
    clippy::indexing_slicing,
    reason = "a place among the cases, messages or offices is one that they were given; JSON is read by what the contract says"
)]

pub mod calendar;
pub mod cases;
pub mod course;
pub mod deployment;
pub mod dice;
pub mod fate;
pub mod messages;
pub mod network;
pub mod offices;
pub mod parameters;
pub mod results;
pub mod table;
pub mod watch;
pub mod year;
