//! A date or time as it is written, compared as the measure compares.
//!
//! Source: Clinical Quality Language 1.5, "Comparing dates and times": from the year downwards, and uncertain where one of the two
//! says less than the other and all before is equal. What is uncertain counts for nobody. A day is the one that is written, in
//! the offset that it carries (the measure takes `date from` it); only what is compared to the instant looks at the offset.

use std::cmp::Ordering;
use std::str::FromStr;

use crate::time::{Date, NotATime, Timestamp};

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    /// The year.
    pub year: u16,
    /// The month, 1 to 12.
    pub month: u8,
    /// The day of the month, from 1.
    pub day: u8,
}

/// A FHIR `date`, `dateTime` or `instant` as it is written: a year, perhaps with its month, its day, its time.
///
/// Ordered by what is written, day first and then instant; what says less comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Written {
    year: u16,
    month: Option<u8>,
    day: Option<u8>,
    instant: Option<Timestamp>,
}

impl Written {
    /// How its day compares to `other`; `None` where it says too little to know.
    #[must_use]
    pub fn compare_day(&self, other: Day) -> Option<Ordering> {
        self.compare_written(&Self::from(other))
    }

    /// Whether it is later than `other`; `None` where one of them says too little to know.
    #[must_use]
    pub fn is_after(&self, other: &Self) -> Option<bool> {
        let order = match (self.instant, other.instant) {
            (Some(own), Some(other)) => own.cmp(&other),
            _ => match self.compare_written(other)? {
                // Of one day, and only one of them says when, or neither does: CQL knows that two days alone are equal.
                Ordering::Equal if self.instant.is_some() != other.instant.is_some() => {
                    return None;
                }
                order => order,
            },
        };
        Some(order == Ordering::Greater)
    }

    /// The first day that it may mean: of a year or a month alone its first one.
    #[must_use]
    pub fn first_day(&self) -> Day {
        Day {
            year: self.year,
            month: self.month.unwrap_or(1),
            day: self.day.unwrap_or(1),
        }
    }

    /// The last day that it may mean: of a year or a month alone its last one.
    #[must_use]
    pub fn last_day(&self) -> Day {
        let month = self.month.unwrap_or(12);
        Day {
            year: self.year,
            month,
            day: self.day.unwrap_or_else(|| days_of(self.year, month)),
        }
    }

    /// Whether it is the first instant of a day as it is written, such as `2027-01-01T00:00:00Z`.
    #[must_use]
    pub fn is_midnight(text: &str) -> bool {
        text.split_once('T').is_some_and(|(_, time)| {
            let clock = time.split(['Z', '+', '-']).next().unwrap_or_default();
            clock.len() >= MINUTES_CHARS
                && clock
                    .chars()
                    .all(|character| matches!(character, '0' | ':' | '.'))
        })
    }

    /// By year, month and day, as far as both are written.
    fn compare_written(&self, other: &Self) -> Option<Ordering> {
        let years = self.year.cmp(&other.year);
        if years.is_ne() {
            return Some(years);
        }
        let months = compare_parts(self.month, other.month)?;
        if months.is_ne() || self.month.is_none() {
            return Some(months);
        }
        compare_parts(self.day, other.day)
    }
}

/// `None` where only one of the two is written.
fn compare_parts(own: Option<u8>, other: Option<u8>) -> Option<Ordering> {
    match (own, other) {
        (Some(own), Some(other)) => Some(own.cmp(&other)),
        (None, None) => Some(Ordering::Equal),
        _ => None,
    }
}

impl From<Day> for Written {
    fn from(day: Day) -> Self {
        Self {
            year: day.year,
            month: Some(day.month),
            day: Some(day.day),
            instant: None,
        }
    }
}

impl Day {
    /// The day before.
    #[must_use]
    pub fn before(self) -> Self {
        if self.day > 1 {
            return Self {
                day: self.day.saturating_sub(1),
                ..self
            };
        }
        let (year, month) = match self.month {
            0 | 1 => (self.year.saturating_sub(1), 12),
            month => (self.year, month.saturating_sub(1)),
        };
        Self {
            year,
            month,
            day: days_of(year, month),
        }
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "{:04}-{:02}-{:02}",
            self.year, self.month, self.day
        )
    }
}

/// How many days a month has (Gregorian calendar).
const fn days_of(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 31,
    }
}

const YEAR_CHARS: usize = 4;
const MONTH_CHARS: usize = 7;
const DAY_CHARS: usize = 10;
const MINUTES_CHARS: usize = 5;

impl FromStr for Written {
    type Err = NotATime;

    /// Reads `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, or a time of RFC 3339. FHIR wants seconds and an offset with a time; where a sender
    /// leaves them out, they are taken to be 0 and UTC.
    fn from_str(text: &str) -> Result<Self, NotATime> {
        let part = |from: usize, to: usize| -> Result<u16, NotATime> {
            let digits = text.get(from..to).ok_or(NotATime)?;
            if digits.bytes().all(|byte| byte.is_ascii_digit()) {
                digits.parse().map_err(|_| NotATime)
            } else {
                Err(NotATime)
            }
        };
        let small = |from, to| u8::try_from(part(from, to)?).map_err(|_| NotATime);
        let year = part(0, YEAR_CHARS)?;
        let mut written = Self {
            year,
            month: None,
            day: None,
            instant: None,
        };
        if text.len() == YEAR_CHARS {
            return Ok(written);
        }
        let month = small(YEAR_CHARS + 1, MONTH_CHARS)?;
        if text.get(YEAR_CHARS..=YEAR_CHARS) != Some("-") || !(1..=12).contains(&month) {
            return Err(NotATime);
        }
        written.month = Some(month);
        if text.len() == MONTH_CHARS {
            return Ok(written);
        }
        let day = text.get(..DAY_CHARS).ok_or(NotATime)?;
        day.parse::<Date>()?;
        written.day = Some(small(MONTH_CHARS + 1, DAY_CHARS)?);
        if text.len() > DAY_CHARS {
            let time = text
                .get(DAY_CHARS..)
                .and_then(|rest| rest.strip_prefix('T'))
                .ok_or(NotATime)?;
            written.instant = Some(instant(day, time)?);
        }
        Ok(written)
    }
}

fn instant(day: &str, time: &str) -> Result<Timestamp, NotATime> {
    let at = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, offset) = time.split_at_checked(at).ok_or(NotATime)?;
    let seconds = if clock.len() == MINUTES_CHARS {
        ":00"
    } else {
        ""
    };
    let offset = if offset.is_empty() { "Z" } else { offset };
    [day, "T", clock, seconds, offset].concat().parse()
}
