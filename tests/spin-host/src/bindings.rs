//! The Rust side of `wit/`: the Spin interfaces that the components import.
#![allow(missing_docs, clippy::all, reason = "generated code")]

wasmtime::component::bindgen!({
    path: "wit",
    world: "host",
    imports: { default: async | trappable },
    with: { "spin:sqlite/sqlite.connection": crate::sqlite::Connection },
});

pub use spin::{sqlite::sqlite, variables::variables};
