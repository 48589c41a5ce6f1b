//! What an HL7 v2 endpoint is sent natively, and what its answer makes of a delivery.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by them"
)]
#![allow(dead_code, reason = "the client and the network serve other tests too")]

mod client;
mod network;

use serde_json::{Value, json};
use service::exchange;

use network::{Answering, Network};

/// North's and heart's systems take HL7 v2.
fn speaking_hl7() -> Network {
    let network = Network::new();
    for organization in ["north", "heart"] {
        let url = format!("https://{organization}.example/hl7");
        network
            .directory_post_with(
                &format!("/directory/organizations/{organization}/endpoints"),
                json!({"url": url, "format": "hl7"}),
            )
            .ok(201);
    }
    deliver(&network);
    network
}

fn deliver(network: &Network) {
    for _ in 0..3 {
        pollster::block_on(exchange::run(network.platform.clone()));
    }
}

/// The types of what came to a host, without the challenge.
fn types(network: &Network, host: &str) -> Vec<String> {
    let received = network.received(host);
    let of_one = |message: &network::Received| message.text.split('|').nth(8).unwrap().to_owned();
    received.iter().map(of_one).skip(1).collect()
}

fn last(network: &Network, host: &str) -> String {
    network.received(host).pop().unwrap().text
}

#[track_caller]
fn check(answer: &'static str, pending: &[&str], dead: &[&str]) {
    let network = speaking_hl7();
    network.answer("heart.example", Answering::Saying(answer));
    network.refer();
    deliver(&network);
    let errors = |state: &str| -> Vec<String> {
        let listed = network.deliveries("heart", state);
        let error = |one: &Value| one["last_error"].as_str().unwrap_or_default().to_owned();
        listed.iter().map(error).collect()
    };
    assert_eq!(errors("waiting"), pending, "{answer}");
    assert_eq!(errors("dead"), dead, "{answer}");
}

#[test]
fn a_success_of_http_counts_as_delivered_only_where_the_acknowledgement_says_so_too() {
    check(
        "MSH|^~\\&|B|H|A|N|20260302||ACK^I12|1|P|2.5.1\rMSA|AA|7\r",
        &[],
        &[],
    );
    check(
        "MSH|^~\\&|B|H|A|N|20260302||ACK^I12|1|P|2.5.1\rMSA|CA|7\r",
        &[],
        &[],
    );
    // Nothing, and what is no acknowledgement, says no more than the status.
    check("", &[], &[]);
    check("{\"ok\": true}", &[], &[]);
    check(
        "\u{b}MSH|^~\\&|B|H|A|N|20260302||ACK^I12|1|P|2.5.1\rMSA|AE|7|Rivera is unknown\rERR||PID^1^3|204^Unknown key^HL70357|E||||Rivera is unknown\r\u{1c}\r",
        &["hl7-AE-204"],
        &[],
    );
    check(
        "MSH|^~\\&|B|H|A|N|20260302||ACK|1|P|2.5.1\rMSA|CE|7\r",
        &["hl7-AE"],
        &[],
    );
    check(
        "MSH|^~\\&|B|H|A|N|20260302||ACK|1|P|2.3\rMSA|AR|7|no\rERR|MSH^1^9^200&Unsupported&HL70357\r",
        &[],
        &["hl7-AR-200"],
    );
    // A text where a code belongs is not kept.
    check(
        "MSH|^~\\&|B|H|A|N|20260302||ACK|1|P|2.5.1\rMSA|CR|7\rERR|||Rivera is unknown|E\r",
        &[],
        &["hl7-AR"],
    );
}

#[test]
fn what_was_rejected_holds_up_nothing_that_comes_after_it() {
    let network = speaking_hl7();
    let referral = network.refer();
    deliver(&network);
    network.answer(
        "north.example",
        Answering::Saying("MSH|^~\\&|B|H|A|N|20260302||ACK|1|P|2.5.1\rMSA|AR|7\r"),
    );
    network.event("heart", &referral, "referral.accepted", json!({}));
    deliver(&network);
    assert_eq!(network.attention(&referral), ["delivery-failed"]);
    network.answer("north.example", Answering::Status(200));
    let start = "2026-03-09T10:00:00Z";
    network.event(
        "heart",
        &referral,
        "appointment.scheduled",
        json!({"start": start}),
    );
    deliver(&network);
    assert_eq!(
        types(&network, "north.example"),
        ["OSU^O51^OSU_O51", "SIU^S12^SIU_S12"]
    );
    assert_eq!(network.deliveries("north", "dead").len(), 1);
    assert_eq!(network.deliveries("north", "waiting").len(), 0);
}

