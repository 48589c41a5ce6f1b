//! The sums of a set of referrals, and the measures that are made of them.

use std::collections::BTreeMap;

use domain::facts::{self, PARTS_OF_A_DAY, two_figures};
use serde_json::{Map, Value, json};

/// The waits, each with the member that it is in an answer.
pub(in crate::worklist) const WAITS: &[(&str, &str)] = &[
    ("days_to_decision", facts::TO_DECISION),
    ("days_to_booked", facts::TO_BOOKED),
    ("days_to_visit", facts::TO_VISIT),
    ("days_to_report", facts::TO_REPORT),
    ("days_to_acknowledged", facts::TO_ACKNOWLEDGED),
    ("days_to_closed", facts::TO_CLOSED),
];

/// Where the buckets of a distribution begin, in days; the last one has no end. Ours: the limits by which clinics plan, a day, half a
/// week, a week, two, a month, two and three.
pub(in crate::worklist) const BUCKETS: &[u32] = &[0, 1, 3, 7, 14, 30, 60, 90];

/// The rates: member, numerator, denominator.
pub(in crate::worklist) const RATES: &[(&str, &str, &str)] = &[
    ("completion", facts::COMPLETED, facts::TOTAL),
    ("loop_closure", facts::CLOSED, facts::TOTAL),
    ("advice", facts::ADVISED, facts::COMPLETED),
    ("closed_by_advice", facts::CLOSED_BY_ADVICE, facts::CLOSED),
    ("breached", facts::BREACHED, facts::TOTAL),
    ("disputed", facts::DISPUTED, facts::TOTAL),
    ("escalated", facts::ESCALATED, facts::TOTAL),
    ("unreachable", facts::UNREACHABLE, facts::TOTAL),
    ("asked_for_information", facts::ASKED, facts::TOTAL),
    ("report_waiting", facts::REPORT_WAITING, facts::TOTAL),
    ("answered_in_1_bd", facts::ANSWERED_IN_TIME, facts::ANSWERED),
    ("decided_in_limit", facts::DECIDED_IN_TIME, facts::DECIDED),
    (
        "acknowledged_in_1_bd",
        facts::ACKNOWLEDGED_IN_TIME,
        facts::CLOSED,
    ),
];

/// The counts by code, each with the member that it is in an answer.
pub(in crate::worklist) const COUNTS: &[(&str, &str)] = &[
    ("by_status", facts::STATUS),
    ("open_by_stage", facts::OPEN),
    ("reached", facts::REACHED),
    ("breaches_by_stage", facts::BREACH),
    ("decline_reasons", facts::DECLINED),
    ("non_completion_reasons", facts::NOT_COMPLETED),
];

/// Counters summed over referrals.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::worklist) struct Sums(BTreeMap<String, i64>);

/// A wait's median and 90th percentile, in days by their first two figures, rounded down.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::worklist) struct Spread {
    pub(in crate::worklist) count: i64,
    pub(in crate::worklist) median: Option<f64>,
    pub(in crate::worklist) p90: Option<f64>,
}

impl Sums {
    pub(in crate::worklist) fn add(&mut self, name: &str, count: i64) {
        // Most names are there already: no text is made for them.
        if let Some(sum) = self.0.get_mut(name) {
            *sum = sum.saturating_add(count);
        } else {
            self.0.insert(name.to_owned(), count);
        }
    }

    /// Adds other sums.
    pub(in crate::worklist) fn include(&mut self, others: &Self) {
        for (name, count) in &others.0 {
            self.add(name, *count);
        }
    }

    /// The sum of one counter.
    pub(in crate::worklist) fn of(&self, name: &str) -> i64 {
        self.0.get(name).copied().unwrap_or_default()
    }

