//! The time limits that run on a referral, each with when it began and when it ends.
//!
//! Sent to seen and sent to closed never stop for a question; the recipient's own stages do. A raised urgency's limit
//! counts from the change, and the earlier of the two dates holds.

use crate::calendar::Calendar;
use crate::codes::codes;
use crate::policy::{Allowed, Policy, SetBy};
use crate::referral::{Pause, Referral};
use crate::request::{Role, Urgency};
use crate::status::Status;
use crate::time::{SignedDuration, Timestamp};

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

impl LimitName {
    /// Whether it runs on one stage; the others run on the whole way, or beside it.
    #[must_use]
    pub const fn is_of_a_stage(self) -> bool {
        !matches!(self, Self::Seen | Self::Closed | Self::ReportApplied)
    }
}

/// How much time a limit allows, for which urgency, and who has set that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// The time allowed.
    pub allowed: Allowed,
    /// The urgency for which it is.
    pub urgency: Urgency,
    /// Who has set it.
    pub set_by: SetBy,
}

impl Terms {
    /// What `policy` says of `limit` at `urgency`.
    #[must_use]
    pub fn of(policy: &Policy, limit: LimitName, urgency: Urgency) -> Self {
        Self {
            allowed: policy.allowed(limit, urgency),
            urgency,
            set_by: policy.set_by(limit),
        }
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
    /// By what.
    pub terms: Terms,
}

impl Deadline {
    /// When so many percent of the time from its beginning to its end have gone by, by the clock on the wall.
    #[must_use]
    pub fn used_at(&self, percent: u32) -> Timestamp {
        share_of(self.since, self.due_at, percent)
    }
}

/// A limit whose clock stands still, because the recipient waits for the referrer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped {
    /// Which limit.
    pub limit: LimitName,
    /// When it began to run.
    pub since: Timestamp,
    /// By what.
    pub terms: Terms,
}

/// The limits of a referral as they stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clocks {
    /// Those that run, the earliest first.
    pub running: Vec<Deadline>,
    /// Those that stand still.
    pub stopped: Vec<Stopped>,
}

/// When so many percent of the time between two instants have gone by.
pub(crate) fn share_of(since: Timestamp, until: Timestamp, percent: u32) -> Timestamp {
    let whole_ms = until.duration_since(since).as_millis().max(0);
    let used_ms = whole_ms.saturating_mul(i64::from(percent)) / 100;
    since.plus(SignedDuration::from_millis(used_ms))
}

/// The limit of the present stage among those that run: the one that ends first.
#[must_use]
pub fn of_stage(deadlines: &[Deadline]) -> Option<&Deadline> {
    deadlines
        .iter()
        .find(|deadline| deadline.limit.is_of_a_stage())
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
    clocks(referral, policy).running
}

/// The limits of `referral` under `policy`.
#[must_use]
pub fn clocks(referral: &Referral, policy: &Policy) -> Clocks {
    let mut found = Clocks::default();
    let Some(leg) = referral
        .leg()
        .filter(|leg| leg.status != Status::EnteredInError)
    else {
        return found;
    };
    let clock = Clock {
        referral,
        policy,
        calendar: Calendar::of(policy),
    };
    let mut run = |limit, since, pauses: &[Pause]| {
        let (terms, due_at) = clock.due(limit, since, pauses);
        match due_at {
            Some(due_at) => found.running.push(Deadline {
                limit,
                since,
                due_at,
                terms,
            }),
            None => found.stopped.push(Stopped {
                limit,
                since,
                terms,
            }),
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
        .chain((!referral.items_owed().is_empty()).then_some(leg.started_at))
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
    if leg.status == Status::InfoRequested {
        found.stopped.push(Stopped {
            limit: LimitName::Decided,
            since: leg.started_at,
            terms: Terms::of(policy, LimitName::Decided, referral.urgency()),
        });
    }
    found.running.sort_by_key(|deadline| deadline.due_at);
    found
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
    /// By what the limit runs and when it ends; without an end while the clock stands still.
    fn due(
        &self,
        limit: LimitName,
        since: Timestamp,
        pauses: &[Pause],
    ) -> (Terms, Option<Timestamp>) {
        let ends = self
            .referral
            .urgencies
            .iter()
            .enumerate()
            .map(|(index, entry)| {
                let from = if index == 0 {
                    since
                } else {
                    entry.from.max(since)
                };
                let terms = Terms::of(self.policy, limit, entry.urgency);
                (terms, self.advance(from, terms.allowed, pauses))
            });
        ends.min_by_key(|(_, due_at)| due_at.unwrap_or(Timestamp::MAX))
            .unwrap_or_else(|| {
                let terms = Terms::of(self.policy, limit, self.referral.urgency());
                (terms, self.advance(since, terms.allowed, pauses))
            })
    }

    /// The instant at which `allowed` has run, or `None` while the clock stands still.
    fn advance(&self, from: Timestamp, allowed: Allowed, pauses: &[Pause]) -> Option<Timestamp> {
        let mut due = self.calendar.after(from, allowed);
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
}
