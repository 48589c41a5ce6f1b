//! Use cases and HTTP routers over ports.
//!
//! One module a function of the product, each with a `router` for its function crate; below them what they share. Nothing
//! here knows a platform: the database, the clock, randomness and secrets come through [`ports::Platform`].

pub mod auth;
pub mod call;
pub(crate) mod cms50;
pub mod crypto;
pub mod deliveries;
pub mod directory;
pub mod exchange;
pub mod http;
pub mod ids;
pub mod intake;
pub mod json;
pub(crate) mod letters;
pub(crate) mod merges;
pub mod messages;
pub(crate) mod meta;
pub mod metered;
#[cfg(not(target_family = "wasm"))]
pub mod openapi;
pub mod receipts;
pub mod recipients;
pub mod referrals;
pub mod secrets;
pub mod status;
pub mod sweep;
pub mod worklist;
