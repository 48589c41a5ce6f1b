//! What is read over FHIR, in both syntaxes, and what comes back unchanged: over the real router.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by them"
)]

mod client;
mod fhir;
mod network;

use fhir::{Said, fhir as call, get, send};
use network::Network;
use serde_json::{Value, json};

const XML: &str = "application/fhir+xml";

fn service_request(order: &str) -> Value {
    json!({
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "order",
        "identifier": [{"system": "urn:oid:1.2.3", "value": order}],
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "183519002", "display": "Referral to cardiology service"}]},
        "subject": {"reference": "#p"},
        "contained": [{
            "resourceType": "Patient",
            "id": "p",
            "identifier": [{"system": "urn:oid:1.2.3.4", "value": "p-1"}],
            "name": [{"family": "Rivera", "given": ["Ana"]}],
            "birthDate": "1980-02-29",
        }],
        "performer": [{"reference": "Organization/heart"}],
        "authoredOn": "2015-10-20T09:00:00Z",
        "reasonCode": [{"text": "Is this angina?"}],
    })
}

fn xml(network: &Network, method: &str, path: &str, by: &str, body: &str) -> Said {
    let headers = [("content-type", XML), ("accept", XML)];
    send(network, method, path, network.key(by), &headers, body)
}

fn to_xml(resource: &Value) -> String {
    formats::fhir::to_xml(resource)
}

fn to_json(text: &str) -> Value {
    formats::fhir::from_xml(text).unwrap()
}

#[test]
fn a_referral_is_sent_read_answered_and_refused_in_xml() {
    let network = Network::new();
    let sent = to_xml(&service_request("x-1"));
    let made = xml(&network, "POST", "/fhir/ServiceRequest", "north", &sent);
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.header("content-type"), XML);
    let id = to_json(&made.text)["id"].as_str().unwrap().to_owned();
    let task = xml(&network, "GET", &format!("/fhir/Task/{id}"), "heart", "");
    let mut task = to_json(&task.text);
    assert_eq!(task["status"], "received");
    task["status"] = json!("accepted");
    task["businessStatus"]["coding"][0]["code"] = json!("3.0");
    let told = xml(
        &network,
        "PUT",
        &format!("/fhir/Task/{id}"),
        "heart",
        &to_xml(&task),
    );
    assert_eq!(
        (told.status, &to_json(&told.text)["status"]),
        (200, &json!("accepted"))
    );
    // Both syntaxes say the same.
    let path = format!("/fhir/ServiceRequest/{id}");
    let json = get(&network, &path, "north").ok(200);
    for by_format in [
        format!("{path}?_format=xml"),
        format!("{path}?_format=application/fhir%2Bxml"),
    ] {
        let read = get(&network, &by_format, "north");
        assert_eq!(
            (read.header("content-type"), to_json(&read.text)),
            (XML, json.clone())
        );
    }
    let page = xml(
        &network,
        "GET",
        "/fhir/Task?_include=Task:focus",
        "heart",
        "",
    );
    assert_eq!(to_json(&page.text)["entry"].as_array().unwrap().len(), 2);
    // So do errors, wherever they arise.
    let mut wrong = service_request("x-2");
    wrong["status"] = json!("draft");
    let refused = xml(
        &network,
        "POST",
        "/fhir/ServiceRequest",
        "north",
        &to_xml(&wrong),
    );
    let outcome = to_json(&refused.text);
    assert_eq!(
        (
            refused.status,
            outcome["issue"][0]["expression"][0].as_str()
        ),
        (422, Some("ServiceRequest.status"))
    );
    for (path, by, status) in [
        ("/fhir/Task/none", "north", 404),
        ("/fhir/Nothing", "north", 404),
    ] {
        let missing = xml(&network, "GET", path, by, "");
        assert_eq!(
            (missing.status, &to_json(&missing.text)["resourceType"]),
            (status, &json!("OperationOutcome"))
        );
    }
    // What came is kept as it came.
    let source = network.timeline(&id)[0]["source_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let came = get(&network, &format!("/fhir/Binary/{source}"), "north");
    assert_eq!((came.header("content-type"), &came.text), (XML, &sent));
}

