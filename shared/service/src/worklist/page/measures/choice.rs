//! Which measures are looked at: the period, the grouping, the side and for whom. All of it stands in the address.

use domain::time::{Date, Timestamp};

use super::labels::BY;
use super::texts::Texts;
use crate::call::Call;
use crate::worklist::page::labels;
use crate::worklist::page::language::Language;

/// Where the view is.
pub(super) const PATH: &str = "/worklist/pages/measures";

/// Where the same numbers are as CSV.
const CSV: &str = "/worklist/measures.csv";

/// How many months are shown where nobody has chosen: a year, so that the months can be told from the season before.
const MONTHS_SHOWN: i64 = 12;

/// For whom it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience {
    /// The organisation's own people.
    Inside,
    /// Others: numbers of few are hidden.
    Others,
}

impl Audience {
    /// As the address has it.
    pub(super) const CODES: &[&str] = &["inside", "others"];
}

/// What is looked at, and what else may be.
pub(super) struct Choice {
    /// The period where the address names none.
    pub(super) days: Option<[Date; 2]>,
    pub(super) audience: Audience,
    pub(super) is_received: bool,
    /// The first day, and the day after the last one; empty where there is none.
    pub(super) from: String,
    pub(super) to: String,
    /// By what is grouped, and how that is called.
    pub(super) by: Option<(&'static str, &'static str)>,
    pub(super) groups: Vec<Offered>,
    pub(super) periods: Vec<Period>,
    /// The year of CMS50 that is looked at first.
    pub(super) year: String,
}

/// A grouping that may be chosen.
pub(super) struct Offered {
    pub(super) code: &'static str,
    pub(super) text: &'static str,
    pub(super) is_chosen: bool,
}

/// A period that is one click away.
pub(super) struct Period {
    pub(super) text: &'static str,
    pub(super) address: String,
    pub(super) is_here: bool,
}

impl Choice {
    /// What the address says.
    pub(super) fn of<P>(call: &Call<P>, texts: &'static Texts, language: Language) -> Self {
        let given = |name: &str| call.query(name).unwrap_or_default();
        let (from, to) = (given("from"), given("to"));
        let now = Month::of(call.now);
        let usual = [now.plus(1 - MONTHS_SHOWN), now.plus(1)];
        let is_usual = from.is_empty() && to.is_empty();
        let [from, to] = if is_usual {
            usual.map(Month::first_day)
        } else {
            [from.to_owned(), to.to_owned()]
        };
        let groups: Vec<Offered> = labels::options(BY, language)
            .map(|(code, text)| Offered {
                code,
                text,
                is_chosen: code == given("by"),
            })
            .collect();
        let by = groups.iter().find(|group| group.is_chosen);
        let by = by.map(|group| (group.code, group.text));
        let mut choice = Self {
            days: is_usual
                .then(|| [from.parse().ok(), to.parse().ok()])
                .and_then(both),
            audience: match given("audience") {
                "others" => Audience::Others,
                _ => Audience::Inside,
            },
            is_received: given("direction") == "received",
            from,
            to,
            by,
            groups,
            periods: Vec::new(),
            year: now.year().to_string(),
        };
        let january = now.plus(-now.months_since_january());
        choice.periods = [
            (texts.this_month, [now, now.plus(1)]),
            (texts.last_month, [now.plus(-1), now]),
            (texts.twelve_months, usual),
            (texts.this_year, [january, january.plus(12)]),
            (texts.last_year, [january.plus(-12), january]),
        ]
        .into_iter()
        .map(|(text, ends)| {
            let ends = ends.map(Month::first_day);
            Period {
                text,
                is_here: ends == [choice.from.as_str(), choice.to.as_str()],
                address: choice.address(PATH, &ends, by.map(|(code, _)| code), choice.audience),
            }
        })
        .collect();
        choice
    }

    /// The day with which the period ends; empty where there is none.
    pub(super) fn last_day(&self) -> String {
        let after = self.to.parse::<Date>().ok();
        after.map_or_else(String::new, |day| {
            let moment = day.start().as_millisecond().saturating_sub(1);
            Timestamp::from_millisecond(moment).map_or(String::new(), |at| at.date().to_string())
        })
    }

    pub(super) fn is_for_others(&self) -> bool {
        self.audience == Audience::Others
    }

    /// The same for the other audience.
    pub(super) fn other_audience(&self) -> String {
        let other = match self.audience {
            Audience::Inside => Audience::Others,
            Audience::Others => Audience::Inside,
        };
        self.address(PATH, &self.ends(), self.by.map(|(code, _)| code), other)
    }

    /// The numbers as CSV, by these groups.
    pub(super) fn csv(&self, by: Option<&'static str>) -> String {
        self.address(CSV, &self.ends(), by, Audience::Inside)
    }

    fn ends(&self) -> [String; 2] {
        [self.from.clone(), self.to.clone()]
    }

    fn address(
        &self,
        path: &str,
        [from, to]: &[String; 2],
        by: Option<&str>,
        audience: Audience,
    ) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let direction = if self.is_received { "received" } else { "" };
        let audience = match audience {
            Audience::Inside => "",
            Audience::Others => "others",
        };
        let pairs = [
            ("from", from.as_str()),
            ("to", to.as_str()),
            ("by", by.unwrap_or_default()),
            ("direction", direction),
            ("audience", audience),
        ];
        query.extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
        format!("{path}?{}", query.finish())
    }
}

fn both([from, to]: [Option<Date>; 2]) -> Option<[Date; 2]> {
    from.zip(to).map(Into::into)
}

/// A month, as how many there were before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Month(i64);

impl Month {
    /// The one of a time (UTC).
    fn of(at: Timestamp) -> Self {
        Self::parse(&at.date().to_string()).unwrap_or(Self(0))
    }

    /// From what begins with `YYYY-MM`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let mut number = || parts.next()?.parse::<i64>().ok();
        let (year, month) = (number()?, number()?);
        Some(Self(
            year.checked_mul(12)?.checked_add(month)?.checked_sub(1)?,
        ))
    }

    pub(super) const fn plus(self, months: i64) -> Self {
        Self(self.0.saturating_add(months))
    }

    const fn months_since_january(self) -> i64 {
        self.0.rem_euclid(12)
    }

    pub(super) const fn year(self) -> i64 {
        self.0.div_euclid(12)
    }

    /// Its number in the year, from 1.
    pub(super) const fn number(self) -> i64 {
        self.months_since_january().saturating_add(1)
    }

    fn first_day(self) -> String {
        format!("{}-01", self.name())
    }

    /// `YYYY-MM`.
    pub(super) fn name(self) -> String {
        format!("{:04}-{:02}", self.year(), self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_go_over_the_turn_of_a_year() {
        let month = Month::parse("2026-01-31").unwrap();
        assert_eq!(month.name(), "2026-01");
        assert_eq!(month.plus(-1).first_day(), "2025-12-01");
        assert_eq!(month.plus(12).name(), "2027-01");
        assert_eq!(month.plus(11).months_since_january(), 11);
        assert_eq!(Month::parse("soon"), None);
    }
}
