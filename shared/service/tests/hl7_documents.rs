//! Documents that come in HL7 v2, natively: kept as documents of their referral, whatever the message makes of it.

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
use service::{exchange, status, worklist};
use tower_service::Service;

use client::Client;
use network::Network;

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

/// The document as a side reads it: status and content.
fn document(network: &Network, by: &str, id: &str) -> (u16, Vec<u8>) {
    let request = Request::builder()
        .uri(format!("/worklist/documents/{id}"))
        .header("authorization", format!("Bearer {}", network.key(by)))
        .body(Body::empty())
        .unwrap();
    let mut router = worklist::router(network.platform.clone());
    let response: Response = pollster::block_on(router.call(request)).unwrap();
    let status = response.status().as_u16();
    let bytes = pollster::block_on(response.into_body().collect()).unwrap();
    (status, bytes.to_bytes().to_vec())
}

/// A letter of this type about an order, with a PDF in pieces and a text.
fn letter(from: &str, control: &str, order: &str, txa: &str) -> String {
    let (sender, receiver) = if from == "heart" {
        ("HEART^1.2.9^ISO", "NORTH^1.2.3^ISO")
    } else {
        ("NORTH^1.2.3^ISO", "HEART^1.2.9^ISO")
    };
    [
        format!("MSH|^~\\&|EHR|{sender}|LOOP|{receiver}|20260302085900+0000||MDM^T02^MDM_T02|{control}|P|2.5.1"),
        "EVN|T02|20260302085900+0000".to_owned(),
        "PID|1||p-1^^^&1.2.3.4&ISO||Rivera^Ana||19800229|F".to_owned(),
        "PV1|1|N".to_owned(),
        format!("TXA|1|{txa}|TX|20260301||||||||d-1||{order}^^1.2.3^ISO|||AU"),
        "OBX|1|TX|^Letter||What was found.".to_owned(),
        // %PDF-1.7 in two pieces, cut where Base64 is not.
        "OBX|2|ED|^Letter|1|^application^pdf^Base64^JVBER".to_owned(),
        "OBX|3|ED|^Letter|1|^application^pdf^Base64^i0xLjc=".to_owned(),
        "OBX|4|ED|^Picture||^image^png^Base64^iVBORw==".to_owned(),
        String::new(),
    ]
    .join("\r")
}

fn documents(network: &Network, referral: &str) -> Vec<String> {
    let last = network.timeline(referral).pop().unwrap();
    let ids = last["data"]["documents"].as_array().unwrap();
    ids.iter()
        .map(|id| id.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_letter_that_is_no_report_is_a_note_with_its_documents() {
    let network = Network::new();
    let referral = network.refer();
    let answer = hl7(
        &network,
        "heart",
        &letter("heart", "1", "order-1", "DS^Discharge summary"),
    );
    assert!(answer.contains("\rMSA|AA|1"), "{answer}");
    let last = network.timeline(&referral).pop().unwrap();
    assert_eq!(last["type"], "referral.note");
    let ids = documents(&network, &referral);
    let contents: [&[u8]; 2] = [b"%PDF-1.7", b"\x89PNG"];
    assert_eq!(ids.len(), contents.len());
    for (id, content) in ids.iter().zip(contents) {
        for side in ["heart", "north"] {
            assert_eq!(document(&network, side, id), (200, content.to_vec()));
        }
        assert_eq!(document(&network, "lungs", id).0, 404);
    }
}

#[test]
fn what_the_referrer_sends_the_recipient_reads_too() {
    let network = Network::new();
    let referral = network.refer();
    let answer = hl7(
        &network,
        "north",
        &letter("north", "1", "order-1", "DS^Discharge summary"),
    );
    assert!(answer.contains("\rMSA|AA|1"), "{answer}");
    let ids = documents(&network, &referral);
    assert_eq!(document(&network, "heart", &ids[0]).0, 200);
    assert_eq!(document(&network, "lungs", &ids[0]).0, 404);
}

#[test]
fn a_letter_that_a_person_matches_brings_its_documents() {
    let network = Network::new();
    let referral = network.refer();
    let message = letter("heart", "1", "nobody-1", "CN^Consult note");
    for control in ["1", "2"] {
        let answer = hl7(
            &network,
            "heart",
            &message.replace("T02|1|P", &format!("T02|{control}|P")),
        );
        assert!(answer.contains("\rMSA|AE|"), "{answer}");
    }
    let client = Client::new(network.platform.clone(), worklist::router, Vec::new);
    let listed = client
        .get("/worklist/unmatched", network.key("heart"))
        .ok(200);
    let id = listed["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let client = Client::new(network.platform.clone(), status::router, status::operations);
    let path = format!("/status/unmatched/{id}/match");
    let matched: Value = client
        .post(&path, network.key("heart"), json!({"referral": referral}))
        .ok(202);
    assert_eq!(matched["matched_by"], "person");
    let last = network.timeline(&referral).pop().unwrap();
    assert_eq!(
        (&last["type"], &last["matched_by"]),
        (&json!("referral.outcome"), &json!("person"))
    );
    for id in documents(&network, &referral) {
        assert_eq!(document(&network, "north", &id).0, 200);
    }
}

#[test]
fn a_message_that_is_too_large_is_told_its_limit() {
    let network = Network::new();
    network.refer();
    let large = "A".repeat(1_000_000);
    let message = letter("heart", "1", "order-1", "DS^Summary").replace("i0xLjc=", &large);
    let answer = hl7(&network, "heart", &message);
    assert!(answer.contains("\rMSA|AE|1|"), "{answer}");
    assert!(answer.contains("at most 1000000 bytes"), "{answer}");
}
