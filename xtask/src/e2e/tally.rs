//! How many tests passed, failed and were skipped, read from what the test runners print.

use std::{fmt, ops::AddAssign};

/// Counts of one run, or of several together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Held.
    pub passed: u64,
    /// Did not hold, or did not end.
    pub failed: u64,
    /// Not run here.
    pub skipped: u64,
}

impl Tally {
    /// One check that is a test of its own.
    pub const fn one(passed: bool) -> Self {
        Self {
            passed: passed as u64,
            failed: !passed as u64,
            skipped: 0,
        }
    }

    /// From the summary at the end of what `node --test` writes as TAP; `None` when there is none: it did not get there.
    pub fn from_tap(text: &str) -> Option<Self> {
        let count = |name: &str| -> Option<u64> {
            text.lines()
                .rev()
                .find_map(|line| {
                    line.strip_prefix("# ")?
                        .strip_prefix(name)?
                        .strip_prefix(' ')
                })
                .and_then(|number| number.parse().ok())
        };
        Some(Self {
            passed: count("pass")?,
            failed: count("fail")? + count("cancelled")?,
            skipped: count("skipped")? + count("todo")?,
        })
    }

    /// From a line of `cargo test` such as `test result: ok. 4 passed; 0 failed; 0 ignored; …`; `None` for any other line.
    pub fn from_cargo(line: &str) -> Option<Self> {
        let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let count = |name: &str| -> Option<u64> {
            counts
                .split("; ")
                .find_map(|part| part.strip_suffix(name)?.trim().parse().ok())
        };
        Some(Self {
            passed: count("passed")?,
            failed: count("failed")?,
            skipped: count("ignored")?,
        })
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let Self {
            passed,
            failed,
            skipped,
        } = self;
        write!(
            formatter,
            "{passed} passed, {failed} failed, {skipped} skipped"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn nodes_summary_is_counted_with_what_was_cancelled() {
        let tap = "ok 1 - a\n# tests 9\n# suites 0\n# pass 4\n# fail 1\n# cancelled 1\n# skipped 2\n# todo 1\n# duration_ms 3\n";
        let want = Tally {
            passed: 4,
            failed: 2,
            skipped: 3,
        };
        assert_eq!(Tally::from_tap(tap), Some(want));
    }

    #[test]
    fn a_run_that_was_cut_off_has_no_summary() {
        assert_eq!(Tally::from_tap("ok 1 - a\n"), None);
    }

    #[test]
    fn cargos_result_line_is_counted() {
        let line = "test result: FAILED. 3 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        let want = Tally {
            passed: 3,
            failed: 1,
            skipped: 2,
        };
        assert_eq!(Tally::from_cargo(line), Some(want));
        assert_eq!(Tally::from_cargo("test a ... ok"), None);
    }
}
