//! Subscriptions of the R4 topic-based backport, and endpoints that are sent HL7 v2: over the routers, to a partner that answers as a test says.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by them"
)]

mod client;
mod fhir;
mod network;

use client::ADMIN_KEY;
use fhir::{deliver, fhir as call, get, send};
use network::{Answering, Network, Received, header};
use serde_json::{Value, json};
use service::exchange;

const BACKPORT: &str = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition";
const MINUTE_MS: i64 = 60_000;
const HOOK: &str = "https://heart.example/fhir-hook";

fn asked(content: &str) -> Value {
    json!({
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "Referrals to us",
        "criteria": "urn:referral-loop:topic:task-changed",
        "channel": {
            "type": "rest-hook",
            "endpoint": HOOK,
            "payload": "application/fhir+json",
            "_payload": {"extension": [{"url": format!("{BACKPORT}/backport-payload-content"), "valueCode": content}]},
        },
    })
}

fn subscribe(network: &Network, asked: &Value) -> String {
    let made = call(network, "POST", "/fhir/Subscription", "heart", asked).ok(201);
    made["id"].as_str().unwrap().to_owned()
}

/// A parameter of the status in a notification.
fn parameter(message: &Received, name: &str) -> Value {
    let status = &message.body["entry"][0]["resource"];
    let all = status["parameter"].as_array().unwrap();
    let found = all.iter().find(|one| one["name"] == name);
    found.cloned().unwrap_or_default()
}

