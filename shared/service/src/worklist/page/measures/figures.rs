//! The figures of the view: each a chart and the table of its numbers, in words of the reader's language.

use domain::facts::{self, TOTAL};

use super::chart::{Bars, Columns, Item, Tall};
use super::choice::{Choice, Month};
use super::labels as names_of;
use super::texts::Texts;
use crate::worklist::measures::{
    BUCKETS, COUNTS, Cells, Division, FEW, Measured, RATES, Sums, UNKNOWN, WAITS, bucket, days,
    rate,
};
use crate::worklist::page::labels::{self, Label};
use crate::worklist::page::language::Language;
use crate::worklist::page::rows::Names;

/// How many recipients have a bar of their own: those with the most breaches. The table has all.
const BARS_MAX: usize = 15;

/// How many months the trend draws. The table has all.
const MONTHS_MAX: usize = 36;

/// Rates that are of what went otherwise than planned.
const DETOURS: &[&str] = &[
    "disputed",
    "escalated",
    "unreachable",
    "asked_for_information",
    "report_waiting",
    "advice",
];

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

/// The distributions of the waits, and one table of them all.
pub(super) struct Waits {
    pub(super) charts: Vec<Distribution>,
    pub(super) heads: Vec<String>,
    pub(super) rows: Vec<Line>,
    pub(super) csv: String,
}

/// How many waited how long.
pub(super) struct Distribution {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) about: String,
    pub(super) columns: Columns,
}

/// The measures by the groups that were chosen.
pub(super) struct Grouped {
    pub(super) title: String,
    pub(super) heads: Vec<&'static str>,
    pub(super) rows: Vec<Line>,
    pub(super) csv: String,
}

/// The numbers as this reader may see them.
pub(super) struct Numbers<'a> {
    measured: &'a Measured,
    cells: Cells,
    names: &'a Names,
    texts: &'static Texts,
    language: Language,
}

