//! A referral that waits, over the routers of all functions on one native platform whose clock the test moves.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by them"
)]

mod client;

use axum::body::Body;
use client::{ADMIN_KEY, Answer, Client, platform};
use http::Request;
use runtime::Native;
use serde_json::{Value, json};
use service::{directory, intake, status, sweep, worklist};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Every function, over one database.
struct Network {
    platform: Native,
    directory: Client<Native>,
    intake: Client<Native>,
    status: Client<Native>,
    sweep: Client<Native>,
    worklist: Client<Native>,
    north: String,
    heart: String,
}

impl Network {
    /// A referrer `north` and a recipient `heart` with a service, under `policy`.
    fn new(policy: Value) -> Self {
        let platform = platform();
        let mut network = Self {
            directory: Client::new(platform.clone(), directory::router, directory::operations),
            intake: Client::new(platform.clone(), intake::router, intake::operations),
            status: Client::new(platform.clone(), status::router, status::operations),
            sweep: Client::new(platform.clone(), sweep::router, sweep::operations),
            worklist: Client::new(platform.clone(), worklist::router, worklist::operations),
            platform,
            north: String::new(),
            heart: String::new(),
        };
        network.north = network.organization("north");
        network.heart = network.organization("heart");
        let service = json!({"id": "cardiology", "specialty": "cardiology"});
        let path = "/directory/organizations/heart/services";
        network.directory.post(path, ADMIN_KEY, service).ok(201);
        network.put_policy(policy);
        network
    }

    fn organization(&self, id: &str) -> String {
        let roles = ["referrer", "recipient"];
        let body = json!({"id": id, "name": id, "network": "valley", "roles": roles});
        self.directory
            .post("/directory/organizations", ADMIN_KEY, body)
            .ok(201);
        let scopes = ["referrals:write", "referrals:read", "events:write"];
        let path = format!("/directory/organizations/{id}/keys");
        let made = self
            .directory
            .post(&path, ADMIN_KEY, json!({ "scopes": scopes }));
        made.ok(201)["key"].as_str().unwrap().to_owned()
    }

    fn put_policy(&self, policy: Value) {
        let path = "/directory/networks/valley/policy";
        self.directory
            .call("PUT", path, ADMIN_KEY, Some(&policy))
            .ok(200);
    }

    fn refer(&self, patient: &str, urgency: &str) -> String {
        let request = json!({
            "patient": {
                "identifier": {"system": "urn:oid:1.2.3", "value": patient},
                "name": {"family": "Rivera", "given": ["Ana"]},
                "birth_date": "1980-02-29"
            },
            "recipient": {"organization": "heart", "service": "cardiology"},
            "service": {"system": "http://snomed.info/sct", "code": "183519002"},
            "urgency": urgency,
            "clinical_question": "Is this angina?",
            "role": "evaluate",
            "preparation": {"agreed": "yes"}
        });
        let key = format!("Bearer {}", self.north);
        let call = Request::post("/intake/referrals")
            .header("host", "localhost")
            .header("authorization", key)
            .header("content-type", "application/json")
            .body(Body::from(request.to_string()))
            .unwrap();
        let made = self.intake.send(call).ok(201);
        made["id"].as_str().unwrap().to_owned()
    }

    fn event(&self, key: &str, id: &str, kind: &str, data: Value) -> Answer {
        let path = format!("/status/referrals/{id}/events");
        self.status
            .post(&path, key, json!({"type": kind, "data": data}))
    }

    fn sweep(&self) -> Value {
        self.sweep.call("POST", "/sweep", ADMIN_KEY, None).ok(200)
    }

    fn read(&self, path: &str) -> Value {
        let call = Request::get(format!("/worklist/referrals/{path}"))
            .header("host", "localhost")
            .header("authorization", format!("Bearer {}", self.north))
            .body(Body::empty())
            .unwrap();
        self.worklist.send(call).ok(200)
    }