#[test]
fn xml_that_is_none_or_grows_or_is_too_deep_is_refused() {
    let network = Network::new();
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>\
        <ServiceRequest xmlns=\"http://hl7.org/fhir\"><status value=\"&b;\"/></ServiceRequest>";
    let deep = format!(
        "<ServiceRequest xmlns=\"http://hl7.org/fhir\">{}{}</ServiceRequest>",
        "<extension url=\"x\">".repeat(5_000),
        "</extension>".repeat(5_000)
    );
    // As deep as a body may be long: nothing recurses into what it has not measured.
    let abyss = format!(
        "<ServiceRequest xmlns=\"http://hl7.org/fhir\">{}{}</ServiceRequest>",
        "<a>".repeat(140_000),
        "</a>".repeat(140_000)
    );
    let unknown =
        "<ServiceRequest xmlns=\"http://hl7.org/fhir\"><status value=\"&c;\"/></ServiceRequest>";
    for body in [
        bomb,
        &deep,
        &abyss,
        unknown,
        "<ServiceRequest",
        "",
        "{}",
        "<ServiceRequest/>",
        "\u{feff}<a/>",
    ] {
        let refused = xml(&network, "POST", "/fhir/ServiceRequest", "north", body);
        assert_eq!(refused.status, 422, "{}", refused.text);
        assert!(
            refused.text.contains("<OperationOutcome"),
            "{}",
            refused.text
        );
    }
    let text = get(&network, "/fhir/Task?_format=ttl", "north");
    assert_eq!(text.status, 406);
}

#[test]
fn a_task_put_back_as_it_was_read_says_nothing() {
    let network = Network::new();
    let referral = network.refer();
    network.event("heart", &referral, "referral.accepted", json!({}));
    network.event(
        "heart",
        &referral,
        "appointment.scheduled",
        json!({"start": "2036-01-01T09:00:00Z"}),
    );
    network.event("heart", &referral, "appointment.no_show", json!({}));
    let path = format!("/fhir/Task/{referral}");
    let read = get(&network, &path, "heart");
    let task = read.ok(200);
    let version = network.read("north", &referral)["version"].clone();
    for body in [task.clone(), {
        let mut copied = task.clone();
        copied["meta"] = json!({"source": "urn:ehr"});
        copied
    }] {
        let put = call(&network, "PUT", &path, "heart", &body);
        assert_eq!(
            (put.ok(200)["status"].clone(), put.header("etag")),
            (task["status"].clone(), read.header("etag"))
        );
    }
    let in_xml = xml(&network, "PUT", &path, "heart", &to_xml(&task));
    assert_eq!(in_xml.status, 200, "{}", in_xml.text);
    assert_eq!(network.read("north", &referral)["version"], version);
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
        &task.to_string(),
    );
    assert_eq!(refused.status, 412, "{}", refused.text);
    // The same status without our words is the sender's: another visit was missed.
    let mut said = task;
    said.as_object_mut().unwrap().remove("extension");
    call(&network, "PUT", &path, "heart", &said);
    assert_ne!(
        network.timeline(&referral).len(),
        4,
        "a second no-show was told"
    );
}

