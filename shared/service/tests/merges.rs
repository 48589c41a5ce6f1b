//! ADT^A40 natively: a patient's records are merged, and the referrals go along, in whatever order they come.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by them"
)]
#![allow(dead_code, reason = "the client and the network serve other tests too")]

mod client;
mod network;

use axum::body::Body;
use axum::response::Response;
use http::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use service::{exchange, intake};
use tower_service::Service;

use client::Client;
use network::Network;

const PATIENTS: &str = "urn:oid:1.2.3.4";

fn hl7(network: &Network, by: &str, message: &str) -> String {
    let request = Request::builder()
        .method("POST")
        .uri("/hl7")
        .header("host", "localhost:3000")
        .header("content-type", "application/hl7-v2")
        .header("authorization", format!("Bearer {}", network.key(by)))
        .body(Body::from(message.to_owned()))
        .unwrap();
    let mut router = exchange::router(network.platform.clone());
    let response: Response = pollster::block_on(router.call(request)).unwrap();
    let bytes = pollster::block_on(response.into_body().collect()).unwrap();
    String::from_utf8(bytes.to_bytes().to_vec()).unwrap()
}

/// A merge of `from` into `to`, done at `at`.
fn merge(control: &str, from: &str, to: &str, at: &str) -> String {
    [
        format!("MSH|^~\\&|ADT|NORTH^1.2.3^ISO|LOOP|LOOP|20260302090000+0000||ADT^A40^ADT_A39|{control}|P|2.5.1"),
        format!("EVN||{at}+0000"),
        format!("PID|1||{to}^^^&1.2.3.4&ISO^MR||Rivera^Ana"),
        format!("MRG|{from}^^^&1.2.3.4&ISO^MR"),
        String::new(),
    ]
    .join("\r")
}

/// Merges as north, and gives the acknowledgement's MSA without the control id.
fn merged(network: &Network, from: &str, to: &str, at: &str) -> String {
    let control = format!("{from}{to}{at}");
    let answer = hl7(network, "north", &merge(&control, from, to, at));
    msa(&answer)
}

fn msa(answer: &str) -> String {
    let line = answer.split('\r').find(|line| line.starts_with("MSA"));
    let fields: Vec<&str> = line
        .unwrap_or_else(|| panic!("{answer}"))
        .split('|')
        .collect();
    format!("{}: {}", fields[1], fields.get(3).unwrap_or(&""))
}

fn intake(network: &Network) -> Client<runtime::Native> {
    Client::new(network.platform.clone(), intake::router, Vec::new)
}

/// Refers the patient with this number; `order` is the placer's id.
fn refer(network: &Network, patient: &str, order: &str) -> Value {
    let body = json!({
        "patient": {
            "identifier": {"system": PATIENTS, "value": patient},
            "name": {"family": "Rivera", "given": ["Ana"]},
            "birth_date": "1980-02-29",
        },
        "recipient": {"organization": "heart", "service": "main"},
        "service": {"system": "http://loinc.org", "code": "57133-1", "display": "Referral note"},
        "urgency": "routine",
        "clinical_question": "A murmur: is it the valve?",
        "role": "evaluate",
        "supporting": [],
        "preparation": {"agreed": "yes", "barriers": []},
        "overrides": [],
        "placer": {"system": "urn:oid:1.2.3", "value": order},
    });
    intake(network)
        .post("/intake/referrals", network.key("north"), body)
        .ok(201)
}

fn id(referral: &Value) -> String {
    referral["id"].as_str().unwrap().to_owned()
}

/// The number that the referral's patient has, as a side reads it.
fn patient(network: &Network, by: &str, referral: &str) -> String {
    let read = network.read(by, referral);
    read["request"]["patient"]["identifier"]["value"]
        .as_str()
        .or_else(|| read["patient"]["identifier"]["value"].as_str())
        .unwrap_or_else(|| panic!("{read}"))
        .to_owned()
}

