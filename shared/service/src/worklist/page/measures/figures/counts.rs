//! Figures of the whole: how far referrals came, their rates, and counts by code.

use domain::facts::{self, TOTAL};

use super::super::chart::{Bars, Item};
use super::super::choice::Choice;
use super::super::labels as names_of;
use super::numbers::Numbers;
use super::{Chart, Figure, Line, of};
use crate::worklist::measures::{COUNTS, RATES};
use crate::worklist::page::labels::Label;

/// Rates that are of what went otherwise than planned.
const DETOURS: &[&str] = &[
    "disputed",
    "escalated",
    "unreachable",
    "asked_for_information",
    "report_waiting",
    "advice",
];

impl Numbers<'_> {
    /// How far they came, from sent to closed.
    pub(in super::super) fn funnel(&self, choice: &Choice) -> Figure {
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

    /// Every rate with its numerator and its denominator.
    pub(in super::super) fn rates(&self, choice: &Choice) -> Figure {
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

    pub(super) fn detours(&self, choice: &Choice) -> Figure {
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
    pub(super) fn counted(
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

    pub(super) fn bars(&self, items: Vec<Item>, most: i64) -> Chart {
        if items.is_empty() || self.measured.all.of(TOTAL) == 0 {
            return Chart::Nothing;
        }
        Chart::Bars(Bars::new(items, most))
    }
}
