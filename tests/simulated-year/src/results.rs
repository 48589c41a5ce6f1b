//! What a year came to: what happened to the patients in truth, and what the record says of the loops.

use std::thread;

use anyhow::{Result, bail};
use serde_json::Value;

use crate::calendar::parsed;
use crate::deployment::rows;
use crate::year::{Arm, Year};

const OVERDUE_EVENTS: &str = "
SELECT count(*) AS found FROM events WHERE body ->> '$.type' = 'referral.overdue'
  AND (SELECT created_at FROM referrals WHERE id = referral_id) <= ?1";

/// The counts of a year.
#[derive(Debug, Clone, Default)]
pub struct Results {
    /// Referrals that were sent.
    pub referrals: usize,
    /// Patients who were seen.
    pub completed: usize,
    /// Patients who never had a date.
    pub never_a_date: usize,
    /// Referrers who got the report.
    pub report_received: usize,
    /// Reports that they acknowledged: the loop is closed.
    pub loop_closed: usize,
    /// Closed loops, or ends without a report, of which the patient was told.
    pub patient_informed: usize,
    /// Ended without a report, for a reason, and dealt with by the referrer.
    pub ended_with_reason: usize,
    /// Open at the end of the year.
    pub open: usize,
    /// Days from sent to seen, of those seen: the median.
    pub days_to_visit: Option<i64>,
    /// Days from sent to acknowledged, of the closed loops: the median.
    pub days_to_closure: Option<i64>,
    /// Limits found passed by the sweep.
    pub breaches: i64,
    /// What the sweep's answers counted.
    pub escalated: u64,
    /// See [`Results::escalated`].
    pub reminders: u64,
    /// Reports that waited and were applied by the sweep.
    pub unparked: u64,
    /// Open referrals that the invariant was checked on, each day anew.
    pub looked_at: u64,
}

impl Results {
    /// Counts.
    ///
    /// # Errors
    /// When a referral cannot be read.
    pub fn of(year: &Year) -> Result<Self> {
        let swept = |name: &str| year.swept.get(name).copied().unwrap_or(0);
        let mut results = Self {
            referrals: year.cases.len(),
            escalated: swept("escalated"),
            reminders: swept("reminders"),
            unparked: swept("unparked"),
            looked_at: year.looked_at,
            ..Self::default()
        };
        let mut to_visit = Vec::new();
        let mut to_closure = Vec::new();
        for (number, case) in year.cases.iter().enumerate() {
            if let Some(seen_ms) = case.seen_ms {
                results.completed += 1;
                to_visit.push(Year::days(case.sent_ms, seen_ms));
            }
            results.never_a_date += usize::from(case.date_ms.is_none());
            let record = year.read(number)?;
            results.count(&record);
            if let (Some("closed"), Some(at_ms)) = (
                record["status"].as_str(),
                parsed(&record["closure"]["acknowledged_at"]),
            ) {
                to_closure.push(Year::days(case.sent_ms, at_ms));
            }
        }
        results.days_to_visit = median(to_visit);
        results.days_to_closure = median(to_closure);
        let overdue = rows(&year.deployment, OVERDUE_EVENTS)?;
        results.breaches = overdue
            .first()
            .and_then(|row| row.integer("found"))
            .unwrap_or(0);
        Ok(results)
    }

    fn count(&mut self, record: &Value) {
        let closure = &record["closure"];
        let is = |name: &str| usize::from(closure[name].is_string());
        self.report_received += is("report_received_at");
        self.patient_informed += is("patient_informed_at");
        match record["status"].as_str() {
            Some("closed") => self.loop_closed += 1,
            Some("declined" | "not-completed" | "cancelled")
                if record["resolution"].is_string() =>
            {
                self.ended_with_reason += 1;
            }
            _ => self.open += 1,
        }
    }
}

/// Lives through a year with each of these, as many at once as this machine has processors, and counts.
///
/// # Errors
/// As [`Year::run`], of the first that fails.
pub fn live(arms: &[Arm], referrals: usize, seed: u64) -> Result<Vec<Results>> {
    let at_once = thread::available_parallelism().map_or(1, usize::from);
    let mut results = Vec::with_capacity(arms.len());
    for arms in arms.chunks(at_once) {
        let chunk: Result<Vec<Results>> = thread::scope(|scope| {
            let started: Vec<_> = arms
                .iter()
                .map(|arm| scope.spawn(|| Results::of(&Year::run(*arm, referrals, seed)?)))
                .collect();
            started.into_iter().map(joined).collect()
        });
        results.extend(chunk?);
    }
    Ok(results)
}

fn joined(year: thread::ScopedJoinHandle<'_, Result<Results>>) -> Result<Results> {
    year.join().unwrap_or_else(|_| bail!("a year panicked"))
}

fn median(mut values: Vec<i64>) -> Option<i64> {
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}
