//! A row that does not follow from its events is found, and so is what names a referral that is not there.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by them"
)]
#![allow(dead_code, reason = "what is written serves other tests too")]

mod written;

use std::fs;

use domain::event::Event;
use domain::fold::fold;
use domain::status::Side;
use rusqlite::Connection;
use serde_json::json;
use service::referrals::event_from_body;
use verify_chain::proof::Proof;
use written::{body, file, found, last_event, lines, run, written};

#[test]
fn a_row_that_does_not_follow_from_its_events_is_found() {
    for (change, column) in [
        ("status = 'closed'", "status"),
        ("turn = NULL", "turn"),
        ("recipient = 'other'", "recipient"),
        ("service = NULL", "service"),
        ("specialty = 'audiology'", "specialty"),
        ("referrer = 'other'", "referrer"),
        ("network = 'hills'", "network"),
        ("urgency = 'stat'", "urgency"),
        ("patient_key = 'urn:oid:2.999.1|4712'", "patient_key"),
        ("state = json_set(state, '$.failed_contacts', 1)", "state"),
        ("state = '{}'", "state"),
        (
            "request = json_set(request, '$.clinical_question', 'Why?')",
            "request",
        ),
    ] {
        let short = &written().short;
        let lines = found("row", |connection| {
            run(
                connection,
                &format!("UPDATE referrals SET {change} WHERE id = '{short}'"),
            );
        });
        assert_eq!(
            lines,
            [format!("short: {column} is not what the events make of it")]
        );
    }
}

#[test]
fn a_referral_without_events_and_events_without_a_referral_are_found() {
    let long = &written().long;
    let lines = found("no-row", |connection| {
        run(
            connection,
            &format!("DELETE FROM referrals WHERE id = '{long}'"),
        );
    });
    assert_eq!(
        lines,
        [
            "long: there are events and no referral",
            "long: an identifier names it, and there is none",
            "long: a past recipient names it, and there is none",
            "long: a document names it, and there is none",
            "long: a receipt names it, and there is none",
            "long: the record of a read names it, and there is none",
        ]
    );
    let lines = found("no-events", |connection| {
        run(
            connection,
            &format!("DELETE FROM events WHERE referral_id = '{long}'"),
        );
    });
    assert_eq!(lines[0], "long: the referral has no event");
    let lines = found("neither", |connection| {
        run(
            connection,
            &format!("DELETE FROM events WHERE referral_id = '{long}'"),
        );
        run(
            connection,
            &format!("DELETE FROM referrals WHERE id = '{long}'"),
        );
        run(
            connection,
            "INSERT INTO pending_events VALUES ('nobody', 'one', '{}')",
        );
    });
    assert_eq!(
        lines[0],
        "nobody: a pending event names it, and there is none"
    );
    assert_eq!(lines.len(), 6, "{lines:?}");
}

/// Makes the row what the events that are there say: what a forger with the program would do.
fn refold(connection: &Connection, id: &str) {
    let last = last_event(connection, id);
    let events: Vec<Event> = (1..=last)
        .map(|seq| event_from_body(&body(connection, id, seq)).unwrap())
        .collect();
    let folded = fold(&events).unwrap();
    let (state, request) = (json!(folded.referral), json!(folded.request));
    let sql = "UPDATE referrals SET version = ?2, state = ?3, request = ?4, status = ?5, turn = ?6,
        tail_hash = (SELECT hash FROM events WHERE referral_id = ?1 AND seq = ?2) WHERE id = ?1";
    let turn = folded.referral.turn.map(Side::as_str);
    let status = folded.referral.status().as_str();
    let row = (
        id,
        last,
        state.to_string(),
        request.to_string(),
        status,
        turn,
    );
    assert_eq!(connection.execute(sql, row).unwrap(), 1);
}

#[test]
fn a_tail_cut_with_its_row_worked_out_again_shows_against_a_receipt_and_a_partners_proof_alone() {
    let long = &written().long;
    let path = file("cut.db");
    fs::copy(&written().path, &path).unwrap();
    let connection = Connection::open(&path).unwrap();
    let last = last_event(&connection, long);
    let sql = "SELECT hash FROM events WHERE referral_id = ?1 AND seq = ?2";
    let hash_of = |seq: i64| -> String {
        connection
            .query_row(sql, (long, seq), |row| row.get(0))
            .unwrap()
    };
    let proof = |seq: i64| Proof {
        referral: long.clone(),
        seq,
        hash: hash_of(seq),
    };
    let proofs = [proof(1), proof(last)];
    assert_eq!(lines(&path, &proofs), [""; 0]);
    run(
        &connection,
        &format!("DELETE FROM events WHERE referral_id = '{long}' AND seq = {last}"),
    );
    refold(&connection, long);
    assert_eq!(lines(&path, &[]), [""; 0]);
    assert_eq!(
        lines(&path, &proofs),
        [format!(
            "long seq {last}: a proof names this event, which is not there"
        )]
    );

    let mut other = proof(1);
    other.hash = hash_of(2);
    assert_eq!(
        lines(&path, &[other]),
        ["long seq 1: a proof has another hash of this event"]
    );
    let stranger = Proof {
        referral: "ref-none".to_owned(),
        ..proof(1)
    };
    assert_eq!(
        lines(&path, &[stranger]),
        ["ref-none seq 1: a proof names this event, which is not there"]
    );

    // The acceptance came with an idempotency key.
    let sql = "SELECT seq FROM receipts WHERE referral_id IS NOT NULL";
    let receipted: i64 = connection.query_row(sql, [], |row| row.get(0)).unwrap();
    run(
        &connection,
        &format!("DELETE FROM events WHERE referral_id = '{long}' AND seq >= {receipted}"),
    );
    refold(&connection, long);
    let wanted = format!("long seq {receipted}: a receipt names this event, which is not there");
    assert!(lines(&path, &[]).contains(&wanted));
}
