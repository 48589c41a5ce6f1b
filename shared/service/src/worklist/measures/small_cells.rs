//! Hides the numbers that stand for few patients in what is made to leave the organisation, and as many others as it takes that
//! no hidden one can be worked out from what is shown.
//!
//! Source of the number: CMS's cell size policy (no cell of 10 or fewer), which the network may change (`small_cells`). Ours, the
//! secondary rules:
//! - Groups of few are put together first ([`pool`]).
//! - Of a whole and its parts never exactly one is hidden, and those that are stand together for enough. The sums of the whole
//!   form a tree (total, of it completed, of that closed), and those of a counter over the groups hang on it, so that this is
//!   enough: what no single sum gives away, no number of them does.
//! - The families of counters that add up within a group (statuses, the buckets of a wait) would close circles in that tree. In a
//!   division a family is shown with all its numbers or with none, zeros included.
//! - Where a number is a part of another, the rest counts as a cell too; numbers that are always the same hide together.
//!
//! Nothing is a cell of its own: 0 is shown outside of a hidden family. Counted are referrals: a patient who was referred twice
//! counts twice. `attack` tries to work hidden numbers out.

mod parts;
mod pool;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use domain::facts;

use super::sums::{Sums, WAITS};
use parts::{family, is_bucket, is_of, nested, numbers, of};
pub(in crate::worklist) use pool::FEW;
pub(super) use pool::pool;

/// Numbers of one place in the whole and in each group; the whole is the first.
pub(in crate::worklist) struct Cells {
    columns: Vec<BTreeMap<String, i64>>,
    /// Which columns together are the whole, once for each way in which it is divided.
    divisions: Vec<Range<usize>>,
    hidden: BTreeSet<(usize, String)>,
    /// The families that are hidden in a division.
    families: BTreeSet<(usize, &'static str)>,
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
            families: BTreeSet::new(),
            shown_from: shown_from.into(),
        };
        while cells.hide_more() {}
        cells
    }

    /// The number of a column, unless it is hidden.
    pub(in crate::worklist) fn shown(&self, column: usize, name: &str) -> Option<i64> {
        let is_hidden = self.hidden.contains(&(column, name.to_owned()))
            || self.is_of_a_hidden_family(column, name);
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

    fn is_of_a_hidden_family(&self, column: usize, name: &str) -> bool {
        let mut divisions = self.divisions.iter();
        let division = divisions.position(|columns| columns.contains(&column));
        division
            .zip(family(name))
            .is_some_and(|of| self.families.contains(&of))
    }

    /// One round over all rules; whether it hid something.
    fn hide_more(&mut self) -> bool {
        let before = (self.hidden.len(), self.families.len());
        for column in 0..self.columns.len() {
            self.hide_in(column);
        }
        self.settle_the_whole();
        for (index, columns) in self.divisions.clone().into_iter().enumerate() {
            let groups = self.columns.get(columns.clone()).unwrap_or_default();
            let names: BTreeSet<String> = groups.iter().flat_map(BTreeMap::keys).cloned().collect();
            for name in names {
                let mut places = std::iter::once(0).chain(columns.clone());
                match family(&name) {
                    Some(family) if places.any(|column| self.is_hidden(column, &name)) => {
                        self.families.insert((index, family));
                    }
                    Some(_) => {}
                    None => {
                        let parts = columns.clone().map(|column| (column, name.clone()));
                        let parts: Vec<Cell> = parts.collect();
                        self.settle(&(0, name), &parts);
                    }
                }
            }
        }
        (self.hidden.len(), self.families.len()) > before
    }

    /// The sums within the whole: total, of it completed, of that closed; and each wait.
    fn settle_the_whole(&mut self) {
        let Some(numbers) = self.columns.first().cloned() else {
            return;
        };
        let here = |name: String| (0, name);
        let completed = ["completed", "closed"].map(|status| here(of(facts::STATUS, status)));
        let others = numbers.keys().filter(|name| is_of(name, facts::STATUS));
        let mut parts: Vec<Cell> = others.cloned().map(here).collect();
        parts.retain(|part| !completed.contains(part));
        parts.push(here(facts::COMPLETED.to_owned()));
        self.settle(&here(facts::TOTAL.to_owned()), &parts);
        self.settle(&here(facts::COMPLETED.to_owned()), &completed);
        for (_, wait) in WAITS {
            let buckets = numbers.keys().filter(|name| is_bucket(name, wait));
            let buckets: Vec<Cell> = buckets.cloned().map(here).collect();
            self.settle(&here((*wait).to_owned()), &buckets);
        }
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

#[cfg(test)]
mod attack;

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
