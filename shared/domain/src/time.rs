//! Instants, days and stretches of time as the rules and the wire use them: whole milliseconds, whole days.
//!
//! Reading and writing them is chrono's; what cannot be read is an error without a text. A library that works with time
//! zones throughout costs a function a tenth of its size (jiff: 60 kB gzipped, measured), and only limits need a zone.

use std::fmt;
use std::ops::Neg;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, SecondsFormat};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Milliseconds of a day.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// The last instant that RFC 3339 can write.
const LAST_MS: i64 = 253_402_300_799_999;

/// The first one after the year 0.
const FIRST_MS: i64 = -62_135_596_800_000;

/// What was given is no time, or one that no calendar has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a time")]
pub struct NotATime;

/// A stretch of time, in whole milliseconds; negative for backwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SignedDuration(i64);

impl SignedDuration {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// So many hours.
    #[must_use]
    pub const fn from_hours(hours: i64) -> Self {
        Self(hours.saturating_mul(3_600_000))
    }

    /// So many minutes.
    #[must_use]
    pub const fn from_mins(minutes: i64) -> Self {
        Self(minutes.saturating_mul(60_000))
    }

    /// So many seconds.
    #[must_use]
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000))
    }

    /// So many milliseconds.
    #[must_use]
    pub const fn from_millis(milliseconds: i64) -> Self {
        Self(milliseconds)
    }

    /// Whole seconds.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0 / 1_000
    }

    /// Milliseconds.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Both together.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// This without the other.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for SignedDuration {
    type Output = Self;

    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

/// An instant in UTC, in whole milliseconds since the Unix epoch, between the years 1 and 9999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The last instant that there is.
    pub const MAX: Self = Self(LAST_MS);

    /// The instant so many milliseconds after the Unix epoch.
    ///
    /// # Errors
    /// [`NotATime`] beyond the years 1 to 9999.
    pub fn from_millisecond(unix_milliseconds: i64) -> Result<Self, NotATime> {
        if (FIRST_MS..=LAST_MS).contains(&unix_milliseconds) {
            Ok(Self(unix_milliseconds))
        } else {
            Err(NotATime)
        }
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn as_millisecond(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch.
    #[must_use]
    pub const fn as_second(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// The time from `earlier` to this.
    #[must_use]
    pub const fn duration_since(self, earlier: Self) -> SignedDuration {
        SignedDuration(self.0.saturating_sub(earlier.0))
    }

    /// So much later; the first or the last instant that there is where that is beyond it.
    #[must_use]
    pub fn plus(self, time: SignedDuration) -> Self {
        Self(self.0.saturating_add(time.0).clamp(FIRST_MS, LAST_MS))
    }

    /// The day in UTC.
    #[must_use]
    pub const fn date(self) -> Date {
        Date(self.0.div_euclid(DAY_MS))
    }
}

impl FromStr for Timestamp {
    type Err = NotATime;

    /// Reads RFC 3339; what is finer than a millisecond is dropped.
    fn from_str(text: &str) -> Result<Self, NotATime> {
        let instant = DateTime::parse_from_rfc3339(text).map_err(|_| NotATime)?;
        Self::from_millisecond(instant.timestamp_millis())
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = DateTime::from_timestamp_millis(self.0).unwrap_or_default();
        formatter.write_str(&instant.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// A day of the calendar, counted from 1 January 1970.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i64);

impl Date {
    /// The day so many days after 1 January 1970.
    pub(crate) const fn from_epoch_days(days: i64) -> Self {
        Self(days)
    }

    /// Whole days from `earlier` to this; negative when it is later.
    #[must_use]
    pub const fn days_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The instant at which the day begins in UTC.
    #[must_use]
    pub fn start(self) -> Timestamp {
        Timestamp(self.0.saturating_mul(DAY_MS).clamp(FIRST_MS, LAST_MS))
    }
}

impl FromStr for Date {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| NotATime)?;
        Ok(Self(i64::from(day.to_epoch_days())))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = i32::try_from(self.0).unwrap_or_default();
        let day = NaiveDate::from_epoch_days(days).unwrap_or_default();
        fmt::Display::fmt(&day, formatter)
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

macro_rules! as_text {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

as_text!(Timestamp);
as_text!(Date);
