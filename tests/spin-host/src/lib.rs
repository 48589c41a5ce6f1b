//! A small host for the components that `spin build` makes, to test them where the real Spin is not at hand.
//!
//! It reads the same `spin.toml`, and does what Spin 4.1 does where a component can tell the difference: routes,
//! variables, which component may open which database, rows streamed with backpressure, instances reused by 16
//! requests at a time, outbound calls refused unless the manifest allows them.
//!
//! What it does not know: triggers other than HTTP, other stores than SQLite, files, service chaining, TLS.

mod bindings;
mod component;
pub mod manifest;
pub mod migrations;
pub mod options;
pub mod outbound;
mod output;
pub mod routes;
mod server;
pub mod settings;
mod sqlite;
mod state;
pub mod template;

pub use server::{App, serve};
