//! Transactions that say several things, over the real router: all of them, or none.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by them"
)]

mod client;
mod fhir;
mod network;

use fhir::{fhir as call, get, send};
use network::Network;
use serde_json::{Value, json};

/// A referral and its patient, as two entries that refer to each other by URN.
fn entries(order: &str, patient: &str, to: &str) -> [Value; 2] {
    let urn = |name: &str| format!("urn:uuid:{name}-{order}");
    [
        json!({
            "fullUrl": urn("request"),
            "resource": {
                "resourceType": "ServiceRequest",
                "status": "active",
                "intent": "order",
                "identifier": [{"system": "urn:oid:1.2.3", "value": order}],
                "code": {"coding": [{"system": "http://snomed.info/sct", "code": "183519002", "display": "Referral to cardiology service"}]},
                "subject": {"reference": urn("patient")},
                "performer": [{"reference": format!("Organization/{to}")}],
                "authoredOn": "2015-10-20T09:00:00Z",
                "reasonCode": [{"text": "Is this angina?"}],
            },
            "request": {"method": "POST", "url": "ServiceRequest"},
        }),
        json!({
            "fullUrl": urn("patient"),
            "resource": {
                "resourceType": "Patient",
                "identifier": [{"system": "urn:oid:1.2.3.4", "value": patient}],
                "name": [{"family": format!("Rivera-{patient}"), "given": ["Ana"]}],
                "birthDate": "1980-02-29",
            },
            "request": {"method": "POST", "url": "Patient"},
        }),
    ]
}

fn transaction(entries: &[Value]) -> Value {
    json!({"resourceType": "Bundle", "type": "transaction", "entry": entries})
}

fn statuses(bundle: &Value) -> Vec<String> {
    let entries = bundle["entry"].as_array().unwrap();
    let status = |entry: &Value| entry["response"]["status"].as_str().unwrap()[..3].to_owned();
    entries.iter().map(status).collect()
}

fn tasks(network: &Network, of: &str) -> usize {
    get(network, "/fhir/Task", of).found().len()
}

