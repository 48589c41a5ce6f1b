//! Which referrals are measured: of which side, from when to when, by what they are grouped.

use domain::time::{Date, Timestamp};
use ports::{Row, Statement, Value as Sql};

use super::sql;
use crate::call::Call;
use crate::http::{Fault, Problem};

/// By what measures are grouped.
pub(in crate::worklist) const GROUPS: &[&str] = &["specialty", "urgency", "recipient", "month"];

/// Characters of `YYYY-MM`.
const MONTH_CHARS: usize = 7;

/// After every month that can be written.
const NO_MONTH: &str = "~";

/// Far enough for any date, and exact as a JavaScript number.
const EVER_MS: i64 = 1 << 52;

/// A range of days, its grouping and its side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    from_ms: i64,
    to_ms: i64,
    /// By what is grouped, if by anything.
    pub(super) by: Option<&'static str>,
    received: bool,
}

/// How many sums are read at once. One may hold some 1,700 counters, each wait that is told apart and each code, in 30 kB; in fact a
/// tenth of it.
pub(super) const SUMS_A_TRIP: usize = 2_000;

/// Where a sum stands among those of a side: month, other side, specialty, urgency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place([String; 4]);

impl Place {
    /// That of a row.
    pub(super) fn of(row: &Row) -> Self {
        let columns = ["month", "other", "specialty", "urgency"];
        Self(columns.map(|column| row.text(column).unwrap_or_default().to_owned()))
    }
}

/// The whole months of a range and the parts of months at its ends.
#[derive(Debug, PartialEq, Eq)]
struct Parts {
    /// From the first one to before the second one.
    months: [String; 2],
    /// From the first to before the second instant; empty where a range begins or ends with a month.
    days: [(i64, i64); 2],
}

impl Range {
    /// What the call asks for; of all days where it names none.
    ///
    /// # Errors
    /// [`Problem::Invalid`] with every parameter that is wrong.
    pub(super) fn of<P>(call: &Call<P>, days: Option<[Date; 2]>) -> Result<Self, Problem> {
        let mut faults = Vec::new();
        // A form sends what nobody chose as empty.
        let given = |name: &str| call.query(name).filter(|given| !given.is_empty());
        let mut day = |name: &'static str, otherwise: i64| match given(name) {
            None => otherwise,
            Some(text) => text.parse::<Date>().map_or_else(
                |_| {
                    faults.push(Fault::query(
                        name,
                        "not-a-date",
                        "must be a day, YYYY-MM-DD",
                    ));
                    otherwise
                },
                |day| day.start().as_millisecond(),
            ),
        };
        let (from_ms, to_ms) = match days {
            Some(days) => days.map(|day| day.start().as_millisecond()).into(),
            None => (day("from", 0), day("to", EVER_MS)),
        };
        let both_are_given = ["from", "to"].iter().all(|name| given(name).is_some());
        if both_are_given && from_ms > to_ms {
            faults.push(Fault::query("to", "before-from", "must not be before from"));
        }
        let by = given("by").map(|by| GROUPS.iter().find(|group| **group == by).copied());
        if by == Some(None) {
            let rule = format!("must be one of: {}", GROUPS.join(", "));
            faults.push(Fault::query("by", "unknown-code", rule));
        }
        let direction = given("direction");
        if !matches!(direction, None | Some("sent" | "received")) {
            let rule = "must be sent or received";
            faults.push(Fault::query("direction", "unknown-code", rule));
        }
        Problem::unless_empty(faults)?;
        Ok(Self {
            from_ms,
            to_ms,
            by: by.flatten(),
            received: direction == Some("received"),
        })
    }

    /// Reads the next sums of the whole months: from the first one on, or after a place.
    pub(super) fn sums(&self, key_hash: &str, after: Option<&Place>) -> Statement {
        let sql = if self.received {
            sql::SUMS_RECEIVED
        } else {
            sql::SUMS_SENT
        };
        let Parts {
            months: [first, end],
            ..
        } = self.parts();
        // No urgency is empty: nothing is at the beginning of a month itself.
        let beginning = Place([first, String::new(), String::new(), String::new()]);
        let Place(after) = after.unwrap_or(&beginning).clone();
        let mut parameters: Vec<Sql> = vec![key_hash.into()];
        parameters.extend(after.map(Sql::from));
        parameters.push(end.into());
        parameters.push(i64::try_from(SUMS_A_TRIP).unwrap_or(i64::MAX).into());
        Statement { sql, parameters }
    }

    /// Reads the sums of the parts of months, of which there are at most two.
    pub(super) fn parts_of_months(&self, key_hash: &str) -> Vec<Statement> {
        let sql = if self.received {
            sql::PART_RECEIVED
        } else {
            sql::PART_SENT
        };
        let days = self.parts().days.into_iter().filter(|(from, to)| from < to);
        days.map(|(from, to)| Statement::new(sql, [key_hash.into(), from.into(), to.into()]))
            .collect()
    }

    /// Reads what is not in the sums yet.
    pub(super) fn uncounted(&self, key_hash: &str) -> Statement {
        let sql = if self.received {
            sql::UNCOUNTED_RECEIVED
        } else {
            sql::UNCOUNTED_SENT
        };
        let parameters = [key_hash.into(), self.from_ms.into(), self.to_ms.into()];
        Statement::new(sql, parameters)
    }

    fn parts(&self) -> Parts {
        let nothing = (0, 0);
        if self.from_ms >= self.to_ms {
            return Parts {
                months: [NO_MONTH.to_owned(), String::new()],
                days: [nothing; 2],
            };
        }
        // The first whole month begins where the range does or with the month after; without a beginning there is no part.
        let (first, head_ends) = match month_start_from(self.from_ms) {
            Some((month, starts)) if self.from_ms > 0 => (month, starts),
            Some(_) => (String::new(), self.from_ms),
            None => (NO_MONTH.to_owned(), self.to_ms),
        };
        // The last part begins with the month in which the range ends; without an end there is none.
        let (end, tail_begins) = if self.to_ms >= EVER_MS {
            (NO_MONTH.to_owned(), self.to_ms)
        } else {
            month_of(self.to_ms).unwrap_or((NO_MONTH.to_owned(), self.to_ms))
        };
        if head_ends > tail_begins {
            // Within one month.
            return Parts {
                months: [NO_MONTH.to_owned(), String::new()],
                days: [(self.from_ms, self.to_ms), nothing],
            };
        }
        Parts {
            months: [first, end],
            days: [(self.from_ms, head_ends), (tail_begins, self.to_ms)],
        }
    }
}

