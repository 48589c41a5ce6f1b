//! IANA time zones by name, each as the rule that holds from now on.
//!
//! A limit is worked out from today on, so the zone's present rule (the POSIX TZ string at the end of its TZif file, RFC
//! 9636, 3.3) is enough, and the whole list costs 5 kB of a function where the database costs 105. Not followed: changes
//! that a government lists beside the rule (the hour of Ramadan in Morocco, Western Sahara, Gaza and Hebron; Cuba's of
//! 2026).

use jiff::tz::TimeZone;

/// A name and its rule on each line, sorted by name. From the time zone database 2026.
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
    TimeZone::posix(rule).ok()
}