fn purposes(network: &Network) -> Vec<String> {
    network
        .received("heart.example")
        .iter()
        .map(|message| {
            parameter(message, "type")["valueCode"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect()
}

fn standing(network: &Network, id: &str) -> String {
    let read = get(network, &format!("/fhir/Subscription/{id}"), "heart").ok(200);
    read["status"].as_str().unwrap().to_owned()
}

#[test]
fn a_subscription_is_active_once_its_endpoint_has_answered_the_handshake() {
    let network = Network::new();
    network.answer("heart.example", Answering::Status(500));
    let id = subscribe(&network, &asked("id-only"));
    assert_eq!(standing(&network, &id), "requested");
    network.refer();
    deliver(&network);
    assert_eq!(purposes(&network), ["handshake"]);
    assert_eq!(standing(&network, &id), "error");
    network.answer("heart.example", Answering::Status(200));
    network.platform.advance(60 * MINUTE_MS);
    let sent = deliver(&network);
    assert_eq!(
        sent,
        json!({"delivered": 2, "delivery_failed": 0, "more": false})
    );
    assert_eq!(
        purposes(&network),
        ["handshake", "handshake", "event-notification"]
    );
    assert_eq!(standing(&network, &id), "active");
    // Whoever only sends JSON does not send these.
    network.refer();
    network.sweep();
    assert_eq!(purposes(&network).len(), 3);
}

#[test]
fn a_notification_names_what_changed_and_nothing_of_it() {
    let network = Network::new();
    let id = subscribe(&network, &asked("id-only"));
    let referral = network.refer();
    network.event("heart", &referral, "referral.accepted", json!({}));
    network.event(
        "north",
        &referral,
        "referral.note",
        json!({"note": "Prefers mornings."}),
    );
    deliver(&network);
    let messages = network.received("heart.example");
    let last = messages.last().unwrap();
    assert_eq!(header(last, "content-type"), "application/fhir+json");
    assert!(!header(last, "webhook-signature").is_empty());
    let bundle = &last.body;
    assert_eq!(
        (&bundle["resourceType"], &bundle["type"]),
        (&json!("Bundle"), &json!("history"))
    );
    let status = &bundle["entry"][0]["resource"];
    assert_eq!(
        status["meta"]["profile"][0],
        format!("{BACKPORT}/backport-subscription-status-r4")
    );
    let base = "http://localhost:3000/fhir";
    let part = |name: &str, value: Value| json!({"name": name, "value": value});
    let event = parameter(last, "notification-event");
    let parts: Vec<Value> = event["part"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let member = one
                .as_object()
                .unwrap()
                .iter()
                .find(|(name, _)| *name != "name");
            part(one["name"].as_str().unwrap(), member.unwrap().1.clone())
        })
        .collect();
    assert_eq!(
        parts,
        [
            // The second that concerns the recipient: its own acceptance is no news to it.
            part("event-number", json!("2")),
            part("timestamp", parts[1]["value"].clone()),
            part(
                "focus",
                json!({"reference": format!("{base}/Task/{referral}")})
            ),
        ]
    );
    assert_eq!(
        parameter(last, "subscription")["valueReference"]["reference"],
        format!("{base}/Subscription/{id}")
    );
    assert_eq!(
        parameter(last, "events-since-subscription-start")["valueString"],
        "2"
    );
    assert_eq!(
        bundle["entry"][1],
        json!({
            "fullUrl": format!("{base}/Task/{referral}"),
            "request": {"method": "PUT", "url": format!("Task/{referral}")},
            "response": {"status": "200"},
        })
    );
    for message in &messages {
        assert!(!message.text.contains("Rivera") && !message.text.contains("mornings"));
    }
    // What it names can be read.
    get(&network, &format!("/fhir/Task/{referral}"), "heart").ok(200);
    let status = get(
        &network,
        &format!("/fhir/Subscription/{id}/$status"),
        "heart",
    )
    .ok(200);
    let parameters = &status["entry"][0]["resource"]["parameter"];
    assert_eq!(parameters[3]["valueCode"], "query-status");
    assert_eq!(parameters[4]["valueString"], "2");
}

#[test]
fn event_numbers_are_contiguous_and_the_same_on_another_try() {
    let network = Network::new();
    subscribe(&network, &asked("id-only"));
    deliver(&network);
    let referrals: Vec<String> = (0..4).map(|_| network.refer()).collect();
    network.answer("heart.example", Answering::Status(503));
    deliver(&network);
    network.answer("heart.example", Answering::Status(200));
    network.platform.advance(60 * MINUTE_MS);
    network.event(
        "north",
        &referrals[0],
        "referral.note",
        json!({"note": "x"}),
    );
    deliver(&network);
    let number = |message: &Received| {
        let event = parameter(message, "notification-event");
        let text = event["part"][0]["valueString"].as_str()?.to_owned();
        Some((
            text,
            event["part"][2]["valueReference"]["reference"]
                .as_str()?
                .to_owned(),
        ))
    };
    let tried: Vec<_> = network
        .received("heart.example")
        .iter()
        .filter_map(number)
        .collect();
    let taken: Vec<_> = network
        .accepted("heart.example")
        .iter()
        .filter_map(number)
        .collect();
    let mut numbers: Vec<&str> = taken.iter().map(|(number, _)| number.as_str()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, ["1", "2", "3", "4", "5"]);
    for (number, focus) in &tried {
        let same = taken.iter().find(|(known, _)| known == number).unwrap();
        assert_eq!(&same.1, focus, "{number}");
    }
    assert!(tried.len() > taken.len());
}

#[test]
fn silence_is_broken_by_a_heartbeat_and_only_silence() {
    let network = Network::new();
    let mut wanted = asked("empty");
    wanted["channel"]["extension"] =
        json!([{"url": format!("{BACKPORT}/backport-heartbeat-period"), "valueUnsignedInt": 600}]);
    let id = subscribe(&network, &wanted);
    deliver(&network);
    network.platform.advance(9 * MINUTE_MS);
    network.refer();
    deliver(&network);
    network.platform.advance(9 * MINUTE_MS);
    deliver(&network);
    assert_eq!(purposes(&network), ["handshake", "event-notification"]);
    let told = &network.received("heart.example")[1];
    let event = parameter(told, "notification-event");
    assert_eq!(
        event["part"].as_array().unwrap().len(),
        2,
        "empty: no focus"
    );
    assert_eq!(told.body["entry"].as_array().unwrap().len(), 1);
    network.platform.advance(2 * MINUTE_MS);
    deliver(&network);
    deliver(&network);
    assert_eq!(
        purposes(&network),
        ["handshake", "event-notification", "heartbeat"]
    );
    let beat = &network.received("heart.example")[2];
    assert_eq!(
        parameter(beat, "events-since-subscription-start")["valueString"],
        "1"
    );
    assert_eq!(parameter(beat, "status")["valueCode"], "active");
    assert_eq!(standing(&network, &id), "active");
}

#[test]
fn a_subscription_ends_when_it_says() {
    let network = Network::new();
    let mut wanted = asked("id-only");
    let end = "2036-01-01T00:00:00Z";
    wanted["end"] = json!(end);
    let id = subscribe(&network, &wanted);
    deliver(&network);
    let ends_at = end
        .parse::<domain::time::Timestamp>()
        .unwrap()
        .as_millisecond();
    let now = ports::Platform::now(&network.platform);
    network.platform.advance(ends_at - now + 1);
    network.refer();
    deliver(&network);
    assert_eq!(purposes(&network), ["handshake"]);
    assert_eq!(standing(&network, &id), "off");
    let endpoint = network.endpoint_state("heart", &id);
    assert_eq!(
        (
            &endpoint["format"],
            &endpoint["active"],
            &endpoint["disabled_because"]
        ),
        (&json!("fhir"), &json!(false), &json!("ended"))
    );
}

#[test]
fn a_subscription_is_changed_switched_off_and_removed() {
    let network = Network::new();
    let id = subscribe(&network, &asked("id-only"));
    deliver(&network);
    let path = format!("/fhir/Subscription/{id}");
    let mut changed = get(&network, &path, "heart").ok(200);
    changed["status"] = json!("off");
    let off = call(&network, "PUT", &path, "heart", &changed);
    assert_eq!(
        (off.ok(200)["status"].clone(), off.header("etag")),
        (json!("off"), "W/\"2\"")
    );
    network.refer();
    deliver(&network);
    assert_eq!(purposes(&network), ["handshake"]);
    changed["status"] = json!("requested");
    changed["criteria"] = json!("urn:referral-loop:topic:referral-changed");
    let stale = [
        ("content-type", "application/fhir+json"),
        ("if-match", "W/\"1\""),
    ];
    let refused = send(
        &network,
        "PUT",
        &path,
        network.key("heart"),
        &stale,
        &changed.to_string(),
    );
    assert_eq!(refused.status, 412, "{}", refused.text);
    call(&network, "PUT", &path, "heart", &changed).ok(200);
    assert_eq!(standing(&network, &id), "requested");
    let referral = network.refer();
    deliver(&network);
    assert_eq!(
        purposes(&network),
        ["handshake", "handshake", "event-notification"]
    );
    let last = network.received("heart.example").pop().unwrap();
    assert!(
        last.text
            .contains(&format!("/fhir/ServiceRequest/{referral}"))
    );
    // It is nobody else's.
    assert_eq!(get(&network, &path, "north").status, 404);
    assert_eq!(
        call(&network, "DELETE", &path, "north", &Value::Null).status,
        404
    );
    assert!(
        get(&network, "/fhir/Subscription", "north")
            .found()
            .is_empty()
    );
    assert_eq!(
        get(&network, "/fhir/Subscription?status=active", "heart").found(),
        [format!("Subscription/{id}")]
    );
    assert!(
        get(&network, "/fhir/Subscription?status=off", "heart")
            .found()
            .is_empty()
    );
    assert_eq!(
        get(&network, "/fhir/Subscription?url=x", "heart").status,
        422
    );
    // Another key of the same organisation may read it; to change what others made takes directory:write.
    let key = |scopes: Value| {
        let made = network
            .directory_post_with(
                "/directory/organizations/heart/keys",
                json!({"scopes": scopes}),
            )
            .ok(201);
        made["key"].as_str().unwrap().to_owned()
    };
    let reader = key(json!(["referrals:read"]));
    assert_eq!(send(&network, "GET", &path, &reader, &[], "").status, 200);
    assert_eq!(
        send(&network, "DELETE", &path, &reader, &[], "").status,
        403
    );
    let office = key(json!(["referrals:read", "directory:write"]));
    assert_eq!(
        send(&network, "DELETE", &path, &office, &[], "").status,
        204
    );
    assert_eq!(get(&network, &path, "heart").status, 404);
    network.refer();
    deliver(&network);
    assert_eq!(purposes(&network).len(), 3);
}

#[test]
fn what_is_not_done_is_refused_by_name() {
    let network = Network::new();
    let refused = |pointer: &str, value: Value, want: &[&str]| {
        let mut wanted = asked("id-only");
        match wanted.pointer_mut(pointer) {
            Some(there) => *there = value,
            None => {
                let (parent, name) = pointer.rsplit_once('/').unwrap();
                wanted.pointer_mut(parent).unwrap()[name] = value;
            }
        }
        let said = call(&network, "POST", "/fhir/Subscription", "heart", &wanted);
        assert_eq!(said.expressions(422), want, "{pointer}");
    };
    let content = "/channel/_payload/extension/0/valueCode";
    refused(
        content,
        json!("full-resource"),
        &["Subscription.channel.payload.extension"],
    );
    refused(
        "/channel/header",
        json!(["Authorization: Bearer x"]),
        &["Subscription.channel.header"],
    );
    refused(
        "/channel/type",
        json!("websocket"),
        &["Subscription.channel.type"],
    );
    refused(
        "/channel/endpoint",
        json!("http://heart.example/x"),
        &["Subscription.channel.endpoint"],
    );
    refused(
        "/channel/endpoint",
        json!("https://10.0.0.1/x"),
        &["Subscription.channel.endpoint"],
    );
    refused(
        "/channel/payload",
        json!("application/fhir+xml"),
        &["Subscription.channel.payload"],
    );
    refused(
        "/criteria",
        json!("Task?status=requested"),
        &["Subscription.criteria"],
    );
    refused(
        "/_criteria",
        json!({"extension": [{"url": format!("{BACKPORT}/backport-filter-criteria"), "valueString": "Task?owner=x"}]}),
        &["Subscription.criteria.extension"],
    );
    refused("/reason", Value::Null, &["Subscription.reason"]);
    refused("/status", json!("error"), &["Subscription.status"]);
    refused("/end", json!("2001-01-01T00:00:00Z"), &["Subscription.end"]);
    refused(
        "/channel/extension",
        json!([{"url": format!("{BACKPORT}/backport-heartbeat-period"), "valueUnsignedInt": 0}]),
        &["Subscription.channel.extension[0].valueUnsignedInt"],
    );
    assert!(
        get(&network, "/fhir/Subscription", "heart")
            .found()
            .is_empty()
    );
}

#[test]
fn an_organisation_has_ten_endpoints_and_no_more() {
    let network = Network::new();
    for _ in 0..10 {
        subscribe(&network, &asked("id-only"));
    }
    let more = call(
        &network,
        "POST",
        "/fhir/Subscription",
        "heart",
        &asked("id-only"),
    );
    assert_eq!(more.status, 409, "{}", more.text);
}

#[test]
fn the_same_idempotency_key_makes_one_subscription() {
    let network = Network::new();
    let headers = [
        ("content-type", "application/fhir+json"),
        ("idempotency-key", "\"once\""),
    ];
    let text = asked("id-only").to_string();
    let make = || {
        send(
            &network,
            "POST",
            "/fhir/Subscription",
            network.key("heart"),
            &headers,
            &text,
        )
    };
    let first = make().ok(201);
    assert_eq!(make().ok(201), first);
    assert_eq!(
        get(&network, "/fhir/Subscription", "heart").found().len(),
        1
    );
}

#[test]
fn an_endpoint_of_the_directory_may_take_fhir_and_is_a_subscription() {
    let network = Network::new();
    let path = "/directory/organizations/heart/endpoints";
    let made = network
        .directory_post_with(path, json!({"url": HOOK, "format": "fhir"}))
        .ok(201);
    assert_eq!(made["format"], "fhir");
    let id = made["id"].as_str().unwrap();
    let read = get(&network, &format!("/fhir/Subscription/{id}"), "heart").ok(200);
    assert_eq!(read["channel"]["endpoint"], HOOK);
    let referral = network.refer();
    deliver(&network);
    assert_eq!(purposes(&network), ["handshake", "event-notification"]);
    assert!(
        network.received("heart.example")[1]
            .text
            .contains(&referral)
    );
    // Its secret is the endpoint's.
    let rotated = network
        .directory_post(&format!("{path}/{id}/rotate"))
        .ok(200);
    assert!(rotated["secret"].as_str().unwrap().starts_with("whsec_"));
}

#[test]
fn a_key_delivers_in_its_own_network_alone() {
    let network = Network::new();
    subscribe(&network, &asked("id-only"));
    let far = network.key_in_another_network();
    let nothing = json!({"delivered": 0, "delivery_failed": 0, "more": false});
    assert_eq!(
        send(&network, "POST", "/fhir/$deliver", &far, &[], "").ok(200),
        nothing
    );
    let reader = send(
        &network,
        "POST",
        "/fhir/$deliver",
        network.key("heart"),
        &[],
        "",
    );
    assert_eq!(reader.status, 403, "{}", reader.text);
    // The operator's key is not known to this function.
    assert_eq!(
        send(&network, "POST", "/fhir/$deliver", ADMIN_KEY, &[], "").status,
        401
    );
    assert!(purposes(&network).is_empty());
    pollster::block_on(exchange::run(network.platform.clone()));
    assert_eq!(purposes(&network), ["handshake"]);
}

#[test]
fn what_this_function_writes_is_sent_after_its_answer_in_every_format() {
    let network = Network::new();
    subscribe(&network, &asked("id-only"));
    network.work_on();
    assert_eq!(purposes(&network), ["handshake"]);
    network.endpoint("north", "https://north.example/hooks");
    let referral = network.refer();
    let path = format!("/fhir/Task/{referral}");
    let mut task = get(&network, &path, "heart").ok(200);
    task["status"] = json!("accepted");
    task["businessStatus"]["coding"][0]["code"] = json!("3.0");
    call(&network, "PUT", &path, "heart", &task).ok(200);
    network.work_on();
    // The referrer's system takes JSON, the recipient's FHIR.
    assert_eq!(network.received("north.example").len(), 2);
    assert_eq!(purposes(&network), ["handshake", "event-notification"]);
}

#[test]
fn an_endpoint_may_take_hl7_messages() {
    let network = Network::new();
    let path = "/directory/organizations/heart/endpoints";
    network
        .directory_post_with(
            path,
            json!({"url": "http://heart.example/x", "format": "hl7"}),
        )
        .faults(&["/url"]);
    let made = network
        .directory_post_with(
            path,
            json!({"url": "https://heart.example/hl7", "format": "hl7"}),
        )
        .ok(201);
    network.refer();
    deliver(&network);
    let came = network.received("heart.example");
    let kinds: Vec<&str> = came
        .iter()
        .map(|message| message.text.split('|').nth(8).unwrap())
        .collect();
    assert_eq!(kinds[0], "NMD^N02^NMD_N02");
    assert!(
        kinds[1].starts_with("REF^I12") || kinds[1].starts_with("OMG^O19"),
        "{kinds:?}"
    );
    assert!(came[1].text.contains("Rivera"), "{}", came[1].text);
    assert_eq!(
        header(&came[1], "content-type"),
        "application/hl7-v2; charset=utf-8"
    );
    let id = made["id"].as_str().unwrap();
    assert_eq!(network.endpoint_state("heart", id)["proven"], true);
    let listed = network.directory().get(path, ADMIN_KEY).ok(200);
    assert_eq!(listed["items"][0]["format"], "hl7");
}
