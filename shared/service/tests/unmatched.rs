//! Messages that fit no referral, natively: they are chased like an overdue referral until a person has said where they belong.

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
use service::{exchange, status};
use tower_service::Service;

use client::{ADMIN_KEY, Client};
use network::Network;

const HOUR_MS: i64 = 3_600_000;

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

/// Heart says that it takes an order on that nobody sent.
fn orphan(network: &Network, order: &str) {
    let message = [
        format!("MSH|^~\\&|EHR|HEART^1.2.9^ISO|LOOP|NORTH^1.2.3^ISO|20260302085900+0000||OSU^O51^OSU_O51|{order}|P|2.5.1"),
        "PID|1||p-9^^^&1.2.3.4&ISO||Rivera^Ana||19800229|F".to_owned(),
        format!("ORC|OK|{order}^^1.2.3^ISO|h-{order}^^1.2.9^ISO||IP"),
        String::new(),
    ]
    .join("\r");
    let answer = hl7(network, "heart", &message);
    assert!(answer.contains("\rMSA|AE|"), "{answer}");
}

fn listed(network: &Network) -> Vec<Value> {
    let client = Client::new(
        network.platform.clone(),
        service::worklist::router,
        service::worklist::operations,
    );
    let page = client.get("/worklist/unmatched", network.key("heart"));
    page.ok(200)["items"].as_array().unwrap().clone()
}

fn decide(network: &Network, message: &str, body: Value) -> Value {
    let client = Client::new(network.platform.clone(), status::router, status::operations);
    let path = format!("/status/unmatched/{message}/match");
    client.post(&path, network.key("heart"), body).ok(202)
}

fn put_policy(network: &Network, policy: Value) {
    network
        .directory()
        .call(
            "PUT",
            "/directory/networks/valley/policy",
            ADMIN_KEY,
            Some(&policy),
        )
        .ok(200);
}

/// What came to a host of messages that fit no referral: type, message, level.
fn told(network: &Network, host: &str) -> Vec<(String, String, i64)> {
    let of_message = |received: &network::Received| {
        let body = &received.body;
        let kind = body["type"].as_str()?;
        kind.starts_with("message.").then(|| {
            let id = body["data"]["message"]["id"].as_str().unwrap();
            let level = body["data"]["level"].as_i64().unwrap();
            (kind.to_owned(), id.to_owned(), level)
        })
    };
    network
        .received(host)
        .iter()
        .filter_map(of_message)
        .collect()
}

/// The counts of a sweep that are of interest here.
fn counts(swept: &Value) -> [i64; 4] {
    ["due", "overdue", "reminders", "escalated"].map(|name| swept[name].as_i64().unwrap())
}

#[test]
fn an_overdue_message_is_told_once_and_then_to_the_next_level() {
    let network = Network::new();
    put_policy(&network, json!({"escalate_to": "lungs"}));
    network.endpoint("heart", "https://heart.example/in");
    network.endpoint("lungs", "https://lungs.example/in");
    network.endpoint("north", "https://north.example/in");
    // Monday, nine o'clock: a routine report has one business day, and the next level hears five later.
    orphan(&network, "nobody-1");
    network.sweep();
    let item = &listed(&network)[0];
    let id = item["id"].as_str().unwrap().to_owned();
    assert_eq!(
        (
            &item["since"],
            &item["due_at"],
            &item["overdue"],
            &item["times_chased"]
        ),
        (
            &json!("2026-03-02T09:00:00Z"),
            &json!("2026-03-03T09:00:00Z"),
            &json!(false),
            &json!(0)
        )
    );
    network.platform.advance(24 * HOUR_MS - 1);
    assert_eq!(counts(&network.sweep()), [0, 0, 0, 0]);
    network.platform.advance(1);
    assert_eq!(counts(&network.sweep()), [1, 1, 1, 0]);
    assert_eq!(counts(&network.sweep()), [0, 0, 0, 0]);
    let item = &listed(&network)[0];
    assert_eq!(
        (
            &item["overdue"],
            &item["times_chased"],
            &item["last_chased_at"]
        ),
        (&json!(true), &json!(1), &json!("2026-03-03T09:00:00Z"))
    );
    network.platform.advance(7 * 24 * HOUR_MS);
    assert_eq!(counts(&network.sweep()), [1, 0, 0, 1]);
    assert_eq!(counts(&network.sweep()), [0, 0, 0, 0]);
    assert_eq!(listed(&network)[0]["times_chased"], 2);
    assert_eq!(
        told(&network, "heart.example"),
        [("message.overdue".to_owned(), id.clone(), 1)]
    );
    assert_eq!(
        told(&network, "lungs.example"),
        [("message.escalated".to_owned(), id, 2)]
    );
    assert_eq!(told(&network, "north.example"), []);
}

