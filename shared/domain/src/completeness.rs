//! The ten items of a good request, and which of them are missing.
//!
//! Source: ACP High Value Care Coordination toolkit, NCQA CC-04, IHE 360X. They are shown and asked for; they never hold
//! up a referral.

use serde::{Deserialize, Serialize};

use crate::checklist::Check;
use crate::codes::codes;
use crate::request::{Agreed, Request, SupportingKind, Urgency};

codes! {
    /// One item of a good request.
    pub enum Item {
        /// The question in a sentence.
        Question = "question",
        /// What the recipient is asked to do.
        Role = "role",
        /// How urgent, and why when it is not routine.
        Urgency = "urgency",
        /// A coded reason.
        CodedReason = "coded-reason",
        /// The results that the service wants, recent enough.
        Results = "results",
        /// The medications, or that there are none.
        Medications = "medications",
        /// The allergies, or that none are known.
        Allergies = "allergies",
        /// How to reach the patient.
        PatientContact = "patient-contact",
        /// The patient agrees and knows why.
        PatientAgrees = "patient-agrees",
        /// Who calls whom.
        WhoCalls = "who-calls",
    }
}

/// How many of the ten are there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completeness {
    /// Items that are there.
    pub score: usize,
    /// Items in all.
    pub of: usize,
    /// Items that are not.
    pub missing: Vec<Item>,
}

/// The items that are missing from `request`, given how the service's requirements stand.
#[must_use]
pub fn missing(request: &Request, requirements: &[Check]) -> Vec<Item> {
    Item::ALL
        .iter()
        .copied()
        .filter(|item| !is_there(*item, request, requirements))
        .collect()
}

/// The score that goes with `missing`.
#[must_use]
pub fn score(missing: &[Item]) -> Completeness {
    Completeness {
        score: Item::ALL.len().saturating_sub(missing.len()),
        of: Item::ALL.len(),
        missing: missing.to_vec(),
    }
}

fn is_there(item: Item, request: &Request, requirements: &[Check]) -> bool {
    let listed = |kind: SupportingKind| {
        request.none_known.contains(&kind)
            || request.supporting.iter().any(|given| given.kind == kind)
    };
    match item {
        Item::Question => !request.clinical_question.trim().is_empty(),
        Item::Role => true,
        Item::Urgency => request.urgency == Urgency::Routine || request.urgency_reason.is_some(),
        Item::CodedReason => !request.reason.is_empty(),
        Item::Results => requirements.iter().all(|check| check.met),
        Item::Medications => listed(SupportingKind::Medication),
        Item::Allergies => listed(SupportingKind::Allergy),
        Item::PatientContact => request.patient.phone.is_some() || request.patient.email.is_some(),
        Item::PatientAgrees => {
            request.preparation.agreed == Agreed::Yes && request.preparation.reason.is_some()
        }
        Item::WhoCalls => request.scheduling.is_some(),
    }
}
