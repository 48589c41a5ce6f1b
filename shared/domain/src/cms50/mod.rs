//! CMS50, Closing the Referral Loop: Receipt of Specialist Report. A pure function over plain facts of one patient.
//!
//! Source: the measure's CQL library `CMS50FHIRReceiptofSpecialistReport` 1.1.000 (CMS0050v14, 2026). Initial population and
//! denominator: a visit that counts, finished and wholly within the period, and a first referral: the earliest with a code of the
//! value set, active or completed, an order, made from the first day of the period to 31 October of its first year. Numerator: a
//! completed Task that fulfills that referral, with a reason that is a consultant's report, and ended after the referral was made
//! and within the period. No age, no exclusion, no exception; one referral a patient. Days are compared as they are written.
//!
//! Knows no FHIR and no store: who reads them, reads these facts from them.

mod reason;
mod value_sets;
mod written;

use std::cmp::Ordering;

pub use reason::Reason;
pub use value_sets::{Codes, Says, VALUE_SETS, ValueSet};
pub use written::{Day, Written};

/// The last month in which a first referral counts, and its last day: who is referred later may not have a report in the year.
const LAST_REFERRAL: (u8, u8) = (10, 31);

/// The measurement period, by its first and its last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub start: Day,
    /// The last day.
    pub end: Day,
}

impl Period {
    /// A calendar year.
    #[must_use]
    pub const fn of_year(year: u16) -> Self {
        Self {
            start: Day {
                year,
                month: 1,
                day: 1,
            },
            end: Day {
                year,
                month: 12,
                day: 31,
            },
        }
    }

    /// The last day on which a first referral counts.
    #[must_use]
    pub const fn last_referral(&self) -> Day {
        let (month, day) = LAST_REFERRAL;
        Day {
            year: self.start.year,
            month,
            day,
        }
    }
}

/// What kind of visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VisitKind {
    /// An encounter: it counts when it is finished.
    Encounter,
    /// A procedure: it counts when it is completed.
    Procedure,
}

/// A visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// Its id, of which nothing depends.
    pub id: String,
    /// Encounter or procedure.
    pub kind: VisitKind,
    /// FHIR's status of it.
    pub status: String,
    /// Whether its code is one that counts.
    pub counts: bool,
    /// When it began.
    pub start: Option<Written>,
    /// When it ended.
    pub end: Option<Written>,
}

/// A referral.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its id, by which reports name it.
    pub id: String,
    /// FHIR's status of it.
    pub status: String,
    /// FHIR's intent of it.
    pub intent: String,
    /// Whether it says what must not be done (`doNotPerform`), which turns its meaning round.
    pub is_refusal: bool,
    /// Whether its code is a referral's.
    pub is_referral: bool,
    /// When it was made.
    pub authored: Option<Written>,
}

/// What came of a referral, as a Task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Its id, of which nothing depends.
    pub id: String,
    /// The ids of the referrals that it is about (`focus`, `basedOn`).
    pub about: Vec<String>,
    /// Whether it fulfills them (`code`).
    pub fulfills: bool,
    /// FHIR's status of it.
    pub status: String,
    /// Whether its reason's code is a consultant's report's.
    pub is_consultant_report: bool,
    /// When it ended (`executionPeriod`).
    pub end: Option<Written>,
}

/// What is known of one patient.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Encounters and procedures.
    pub visits: Vec<Visit>,
    /// Referrals.
    pub orders: Vec<Order>,
    /// What came of them.
    pub reports: Vec<Report>,
}

/// How one patient counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether in the initial population, which is the denominator.
    pub in_denominator: bool,
    /// Whether in the numerator.
    pub in_numerator: bool,
    /// The visit that counts.
    pub visit: Option<String>,
    /// The first referral.
    pub referral: Option<String>,
    /// The report that counts.
    pub report: Option<String>,
    /// Why: one for who is in the denominator, one a part that is missing for who is not.
    pub reasons: Vec<Reason>,
}

/// How many patients are in each population.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Initial population and denominator.
    pub denominator: u32,
    /// Numerator.
    pub numerator: u32,
}

impl Counts {
    /// Counts one patient more.
    pub fn add(&mut self, verdict: &Verdict) {
        self.denominator = self
            .denominator
            .saturating_add(u32::from(verdict.in_denominator));
        self.numerator = self
            .numerator
            .saturating_add(u32::from(verdict.in_numerator));
    }

    /// The rate, from 0 to 1; `None` where there is nobody to count.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        (self.denominator > 0).then(|| f64::from(self.numerator) / f64::from(self.denominator))
    }
}