#[test]
fn what_is_told_names_no_patient_and_nothing_of_what_the_message_says() {
    let network = Network::new();
    network.endpoint("heart", "https://heart.example/in");
    network.sweep();
    orphan(&network, "nobody-1");
    network.platform.advance(24 * HOUR_MS);
    network.sweep();
    let received = network.received("heart.example").pop().unwrap();
    let id = listed(&network)[0]["id"].clone();
    assert_eq!(
        received.body,
        json!({
            "type": "message.overdue",
            "timestamp": "2026-03-03T09:00:00Z",
            "data": {
                "organization": "heart",
                "message": {
                    "id": id, "format": "hl7", "why": "no-referral",
                    "since": "2026-03-02T09:00:00Z", "due_at": "2026-03-03T09:00:00Z",
                },
                "level": 1,
            },
        })
    );
}

#[test]
fn a_message_that_a_person_has_dealt_with_is_chased_no_more() {
    let network = Network::new();
    network.endpoint("heart", "https://heart.example/in");
    let referral = network.refer();
    orphan(&network, "nobody-1");
    orphan(&network, "nobody-2");
    let ids: Vec<String> = listed(&network)
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect();
    decide(&network, &ids[0], json!({"dismiss": "A test."}));
    decide(&network, &ids[1], json!({"referral": referral}));
    network.platform.advance(24 * HOUR_MS);
    assert_eq!(counts(&network.sweep())[1..], [0, 0, 0]);
    assert_eq!(told(&network, "heart.example"), []);
}

#[test]
fn a_changed_policy_counts_for_what_waits() {
    let network = Network::new();
    orphan(&network, "nobody-1");
    network.sweep();
    let hours = json!({"stat": "2h", "asap": "2h", "urgent": "2h", "routine": "2h"});
    put_policy(&network, json!({"limits": {"report-applied": hours}}));
    network.sweep();
    assert_eq!(listed(&network)[0]["due_at"], "2026-03-02T11:00:00Z");
    network.platform.advance(2 * HOUR_MS);
    assert_eq!(counts(&network.sweep()), [1, 1, 1, 0]);
}

#[test]
fn an_endpoint_is_told_what_it_has_asked_for() {
    let network = Network::new();
    let path = "/directory/organizations/heart/endpoints";
    for (url, events) in [
        ("https://asks.example/in", json!(["message.overdue"])),
        (
            "https://other.example/in",
            json!(["referral.sent", "message.escalated"]),
        ),
    ] {
        network
            .directory_post_with(path, json!({"url": url, "events": events}))
            .ok(201);
    }
    network.sweep();
    orphan(&network, "nobody-1");
    network.platform.advance(24 * HOUR_MS);
    network.sweep();
    assert_eq!(told(&network, "asks.example").len(), 1);
    assert_eq!(told(&network, "other.example"), []);
}

#[test]
fn a_sweep_of_another_network_chases_nothing_and_many_are_chased_in_slices() {
    let network = Network::new();
    let far = network.key_in_another_network();
    for order in 0..51 {
        orphan(&network, &format!("nobody-{order}"));
    }
    network.platform.advance(24 * HOUR_MS);
    assert_eq!(counts(&network.sweep_as(&far)), [0, 0, 0, 0]);
    let first = network.sweep();
    assert_eq!(
        (counts(&first), &first["more"]),
        ([50, 50, 50, 0], &json!(true))
    );
    let second = network.sweep();
    assert_eq!(
        (counts(&second), &second["more"]),
        ([1, 1, 1, 0], &json!(false))
    );
}
