//! What presses first: a sum of points that a person can check, each with its reason.
//!
//! Source of the factors: Forrest 2007 (the clinic schedules: adjusted odds of completion 1.91), Bohnhoff 2019 (lead time),
//! Zhong 2023 (telehealth); the weights are ours. Race, income, payer and language are not among them.

use crate::time::SignedDuration;

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::codes::codes;
use crate::limits::{Deadline, LimitName};
use crate::referral::Referral;
use crate::request::{Role, Urgency};
use crate::status::Status;

/// A lead time beyond which patients stay away more often (Bohnhoff 2019: odds of attendance 0.48 at 8 to 14 days).
pub(crate) const LEAD_TIME_LONG: SignedDuration = SignedDuration::from_hours(7 * 24);

codes! {
    /// Why a referral presses.
    pub enum Reason {
        /// The share of the stage's limit that is used.
        LimitUsed = "limit-used",
        /// The limit has passed.
        PastLimit = "past-limit",
        /// It is urgent, asap or stat.
        Urgency = "urgency",
        /// No visit is booked.
        NoAppointment = "no-appointment",
        /// The patient must make the appointment.
        PatientMustCall = "patient-must-call",
        /// The visit is more than a week away.
        LongLeadTime = "long-lead-time",
        /// Ordered by telehealth.
        Telehealth = "ordered-by-telehealth",
        /// An earlier no-show, or two failed contacts.
        MissedBefore = "missed-or-not-reached",
        /// The visit was moved twice.
        MovedTwice = "moved-twice",
        /// The patient did not agree.
        DidNotAgree = "patient-did-not-agree",
        /// The recipient has not answered in time.
        NoAnswer = "no-answer-from-recipient",
        /// Items of a good request are missing.
        ItemsMissing = "items-missing",
    }
}

/// One addend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Points {
    /// Why.
    pub what: Reason,
    /// How much.
    pub points: i64,
}

/// The sum and what it is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Priority {
    /// The sum.
    pub points: i64,
    /// The addends.
    pub reasons: Vec<Points>,
}

/// How much `referral` presses as of `now`. A finished one does not.
#[must_use]
pub fn priority(referral: &Referral, deadlines: &[Deadline], now: Timestamp) -> Priority {
    let Some(leg) = referral.leg().filter(|_| !referral.is_finished()) else {
        return Priority::default();
    };
    let first = deadlines.first();
    let waiting = !leg.status.is_ended() && leg.status != Status::Seen;
    let visits = referral.traits.role != Role::Advise;
    let lead_time_is_long = leg.status == Status::Scheduled
        && leg
            .appointment
            .as_ref()
            .and_then(|visit| visit.start)
            .is_some_and(|start| start.duration_since(referral.sent_at) > LEAD_TIME_LONG);
    let undecided = deadlines
        .iter()
        .any(|deadline| deadline.limit == LimitName::Decided && deadline.due_at <= now);
    let addends = [
        (
            Reason::LimitUsed,
            first.map_or(0, |first| share(first, now)),
        ),
        (
            Reason::PastLimit,
            when(first.is_some_and(|first| first.due_at <= now), 40),
        ),
        (
            Reason::Urgency,
            match referral.urgency() {
                Urgency::Stat => 60,
                Urgency::Asap => 45,
                Urgency::Urgent => 30,
                Urgency::Routine => 0,
            },
        ),
        (
            Reason::NoAppointment,
            when(visits && waiting && leg.status != Status::Scheduled, 20),
        ),
        (
            Reason::PatientMustCall,
            when(waiting && visits && referral.traits.patient_calls, 15),
        ),
        (Reason::LongLeadTime, when(lead_time_is_long, 15)),
        (
            Reason::Telehealth,
            when(waiting && referral.traits.by_telehealth, 10),
        ),
        (
            Reason::MissedBefore,
            when(referral.no_shows > 0 || referral.failed_contacts >= 2, 10),
        ),
        (Reason::MovedTwice, when(referral.reschedules >= 2, 10)),
        (
            Reason::DidNotAgree,
            when(waiting && referral.traits.disagreed, 10),
        ),
        (Reason::NoAnswer, when(undecided, 10)),
        (
            Reason::ItemsMissing,
            when(waiting && !referral.missing.is_empty(), 10),
        ),
    ];
    let reasons: Vec<Points> = addends
        .into_iter()
        .filter(|(_, points)| *points > 0)
        .map(|(what, points)| Points { what, points })
        .collect();
    Priority {
        points: reasons.iter().map(|addend| addend.points).sum(),
        reasons,
    }
}

fn when(is_so: bool, points: i64) -> i64 {
    if is_so { points } else { 0 }
}

/// The part of the limit that is used, in percent, from 0 to 100.
fn share(deadline: &Deadline, now: Timestamp) -> i64 {
    let whole = deadline.due_at.duration_since(deadline.since).as_secs();
    let used = now.duration_since(deadline.since).as_secs();
    if whole <= 0 {
        return 100;
    }
    (used.saturating_mul(100) / whole).clamp(0, 100)
}
