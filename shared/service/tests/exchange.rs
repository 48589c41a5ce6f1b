//! The other two doors, natively: HL7 v2 and FHIR over the real router and a real SQLite; what fits no referral waits for a person.

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
use http::{HeaderMap, Request};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use service::{exchange, status};
use tower_service::Service;

use client::Client;
use network::Network;

/// An answer as text.
struct Said {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Said {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{}", self.text))
    }

    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The acknowledgement's code.
    fn code(&self) -> &str {
        assert_eq!(self.status, 200, "{}", self.text);
        let msa = self.text.split('\r').find(|line| line.starts_with("MSA"));
        msa.and_then(|msa| msa.split('|').nth(1))
            .unwrap_or_default()
    }
}

trait Doors {
    fn send(
        &self,
        method: &str,
        path: &str,
        by: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Said;

    fn hl7(&self, by: &str, message: &str) -> Said {
        self.send(
            "POST",
            "/hl7",
            by,
            &[("content-type", "application/hl7-v2")],
            message,
        )
    }

    fn fhir(&self, method: &str, path: &str, by: &str, body: &Value) -> Said {
        let text = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.send(
            method,
            path,
            by,
            &[("content-type", "application/fhir+json")],
            &text,
        )
    }

    fn unmatched(&self, by: &str) -> Vec<Value>;
    fn decide(&self, by: &str, message: &str, body: Value) -> client::Answer;
}

impl Doors for Network {
    fn send(
        &self,
        method: &str,
        path: &str,
        by: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Said {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost:3000");
        if !by.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.key(by)));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let mut router = exchange::router(self.platform.clone());
        let response: Response = pollster::block_on(router.call(request)).unwrap();
        let (parts, body) = response.into_parts();
        let bytes = pollster::block_on(body.collect()).unwrap().to_bytes();
        Said {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    fn unmatched(&self, by: &str) -> Vec<Value> {
        let listed = self
            .worklist()
            .get("/worklist/unmatched", self.key(by))
            .ok(200);
        listed["items"].as_array().unwrap().clone()
    }

    fn decide(&self, by: &str, message: &str, body: Value) -> client::Answer {
        let client = Client::new(self.platform.clone(), status::router, status::operations);
        client.post(
            &format!("/status/unmatched/{message}/match"),
            self.key(by),
            body,
        )
    }
}

/// An order status: heart takes `order` on, for the patient with this number.
fn accepted(control: &str, order: &str, patient: &str) -> String {
    [
        format!("MSH|^~\\&|EHR|HEART^1.2.9^ISO|LOOP|NORTH^1.2.3^ISO|20260302085900+0000||OSU^O51^OSU_O51|{control}|P|2.5.1"),
        format!("PID|1||{patient}^^^&1.2.3.4&ISO||Rivera^Ana||19800229|F"),
        format!("ORC|OK|{order}^^1.2.3^ISO|h-7^^1.2.9^ISO||IP"),
        String::new(),
    ]
    .join("\r")
}

#[test]
fn a_referral_sent_by_json_is_taken_on_by_hl7() {
    let network = Network::new();
    let referral = network.refer();
    let answer = network.hl7("heart", &accepted("1", "order-1", "p-1"));
    assert_eq!(answer.code(), "AA", "{}", answer.text);
    assert_eq!(answer.header("content-type"), "application/hl7-v2");
    assert!(
        answer.header("server-timing").starts_with("db;desc=\"2\""),
        "{:?}",
        answer.headers
    );
    assert_eq!(network.read("north", &referral)["status"], "accepted");
    let last = network.timeline(&referral).pop().unwrap();
    assert_eq!(last["source"], "hl7");
    // The timeline names the message, and either side can read it as it came.
    let path = format!("/fhir/Binary/{}", last["source_id"].as_str().unwrap());
    for side in ["heart", "north"] {
        let came = network.send("GET", &path, side, &[], "");
        assert_eq!(
            (came.status, came.text.as_str()),
            (200, accepted("1", "order-1", "p-1").as_str())
        );
    }
    assert_eq!(network.send("GET", &path, "lungs", &[], "").status, 404);
}

#[test]
fn a_message_that_comes_again_changes_nothing() {
    let network = Network::new();
    let referral = network.refer();
    for control in ["1", "1", "2"] {
        assert_eq!(
            network
                .hl7("heart", &accepted(control, "order-1", "p-1"))
                .code(),
            "AA"
        );
    }
    assert_eq!(network.read("north", &referral)["version"], 2);
    // The same number with other content is nobody's copy.
    let other = accepted("1", "order-1", "p-1").replace("h-7", "h-8");
    let refused = network.hl7("heart", &other);
    assert_eq!(refused.code(), "AE");
    assert!(refused.text.contains("205"), "{}", refused.text);
    assert_eq!(network.read("north", &referral)["version"], 2);
}

#[test]
fn the_right_number_with_the_wrong_patient_waits_for_a_person() {
    let network = Network::new();
    let (referral, other) = (network.refer(), network.refer());
    let message = accepted("1", "order-1", "p-2");
    assert_eq!(network.hl7("heart", &message).code(), "AE");
    // Sent again it is the same one.
    assert_eq!(network.hl7("heart", &message).code(), "AE");
    for id in [&referral, &other] {
        assert_eq!(network.read("north", id)["status"], "sent");
    }
    let waiting = network.unmatched("heart");
    assert_eq!(waiting.len(), 1);
    let one = &waiting[0];
    assert_eq!(
        (
            &one["format"],
            &one["why"],
            &one["content"],
            &one["overdue"]
        ),
        (
            &json!("hl7"),
            &json!("patient-differs"),
            &json!(message),
            &json!(false)
        )
    );
    assert!(network.unmatched("north").is_empty());
    let id = one["id"].as_str().unwrap();
    // It is nobody else's to decide.
    network
        .decide("north", id, json!({"referral": other}))
        .problem(404, "not-found");
    network
        .decide("heart", id, json!({}))
        .faults(&["/referral"]);
    network
        .decide("heart", id, json!({"referral": "ref-none"}))
        .faults(&["/referral"]);
    let done = network
        .decide("heart", id, json!({"referral": other}))
        .ok(202);
    assert_eq!(
        (&done["result"], &done["referral"]),
        (&json!("applied"), &json!(other))
    );
    assert_eq!(network.read("north", &other)["status"], "accepted");
    assert!(network.unmatched("heart").is_empty());
    network
        .decide("heart", id, json!({"referral": referral}))
        .problem(409, "guard-failed");
    network
        .decide("heart", id, json!({"dismiss": "twice"}))
        .problem(409, "guard-failed");
    let last = network.timeline(&other).pop().unwrap();
    assert_eq!(
        (&last["source"], &last["source_id"]),
        (&json!("hl7:matched-by-person"), &json!(id))
    );
}

#[test]
fn a_message_that_belongs_nowhere_is_dismissed() {
    let network = Network::new();
    network.refer();
    assert_eq!(
        network
            .hl7("heart", &accepted("1", "order-9", "p-1"))
            .code(),
        "AE"
    );
    let waiting = network.unmatched("heart");
    assert_eq!(waiting[0]["why"], "no-referral");
    let id = waiting[0]["id"].as_str().unwrap();
    let done = network
        .decide("heart", id, json!({"dismiss": "A test message."}))
        .ok(202);
    assert_eq!(done, json!({"result": "dismissed", "message": id}));
    assert!(network.unmatched("heart").is_empty());
    network
        .decide("heart", id, json!({"dismiss": "Again."}))
        .problem(409, "guard-failed");
}

#[test]
fn another_organisation_cannot_say_anything_of_it() {
    let network = Network::new();
    let referral = network.refer();
    assert_eq!(
        network
            .hl7("lungs", &accepted("1", "order-1", "p-1"))
            .code(),
        "AE"
    );
    assert_eq!(network.unmatched("lungs")[0]["why"], "no-referral");
    assert_eq!(network.read("north", &referral)["status"], "sent");
}

#[test]
fn http_says_what_is_wrong_with_the_call_and_the_acknowledgement_what_with_the_message() {
    let network = Network::new();
    let message = accepted("1", "order-1", "p-1");
    assert_eq!(network.hl7("", &message).status, 401);
    let json = network.send(
        "POST",
        "/hl7",
        "heart",
        &[("content-type", "application/json")],
        "{}",
    );
    assert_eq!(json.status, 415);
    let large = "x".repeat(1_000_001);
    assert_eq!(network.hl7("heart", &large).status, 413);
    assert_eq!(network.hl7("heart", "nothing").status, 422);
    assert_eq!(
        network
            .hl7("heart", &message.replace("OSU^O51^OSU_O51", "XYZ^Z99"))
            .code(),
        "AR"
    );
    let enhanced = message.replace("|P|2.5.1", "|P|2.5.1|||NE|NE");
    network.refer();
    assert_eq!(network.hl7("heart", &enhanced).status, 204);
}

#[test]
fn fhir_callers_are_told_of_every_problem_in_an_operation_outcome() {
    let network = Network::new();
    for (method, path, by, body, status, code) in [
        ("GET", "/fhir/Task/ref-1", "", Value::Null, 401, "login"),
        (
            "GET",
            "/fhir/Task/ref-1",
            "north",
            Value::Null,
            404,
            "not-found",
        ),
        (
            "GET",
            "/fhir/nothing",
            "north",
            Value::Null,
            404,
            "not-found",
        ),
        (
            "DELETE",
            "/fhir/Task/ref-1",
            "north",
            Value::Null,
            405,
            "not-supported",
        ),
        (
            "GET",
            "/fhir/Task?patient=Patient/1",
            "north",
            Value::Null,
            422,
            "invalid",
        ),
        (
            "GET",
            "/fhir/Task?code=x",
            "north",
            Value::Null,
            422,
            "not-supported",
        ),
        (
            "POST",
            "/fhir",
            "north",
            json!({"resourceType": "Patient"}),
            422,
            "not-supported",
        ),
        ("POST", "/fhir/ServiceRequest", "", json!({}), 401, "login"),
    ] {
        let answer = network.fhir(method, path, by, &body);
        assert_eq!(answer.status, status, "{method} {path} {}", answer.text);
        assert_eq!(answer.header("content-type"), "application/fhir+json");
        let outcome = answer.json();
        assert_eq!(outcome["resourceType"], "OperationOutcome");
        assert_eq!(
            outcome["issue"][0]["code"], code,
            "{method} {path} {outcome}"
        );
    }
    let html = network.send("GET", "/fhir/metadata", "", &[("accept", "text/html")], "");
    assert_eq!(html.status, 406);
}

#[test]
fn a_search_shows_the_tasks_of_the_organisation_and_no_others() {
    let network = Network::new();
    let (first, second) = (network.refer(), network.refer());
    network.event("heart", &second, "referral.accepted", json!({}));
    let count = |by: &str, path: &str| {
        let answer = network.fhir("GET", path, by, &Value::Null);
        assert_eq!(answer.status, 200, "{path} {}", answer.text);
        let bundle = answer.json();
        bundle["entry"].as_array().map_or(0, Vec::len)
    };
    if network
        .fhir("GET", "/fhir/Task", "heart", &Value::Null)
        .json()
        .is_null()
    {
        return;
    }
    assert_eq!(count("heart", "/fhir/Task"), 2);
    assert_eq!(count("lungs", "/fhir/Task"), 0);
    assert_eq!(count("heart", "/fhir/Task?status=accepted"), 1);
    assert_eq!(
        count(
            "heart",
            "/fhir/Task?business-status=2.0,3.0&owner=Organization/heart"
        ),
        2
    );
    assert_eq!(count("heart", "/fhir/Task?requester=Organization/heart"), 0);
    assert_eq!(
        count(
            "north",
            "/fhir/Task?_lastUpdated=gt2026-03-02&_lastUpdated=lt2026-03-02"
        ),
        0
    );
    assert_eq!(count("north", "/fhir/Task?authored-on=2026-03-02"), 2);
    assert_eq!(count("north", &format!("/fhir/Task?_id={first}")), 1);
    assert_eq!(count("north", "/fhir/Task?_count=1"), 1);
    assert_eq!(count("heart", "/fhir/ServiceRequest?status=active"), 2);
    assert_eq!(count("heart", "/fhir/ServiceRequest?status=completed"), 0);
    assert_eq!(count("lungs", "/fhir/ServiceRequest"), 0);
    assert_eq!(
        count(
            "north",
            "/fhir/ServiceRequest?performer=Organization/heart&_include=ServiceRequest:patient"
        ),
        4
    );
    assert_eq!(
        count(
            "north",
            "/fhir/Task?_include=Task:focus&_include=Task:patient"
        ),
        6
    );
    let page = network
        .fhir("GET", "/fhir/Task?_count=1", "north", &Value::Null)
        .json();
    let links = page["link"].as_array().unwrap();
    let next = links
        .iter()
        .find(|link| link["relation"] == "next")
        .unwrap();
    let next = next["url"]
        .as_str()
        .unwrap()
        .trim_start_matches("http://localhost:3000")
        .to_owned();
    let page = network.fhir("GET", &next, "north", &Value::Null).json();
    assert_eq!(
        page["entry"][0]["resource"]["id"],
        json!(first.clone().max(second.clone())),
        "{page}"
    );
    assert!(
        page["link"]
            .as_array()
            .unwrap()
            .iter()
            .all(|link| link["relation"] != "next")
    );
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = "patient:identifier=urn:oid:1.2.3.4|p-1";
    let found = network.send("POST", "/fhir/Task/_search", "north", &form, body);
    assert_eq!(found.status, 200, "{}", found.text);
    assert_eq!(found.json()["entry"].as_array().map_or(0, Vec::len), 1);
}

/// A referral from north to heart as a ServiceRequest.
fn service_request(order: &str) -> Value {
    json!({
        "resourceType": "ServiceRequest",
        "contained": [
            {
                "resourceType": "Patient",
                "id": "patient",
                "identifier": [{"system": "urn:oid:1.2.3.4", "value": format!("p-{order}")}],
                "name": [{"family": "Rivera", "given": ["Ana"]}],
                "birthDate": "1980-02-29",
            },
            {"resourceType": "Organization", "id": "heart",
             "identifier": [{"system": "urn:oid:2.999.7", "value": "heart-7"}], "name": "Heart"},
        ],
        "identifier": [{"type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "PLAC"}]},
                        "system": "urn:oid:1.2.3", "value": order}],
        "status": "active",
        "intent": "order",
        "priority": "routine",
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "183519002", "display": "Referral to cardiology"}]},
        "subject": {"reference": "#patient"},
        "performer": [{"reference": "#heart"}],
        "reasonCode": [{"text": "Is this angina?"}],
    })
}

