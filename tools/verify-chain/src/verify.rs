//! Over all tables of a database: every referral by itself, and what names a referral that is not there.

use anyhow::Result;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::chain::{Standing, Stored, check};
use crate::database::{has_table, quiet};
use crate::fault::{Fault, Finding, Wrong};
use crate::proof::Proof;

/// Every referral that has a row or an event.
const IDS: &str = "SELECT id FROM referrals UNION SELECT referral_id FROM events ORDER BY 1";

/// By the primary key.
const STANDING: &str = "
SELECT version, tail_hash, network, referrer, recipient, service, specialty, patient_key, status, turn, urgency, state, request
FROM referrals WHERE id = ?1";

/// By the primary key.
const EVENTS: &str = "SELECT seq, body, hash FROM events WHERE referral_id = ?1 ORDER BY seq";

/// What names a referral: table, what a row of it is called, and how to find the ids that name none.
const STRAYS: [(&str, &str, &str); 6] = [
    (
        "pending_events",
        "a pending event",
        "SELECT DISTINCT referral_id FROM pending_events WHERE referral_id NOT IN (SELECT id FROM referrals)",
    ),
    (
        "referral_identifiers",
        "an identifier",
        "SELECT DISTINCT referral_id FROM referral_identifiers WHERE referral_id NOT IN (SELECT id FROM referrals)",
    ),
    (
        "past_recipients",
        "a past recipient",
        "SELECT DISTINCT referral_id FROM past_recipients WHERE referral_id NOT IN (SELECT id FROM referrals)",
    ),
    (
        "documents",
        "a document",
        "SELECT DISTINCT referral_id FROM documents
         WHERE referral_id IS NOT NULL AND referral_id NOT IN (SELECT id FROM referrals)",
    ),
    (
        "receipts",
        "a receipt",
        "SELECT DISTINCT referral_id FROM receipts
         WHERE referral_id IS NOT NULL AND referral_id NOT IN (SELECT id FROM referrals)",
    ),
    (
        "reads",
        "the record of a read",
        "SELECT DISTINCT shown.value FROM reads, json_each(reads.referrals) shown
         WHERE shown.value NOT IN (SELECT id FROM referrals)",
    ),
];

/// A receipt says after which event its answer was given: what was answered was stored.
const RECEIPTS: &str = "
SELECT DISTINCT r.referral_id, r.seq FROM receipts r JOIN referrals f ON f.id = r.referral_id
WHERE r.seq IS NOT NULL AND NOT EXISTS (SELECT 1 FROM events e WHERE e.referral_id = r.referral_id AND e.seq = r.seq)";

/// What was looked at, and what was found.
#[derive(Debug, Default)]
pub struct Report {
    /// Referrals looked at.
    pub referrals: u64,
    /// Their events.
    pub events: u64,
    /// What is wrong, by referral.
    pub findings: Vec<Finding>,
}

impl Report {
    fn add(&mut self, referral: &str, fault: Fault) {
        self.findings.push(Finding {
            referral: referral.to_owned(),
            fault,
        });
    }
}

/// Checks a whole database, and the proofs against it.
///
/// # Errors
/// When the database cannot be read; never with a text of it.
pub fn verify(connection: &Connection, proofs: &[Proof]) -> Result<Report> {
    go_over(connection, proofs).map_err(|error| match error.downcast_ref() {
        Some(error) => quiet(error),
        None => error,
    })
}

fn go_over(connection: &Connection, proofs: &[Proof]) -> Result<Report> {
    let mut report = Report::default();
    for id in ids(connection, IDS)? {
        let (standing, stored) = read(connection, &id)?;
        report.referrals = report.referrals.saturating_add(1);
        let count = u64::try_from(stored.len()).unwrap_or(u64::MAX);
        report.events = report.events.saturating_add(count);
        for fault in check(&id, standing.as_ref(), &stored) {
            report.add(&id, fault);
        }
    }
    for (table, what, sql) in STRAYS {
        if has_table(connection, table)? {
            for id in ids(connection, sql)? {
                report.add(&id, Fault::of_referral(Wrong::Stray(what)));
            }
        }
    }
    if has_table(connection, "receipts")? {
        let mut receipts = connection.prepare(RECEIPTS)?;
        let rows = receipts.query_map([], |row| {
            Ok((text(row, 0)?.unwrap_or_default(), row.get(1)?))
        })?;
        for row in rows {
            let (id, seq): (String, Option<i64>) = row?;
            let wrong = Wrong::Receipt;
            report.add(&id, Fault { seq, wrong });
        }
    }
    let mut one =
        connection.prepare("SELECT hash FROM events WHERE referral_id = ?1 AND seq = ?2")?;
    for proof in proofs {
        let hash = one
            .query_row((&proof.referral, proof.seq), |row| text(row, 0))
            .optional()?
            .flatten();
        match hash {
            None => report.add(&proof.referral, Fault::at(proof.seq, Wrong::ProofMissing)),
            Some(hash) if hash != proof.hash => {
                report.add(&proof.referral, Fault::at(proof.seq, Wrong::ProofDiffers));
            }
            Some(_) => {}
        }
    }
    Ok(report)
}

/// A referral's row and its events, as [`check`] takes them.
///
/// # Errors
/// When the database cannot be read.
pub fn read(
    connection: &Connection,
    id: &str,
) -> rusqlite::Result<(Option<Standing>, Vec<Stored>)> {
    let mut referral = connection.prepare_cached(STANDING)?;
    let mut events = connection.prepare_cached(EVENTS)?;
    let standing = referral.query_row([id], standing).optional()?;
    let stored = events.query_map([id], stored)?;
    Ok((standing, stored.collect::<rusqlite::Result<_>>()?))
}

fn ids(connection: &Connection, sql: &str) -> Result<Vec<String>> {
    let mut statement = connection.prepare(sql)?;
    let ids = statement.query_map([], |row| Ok(text(row, 0)?.unwrap_or_default()))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored {
        seq: row.get(0)?,
        body: bytes(row, 1)?.unwrap_or_default(),
        hash: bytes(row, 2)?.unwrap_or_default(),
    })
}

fn standing(row: &Row<'_>) -> rusqlite::Result<Standing> {
    let must = |index| Ok::<_, rusqlite::Error>(text(row, index)?.unwrap_or_default());
    Ok(Standing {
        version: row.get(0)?,
        tail_hash: must(1)?,
        network: must(2)?,
        referrer: must(3)?,
        recipient: text(row, 4)?,
        service: text(row, 5)?,
        specialty: text(row, 6)?,
        patient_key: must(7)?,
        status: must(8)?,
        turn: text(row, 9)?,
        urgency: must(10)?,
        state: must(11)?,
        request: must(12)?,
    })
}

/// A column's bytes: a changed text may be none.
fn bytes(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<Vec<u8>>> {
    Ok(match row.get_ref(index)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(bytes.to_vec()),
        _ => None,
    })
}

/// A column as text, whatever its bytes are: where they are no text it is not what was written either.
fn text(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<String>> {
    let bytes = bytes(row, index)?;
    Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}
