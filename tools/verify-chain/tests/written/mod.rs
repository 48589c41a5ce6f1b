//! A database that the real functions wrote, and copies of it to change.

#[path = "../../../../shared/service/tests/client/mod.rs"]
mod client;
#[path = "../../../../shared/service/tests/valley/mod.rs"]
mod valley;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use client::{ADMIN_KEY, NOW_MS};
use ports::Setting;
use runtime::Native;
use rusqlite::Connection;
use serde_json::{Value, json};
use service::crypto::sha256_hex;
use valley::Valley;
use verify_chain::proof::Proof;
use verify_chain::{Finding, database, verify};

const HOUR_MS: i64 = 3_600_000;

/// A database of the functions, and the ids in it.
pub struct Written {
    pub path: PathBuf,
    /// A whole life, with a report, a correction, something late, a retraction and a second leg.
    pub long: String,
    /// Sent, and no more.
    pub short: String,
}

/// The schema, one text a step.
pub fn migrations() -> Vec<String> {
    client::migrations()
}

/// A path of this test program's own; what was there before is gone.
pub fn file(name: &str) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let program = std::env::current_exe().unwrap();
        let name = program.file_stem().unwrap();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        drop(fs::remove_dir_all(&folder));
        fs::create_dir_all(&folder).unwrap();
        folder
    });
    folder.join(name)
}

/// Written once for all tests, which change copies.
pub fn written() -> &'static Written {
    static WRITTEN: OnceLock<Written> = OnceLock::new();
    WRITTEN.get_or_init(|| {
        let live = file("live.db");
        let platform = Native::file(&live)
            .now(NOW_MS)
            .setting(Setting::AdminKey, ADMIN_KEY)
            .setting(Setting::MasterKey, "master")
            .migrations(client::migrations())
            .open()
            .unwrap();
        let valley = Valley::new(&platform);
        let long = valley.refer();
        live_long(&valley, &long);
        let short = valley.refer();
        let path = file("whole.db");
        let copy = format!("VACUUM INTO '{}'", path.display());
        Connection::open(&live)
            .unwrap()
            .execute_batch(&copy)
            .unwrap();
        Written { path, long, short }
    })
}

fn live_long(valley: &Valley, id: &str) {
    let later = |hours: i64| valley.worklist.platform.advance(hours * HOUR_MS);
    let tell = |organization: &str, kind: &str, data: Value| {
        later(1);
        valley.tell(organization, id, kind, data)
    };
    let changes = json!({"changes": {"clinical_question": "Is the pain cardiac? Since when?"}, "reason": "Unclear."});
    tell("north", "referral.corrected", changes);
    let slip = tell(
        "heart",
        "referral.note",
        json!({"note": "Not this \"patient\": Ünï \\n\n'quoted'."}),
    );
    tell(
        "heart",
        "event.retracted",
        json!({"event": slip["event"], "reason": "Another referral."}),
    );
    let to = json!({"to": {"organization": "lung", "service": "lung"}, "reason": "Nearer."});
    tell("heart", "referral.redirected", to);
    later(24 * 9);
    valley.sweep.post("/sweep", ADMIN_KEY, json!({})).ok(200);
    let filler = json!({"filler": {"system": "urn:oid:2.999.2", "value": "L-1"}});
    let body = json!({"type": "referral.accepted", "data": filler});
    let path = format!("/status/referrals/{id}/events");
    let key = [("idempotency-key", "\"accept\"")];
    let answer = valley
        .status
        .call_with("POST", &path, valley.key("lung"), Some(&body), &key);
    answer.ok(202);
    // Happened before the last one: folded among the others.
    let early = json!({"note": "Called.", "occurred_at": "2026-03-02T12:00:00.5Z"});
    tell("north", "referral.note", early);
    let stored = valley
        .status
        .post("/status/documents", valley.key("lung"), json!("a report"));
    let document = stored.ok(201)["id"].clone();
    let report = json!({"visit_on": "2026-03-10", "summary": "Angina.", "next_steps": [], "documents": [document]});
    tell("lung", "referral.outcome", report);
    let read = json!({"care_plan_changed": true, "question_answered": "yes"});
    tell("north", "referral.acknowledged", read);
    valley
        .read(&format!("/worklist/referrals/{id}"), valley.key("lung"))
        .ok(200);
    valley
        .read("/worklist/referrals", valley.key("north"))
        .ok(200);
}

/// Lines of the report, without the referral's id.
pub fn lines(path: &Path, proofs: &[Proof]) -> Vec<String> {
    let report = verify(&database::open(path).unwrap(), proofs).unwrap();
    let line = |finding: &Finding| finding.to_string();
    let whole = written();
    report
        .findings
        .iter()
        .map(line)
        .map(|line| {
            line.replace(&whole.long, "long")
                .replace(&whole.short, "short")
        })
        .collect()
}

/// What is found after a change to a copy.
#[track_caller]
pub fn found(name: &str, change: impl FnOnce(&Connection)) -> Vec<String> {
    let path = file(&format!("{name}.db"));
    fs::copy(&written().path, &path).unwrap();
    let connection = Connection::open(&path).unwrap();
    change(&connection);
    drop(connection);
    lines(&path, &[])
}

pub fn run(connection: &Connection, sql: &str) {
    let changed = connection.execute(sql, []).unwrap();
    assert!(changed > 0, "nothing changed: {sql}");
}

pub fn body(connection: &Connection, id: &str, seq: i64) -> Value {
    let sql = "SELECT body FROM events WHERE referral_id = ?1 AND seq = ?2";
    let text: String = connection
        .query_row(sql, (id, seq), |row| row.get(0))
        .unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Writes a body with the hash that it has.
pub fn rewrite(connection: &Connection, id: &str, seq: i64, body: &Value) {
    let text = body.to_string();
    let sql = "UPDATE events SET body = ?3, hash = ?4 WHERE referral_id = ?1 AND seq = ?2";
    let hash = sha256_hex(&[text.as_bytes()]);
    assert_eq!(connection.execute(sql, (id, seq, text, hash)).unwrap(), 1);
}

/// The number of the last event.
pub fn last_event(connection: &Connection, id: &str) -> i64 {
    let sql = "SELECT max(seq) FROM events WHERE referral_id = ?1";
    connection.query_row(sql, [id], |row| row.get(0)).unwrap()
}
