//! FHIR in. One place of entry, [`read_entries`]; the others are for callers who know what they have.

mod addressing;
mod attachments;
mod coverage;
mod document;
mod entries;
mod feedback;
mod free;
mod index;
mod labels;
mod message;
mod node;
mod order;
mod output;
mod party;
mod payload;
mod person;
mod reader;
mod supporting;
mod task;
mod value;
mod visits;

use domain::kind::EventKind;
use domain::status::Status;
use serde_json::Value;

pub use attachments::{ATTACHED, Attachment};
pub use entries::{Entry, read_entries};
pub(super) use labels::LABELS;
pub(super) use node::Node;
pub use visits::{ComingVisit, VisitEntry, VisitOf, has_visits, read_visits};

use crate::said::{Fault, Happened, NewReferral, Said};
use index::Index;
use reader::Reader;

/// Reads a transaction, batch, message or document Bundle whole: all of it, or every fault.
///
/// # Errors
/// Every fault of every entry, each with its FHIRPath.
pub fn read_bundle(bundle: &Value) -> Result<Vec<Said>, Vec<Fault>> {
    let mut said = Vec::new();
    let mut faults = Vec::new();
    for entry in read_entries(bundle)? {
        match entry.said {
            Ok(one) => said.push(one),
            Err(found) => faults.extend(found),
        }
    }
    if faults.is_empty() {
        Ok(said)
    } else {
        Err(faults)
    }
}

/// Reads a ServiceRequest alone. What it refers to is contained in it, or among `known`, such as resources stored earlier.
///
/// # Errors
/// Every fault, each with its FHIRPath.
pub fn read_service_request(resource: &Value, known: &[Value]) -> Result<NewReferral, Vec<Fault>> {
    let index = Index::of(resource, known).map_err(|fault| vec![fault])?;
    let mut reader = Reader::new(&index);
    let referral = index
        .root()
        .filter(|root| reader.is_a(root, "ServiceRequest"))
        .and_then(|root| reader.referral(&root, None, &[]));
    reader.finish(referral)
}

/// Reads a Task as what happened to the referral that it fulfils. Its `about` gives, in this order, the placer's and filler's
/// identifiers of the Task and of its ServiceRequest, then our own id (system [`super::OUR_REFERRAL`]; the leg's suffix taken
/// off). Documents that came within it are dropped here: [`read_entries`] has them.
///
/// # Errors
/// Every fault, each with its FHIRPath.
pub fn read_task(task: &Value) -> Result<Happened, Vec<Fault>> {
    let index = Index::of(task, &[]).map_err(|fault| vec![fault])?;
    let mut reader = Reader::new(&index);
    let happened = index
        .root()
        .filter(|root| reader.is_a(root, "Task"))
        .and_then(|root| reader.task(&root, root.text("id"), &mut Vec::new()));
    reader.finish(happened)
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
