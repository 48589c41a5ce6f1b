//! Use cases and HTTP routers over ports.
//!
//! One module a function of the product, each with a `router` for its function crate; below them what they share. Nothing
//! here knows a platform: the database, the clock, randomness and secrets come through [`ports::Platform`].

pub mod auth;
pub mod call;
pub mod crypto;
pub mod http;
pub mod ids;
pub mod metered;
pub mod receipts;
