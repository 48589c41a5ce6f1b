//! `cargo fuzz-parsers fhir-json`

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::fhir_json(bytes));
