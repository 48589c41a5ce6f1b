//! The figures of the view: each a chart and the table of its numbers, in words of the reader's language.

mod counts;
mod groups;
mod numbers;
mod waits;

use domain::facts;

use super::chart::{Bars, Columns};
use super::choice::Choice;
use super::labels as names_of;
use crate::worklist::page::labels;

pub(super) use groups::Grouped;
pub(super) use numbers::Numbers;
pub(super) use waits::Waits;

/// A chart with its numbers.
pub(super) struct Figure {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    /// What it shows, in a sentence.
    pub(super) about: &'static str,
    pub(super) chart: Chart,
    pub(super) heads: Vec<&'static str>,
    pub(super) rows: Vec<Line>,
    pub(super) csv: String,
}

/// What is drawn.
pub(super) enum Chart {
    /// Bars.
    Bars(Bars),
    /// Columns of which a part is filled.
    Columns(Columns),
    /// Nothing: the table says it all, or there is nothing to draw.
    Nothing,
}

/// A row of a table.
pub(super) struct Line {
    pub(super) head: String,
    pub(super) cells: Vec<String>,
}

impl Numbers<'_> {
    /// All other figures, in their order.
    pub(super) fn figures(&self, choice: &Choice) -> Vec<Figure> {
        let texts = self.texts;
        let mut figures = vec![self.trend(choice)];
        if !choice.is_received {
            figures.push(self.breaches_by_recipient(choice));
        }
        figures.extend([
            self.counted(
                "breaches",
                facts::BREACH,
                names_of::LIMITS,
                texts.breaches,
                texts.breaches_about,
                texts.limit,
                choice,
            ),
            self.counted(
                "not-completed",
                facts::NOT_COMPLETED,
                names_of::NOT_COMPLETED,
                texts.not_completed,
                texts.not_completed_about,
                texts.reason,
                choice,
            ),
            self.counted(
                "declined",
                facts::DECLINED,
                names_of::DECLINED,
                texts.declined,
                texts.declined_about,
                texts.reason,
                choice,
            ),
            self.detours(choice),
            self.counted(
                "open",
                facts::OPEN,
                names_of::OPEN,
                texts.open,
                texts.open_about,
                texts.status,
                choice,
            ),
            self.counted(
                "status",
                facts::STATUS,
                labels::STATUS,
                texts.statuses,
                texts.statuses_about,
                texts.status,
                choice,
            ),
        ]);
        figures
    }
}

fn of(name: &str, code: &str) -> String {
    [name, code].join(":")
}
