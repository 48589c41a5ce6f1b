//! A range of time, as date parameters narrow it.
//!
//! Source: FHIR R4, "Search", 3.1.1.4.5 Prefixes and 3.1.1.4.7 date. A day is UTC's: ours, because instants are stored so.

use domain::time::{Date, Timestamp};

/// A day without leap seconds, as Unix time has it.
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Later than any time.
const NEVER_MS: i64 = (1 << 53) - 1;

/// A range of time in milliseconds, both ends in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) from: i64,
    pub(super) until: i64,
}

impl Range {
    pub(super) const ALWAYS: Self = Self {
        from: 0,
        until: NEVER_MS,
    };

    /// What a parameter leaves of the range: a prefix and a date or an instant.
    pub(super) fn narrow(&mut self, text: &str) -> Option<()> {
        let is_prefixed = text.starts_with(|letter: char| letter.is_ascii_lowercase());
        let (prefix, value) = if is_prefixed {
            text.split_at_checked(2)?
        } else {
            ("eq", text)
        };
        let (first, last) = match value.parse::<Date>() {
            Ok(_) => {
                let start: Timestamp = format!("{value}T00:00:00Z").parse().ok()?;
                let start = start.as_millisecond();
                (start, start + DAY_MS - 1)
            }
            // A `+` that was not encoded arrives as a space.
            Err(_) => {
                let instant: Timestamp = value.replace(' ', "+").parse().ok()?;
                (instant.as_millisecond(), instant.as_millisecond())
            }
        };
        let (from, until) = match prefix {
            "eq" => (first, last),
            "gt" => (last + 1, NEVER_MS),
            "ge" => (first, NEVER_MS),
            "lt" => (0, first - 1),
            "le" => (0, last),
            _ => return None,
        };
        self.from = self.from.max(from);
        self.until = self.until.min(until);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_narrows_with_each_bound() {
        let mut range = Range::ALWAYS;
        range.narrow("ge2026-03-02").unwrap();
        range.narrow("lt2026-03-03").unwrap();
        assert_eq!(range.until - range.from, DAY_MS - 1);
        let mut day = Range::ALWAYS;
        day.narrow("2026-03-02").unwrap();
        assert_eq!(day, range);
        let mut after = Range::ALWAYS;
        after.narrow("gt2026-03-02T09:00:00Z").unwrap();
        assert_eq!(after.from, 1_772_442_000_001);
        for bad in ["", "x", "ne2026-03-02", "gt", "ge2026"] {
            assert!(Range::ALWAYS.clone().narrow(bad).is_none(), "{bad}");
        }
    }
}
