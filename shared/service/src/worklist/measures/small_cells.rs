//! Hides the numbers that stand for few patients in what is made to leave the organisation, and as many others as it takes that
//! no hidden one can be worked out from what is shown.
//!
//! Source of the number: CMS's cell size policy (no cell of 10 or fewer), which the network may change (`small_cells`). Ours: the
//! secondary rule, with three parts. Of a whole and its parts never exactly one is hidden, and those that are stand together for
//! enough; where a number is a part of another, the rest counts as a cell too; numbers that are always the same hide together.
//! Nothing is a cell of its own: 0 is shown. Counted are referrals: a patient who was referred twice counts twice.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use domain::facts;

use super::sums::{COUNTS, RATES, Sums, WAITS, bucket};

/// Numbers of one place in the whole and in each group; the whole is the first.
pub(in crate::worklist) struct Cells {
    columns: Vec<BTreeMap<String, i64>>,
    /// Which columns together are the whole, once for each way in which it is divided.
    divisions: Vec<Range<usize>>,
    hidden: BTreeSet<(usize, String)>,
    shown_from: i64,
}

/// A number and where it stands.
type Cell = (usize, String);

impl Cells {
    /// Of `all` and the `divisions` of it, each a list of groups that it is the sum of; a number below `shown_from` is hidden.
    /// The columns are the whole and then the groups of each division. What is shown together must be judged together.
    pub(in crate::worklist) fn new(all: &Sums, divisions: &[Vec<&Sums>], shown_from: u32) -> Self {
        let mut columns = vec![numbers(all)];
        let mut ranges = Vec::new();
        for groups in divisions {
            let first = columns.len();
            columns.extend(groups.iter().map(|sums| numbers(sums)));
            ranges.push(first..columns.len());
        }
        let mut cells = Self {
            columns,
            divisions: ranges,
            hidden: BTreeSet::new(),
            shown_from: shown_from.into(),
        };
        while cells.hide_more() {}
        cells
    }

    /// The number of a column, unless it is hidden.
    pub(in crate::worklist) fn shown(&self, column: usize, name: &str) -> Option<i64> {
        let is_hidden = self.hidden.contains(&(column, name.to_owned()));
        (!is_hidden).then(|| self.number(column, name))
    }

    /// The column of a group of a division.
    pub(in crate::worklist) fn column(&self, division: usize, group: usize) -> usize {
        let first = self.divisions.get(division).map_or(0, |range| range.start);
        first.saturating_add(group)
    }

    /// Whether the days that `count` of a column waited are shown: those of few tell of each of them.
    pub(in crate::worklist) fn shows_wait(&self, column: usize, count: i64) -> bool {
        !self.is_small(count) && self.shown(column, facts::TOTAL).is_some()
    }

    /// Whether a number, if it is there at all, stands for few.
    fn is_small(&self, number: i64) -> bool {
        number > 0 && number < self.shown_from
    }

    fn number(&self, column: usize, name: &str) -> i64 {
        let number = self.columns.get(column).and_then(|it| it.get(name));
        number.copied().unwrap_or_default()
    }

    /// One round over all rules; whether it hid something.
    fn hide_more(&mut self) -> bool {
        let before = self.hidden.len();
        for column in 0..self.columns.len() {
            self.hide_in(column);
        }
        for division in self.divisions.clone() {
            let columns = self.columns.get(division.clone()).unwrap_or_default();
            let names: BTreeSet<String> =
                columns.iter().flat_map(BTreeMap::keys).cloned().collect();
            for name in names {
                let parts: Vec<Cell> = division
                    .clone()
                    .map(|column| (column, name.clone()))
                    .collect();
                self.settle(&(0, name), &parts);
            }
        }
        self.hidden.len() > before
    }

    fn hide_in(&mut self, column: usize) {
        let Some(numbers) = self.columns.get(column).cloned() else {
            return;
        };
        let whole_is_hidden = self.is_hidden(column, facts::TOTAL);
        for (name, number) in &numbers {
            if whole_is_hidden || self.is_small(*number) {
                self.hide(column, name);
            }
        }
        for (part, whole) in nested(&numbers) {
            let (inner, outer) = (self.number(column, &part), self.number(column, &whole));
            // Of a part that is all of its whole the one is the other.
            let is_same = inner > 0 && inner == outer && self.is_hidden(column, &whole);
            if self.is_small(outer.saturating_sub(inner)) || is_same {
                self.hide(column, &part);
            }
            if inner > 0 && inner == outer && self.is_hidden(column, &part) {
                self.hide(column, &whole);
            }
        }
        let statuses: Vec<Cell> = numbers
            .keys()
            .filter(|name| is_of(name, facts::STATUS))
            .map(|name| (column, name.clone()))
            .collect();
        self.settle(&(column, facts::TOTAL.to_owned()), &statuses);
        for (_, wait) in WAITS {
            let buckets: Vec<Cell> = numbers
                .keys()
                .filter(|name| is_bucket(name, wait))
                .map(|name| (column, name.clone()))
                .collect();
            self.settle(&(column, (*wait).to_owned()), &buckets);
        }
        let completed = ["completed", "closed"].map(|status| (column, of(facts::STATUS, status)));
        self.settle(&(column, facts::COMPLETED.to_owned()), &completed);
    }