    /// Who said what, in the order of arrival.
    fn told(&self, id: &str) -> Vec<String> {
        let events = self.read(&format!("{id}/events"));
        let items = events["items"].as_array().unwrap().iter();
        items
            .map(|event| event["type"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// Every stage has `allowed`.
fn limits(names: &[&str], allowed: &str) -> Value {
    let row = json!({"stat": allowed, "asap": allowed, "urgent": allowed, "routine": allowed});
    names
        .iter()
        .map(|name| ((*name).to_owned(), row.clone()))
        .collect()
}

#[test]
fn a_breach_that_stays_is_escalated_and_each_sweep_says_what_it_did() {
    let network = Network::new(json!({"limits": limits(&["decided"], "2d")}));
    let id = network.refer("p", "routine");
    network.platform.advance(2 * DAY_MS);
    let first = network.sweep();
    assert_eq!(
        (&first["overdue"], &first["escalated"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(network.sweep()["due"], json!(0));
    // Five business days later.
    network.platform.advance(7 * DAY_MS);
    let second = network.sweep();
    assert_eq!(
        (&second["overdue"], &second["escalated"]),
        (&json!(0), &json!(1))
    );
    assert_eq!(network.sweep()["escalated"], json!(0));
    assert_eq!(
        network.told(&id),
        ["referral.sent", "referral.overdue", "referral.escalated"]
    );
    let events = network.read(&format!("{id}/events"));
    let overdue = &events["items"][1]["data"];
    let escalated = &events["items"][2]["data"];
    assert_eq!(overdue["allowed"], json!("2d"));
    assert_eq!(
        (
            &escalated["limit"],
            &escalated["due_at"],
            &escalated["level"]
        ),
        (&overdue["limit"], &overdue["due_at"], &json!(2))
    );
}

#[test]
fn a_reminder_is_due_before_the_visit_once() {
    let network = Network::new(json!({}));
    let id = network.refer("p", "routine");
    let heart = &network.heart;
    network
        .event(heart, &id, "referral.accepted", json!({}))
        .ok(202);
    let start = json!({"start": "2026-03-06T09:00:00Z"});
    network
        .event(heart, &id, "appointment.scheduled", start)
        .ok(202);
    assert_eq!(network.sweep()["reminders"], json!(0));
    network.platform.advance(DAY_MS);
    assert_eq!(network.sweep()["reminders"], json!(1));
    assert_eq!(network.sweep()["reminders"], json!(0));
    let shown = network.read(&id);
    assert_eq!(shown["tasks"][0]["kind"], json!("confirm-visit"));
    network.platform.advance(2 * DAY_MS);
    assert_eq!(network.sweep()["reminders"], json!(1));
    network.platform.advance(2 * DAY_MS);
    assert_eq!(network.sweep()["reminders"], json!(0));
}

#[test]
fn the_last_of_three_failed_attempts_makes_the_patient_unreachable_in_the_same_write() {
    let network = Network::new(json!({}));
    let id = network.refer("p", "routine");
    let heart = &network.heart;
    network
        .event(heart, &id, "referral.accepted", json!({}))
        .ok(202);
    let failed = || json!({"channel": "phone", "outcome": "no-answer"});
    for version in [3, 4, 6] {
        let answer = network.event(heart, &id, "patient.contacted", failed());
        assert_eq!(answer.ok(202)["version"], json!(version));
    }
    let shown = network.read(&id);
    assert_eq!(
        (
            &shown["turn"],
            &shown["attention"],
            &shown["failed_contacts"]
        ),
        (
            &json!("referrer"),
            &json!(["patient-unreachable"]),
            &json!(3)
        )
    );
    assert_eq!(shown["tasks"][0]["kind"], json!("find-patient"));
    let events = network.read(&format!("{id}/events"));
    let [.., contacted, unreachable] = &events["items"].as_array().unwrap()[..] else {
        unreachable!("six events")
    };
    let named = format!("{}-u", contacted["id"].as_str().unwrap());
    assert_eq!(unreachable["id"], json!(named));
    assert_eq!(unreachable["data"], json!({"attempts": 3}));
    assert_eq!(network.sweep()["due"], json!(0));
}

#[test]
fn a_service_sets_its_own_limits_and_its_open_referrals_follow() {
    let network = Network::new(json!({"limits": limits(&["seen"], "20d")}));
    let id = network.refer("p", "routine");
    let seen = |id: &str| {
        let shown = network.read(id);
        let deadlines = shown["deadlines"].as_array().unwrap().clone();
        let seen = deadlines.into_iter().find(|it| it["limit"] == "seen");
        let seen = seen.unwrap();
        (seen["allowed"].clone(), seen["set_by"].clone())
    };
    assert_eq!(seen(&id), (json!("20d"), json!("network")));
    let path = "/directory/organizations/heart/services/cardiology";
    let patch = json!({"limits": limits(&["seen"], "14d")});
    network
        .directory
        .call("PATCH", path, ADMIN_KEY, Some(&patch))
        .ok(200);
    assert_eq!(network.sweep()["due"], json!(1));
    assert_eq!(seen(&id), (json!("14d"), json!("service")));
    let next = network.refer("q", "routine");
    assert_eq!(seen(&next), (json!("14d"), json!("service")));
}

#[test]
fn a_referral_that_is_redirected_has_the_limits_of_its_new_service() {
    let network = Network::new(json!({}));
    let id = network.refer("p", "routine");
    network.organization("lungs");
    let service =
        json!({"id": "lungs", "specialty": "lungs", "limits": limits(&["decided"], "9d")});
    network
        .directory
        .post(
            "/directory/organizations/lungs/services",
            ADMIN_KEY,
            service,
        )
        .ok(201);
    let to = json!({"organization": "lungs", "service": "lungs"});
    let moved = network.event(
        &network.heart,
        &id,
        "referral.redirected",
        json!({"to": to, "reason": "nearer"}),
    );
    let moved = moved.ok(202)["event"].as_str().unwrap().to_owned();
    let decided = || {
        let shown = network.read(&id);
        let deadlines = shown["deadlines"].as_array().unwrap().clone();
        let decided = deadlines.into_iter().find(|it| it["limit"] == "decided");
        decided.unwrap()["allowed"].clone()
    };
    assert_eq!(decided(), json!("9d"));
    // Taken back: the first service's limits are read by the sweep, at once.
    let slip = json!({"event": moved, "reason": "a slip"});
    network
        .event(&network.heart, &id, "event.retracted", slip)
        .ok(202);
    network.sweep();
    assert_eq!(decided(), json!("5bd"));
}

#[test]
fn what_is_urgent_is_never_behind_what_is_not() {
    let network = Network::new(json!({"limits": limits(&["decided"], "1h")}));
    for number in 0..60 {
        network.refer(&format!("p{number}"), "routine");
    }
    // The last to come is due last, and is not the one with the most points of those that wait for long.
    network.platform.advance(HOUR_MS);
    let stat = network.refer("urgent", "stat");
    network.platform.advance(HOUR_MS);
    let slice = network.sweep();
    assert_eq!((&slice["due"], &slice["more"]), (&json!(50), &json!(true)));
    assert!(network.told(&stat).contains(&"referral.overdue".to_owned()));
    let rest = network.sweep();
    assert_eq!((&rest["due"], &rest["more"]), (&json!(11), &json!(false)));
}

#[test]
fn a_parked_event_expires_and_the_timeline_says_so() {
    let network = Network::new(json!({"parked_days": 1}));
    let id = network.refer("p", "routine");
    let start = json!({"start": "2026-04-06T09:00:00Z"});
    network
        .event(&network.heart, &id, "appointment.scheduled", start)
        .ok(202);
    assert_eq!(network.read(&id)["attention"], json!(["event-parked"]));
    network.platform.advance(DAY_MS);
    network.sweep();
    assert_eq!(network.read(&id)["parked"], json!([]));
    let events = network.read(&format!("{id}/events"));
    let [_, visit, expired] = &events["items"].as_array().unwrap()[..] else {
        unreachable!("three events")
    };
    assert_eq!(
        (
            &visit["status"],
            &expired["type"],
            &expired["data"]["event"]
        ),
        (&json!("expired"), &json!("event.expired"), &visit["id"])
    );
}
