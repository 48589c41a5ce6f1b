//! The sums of a range, added up as a whole and divided into groups, each row of the database once.

use std::collections::BTreeMap;

use domain::calendar::Calendar;
use domain::facts::{Facts, TOTAL};
use domain::policy::Policy;
use domain::referral::Referral;
use ports::Row;

use super::UNKNOWN;
use super::small_cells::{Cells, pool};
use super::sums::Sums;
use crate::http::Problem;
use crate::json::{counts, from_text};

/// The measures of a range.
pub(in crate::worklist) struct Measured {
    /// Of all referrals of the range.
    pub(in crate::worklist) all: Sums,
    /// The same divided: as the call asks, then as the reader wants besides.
    pub(in crate::worklist) divisions: Vec<Division>,
    /// Messages that fit no referral for certain and wait for a person, now.
    pub(in crate::worklist) unmatched: i64,
    /// The network's policy.
    pub(in crate::worklist) policy: Policy,
}

/// The referrals of a range divided into groups.
pub(in crate::worklist) struct Division {
    /// By what: a column of the rows.
    pub(in crate::worklist) by: &'static str,
    /// Which counters are kept; all where it is none.
    names: Option<&'static [&'static str]>,
    /// The sums of each group.
    pub(in crate::worklist) groups: BTreeMap<String, Sums>,
}

impl Division {
    /// By `by`, of all counters.
    pub(super) const fn whole(by: &'static str) -> Self {
        Self {
            by,
            names: None,
            groups: BTreeMap::new(),
        }
    }

    /// By `by`, of these counters alone.
    pub(in crate::worklist) const fn brief(
        by: &'static str,
        names: &'static [&'static str],
    ) -> Self {
        Self {
            by,
            names: Some(names),
            groups: BTreeMap::new(),
        }
    }

    const fn is_whole(&self) -> bool {
        self.names.is_none()
    }

    /// The sums of the group to which a row belongs.
    fn group_of(&mut self, row: &Row) -> &mut Sums {
        let group = row.text(self.by).unwrap_or_default();
        let group = if group.is_empty() { UNKNOWN } else { group };
        if !self.groups.contains_key(group) {
            self.groups.insert(group.to_owned(), Sums::default());
        }
        // It is there.
        self.groups.entry(group.to_owned()).or_default()
    }
}

impl Measured {
    /// Nothing yet, to be divided so.
    pub(super) fn new(divisions: Vec<Division>, unmatched: i64, policy: Policy) -> Self {
        Self {
            all: Sums::default(),
            divisions,
            unmatched,
            policy,
        }
    }

    /// Adds the sums of rows.
    ///
    /// # Errors
    /// [`Problem::Internal`] for counts that are not what we write.
    pub(super) fn add(&mut self, rows: &[Row]) -> Result<(), Problem> {
        for row in rows {
            self.count(row, &counts(row.text("counts").unwrap_or_default())?);
        }
        Ok(())
    }

    /// Adds referrals that are in no sum yet.
    ///
    /// # Errors
    /// [`Problem::Internal`] for a state that is not what we write.
    pub(super) fn add_uncounted(&mut self, rows: &[Row]) -> Result<(), Problem> {
        let calendar = Calendar::of(&self.policy);
        for row in rows {
            let referral: Referral = from_text(row.text("state").unwrap_or_default())?;
            let facts = Facts::of(&referral, &calendar);
            let counts: Vec<(&str, i64)> = facts
                .iter()
                .map(|(name, count)| (name, count.into()))
                .collect();
            self.count(row, &counts);
        }
        Ok(())
    }

    fn count(&mut self, row: &Row, counts: &[(&str, i64)]) {
        // The whole is what its groups come to, where there are such of all counters.
        if !self.divisions.iter().any(Division::is_whole) {
            for (name, count) in counts {
                self.all.add(name, *count);
            }
        }
        for division in &mut self.divisions {
            let names = division.names;
            let sums = division.group_of(row);
            for (name, count) in counts {
                if names.is_none_or(|names| names.contains(name)) {
                    sums.add(name, *count);
                }
            }
        }
    }

    /// Makes the whole of its groups, and leaves out groups from which every referral has gone.
    pub(super) fn settled(mut self) -> Self {
        if let Some(division) = self.divisions.iter().find(|it| it.is_whole()) {
            for sums in division.groups.values() {
                self.all.include(sums);
            }
        }
        for division in &mut self.divisions {
            division.groups.retain(|_, sums| sums.of(TOTAL) > 0);
        }
        self
    }

    /// Puts groups of few together, and says what is hidden of the rest: for what leaves the organisation.
    pub(in crate::worklist) fn for_others(&mut self) -> Cells {
        let shown_from = self.policy.small_cells();
        for division in &mut self.divisions {
            pool(&mut division.groups, shown_from);
        }
        self.cells(shown_from)
    }

    /// For the organisation's own people, from whom nothing is hidden.
    pub(in crate::worklist) fn for_ourselves(&self) -> Cells {
        self.cells(0)
    }

    fn cells(&self, shown_from: u32) -> Cells {
        let divisions = self.divisions.iter();
        let divisions: Vec<Vec<&Sums>> = divisions
            .map(|division| division.groups.values().collect())
            .collect();
        Cells::new(&self.all, &divisions, shown_from)
    }
}
