//! What is searched, and by which parameters: those that the CapabilityStatement lists, and those of every search.

use formats::fhir::TASK_STATUSES;

use super::super::parameter;
use crate::http::Parameter;

/// What is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::exchange::fhir) enum Kind {
    /// Legs, as Tasks.
    Task,
    /// Referrals, as ServiceRequests.
    ServiceRequest,
}

impl Kind {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Task => "Task",
            Self::ServiceRequest => "ServiceRequest",
        }
    }

    pub(super) const fn parameters(self) -> &'static [Parameter] {
        match self {
            Self::Task => TASK_PARAMETERS,
            Self::ServiceRequest => SERVICE_REQUEST_PARAMETERS,
        }
    }

    pub(super) const fn statuses(self) -> &'static [&'static str] {
        match self {
            Self::Task => TASK_STATUSES,
            Self::ServiceRequest => REQUEST_STATUSES,
        }
    }
}

/// The statuses of a ServiceRequest (FHIR R4, request-status). Ours has four of them: who asks for another finds none.
const REQUEST_STATUSES: &[&str] = &[
    "draft",
    "active",
    "on-hold",
    "revoked",
    "completed",
    "entered-in-error",
    "unknown",
];

/// The parameters of a search of ServiceRequests by URL, as the CapabilityStatement lists them.
pub(in crate::exchange::fhir) const SERVICE_REQUEST_PARAMETERS: &[Parameter] = &[
    parameter("_id", "Only these; several separated by commas."),
    parameter(
        "identifier",
        "Only with this placer's or filler's id: system|value.",
    ),
    parameter(
        "status",
        "Only with this status; several separated by commas.",
    ),
    parameter(
        "performer",
        "Only for this organisation: Organization/{id}.",
    ),
    parameter("requester", "Only of this organisation: Organization/{id}."),
    parameter(
        "authored",
        "When it was sent: a date or an instant, after eq, gt, ge, lt or le.",
    ),
    parameter("_lastUpdated", "When it last changed, likewise."),
    parameter("_count", "How many at most; 50 by default, 200 at most."),
    parameter("_include", "ServiceRequest:patient."),
    parameter("_format", "json or xml."),
    parameter(
        "_cursor",
        "Where the page begins: a link of the page before has it.",
    ),
    parameter(
        "_patient-of",
        "Only of the patient of this referral: a link of the page before has it.",
    ),
];

/// The parameters of a search of Tasks by URL, likewise.
pub(in crate::exchange::fhir) const TASK_PARAMETERS: &[Parameter] = &[
    parameter("_id", "Only these Tasks; several separated by commas."),
    parameter(
        "based-on",
        "Only of this referral, all legs: ServiceRequest/{id}; several separated by commas.",
    ),
    parameter("focus", "The same as based-on."),
    parameter(
        "identifier",
        "Only with this placer's or filler's id: system|value.",
    ),
    parameter(
        "status",
        "Only with this status; several separated by commas.",
    ),
    parameter(
        "business-status",
        "Only with this code; several separated by commas.",
    ),
    parameter("owner", "Only for this organisation: Organization/{id}."),
    parameter("requester", "Only of this organisation: Organization/{id}."),
    parameter(
        "authored-on",
        "When it was sent: a date or an instant, after eq, gt, ge, lt or le.",
    ),
    parameter("modified", "When it last changed, likewise."),
    parameter("_lastUpdated", "The same as modified."),
    parameter(
        "_count",
        "How many Tasks at most; 50 by default, 200 at most.",
    ),
    parameter("_include", "Task:focus, Task:patient, or both."),
    parameter("_format", "json or xml."),
    parameter(
        "_cursor",
        "Where the page begins: a link of the page before has it.",
    ),
    parameter(
        "_patient-of",
        "Only of the patient of this referral: a link of the page before has it.",
    ),
];
