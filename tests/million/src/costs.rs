//! What statements cost: their plans, the steps that they take, and how long.

use std::time::{Duration, Instant};

use anyhow::Result;
use ports::{Statement, Value};
use rusqlite::types::Value as Owned;
use rusqlite::{Connection, StatementStatus, params_from_iter};

/// Tables that grow: no statement may go through all of one.
const LARGE: &[&str] = &[
    "referrals",
    "events",
    "tallies",
    "reads",
    "past_recipients",
    "visit_waits",
    "deliveries",
];

/// What an answer cost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cost {
    /// Steps of SQLite's virtual machine: each looks at a row, a column or a value. They repeat exactly.
    pub steps: i64,
    /// Rows through which a whole table was gone.
    pub scanned: i64,
    /// Rows that they give.
    pub rows: usize,
    /// The bytes of text in these.
    pub bytes: usize,
    /// The time of the second run, when what it reads is at hand.
    pub time: Duration,
    /// The time of the whole answer, which adds up what is read: the caller measures it.
    pub answered: Duration,
    /// Steps of plans that go through a whole large table.
    pub scans: Vec<String>,
}

/// Runs the statements that read again and adds up what they cost.
///
/// # Errors
/// What the database says.
pub fn cost(connection: &Connection, statements: &[Statement]) -> Result<Cost> {
    let mut cost = Cost::default();
    for statement in statements.iter().filter(|statement| reads(statement.sql)) {
        for step in plan(connection, statement)? {
            if is_scan_of_a_large_table(&step) {
                cost.scans.push(step);
            }
        }
        let mut prepared = connection.prepare(statement.sql)?;
        for run in 0..2 {
            let _ = prepared.reset_status(StatementStatus::VmStep);
            let _ = prepared.reset_status(StatementStatus::FullscanStep);
            let begun = now();
            let mut rows =
                prepared.query(params_from_iter(statement.parameters.iter().map(owned)))?;
            let (mut count, mut bytes) = (0, 0);
            while let Some(row) = rows.next()? {
                count += 1;
                for column in 0..row.as_ref().column_count() {
                    bytes += row.get_ref(column)?.as_bytes().map_or(0, <[u8]>::len);
                }
            }
            drop(rows);
            if run == 1 {
                cost.time += begun.elapsed();
                cost.rows += count;
                cost.bytes += bytes;
            }
        }
        cost.steps += i64::from(prepared.get_status(StatementStatus::VmStep));
        cost.scanned += i64::from(prepared.get_status(StatementStatus::FullscanStep));
    }
    Ok(cost)
}

/// The steps that one write takes, and how long; what it writes is taken back.
///
/// # Errors
/// What the database says.
pub fn write_cost(connection: &mut Connection, sql: &str) -> Result<(i64, Duration)> {
    let transaction = connection.transaction()?;
    let mut prepared = transaction.prepare(sql)?;
    let begun = now();
    prepared.execute([])?;
    let time = begun.elapsed();
    let steps = prepared.get_status(StatementStatus::VmStep);
    drop(prepared);
    transaction.rollback()?;
    Ok((steps.into(), time))
}

/// The plan of a statement, a step a line.
///
/// # Errors
/// What the database says.
pub fn plan(connection: &Connection, statement: &Statement) -> Result<Vec<String>> {
    let mut prepared = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", statement.sql))?;
    let parameters = params_from_iter(statement.parameters.iter().map(owned));
    let steps = prepared.query_map(parameters, |row| row.get::<_, String>(3))?;
    Ok(steps.collect::<Result<_, _>>()?)
}

fn reads(sql: &str) -> bool {
    let sql = sql.trim_start();
    sql.starts_with("SELECT") || sql.starts_with("WITH")
}

/// `SCAN f` where `f` is a large table: statements name referrals `f` or in full. A partial index may be gone through: it holds
/// what is waited for alone.
fn is_scan_of_a_large_table(step: &str) -> bool {
    let Some(what) = step.strip_prefix("SCAN ") else {
        return false;
    };
    let name = what.split(' ').next().unwrap_or_default();
    let is_partial = what.contains("referrals_uncounted") || what.contains("deliveries_dead");
    (LARGE.contains(&name) || ["f", "e", "t", "p"].contains(&name)) && !is_partial
}

#[allow(
    clippy::disallowed_methods,
    reason = "this is no function: it measures time on the machine"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}

fn owned(value: &Value) -> Owned {
    match value {
        Value::Null => Owned::Null,
        Value::Integer(number) => Owned::Integer(*number),
        Value::Real(number) => Owned::Real(*number),
        Value::Text(text) => Owned::Text(text.clone()),
        Value::Blob(bytes) => Owned::Blob(bytes.clone()),
    }
}
