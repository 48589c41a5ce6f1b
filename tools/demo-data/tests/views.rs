//! Every view of the page has something to look at in the demo network.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that fails says where"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use demo_data::{HEART, PRACTICE, Secrets, UNIVERSITY, fill, rows};
use domain::attention::Attention;
use domain::request::Urgency;
use domain::status::Status;
use in_process::Deployment;
use runtime::Native;
use serde_json::Value;

/// Tuesday 2026-03-17, 18:00 UTC.
const NOW_MS: i64 = 1_773_770_400_000;

struct Demo {
    deployment: Deployment,
    told: Value,
}

/// Made once: it takes some seconds.
static DEMO: LazyLock<Demo> = LazyLock::new(|| {
    let database = Native::file(database("demo.db"));
    let secrets = Secrets {
        admin_key: "admin",
        master_key: "master",
    };
    let (deployment, told) = fill(database, secrets, NOW_MS).unwrap();
    Demo { deployment, told }
});

/// Where a database is to be that was not there before.
fn database(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    for left in [
        path.clone(),
        path.with_extension("db-wal"),
        path.with_extension("db-shm"),
    ] {
        let _ = std::fs::remove_file(left);
    }
    path
}

impl Demo {
    fn key(&self, organization: &str) -> &str {
        let mut keys = self.told["keys"].as_array().unwrap().iter();
        let key = keys.find(|key| key["organization"] == organization);
        key.unwrap()["key"].as_str().unwrap()
    }

    #[track_caller]
    fn get(&self, path: &str, key: &str) -> Value {
        let answer = self.deployment.call("GET", path, key, None).unwrap();
        answer.expect(&[200]).unwrap()
    }

    /// Every referral that an organisation sees.
    fn referrals(&self, organization: &str) -> Vec<Value> {
        let mut all = Vec::new();
        let mut path = "/worklist/referrals?limit=200".to_owned();
        loop {
            let page = self.get(&path, self.key(organization));
            all.extend(page["items"].as_array().unwrap().clone());
            match page["next"].as_str() {
                Some(next) => path = format!("/worklist/referrals?limit=200&cursor={next}"),
                None => return all,
            }
        }
    }
}

fn of(referrals: &[Value], member: &str) -> BTreeSet<String> {
    let values = referrals
        .iter()
        .flat_map(|referral| match &referral[member] {
            Value::Array(list) => list.clone(),
            one => vec![one.clone()],
        });
    values
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect()
}

fn all(codes: &[&str]) -> BTreeSet<String> {
    codes.iter().map(|code| (*code).to_owned()).collect()
}

#[test]
fn the_worklist_has_every_status_urgency_turn_and_cause_for_attention() {
    let demo = &*DEMO;
    let referrals = demo.referrals(PRACTICE);
    let mut statuses = of(&referrals, "status");
    // That is in no list, and still there.
    assert!(statuses.insert("entered-in-error".to_owned()));
    assert_eq!(statuses, all(Status::CODES));
    assert_eq!(of(&referrals, "urgency"), all(Urgency::CODES));
    assert_eq!(of(&referrals, "turn"), all(&["referrer", "recipient"]));
    assert_eq!(of(&referrals, "attention"), all(Attention::CODES));
    assert!(!demo.referrals(HEART).is_empty());
    assert!(!demo.referrals(UNIVERSITY).is_empty());
}

#[test]
fn there_are_messages_that_fit_no_referral_and_a_delivery_that_failed() {
    let demo = &*DEMO;
    let unmatched = demo.get("/worklist/unmatched", demo.key(HEART));
    assert_eq!(
        unmatched["items"].as_array().unwrap().len(),
        3,
        "{unmatched}"
    );
    let path = format!("/directory/organizations/{UNIVERSITY}/deliveries?state=dead");
    let dead = demo.get(&path, demo.key(UNIVERSITY));
    assert!(!dead["items"].as_array().unwrap().is_empty(), "{dead}");
}

#[test]
fn the_measures_have_a_trend_of_a_year_and_waits_that_are_waits() {
    let demo = &*DEMO;
    let measures = demo.get(
        "/worklist/measures?from=2025-03-01&to=2026-03-18&by=month",
        demo.key(PRACTICE),
    );
    let months = measures["groups"].as_array().unwrap();
    assert!(months.len() >= 12, "{measures}");
    assert!(measures["total"].as_i64().unwrap() > 200);
    for wait in [
        "days_to_decision",
        "days_to_visit",
        "days_to_report",
        "days_to_closed",
    ] {
        assert!(measures[wait]["median"].as_f64().unwrap() > 1.0, "{wait}");
    }
    for part in ["completion", "breached", "disputed", "escalated", "advice"] {
        let part = &measures[part];
        let count = part["numerator"].as_i64().unwrap();
        assert!(
            0 < count && count < part["denominator"].as_i64().unwrap(),
            "{part}"
        );
    }
    for reasons in [
        "decline_reasons",
        "non_completion_reasons",
        "breaches_by_stage",
    ] {
        assert!(
            measures[reasons].as_object().unwrap().len() > 2,
            "{reasons}"
        );
    }
}

#[test]
fn the_keys_are_of_a_coordinator_a_front_desk_and_a_quality_manager() {
    let demo = &*DEMO;
    let who: Vec<_> = demo.told["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| {
            (
                key["organization"].as_str().unwrap(),
                key["who"].as_str().unwrap(),
            )
        })
        .collect();
    for (organization, what) in [
        (PRACTICE, "coordinator"),
        (HEART, "front desk"),
        (PRACTICE, "quality manager"),
    ] {
        assert!(
            who.iter()
                .any(|(id, who)| *id == organization && who.contains(what)),
            "{who:?}"
        );
    }
    let sent = demo.told["sent"].as_str().unwrap();
    let read = demo.get(&format!("/worklist/referrals/{sent}"), demo.key(HEART));
    assert_eq!(read["status"], "sent");
}

fn bytes(text: &str) -> Vec<u8> {
    let digits: Vec<_> = text.bytes().collect();
    let pairs = digits
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).unwrap());
    pairs
        .map(|pair| u8::from_str_radix(pair, 16).unwrap())
        .collect()
}

#[test]
fn a_copy_of_the_rows_is_the_same_network() {
    let first = &*DEMO;
    let want = first.referrals(PRACTICE);
    let measures =
        |demo: &Demo, key: &str| demo.get("/worklist/measures?from=2025-01-01&to=2027-01-01", key);
    let key = first.key(PRACTICE);
    let measured = measures(first, key);
    let lines = rows(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo.db")).unwrap();

    let copy = database("copy.db");
    let second = Demo {
        deployment: Deployment::new(Native::file(&copy), NOW_MS).unwrap(),
        told: first.told.clone(),
    };
    let connection = rusqlite::Connection::open(&copy).unwrap();
    for line in lines.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let mut statement = connection.prepare(line["sql"].as_str().unwrap()).unwrap();
        for row in line["rows"].as_array().unwrap() {
            let values = row.as_array().unwrap().iter().map(|value| match value {
                Value::Null => rusqlite::types::Value::Null,
                Value::String(text) => text.clone().into(),
                Value::Object(it) => bytes(it["bytes"].as_str().unwrap()).into(),
                number if number.is_i64() => number.as_i64().unwrap().into(),
                number => number.as_f64().unwrap().into(),
            });
            statement
                .execute(rusqlite::params_from_iter(values))
                .unwrap();
        }
    }
    assert_eq!(second.referrals(PRACTICE), want);
    assert_eq!(measures(&second, key), measured);
}
