//! What a person should look at.

use crate::time::Timestamp;

use crate::codes::codes;
use crate::limits::{Deadline, of_stage};
use crate::payload::ContactOutcome;
use crate::policy::Policy;
use crate::referral::Referral;
use crate::status::Status;

codes! {
    /// A reason to look at a referral.
    pub enum Attention {
        /// A limit has passed.
        Overdue = "overdue",
        /// The report, or the end without one, waits for the referrer.
        Unacknowledged = "unacknowledged",
        /// Acknowledged, and the patient was not told.
        PatientNotInformed = "patient-not-informed",
        /// Nobody can reach the patient.
        PatientUnreachable = "patient-unreachable",
        /// An event waits for its place.
        EventParked = "event-parked",
        /// A webhook could not be delivered.
        DeliveryFailed = "delivery-failed",
        /// Another open referral is for the same patient and specialty.
        PossibleDuplicate = "possible-duplicate",
        /// Most of the stage's limit is used, a barrier is past its date, or the patient is worse.
        AtRisk = "at-risk",
        /// The other side takes no part any more.
        OtherSideClosed = "other-side-closed",
        /// A report has come and has not found its place.
        ReportWaiting = "report-waiting",
        /// A question of the recipient is open.
        InfoAwaited = "info-awaited",
    }
}

/// What is known of the two organisations beside the referral itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Surroundings {
    /// Whether the referrer's organisation is active.
    pub referrer_active: bool,
    /// Whether the recipient's is.
    pub recipient_active: bool,
    /// Whether a webhook about it could not be delivered.
    pub delivery_failed: bool,
}

impl Default for Surroundings {
    fn default() -> Self {
        Self {
            referrer_active: true,
            recipient_active: true,
            delivery_failed: false,
        }
    }
}

/// Everything about `referral` that a person should look at, as of `now`.
#[must_use]
pub fn attention(
    referral: &Referral,
    deadlines: &[Deadline],
    policy: &Policy,
    around: Surroundings,
    now: Timestamp,
) -> Vec<Attention> {
    let status = referral.status();
    let finished = referral.is_finished();
    let unacknowledged = !finished
        && (status == Status::Completed
            || (status.is_ended_without_report() && referral.resolution.is_none()));
    let untold = !finished
        && referral.closure.patient_informed_at.is_none()
        && (status == Status::Closed
            || (status.is_ended_without_report() && referral.resolution.is_some()));
    let parked = referral
        .parked
        .iter()
        .any(|parked| !referral.dismissed_events.contains(&parked.id));
    let checks = [
        (
            Attention::Overdue,
            deadlines.iter().any(|deadline| deadline.due_at <= now),
        ),
        (Attention::Unacknowledged, unacknowledged),
        (Attention::PatientNotInformed, untold),
        (
            Attention::PatientUnreachable,
            !finished
                && (referral.unreachable
                    || referral.failed_contacts >= policy.contact_attempts_max()),
        ),
        (Attention::EventParked, parked),
        (Attention::DeliveryFailed, around.delivery_failed),
        (
            Attention::PossibleDuplicate,
            !referral.possible_duplicates.is_empty() && !finished,
        ),
        (
            Attention::AtRisk,
            is_at_risk(referral, deadlines, policy, now),
        ),
        (
            Attention::OtherSideClosed,
            !(finished || around.referrer_active && around.recipient_active),
        ),
        (
            Attention::ReportWaiting,
            referral.report_waiting().is_some(),
        ),
        (
            Attention::InfoAwaited,
            referral.awaits_information() && !status.is_ended(),
        ),
    ];
    checks
        .into_iter()
        .filter_map(|(what, is_so)| is_so.then_some(what))
        .collect()
}

/// Whether the wait may end badly, and nobody has said in this stage that the risk is known.
fn is_at_risk(
    referral: &Referral,
    deadlines: &[Deadline],
    policy: &Policy,
    now: Timestamp,
) -> bool {
    let is_known = referral
        .risk_dismissed_at
        .is_some_and(|at| at >= referral.stage_since);
    if referral.is_finished() || is_known {
        return false;
    }
    let runs_out = of_stage(deadlines).is_some_and(|deadline| {
        deadline.used_at(policy.at_risk_percent()) <= now && now < deadline.due_at
    });
    let is_blocked = || {
        referral
            .open_barriers()
            .any(|barrier| barrier.due_at <= now)
    };
    let is_worse = || {
        referral
            .last_contact()
            .is_some_and(|contact| contact.outcome == ContactOutcome::Worse)
    };
    runs_out || (!referral.status().is_ended() && (is_blocked() || is_worse()))
}
