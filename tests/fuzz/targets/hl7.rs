//! `cargo fuzz-parsers hl7`

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::hl7(bytes));
