//! The measure CMS50 in FHIR: what an evaluation is asked with, the facts in a Bundle from elsewhere, value sets, and the MeasureReport.
//!
//! The logic is `domain::cms50`; here is only which element of FHIR says what of it. `docs/cms50.md` has it as a table.

mod data;
mod parameters;
mod report;
mod value_set;

pub use data::{Here, Person, entries_of, patient_named, people};
pub use parameters::{Asked, ReportType, asked};
pub use report::{Reporting, individual, measure, subject_list, summary};
pub use value_set::{Content, oid_of, value_set, value_set_key};

/// The measure's canonical URL, with the version of the logic that is followed.
pub const MEASURE: &str =
    "https://madie.cms.gov/Measure/CMS50FHIRReceiptofSpecialistReport|1.1.000";
