//! The list of time zones is the database's, and each rule gives the offsets that the database gives.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that fails says where"
)]

use domain::calendar::Calendar;
use domain::time::SignedDuration;
use domain::time::Timestamp;
use domain::time_zone;
use jiff::tz::TimeZone;

/// Where the database lists changes beside the rule: around Ramadan, and Cuba's until March 2027.
const MORE_THAN_A_RULE: &[&str] = &[
    "Africa/Casablanca",
    "Africa/El_Aaiun",
    "America/Havana",
    "Asia/Gaza",
    "Asia/Hebron",
    "Cuba",
];

#[test]
fn every_rule_gives_the_offsets_of_the_database() {
    let names: Vec<_> = time_zone::names().collect();
    assert!(names.len() > 590);
    assert!(names.is_sorted_by(|a, b| a < b));
    for name in names.iter().filter(|name| !MORE_THAN_A_RULE.contains(name)) {
        let (ours, known) = (
            time_zone::by_name(name).unwrap(),
            TimeZone::get(name).unwrap(),
        );
        let mut at: Timestamp = "2026-11-24T00:00:00Z".parse().unwrap();
        for _ in 0..1_500 {
            let instant = jiff::Timestamp::from_millisecond(at.as_millisecond()).unwrap();
            let known_ms = i64::from(known.to_offset(instant).seconds()) * 1_000;
            assert_eq!(ours.offset_ms(at), known_ms, "{name} at {at}");
            // An hour that the clocks show twice is the earlier one.
            let again = ours.instant(ours.local_ms(at));
            assert_eq!(ours.local_ms(again), ours.local_ms(at), "{name} at {at}");
            assert!(again <= at, "{name} at {at}");
            at = at.plus(SignedDuration::from_hours(61));
        }
    }
}

#[test]
fn what_is_no_time_zone_is_unknown() {
    for name in [
        "",
        "Chicago",
        "america/chicago",
        "America/Chicago CST6CDT,M3.2.0,M11.1.0",
        "CST6CDT,M3.2.0,M11.1.0",
    ] {
        assert!(!time_zone::is_known(name), "{name}");
        assert!(time_zone::by_name(name).is_none(), "{name}");
    }
}

#[track_caller]
fn due(zone: &str, start: &str, business_days: i64, want: &str) {
    let holidays = ["2026-12-25".parse().unwrap()];
    let calendar = Calendar::new(zone, &holidays);
    let start: Timestamp = start.parse().unwrap();
    let due = calendar.add(start, SignedDuration::from_hours(24 * business_days));
    assert_eq!(due.to_string(), want);
    let between = calendar.between(start, due);
    assert_eq!(between, SignedDuration::from_hours(24 * business_days));
}

#[test]
fn business_days_pass_over_weekends_and_holidays() {
    // A Friday afternoon and one business day: Monday afternoon.
    due("UTC", "2026-03-06T15:00:00Z", 1, "2026-03-09T15:00:00Z");
    // A Saturday: the clock starts on Monday.
    due("UTC", "2026-03-07T10:00:00Z", 1, "2026-03-10T00:00:00Z");
    // Thursday the 24th, over Christmas and the weekend.
    due("UTC", "2026-12-24T12:00:00Z", 1, "2026-12-28T12:00:00Z");
    due("UTC", "2026-12-23T12:00:00Z", 5, "2026-12-31T12:00:00Z");
}

#[test]
fn business_days_are_days_of_the_zone() {
    // Friday 22:00 in Chicago is Saturday in UTC: Monday 22:00 local.
    due(
        "America/Chicago",
        "2026-03-07T04:00:00Z",
        1,
        "2026-03-10T03:00:00Z",
    );
    // Over the change to daylight saving time (8 March 2026) the local time of day stays.
    due(
        "America/New_York",
        "2026-03-06T20:00:00Z",
        1,
        "2026-03-09T19:00:00Z",
    );
}