fn with_identifier() -> Network {
    let network = Network::new();
    let body = json!({"identifiers": [{"system": "urn:oid:2.999.7", "value": "heart-7"},
        {"system": "urn:ietf:rfc:3986", "value": "urn:oid:2.999.7.1"}]});
    network
        .directory()
        .call(
            "PATCH",
            "/directory/organizations/heart",
            client::ADMIN_KEY,
            Some(&body),
        )
        .ok(200);
    network
}

#[test]
fn a_referral_goes_in_by_fhir_and_is_answered_by_hl7_and_by_a_task() {
    let network = with_identifier();
    let sent = network.fhir(
        "POST",
        "/fhir/ServiceRequest",
        "north",
        &service_request("o-1"),
    );
    assert_eq!(sent.status, 201, "{}", sent.text);
    assert!(
        sent.header("server-timing").starts_with("db;desc=\"2\""),
        "{:?}",
        sent.headers
    );
    assert_eq!(sent.header("etag"), "W/\"1\"");
    let resource = sent.json();
    let id = resource["id"].as_str().unwrap();
    assert_eq!(
        sent.header("location"),
        format!("http://localhost:3000/fhir/ServiceRequest/{id}")
    );
    let read = network.read("heart", id);
    assert_eq!(
        (
            &read["recipient"],
            &read["patient"]["identifier"]["value"],
            &read["status"]
        ),
        (
            &json!({"organization": "heart", "service": "main"}),
            &json!("p-o-1"),
            &json!("sent")
        )
    );
    // The same again, by content and by condition, is the one that is there.
    let again = network.fhir(
        "POST",
        "/fhir/ServiceRequest",
        "north",
        &service_request("o-1"),
    );
    assert_eq!(
        (again.status, &again.json()["id"]),
        (200, &json!(id)),
        "{}",
        again.text
    );
    let headers = [
        ("content-type", "application/fhir+json"),
        ("if-none-exist", "identifier=urn:oid:1.2.3|o-1"),
    ];
    let mut changed = service_request("o-1");
    changed["reasonCode"][0]["text"] = json!("Is it?");
    let found = network.send(
        "POST",
        "/fhir/ServiceRequest",
        "north",
        &headers,
        &changed.to_string(),
    );
    assert_eq!(
        (found.status, &found.json()["id"]),
        (200, &json!(id)),
        "{}",
        found.text
    );
    let taken = network.fhir("POST", "/fhir/ServiceRequest", "north", &changed);
    assert_eq!(
        (taken.status, &taken.json()["issue"][0]["code"]),
        (409, &json!("duplicate"))
    );
    // HL7 takes it on, by the same number.
    assert_eq!(
        network.hl7("heart", &accepted("1", "o-1", "p-o-1")).code(),
        "AA"
    );
    let path = format!("/fhir/Task/{id}");
    let task = network.fhir("GET", &path, "heart", &Value::Null).json();
    assert_eq!(
        (&task["status"], &task["id"]),
        (&json!("accepted"), &json!(id)),
        "{task}"
    );
    assert_eq!(network.read("north", id)["version"], 2);
}

