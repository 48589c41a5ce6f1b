//! The time limits that run on a referral, each with when it began and when it ends.
//!
//! Sent to seen and sent to closed never stop for a question; the recipient's own stages do. A raised urgency's limit
//! counts from the change, and the earlier of the two dates holds.

use crate::time::SignedDuration;

use crate::time::Timestamp;

use crate::calendar::Calendar;
use crate::codes::codes;
use crate::policy::{Allowed, Policy};
use crate::referral::{Pause, Referral};
use crate::request::{Role, Urgency};
use crate::status::Status;

/// How long after the last noticed limit a referral that is still open is looked at again. Ours.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_hours(24);

codes! {
    /// A stage that has a limit.
    pub enum LimitName {
        /// Sent to accepted or declined.
        Decided = "decided",
        /// Information requested to supplied.
        InfoSupplied = "info-supplied",
        /// Accepted to scheduled.
        Scheduled = "scheduled",
        /// Sent to seen.
        Seen = "seen",
        /// Seen to outcome.
        Outcome = "outcome",
        /// Outcome to acknowledged.
        Acknowledged = "acknowledged",
        /// Acknowledged to patient told.
        PatientTold = "patient-told",
        /// No-show or cancelled appointment to booked again or ended.
        Rebooked = "rebooked",
        /// Cancellation requested to answered.
        CancellationAnswered = "cancellation-answered",
        /// The visit's time passed, to what came of it.
        VisitSaid = "visit-said",
        /// A parked report, to applied.
        ReportApplied = "report-applied",
        /// Ended without a report, to dealt with.
        DealtWith = "dealt-with",
        /// Sent to closed.
        Closed = "closed",
    }
}

/// A limit that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// Which limit.
    pub limit: LimitName,
    /// When it began to run.
    pub since: Timestamp,
    /// When it ends.
    pub due_at: Timestamp,
}

/// When a message that came at `received_at` and fits no referral should have found its place: in the time that a waiting report
/// has. It may be one.
#[must_use]
pub fn matched_by(received_at: Timestamp, policy: &Policy) -> Timestamp {
    let allowed = policy.allowed(LimitName::ReportApplied, Urgency::Routine);
    Calendar::new(policy.zone(), &policy.holidays).after(received_at, allowed)
}

/// The limits that run on `referral` under `policy`, the earliest first. A limit whose clock stands still is not among them.
#[must_use]
pub fn deadlines(referral: &Referral, policy: &Policy) -> Vec<Deadline> {
    let Some(leg) = referral
        .leg()
        .filter(|leg| leg.status != Status::EnteredInError)
    else {
        return Vec::new();
    };
    let clock = Clock {
        referral,
        policy,
        calendar: Calendar::new(policy.zone(), &policy.holidays),
    };
    let mut found = Vec::new();
    let mut run = |limit, since, pauses: &[Pause]| {
        if let Some(due_at) = clock.due(limit, since, pauses) {
            found.push(Deadline {
                limit,
                since,
                due_at,
            });
        }
    };
    if let Some(report) = referral.report_waiting() {
        run(LimitName::ReportApplied, report.recorded_at, &[]);
    }
    if referral.is_finished() {
        return found;
    }
    let advises = referral.traits.role == Role::Advise;
    let since = referral.stage_since;
    match leg.status {
        Status::Sent => run(LimitName::Decided, leg.started_at, &referral.pauses),
        Status::InfoRequested | Status::EnteredInError => {}
        Status::Accepted if advises => run(LimitName::Outcome, since, &referral.pauses),
        Status::Accepted => run(LimitName::Scheduled, since, &referral.pauses),
        Status::Scheduled => {
            let visit = leg.appointment.as_ref();
            if let Some(over) = visit.and_then(|visit| visit.end.or(visit.start)) {
                run(LimitName::VisitSaid, over, &[]);
            }
        }
        Status::NoShow | Status::AppointmentCancelled => run(LimitName::Rebooked, since, &[]),
        Status::Seen => run(LimitName::Outcome, leg.seen_at.unwrap_or(since), &[]),
        Status::CancellationRequested => run(LimitName::CancellationAnswered, since, &[]),
        Status::Completed => run(LimitName::Acknowledged, since, &[]),
        Status::Closed => run(LimitName::PatientTold, since, &[]),
        Status::Declined | Status::Cancelled | Status::NotCompleted => {
            run(LimitName::DealtWith, since, &[]);
        }
    }
    let asked_at = referral
        .questions
        .iter()
        .filter(|question| question.open)
        .map(|question| question.asked_at)
        .min();
    if let (Some(asked_at), false) = (asked_at, leg.status.is_ended()) {
        run(LimitName::InfoSupplied, asked_at, &[]);
    }
    if !advises && leg.seen_at.is_none() && !leg.status.is_ended() {
        run(LimitName::Seen, referral.sent_at, &[]);
    }
    if leg.status != Status::Closed {
        run(LimitName::Closed, referral.sent_at, &[]);
    }
    found.sort_by_key(|deadline| deadline.due_at);
    found
}

