//! Who read what is on record, whole and once, over the real routers on the native platform.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by them"
)]

mod client;
mod valley;

use client::{ADMIN_KEY, Client, NOW_MS, platform};
use ports::{Answer as Rows, DatabaseError, Platform, Setting, Statement};
use runtime::Native;
use serde_json::{Value, json};
use service::worklist;
use valley::Valley;

fn valley() -> Valley {
    Valley::new(&platform())
}

/// Stored reads: organisation, action, referrals, document or nothing.
fn stored(valley: &Valley) -> Vec<[String; 4]> {
    let sql = "SELECT organization, action, referrals, coalesce(document, '') AS document FROM reads ORDER BY at, id";
    let columns = ["organization", "action", "referrals", "document"];
    let rows = valley.rows(sql);
    rows.iter()
        .map(|row| columns.map(|column| row.text(column).unwrap().to_owned()))
        .collect()
}

fn list_of(ids: &[&str]) -> String {
    Value::from(ids).to_string()
}

/// Reads at an instant of its own, so that entries have an order.
fn get(valley: &Valley, organization: &str, path: &str) -> client::Answer {
    valley.worklist.platform.advance(1);
    valley.read(path, valley.key(organization))
}

/// An outcome of `heart` with a document; the document's id.
fn report(valley: &Valley, referral: &str) -> String {
    let key = valley.key("heart");
    let stored = valley
        .status
        .post("/status/documents", key, json!("a report"));
    let document = stored.ok(201)["id"].as_str().unwrap().to_owned();
    valley.tell("heart", referral, "referral.accepted", json!({}));
    let data = json!({"visit_on": "2026-03-01", "summary": "Angina.", "next_steps": [], "documents": [document]});
    valley.tell("heart", referral, "referral.outcome", data);
    document
}

#[test]
fn every_read_leaves_one_row_and_no_write_does() {
    let valley = valley();
    let one = valley.refer();
    valley.worklist.platform.advance(1);
    let two = valley.refer();
    let document = report(&valley, &one);
    assert_eq!(stored(&valley), Vec::<[String; 4]>::new());
    let trips = |answer: client::Answer| {
        let cost = answer.header("server-timing").to_owned();
        assert_eq!(answer.status, 200, "{}", answer.body);
        cost
    };
    let once = "db;desc=\"1\"";
    let twice = "db;desc=\"2\"";
    assert_eq!(
        trips(get(&valley, "heart", &format!("/worklist/referrals/{one}"))),
        once
    );
    assert_eq!(
        trips(get(
            &valley,
            "north",
            &format!("/worklist/referrals/{one}/events")
        )),
        once
    );
    assert_eq!(
        trips(get(
            &valley,
            "north",
            &format!("/worklist/documents/{document}")
        )),
        once
    );
    assert_eq!(
        trips(get(
            &valley,
            "north",
            "/worklist/referrals?sort=oldest&limit=1"
        )),
        twice
    );
    assert_eq!(
        trips(get(&valley, "north", "/worklist/referrals?sort=oldest")),
        twice
    );
    valley.worklist.platform.advance(1);
    let search = json!({"patient": {"system": "urn:oid:2.999.1", "value": "4711"}, "limit": 2});
    valley
        .worklist
        .ask(
            "POST",
            "/worklist/referrals/search",
            valley.key("heart"),
            Some(&search),
            &[],
        )
        .ok(200);
    let rows = stored(&valley);
    let (only, both) = (list_of(&[&one]), list_of(&[&one, &two]));
    let row = |organization: &str, action: &str, referrals: &str, document: &str| {
        [organization, action, referrals, document].map(str::to_owned)
    };
    assert_eq!(
        rows[..5],
        [
            row("heart", "read", &only, ""),
            row("north", "timeline", &only, ""),
            row("north", "document", &only, &document),
            row("north", "list", &only, ""),
            row("north", "list", &both, ""),
        ]
    );
    assert_eq!(rows[5][..2], ["heart", "search"].map(str::to_owned));
    assert_eq!(rows.len(), 6);
}

#[test]
fn an_empty_page_and_the_measures_show_no_patient_and_leave_no_row() {
    let valley = valley();
    valley.refer();
    get(&valley, "other", "/worklist/referrals").ok(200);
    get(&valley, "north", "/worklist/referrals?status=closed").ok(200);
    get(&valley, "north", "/worklist/measures").ok(200);
    assert_eq!(stored(&valley), Vec::<[String; 4]>::new());
}