impl<'a> Numbers<'a> {
    pub(super) fn new(
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
    pub(super) fn total(&self) -> String {
        self.text(0, TOTAL)
    }

    /// Every rate with its numerator and its denominator.
    pub(super) fn rates(&self, choice: &Choice) -> Figure {
        let rows = RATES.iter().map(|(member, part, whole)| {
            let share = self.share(0, part, whole);
            self.line(
                names_of::RATES,
                member,
                vec![self.text(0, part), self.text(0, whole), share],
            )
        });
        let texts = self.texts;
        Figure {
            id: "rates",
            title: texts.rates,
            about: texts.rates_about,
            chart: Chart::Nothing,
            heads: vec![texts.rate, texts.count, texts.of, texts.share],
            rows: rows.collect(),
            csv: choice.csv(None),
        }
    }

    /// How far they came, from sent to closed.
    pub(super) fn funnel(&self, choice: &Choice) -> Figure {
        let names = facts::STAGES
            .iter()
            .map(|stage| (*stage, of(facts::REACHED, stage)));
        let stages: Vec<(&str, String)> = std::iter::once(("sent", TOTAL.to_owned()))
            .chain(names)
            .collect();
        let label = |code: &str| self.label(names_of::STAGES, code);
        let bars = stages
            .iter()
            .map(|(code, name)| self.item(label(code), 0, name, TOTAL));
        let rows = stages.iter().map(|(code, name)| Line {
            head: label(code),
            cells: vec![self.text(0, name), self.share(0, name, TOTAL)],
        });
        let texts = self.texts;
        Figure {
            id: "funnel",
            title: texts.funnel,
            about: texts.funnel_about,
            chart: self.bars(bars.collect(), self.measured.all.of(TOTAL)),
            heads: vec![texts.stage, texts.count, texts.share_of_sent],
            rows: rows.collect(),
            csv: choice.csv(None),
        }
    }

    /// How long each part of the way took.
    pub(super) fn waits(&self, choice: &Choice) -> Waits {
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

    /// The measures of each group, where a grouping was chosen.
    pub(super) fn grouped(&self, choice: &Choice) -> Option<Grouped> {
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

    fn trend(&self, choice: &Choice) -> Figure {
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

    fn breaches_by_recipient(&self, choice: &Choice) -> Figure {
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

    fn detours(&self, choice: &Choice) -> Figure {
        let texts = self.texts;
        let detours = RATES.iter().filter(|(member, ..)| DETOURS.contains(member));
        let (mut bars, mut rows) = (Vec::new(), Vec::new());
        for (member, part, whole) in detours {
            let label = self.label(names_of::RATES, member);
            bars.push(self.item(label, 0, part, whole));
            rows.push(self.line(
                names_of::RATES,
                member,
                vec![
                    self.text(0, part),
                    self.text(0, whole),
                    self.share(0, part, whole),
                ],
            ));
        }
        let most = bars.iter().filter_map(|(_, _, number)| *number).max();
        Figure {
            id: "detours",
            title: texts.detours,
            about: texts.detours_about,
            chart: self.bars(bars, most.unwrap_or_default()),
            heads: vec![texts.what, texts.count, texts.of, texts.share],
            rows,
            csv: choice.csv(None),
        }
    }

    /// A count by code.
    #[allow(clippy::too_many_arguments, reason = "each is a text of the figure")]
    fn counted(
        &self,
        id: &'static str,
        name: &'static str,
        table: &'static [Label],
        title: &'static str,
        about: &'static str,
        head: &'static str,
        choice: &Choice,
    ) -> Figure {
        debug_assert!(COUNTS.iter().any(|(_, known)| *known == name), "{name}");
        let mut counts: Vec<(&str, i64)> = self.measured.all.by_code(name).collect();
        // By what is shown alone, or the order would tell which hidden number is the larger one.
        let shown = |code: &str| self.cells.shown(0, &of(name, code));
        counts.sort_by_key(|(code, _)| (std::cmp::Reverse(shown(code)), *code));
        let label = |code: &str| self.label(table, code);
        let bars: Vec<Item> = counts
            .iter()
            .map(|(code, _)| {
                let name = of(name, code);
                (label(code), self.text(0, &name), self.cells.shown(0, &name))
            })
            .collect();
        let rows = counts.iter().map(|(code, _)| Line {
            head: label(code),
            cells: vec![self.text(0, &of(name, code))],
        });
        let most = bars.iter().filter_map(|(_, _, number)| *number).max();
        Figure {
            id,
            title,
            about,
            heads: vec![head, self.texts.count],
            rows: rows.collect(),
            chart: self.bars(bars, most.unwrap_or_default()),
            csv: choice.csv(None),
        }
    }

    fn bars(&self, items: Vec<Item>, most: i64) -> Chart {
        if items.is_empty() || self.measured.all.of(TOTAL) == 0 {
            return Chart::Nothing;
        }
        Chart::Bars(Bars::new(items, most))
    }

    fn division(&self, by: &str) -> Option<(usize, &Division)> {
        // The last one: the chosen one, which has all counters, may be by the same.
        let mut divisions = self.measured.divisions.iter().enumerate();
        divisions.rfind(|(_, division)| division.by == by)
    }

    fn item(&self, label: String, column: usize, part: &str, whole: &str) -> Item {
        let share = self.share(column, part, whole);
        let count = self.text(column, part);
        let value = if part == whole || share.is_empty() || share == self.texts.hidden {
            count
        } else {
            format!("{count} ({share})")
        };
        (label, value, self.cells.shown(column, part))
    }

    fn text(&self, column: usize, name: &str) -> String {
        let shown = self.cells.shown(column, name);
        shown.map_or_else(|| self.texts.hidden.to_owned(), |number| number.to_string())
    }

    fn share(&self, column: usize, part: &str, whole: &str) -> String {
        let shown = |name| self.cells.shown(column, name);
        match (shown(part), shown(whole)) {
            (Some(part), Some(whole)) => rate(part, whole).map_or(String::new(), percent),
            _ => self.texts.hidden.to_owned(),
        }
    }

    /// "12 (60 %)": of all of the column.
    fn share_with_count(&self, column: usize, part: &str) -> String {
        self.item(String::new(), column, part, TOTAL).1
    }

    /// How many, the median and the 90th percentile.
    fn spread(&self, column: usize, sums: &Sums, wait: &str) -> [String; 3] {
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

    fn label(&self, table: &'static [Label], code: &str) -> String {
        labels::text_of(table, code, self.language).to_owned()
    }

    fn line(&self, table: &'static [Label], code: &str, cells: Vec<String>) -> Line {
        Line {
            head: self.label(table, code),
            cells,
        }
    }

    /// What a group is called.
    fn group(&self, by: &str, key: &str) -> String {
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

fn of(name: &str, code: &str) -> String {
    [name, code].join(":")
}

fn month_column(month: Month, value: String, number: Option<i64>, filled: Option<i64>) -> Tall {
    Tall {
        label: month.number().to_string(),
        value,
        number,
        filled,
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

/// A share in whole percent.
fn percent(rate: f64) -> String {
    format!("{:.0} %", rate * 100.0)
}
