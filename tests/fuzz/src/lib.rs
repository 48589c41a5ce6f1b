//! What must hold for any bytes that a partner sends: they are read or refused, nothing panics, time and memory grow with their
//! number and no faster, and what was read is read again from what we write of it.
//!
//! `cargo fuzz-parsers` looks for bytes for which it does not, by libFuzzer, on stable Rust. What it found is kept in `seeds/`, and an
//! ordinary test holds all of `seeds/` to the same.

mod cost;
mod fhir;
mod hl7;
mod stretch;

pub use fhir::{json as fhir_json, xml as fhir_xml};
pub use hl7::hl7;
