//! FHIR in.

use domain::kind::EventKind;
use domain::status::Status;
use serde_json::Value;

use crate::said::{Fault, Happened, NewReferral, Said};

/// What one entry of a Bundle says.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Which entry: `Bundle.entry[index]`; of a message or a document the first.
    pub index: usize,
    /// What it says, or everything that is wrong with it.
    pub said: Result<Said, Vec<Fault>>,
}

/// Reads a transaction, batch, message or document Bundle whole: all of it, or every fault.
///
/// # Errors
/// Every fault of every entry, each with its FHIRPath.
pub fn read_bundle(_bundle: &Value) -> Result<Vec<Said>, Vec<Fault>> {
    Err(Vec::new())
}

/// Reads a Bundle entry by entry, as a batch is answered. An entry that only others refer to (a Patient, an Organization)
/// says nothing by itself and is not listed.
///
/// # Errors
/// What is wrong with the Bundle itself: no such type, too many entries, too deep.
pub fn read_entries(_bundle: &Value) -> Result<Vec<Entry>, Vec<Fault>> {
    Err(Vec::new())
}

/// Reads a ServiceRequest alone. What it refers to is contained in it, or among `known`, such as resources stored earlier.
///
/// # Errors
/// Every fault, each with its FHIRPath.
pub fn read_service_request(
    _resource: &Value,
    _known: &[Value],
) -> Result<NewReferral, Vec<Fault>> {
    Err(Vec::new())
}

/// Reads a Task as what happened to the referral that it fulfils. Its `about` gives, in this order, the placer's and filler's
/// identifiers and our own ids of the referral (system [`crate::fhir::OUR_REFERRAL`]; the leg's suffix taken off).
///
/// # Errors
/// Every fault, each with its FHIRPath.
pub fn read_task(_task: &Value) -> Result<Happened, Vec<Fault>> {
    Err(Vec::new())
}

/// Which of two events that one (status, businessStatus) stands for is meant, where the referral is in `status`: a visit
/// scheduled anew is rescheduled, an outcome after the first one amends it.
#[must_use]
pub const fn settle(kind: EventKind, status: Status) -> EventKind {
    match (kind, status) {
        (EventKind::AppointmentScheduled, Status::Scheduled | Status::NoShow) => {
            EventKind::AppointmentRescheduled
        }
        (EventKind::ReferralOutcome, Status::Completed | Status::Closed) => {
            EventKind::ReferralOutcomeAmended
        }
        _ => kind,
    }
}
