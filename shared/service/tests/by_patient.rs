//! Messages without an id of their referral, natively: matched by the patient where the policy allows it and one referral alone fits.

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
use service::exchange;
use tower_service::Service;

use client::ADMIN_KEY;
use network::Network;

const DAY_MS: i64 = 86_400_000;

fn send(network: &Network, path: &str, media_type: &str, body: String) -> (u16, String) {
    let request = Request::builder()
        .method("POST")
        .uri(path)
        .header("host", "localhost:3000")
        .header("content-type", media_type)
        .header("authorization", format!("Bearer {}", network.key("heart")))
        .body(Body::from(body))
        .unwrap();
    let mut router = exchange::router(network.platform.clone());
    let response: Response = pollster::block_on(router.call(request)).unwrap();
    let status = response.status().as_u16();
    let bytes = pollster::block_on(response.into_body().collect()).unwrap();
    (
        status,
        String::from_utf8(bytes.to_bytes().to_vec()).unwrap(),
    )
}

/// Heart takes on what it was sent for a patient, without the referrer's number of it.
fn accepted(control: &str, patient: &str, orc: &str, service: &str) -> String {
    [
        format!("MSH|^~\\&|EHR|HEART^1.2.9^ISO|LOOP|NORTH^1.2.3^ISO|20260302090000+0000||OSU^O51^OSU_O51|{control}|P|2.5.1"),
        format!("PID|1||{patient}||Rivera^Ana||19800229|F"),
        format!("ORC|OK|{orc}||IP"),
        format!("OBR|1|||{service}"),
        String::new(),
    ]
    .join("\r")
}

const NOTHING: &str = "|";
const NO_SERVICE: &str = "";

/// The acknowledgement's code and text.
fn hl7(network: &Network, message: String) -> String {
    let (status, text) = send(network, "/hl7", "application/hl7-v2", message);
    assert_eq!(status, 200, "{text}");
    let msa = text.split('\r').find(|line| line.starts_with("MSA"));
    let fields: Vec<&str> = msa.unwrap().split('|').collect();
    format!("{} {}", fields[1], fields.get(3).unwrap_or(&""))
}

fn allow(network: &Network, days: u32) {
    let policy = json!({"match_by_patient_days": days});
    let shown = network
        .directory()
        .call(
            "PUT",
            "/directory/networks/valley/policy",
            ADMIN_KEY,
            Some(&policy),
        )
        .ok(200);
    assert_eq!(shown["match_by_patient_days"], days);
}

const ANA: &str = "p-1^^^&1.2.3.4&ISO";

#[test]
fn the_only_referral_of_the_patient_is_matched_and_it_shows() {
    let network = Network::new();
    allow(&network, 30);
    let referral = network.refer();
    let answer = hl7(&network, accepted("1", ANA, NOTHING, NO_SERVICE));
    assert_eq!(answer, format!("AA matched_by patient: {referral}"));
    assert_eq!(network.read("north", &referral)["status"], "accepted");
    let last = network.timeline(&referral).pop().unwrap();
    assert_eq!(
        (&last["source"], &last["matched_by"]),
        (&json!("hl7:matched-by-patient"), &json!("patient"))
    );
    assert_eq!(network.timeline(&referral)[0]["matched_by"], Value::Null);
}

#[test]
fn it_is_off_unless_the_policy_allows_it() {
    let network = Network::new();
    let shown = network
        .directory()
        .get("/directory/networks/valley/policy", ADMIN_KEY)
        .ok(200);
    assert_eq!(shown["match_by_patient_days"], 0);
    for days in [None, Some(0)] {
        if let Some(days) = days {
            allow(&network, days);
        }
        let referral = network.refer();
        let answer = hl7(&network, accepted("1", ANA, NOTHING, NO_SERVICE));
        assert!(answer.starts_with("AE it fits no referral"), "{answer}");
        assert_eq!(network.read("north", &referral)["status"], "sent");
    }
}

#[test]
fn of_two_that_fit_neither_is_taken() {
    let network = Network::new();
    allow(&network, 30);
    let referral = network.refer();
    let body = again(&network, &referral, "183519002");
    let answer = hl7(&network, accepted("1", ANA, NOTHING, NO_SERVICE));
    assert!(answer.contains("(ambiguous)"), "{answer}");
    for id in [referral, body] {
        assert_eq!(network.read("north", &id)["status"], "sent");
    }
}

#[test]
fn the_service_tells_two_of_one_patient_apart() {
    let network = Network::new();
    allow(&network, 30);
    let referral = network.refer();
    let other = again(&network, &referral, "183524004");
    let answer = hl7(&network, accepted("1", ANA, NOTHING, "183524004^^SCT"));
    assert_eq!(answer, format!("AA matched_by patient: {other}"));
    assert_eq!(network.read("north", &referral)["status"], "sent");
}