#[test]
fn several_referrals_of_one_transaction_are_made_together_and_once() {
    let network = Network::new();
    let all = [
        entries("o-1", "p-1", "heart"),
        entries("o-2", "p-2", "lungs"),
    ]
    .concat();
    let answer = call(&network, "POST", "/fhir", "north", &transaction(&all));
    let bundle = answer.ok(200);
    assert_eq!(bundle["type"], "transaction-response");
    assert_eq!(statuses(&bundle), ["201", "200", "201", "200"]);
    assert_eq!((tasks(&network, "heart"), tasks(&network, "lungs")), (1, 1));
    assert!(
        answer.header("server-timing").starts_with("db;desc=\"2\""),
        "{:?}",
        answer.headers
    );
    let location = |bundle: &Value, place: usize| {
        bundle["entry"][place]["response"]["location"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let again = call(&network, "POST", "/fhir", "north", &transaction(&all)).ok(200);
    assert_eq!(statuses(&again), ["200", "200", "200", "200"]);
    for place in [0, 2] {
        assert_eq!(location(&bundle, place), location(&again, place));
    }
    // Each keeps what came for it, and nothing of the other.
    let id = location(&bundle, 0).rsplit('/').next().unwrap().to_owned();
    let source = network.timeline(&id)[0]["source_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let came = get(&network, &format!("/fhir/Binary/{source}"), "heart");
    assert!(
        came.text.contains("Rivera-p-1") && !came.text.contains("Rivera-p-2"),
        "{}",
        came.text
    );
    assert_eq!(
        get(&network, &format!("/fhir/Binary/{source}"), "lungs").status,
        404
    );
}

#[test]
fn where_one_cannot_be_made_none_is() {
    let network = Network::new();
    let first = entries("o-1", "p-1", "heart");
    let refused = |other: [Value; 2], status: u16| {
        let all = [first.clone(), other].concat();
        let answer = call(&network, "POST", "/fhir", "north", &transaction(&all));
        assert_eq!(answer.status, status, "{}", answer.text);
        assert_eq!(tasks(&network, "heart"), 0);
        answer
    };
    let mut draft = entries("o-2", "p-2", "heart");
    draft[0]["resource"]["status"] = json!("draft");
    assert_eq!(
        refused(draft, 422).expressions(422),
        ["Bundle.entry[2].resource.status"]
    );
    refused(entries("o-2", "p-2", "nowhere"), 422);
    // The same order twice.
    let mut same = entries("o-3", "p-2", "heart");
    same[0]["resource"]["identifier"][0]["value"] = json!("o-1");
    refused(same, 409);
    refused(first.clone(), 422);
    // What was refused may come again.
    let all = [first.clone(), entries("o-2", "p-2", "heart")].concat();
    let made = call(&network, "POST", "/fhir", "north", &transaction(&all)).ok(200);
    assert_eq!(statuses(&made), ["201", "200", "201", "200"]);
    // Events are told one by one.
    let task = |id: &str| {
        let mut task = get(&network, &format!("/fhir/Task/{id}"), "heart").ok(200);
        task["status"] = json!("accepted");
        task["businessStatus"]["coding"][0]["code"] = json!("3.0");
        json!({"resource": task, "request": {"method": "PUT", "url": format!("Task/{id}")}})
    };
    let ids: Vec<String> = get(&network, "/fhir/ServiceRequest", "heart")
        .found()
        .iter()
        .map(|found| found.rsplit('/').next().unwrap().to_owned())
        .collect();
    let both = [task(&ids[0]), task(&ids[1])];
    let refused = call(&network, "POST", "/fhir", "heart", &transaction(&both));
    assert_eq!(
        refused.expressions(422),
        ["Bundle.entry[0].resource", "Bundle.entry[1].resource"]
    );
    let batch = json!({"resourceType": "Bundle", "type": "batch", "entry": both});
    let told = call(&network, "POST", "/fhir", "heart", &batch).ok(200);
    assert_eq!(statuses(&told), ["200", "200"]);
}

#[test]
fn a_transaction_takes_twenty_referrals_and_no_more_and_only_from_who_may_send() {
    let network = Network::new();
    let many = |count: usize| -> Value {
        let all = (0..count).flat_map(|n| entries(&format!("o-{n}"), &format!("p-{n}"), "heart"));
        transaction(&all.collect::<Vec<_>>())
    };
    let more = call(&network, "POST", "/fhir", "north", &many(21));
    assert_eq!(more.expressions(422), ["Bundle.entry"]);
    let unknown = send(
        &network,
        "POST",
        "/fhir",
        "rl_x",
        &[("content-type", "application/fhir+json")],
        &many(2).to_string(),
    );
    assert_eq!(unknown.status, 401);
    let key = network
        .directory_post_with(
            "/directory/organizations/north/keys",
            json!({"scopes": ["referrals:read"]}),
        )
        .ok(201)["key"]
        .as_str()
        .unwrap()
        .to_owned();
    let reader = send(
        &network,
        "POST",
        "/fhir",
        &key,
        &[("content-type", "application/fhir+json")],
        &many(2).to_string(),
    );
    assert_eq!(reader.status, 403);
    let headers = [
        ("content-type", "application/fhir+json"),
        ("idempotency-key", "\"once\""),
    ];
    let keyed = |count: usize| {
        send(
            &network,
            "POST",
            "/fhir",
            network.key("north"),
            &headers,
            &many(count).to_string(),
        )
    };
    assert_eq!(keyed(20).status, 200);
    assert_eq!(keyed(20).status, 200);
    assert_eq!(keyed(19).status, 422, "another body under the same key");
    assert_eq!(tasks(&network, "heart"), 20);
}