#[test]
fn a_read_that_is_refused_leaves_no_row() {
    let valley = valley();
    let id = valley.refer();
    let document = report(&valley, &id);
    let expired = json!({"scopes": ["referrals:read"], "expires_at": "2026-03-02T09:00:01Z"});
    let expired = valley.add_key("heart", expired);
    let without_scope = valley.add_key(
        "heart",
        json!({"scopes": ["referrals:write", "measures:read"]}),
    );
    let revoked = json!({"scopes": ["referrals:read"], "label": "revoked"});
    let revoked = valley.add_key("heart", revoked);
    let keys = valley
        .directory
        .get("/directory/organizations/heart/keys", ADMIN_KEY)
        .ok(200);
    let keys = keys["items"].as_array().unwrap();
    let key = keys.iter().find(|key| key["label"] == "revoked").unwrap();
    let path = format!(
        "/directory/organizations/heart/keys/{}",
        key["id"].as_str().unwrap()
    );
    assert_eq!(
        valley
            .directory
            .call("DELETE", &path, ADMIN_KEY, None)
            .status,
        204
    );
    valley.worklist.platform.set_now(NOW_MS + 1000);
    let paths = [
        format!("/worklist/referrals/{id}"),
        format!("/worklist/referrals/{id}/events"),
        format!("/worklist/documents/{document}"),
        format!("/worklist/audit?referral={id}"),
    ];
    for path in &paths {
        for (key, status) in [
            (expired.as_str(), 401),
            (revoked.as_str(), 401),
            ("rl_unknown", 401),
            (without_scope.as_str(), 403),
            (valley.key("other"), 404),
            (valley.key("lung"), 404),
        ] {
            let answer = valley.read(path, key);
            assert_eq!(answer.status, status, "{path} {}", answer.body);
        }
    }
    let timeline = &paths[1];
    for query in ["limit=0", "cursor=x"] {
        get(&valley, "heart", &format!("{timeline}?{query}")).problem(422, "invalid");
    }
    get(&valley, "heart", "/worklist/referrals/ref-none").problem(404, "not-found");
    assert_eq!(stored(&valley), Vec::<[String; 4]>::new());
    for path in &paths {
        assert_eq!(get(&valley, "heart", path).status, 200, "{path}");
    }
    assert_eq!(stored(&valley).len(), paths.len());
}

#[test]
fn a_key_is_good_until_the_very_millisecond_at_which_it_ends() {
    let valley = valley();
    let id = valley.refer();
    let path = format!("/worklist/referrals/{id}");
    let ends = json!({"scopes": ["referrals:read"], "expires_at": "2026-03-02T09:00:01Z"});
    let key = valley.add_key("heart", ends);
    valley.worklist.platform.set_now(NOW_MS + 999);
    valley.read(&path, &key).ok(200);
    valley.worklist.platform.set_now(NOW_MS + 1000);
    valley
        .worklist
        .get(&path, &key)
        .problem(401, "unauthorized");
    assert_eq!(stored(&valley).len(), 1);
}

#[test]
fn past_and_later_recipients_read_on_record_and_a_leg_that_was_taken_back_reads_no_more() {
    let valley = valley();
    let id = valley.refer();
    let path = format!("/worklist/referrals/{id}");
    let to = json!({"to": {"organization": "lung", "service": "lung"}, "reason": "Nearer."});
    let event = valley.tell("north", &id, "referral.redirected", to);
    for organization in ["north", "heart", "lung"] {
        get(&valley, organization, &path).ok(200);
    }
    assert_eq!(stored(&valley).len(), 3);
    valley.worklist.platform.advance(1000);
    let slip = json!({"event": event["event"], "reason": "The wrong referral."});
    valley.tell("north", &id, "event.retracted", slip);
    get(&valley, "lung", &path).problem(404, "not-found");
    assert_eq!(stored(&valley).len(), 3);
}

#[test]
fn a_read_whose_record_cannot_be_stored_is_not_answered() {
    let valley = valley();
    let id = valley.refer();
    let document = report(&valley, &id);
    let paths = [
        format!("/worklist/referrals/{id}"),
        format!("/worklist/referrals/{id}/events"),
        format!("/worklist/documents/{document}"),
        "/worklist/referrals".to_owned(),
        format!("/worklist/audit?referral={id}"),
    ];
    for (change, status) in [
        (
            "CREATE TRIGGER lost BEFORE INSERT ON reads BEGIN SELECT raise(IGNORE); END",
            500,
        ),
        ("DROP TABLE reads", 500),
    ] {
        valley.rows(change);
        for path in &paths {
            let answer = get(&valley, "north", path);
            assert_eq!(answer.status, status, "{path}");
            assert!(!answer.body.to_string().contains("Chalmers"));
        }
    }
}

/// A platform that sends every batch twice, as one may whose answer was lost.
#[derive(Clone)]
struct Twice(Native);

impl Platform for Twice {
    async fn batch(&self, statements: Vec<Statement>) -> Result<Rows, DatabaseError> {
        self.0.batch(statements.clone()).await?;
        self.0.batch(statements).await
    }

    fn now(&self) -> i64 {
        self.0.now()
    }

    fn random(&self) -> [u8; 16] {
        self.0.random()
    }

    fn report(&self, fault: &str) {
        self.0.report(fault);
    }

    async fn setting(&self, setting: Setting) -> Option<String> {
        self.0.setting(setting).await
    }
}

#[test]
fn a_batch_that_is_sent_twice_is_one_read() {
    let valley = valley();
    let id = valley.refer();
    let platform = Twice(valley.worklist.platform.clone());
    let worklist = Client::new(platform, worklist::router, worklist::operations);
    for path in [&format!("/worklist/referrals/{id}"), "/worklist/referrals"] {
        let answer = worklist.ask("GET", path, valley.key("north"), None, &[]);
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    assert_eq!(stored(&valley).len(), 2);
}
