//! The numbers as this reader may see them, as texts: a hidden one says so.

use domain::facts::TOTAL;

use super::super::texts::Texts;
use super::Line;
use crate::worklist::measures::{Cells, Division, FEW, Measured, Sums, UNKNOWN, days, rate};
use crate::worklist::page::labels::{self, Label};
use crate::worklist::page::language::Language;
use crate::worklist::page::measures::chart::Item;
use crate::worklist::page::rows::Names;

/// The numbers as this reader may see them.
pub(in super::super) struct Numbers<'a> {
    pub(super) measured: &'a Measured,
    pub(super) cells: Cells,
    pub(super) names: &'a Names,
    pub(super) texts: &'static Texts,
    pub(super) language: Language,
}

impl<'a> Numbers<'a> {
    pub(in super::super) fn new(
        measured: &'a Measured,
        cells: Cells,
        names: &'a Names,
        texts: &'static Texts,
        language: Language,
    ) -> Self {
        Self {
            measured,
            cells,
            names,
            texts,
            language,
        }
    }

    /// How many referrals there are.
    pub(in super::super) fn total(&self) -> String {
        self.text(0, TOTAL)
    }

    pub(super) fn division(&self, by: &str) -> Option<(usize, &Division)> {
        // The last one: the chosen one, which has all counters, may be by the same.
        let mut divisions = self.measured.divisions.iter().enumerate();
        divisions.rfind(|(_, division)| division.by == by)
    }

    pub(super) fn text(&self, column: usize, name: &str) -> String {
        let shown = self.cells.shown(column, name);
        shown.map_or_else(|| self.texts.hidden.to_owned(), |number| number.to_string())
    }

    pub(super) fn share(&self, column: usize, part: &str, whole: &str) -> String {
        let shown = |name| self.cells.shown(column, name);
        match (shown(part), shown(whole)) {
            (Some(part), Some(whole)) => rate(part, whole).map_or(String::new(), percent),
            _ => self.texts.hidden.to_owned(),
        }
    }

    pub(super) fn item(&self, label: String, column: usize, part: &str, whole: &str) -> Item {
        let share = self.share(column, part, whole);
        let count = self.text(column, part);
        let value = if part == whole || share.is_empty() || share == self.texts.hidden {
            count
        } else {
            format!("{count} ({share})")
        };
        (label, value, self.cells.shown(column, part))
    }

    /// "12 (60 %)": of all of the column.
    pub(super) fn share_with_count(&self, column: usize, part: &str) -> String {
        self.item(String::new(), column, part, TOTAL).1
    }

    /// How many, the median and the 90th percentile.
    pub(super) fn spread(&self, column: usize, sums: &Sums, wait: &str) -> [String; 3] {
        let spread = sums.spread(wait);
        let shows = self.cells.shows_wait(column, spread.count);
        let shown = |rank: Option<f64>| match rank {
            None => "–".to_owned(),
            Some(rank) if shows => days(rank),
            Some(_) => self.texts.hidden.to_owned(),
        };
        [
            self.text(column, wait),
            shown(spread.median),
            shown(spread.p90),
        ]
    }

    pub(super) fn label(&self, table: &'static [Label], code: &str) -> String {
        labels::text_of(table, code, self.language).to_owned()
    }

    pub(super) fn line(&self, table: &'static [Label], code: &str, cells: Vec<String>) -> Line {
        Line {
            head: self.label(table, code),
            cells,
        }
    }

    /// What a group is called.
    pub(super) fn group(&self, by: &str, key: &str) -> String {
        match (by, key) {
            ("recipient", UNKNOWN) => self.texts.outside.to_owned(),
            (_, FEW) => self.texts.few.to_owned(),
            (_, UNKNOWN) => self.texts.unknown.to_owned(),
            ("recipient", id) => self.names.of(id).to_owned(),
            ("urgency", code) => self.label(labels::URGENCY, code),
            (_, key) => key.to_owned(),
        }
    }
}

/// A share in whole percent.
fn percent(rate: f64) -> String {
    format!("{:.0} %", rate * 100.0)
}
