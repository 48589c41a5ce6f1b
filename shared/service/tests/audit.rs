//! Who read and who changed what, over the real routers on the native platform.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by them"
)]

mod client;
mod valley;

use client::{NOW_MS, platform};
use serde_json::{Value, json};
use valley::Valley;

const DAY_MS: i64 = 86_400_000;

fn valley() -> Valley {
    Valley::new(&platform())
}

/// Reads at an instant of its own, so that entries have an order.
fn get(valley: &Valley, organization: &str, path: &str) -> client::Answer {
    valley.worklist.platform.advance(1);
    valley.read(path, valley.key(organization))
}

fn audit(valley: &Valley, organization: &str, query: &str) -> Vec<Value> {
    valley.worklist.platform.advance(1);
    let path = format!("/worklist/audit?{query}");
    let body = valley.worklist.get(&path, valley.key(organization)).ok(200);
    body["items"].as_array().unwrap().clone()
}

/// Who did what, newest first: organisation, and the event's type or the action.
fn told(entries: &[Value]) -> Vec<(&str, &str)> {
    entries
        .iter()
        .map(|entry| {
            let what = entry["event"]["type"].as_str().or(entry["action"].as_str());
            (entry["organization"].as_str().unwrap_or("-"), what.unwrap())
        })
        .collect()
}

#[test]
fn a_referrer_sees_all_that_was_done_and_a_recipient_what_concerns_it() {
    let valley = valley();
    let id = valley.refer();
    let read = format!("/worklist/referrals/{id}");
    get(&valley, "heart", &read).ok(200);
    valley.worklist.platform.advance(1000);
    let to = json!({"to": {"organization": "lung", "service": "lung"}, "reason": "Nearer."});
    valley.tell("heart", &id, "referral.redirected", to);
    get(&valley, "lung", &read).ok(200);
    valley.worklist.platform.advance(1000);
    valley.tell("lung", &id, "referral.accepted", json!({}));
    get(&valley, "north", &read).ok(200);
    let query = format!("referral={id}");
    let entries = audit(&valley, "north", &query);
    assert_eq!(
        told(&entries),
        [
            ("north", "read"),
            ("lung", "referral.accepted"),
            ("lung", "read"),
            ("heart", "referral.redirected"),
            ("heart", "read"),
            ("north", "referral.sent"),
        ]
    );
    // The redirection opens lung's leg.
    assert_eq!(
        told(&audit(&valley, "lung", &query)),
        [
            ("lung", "referral.accepted"),
            ("lung", "read"),
            ("north", "referral.sent"),
        ]
    );
    let of_heart = audit(&valley, "heart", &query);
    assert_eq!(
        told(&of_heart),
        [
            ("heart", "referral.redirected"),
            ("heart", "read"),
            ("north", "referral.sent"),
        ]
    );
    let text = Value::from(of_heart).to_string();
    assert!(!text.contains("lung"), "{text}");
    // An audit of a referral is a read of it.
    assert_eq!(
        told(&audit(&valley, "north", &format!("{query}&action=audit"))),
        [("heart", "audit"), ("lung", "audit"), ("north", "audit"),]
    );
}

#[test]
fn an_entry_says_who_when_and_what_and_no_text_of_a_patient() {
    let valley = valley();
    let id = valley.refer();
    valley.worklist.platform.advance(1);
    let note = json!({"note": "Chalmers prefers mornings."});
    let event = valley.tell("heart", &id, "referral.note", note);
    get(&valley, "heart", "/worklist/referrals").ok(200);
    let entries = audit(&valley, "north", &format!("referral={id}"));
    let at = "2026-03-02T09:00:00.002Z";
    assert_eq!(
        entries[0],
        json!({
            "at": at, "action": "list", "referrals": [id], "organization": "heart", "label": "heart", "person": "Kim",
        })
    );
    let mut change = entries[1].clone();
    assert!(change["at"].take().is_string());
    assert_eq!(
        change,
        json!({
            "at": null, "action": "change", "referrals": [id], "organization": "heart", "label": "heart", "source": "api",
            "event": {"id": event["event"], "type": "referral.note", "seq": 2},
        })
    );
    let own = audit(&valley, "heart", &format!("referral={id}&action=list"));
    assert!(own[0]["key"].as_str().unwrap().starts_with("key-"));
    for text in [
        Value::from(entries).to_string(),
        Value::from(own).to_string(),
    ] {
        for word in ["Chalmers", "4711", "mornings", "chest"] {
            assert!(!text.contains(word), "{text}");
        }
    }
}