    /// The sums of a counter's codes.
    pub(in crate::worklist) fn by_code<'a>(
        &'a self,
        name: &'a str,
    ) -> impl Iterator<Item = (&'a str, i64)> {
        self.0.iter().filter_map(move |(key, count)| {
            let code = key.strip_prefix(name)?.strip_prefix(':')?;
            (*count != 0).then_some((code, *count))
        })
    }

    /// The median and the 90th percentile, by the nearest rank. What was counted to the nearest tenth of a day, by a version before
    /// this one, is shown by two figures as well.
    pub(in crate::worklist) fn spread(&self, wait: &str) -> Spread {
        let mut waits: Vec<(u32, i64)> = self
            .by_code(wait)
            .filter_map(|(parts, count)| Some((two_figures(parts.parse().ok()?), count)))
            .collect();
        waits.sort_unstable();
        let count = waits.iter().map(|(_, count)| count).sum::<i64>();
        let rank = |percent: i64| {
            let rank = count.saturating_mul(percent).saturating_add(99) / 100;
            let mut passed = 0_i64;
            waits.iter().find_map(|(parts, count)| {
                passed = passed.saturating_add(*count);
                (passed >= rank).then(|| f64::from(*parts) / f64::from(PARTS_OF_A_DAY))
            })
        };
        Spread {
            count,
            median: rank(50),
            p90: rank(90),
        }
    }

    /// How many waited how long: a count for each of [`BUCKETS`].
    pub(in crate::worklist) fn distribution(&self, wait: &str) -> Vec<i64> {
        let mut counts = vec![0_i64; BUCKETS.len()];
        for (parts, count) in self.by_code(wait) {
            let parts: u32 = parts.parse().unwrap_or_default();
            let days = parts / PARTS_OF_A_DAY;
            let bucket = BUCKETS.iter().rposition(|from| days >= *from);
            if let Some(sum) = bucket.and_then(|bucket| counts.get_mut(bucket)) {
                *sum = sum.saturating_add(count);
            }
        }
        counts
    }

    /// The members of an answer.
    pub(in crate::worklist) fn to_json(&self) -> Map<String, Value> {
        let mut members = Map::new();
        members.insert("total".to_owned(), self.of(facts::TOTAL).into());
        for (member, name) in COUNTS {
            let counts: Map<String, Value> = self
                .by_code(name)
                .map(|(code, count)| (code.to_owned(), count.into()))
                .collect();
            members.insert((*member).to_owned(), counts.into());
        }
        for (member, numerator, denominator) in RATES {
            let (numerator, denominator) = (self.of(numerator), self.of(denominator));
            let rate = json!({
                "numerator": numerator,
                "denominator": denominator,
                "rate": rate(numerator, denominator),
            });
            members.insert((*member).to_owned(), rate);
        }
        for (member, wait) in WAITS {
            let spread = self.spread(wait);
            let wait = json!({"count": spread.count, "median": spread.median, "p90": spread.p90});
            members.insert((*member).to_owned(), wait);
        }
        let distributions: Map<String, Value> = WAITS
            .iter()
            .map(|(member, wait)| ((*member).to_owned(), self.buckets(wait)))
            .collect();
        members.insert("distributions".to_owned(), distributions.into());
        members
    }

    fn buckets(&self, wait: &str) -> Value {
        let counts = self.distribution(wait).into_iter().enumerate();
        counts
            .map(|(index, count)| {
                let from = BUCKETS.get(index);
                let below = BUCKETS.get(index.saturating_add(1));
                json!({"from_days": from, "below_days": below, "count": count})
            })
            .collect()
    }
}

/// By what the count of a wait's bucket is known where small ones are hidden.
pub(in crate::worklist) fn bucket(wait: &str, index: usize) -> String {
    let from = BUCKETS.get(index).copied().unwrap_or_default();
    format!("{wait}/{from}")
}

/// Days as people read them: a tenth below 10 days, because beyond it none is known.
pub(in crate::worklist) fn days(days: f64) -> String {
    if days < 10.0 {
        format!("{days:.1}")
    } else {
        format!("{days:.0}")
    }
}

/// A share; of nothing there is none.
pub(in crate::worklist) fn rate(numerator: i64, denominator: i64) -> Option<f64> {
    #[allow(
        clippy::cast_precision_loss,
        reason = "counts of referrals are far below 2^53"
    )]
    let rate = (denominator > 0).then(|| numerator as f64 / denominator as f64);
    rate
}
