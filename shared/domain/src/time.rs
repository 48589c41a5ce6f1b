//! Instants and days as the rules and the wire use them.
//!
//! Thin types around jiff's: an instant is a whole number of milliseconds, as it is stored, and what cannot be read is an
//! error without a text. (jiff's own texts would add a twelfth to the size of a function, and none of them reaches a caller.)

use std::fmt;
use std::str::FromStr;

use jiff::SignedDuration;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What was given is no time, or one that no calendar has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a time")]
pub struct NotATime;

/// An instant in UTC, in whole milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// The last instant that there is.
    pub const MAX: Self = Self(jiff::Timestamp::MAX);

    /// The instant so many milliseconds after the Unix epoch.
    ///
    /// # Errors
    /// [`NotATime`] beyond the year 9999.
    pub fn from_millisecond(unix_milliseconds: i64) -> Result<Self, NotATime> {
        jiff::Timestamp::from_millisecond(unix_milliseconds)
            .map(Self)
            .map_err(|_| NotATime)
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub fn as_millisecond(self) -> i64 {
        self.0.as_millisecond()
    }

    /// Whole seconds since the Unix epoch.
    #[must_use]
    pub fn as_second(self) -> i64 {
        self.0.as_second()
    }

    /// The time from `earlier` to this.
    #[must_use]
    pub fn duration_since(self, earlier: Self) -> SignedDuration {
        self.0.duration_since(earlier.0)
    }

    /// So much later, or the last instant that there is.
    #[must_use]
    pub fn plus(self, time: SignedDuration) -> Self {
        self.0.checked_add(time).map_or(Self::MAX, Self)
    }

    /// The day in UTC.
    #[must_use]
    pub fn date(self) -> Date {
        Date(TimeZone::UTC.to_datetime(self.0).date())
    }

    /// As jiff's, for calendars.
    #[must_use]
    pub const fn to_jiff(self) -> jiff::Timestamp {
        self.0
    }
}

impl From<jiff::Timestamp> for Timestamp {
    /// Drops what is finer than a millisecond.
    fn from(instant: jiff::Timestamp) -> Self {
        Self::from_millisecond(instant.as_millisecond()).unwrap_or(Self::MAX)
    }
}

impl FromStr for Timestamp {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        let instant: jiff::Timestamp = text.parse().map_err(|_| NotATime)?;
        Ok(Self::from(instant))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// A day of the calendar.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(jiff::civil::Date);

impl Date {
    /// Whole days from `earlier` to this; negative when it is later.
    #[must_use]
    pub fn days_since(self, earlier: Self) -> i64 {
        self.0.duration_since(earlier.0).as_hours() / 24
    }

    /// The instant at which the day begins in UTC.
    #[must_use]
    pub fn start(self) -> Timestamp {
        let midnight = self.0.to_datetime(Time::midnight());
        TimeZone::UTC
            .to_timestamp(midnight)
            .map_or(Timestamp::MAX, Timestamp::from)
    }

    /// As jiff's, for calendars.
    #[must_use]
    pub const fn to_jiff(self) -> jiff::civil::Date {
        self.0
    }
}

impl From<jiff::civil::Date> for Date {
    fn from(day: jiff::civil::Date) -> Self {
        Self(day)
    }
}

impl FromStr for Date {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        text.parse().map(Self).map_err(|_| NotATime)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
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