#[test]
fn of_a_list_a_party_learns_of_its_own_referral_alone() {
    let valley = valley();
    let (own, foreign) = (valley.refer(), valley.refer());
    get(&valley, "heart", "/worklist/referrals").ok(200);
    let entries = audit(&valley, "north", &format!("referral={own}&action=list"));
    assert_eq!(entries[0]["referrals"], json!([own]));
    assert!(!Value::from(entries).to_string().contains(&foreign));
    let whole = audit(&valley, "heart", "action=list");
    assert_eq!(whole[0]["referrals"].as_array().unwrap().len(), 2);
}

#[test]
fn an_organisation_sees_what_its_own_people_did_and_nothing_of_others() {
    let valley = valley();
    let id = valley.refer();
    let read = format!("/worklist/referrals/{id}");
    get(&valley, "north", &read).ok(200);
    get(&valley, "heart", &read).ok(200);
    valley.worklist.platform.advance(1000);
    valley.tell("heart", &id, "referral.accepted", json!({}));
    assert_eq!(
        told(&audit(&valley, "heart", "")),
        [("heart", "referral.accepted"), ("heart", "read")]
    );
    assert_eq!(
        told(&audit(&valley, "north", "")),
        [("north", "read"), ("north", "referral.sent")]
    );
    assert_eq!(
        told(&audit(&valley, "north", "action=change")),
        [("north", "referral.sent")]
    );
    assert_eq!(
        told(&audit(&valley, "north", "action=read")),
        [("north", "read")]
    );
    assert_eq!(told(&audit(&valley, "other", "")), []);
    // A past recipient goes on seeing what it did.
    let to = json!({"to": {"organization": "lung", "service": "lung"}, "reason": "Nearer."});
    valley.worklist.platform.advance(1000);
    valley.tell("heart", &id, "referral.redirected", to);
    let changes = audit(&valley, "heart", "action=change");
    assert_eq!(
        told(&changes),
        [
            ("heart", "referral.redirected"),
            ("heart", "referral.accepted")
        ]
    );
}

#[test]
fn the_range_holds_at_its_bounds() {
    let valley = valley();
    let id = valley.refer();
    let read = format!("/worklist/referrals/{id}");
    valley.worklist.platform.set_now(NOW_MS + 10 * DAY_MS);
    valley.read(&read, valley.key("north")).ok(200);
    // A week by default.
    assert_eq!(told(&audit(&valley, "north", "")), [("north", "read")]);
    let both = [("north", "read"), ("north", "referral.sent")];
    assert_eq!(told(&audit(&valley, "north", "from=2026-03-02")), both);
    assert_eq!(
        told(&audit(&valley, "north", "from=2026-03-02T09:00:00Z")),
        both
    );
    assert_eq!(
        told(&audit(
            &valley,
            "north",
            "from=2026-03-02T10:00:00.000%2B01:00"
        )),
        both
    );
    assert_eq!(
        told(&audit(&valley, "north", "from=2026-03-02T09:00:00.001Z")),
        [("north", "read")]
    );
    let sent = [("north", "referral.sent")];
    assert_eq!(
        told(&audit(&valley, "north", "from=2026-03-02&to=2026-03-12")),
        sent
    );
    assert_eq!(
        told(&audit(
            &valley,
            "north",
            "from=2026-03-02&to=2026-03-12T09:00:00Z"
        )),
        sent
    );
    assert_eq!(told(&audit(&valley, "north", "to=2026-03-03")), sent);
    assert_eq!(
        told(&audit(&valley, "north", "to=2026-03-02T09:00:00Z")),
        []
    );
    // One referral: its whole life by default, and any range.
    let query = format!("referral={id}");
    assert_eq!(told(&audit(&valley, "north", &query)), both);
    let query = format!("referral={id}&to=2026-03-03&from=2020-01-01");
    assert_eq!(told(&audit(&valley, "north", &query)), sent);
    audit(&valley, "north", "from=2026-01-01&to=2026-04-03");
    let answer = get(
        &valley,
        "north",
        "/worklist/audit?from=2026-01-01&to=2026-04-03T00:00:00.001Z",
    );
    answer.faults(&["from"]);
    let answer = get(
        &valley,
        "north",
        "/worklist/audit?from=soon&to=2026-02-30&action=open",
    );
    answer.faults(&["from", "to", "action"]);
    get(&valley, "north", "/worklist/audit?cursor=x").faults(&["cursor"]);
    get(&valley, "north", "/worklist/audit?limit=201").faults(&["limit"]);
}