#[test]
fn a_task_says_what_has_happened() {
    let network = Network::new();
    let id = network.refer();
    let path = format!("/fhir/Task/{id}");
    let mut task = network.fhir("GET", &path, "heart", &Value::Null).json();
    task["status"] = json!("accepted");
    task["businessStatus"]["coding"][0]["code"] = json!("3.0");
    for by in ["lungs", ""] {
        let refused = network.fhir("PUT", &path, by, &task);
        assert_eq!(
            refused.status,
            if by.is_empty() { 401 } else { 404 },
            "{}",
            refused.text
        );
    }
    let headers = [
        ("content-type", "application/fhir+json"),
        ("if-match", "W/\"1\""),
    ];
    let updated = network.send("PUT", &path, "heart", &headers, &task.to_string());
    assert_eq!(updated.status, 200, "{}", updated.text);
    assert_eq!(updated.header("etag"), "W/\"2\"");
    assert_eq!(updated.json()["status"], "accepted");
    assert_eq!(network.read("north", &id)["status"], "accepted");
    // A Task that was read before somebody else wrote is refused.
    let stale = network.send("PUT", &path, "heart", &headers, &task.to_string());
    assert_eq!(
        (stale.status, &stale.json()["issue"][0]["code"]),
        (412, &json!("conflict"))
    );
    task["id"] = json!("ref-other");
    let other = network.fhir("PUT", &path, "heart", &task);
    assert_eq!(
        (other.status, &other.json()["issue"][0]["expression"]),
        (422, &json!(["Task.id"])),
        "{}",
        other.text
    );
}

