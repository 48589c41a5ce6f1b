//! What a Task's status and BSeR's business status mean together.
//!
//! Source: HL7 BSeR 2.0.0-ballot, "360X and BSeR state transitions", the column after each transition; `on-hold`, `failed` and
//! `entered-in-error` are ours, because BSeR has no state for them.

use domain::kind::EventKind as E;

/// What a pair says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// That this happened.
    Event(E),
    /// The coarse form: a visit is booked, or a note came.
    Coarse,
    /// In progress, and no more: nothing that could be told from another thing.
    Vague,
    /// The two contradict each other.
    Contradiction,
    /// The Task has a status that is none.
    Unknown,
}

/// Every status of a Task (FHIR R4, task-status).
pub const TASK_STATUSES: &[&str] = &[
    "draft",
    "requested",
    "received",
    "accepted",
    "rejected",
    "ready",
    "cancelled",
    "in-progress",
    "on-hold",
    "failed",
    "completed",
    "entered-in-error",
];

/// What `status` and `business` mean.
pub(crate) fn meaning(status: &str, business: Option<&str>) -> Meaning {
    let of = |wanted: &[&str], event| match business {
        Some(code) if !wanted.contains(&code) => Meaning::Contradiction,
        _ => Meaning::Event(event),
    };
    match status {
        "draft" | "requested" | "received" | "ready" => of(&["2.0"], E::ReferralSent),
        "accepted" => of(&["3.0"], E::ReferralAccepted),
        "rejected" => of(&["4.0"], E::ReferralDeclined),
        "cancelled" => of(&["6.0"], E::ReferralCancellationConfirmed),
        "completed" => of(&["7.0"], E::ReferralOutcome),
        "on-hold" => Meaning::Event(E::ReferralInfoRequested),
        "failed" => Meaning::Event(E::ReferralNotCompleted),
        "entered-in-error" => Meaning::Event(E::ReferralEnteredInError),
        "in-progress" => business.map_or(Meaning::Vague, in_progress),
        _ => Meaning::Unknown,
    }
}

fn in_progress(business: &str) -> Meaning {
    Meaning::Event(match business {
        "5.1" => return Meaning::Coarse,
        "5.1.1" => E::AppointmentScheduled,
        "5.1.2" => E::AppointmentNoShow,
        "5.1.3" => E::AppointmentCancelled,
        "5.1.4" => E::ReferralInterimNote,
        "5.2" => E::ReferralCancellationRequested,
        _ => return Meaning::Contradiction,
    })
}

/// What the business status alone means: BSeR's own example leaves the Task at `requested` when the work is done.
pub(crate) fn business_alone(business: &str) -> Meaning {
    match business {
        "3.0" => Meaning::Event(E::ReferralAccepted),
        "4.0" => Meaning::Event(E::ReferralDeclined),
        "6.0" => Meaning::Event(E::ReferralCancellationConfirmed),
        "7.0" => Meaning::Event(E::ReferralOutcome),
        other => in_progress(other),
    }
}

/// Whether a pair that means `by_pair` may stand for `told` as well.
pub(crate) fn stands_for(by_pair: E, told: E) -> bool {
    by_pair == told
        || matches!(
            (by_pair, told),
            (E::AppointmentScheduled, E::AppointmentRescheduled)
                | (E::ReferralOutcome, E::ReferralOutcomeAmended)
        )
}

/// Whether an event is BSeR's or has a status of its own, so that the Task says it by itself.
pub(crate) fn has_a_pair(kind: E) -> bool {
    matches!(
        kind,
        E::ReferralSent
            | E::ReferralAccepted
            | E::ReferralDeclined
            | E::AppointmentScheduled
            | E::AppointmentRescheduled
            | E::AppointmentCancelled
            | E::AppointmentNoShow
            | E::ReferralInterimNote
            | E::ReferralOutcome
            | E::ReferralOutcomeAmended
            | E::ReferralCancellationRequested
            | E::ReferralCancellationConfirmed
            | E::ReferralInfoRequested
            | E::ReferralNotCompleted
            | E::ReferralEnteredInError
    )
}
