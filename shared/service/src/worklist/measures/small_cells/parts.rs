//! How the numbers of one place belong together: which there are, which add up, which is a part of which.

use std::collections::BTreeMap;

use domain::facts;

use super::super::sums::{COUNTS, RATES, Sums, WAITS, bucket};

/// The counters without the waits, of which only how many there are is a number of patients.
pub(super) fn numbers(sums: &Sums) -> BTreeMap<String, i64> {
    let mut numbers: BTreeMap<String, i64> = BTreeMap::new();
    let mut keep = |name: String, number: i64| {
        if number > 0 {
            numbers.insert(name, number);
        }
    };
    keep(facts::TOTAL.to_owned(), sums.of(facts::TOTAL));
    for (_, part, whole) in RATES {
        keep((*part).to_owned(), sums.of(part));
        keep((*whole).to_owned(), sums.of(whole));
    }
    for (_, name) in COUNTS {
        for (code, number) in sums.by_code(name) {
            keep(of(name, code), number);
        }
    }
    for (_, wait) in WAITS {
        keep((*wait).to_owned(), sums.spread(wait).count);
        for (index, count) in sums.distribution(wait).into_iter().enumerate() {
            keep(bucket(wait, index), count);
        }
    }
    numbers
}

/// The counters that add up within a group, by the name of their family.
pub(super) fn family(name: &str) -> Option<&'static str> {
    if is_of(name, facts::STATUS) || is_of(name, facts::OPEN) {
        return Some(facts::STATUS);
    }
    let mut waits = WAITS.iter();
    waits
        .find(|(_, wait)| is_bucket(name, wait))
        .map(|(_, wait)| *wait)
}

/// Which numbers are a part of which: the rest is a cell too.
pub(super) fn nested(numbers: &BTreeMap<String, i64>) -> Vec<(String, String)> {
    let mut nested: Vec<(String, String)> = RATES
        .iter()
        .map(|(_, part, whole)| ((*part).to_owned(), (*whole).to_owned()))
        .collect();
    let total = || facts::TOTAL.to_owned();
    for name in numbers.keys() {
        let in_total = [facts::STATUS, facts::OPEN, facts::REACHED, facts::BREACH];
        if in_total.iter().any(|list| is_of(name, list)) {
            nested.push((name.clone(), total()));
        }
        if let Some(status) = name.strip_prefix("open:") {
            nested.push((name.clone(), of(facts::STATUS, status)));
        }
    }
    nested.push((facts::CLOSED.to_owned(), facts::COMPLETED.to_owned()));
    for (_, wait) in WAITS
        .iter()
        .filter(|(_, wait)| *wait != facts::TO_ACKNOWLEDGED)
    {
        nested.push(((*wait).to_owned(), total()));
    }
    // Advice is a report without a visit: who was reported on need not have been seen.
    for (later, stage) in [
        ("booked", "accepted"),
        ("seen", "booked"),
        ("reported", "accepted"),
        ("closed", "reported"),
    ] {
        nested.push((of(facts::REACHED, later), of(facts::REACHED, stage)));
    }
    for same in [
        of(facts::STATUS, "closed"),
        of(facts::REACHED, "closed"),
        facts::TO_CLOSED.to_owned(),
        facts::TO_ACKNOWLEDGED.to_owned(),
    ] {
        nested.push((same, facts::CLOSED.to_owned()));
    }
    nested.push((facts::TO_VISIT.to_owned(), of(facts::REACHED, "seen")));
    nested.push((facts::TO_REPORT.to_owned(), of(facts::REACHED, "reported")));
    nested.push((facts::TO_BOOKED.to_owned(), of(facts::REACHED, "booked")));
    nested
}

pub(super) fn of(name: &str, code: &str) -> String {
    [name, code].join(":")
}

pub(super) fn is_bucket(key: &str, wait: &str) -> bool {
    key.strip_prefix(wait)
        .is_some_and(|bucket| bucket.starts_with('/'))
}

pub(super) fn is_of(key: &str, name: &str) -> bool {
    key.strip_prefix(name)
        .is_some_and(|code| code.starts_with(':'))
}