#[test]
fn a_transaction_and_a_batch_are_answered_entry_by_entry() {
    let network = with_identifier();
    let entry = |order: &str| json!({"resource": service_request(order), "request": {"method": "POST", "url": "ServiceRequest"}});
    let transaction =
        json!({"resourceType": "Bundle", "type": "transaction", "entry": [entry("o-1")]});
    let answer = network.fhir("POST", "/fhir", "north", &transaction);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let bundle = answer.json();
    assert_eq!(
        (&bundle["type"], &bundle["entry"][0]["response"]["status"]),
        (&json!("transaction-response"), &json!("201 Created"))
    );
    let mut wrong = entry("o-4");
    wrong["resource"]["performer"] =
        json!([{"identifier": {"system": "urn:oid:2.999.7", "value": "nobody"}}]);
    let batch = json!({"resourceType": "Bundle", "type": "batch", "entry": [entry("o-2"), wrong, entry("o-3")]});
    let bundle = network.fhir("POST", "/fhir", "north", &batch).json();
    let statuses: Vec<_> = bundle["entry"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["response"]["status"])
        .collect();
    assert_eq!(
        statuses,
        ["201 Created", "422 The request has faults", "201 Created"],
        "{bundle}"
    );
    // Nothing that failed left a referral.
    let tasks = network
        .fhir("GET", "/fhir/Task", "heart", &Value::Null)
        .json();
    assert_eq!(tasks["entry"].as_array().map_or(0, Vec::len), 3, "{tasks}");
}

