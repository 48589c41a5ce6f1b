//! `cargo fuzz-parsers fhir-xml`

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::fhir_xml(bytes));
