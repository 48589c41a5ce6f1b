//! Figures by group: month by month, breaches by recipient, and the table by what was chosen.

use domain::facts::{self, TOTAL};

use super::super::chart::{Columns, Item, Tall};
use super::super::choice::{Choice, Month};
use super::numbers::Numbers;
use super::{Chart, Figure, Line};

/// How many recipients have a bar of their own: those with the most breaches. The table has all.
const BARS_MAX: usize = 15;

/// How many months the trend draws. The table has all.
const MONTHS_MAX: usize = 36;

/// The measures by the groups that were chosen.
pub(in super::super) struct Grouped {
    pub(in super::super) title: String,
    pub(in super::super) heads: Vec<&'static str>,
    pub(in super::super) rows: Vec<Line>,
    pub(in super::super) csv: String,
}

impl Numbers<'_> {
    /// The measures of each group, where a grouping was chosen.
    pub(in super::super) fn grouped(&self, choice: &Choice) -> Option<Grouped> {
        let (code, name) = choice.by?;
        let division = self.measured.divisions.first()?;
        let texts = self.texts;
        let rows = division
            .groups
            .iter()
            .enumerate()
            .map(|(index, (key, sums))| {
                let column = self.cells.column(0, index);
                let rate = |part: &str| self.share_with_count(column, part);
                let [_, visit, visit_p90] = self.spread(column, sums, facts::TO_VISIT);
                let [_, closed, closed_p90] = self.spread(column, sums, facts::TO_CLOSED);
                Line {
                    head: self.group(division.by, key),
                    cells: vec![
                        self.text(column, TOTAL),
                        rate(facts::COMPLETED),
                        rate(facts::CLOSED),
                        rate(facts::BREACHED),
                        [visit.as_str(), visit_p90.as_str()].join(" / "),
                        [closed.as_str(), closed_p90.as_str()].join(" / "),
                    ],
                }
            });
        Some(Grouped {
            title: texts.by.replace("{}", &name.to_lowercase()),
            heads: vec![
                name,
                texts.sent,
                texts.completed,
                texts.closed,
                texts.late,
                texts.days_to_visit,
                texts.days_to_closed,
            ],
            rows: rows.collect(),
            csv: choice.csv(Some(code)),
        })
    }

    pub(super) fn trend(&self, choice: &Choice) -> Figure {
        let texts = self.texts;
        let (mut rows, mut columns) = (Vec::new(), Vec::new());
        if let Some((place, division)) = self.division("month") {
            let mut before: Option<Month> = None;
            for (index, key) in division.groups.keys().enumerate() {
                let column = self.cells.column(place, index);
                let month = Month::parse(key);
                // A month without a referral is a gap, not left out.
                let mut gap = before.map(|before| before.plus(1));
                while let (Some(missing), Some(month)) = (gap, month)
                    && missing < month
                    && columns.len() < MONTHS_MAX.saturating_mul(4)
                {
                    columns.push(month_column(missing, "0".to_owned(), Some(0), Some(0)));
                    gap = Some(missing.plus(1));
                }
                if let Some(month) = month {
                    let [total, closed] =
                        [TOTAL, facts::CLOSED].map(|name| self.cells.shown(column, name));
                    columns.push(month_column(month, self.text(column, TOTAL), total, closed));
                }
                before = month.or(before);
                rows.push(Line {
                    head: self.group("month", key),
                    cells: vec![
                        self.text(column, TOTAL),
                        self.share_with_count(column, facts::COMPLETED),
                        self.share_with_count(column, facts::CLOSED),
                        self.share_with_count(column, facts::BREACHED),
                    ],
                });
            }
        }
        let newest = columns.split_off(columns.len().saturating_sub(MONTHS_MAX));
        Figure {
            id: "trend",
            title: texts.trend,
            about: texts.trend_about,
            chart: if newest.len() > 1 {
                Chart::Columns(Columns::thinned(newest))
            } else {
                Chart::Nothing
            },
            heads: vec![
                texts.month,
                texts.sent,
                texts.completed,
                texts.closed,
                texts.late,
            ],
            rows,
            csv: choice.csv(Some("month")),
        }
    }

    pub(super) fn breaches_by_recipient(&self, choice: &Choice) -> Figure {
        let texts = self.texts;
        let mut found = Vec::new();
        if let Some((place, division)) = self.division("recipient") {
            for (index, key) in division.groups.keys().enumerate() {
                let column = self.cells.column(place, index);
                let [late, total] =
                    [facts::BREACHED, TOTAL].map(|name| self.cells.shown(column, name));
                found.push((late, total, column, self.group("recipient", key)));
            }
        }
        found.sort_by(|a, b| (b.0, b.1, &a.3).cmp(&(a.0, a.1, &b.3)));
        let bars: Vec<Item> = found
            .iter()
            .filter(|(breached, ..)| *breached != Some(0))
            .take(BARS_MAX)
            .map(|(_, _, column, name)| self.item(name.clone(), *column, facts::BREACHED, TOTAL))
            .collect();
        let most = bars.iter().filter_map(|(_, _, number)| *number).max();
        let rows = found.iter().map(|(_, _, column, name)| Line {
            head: name.clone(),
            cells: vec![
                self.text(*column, facts::BREACHED),
                self.text(*column, TOTAL),
                self.share(*column, facts::BREACHED, TOTAL),
                self.text(*column, facts::ESCALATED),
            ],
        });
        Figure {
            id: "recipients",
            title: texts.recipients,
            about: texts.recipients_about,
            chart: self.bars(bars, most.unwrap_or_default()),
            heads: vec![
                texts.recipient,
                texts.late,
                texts.of,
                texts.share,
                texts.escalated,
            ],
            rows: rows.collect(),
            csv: choice.csv(Some("recipient")),
        }
    }
}

fn month_column(month: Month, value: String, number: Option<i64>, filled: Option<i64>) -> Tall {
    Tall {
        label: month.number().to_string(),
        value,
        number,
        filled,
    }
}
