//! What one referral counts as in the measures: a set of counters, so that the sum over referrals is all that a measure needs.
//!
//! Pure, and a function of the folded referral and the calendar alone: who adds what a referral counts as after a write and takes
//! away what it counted as before has the same sum as who counts anew. A referral that was entered in error counts as nothing.

use std::collections::BTreeMap;

use crate::calendar::Calendar;
use crate::limits::LimitName;
use crate::policy::Allowed;
use crate::referral::{EndReason, Leg, Referral};
use crate::status::Status;
use crate::time::{DAY_MS, Timestamp};

/// Into how many parts a day is divided where a wait is counted.
pub const PARTS_OF_A_DAY: u32 = 10;

/// The longest wait that is told apart, in tenths of a day: 1,000 days and more are one.
const PARTS_MAX: u32 = 10_000;

/// How many waits are told apart by [`two_figures`]: below 10 days, below 100, below 1,000, and the rest. With it the number of
/// counters that the sum over any number of referrals can have is bounded.
pub const WAITS_MAX: usize = 100 + 90 + 90 + 1;

/// The time within which somebody should have answered. Source: the measures that are also wanted ("acknowledged in 1 bd").
const ANSWERED_WITHIN: Allowed = Allowed::BusinessDays(1);

/// Every referral.
pub const TOTAL: &str = "total";
/// By status: `status:closed`.
pub const STATUS: &str = "status";
/// Not finished, by status: `open:sent`.
pub const OPEN: &str = "open";
/// The outcome has come.
pub const COMPLETED: &str = "completed";
/// The outcome has come, and is advice in place of a visit.
pub const ADVISED: &str = "advised";
/// The referrer has acknowledged the outcome.
pub const CLOSED: &str = "closed";
/// The referrer has acknowledged advice in place of a visit: a closure of its own.
pub const CLOSED_BY_ADVICE: &str = "closed-by-advice";
/// A limit was passed, and told.
pub const BREACHED: &str = "breached";
/// The limit that was: `breach:decided`; a referral counts once for each.
pub const BREACH: &str = "breach";
/// The referrer insisted.
pub const DISPUTED: &str = "disputed";
/// A breach was told to a level above the first.
pub const ESCALATED: &str = "escalated";
/// The patient cannot be reached.
pub const UNREACHABLE: &str = "unreachable";
/// The recipient asked for information.
pub const ASKED: &str = "asked";
/// A report has come and has not found its place.
pub const REPORT_WAITING: &str = "report-waiting";
/// A stage that it has come to on any of its legs: `reached:seen`.
pub const REACHED: &str = "reached";
/// Legs that were declined, by reason: `declined:capacity`.
pub const DECLINED: &str = "declined";
/// Legs that were not completed, by reason: `not-completed:no-time`.
pub const NOT_COMPLETED: &str = "not-completed";
/// The first recipient has answered in some way: accepted, declined, asked, booked, reported.
pub const ANSWERED: &str = "answered";
/// It did so within one business day.
pub const ANSWERED_IN_TIME: &str = "answered-in-time";
/// Legs that were decided, or whose limit to decide has passed.
pub const DECIDED: &str = "decided";
/// Legs that were decided and whose limit to decide was not told to have passed.
pub const DECIDED_IN_TIME: &str = "decided-in-time";
/// The outcome was acknowledged within one business day of its coming; of [`CLOSED`].
pub const ACKNOWLEDGED_IN_TIME: &str = "acknowledged-in-time";

/// The stages of the funnel, in order.
pub const STAGES: &[&str] = &[
    "accepted", "booked", "seen", "reported", "closed", "informed",
];

/// From sent to the first decision, in tenths of a day as [`two_figures`] has them: `to-decision:12`.
pub const TO_DECISION: &str = "to-decision";
/// From sent to the booking of the visit that stands.
pub const TO_BOOKED: &str = "to-booked";
/// From sent to seen.
pub const TO_VISIT: &str = "to-visit";
/// From sent to the first report of the leg that counts.
pub const TO_REPORT: &str = "to-report";
/// From the newest report to its acknowledgement.
pub const TO_ACKNOWLEDGED: &str = "to-acknowledged";
/// From sent to closed.
pub const TO_CLOSED: &str = "to-closed";