/// When somebody must look at the referral again: the earliest limit whose passing was not told yet, or a day from `now`
/// where all of them were. `None` when it is finished and nothing waits.
#[must_use]
pub fn next_look(referral: &Referral, deadlines: &[Deadline], now: Timestamp) -> Option<Timestamp> {
    let pending = deadlines
        .iter()
        .filter(|deadline| !is_told(referral, deadline))
        .map(|deadline| deadline.due_at)
        .min();
    let waits = !referral.is_finished() || !deadlines.is_empty();
    pending.or_else(|| waits.then(|| now.plus(LOOK_AGAIN)))
}

/// Whether the passing of this limit was told already.
#[must_use]
pub fn is_told(referral: &Referral, deadline: &Deadline) -> bool {
    referral
        .breaches
        .iter()
        .any(|breach| breach.limit == deadline.limit && breach.due_at == deadline.due_at)
}

struct Clock<'a> {
    referral: &'a Referral,
    policy: &'a Policy,
    calendar: Calendar,
}

impl Clock<'_> {
    fn due(&self, limit: LimitName, since: Timestamp, pauses: &[Pause]) -> Option<Timestamp> {
        self.referral
            .urgencies
            .iter()
            .enumerate()
            .map(|(index, entry)| {
                let from = if index == 0 {
                    since
                } else {
                    entry.from.max(since)
                };
                self.advance(from, self.policy.allowed(limit, entry.urgency), pauses)
            })
            .min_by_key(|due| due.unwrap_or(Timestamp::MAX))
            .flatten()
    }

    /// The instant at which `allowed` has run, or `None` while the clock stands still.
    fn advance(&self, from: Timestamp, allowed: Allowed, pauses: &[Pause]) -> Option<Timestamp> {
        let mut due = self.run(from, allowed);
        for pause in pauses {
            let began = pause.from.max(from);
            if began >= due {
                continue;
            }
            let until = pause.until?.max(began);
            due = match allowed {
                Allowed::BusinessDays(_) => {
                    self.calendar.add(until, self.calendar.between(began, due))
                }
                Allowed::Hours(_) | Allowed::Days(_) => until.plus(due.duration_since(began)),
            };
        }
        Some(due)
    }

    fn run(&self, from: Timestamp, allowed: Allowed) -> Timestamp {
        let by_the_clock = |hours: u32| {
            let time = SignedDuration::from_hours(i64::from(hours));
            from.plus(time)
        };
        match allowed {
            Allowed::Hours(hours) => by_the_clock(hours),
            Allowed::Days(days) => by_the_clock(days.saturating_mul(24)),
            Allowed::BusinessDays(days) => {
                let time = SignedDuration::from_hours(i64::from(days).saturating_mul(24));
                self.calendar.add(from, time)
            }
        }
    }
}
