//! When a delivery is tried again.
//!
//! Source of the waits: the schedule that Standard Webhooks 1.0.0 suggests, which spans 75.6 hours. `Retry-After` (RFC 9110, section 10.2.3)
//! is honoured where it asks for longer.

use std::time::UNIX_EPOCH;

/// The waits after the first try, the second, …, in seconds: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
pub const RETRY_SECONDS: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// How often a delivery is tried before it is a dead letter: once, and once after each wait.
pub const ATTEMPTS_MAX: usize = RETRY_SECONDS.len() + 1;

/// The longest wait that `Retry-After` may ask for: that of the schedule's last step.
const RETRY_AFTER_SECONDS_MAX: i64 = 86_400;

/// How much of a wait chance may add, so that what failed together does not come back together: a fifth.
const JITTER_DIVISOR: i64 = 5;

/// When a delivery that has failed `attempts` times is tried again, in milliseconds since the Unix epoch; `None` when it was
/// the last try. `chance` is any number.
#[must_use]
pub fn next_try(
    attempts: usize,
    retry_after: Option<&str>,
    now_milliseconds: i64,
    chance: u16,
) -> Option<i64> {
    let scheduled = *RETRY_SECONDS.get(attempts.checked_sub(1)?)?;
    let asked = retry_after
        .and_then(|text| retry_after_seconds(text, now_milliseconds))
        .unwrap_or(0)
        .clamp(0, RETRY_AFTER_SECONDS_MAX);
    let wait_ms = scheduled.max(asked).saturating_mul(1_000);
    let jitter_ms = wait_ms
        .saturating_mul(i64::from(chance))
        .checked_div(i64::from(u16::MAX).saturating_mul(JITTER_DIVISOR))
        .unwrap_or(0);
    Some(
        now_milliseconds
            .saturating_add(wait_ms)
            .saturating_add(jitter_ms),
    )
}

/// The seconds that a `Retry-After` asks for: a number, or until an HTTP date.
fn retry_after_seconds(text: &str, now_milliseconds: i64) -> Option<i64> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(seconds);
    }
    let date = httpdate::parse_http_date(text.trim()).ok()?;
    let until = date.duration_since(UNIX_EPOCH).ok()?.as_secs();
    Some(
        i64::try_from(until)
            .ok()?
            .saturating_sub(now_milliseconds / 1_000),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_445_412_480_000;

    fn wait(attempts: usize, retry_after: Option<&str>, chance: u16) -> Option<i64> {
        next_try(attempts, retry_after, NOW, chance).map(|at| (at - NOW) / 1_000)
    }

    #[test]
    fn a_delivery_is_tried_ten_times_over_three_days() {
        let waits: Vec<_> = (1..=ATTEMPTS_MAX)
            .map(|attempts| wait(attempts, None, 0))
            .collect();
        assert_eq!(waits.first(), Some(&Some(5)));
        assert_eq!(waits.last(), Some(&None));
        let whole: i64 = waits.into_iter().flatten().sum();
        assert_eq!(whole, 272_105);
    }

    #[test]
    fn chance_adds_up_to_a_fifth() {
        assert_eq!(wait(2, None, 0), Some(300));
        assert_eq!(wait(2, None, u16::MAX), Some(360));
    }

    #[test]
    fn a_receiver_may_ask_for_more_time_up_to_a_day() {
        assert_eq!(wait(1, Some("120"), 0), Some(120));
        assert_eq!(wait(2, Some("120"), 0), Some(300), "not for less");
        assert_eq!(wait(1, Some("99999999"), 0), Some(86_400));
        assert_eq!(wait(1, Some("-5"), 0), Some(5));
        assert_eq!(wait(1, Some("soon"), 0), Some(5));
        assert_eq!(wait(1, Some("Wed, 21 Oct 2015 07:30:00 GMT"), 0), Some(120));
    }
}
