//! Each way to change, remove or insert an event is found.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by them"
)]
#![allow(dead_code, reason = "what is written serves other tests too")]

mod written;

use std::sync::OnceLock;

use proptest::prelude::*;
use rusqlite::Connection;
use serde_json::json;
use service::crypto::sha256_hex;
use verify_chain::chain::{Standing, Stored, check};
use verify_chain::read;
use written::{body, found, last_event, rewrite, run, written};

#[test]
fn a_changed_body_is_found() {
    let lines = found("body", |connection| {
        run(
            connection,
            "UPDATE events SET body = replace(body, 'Angina', 'Nothing') WHERE body LIKE '%Angina%'",
        );
    });
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0].ends_with(": the hash is not the SHA-256 of the body"),
        "{lines:?}"
    );
}

#[test]
fn a_changed_body_with_its_own_hash_breaks_the_link_after_it() {
    let long = &written().long;
    let lines = found("link", |connection| {
        let mut body = body(connection, long, 2);
        body["by"]["label"] = json!("somebody else");
        rewrite(connection, long, 2, &body);
    });
    assert_eq!(
        lines,
        ["long seq 3: the body does not name the hash of the event before"]
    );
}

#[test]
fn a_last_event_that_was_rewritten_is_not_the_tail_of_the_row() {
    let short = &written().short;
    let lines = found("tail", |connection| {
        let mut body = body(connection, short, 1);
        body["by"]["label"] = json!("somebody else");
        rewrite(connection, short, 1, &body);
    });
    assert_eq!(
        lines,
        ["short: the referral's tail_hash is not its last event's hash"]
    );
}

#[test]
fn a_removed_event_is_found_in_the_middle_at_the_end_and_at_the_beginning() {
    let long = &written().long;
    let remove = |name: &str, seq: i64| {
        found(name, |connection| {
            run(
                connection,
                &format!("DELETE FROM events WHERE referral_id = '{long}' AND seq = {seq}"),
            );
        })
    };
    let lines = remove("middle", 2);
    assert_eq!(
        lines[..2],
        [
            "long seq 2: missing, up to seq 2",
            "long seq 3: the body does not name the hash of the event before",
        ]
    );
    let lines = remove("first", 1);
    assert!(
        lines.contains(&"long: the events make no referral".to_owned()),
        "{lines:?}"
    );
    let last = last_event(&Connection::open(&written().path).unwrap(), long);
    let lines = remove("last", last);
    assert_eq!(
        lines[..2],
        [
            "long: the referral's version is not its last event's number",
            "long: the referral's tail_hash is not its last event's hash",
        ]
    );
    assert!(lines.contains(&"long: status is not what the events make of it".to_owned()));
}

#[test]
fn an_inserted_event_is_found() {
    let long = &written().long;
    let lines = found("inserted", |connection| {
        let last = last_event(connection, long);
        let mut added = body(connection, long, last);
        let seq = last + 1;
        let sql = "SELECT hash FROM events WHERE referral_id = ?1 AND seq = ?2";
        let previous: String = connection
            .query_row(sql, (long, last), |row| row.get(0))
            .unwrap();
        added["seq"] = json!(seq);
        added["id"] = json!(format!("{long}.added"));
        added["previous_hash"] = json!(previous);
        run(
            connection,
            &format!("INSERT INTO events VALUES ('{long}', {seq}, '', '')"),
        );
        rewrite(connection, long, seq, &added);
    });
    assert!(
        lines.contains(&"long: the referral's version is not its last event's number".to_owned()),
        "{lines:?}"
    );
    let lines = found("before", |connection| {
        run(
            connection,
            &format!(
                "INSERT INTO events SELECT referral_id, 0, body, hash FROM events WHERE referral_id = '{long}' AND seq = 1"
            ),
        );
    });
    assert!(
        lines.contains(&"long seq 0: numbers begin at 1".to_owned()),
        "{lines:?}"
    );
}

#[test]
fn swapped_events_are_found() {
    let long = &written().long;
    let lines = found("swapped", |connection| {
        for (from, to) in [(2, -1), (3, 2), (-1, 3)] {
            run(
                connection,
                &format!(
                    "UPDATE events SET seq = {to} WHERE referral_id = '{long}' AND seq = {from}"
                ),
            );
        }
    });
    for seq in [2, 3] {
        assert!(
            lines.contains(&format!("long seq {seq}: the body has another number")),
            "{lines:?}"
        );
    }
}

#[test]
fn an_event_of_another_referral_is_found() {
    let (long, short) = (&written().long, &written().short);
    let lines = found("foreign", |connection| {
        run(
            connection,
            &format!(
                "INSERT INTO events SELECT '{short}', seq, body, hash FROM events WHERE referral_id = '{long}' AND seq = 2"
            ),
        );
    });
    assert!(
        lines.contains(&"short seq 2: the body is another referral's".to_owned()),
        "{lines:?}"
    );
}

#[test]
fn a_body_of_the_same_meaning_in_another_form_is_found() {
    let short = &written().short;
    let lines = found("form", |connection| {
        let text = format!("{} ", body(connection, short, 1));
        let hash = sha256_hex(&[text.as_bytes()]);
        let sql = "UPDATE events SET body = ?2, hash = ?3 WHERE referral_id = ?1";
        connection.execute(sql, (short, &text, &hash)).unwrap();
        connection
            .execute(
                "UPDATE referrals SET tail_hash = ?2 WHERE id = ?1",
                (short, &hash),
            )
            .unwrap();
    });
    assert_eq!(lines, ["short seq 1: the body is not canonical JSON"]);
}

/// The long referral as it is stored.
fn long_rows() -> &'static (Standing, Vec<Stored>) {
    static ROWS: OnceLock<(Standing, Vec<Stored>)> = OnceLock::new();
    ROWS.get_or_init(|| {
        let connection = Connection::open(&written().path).unwrap();
        let (standing, stored) = read(&connection, &written().long).unwrap();
        (standing.unwrap(), stored)
    })
}

proptest! {
    #[test]
    fn any_single_byte_that_was_changed_is_found(
        event in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        of_hash in prop::bool::weighted(0.2),
        change in 1..=u8::MAX,
    ) {
        let (standing, stored) = long_rows();
        let mut stored = stored.clone();
        let event = event.get_mut(&mut stored);
        let bytes = if of_hash { &mut event.hash } else { &mut event.body };
        *place.get_mut(bytes) ^= change;
        prop_assert!(!check(&written().long, Some(standing), &stored).is_empty());
    }
}
