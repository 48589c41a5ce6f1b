//! Business time: a clock that runs only on business days of a time zone.
//!
//! A business day is 24 hours of local time on a day that is neither Saturday, Sunday nor a listed holiday. Ours: what
//! starts on a Friday at 15:00 with one business day is due on Monday at 15:00, and what starts on a Saturday is due at
//! the end of Monday.

use jiff::civil::{DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, ToSpan};

use crate::time::{Date, Timestamp};
use crate::time_zone;

/// The most days a walk over the calendar takes before it gives up and counts on by the clock: ten years.
const WALK_DAYS_MAX: u32 = 3_660;

/// Days that do not count, beside weekends, in a time zone.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: TimeZone,
    holidays: Vec<Date>,
}

impl Calendar {
    /// A calendar. An unknown time zone counts as UTC; names are checked where they are set.
    #[must_use]
    pub fn new(time_zone: &str, holidays: &[Date]) -> Self {
        Self {
            zone: time_zone::by_name(time_zone).unwrap_or(TimeZone::UTC),
            holidays: holidays.to_vec(),
        }
    }

    /// The instant at which `business` time has run since `start`.
    #[must_use]
    pub fn add(&self, start: Timestamp, business: SignedDuration) -> Timestamp {
        let mut at = self.zone.to_datetime(start.to_jiff());
        let mut left = business;
        for _ in 0..WALK_DAYS_MAX {
            let Some(tomorrow) = midnight_after(at) else {
                break;
            };
            if self.is_business_day(at.date()) {
                let today = tomorrow.duration_since(at);
                if left <= today {
                    return self.instant(at, left).unwrap_or(start);
                }
                left = left.saturating_sub(today);
            }
            at = tomorrow;
        }
        start.plus(business)
    }

    /// The business time that runs between two instants; nothing when `end` is not after `start`.
    #[must_use]
    pub fn between(&self, start: Timestamp, end: Timestamp) -> SignedDuration {
        let mut at = self.zone.to_datetime(start.to_jiff());
        let stop = self.zone.to_datetime(end.to_jiff());
        let mut run = SignedDuration::ZERO;
        for _ in 0..WALK_DAYS_MAX {
            if at >= stop {
                break;
            }
            let Some(tomorrow) = midnight_after(at) else {
                break;
            };
            let until = tomorrow.min(stop);
            if self.is_business_day(at.date()) {
                run = run.saturating_add(until.duration_since(at));
            }
            at = until;
        }
        run
    }

    fn is_business_day(&self, date: jiff::civil::Date) -> bool {
        !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
            && !self.holidays.contains(&Date::from(date))
    }

    fn instant(&self, from: DateTime, after: SignedDuration) -> Option<Timestamp> {
        let local = from.checked_add(after).ok()?;
        Some(self.zone.to_timestamp(local).ok()?.into())
    }
}

fn midnight_after(at: DateTime) -> Option<DateTime> {
    let day: Span = 1.day();
    Some(
        at.date()
            .checked_add(day)
            .ok()?
            .to_datetime(jiff::civil::Time::midnight()),
    )
}
