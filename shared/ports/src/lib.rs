//! What the use cases need of a platform, and nothing about any platform.
//!
//! `service` is written against [`Platform`]; `runtime` implements it three times (Cloudflare, Spin, native). This crate
//! stands below both, so that neither knows the other.

mod database;
mod outbound;
mod platform;

pub use database::{Answer, DatabaseError, Row, Rows, Statement, Value};
pub use outbound::{Answered, Outgoing, SendError};
pub use platform::{Platform, Setting};