#[test]
fn each_kind_of_event_has_its_message() {
    let network = speaking_hl7();
    let referral = network.refer();
    for (by, kind, data, to, message) in [
        (
            "north",
            "referral.corrected",
            json!({"changes": {"clinical_question": "An infarct?"}, "reason": "Haste."}),
            "heart",
            "REF^I13^REF_I12",
        ),
        (
            "heart",
            "referral.note",
            json!({"note": "We are moving."}),
            "north",
            "MDM^T02^MDM_T02",
        ),
        (
            "heart",
            "referral.accepted",
            json!({}),
            "north",
            "OSU^O51^OSU_O51",
        ),
        (
            "heart",
            "appointment.scheduled",
            json!({"start": "2026-03-09T10:00:00Z"}),
            "north",
            "SIU^S12^SIU_S12",
        ),
        (
            "heart",
            "appointment.rescheduled",
            json!({"start": "2026-03-10T10:00:00Z"}),
            "north",
            "SIU^S13^SIU_S12",
        ),
        (
            "heart",
            "appointment.no_show",
            json!({}),
            "north",
            "SIU^S26^SIU_S12",
        ),
        (
            "heart",
            "appointment.scheduled",
            json!({"start": "2026-03-12T10:00:00Z"}),
            "north",
            "SIU^S12^SIU_S12",
        ),
        (
            "heart",
            "appointment.cancelled",
            json!({"by": "recipient"}),
            "north",
            "SIU^S15^SIU_S12",
        ),
        (
            "north",
            "referral.cancellation_requested",
            json!({"reason": "No need."}),
            "heart",
            "OSU^O51^OSU_O51",
        ),
    ] {
        network.event(by, &referral, kind, data);
        deliver(&network);
        let host = format!("{to}.example");
        let of_last = types(&network, &host).pop().unwrap();
        assert_eq!(of_last, message, "{kind}");
        let text = last(&network, &host);
        // 360X has profiles for these alone.
        let is_of_360x = ["OMG", "OSU", "SIU"]
            .iter()
            .any(|of| message.starts_with(of));
        let msh = text.split('\r').next().unwrap();
        assert_eq!(msh.ends_with("|||360X"), is_of_360x, "{msh}");
        assert!(text.contains("order-1^^1.2.3^ISO"), "{kind}: {text}");
        assert!(text.contains("p-1^^^&1.2.3.4&ISO"), "{kind}: {text}");
    }
}

#[test]
fn a_note_and_a_report_are_sent_as_360x_has_them() {
    let network = speaking_hl7();
    let referral = network.refer();
    for (kind, data) in [
        ("referral.accepted", json!({})),
        (
            "appointment.scheduled",
            json!({"start": "2026-03-09T10:00:00Z"}),
        ),
        ("referral.interim_note", json!({"note": "Seen."})),
        (
            "referral.outcome",
            json!({"advice": true, "summary": "No.", "next_steps": []}),
        ),
    ] {
        network.event("heart", &referral, kind, data);
        deliver(&network);
    }
    let types = types(&network, "north.example");
    assert_eq!(types[2..], ["OMG^O19^OMG_O19", "OMG^O19^OMG_O19"]);
}

#[test]
fn a_recipient_whose_referral_is_redirected_is_sent_a_cancellation() {
    let network = speaking_hl7();
    let referral = network.refer();
    let to = json!({"organization": "lungs", "service": "main"});
    let data = json!({"to": to, "reason": "It takes too long."});
    network.event("north", &referral, "referral.redirected", data);
    deliver(&network);
    assert_eq!(
        types(&network, "heart.example"),
        ["REF^I12^REF_I12", "REF^I14^REF_I12"]
    );
}
