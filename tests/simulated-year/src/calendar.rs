//! The simulated year: it begins on a Thursday, 2026-01-01, and everybody keeps UTC.

use domain::time::Timestamp;

/// 2026-01-01T00:00:00Z.
pub const START_MS: i64 = 1_767_225_600_000;
/// An hour.
pub const HOUR_MS: i64 = 3_600_000;
/// A day.
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// The beginning of a day of the year, counted from 0.
#[must_use]
pub const fn day(number: i64) -> i64 {
    START_MS + number * DAY_MS
}

/// Whether this is a Monday to Friday.
#[must_use]
pub const fn is_business_day(ms: i64) -> bool {
    // 1970-01-01 was a Thursday.
    let weekday = (ms.div_euclid(DAY_MS) + 4).rem_euclid(7);
    weekday != 0 && weekday != 6
}

/// The first business day's instant at or after this one, at the same time of day.
#[must_use]
pub fn on_business_day(mut ms: i64) -> i64 {
    while !is_business_day(ms) {
        ms += DAY_MS;
    }
    ms
}

/// As RFC 3339.
#[must_use]
pub fn instant(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| String::new(), |at| at.to_string())
}

/// An instant of an answer; `None` where there is none.
#[must_use]
pub fn parsed(value: &serde_json::Value) -> Option<i64> {
    let at: Timestamp = value.as_str()?.parse().ok()?;
    Some(at.as_millisecond())
}