#[test]
fn what_speaks_against_it_is_heard() {
    let network = Network::new();
    allow(&network, 30);
    let referral = network.refer();
    for (what, message) in [
        (
            "another patient",
            accepted("1", "p-2^^^&1.2.3.4&ISO", NOTHING, NO_SERVICE),
        ),
        (
            "the same number of another assigner",
            accepted("2", "p-1^^^&9.9&ISO", NOTHING, NO_SERVICE),
        ),
        (
            "a number that the referrer has not given",
            accepted("3", ANA, "order-7^^1.2.3^ISO|", NO_SERVICE),
        ),
        (
            "an id of ours that nobody has",
            accepted(
                "4",
                ANA,
                "ref-01j9zk3v8w7x2m4n6p8q0r2t4y^^1.2.3^ISO|",
                NO_SERVICE,
            ),
        ),
        (
            "another service",
            accepted("5", ANA, NOTHING, "183524004^^SCT"),
        ),
    ] {
        let answer = hl7(&network, message);
        assert!(answer.starts_with("AE "), "{what}: {answer}");
    }
    assert_eq!(network.read("north", &referral)["status"], "sent");
    // The recipient's own number, of which nothing is known yet, says nothing.
    let answer = hl7(&network, accepted("6", ANA, "|h-7^^1.2.9^ISO", NO_SERVICE));
    assert!(answer.starts_with("AA matched_by patient"), "{answer}");
}

#[test]
fn outside_the_window_it_is_not_matched() {
    let network = Network::new();
    allow(&network, 2);
    let referral = network.refer();
    network.platform.advance(2 * DAY_MS + 1);
    let message = accepted("1", ANA, NOTHING, NO_SERVICE);
    // It says when it was written: within the window it fits, after it not.
    let late = message.replace("20260302090000+0000", "20260304090000.001+0000");
    assert!(hl7(&network, late).starts_with("AE "));
    let at_its_end = message.replace("20260302090000+0000", "20260304090000+0000");
    assert_eq!(
        hl7(&network, at_its_end),
        format!("AA matched_by patient: {referral}")
    );
}

#[test]
fn a_task_without_an_identifier_is_matched_likewise() {
    let network = Network::new();
    let task = json!({
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "fullUrl": "urn:uuid:6f1c6ff1-2f0b-4b61-9d38-7d2f3f1c9a01",
                "resource": {
                    "resourceType": "Task", "status": "accepted", "intent": "order",
                    "businessStatus": {"coding": [{"system": "http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS", "code": "3.0"}]},
                    "for": {"reference": "urn:uuid:6f1c6ff1-2f0b-4b61-9d38-7d2f3f1c9a02"},
                },
                "request": {"method": "POST", "url": "Task"},
            },
            {
                "fullUrl": "urn:uuid:6f1c6ff1-2f0b-4b61-9d38-7d2f3f1c9a02",
                "resource": {
                    "resourceType": "Patient",
                    "identifier": [{"system": "urn:oid:1.2.3.4", "value": "p-1"}],
                    "name": [{"family": "Rivera", "given": ["Ana"]}],
                    "birthDate": "1980-02-29",
                },
                "request": {"method": "POST", "url": "Patient"},
            },
        ],
    });
    let referral = network.refer();
    let (status, text) = send(&network, "/fhir", "application/fhir+json", task.to_string());
    assert_eq!(status, 202, "{text}");
    assert_eq!(network.read("north", &referral)["status"], "sent");
    allow(&network, 30);
    let (status, text) = send(&network, "/fhir", "application/fhir+json", task.to_string());
    assert_eq!(status, 200, "{text}");
    assert!(text.contains("matched_by patient"), "{text}");
    assert_eq!(network.read("north", &referral)["status"], "accepted");
    let last = network.timeline(&referral).pop().unwrap();
    assert_eq!(last["matched_by"], "patient");
}

/// Another referral of the same patient, for this service.
fn again(network: &Network, referral: &str, code: &str) -> String {
    let body = json!({
        "patient": network.read("north", referral)["patient"],
        "recipient": {"organization": "heart", "service": "main"},
        "service": {"system": "http://snomed.info/sct", "code": code},
        "urgency": "routine",
        "clinical_question": "And this?",
        "role": "evaluate",
        "preparation": {"agreed": "yes"},
    });
    let intake = client::Client::new(network.platform.clone(), service::intake::router, Vec::new);
    let sent = intake.post("/intake/referrals", network.key("north"), body);
    sent.ok(201)["id"].as_str().unwrap().to_owned()
}