/// Counters by name; one with a code after a colon is of that code alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts(BTreeMap<String, u32>);

impl Facts {
    /// What `referral` counts as, with business days as `calendar` has them.
    #[must_use]
    pub fn of(referral: &Referral, calendar: &Calendar) -> Self {
        let mut facts = Self::default();
        if referral.status() == Status::EnteredInError {
            return facts;
        }
        facts.stands(referral);
        facts.came_to(referral);
        facts.went_wrong(referral);
        facts.was_in_time(referral, calendar);
        facts.waited(referral);
        facts
    }

    /// The counters that are not 0.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        self.0.iter().map(|(name, count)| (name.as_str(), *count))
    }

    fn one(&mut self, name: &str) {
        self.add(name.to_owned());
    }

    fn one_of(&mut self, name: &str, code: &str) {
        self.add([name, code].join(":"));
    }

    fn add(&mut self, name: String) {
        let count = self.0.entry(name).or_default();
        *count = count.saturating_add(1);
    }

    fn when(&mut self, is_so: bool, name: &str) {
        if is_so {
            self.one(name);
        }
    }

    fn stands(&mut self, referral: &Referral) {
        let status = referral.status();
        let advised = referral.newest_report().is_some_and(|report| report.advice);
        let completed = matches!(status, Status::Completed | Status::Closed);
        let closed = status == Status::Closed;
        self.one(TOTAL);
        self.one_of(STATUS, status.as_str());
        if !referral.is_finished() {
            self.one_of(OPEN, status.as_str());
        }
        self.when(completed, COMPLETED);
        self.when(completed && advised, ADVISED);
        self.when(closed, CLOSED);
        self.when(closed && advised, CLOSED_BY_ADVICE);
    }

    /// A stage is reached by what comes after it too: who was seen had a visit, whoever told of it.
    fn came_to(&mut self, referral: &Referral) {
        let any = |is_so: fn(&Leg) -> bool| referral.legs.iter().any(is_so);
        let reported = any(|leg| !leg.reports.is_empty());
        let seen = any(|leg| leg.seen_at.is_some());
        let booked = seen || any(|leg| booked_first_at(leg).is_some());
        let reached = [
            booked || reported || any(|leg| leg.accepted_at.is_some()),
            booked,
            seen,
            reported,
            referral.status() == Status::Closed,
            referral.closure.patient_informed_at.is_some(),
        ];
        for (stage, _) in STAGES.iter().zip(reached).filter(|(_, reached)| *reached) {
            self.one_of(REACHED, stage);
        }
    }

    fn went_wrong(&mut self, referral: &Referral) {
        self.when(!referral.breaches.is_empty(), BREACHED);
        for limit in LimitName::ALL {
            if referral.breaches.iter().any(|told| told.limit == *limit) {
                self.one_of(BREACH, limit.as_str());
            }
        }
        self.when(!referral.disputed_with.is_empty(), DISPUTED);
        self.when(!referral.escalations.is_empty(), ESCALATED);
        self.when(referral.unreachable, UNREACHABLE);
        self.when(!referral.questions.is_empty(), ASKED);
        self.when(referral.report_waiting().is_some(), REPORT_WAITING);
        for leg in &referral.legs {
            match &leg.end_reason {
                Some(EndReason::Declined(reason)) => self.one_of(DECLINED, reason.as_str()),
                Some(EndReason::NotCompleted(reason)) => {
                    self.one_of(NOT_COMPLETED, reason.as_str());
                }
                _ => {}
            }
        }
    }

    fn was_in_time(&mut self, referral: &Referral, calendar: &Calendar) {
        let within = |from: Timestamp, at: Timestamp| at <= calendar.after(from, ANSWERED_WITHIN);
        if let Some(first) = referral.legs.first()
            && let Some(at) = answered_at(referral, first)
        {
            self.one(ANSWERED);
            self.when(within(first.started_at, at), ANSWERED_IN_TIME);
        }
        for leg in &referral.legs {
            let is_late = referral.breaches.iter().any(|told| {
                told.limit == LimitName::Decided
                    && told.due_at >= leg.started_at
                    && leg.ended_at.is_none_or(|ended| told.due_at <= ended)
            });
            let decided = decided_at(leg).is_some();
            self.when(decided || is_late, DECIDED);
            self.when(decided && !is_late, DECIDED_IN_TIME);
        }
        if referral.status() == Status::Closed
            && let Some(report) = referral.newest_report()
            && let Some(at) = referral.closure.acknowledged_at
        {
            self.when(within(report.received_at, at), ACKNOWLEDGED_IN_TIME);
        }
    }

    fn waited(&mut self, referral: &Referral) {
        let sent_at = referral.sent_at;
        let leg = referral.leg();
        let mut wait = |name: &str, from: Timestamp, until: Option<Timestamp>| {
            if let Some(until) = until {
                self.one_of(name, &parts_of_days(from, until).to_string());
            }
        };
        let decided_at = referral.legs.iter().filter_map(decided_at).min();
        wait(TO_DECISION, sent_at, decided_at);
        let visit = leg.and_then(|leg| leg.appointment.as_ref());
        wait(TO_BOOKED, sent_at, visit.map(|visit| visit.booked_at));
        wait(TO_VISIT, sent_at, leg.and_then(|leg| leg.seen_at));
        let report = leg.and_then(|leg| leg.reports.first());
        wait(TO_REPORT, sent_at, report.map(|report| report.received_at));
        if referral.status() == Status::Closed {
            let at = referral.closure.acknowledged_at;
            wait(TO_CLOSED, sent_at, at);
            if let Some(report) = referral.newest_report() {
                wait(TO_ACKNOWLEDGED, report.received_at, at);
            }
        }
    }
}

