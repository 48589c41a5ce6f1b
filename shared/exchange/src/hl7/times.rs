//! Times: `YYYY[MM[DD[HH[MM[SS[.S…]]]]]][+/-ZZZZ]` (HL7 v2 DTM).
//!
//! A time without an offset is the sender's local time: by the offset of MSH-7, which the standard makes the default of the
//! message, else by the sender's time zone, which the caller gives. Where neither is known it is read as UTC, with a warning
//! where it matters; a day that is only a day stays one.

use domain::time::{Date, SignedDuration, Timestamp};
use domain::time_zone::TimeZone;

/// What a time without an offset is read by.
#[derive(Clone, Copy, Default)]
pub struct Clock<'a> {
    /// The offset that MSH-7 has.
    pub offset_minutes: Option<i64>,
    /// The time zone of the sender.
    pub zone: Option<&'a TimeZone>,
}

/// A time as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Its day; nothing where only a year or a month was given.
    pub date: Option<Date>,
    local_ms: Option<i64>,
    offset_minutes: Option<i64>,
}

impl Written {
    /// Reads one; nothing where it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (digits, offset) = match text.find(['+', '-']) {
            Some(at) => (text.get(..at)?, Some(offset_minutes(text.get(at..)?)?)),
            None => (
                text.strip_suffix('Z').unwrap_or(text),
                text.ends_with('Z').then_some(0),
            ),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if !matches!(whole.len(), 4 | 6 | 8 | 10 | 12 | 14)
            || !whole.bytes().all(|byte| byte.is_ascii_digit())
            || !fraction.bytes().all(|byte| byte.is_ascii_digit())
            || (!fraction.is_empty() && whole.len() != 14)
        {
            return None;
        }
        let part = |from: usize, to: usize| {
            whole
                .get(from..to)
                .map(|digits| digits.parse::<i64>().unwrap_or(0))
        };
        let date = match whole.get(..8) {
            Some(day) => Some(date_of(day)?),
            None => None,
        };
        let clock = match (date, part(8, 10)) {
            (Some(date), Some(hours)) => {
                let (minutes, seconds) = (part(10, 12).unwrap_or(0), part(12, 14).unwrap_or(0));
                // 24:00 is none, and a leap second is the one before it.
                if hours > 23 || minutes > 59 || seconds > 60 {
                    return None;
                }
                let millis: i64 = format!("{fraction:0<3}")
                    .get(..3)
                    .and_then(|three| three.parse().ok())
                    .unwrap_or(0);
                let seconds = hours * 3600 + minutes * 60 + seconds.min(59);
                Some(date.start().as_millisecond() + seconds * 1000 + millis)
            }
            _ => None,
        };
        Some(Self {
            date,
            local_ms: clock,
            offset_minutes: offset,
        })
    }

    /// The offset it carries.
    #[must_use]
    pub const fn offset_minutes(self) -> Option<i64> {
        self.offset_minutes
    }

    /// The instant, and whether UTC had to stand in for an unknown zone; nothing where it is a day or less.
    #[must_use]
    pub fn instant(self, clock: Clock<'_>) -> Option<(Timestamp, bool)> {
        let local = self.local_ms?;
        if let Some(minutes) = self.offset_minutes.or(clock.offset_minutes) {
            let at = Timestamp::from_millisecond(local).ok()?;
            return Some((at.plus(-SignedDuration::from_mins(minutes)), false));
        }
        match clock.zone {
            Some(zone) => Some((zone.instant(local), false)),
            None => Some((Timestamp::from_millisecond(local).ok()?, true)),
        }
    }

    /// The instant in RFC 3339 where the zone is known, else the day: how a visit's date is carried.
    #[must_use]
    pub fn day_or_instant(self, clock: Clock<'_>) -> Option<String> {
        match self.instant(clock) {
            Some((at, false)) => Some(at.to_string()),
            _ => self.date.map(|date| date.to_string()),
        }
    }
}

fn offset_minutes(text: &str) -> Option<i64> {
    let (sign, digits) = text.split_at_checked(1)?;
    let digits = digits.replace(':', "");
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let hours: i64 = digits.get(..2)?.parse().ok()?;
    let minutes: i64 = digits.get(2..)?.parse().ok()?;
    if hours > 14 || minutes > 59 {
        return None;
    }
    let all = hours * 60 + minutes;
    Some(if sign == "-" { -all } else { all })
}

fn date_of(day: &str) -> Option<Date> {
    let (year, rest) = day.split_at_checked(4)?;
    let (month, day) = rest.split_at_checked(2)?;
    format!("{year}-{month}-{day}").parse().ok()
}

/// An instant as it is written: to the second, or the millisecond where it has any, in UTC and with its offset.
#[must_use]
pub fn written(at: Timestamp) -> String {
    let text = at.to_string();
    let digits: String = text
        .chars()
        .filter(|letter| letter.is_ascii_digit() || *letter == '.')
        .collect();
    format!("{digits}+0000")
}

/// A day as it is written.
#[must_use]
pub fn written_day(date: Date) -> String {
    date.to_string().replace('-', "")
}
