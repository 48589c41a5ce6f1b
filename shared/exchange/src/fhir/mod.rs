//! FHIR R4: HL7 BSeR and the resources around a referral, over JSON values.
//!
//! Reading finds every fault of what came at once, each with its FHIRPath; writing is total. Which element means what, which
//! code is a fault and which is kept as text: the tables in `docs/fhir.md`. Knows no server: ids, times and what the directory
//! knows are arguments.

mod codes;
mod free;
mod ids;
mod pairs;
mod shown;
mod unchanged;

pub mod limits;
pub mod measure;
pub mod read;
pub mod subscription;
pub mod write;
pub mod xml;

pub use ids::{leg_of, task_id};
pub use pairs::TASK_STATUSES;
pub use read::{
    ATTACHED, Attachment, ComingVisit, Entry, VisitEntry, VisitOf, has_visits, read_bundle,
    read_entries, read_service_request, read_task, read_visits, settle,
};
pub use shown::Shown;
pub use unchanged::{is_unchanged, was_read_here};
pub use write::{
    appointment, capability_statement, communication, message, operation_outcome, order, patient,
    provenance, searchset, service_request, task,
};
pub use xml::{from_xml, to_xml};

/// The system of our own ids of a referral in [`crate::said::Happened::about`].
pub const OUR_REFERRAL: &str = "urn:referral-loop:referral";
/// The system of our own ids of an organisation where it stands as an identifier.
pub const OUR_ORGANIZATION: &str = "urn:referral-loop:organization";
/// The system of our own ids of a service, likewise.
pub const OUR_SERVICE: &str = "urn:referral-loop:service";
