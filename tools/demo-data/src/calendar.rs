//! Times as the interface writes them.

use domain::time::Timestamp;

/// Milliseconds of an hour.
pub const HOUR_MS: i64 = 60 * 60 * 1000;
/// Milliseconds of a day.
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// An instant.
pub fn instant(at_ms: i64) -> String {
    Timestamp::from_millisecond(at_ms).map_or_else(|_| String::new(), |at| at.to_string())
}

/// The day of an instant (UTC).
pub fn day(at_ms: i64) -> String {
    Timestamp::from_millisecond(at_ms).map_or_else(|_| String::new(), |at| at.date().to_string())
}