/// The month of an instant, and when it began.
fn month_of(at_ms: i64) -> Option<(String, i64)> {
    let day = Timestamp::from_millisecond(at_ms).ok()?.date();
    let month: String = day.to_string().chars().take(MONTH_CHARS).collect();
    let starts = [month.as_str(), "-01"].concat().parse::<Date>().ok()?;
    Some((month, starts.start().as_millisecond()))
}

/// The first month that begins at an instant or after it, and when it does.
fn month_start_from(at_ms: i64) -> Option<(String, i64)> {
    /// More days than a month has, and fewer than two have.
    const INTO_THE_NEXT_MS: i64 = 32 * 86_400_000;
    let (month, starts) = month_of(at_ms)?;
    if starts == at_ms {
        return Some((month, starts));
    }
    month_of(starts.saturating_add(INTO_THE_NEXT_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(from: &str, to: &str, months: [&str; 2], days: [[&str; 2]; 2]) {
        let ms = |day: &str| day.parse::<Date>().unwrap().start().as_millisecond();
        let range = Range {
            from_ms: ms(from),
            to_ms: ms(to),
            by: None,
            received: false,
        };
        let parts = range.parts();
        assert_eq!(parts.months, months);
        let shown = parts
            .days
            .map(|(from, to)| if from == to { [0; 2] } else { [from, to] });
        let wanted = days.map(|days| {
            if days[0].is_empty() {
                [0; 2]
            } else {
                days.map(ms)
            }
        });
        assert_eq!(shown, wanted);
    }

    #[test]
    fn whole_months_come_from_the_sums_and_the_rest_by_day() {
        check(
            "2026-01-01",
            "2027-01-01",
            ["2026-01", "2027-01"],
            [["", ""]; 2],
        );
        check(
            "2026-01-15",
            "2026-04-10",
            ["2026-02", "2026-04"],
            [["2026-01-15", "2026-02-01"], ["2026-04-01", "2026-04-10"]],
        );
        check(
            "2026-01-30",
            "2026-02-02",
            ["2026-02", "2026-02"],
            [["2026-01-30", "2026-02-01"], ["2026-02-01", "2026-02-02"]],
        );
        check(
            "2026-01-05",
            "2026-01-07",
            ["~", ""],
            [["2026-01-05", "2026-01-07"], ["", ""]],
        );
        check("2026-02-01", "2026-01-01", ["~", ""], [["", ""]; 2]);
        check("1970-01-01", "2026-02-01", ["", "2026-02"], [["", ""]; 2]);
    }
}