#[test]
fn pages_of_any_size_together_are_the_whole() {
    let valley = valley();
    let id = valley.refer();
    let other = valley.refer();
    let read = format!("/worklist/referrals/{id}");
    for round in 0..4 {
        // Two reads of one instant, and a change of the same one.
        valley.worklist.platform.advance(1000);
        valley.read(&read, valley.key("north")).ok(200);
        valley.read(&read, valley.key("heart")).ok(200);
        let path = format!("/worklist/referrals/{other}");
        valley.read(&path, valley.key("north")).ok(200);
        valley.tell(
            "north",
            &id,
            "referral.note",
            json!({"note": format!("Note {round}.")}),
        );
    }
    let of_referral = format!("referral={id}&to=2026-03-02T09:00:04.001Z");
    for (query, count) in [
        ("to=2026-03-02T09:00:04.001Z", 14),
        (of_referral.as_str(), 13),
    ] {
        let whole = audit(&valley, "north", query);
        assert_eq!(whole.len(), count);
        for limit in [1, 2, 5, count, count + 1] {
            let mut paged: Vec<Value> = Vec::new();
            let mut cursor = String::new();
            loop {
                let path = format!("/worklist/audit?{query}&limit={limit}{cursor}");
                let body = get(&valley, "north", &path).ok(200);
                let items = body["items"].as_array().unwrap();
                assert!(items.len() <= limit);
                paged.extend(items.iter().cloned());
                let Some(next) = body["next"].as_str() else {
                    break;
                };
                cursor = format!("&cursor={next}");
            }
            assert_eq!(paged, whole, "pages of {limit}");
        }
    }
}

#[test]
fn an_old_read_is_found_behind_more_of_others_than_one_page_looks_at() {
    let valley = valley();
    let id = valley.refer();
    let read = format!("/worklist/referrals/{id}");
    valley.read(&read, valley.key("heart")).ok(200);
    valley.rows(
        "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 20000)
INSERT INTO reads (organization, at, id, key_id, action, referrals)
SELECT 'heart', r.at + n, 'read-' || n, 'key-1', 'read', '[\"ref-other\"]' FROM n, reads r WHERE r.organization = 'heart'",
    );
    valley.worklist.platform.advance(60_000);
    let key = valley.key("north");
    let mut lengths = Vec::new();
    let mut entries = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/worklist/audit?referral={id}&action=read{cursor}");
        let body = valley.worklist.get(&path, key).ok(200);
        let items = body["items"].as_array().unwrap();
        lengths.push(items.len());
        entries.extend(items.iter().cloned());
        let Some(next) = body["next"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(told(&entries), [("heart", "read")]);
    assert_eq!(lengths, [0, 0, 1]);
}

#[test]
fn changes_are_looked_for_in_so_many_referrals_and_one_more_is_an_error_that_says_so() {
    let valley = valley();
    valley.refer();
    let copies = "
INSERT INTO referrals SELECT 'ref-' || n, network, referrer, recipient, service, specialty, patient_key, status, turn, urgency,
  attention, points, next_due_at, version, tail_hash, folded_until, created_at, updated_at, clocks, state, request
FROM referrals, n WHERE referrer = 'north' AND id LIKE 'ref-01%'";
    valley.rows("CREATE TABLE n (n INTEGER NOT NULL)");
    valley.rows(
        "WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 4999)
INSERT INTO n SELECT n FROM counted",
    );
    valley.rows(copies);
    assert_eq!(
        told(&audit(&valley, "north", "")),
        [("north", "referral.sent")]
    );
    valley.rows("DELETE FROM n WHERE n <> 1");
    valley.rows("UPDATE n SET n = 5000");
    valley.rows(copies);
    let body = get(&valley, "north", "/worklist/audit").problem(422, "invalid");
    let fault = &body["errors"][0];
    assert_eq!(
        (&fault["parameter"], &fault["code"]),
        (&json!("from"), &json!("too-many"))
    );
    assert!(fault["detail"].as_str().unwrap().contains("5000"), "{body}");
    // What was not written to since is not looked at.
    valley.worklist.platform.advance(8 * DAY_MS);
    assert_eq!(told(&audit(&valley, "north", "")), []);
    assert_eq!(
        told(&audit(&valley, "north", "from=2026-03-02&action=read")),
        []
    );
}

#[test]
fn what_an_organisation_read_before_its_leg_was_taken_back_is_still_told() {
    let valley = valley();
    let id = valley.refer();
    let to = json!({"to": {"organization": "lung", "service": "lung"}, "reason": "Nearer."});
    let event = valley.tell("north", &id, "referral.redirected", to);
    get(&valley, "lung", &format!("/worklist/referrals/{id}")).ok(200);
    valley.worklist.platform.advance(1000);
    let slip = json!({"event": event["event"], "reason": "The wrong referral."});
    valley.tell("north", &id, "event.retracted", slip);
    let query = format!("referral={id}");
    get(&valley, "lung", &format!("/worklist/audit?{query}")).problem(404, "not-found");
    let entries = audit(&valley, "north", &format!("{query}&action=read"));
    assert_eq!(told(&entries), [("lung", "read")]);
}
