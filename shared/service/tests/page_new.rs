//! The form for a new referral, and what intake says of one that is not finished.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by them"
)]

mod client;
mod network;

use axum::body::Body;
use client::ADMIN_KEY;
use http::Request;
use http_body_util::BodyExt;
use network::Network;
use serde_json::{Value, json};
use service::{intake, worklist};
use tower_service::Service;

/// The form as a key's session sees it: its status and its HTML.
fn open(network: &Network, key: &str, language: &str) -> (u16, String) {
    let answer = network.worklist().call_with(
        "POST",
        "/worklist/session",
        "",
        Some(&json!({ "key": key })),
        &[("sec-fetch-site", "same-origin")],
    );
    let cookie = answer.header("set-cookie").split(';').next().unwrap();
    let request = Request::get("/worklist/pages/new")
        .header("cookie", cookie)
        .header("accept-language", language)
        .body(Body::empty())
        .unwrap();
    let mut router = worklist::router(network.platform.clone());
    let (parts, body) = pollster::block_on(router.call(request))
        .unwrap()
        .into_parts();
    let bytes = pollster::block_on(body.collect()).unwrap().to_bytes();
    let html = String::from_utf8_lossy(&bytes).into_owned();
    (parts.status.as_u16(), html)
}

fn check(network: &Network, body: Value) -> client::Answer {
    // It answers as intake does, which is more than its own description names.
    let client = client::Client::new(network.platform.clone(), intake::router, Vec::new);
    client.post("/intake/referrals/check", network.key("north"), body)
}

fn asking(network: &Network) {
    let requirement =
        json!({"id": "ecg", "kind": "document", "display": "Resting ECG", "level": "required"});
    network
        .directory()
        .call(
            "PATCH",
            "/directory/organizations/heart/services/main",
            ADMIN_KEY,
            Some(&json!({"requirements": [requirement]})),
        )
        .ok(200);
}

#[test]
fn who_may_send_a_referral_is_led_to_the_form_and_others_are_refused_it() {
    let network = Network::new();
    let (status, html) = open(&network, network.key("north"), "en");
    assert_eq!(status, 200);
    assert!(
        html.contains("<a href=\"/worklist/pages/new\" aria-current=\"page\">New referral</a>")
    );
    let reader = network.directory_post_with(
        "/directory/organizations/north/keys",
        json!({"scopes": ["referrals:read"]}),
    );
    let reader = reader.ok(201)["key"].as_str().unwrap().to_owned();
    let (status, html) = open(&network, &reader, "en");
    assert_eq!(status, 403);
    assert!(!html.contains("/worklist/pages/new"));
}

#[test]
fn the_form_offers_what_the_network_does_and_what_a_patient_number_was_last_assigned_by() {
    let network = Network::new();
    let service = json!({"id": "eyes", "specialty": "ophthalmology <1>", "codes": [
        {"system": "http://snomed.info/sct", "code": "183543004", "display": "Eyes & lids"}]});
    network
        .directory_post_with("/directory/organizations/lungs/services", service)
        .ok(201);
    let closed = json!({"id": "closed", "specialty": "closed", "active": false});
    network
        .directory_post_with("/directory/organizations/lungs/services", closed)
        .ok(201);
    let (_, before) = open(&network, network.key("north"), "en");
    assert!(!before.contains("urn:oid:1.2.3.4"));
    network.refer();
    let (_, html) = open(&network, network.key("north"), "en");
    assert!(html.contains("value=\"urn:oid:1.2.3.4\""));
    assert_eq!(html.matches("<option>cardiology</option>").count(), 1);
    assert!(html.contains("<option>ophthalmology &#60;1&#62;</option>"));
    assert!(html.contains("data-code=\"183543004\" data-display=\"Eyes &#38; lids\""));
    assert!(!html.contains("closed</option>"));
    // Nothing of a patient, and so no record of a read.
    assert!(!html.contains("Rivera"));
}

#[test]
fn the_services_of_another_network_are_not_offered() {
    let network = Network::new();
    let key = network.key_in_another_network();
    let (status, html) = open(&network, &key, "en");
    assert!(
        status == 403 || !html.contains("<option>cardiology</option>"),
        "{html}"
    );
}

