//! The request, and what is said about it, the patient and the end.

use serde::{Deserialize, Serialize};

use super::codes::{
    Answered, BarrierKind, ContactOutcome, Dismissible, NotCompletedReason, Resolution,
};
use crate::checklist::Requirement;
use crate::request::{Recipient, Request, RequestChanges, Urgency};
use crate::time::Timestamp;

/// The first event: the request, and what was known of the recipient's service when it came in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sent {
    /// The request.
    pub request: Request,
    /// The referrer's organisation.
    pub referrer: String,
    /// The network.
    pub network: String,
    /// The specialty of the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub specialty: Option<String>,
    /// What the service asks for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requirements: Vec<Requirement>,
    /// Open referrals of the same patient to the same specialty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub possible_duplicates: Vec<String>,
}

/// Sent on to another recipient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Redirected {
    /// To whom.
    pub to: Recipient,
    /// Why.
    pub reason: String,
    /// The specialty of the new service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub specialty: Option<String>,
    /// What the new service asks for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requirements: Vec<Requirement>,
}

/// A correction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Corrected {
    /// The members that were wrong, as they should have been.
    pub changes: RequestChanges,
    /// Why.
    pub reason: String,
}

/// An attempt to reach the patient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contacted {
    /// How.
    pub channel: String,
    /// What came of it.
    pub outcome: ContactOutcome,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The end without an outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NotCompleted {
    /// Why.
    pub reason: NotCompletedReason,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The referrer read the report, or dealt with an end that has none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Acknowledged {
    /// The event of the report that was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<String>,
    /// Whether it answered the question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question_answered: Option<Answered>,
    /// Where it is documented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documented_in: Option<String>,
    /// Whether the care plan changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub care_plan_changed: Option<bool>,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// For an end without a report: what becomes of the need.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Resolution>,
}

/// The patient was told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Informed {
    /// How.
    pub channel: String,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// More or less urgent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UrgencyChanged {
    /// The new urgency.
    pub urgency: Urgency,
    /// Why.
    pub reason: String,
}

/// Something stands in the way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BarrierRaised {
    /// What.
    pub kind: BarrierKind,
    /// Who sees to it.
    pub owner: String,
    /// By when.
    pub due_at: Timestamp,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// It no longer does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BarrierResolved {
    /// The event that raised it.
    pub barrier: String,
    /// An authorisation's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// How long it is valid, as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A slip is undone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Retracted {
    /// The event that should not have been: our id, or the sender's `webhook-id`.
    pub event: String,
    /// Why.
    pub reason: String,
}

/// A person looked at it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dismissed {
    /// What needs no more attention.
    pub what: Dismissible,
    /// Why.
    pub reason: String,
}

/// The patient cannot be reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unreachable {
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Where the system says so: after how many failed attempts in a row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u32>,
}
