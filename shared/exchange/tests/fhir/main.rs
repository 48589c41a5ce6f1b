//! FHIR in and out: round trips, BSeR's tables and examples, faults, and whatever may come.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod anything;
mod bundles;
mod events;
mod faults;
mod published;
mod referrals;
mod requests;
mod subscriptions;
mod tables;
mod xml;