fn found(network: &Network, by: &str, number: &str) -> Vec<String> {
    let body = json!({"patient": {"identifier": {"system": PATIENTS, "value": number}}});
    let listed = network
        .worklist()
        .post("/worklist/referrals/search", network.key(by), body)
        .ok(200);
    let mut ids: Vec<String> = listed["items"].as_array().unwrap().iter().map(id).collect();
    ids.sort();
    ids
}

fn kinds(network: &Network, referral: &str) -> Vec<String> {
    let kind = |event: &Value| event["type"].as_str().unwrap().to_owned();
    network.timeline(referral).iter().map(kind).collect()
}

#[test]
fn a_merge_takes_the_referrals_along_and_the_answer_says_how_many() {
    let network = Network::new();
    let (one, other, stays) = (
        id(&refer(&network, "7", "o-1")),
        id(&refer(&network, "7", "o-2")),
        id(&refer(&network, "9", "o-3")),
    );
    assert_eq!(
        merged(&network, "7", "8", "20260302080000"),
        "AA: 2 referrals carry the new id"
    );
    for referral in [&one, &other] {
        for side in ["north", "heart"] {
            assert_eq!(patient(&network, side, referral), "8");
        }
        assert_eq!(
            kinds(&network, referral),
            ["referral.sent", "patient.merged"]
        );
        let event = network.timeline(referral).pop().unwrap();
        assert_eq!(
            event["data"],
            json!({"from": {"system": PATIENTS, "value": "7"}, "to": {"system": PATIENTS, "value": "8"}})
        );
        assert_eq!(event["by"]["organization"], "north");
        assert_eq!(event["source"], "hl7");
    }
    assert_eq!(patient(&network, "north", &stays), "9");
    // By the new id and by the old one, to both sides.
    let mut both = vec![one, other];
    both.sort();
    for side in ["north", "heart"] {
        for number in ["7", "8"] {
            assert_eq!(found(&network, side, number), both, "{side} {number}");
        }
    }
}

#[test]
fn a_referral_that_comes_after_the_merge_carries_the_new_id_at_once() {
    let network = Network::new();
    let first = id(&refer(&network, "8", "o-1"));
    assert_eq!(
        merged(&network, "7", "8", "20260302080000"),
        "AA: 0 referrals carry the new id"
    );
    let referral = refer(&network, "7", "o-2");
    assert_eq!(referral["version"], 2);
    assert_eq!(referral["possible_duplicates"], json!([first]));
    let referral = id(&referral);
    assert_eq!(patient(&network, "heart", &referral), "8");
    assert_eq!(
        kinds(&network, &referral),
        ["referral.sent", "patient.merged"]
    );
    assert_eq!(found(&network, "north", "8").len(), 2);
    // Nothing is left for a sweep.
    network.sweep();
    assert_eq!(kinds(&network, &referral).len(), 2);
}

#[test]
fn a_chain_leads_to_its_end_in_either_order() {
    for order in [[("1", "2"), ("2", "3")], [("2", "3"), ("1", "2")]] {
        let network = Network::new();
        let before = id(&refer(&network, "1", "o-1"));
        for (from, to) in order {
            merged(&network, from, to, "20260302080000");
        }
        let after = id(&refer(&network, "1", "o-2"));
        for referral in [before, after] {
            assert_eq!(patient(&network, "north", &referral), "3", "{order:?}");
        }
        assert_eq!(found(&network, "north", "1").len(), 2);
    }
}

#[test]
fn of_a_circle_the_newest_merge_counts_whenever_it_comes() {
    let there = ("1", "2", "20260302070000");
    let back = ("2", "1", "20260302080000");
    for order in [[there, back], [back, there]] {
        let network = Network::new();
        let referrals = [
            id(&refer(&network, "1", "o-1")),
            id(&refer(&network, "2", "o-2")),
        ];
        for (from, to, at) in order {
            assert!(merged(&network, from, to, at).starts_with("AA"));
        }
        for referral in &referrals {
            assert_eq!(patient(&network, "north", referral), "1", "{order:?}");
        }
    }
}

