//! How long each part of the way took: a distribution for each wait, and one table of them all.

use super::super::chart::{Columns, Tall};
use super::super::choice::Choice;
use super::super::labels as names_of;
use super::Line;
use super::numbers::Numbers;
use crate::worklist::measures::{BUCKETS, WAITS, bucket};
use crate::worklist::page::labels;

/// The distributions of the waits, and one table of them all.
pub(in super::super) struct Waits {
    pub(in super::super) charts: Vec<Distribution>,
    pub(in super::super) heads: Vec<String>,
    pub(in super::super) rows: Vec<Line>,
    pub(in super::super) csv: String,
}

/// How many waited how long.
pub(in super::super) struct Distribution {
    pub(in super::super) id: &'static str,
    pub(in super::super) title: &'static str,
    pub(in super::super) about: String,
    pub(in super::super) columns: Columns,
}

impl Numbers<'_> {
    /// How long each part of the way took.
    pub(in super::super) fn waits(&self, choice: &Choice) -> Waits {
        let texts = self.texts;
        let mut charts = Vec::new();
        let mut rows = Vec::new();
        for (member, wait) in WAITS {
            let title = labels::text_of(names_of::WAITS, member, self.language);
            let [count, median, p90] = self.spread(0, &self.measured.all, wait);
            let buckets: Vec<String> = (0..BUCKETS.len())
                .map(|index| self.text(0, &bucket(wait, index)))
                .collect();
            if self.measured.all.spread(wait).count > 0 {
                let columns = buckets.iter().enumerate().map(|(index, value)| Tall {
                    label: within(index),
                    value: value.clone(),
                    number: self.cells.shown(0, &bucket(wait, index)),
                    filled: self.cells.shown(0, &bucket(wait, index)),
                });
                charts.push(Distribution {
                    id: wait,
                    title,
                    about: texts
                        .wait_about
                        .replace("{median}", &median)
                        .replace("{p90}", &p90),
                    columns: Columns::new(columns.collect()),
                });
            }
            let mut cells = vec![count, median, p90];
            cells.extend(buckets);
            rows.push(Line {
                head: title.to_owned(),
                cells,
            });
        }
        let fixed = [texts.way, texts.count, texts.median, texts.p90];
        let buckets =
            (0..BUCKETS.len()).map(|index| [&within(index), " ", texts.days_short].concat());
        Waits {
            charts,
            heads: fixed
                .map(str::to_owned)
                .into_iter()
                .chain(buckets)
                .collect(),
            rows,
            csv: choice.csv(None),
        }
    }
}

/// The days of a bucket, as short as a column is wide.
fn within(index: usize) -> String {
    let from = BUCKETS.get(index).copied().unwrap_or_default();
    match BUCKETS.get(index.saturating_add(1)) {
        Some(below) => format!("{from}–{below}"),
        None => format!("{from}+"),
    }
}
