//! `GET /worklist/measures.csv`: the same numbers as a table to hand on (RFC 4180), small ones hidden.

use domain::facts::TOTAL;
use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, HeaderName};
use ports::Platform;

use super::small_cells::Cells;
use super::sums::{BUCKETS, COUNTS, RATES, Spread, Sums, WAITS, bucket, days, rate};
use super::{Measured, measure};
use crate::call::Call;
use crate::http::{Problem, Reply};

/// What stands for a number that is hidden, whether it is small or would tell a small one.
const HIDDEN: &str = "suppressed";

/// The columns. `count` is of `of`; `value` is their share, or days.
const HEADER: [&str; 7] = ["by", "group", "measure", "code", "count", "of", "value"];

/// Characters with which a spreadsheet begins a formula.
const FORMULA: &[char] = &['=', '+', '-', '@', '\t', '\r', '\n'];

/// Writes the measures as CSV.
pub(in crate::worklist) async fn export<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let (mut measured, _) = measure(&call, None, Vec::new()).await?;
    let reply = Reply::bytes(
        StatusCode::OK,
        "text/csv; charset=utf-8",
        table(&mut measured),
    );
    let name: HeaderName = CONTENT_DISPOSITION;
    Ok(reply.header(name, "attachment; filename=\"measures.csv\""))
}

fn table(measured: &mut Measured) -> String {
    let cells = measured.for_others();
    let mut text = String::new();
    line(&mut text, &HEADER);
    let all = std::iter::once(("", "", &measured.all));
    let groups = measured.divisions.iter().flat_map(|division| {
        let groups = division.groups.iter();
        groups.map(|(group, sums)| (division.by, group.as_str(), sums))
    });
    for (column, (by, group, sums)) in all.chain(groups).enumerate() {
        let rows = Rows {
            cells: &cells,
            column,
            by,
            group,
        };
        rows.write(&mut text, sums);
    }
    text
}

/// The rows of the whole or of a group.
struct Rows<'a> {
    cells: &'a Cells,
    column: usize,
    by: &'a str,
    group: &'a str,
}

impl Rows<'_> {
    fn write(&self, text: &mut String, sums: &Sums) {
        let total = self.number(TOTAL);
        self.row(text, "total", "", [&total, "", ""]);
        for (member, name) in COUNTS {
            for (code, _) in sums.by_code(name) {
                let count = self.number(&[name, code].join(":"));
                self.row(text, member, code, [&count, &total, ""]);
            }
        }
        for (member, part, whole) in RATES {
            let shown = |name: &str| self.cells.shown(self.column, name);
            let share = match (shown(part), shown(whole)) {
                (Some(part), Some(whole)) => {
                    rate(part, whole).map_or(String::new(), |rate| format!("{rate:.4}"))
                }
                _ => HIDDEN.to_owned(),
            };
            let (count, of) = (self.number(part), self.number(whole));
            self.row(text, member, "", [&count, &of, &share]);
        }
        for (member, wait) in WAITS {
            let spread = sums.spread(wait);
            let count = self.number(wait);
            for (code, rank) in [("median", spread.median), ("p90", spread.p90)] {
                let shown = self.days(&spread, rank);
                self.row(text, member, code, [&count, "", &shown]);
            }
            for (index, from) in BUCKETS.iter().enumerate() {
                let code = match BUCKETS.get(index.saturating_add(1)) {
                    Some(below) => format!("{from} to under {below} days"),
                    None => format!("{from} days or more"),
                };
                let waited = self.number(&bucket(wait, index));
                self.row(text, member, &code, [&waited, &count, ""]);
            }
        }
    }

    fn days(&self, spread: &Spread, rank: Option<f64>) -> String {
        if self.cells.shows_wait(self.column, spread.count) {
            rank.map_or(String::new(), days)
        } else {
            HIDDEN.to_owned()
        }
    }

    fn number(&self, name: &str) -> String {
        let shown = self.cells.shown(self.column, name);
        shown.map_or_else(|| HIDDEN.to_owned(), |number| number.to_string())
    }

    fn row(&self, text: &mut String, measure: &str, code: &str, [count, of, value]: [&str; 3]) {
        line(
            text,
            &[self.by, self.group, measure, code, count, of, value],
        );
    }
}

fn line(text: &mut String, fields: &[&str]) {
    for (index, value) in fields.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        field(text, value);
    }
    text.push_str("\r\n");
}

/// A field: in quotes where it has to be, and never one that a spreadsheet takes for a formula.
fn field(text: &mut String, value: &str) {
    let is_formula = value.starts_with(FORMULA);
    if !is_formula && !value.contains([',', '"', '\r', '\n']) {
        text.push_str(value);
        return;
    }
    text.push('"');
    if is_formula {
        text.push('\'');
    }
    text.push_str(&value.replace('"', "\"\""));
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_quoted_where_it_has_to_be_and_is_no_formula() {
        let written = |value: &str| {
            let mut text = String::new();
            field(&mut text, value);
            text
        };
        assert_eq!(written("heart"), "heart");
        assert_eq!(written("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(written("=1+1"), "\"'=1+1\"");
        for begins in FORMULA {
            let value = format!("{begins}sum");
            assert_eq!(written(&value), format!("\"'{value}\""));
        }
        assert_eq!(written("a\nb"), "\"a\nb\"");
    }
}