    /// Hides further parts, the smallest first and the whole last, until none of the hidden ones can be worked out.
    fn settle(&mut self, whole: &Cell, parts: &[Cell]) {
        let mut open: Vec<(i64, &Cell)> = Vec::new();
        let (mut count, mut sum) = (0_usize, 0_i64);
        for part in parts {
            let number = self.number(part.0, &part.1);
            if self.hidden.contains(part) {
                count = count.saturating_add(1);
                sum = sum.saturating_add(number);
            } else if number > 0 {
                open.push((number, part));
            }
        }
        if self.hidden.contains(whole) {
            // With all parts shown the whole is their sum.
            if count == 0
                && let Some((_, part)) = open.iter().min()
            {
                self.hidden.insert((*part).clone());
            }
            return;
        }
        open.sort();
        let mut open = open.into_iter();
        while count > 0 && (count == 1 || sum < self.shown_from) {
            let Some((number, part)) = open.next() else {
                self.hidden.insert(whole.clone());
                return;
            };
            self.hidden.insert(part.clone());
            count = count.saturating_add(1);
            sum = sum.saturating_add(number);
        }
    }

    fn is_hidden(&self, column: usize, name: &str) -> bool {
        self.number(column, name) > 0 && self.hidden.contains(&(column, name.to_owned()))
    }

    fn hide(&mut self, column: usize, name: &str) {
        if self.number(column, name) > 0 {
            self.hidden.insert((column, name.to_owned()));
        }
    }
}

/// The counters without the waits, of which only how many there are is a number of patients.
fn numbers(sums: &Sums) -> BTreeMap<String, i64> {
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

/// Which numbers are a part of which: the rest is a cell too.
fn nested(numbers: &BTreeMap<String, i64>) -> Vec<(String, String)> {
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

fn of(name: &str, code: &str) -> String {
    [name, code].join(":")
}

fn is_bucket(key: &str, wait: &str) -> bool {
    key.strip_prefix(wait)
        .is_some_and(|bucket| bucket.starts_with('/'))
}

fn is_of(key: &str, name: &str) -> bool {
    key.strip_prefix(name)
        .is_some_and(|code| code.starts_with(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(counts: &[(&str, i64)]) -> Sums {
        let mut sums = Sums::default();
        for (name, count) in counts {
            sums.add(name, *count);
        }
        sums
    }

    fn shown(cells: &Cells, name: &str) -> Vec<Option<i64>> {
        (0..cells.columns.len())
            .map(|column| cells.shown(column, name))
            .collect()
    }

    #[test]
    fn ten_are_hidden_and_eleven_and_nobody_are_shown() {
        for (number, want) in [(0, Some(0)), (1, None), (10, None), (11, Some(11))] {
            let all = sums(&[("total", 100), ("disputed", number)]);
            let cells = Cells::new(&all, &[], 11);
            assert_eq!(cells.shown(0, "disputed"), want);
        }
    }

    #[test]
    fn who_is_not_among_them_is_a_cell_too() {
        let all = sums(&[("total", 100), ("disputed", 95)]);
        let cells = Cells::new(&all, &[], 11);
        assert_eq!(cells.shown(0, "disputed"), None);
    }

    #[test]
    fn one_hidden_status_takes_another_with_it() {
        let all = sums(&[
            ("total", 100),
            ("status:sent", 4),
            ("status:accepted", 30),
            ("status:seen", 66),
        ]);
        let cells = Cells::new(&all, &[], 11);
        assert_eq!(cells.shown(0, "status:sent"), None);
        assert_eq!(cells.shown(0, "status:accepted"), None);
        assert_eq!(cells.shown(0, "status:seen"), Some(66));
    }

    #[test]
    fn a_small_group_cannot_be_worked_out_from_the_others() {
        let groups = [
            sums(&[("total", 5)]),
            sums(&[("total", 20)]),
            sums(&[("total", 75)]),
        ];
        let all = sums(&[("total", 100)]);
        let cells = Cells::new(&all, &[groups.iter().collect()], 11);
        assert_eq!(shown(&cells, "total"), [Some(100), None, None, Some(75)]);
    }

    #[test]
    fn hidden_ones_stand_together_for_enough() {
        let groups = [
            sums(&[("total", 2)]),
            sums(&[("total", 3)]),
            sums(&[("total", 95)]),
        ];
        let all = sums(&[("total", 100)]);
        let cells = Cells::new(&all, &[groups.iter().collect()], 11);
        assert_eq!(shown(&cells, "total"), [Some(100), None, None, None]);
    }

    #[test]
    fn of_few_nothing_is_shown() {
        let all = sums(&[("total", 10), ("disputed", 0), ("status:sent", 10)]);
        let cells = Cells::new(&all, &[], 11);
        assert_eq!(cells.shown(0, "total"), None);
        assert_eq!(cells.shown(0, "status:sent"), None);
        assert_eq!(cells.shown(0, "disputed"), Some(0));
    }

    #[test]
    fn from_one_on_everything_is_shown() {
        let all = sums(&[("total", 3), ("status:sent", 1), ("status:seen", 2)]);
        let cells = Cells::new(&all, &[], 1);
        assert!(cells.hidden.is_empty());
    }
}