#[test]
fn a_referral_goes_in_by_hl7() {
    let network = with_identifier();
    let message = [
        "MSH|^~\\&|EHR|NORTH^1.2.3^ISO|LOOP|HEART^2.999.7.1^ISO|20260302085900+0000||REF^I12^REF_I12|77|P|2.5.1",
        "RF1|P|R|||O|o-1^^1.2.3^ISO|20260302|||R07.9^Chest pain^I10C",
        "PRD|RP|Referrer^Ada||||||",
        "PRD|RT|Heart^Helen",
        "PID|1||p-1^^^&1.2.3.4&ISO||Rivera^Ana||19800229|F",
        "OBR|1||o-1^^1.2.3^ISO|183519002^Referral to cardiology^SCT",
        "NTE|1||Is this angina?",
        "",
    ]
    .join("\r");
    let answer = network.hl7("north", &message);
    assert_eq!(answer.code(), "AA", "{}", answer.text);
    assert!(answer.text.contains("RRI^I12"), "{}", answer.text);
    assert!(
        answer.header("server-timing").starts_with("db;desc=\"2\""),
        "{:?}",
        answer.headers
    );
    let tasks = network
        .fhir("GET", "/fhir/Task?status=received", "heart", &Value::Null)
        .json();
    let id = tasks["entry"][0]["resource"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let read = network.read("north", &id);
    assert_eq!(
        (
            &read["recipient"]["organization"],
            &read["placer"]["value"],
            &read["patient"]["birth_date"]
        ),
        (&json!("heart"), &json!("o-1"), &json!("1980-02-29"))
    );
    assert_eq!(network.hl7("north", &message).code(), "AA");
    assert_eq!(network.read("north", &id)["version"], 1);
}