#[test]
fn every_control_has_its_name_in_both_languages() {
    let network = Network::new();
    for (language, submit) in [("en", "Send the referral"), ("es", "Enviar la derivación")] {
        let (_, html) = open(&network, network.key("north"), language);
        assert!(html.contains(submit));
        let ids: Vec<&str> = parts(&html, " id=\"").collect();
        let mut once = ids.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), ids.len(), "an id stands twice");
        for label in parts(&html, " for=\"") {
            assert!(ids.contains(&label), "{label}");
        }
        for described in parts(&html, "aria-describedby=\"") {
            for id in described.split(' ') {
                assert!(ids.contains(&id), "{id}");
            }
        }
    }
}

/// The values of an attribute.
fn parts<'a>(html: &'a str, before: &'a str) -> impl Iterator<Item = &'a str> {
    html.split(before)
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
}

#[test]
fn a_check_of_nothing_says_what_is_needed_and_how_far_it_has_come() {
    let network = Network::new();
    let body = check(&network, json!({})).problem(422, "invalid");
    assert_eq!(body["so_far"]["completeness"]["score"], 3, "{body}");
    assert_eq!(body["so_far"]["requirements"], json!([]));
    assert_eq!(body["so_far"]["possible_duplicates"], json!([]));
}

#[test]
fn a_check_of_what_is_not_finished_knows_the_service_the_duplicates_and_the_right_items() {
    let network = Network::new();
    asking(&network);
    let open = network.refer_as("urgent");
    let draft = json!({
        "patient": {"identifier": {"system": "urn:oid:1.2.3.4", "value": "p-1"}, "phone": "+1 555 0100"},
        "recipient": {"organization": "heart"},
        "supporting": [{"kind": "medication", "display": "Aspirin", "date": "2026-03-01"}, {"kind": "allergy"}],
        "none_known": ["unheard-of"],
    });
    let body = check(&network, draft).problem(422, "invalid");
    let so_far = &body["so_far"];
    assert_eq!(so_far["possible_duplicates"], json!([open]));
    assert_eq!(so_far["requirements"][0]["met"], false, "{body}");
    assert_eq!(
        so_far["completeness"]["missing"],
        json!([
            "question",
            "coded-reason",
            "results",
            "allergies",
            "patient-agrees",
            "who-calls"
        ])
    );
    // A route finds a service although nobody knows yet what for.
    let routed =
        check(&network, json!({"route": {"specialty": "cardiology"}})).problem(422, "invalid");
    assert_eq!(routed["so_far"]["routed"]["alternatives"], 2, "{routed}");
}

#[test]
fn a_check_that_only_a_requirement_holds_up_says_so_beside_what_it_knows() {
    let network = Network::new();
    asking(&network);
    let body = json!({
        "patient": {"identifier": {"system": "urn:x", "value": "1"}, "name": {"family": "Test", "given": []}, "birth_date": "1980-02-29"},
        "recipient": {"organization": "heart"}, "service": {"system": "urn:x", "code": "1"}, "urgency": "routine",
        "clinical_question": "Why?", "role": "evaluate", "preparation": {"agreed": "yes"},
    });
    let missing = check(&network, body.clone()).problem(422, "requirements-missing");
    assert_eq!(missing["errors"][0]["requirement"], "ecg");
    assert_eq!(missing["so_far"]["completeness"]["score"], 3, "{missing}");
    let mut overridden = body;
    overridden["overrides"] = json!([{"requirement": "ecg", "reason": "None can be had."}]);
    let answer = check(&network, overridden).ok(200);
    assert_eq!(answer["requirements"][0]["override"], "None can be had.");
    assert_eq!(answer.get("so_far"), None);
}

#[test]
fn a_check_tells_nobody_else_anything() {
    let network = Network::new();
    let client = client::Client::new(network.platform.clone(), intake::router, intake::operations);
    for key in ["", "rl_nobodys"] {
        let body = client
            .post("/intake/referrals/check", key, json!({}))
            .problem(401, "unauthorized");
        assert_eq!(body.get("so_far"), None);
    }
}
