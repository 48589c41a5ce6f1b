//! Webhooks to partners over the routers of directory, intake, status and sweep, on the native platform: a partner that answers as
//! a test says, and a clock that a test moves.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by them"
)]

mod client;
mod network;

use std::collections::BTreeMap;

use network::{Answering, Network, header};
use ports::SendError;
use serde_json::{Value, json};
use service::deliveries::{ATTEMPTS_MAX, RETRY_SECONDS};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// The types of the messages that came to `url`, in order.
fn types(network: &Network, url: &str) -> Vec<String> {
    network
        .received(url)
        .iter()
        .map(|message| message.body["type"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn an_endpoint_is_challenged_before_it_is_sent_anything_else() {
    let network = Network::new();
    network.answer("heart.example", Answering::Status(500));
    let endpoint = network.endpoint("heart", "https://heart.example/hooks");
    network.refer();
    network.sweep();
    assert_eq!(types(&network, "heart.example"), ["endpoint.challenge"]);
    assert_eq!(
        network.endpoint_state("heart", &endpoint.id)["proven"],
        false
    );
    network.answer("heart.example", Answering::Status(204));
    network.platform.advance(HOUR_MS);
    let swept = network.sweep();
    assert_eq!(
        types(&network, "heart.example"),
        ["endpoint.challenge", "endpoint.challenge", "referral.sent"]
    );
    assert_eq!(swept["delivered"], 2);
    assert_eq!(
        network.endpoint_state("heart", &endpoint.id)["proven"],
        true
    );
}

#[test]
fn a_message_is_thin_signed_and_names_its_place_in_the_chain() {
    let network = Network::new();
    let endpoint = network.endpoint("heart", "https://heart.example/hooks");
    let referral = network.refer();
    network.sweep();
    let message = network.received("heart.example").pop().unwrap();
    // The published library signs the same. It would check against the computer's clock, and this test has its own.
    let reference = standardwebhooks::Webhook::new(&endpoint.secret).unwrap();
    let seconds = header(&message, "webhook-timestamp").parse().unwrap();
    let want = reference
        .sign(
            &header(&message, "webhook-id"),
            seconds,
            message.text.as_bytes(),
        )
        .unwrap();
    assert_eq!(header(&message, "webhook-signature"), want);
    let timeline = network.timeline(&referral);
    let first = &timeline[0];
    assert_eq!(
        message.body["data"],
        json!({
            "referral": {"id": referral, "version": 1, "status": "sent", "placer": {"system": "urn:oid:1.2.3", "value": "order-1"}},
            "event": {
                "id": first["id"], "type": "referral.sent", "seq": 1, "hash": first["hash"], "by": "referrer", "result": "applied",
                "occurred_at": first["occurred_at"], "recorded_at": first["recorded_at"],
            },
        })
    );
    assert!(!message.text.contains("Rivera"));
}

#[test]
fn on_a_platform_that_goes_on_after_the_answer_a_message_is_sent_at_once() {
    let network = Network::new();
    network.endpoint("heart", "https://heart.example/hooks");
    network.work_on();
    network.refer();
    network.work_on();
    assert_eq!(
        types(&network, "heart.example"),
        ["endpoint.challenge", "referral.sent"]
    );
    assert_eq!(network.sweep()["delivered"], 0);
}

#[test]
fn a_failed_message_is_tried_on_the_published_schedule_under_one_id_and_then_is_a_dead_letter() {
    let network = Network::new();
    let endpoint = network.endpoint("heart", "https://heart.example/hooks");
    network.sweep();
    network.answer("heart.example", Answering::Status(302));
    let referral = network.refer();
    let mut ids = Vec::new();
    for wait in RETRY_SECONDS.iter().copied().chain([0]) {
        assert_eq!(network.sweep()["delivery_failed"], 1);
        let tried = network.received("heart.example").pop().unwrap();
        ids.push(header(&tried, "webhook-id"));
        if wait > 0 {
            network.platform.advance(wait * 1_000 - 1);
            assert_eq!(network.sweep()["delivery_failed"], 0, "not before {wait} s");
            network.platform.advance(wait * 200 + 1);
        }
    }
    assert_eq!(ids.len(), ATTEMPTS_MAX);
    ids.dedup();
    assert_eq!(ids.len(), 1);
    let dead = network.deliveries("heart", "dead");
    assert_eq!(dead.len(), 1);
    assert_eq!(
        (&dead[0]["id"], &dead[0]["last_error"], &dead[0]["attempts"]),
        (&json!(ids[0]), &json!("http-302"), &json!(ATTEMPTS_MAX))
    );
    // It has failed for three days, and is switched off.
    let state = network.endpoint_state("heart", &endpoint.id);
    assert_eq!(
        (&state["active"], &state["disabled_because"]),
        (&json!(false), &json!("failing"))
    );
    assert!(
        network
            .attention(&referral)
            .contains(&"delivery-failed".to_owned())
    );
    // Switched on again, challenged again, and sent again under the same id.
    network.answer("heart.example", Answering::Status(200));
    network
        .directory_post(&format!(
            "/directory/organizations/heart/endpoints/{}/enable",
            endpoint.id
        ))
        .ok(202);
    let resent = network
        .directory_post(&format!(
            "/directory/organizations/heart/deliveries/{}/resend",
            ids[0]
        ))
        .ok(202);
    assert_eq!(resent, json!({"resent": 1}));
    assert_eq!(network.sweep()["delivered"], 2);
    let last = network.received("heart.example").pop().unwrap();
    assert_eq!(header(&last, "webhook-id"), ids[0]);
    network.sweep();
    assert!(
        !network
            .attention(&referral)
            .contains(&"delivery-failed".to_owned())
    );
    assert!(network.deliveries("heart", "dead").is_empty());
}

#[test]
fn a_receiver_may_ask_for_more_time() {
    let network = Network::new();
    network.endpoint("heart", "https://heart.example/hooks");
    network.sweep();
    network.answer("heart.example", Answering::RetryAfter(429, "7200"));
    network.refer();
    network.sweep();
    network.answer("heart.example", Answering::Status(200));
    network.platform.advance(2 * HOUR_MS - 1);
    assert_eq!(network.sweep()["delivered"], 0);
    network.platform.advance(HOUR_MS / 2);
    assert_eq!(network.sweep()["delivered"], 1);
}

#[test]
fn messages_of_one_referral_keep_their_order_and_do_not_hold_up_another() {
    let network = Network::new();
    network.endpoint("heart", "https://heart.example/hooks");
    network.sweep();
    let stuck = network.refer();
    network.answer_for("heart.example", &stuck, Answering::Status(500));
    network.sweep();
    network.event("north", &stuck, "referral.note", json!({"note": "second"}));
    let other = network.refer();
    network.event("north", &other, "referral.note", json!({"note": "second"}));
    assert_eq!(network.sweep()["delivered"], 2, "the other one's two");
    network.answer("heart.example", Answering::Status(200));
    network.platform.advance(MINUTE_MS);
    network.sweep();
    let mut seqs: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for message in network.accepted("heart.example") {
        let data = &message.body["data"];
        if let Some(id) = data["referral"]["id"].as_str() {
            seqs.entry(id.to_owned())
                .or_default()
                .push(data["event"]["seq"].as_i64().unwrap());
        }
    }
    assert_eq!(
        seqs,
        BTreeMap::from([(stuck, vec![1, 2]), (other, vec![1, 2])])
    );
}

#[test]
fn an_endpoint_that_is_gone_is_switched_off_with_a_notice() {
    let network = Network::new();
    let gone = network.endpoint("heart", "https://gone.example/hooks");
    network.endpoint("heart", "https://other.example/hooks");
    network.sweep();
    network.answer("gone.example", Answering::Status(410));
    network.refer();
    network.sweep();
    network.refer();
    network.sweep();
    assert_eq!(
        types(&network, "gone.example"),
        ["endpoint.challenge", "referral.sent"]
    );
    let state = network.endpoint_state("heart", &gone.id);
    assert_eq!(
        (&state["active"], &state["disabled_because"]),
        (&json!(false), &json!("gone"))
    );
    let told: Vec<Value> = network
        .received("other.example")
        .into_iter()
        .map(|message| message.body)
        .filter(|body| body["type"] == "endpoint.disabled")
        .collect();
    assert_eq!(told.len(), 1);
    assert_eq!(
        told[0]["data"],
        json!({"organization": "heart", "endpoint": gone.id, "because": "gone"})
    );
}

#[test]
fn what_is_urgent_is_sent_before_what_is_routine() {
    let network = Network::new();
    network.endpoint("heart", "https://heart.example/hooks");
    network.sweep();
    let routine: Vec<String> = (0..20).map(|_| network.refer()).collect();
    network.platform.advance(HOUR_MS);
    let stat = network.refer_as("stat");
    network.sweep();
    let first = network
        .received("heart.example")
        .into_iter()
        .find_map(|message| {
            message.body["data"]["referral"]["id"]
                .as_str()
                .map(str::to_owned)
        });
    assert_eq!(first, Some(stat));
    assert!(routine.len() > 18, "more than three rounds take");
    assert_eq!(network.deliveries("heart", "waiting").len(), 3);
}

#[test]
fn two_at_once_send_nothing_twice() {
    let network = Network::new();
    network.endpoint("heart", "https://heart.example/hooks");
    network.sweep();
    network.refer();
    // While the message is on its way, another sweep runs.
    let meanwhile = network.clone();
    network.during("heart.example", move || {
        assert_eq!(meanwhile.sweep()["delivered"], 0);
    });
    assert_eq!(network.sweep()["delivered"], 1);
    assert_eq!(
        types(&network, "heart.example"),
        ["endpoint.challenge", "referral.sent"]
    );
}

#[test]
fn a_message_whose_sender_died_is_sent_again_under_the_same_id() {
    let network = Network::new();
    network.endpoint("heart", "https://heart.example/hooks");
    network.sweep();
    network.refer();
    network.take_a_lease_and_die();
    assert_eq!(network.sweep()["delivered"], 0, "the lease still holds");
    network.platform.advance(2 * MINUTE_MS);
    assert_eq!(network.sweep()["delivered"], 1);
}

#[test]
fn for_a_day_after_a_rotation_both_secrets_sign() {
    let network = Network::new();
    let endpoint = network.endpoint("heart", "https://heart.example/hooks");
    network.sweep();
    let path = format!(
        "/directory/organizations/heart/endpoints/{}/rotate",
        endpoint.id
    );
    network.directory_post(&path).ok(200);
    network.refer();
    network.sweep();
    let signatures = |network: &Network| {
        let last = network.received("heart.example").pop().unwrap();
        header(&last, "webhook-signature").split(' ').count()
    };
    assert_eq!(signatures(&network), 2);
    network.platform.advance(25 * HOUR_MS);
    network.refer();
    network.sweep();
    assert_eq!(signatures(&network), 1);
}

#[test]
fn a_receiver_that_cannot_be_reached_is_a_failure_like_another() {
    let network = Network::new();
    let endpoint = network.endpoint("heart", "https://heart.example/hooks");
    network.answer("heart.example", Answering::Nothing(SendError::TimedOut));
    assert_eq!(network.sweep()["delivery_failed"], 1);
    let waiting = network.deliveries("heart", "waiting");
    assert_eq!(waiting[0]["last_error"], "timed-out");
    assert!(network.endpoint_state("heart", &endpoint.id)["failing_since"].is_string());
}

#[test]
fn a_redirect_tells_the_old_recipient_and_sends_the_referral_to_the_new_one() {
    let network = Network::new();
    network.endpoint("heart", "https://heart.example/hooks");
    network.endpoint("lungs", "https://lungs.example/hooks");
    network.endpoint("north", "https://north.example/hooks");
    network.sweep();
    let referral = network.refer();
    let to = json!({"to": {"organization": "lungs", "service": "main"}, "reason": "nearer"});
    network.event("north", &referral, "referral.redirected", to);
    network.sweep();
    assert_eq!(
        types(&network, "heart.example"),
        ["endpoint.challenge", "referral.sent", "referral.redirected"]
    );
    assert_eq!(
        types(&network, "lungs.example"),
        ["endpoint.challenge", "referral.sent"]
    );
    assert_eq!(types(&network, "north.example"), ["endpoint.challenge"]);
    let status = |url: &str| {
        let last = network.received(url).pop().unwrap();
        last.body["data"]["referral"]["status"].clone()
    };
    assert_eq!(
        (status("heart.example"), status("lungs.example")),
        (json!("not-completed"), json!("sent"))
    );
}

#[test]
fn an_address_that_is_not_public_is_refused() {
    let network = Network::new();
    for url in [
        "http://heart.example/",
        "https://10.0.0.1/",
        "https://169.254.169.254/",
        "https://localhost/",
    ] {
        network
            .directory_post_with(
                "/directory/organizations/heart/endpoints",
                json!({ "url": url }),
            )
            .faults(&["/url"]);
    }
}

#[test]
fn a_sweep_by_a_key_sends_what_its_own_network_waits_for() {
    let network = Network::new();
    network.endpoint("heart", "https://heart.example/hooks");
    let elsewhere = network.key_in_another_network();
    assert_eq!(network.sweep_as(&elsewhere)["delivered"], 0);
    assert_eq!(network.sweep()["delivered"], 1);
}