/// How a patient counts in a period.
#[must_use]
pub fn judge(period: &Period, facts: &Facts) -> Verdict {
    let visit = nearest(&facts.visits, Reason::NoVisit, |visit| {
        fault_of_visit(period, visit)
    });
    let first = first_referral(period, &facts.orders);
    let mut reasons = Vec::new();
    let mut report = None;
    if let Err(reason) = first {
        reasons.push(reason);
    }
    if let Err(reason) = visit {
        reasons.push(reason);
    }
    if let (Ok(first), Ok(_)) = (&first, &visit) {
        let found = nearest(&facts.reports, Reason::NoReport, |report| {
            fault_of_report(period, first, report)
        });
        reasons.push(found.err().unwrap_or(Reason::ReportReceived));
        report = found.ok();
    }
    Verdict {
        in_denominator: first.is_ok() && visit.is_ok(),
        in_numerator: report.is_some(),
        visit: visit.ok().map(|visit| visit.id.clone()),
        referral: first.ok().map(|order| order.id.clone()),
        report: report.map(|report| report.id.clone()),
        reasons,
    }
}

/// The earliest referral that counts. Of one day it is the earlier by the clock, of one instant the one with the smaller id (ours:
/// the measure leaves that open).
fn first_referral<'a>(period: &Period, orders: &'a [Order]) -> Result<&'a Order, Reason> {
    let counting = orders
        .iter()
        .filter(|order| fault_of_order(period, order).is_none());
    match counting.min_by_key(|order| (order.authored, order.id.as_str())) {
        Some(first) => Ok(first),
        None => nearest(orders, Reason::NoReferral, |order| {
            fault_of_order(period, order)
        }),
    }
}

/// The first without a fault; otherwise the fault that comes latest among the conditions.
fn nearest<T>(all: &[T], none: Reason, fault: impl Fn(&T) -> Option<Reason>) -> Result<&T, Reason> {
    let mut nearest = none;
    for one in all {
        match fault(one) {
            None => return Ok(one),
            Some(reason) => nearest = nearest.max(reason),
        }
    }
    Err(nearest)
}

fn fault_of_order(period: &Period, order: &Order) -> Option<Reason> {
    if !order.is_referral {
        return Some(Reason::ReferralCode);
    }
    if order.intent != "order" || order.is_refusal {
        return Some(Reason::ReferralIntent);
    }
    if !matches!(order.status.as_str(), "active" | "completed") {
        return Some(Reason::ReferralStatus);
    }
    let Some(authored) = &order.authored else {
        return Some(Reason::ReferralUndated);
    };
    match is_within(authored, period.start, period.last_referral()) {
        Some(true) => None,
        None => Some(Reason::ReferralUndated),
        Some(false) if is_within(authored, period.start, period.end) == Some(true) => {
            Some(Reason::ReferralAfterOctober)
        }
        Some(false) => Some(Reason::ReferralOutsidePeriod),
    }
}

fn fault_of_visit(period: &Period, visit: &Visit) -> Option<Reason> {
    let done = match visit.kind {
        VisitKind::Encounter => "finished",
        VisitKind::Procedure => "completed",
    };
    let is_within = |at: &Option<Written>| {
        at.as_ref()
            .is_some_and(|at| is_within(at, period.start, period.end) == Some(true))
    };
    if !visit.counts {
        Some(Reason::VisitCode)
    } else if visit.status != done {
        Some(Reason::VisitStatus)
    } else if !is_within(&visit.start) || !is_within(&visit.end) {
        Some(Reason::VisitOutsidePeriod)
    } else {
        None
    }
}

fn fault_of_report(period: &Period, first: &Order, report: &Report) -> Option<Reason> {
    if !report.about.contains(&first.id) {
        return Some(Reason::ReportOfAnother);
    }
    if !report.fulfills {
        return Some(Reason::ReportTask);
    }
    if report.status != "completed" {
        return Some(Reason::ReportStatus);
    }
    if !report.is_consultant_report {
        return Some(Reason::ReportCode);
    }
    let (Some(end), Some(authored)) = (&report.end, &first.authored) else {
        return Some(Reason::ReportUndated);
    };
    match (
        end.is_after(authored),
        is_within(end, period.start, period.end),
    ) {
        (Some(true), Some(true)) => None,
        (Some(false), _) => Some(Reason::ReportBeforeReferral),
        (_, Some(false)) => Some(Reason::ReportOutsidePeriod),
        _ => Some(Reason::ReportUndated),
    }
}

/// Whether a day is from `start` to `end`, both included; `None` where it is written too coarsely to know.
fn is_within(at: &Written, start: Day, end: Day) -> Option<bool> {
    match (at.compare_day(start), at.compare_day(end)) {
        (Some(Ordering::Less), _) | (_, Some(Ordering::Greater)) => Some(false),
        (Some(_), Some(_)) => Some(true),
        _ => None,
    }
}