#[test]
fn a_merge_that_contradicts_an_earlier_one_is_an_error_and_changes_nothing() {
    let network = Network::new();
    let referral = id(&refer(&network, "1", "o-1"));
    merged(&network, "1", "2", "20260302070000");
    let answer = merged(&network, "1", "3", "20260302080000");
    assert!(answer.starts_with("AE: "), "{answer}");
    assert_eq!(patient(&network, "north", &referral), "2");
}

#[test]
fn a_merge_that_comes_twice_is_a_duplicate() {
    let network = Network::new();
    let referral = id(&refer(&network, "7", "o-1"));
    let first = hl7(&network, "north", &merge("1", "7", "8", "20260302080000"));
    assert_eq!(msa(&first), "AA: 1 referral carries the new id");
    let again = hl7(&network, "north", &merge("2", "7", "8", "20260302080000"));
    assert_eq!(
        msa(&again),
        "AA: the same message came before: nothing was done"
    );
    // The same merge in other words.
    assert_eq!(
        merged(&network, "7", "8", "20260302081500"),
        "AA: 0 referrals carry the new id"
    );
    assert_eq!(kinds(&network, &referral).len(), 2);
}

#[test]
fn a_merge_of_somebody_else_changes_nothing() {
    let network = Network::new();
    let referral = id(&refer(&network, "7", "o-1"));
    let answer = hl7(&network, "heart", &merge("1", "7", "8", "20260302080000"));
    assert_eq!(msa(&answer), "AA: 0 referrals carry the new id");
    assert_eq!(patient(&network, "heart", &referral), "7");
    assert_eq!(found(&network, "heart", "8"), Vec::<String>::new());
    assert_eq!(kinds(&network, &referral), ["referral.sent"]);
    // Nor what comes later.
    assert_eq!(refer(&network, "7", "o-2")["version"], 1);
}

#[test]
fn a_later_message_names_the_patient_by_either_id() {
    let network = Network::new();
    for (order, number, want) in [("o-1", "7", "AA"), ("o-2", "8", "AA"), ("o-3", "9", "AE")] {
        refer(&network, "7", order);
        merged(&network, "7", "8", "20260302080000");
        let message = [
            String::from("MSH|^~\\&|EHR|HEART^1.2.9^ISO|LOOP|NORTH^1.2.3^ISO|20260302085900+0000||OSU^O51^OSU_O51|{order}|P|2.5.1").replace("{order}", order),
            format!("PID|1||{number}^^^&1.2.3.4&ISO||Rivera^Ana||19800229|F"),
            format!("ORC|OK|{order}^^1.2.3^ISO|h-{order}^^1.2.9^ISO||IP"),
            String::new(),
        ]
        .join("\r");
        let answer = hl7(&network, "heart", &message);
        assert!(msa(&answer).starts_with(want), "{number}: {answer}");
    }
}

#[test]
fn of_many_referrals_the_sweep_takes_the_rest_along() {
    let network = Network::new();
    let referrals: Vec<String> = (0..160)
        .map(|order| id(&refer(&network, "7", &format!("o-{order}"))))
        .collect();
    assert_eq!(
        merged(&network, "7", "8", "20260302080000"),
        "AA: 150 referrals carry the new id, more will (sweep)"
    );
    let swept = network.sweep();
    assert_eq!((&swept["due"], &swept["more"]), (&json!(10), &json!(false)));
    assert_eq!(found_count(&network), 160);
    for referral in &referrals {
        assert_eq!(
            kinds(&network, referral),
            ["referral.sent", "patient.merged"]
        );
    }
    assert_eq!(network.sweep()["due"], 0);
}

/// How many referrals have the number 8.
fn found_count(network: &Network) -> usize {
    let mut cursor = Value::Null;
    let mut count = 0;
    loop {
        let mut body =
            json!({"patient": {"identifier": {"system": PATIENTS, "value": "8"}}, "limit": 100});
        if cursor.is_string() {
            body["cursor"] = cursor;
        }
        let listed = network
            .worklist()
            .post("/worklist/referrals/search", network.key("north"), body)
            .ok(200);
        count += listed["items"].as_array().unwrap().len();
        cursor = listed["next"].clone();
        if cursor.is_null() {
            return count;
        }
    }
}