#[test]
fn visits_communications_and_provenance_are_read_by_ids_that_name_nobody() {
    let network = Network::new();
    let referral = network.refer();
    network.event("heart", &referral, "referral.accepted", json!({}));
    network.event(
        "north",
        &referral,
        "referral.note",
        json!({"note": "Prefers mornings."}),
    );
    let none = format!("/fhir/Appointment/{referral}");
    assert_eq!(
        get(&network, &none, "north").status,
        404,
        "no visit is booked"
    );
    network.event(
        "heart",
        &referral,
        "appointment.scheduled",
        json!({"start": "2036-01-01T09:00:00Z"}),
    );
    let visit = get(&network, &none, "north").ok(200);
    assert_eq!(visit["start"], "2036-01-01T09:00:00Z");
    for (kind, parameter, count) in [
        ("Appointment", "based-on", 1),
        ("Communication", "based-on", 1),
        ("Provenance", "target", 4),
    ] {
        let path = format!("/fhir/{kind}?{parameter}=ServiceRequest/{referral}");
        let found = get(&network, &path, "north");
        let bundle = found.ok(200);
        let entries = bundle["entry"].as_array().unwrap();
        assert_eq!(entries.len(), count, "{kind}");
        for entry in entries {
            let id = entry["resource"]["id"].as_str().unwrap();
            assert!(
                id.len() <= 64
                    && id
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte)),
                "{id}"
            );
            let one = get(&network, &format!("/fhir/{kind}/{id}"), "north").ok(200);
            assert_eq!(one, entry["resource"]);
            assert_eq!(
                get(&network, &format!("/fhir/{kind}/{id}"), "lungs").status,
                404
            );
        }
        assert!(get(&network, &path, "lungs").found().is_empty());
        assert_eq!(get(&network, &format!("/fhir/{kind}"), "north").status, 422);
        assert_eq!(
            get(&network, &format!("{path}&code=x"), "north").status,
            422
        );
    }
    // The chain, as the timeline has it.
    let timeline = network.timeline(&referral);
    let provenance = get(
        &network,
        &format!(
            "/fhir/Provenance/{}",
            timeline[1]["event"]["id"]
                .as_str()
                .or(timeline[1]["id"].as_str())
                .unwrap()
        ),
        "north",
    )
    .ok(200);
    let hash = |row: &Value| row["hash"].as_str().unwrap().to_owned();
    assert_eq!(
        provenance["extension"][0]["valueString"],
        hash(&timeline[1])
    );
    assert_eq!(
        provenance["entity"][0]["what"]["identifier"]["value"],
        hash(&timeline[0])
    );
}

#[test]
fn a_page_looks_at_so_many_referrals_and_the_next_one_goes_on() {
    let network = Network::new();
    let first: Vec<String> = (0..502).map(|_| network.refer()).collect();
    network.platform.advance(1_000);
    network.event("heart", &first[7], "referral.accepted", json!({}));
    let mut path = "/fhir/Task?status=accepted&_count=10".to_owned();
    let mut found = Vec::new();
    let mut pages = 0;
    loop {
        let page = get(&network, &path, "heart");
        found.extend(page.found());
        pages += 1;
        let bundle = page.ok(200);
        let links = bundle["link"].as_array().unwrap();
        let Some(next) = links.iter().find(|link| link["relation"] == "next") else {
            break;
        };
        path = next["url"]
            .as_str()
            .unwrap()
            .replace("http://localhost:3000", "");
    }
    assert_eq!((found, pages), (vec![format!("Task/{}", first[7])], 2));
    // All pages together have every one once.
    let mut path = "/fhir/ServiceRequest?_count=200".to_owned();
    let mut all = Vec::new();
    loop {
        let page = get(&network, &path, "north");
        all.extend(page.found());
        let bundle = page.ok(200);
        let links = bundle["link"].as_array().unwrap();
        let Some(next) = links.iter().find(|link| link["relation"] == "next") else {
            break;
        };
        path = next["url"]
            .as_str()
            .unwrap()
            .replace("http://localhost:3000", "");
    }
    assert_eq!(all.len(), 502);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 502);
    // A poller asks for what has changed, and finds it on the first page.
    let changed = network.read("north", &first[7])["updated_at"].clone();
    let since = changed
        .as_str()
        .map_or_else(|| "2015-01-01".to_owned(), str::to_owned);
    let polled = get(
        &network,
        &format!("/fhir/Task?_lastUpdated=ge{since}&owner=Organization/heart&_count=1"),
        "heart",
    );
    assert_eq!(polled.found().len(), 1);
}
