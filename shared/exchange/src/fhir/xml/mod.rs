//! FHIR's XML to its JSON and back, so that everything else knows JSON alone.
//!
//! XML does not say which element repeats, nor of which type a primitive is: [`table`] does, for the types that matter to a
//! referral. An element outside the tables is taken as what it most likely is, so that it is kept.

mod read;
mod table;
mod write;

pub use read::from_xml;
pub use write::to_xml;