/// When the recipient of `leg` said for the first time whether it takes the referral on: in words, or by what it did.
fn decided_at(leg: &Leg) -> Option<Timestamp> {
    let refused = matches!(
        leg.end_reason,
        Some(EndReason::Declined(_) | EndReason::Redirected(_))
    );
    [
        leg.accepted_at,
        leg.ended_at.filter(|_| refused),
        booked_first_at(leg),
        leg.reports.first().map(|report| report.received_at),
    ]
    .into_iter()
    .flatten()
    .min()
}

/// When a visit was booked for the first time; a row of an earlier version knows only the visit that stands.
fn booked_first_at(leg: &Leg) -> Option<Timestamp> {
    let visit = leg.appointment.as_ref();
    leg.booked_first_at.or(visit.map(|visit| visit.booked_at))
}

/// The same as [`decided_at`], where a question is an answer too.
fn answered_at(referral: &Referral, leg: &Leg) -> Option<Timestamp> {
    let asked_at = referral
        .questions
        .iter()
        .map(|question| question.asked_at)
        .filter(|at| leg.ended_at.is_none_or(|ended| *at <= ended))
        .min();
    decided_at(leg).into_iter().chain(asked_at).min()
}

/// A wait in tenths of a day as [`two_figures`] has it; who was seen before the referral was written down has not waited.
fn parts_of_days(from: Timestamp, until: Timestamp) -> u32 {
    let part_ms = DAY_MS / i64::from(PARTS_OF_A_DAY);
    let parts = until.duration_since(from).as_millis().max(0) / part_ms;
    two_figures(u32::try_from(parts).unwrap_or(PARTS_MAX))
}

/// A number of tenths of a day by its first two figures, rounded down as ages are: 2.7 days, 27 days, 270 days.
///
/// Ours. Each wait that is told apart is a counter of its own, and two figures are what people plan by. Rounded down, because then
/// every whole number of days below 100 is a border that is exact: who waited a minute less than 7 days is not among those who waited
/// 7. A number that is so already stays as it is.
#[must_use]
pub const fn two_figures(parts: u32) -> u32 {
    let unit = match parts {
        0..100 => 1,
        100..1_000 => 10,
        1_000..PARTS_MAX => 100,
        _ => return PARTS_MAX,
    };
    parts - parts % unit
}
