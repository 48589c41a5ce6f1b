//! What the write of an event costs the sums of the measures: the triggers on a referral's row, at a sum of one referral and at one
//! that is as large as a sum can be.

use std::time::Duration;

use anyhow::Result;
use domain::facts;
use domain::facts::{PARTS_OF_A_DAY, two_figures};
use rusqlite::{Connection, params};
use serde_json::{Map, Value};

use crate::costs::write_cost;

/// A referral that was sent and is accepted now.
const ACCEPTED: &str = r#"UPDATE referrals SET state = json_set(state, '$.facts', json('{"answered":1,"answered-in-time":1,
"decided":1,"decided-in-time":1,"open:accepted":1,"reached:accepted":1,"status:accepted":1,"to-decision:21":1,"total":1}'))
WHERE id = (SELECT id FROM referrals WHERE status = 'sent' LIMIT 1)"#;

/// The sum in which it counts.
const SUM: &str = "UPDATE tallies SET counts = json_patch(counts, ?1) WHERE rowid = (SELECT t.rowid FROM tallies t JOIN referrals f
  ON t.referrer = f.referrer AND t.month = strftime('%Y-%m', f.created_at / 1000, 'unixepoch') AND t.recipient = f.recipient
  AND t.specialty = f.specialty AND t.urgency = f.urgency
WHERE f.id = (SELECT id FROM referrals WHERE status = 'sent' LIMIT 1)) RETURNING length(counts)";

/// The cost of a write.
#[derive(Debug, Clone, Copy)]
pub struct Write {
    /// How large the sum is that it moves.
    pub bytes: i64,
    /// Steps of SQLite's machine.
    pub steps: i64,
    /// How long they take.
    pub time: Duration,
}

/// A write at the sum as it is, and at the same with every wait that is told apart.
///
/// # Errors
/// What the database says.
pub fn writes(connection: &mut Connection) -> Result<[Write; 2]> {
    let small = write(connection, "{}")?;
    let waits = [
        facts::TO_DECISION,
        facts::TO_BOOKED,
        facts::TO_VISIT,
        facts::TO_REPORT,
        facts::TO_ACKNOWLEDGED,
        facts::TO_CLOSED,
    ];
    let parts = (0..1_001 * PARTS_OF_A_DAY).map(two_figures);
    let all: Map<String, Value> = parts
        .flat_map(|parts| waits.map(|wait| (format!("{wait}:{parts}"), 178.into())))
        .collect();
    Ok([small, write(connection, &Value::from(all).to_string())?])
}

fn write(connection: &mut Connection, more: &str) -> Result<Write> {
    let bytes = connection.query_row(SUM, params![more], |row| row.get(0))?;
    // The first one finds pages and texts that are not at hand yet.
    write_cost(connection, ACCEPTED)?;
    let (steps, time) = write_cost(connection, ACCEPTED)?;
    Ok(Write { bytes, steps, time })
}
