//! IANA time zones by name, each as the rule that holds from now on.
//!
//! A limit is worked out from today on, so the zone's present rule (the POSIX TZ string at the end of its TZif file, RFC
//! 9636, 3.3) is enough, and the whole list costs 5 kB of a function where the database costs 105. Not followed: changes
//! that a government lists beside the rule (the hour of Ramadan in Morocco, Western Sahara, Gaza and Hebron; Cuba's of
//! 2026). A test holds every rule to the database for the next ten years.

use chrono::{Datelike, NaiveDate};

use crate::time::{DAY_MS, Timestamp};

/// A name and its rule on each line, sorted by name. From the time zone database 2026f.
const TIME_ZONES: &str = include_str!("time_zones.txt");

/// Every known name, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    TIME_ZONES
        .lines()
        .filter_map(|line| Some(line.split_once(' ')?.0))
}

/// Whether there is a time zone of this name.
#[must_use]
pub fn is_known(name: &str) -> bool {
    names().any(|known| known == name)
}

/// The time zone of this name.
#[must_use]
pub fn by_name(name: &str) -> Option<TimeZone> {
    let (_, rule) = TIME_ZONES
        .lines()
        .filter_map(|line| line.split_once(' '))
        .find(|(known, _)| *known == name)?;
    TimeZone::parse(rule)
}

/// The offset of a place from UTC through the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeZone {
    /// Milliseconds east of UTC in standard time.
    standard_ms: i64,
    summer: Option<Summer>,
}

/// Another offset between two days of the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Summer {
    offset_ms: i64,
    from: Change,
    until: Change,
}

/// A change of the clocks: the `week`-th `weekday` (0 is Sunday; the fifth is the last) of `month`, so long after midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Change {
    month: u32,
    week: i64,
    weekday: i64,
    after_ms: i64,
}

impl TimeZone {
    /// The time of no place.
    pub const UTC: Self = Self {
        standard_ms: 0,
        summer: None,
    };

    /// Reads a POSIX TZ string with changes in the form `Mm.w.d`, the only one that the database uses.
    fn parse(rule: &str) -> Option<Self> {
        let mut parts = rule.split(',');
        let (standard_ms, rest) = offset(after_name(parts.next()?)?)?;
        if rest.is_empty() {
            return Some(Self {
                standard_ms,
                summer: None,
            });
        }
        let rest = after_name(rest)?;
        let offset_ms = match rest {
            "" => standard_ms + HOUR_MS,
            given => offset(given)?.0,
        };
        Some(Self {
            standard_ms,
            summer: Some(Summer {
                offset_ms,
                from: Change::parse(parts.next()?)?,
                until: Change::parse(parts.next()?)?,
            }),
        })
    }

    /// Milliseconds east of UTC at an instant.
    #[must_use]
    pub fn offset_ms(&self, at: Timestamp) -> i64 {
        let at_ms = at.as_millisecond();
        let Some(summer) = &self.summer else {
            return self.standard_ms;
        };
        let local_day = (at_ms + self.standard_ms).div_euclid(DAY_MS);
        let year = i32::try_from(local_day)
            .ok()
            .and_then(NaiveDate::from_epoch_days)
            .map_or(1970, |day| day.year());
        let from = summer.from.local_ms(year) - self.standard_ms;
        let until = summer.until.local_ms(year) - summer.offset_ms;
        let is_summer = if from < until {
            (from..until).contains(&at_ms)
        } else {
            !(until..from).contains(&at_ms)
        };
        if is_summer {
            summer.offset_ms
        } else {
            self.standard_ms
        }
    }

    /// Milliseconds since 1970 as the clocks of the place show them.
    #[must_use]
    pub fn local_ms(&self, at: Timestamp) -> i64 {
        at.as_millisecond() + self.offset_ms(at)
    }

    /// The instant at which the clocks show `local_ms`: the earlier one where they show it twice, the time that they skip
    /// counted on where they never do.
    #[must_use]
    pub fn instant(&self, local_ms: i64) -> Timestamp {
        let with = |offset_ms: i64| {
            Timestamp::from_millisecond(local_ms - offset_ms).unwrap_or(Timestamp::MAX)
        };
        let offsets = [
            self.summer
                .map_or(self.standard_ms, |summer| summer.offset_ms),
            self.standard_ms,
        ];
        offsets
            .into_iter()
            .map(|offset_ms| (offset_ms, with(offset_ms)))
            .filter(|(offset_ms, at)| self.offset_ms(*at) == *offset_ms)
            .map(|(_, at)| at)
            .min()
            .unwrap_or_else(|| with(self.standard_ms))
    }
}

const HOUR_MS: i64 = 3_600_000;

/// What follows the abbreviation: letters, or anything between `<` and `>`.
fn after_name(text: &str) -> Option<&str> {
    match text.strip_prefix('<') {
        Some(quoted) => Some(quoted.split_once('>')?.1),
        None => Some(text.trim_start_matches(|c: char| c.is_ascii_alphabetic())),
    }
}

/// An offset, which POSIX counts west of UTC, as milliseconds east, and what follows it.
fn offset(text: &str) -> Option<(i64, &str)> {
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '-' | '+')))
        .unwrap_or(text.len());
    let (time, rest) = text.split_at_checked(end)?;
    Some((-clock(time)?, rest))
}

/// `h`, `h:m` or `h:m:s` with a sign, in milliseconds.
fn clock(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut ms = 0;
    for (part, unit_ms) in digits.split(':').zip([HOUR_MS, 60_000, 1_000]) {
        ms += part.parse::<i64>().ok()? * unit_ms;
    }
    Some(sign * ms)
}

impl Change {
    fn parse(text: &str) -> Option<Self> {
        let (day, time) = match text.split_once('/') {
            Some((day, time)) => (day, clock(time)?),
            None => (text, 2 * HOUR_MS),
        };
        let mut numbers = day.strip_prefix('M')?.split('.');
        Some(Self {
            month: numbers.next()?.parse().ok()?,
            week: numbers.next()?.parse().ok()?,
            weekday: numbers.next()?.parse().ok()?,
            after_ms: time,
        })
    }

    /// When it is, as the clocks show it just before.
    fn local_ms(&self, year: i32) -> i64 {
        let first_of = |year, month| {
            NaiveDate::from_ymd_opt(year, month, 1).map_or(0, |day| i64::from(day.to_epoch_days()))
        };
        let first = first_of(year, self.month);
        let next = if self.month == 12 {
            first_of(year + 1, 1)
        } else {
            first_of(year, self.month + 1)
        };
        let mut day = first + (self.weekday - weekday(first)).rem_euclid(7) + 7 * (self.week - 1);
        while day >= next {
            day -= 7;
        }
        day * DAY_MS + self.after_ms
    }
}

/// The day of the week of a day since 1970; 0 is Sunday.
pub(crate) const fn weekday(epoch_days: i64) -> i64 {
    (epoch_days + 4).rem_euclid(7)
}
