//! Business time: a clock that runs only on business days of a time zone.
//!
//! A business day is 24 hours of local time on a day that is neither Saturday, Sunday nor a listed holiday. Ours: what
//! starts on a Friday at 15:00 with one business day is due on Monday at 15:00, and what starts on a Saturday is due at
//! the end of Monday.

use crate::policy::{Allowed, Policy};
use crate::time::{DAY_MS, Date, SignedDuration, Timestamp};
use crate::time_zone::{self, TimeZone, weekday};

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

    /// The calendar of a policy.
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        Self::new(policy.zone(), &policy.holidays)
    }

    /// The instant at which `business` time has run since `start`.
    #[must_use]
    pub fn add(&self, start: Timestamp, business: SignedDuration) -> Timestamp {
        let mut local_ms = self.zone.local_ms(start);
        let mut left_ms = business.as_millis();
        for _ in 0..WALK_DAYS_MAX {
            let tomorrow_ms = midnight_after(local_ms);
            if self.is_business_day(local_ms) {
                let today_ms = tomorrow_ms - local_ms;
                if left_ms <= today_ms {
                    return self.zone.instant(local_ms + left_ms);
                }
                left_ms -= today_ms;
            }
            local_ms = tomorrow_ms;
        }
        start.plus(business)
    }

    /// The instant at which `allowed` has run since `start`.
    #[must_use]
    pub fn after(&self, start: Timestamp, allowed: Allowed) -> Timestamp {
        let hours = |hours: u32| SignedDuration::from_hours(i64::from(hours));
        match allowed {
            Allowed::Hours(count) => start.plus(hours(count)),
            Allowed::Days(count) => start.plus(hours(count.saturating_mul(24))),
            Allowed::BusinessDays(count) => self.add(start, hours(count.saturating_mul(24))),
        }
    }

    /// The business time that runs between two instants; nothing when `end` is not after `start`.
    #[must_use]
    pub fn between(&self, start: Timestamp, end: Timestamp) -> SignedDuration {
        let mut local_ms = self.zone.local_ms(start);
        let stop_ms = self.zone.local_ms(end);
        let mut run_ms = 0;
        for _ in 0..WALK_DAYS_MAX {
            if local_ms >= stop_ms {
                break;
            }
            let until_ms = midnight_after(local_ms).min(stop_ms);
            if self.is_business_day(local_ms) {
                run_ms += until_ms - local_ms;
            }
            local_ms = until_ms;
        }
        SignedDuration::from_millis(run_ms)
    }

    fn is_business_day(&self, local_ms: i64) -> bool {
        let days = local_ms.div_euclid(DAY_MS);
        let is_weekend = matches!(weekday(days), 0 | 6);
        !is_weekend && !self.holidays.contains(&Date::from_epoch_days(days))
    }
}

/// The beginning of the next day.
const fn midnight_after(local_ms: i64) -> i64 {
    (local_ms.div_euclid(DAY_MS) + 1) * DAY_MS
}
