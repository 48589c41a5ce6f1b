//! FHIR R4 and HL7 v2 to and from the domain.
//!
//! Pure: no I/O, no clock, no randomness, no platform; times and ids are arguments. Both formats say the same things, in the
//! terms of [`said`]; what a format says and the domain does not model is kept as it came, by whoever stores it. Nothing is
//! guessed: a code that is not mapped is a [`said::Fault`], or text with a [`said::Warning`].

pub mod fhir;
pub mod hl7;
pub mod said;
