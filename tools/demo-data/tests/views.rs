//! Every view of the page has something to look at in the demo network.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that fails says where"
)]

mod demo;

use std::collections::BTreeSet;
use std::path::Path;

use demo::{DEMO, Demo, FILE, NOW_MS, database};
use demo_data::{HEART, PRACTICE, UNIVERSITY, rows};
use domain::attention::Attention;
use domain::request::Urgency;
use domain::status::Status;
use in_process::Deployment;
use runtime::Native;
use serde_json::Value;

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
    let lines = rows(&Path::new(env!("CARGO_TARGET_TMPDIR")).join(FILE)).unwrap();

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
