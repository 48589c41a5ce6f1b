//! Rows as the real code writes them: one referral is taken to each place where one can be, and its row is the mould of others.

use anyhow::{Context, Result};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::store::{Store, recipient};

const DAY_MS: i64 = 86_400_000;

/// Who refers in a mould.
pub const REFERRER: &str = "north";

/// What stands in the state of a mould where the facts of a copy go.
pub const FACTS: &str = "\"the facts\"";

/// How urgent they are; most are the first.
pub const URGENCIES: &[&str] = &["routine", "urgent", "stat"];

/// The row of a referral, to be copied.
#[derive(Debug, Clone)]
pub struct Mould {
    /// Where it stands.
    pub status: String,
    /// Whose turn it is; nobody's when it is over.
    pub turn: Option<String>,
    /// How urgent it is.
    pub urgency: String,
    /// As stored.
    pub attention: String,
    /// As stored.
    pub points: i64,
    /// As stored.
    pub clocks: String,
    /// As stored, with [`FACTS`] where the facts were.
    pub state: String,
    /// As stored.
    pub request: String,
    /// What it counts as.
    pub facts: Vec<(String, i64)>,
}

impl Mould {
    /// Whether nobody has to act any more.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.turn.is_none()
    }
}

/// The courses: who tells what, after how many days.
fn courses() -> Vec<Vec<(i64, bool, &'static str, Value)>> {
    let accepted = (1, true, "referral.accepted", json!({}));
    let booked = (
        1,
        true,
        "appointment.scheduled",
        json!({"start": "2026-03-20T10:00:00Z"}),
    );
    let report = json!({"summary": "s", "next_steps": [], "visit_on": "2026-03-06"});
    let reported = (3, true, "referral.outcome", report);
    let read = (
        1,
        false,
        "referral.acknowledged",
        json!({"care_plan_changed": false}),
    );
    let told = (0, false, "patient.informed", json!({"channel": "phone"}));
    let declined = (2, true, "referral.declined", json!({"reason": "capacity"}));
    let ended = (
        9,
        false,
        "referral.not_completed",
        json!({"reason": "no-time"}),
    );
    let managed = (
        1,
        false,
        "referral.acknowledged",
        json!({"resolution": "managed-here"}),
    );
    let asked = (1, true, "referral.info_requested", json!({"question": "q"}));
    vec![
        vec![],
        vec![asked],
        vec![accepted.clone()],
        vec![accepted.clone(), booked.clone()],
        vec![accepted.clone(), booked.clone(), reported.clone()],
        vec![declined.clone()],
        vec![accepted.clone(), booked, reported, read, told],
        vec![declined, managed.clone()],
        vec![accepted, ended, managed],
    ]
}

/// A mould of each course and urgency.
///
/// # Errors
/// When an event is refused or a row is not as expected.
pub fn moulds(store: &Store) -> Result<Vec<Mould>> {
    let mut ids = Vec::new();
    for course in courses() {
        for urgency in ["routine", "routine"].iter().chain(URGENCIES) {
            let id = store.refer(urgency)?;
            for (days, by_recipient, kind, data) in &course {
                store.advance(days * DAY_MS);
                let who = if *by_recipient {
                    recipient(0)
                } else {
                    REFERRER.to_owned()
                };
                store.tell(&who, &id, &json!({"type": kind, "data": data}))?;
            }
            ids.push(id);
        }
    }
    let connection = Connection::open(store.path())?;
    let moulds = ids.iter().map(|id| mould(&connection, id)).collect();
    // The network alone stays.
    for table in ["referrals", "events", "tallies", "visit_waits"] {
        connection.execute(&format!("DELETE FROM {table}"), [])?;
    }
    moulds
}

fn mould(connection: &Connection, id: &str) -> Result<Mould> {
    let sql = "SELECT status, turn, urgency, attention, points, clocks, state, request FROM referrals WHERE id = ?1";
    let row = connection.query_row(sql, [id], |row| {
        Ok(Mould {
            status: row.get(0)?,
            turn: row.get(1)?,
            urgency: row.get(2)?,
            attention: row.get(3)?,
            points: row.get(4)?,
            clocks: row.get(5)?,
            state: row.get(6)?,
            request: row.get(7)?,
            facts: Vec::new(),
        })
    });
    let mut mould = row?;
    let mut state: Value = serde_json::from_str(&mould.state)?;
    let members = state.as_object_mut().context("a state")?;
    let facts = members.insert("facts".to_owned(), "the facts".into());
    let facts = facts.as_ref().and_then(Value::as_object);
    let facts = facts.context("facts")?.iter();
    let facts = facts.map(|(name, count)| (name.clone(), count.as_i64().unwrap_or_default()));
    mould.facts = facts.collect();
    mould.state = state.to_string();
    Ok(mould)
}
