//! Best fit over the routers of directory, intake and status, on one native platform with a clock that is set.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by them"
)]

mod client;

use axum::body::Body;
use client::{ADMIN_KEY, Answer, Client, NOW_MS, platform};
use http::Request;
use ports::{Platform, Statement};
use runtime::Native;
use serde_json::{Value, json};
use service::{directory, intake, status, sweep};

const HOUR_MS: i64 = 3_600_000;
const SNOMED: &str = "http://snomed.info/sct";

/// A network with a referrer `north` and recipients that are added to it.
struct Network {
    platform: Native,
    directory: Client<Native>,
    intake: Client<Native>,
    status: Client<Native>,
    north: String,
}

impl Network {
    fn new() -> Self {
        let platform = platform();
        let mut network = Self {
            directory: Client::new(platform.clone(), directory::router, directory::operations),
            intake: Client::new(platform.clone(), intake::router, intake::operations),
            status: Client::new(platform.clone(), status::router, status::operations),
            platform,
            north: String::new(),
        };
        network.north = network.organization("north", "valley");
        network
    }

    /// Adds an organisation and gives its key.
    fn organization(&self, id: &str, network: &str) -> String {
        let body = json!({"id": id, "name": format!("{id} clinic"), "network": network, "roles": ["referrer", "recipient"]});
        self.directory
            .post("/directory/organizations", ADMIN_KEY, body)
            .ok(201);
        let body = json!({"scopes": ["referrals:write", "events:write"]});
        let path = format!("/directory/organizations/{id}/keys");
        let key = self.directory.post(&path, ADMIN_KEY, body).ok(201);
        key["key"].as_str().unwrap().to_owned()
    }

    /// Adds a cardiology service called `cardiology`; `members` are its others.
    fn service(&self, organization: &str, mut members: Value) {
        members["id"] = json!("cardiology");
        members["specialty"] = json!("cardiology");
        let path = format!("/directory/organizations/{organization}/services");
        self.directory.post(&path, ADMIN_KEY, members).ok(201);
    }

    /// An organisation of the network with a service; its key.
    fn recipient(&self, id: &str, members: Value) -> String {
        let key = self.organization(id, "valley");
        self.service(id, members);
        key
    }

    fn find(&self, question: Value) -> Value {
        self.intake
            .post("/intake/match", &self.north, question)
            .ok(200)
    }

    /// Sends a request for which `members` override the usual ones.
    fn send(&self, path: &str, members: Value) -> Answer {
        let mut body = json!({
            "patient": {
                "identifier": {"system": "urn:oid:1.2.3", "value": "p1"},
                "name": {"family": "Rivera", "given": ["Ana"]},
                "birth_date": "1980-02-29",
            },
            "service": {"system": SNOMED, "code": "183519002"},
            "urgency": "routine",
            "clinical_question": "Is this angina?",
            "role": "evaluate",
            "preparation": {"agreed": "yes"},
        });
        for (name, member) in members.as_object().unwrap() {
            body[name] = member.clone();
        }
        unchecked(&self.intake, path, &self.north, &body)
    }

    /// Refers to the service of an organisation, which sees the patient so many hours later and says so then; gives the id.
    fn visit(&self, organization: &str, key: &str, urgency: &str, hours: i64) -> String {
        let to = json!({"recipient": {"organization": organization, "service": "cardiology"}, "urgency": urgency});
        let sent = self.send("/intake/referrals", to).ok(201);
        let id = sent["id"].as_str().unwrap().to_owned();
        self.event(key, &id, "referral.accepted", json!({})).ok(202);
        self.platform.advance(hours * HOUR_MS);
        self.event(key, &id, "referral.interim_note", json!({"note": "Seen."}))
            .ok(202);
        id
    }

    fn event(&self, key: &str, id: &str, kind: &str, data: Value) -> Answer {
        let path = format!("/status/referrals/{id}/events");
        unchecked(
            &self.status,
            &path,
            key,
            &json!({"type": kind, "data": data}),
        )
    }

    /// The stored waits, as `hours urgency`.
    fn waits(&self) -> Vec<String> {
        let sql = "SELECT hours || ' ' || urgency AS wait FROM visit_waits WHERE hours IS NOT NULL ORDER BY referral_id";
        let statements = vec![Statement::new(sql, [])];
        let answer = pollster::block_on(self.platform.batch(statements)).unwrap();
        let rows = answer.rows(0).iter();
        rows.map(|row| row.text("wait").unwrap().to_owned())
            .collect()
    }
}

/// A POST whose answer has more members than its route documents.
fn unchecked(client: &Client<Native>, path: &str, key: &str, body: &Value) -> Answer {
    let request = Request::builder()
        .method("POST")
        .uri(path)
        .header("host", "localhost:3000")
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", "application/json");
    client.send(request.body(Body::from(body.to_string())).unwrap())
}

/// The organisations of a list, in its order.
fn organizations(list: &Value) -> Vec<&str> {
    let items = list.as_array().unwrap().iter();
    items
        .map(|item| item["organization"].as_str().unwrap())
        .collect()
}

#[test]
fn a_match_shows_each_place_with_its_sum_and_each_exclusion_with_its_reasons() {
    let network = Network::new();
    let ecg = json!({"id": "ecg", "kind": "document", "display": "ECG", "level": "required"});
    network.recipient(
        "heart",
        json!({"locations": ["Main Street 1, 1011 Harbour"], "languages": ["en"], "next_available": "2026-03-12",
            "requirements": [ecg]}),
    );
    network.recipient(
        "hill",
        json!({"locations": ["Hilltop 5"], "languages": ["uk"]}),
    );
    network.recipient(
        "full",
        json!({"capacity": 0, "urgencies": ["urgent"], "active": false}),
    );
    network.organization("abroad", "mountain");
    network.service("abroad", json!({}));
    let answer = network.intake.post(
        "/intake/match",
        &network.north,
        json!({"specialty": "cardiology", "near": "harbour", "language": "uk"}),
    );
    assert_eq!(answer.header("server-timing"), "db;desc=\"1\"");
    let found = answer.ok(200);
    assert_eq!(
        found["items"],
        json!([
            {
                "rank": 1, "organization": "heart", "name": "heart clinic", "service": "cardiology", "specialty": "cardiology",
                "locations": ["Main Street 1, 1011 Harbour"], "languages": ["en"], "next_available": "2026-03-12",
                "expected_days": 17,
                "reasons": [
                    {"what": "next-available", "days": 10, "detail": "until the first free day that the service tells"},
                    {"what": "near", "days": 0, "detail": "a location has what was asked for"},
                    {"what": "interpreter-needed", "days": 7,
                        "detail": "the service does not list the language: a quarter of the time allowed"},
                ],
                "requirements": [ecg],
            },
            {
                "rank": 2, "organization": "hill", "name": "hill clinic", "service": "cardiology", "specialty": "cardiology",
                "locations": ["Hilltop 5"], "languages": ["uk"],
                "expected_days": 42,
                "reasons": [
                    {"what": "time-allowed", "days": 28, "detail": "the time allowed until the visit, as nothing is known"},
                    {"what": "not-near", "days": 14,
                        "detail": "no location has what was asked for: half of the time allowed"},
                    {"what": "language-spoken", "days": 0, "detail": "the service lists the language"},
                ],
                "requirements": [],
            },
        ])
    );
    assert_eq!(
        found["excluded"],
        json!([{"organization": "full", "service": "cardiology",
            "reasons": ["service-inactive", "urgency-not-taken", "no-room"]}])
    );
    assert_eq!(found["more"], false);
}

#[test]
fn a_match_that_asks_for_a_limit_lists_so_many_and_the_default_is_ten() {
    let network = Network::new();
    for index in 0..11 {
        network.recipient(&format!("clinic-{index:02}"), json!({}));
    }
    let list = |question| organizations(&network.find(question)["items"]).len();
    assert_eq!(list(json!({"specialty": "cardiology"})), 10);
    assert_eq!(list(json!({"specialty": "cardiology", "limit": 1})), 1);
    assert_eq!(list(json!({"specialty": "cardiology", "limit": 11})), 11);
    assert_eq!(list(json!({"specialty": "Cardiology"})), 0);
}

#[test]
fn at_most_a_hundred_services_are_looked_at_and_that_there_are_more_is_said() {
    let network = Network::new();
    network.organization("heart", "valley");
    let add = |index: usize| {
        let body = json!({"id": format!("s{index:03}"), "specialty": "cardiology", "capacity": 0});
        let path = "/directory/organizations/heart/services";
        network.directory.post(path, ADMIN_KEY, body).ok(201);
    };
    (0..100).for_each(add);
    let found = network.find(json!({"specialty": "cardiology"}));
    assert_eq!(
        (organizations(&found["excluded"]).len(), &found["more"]),
        (100, &json!(false))
    );
    add(100);
    let found = network.find(json!({"specialty": "cardiology"}));
    assert_eq!(
        (organizations(&found["excluded"]).len(), &found["more"]),
        (100, &json!(true))
    );
}

#[test]
fn a_question_with_faults_names_them_and_needs_the_scope() {
    let network = Network::new();
    network
        .intake
        .post(
            "/intake/match",
            &network.north,
            json!({"urgency": "soon", "near": " ", "limit": 0, "code": {}}),
        )
        .faults(&[
            "/specialty",
            "/code/system",
            "/code/code",
            "/urgency",
            "/near",
            "/limit",
        ]);
    let body = json!({"scopes": ["referrals:read"]});
    let path = "/directory/organizations/north/keys";
    let key = network.directory.post(path, ADMIN_KEY, body).ok(201);
    network
        .intake
        .post(
            "/intake/match",
            key["key"].as_str().unwrap(),
            json!({"specialty": "cardiology"}),
        )
        .problem(403, "forbidden-scope");
}

#[test]
fn the_median_of_five_visits_of_the_same_urgency_takes_the_place_of_the_promise() {
    let network = Network::new();
    let heart = network.recipient("heart", json!({}));
    network.recipient("other", json!({"next_available": "2026-03-05"}));
    let expected = |urgency| {
        // The promise of the other is 3 days from the first day; visits take their time.
        network.platform.set_now(NOW_MS);
        let found = network.find(json!({"specialty": "cardiology", "urgency": urgency}));
        let first = &found["items"][0];
        (first["organization"].clone(), first["reasons"][0].clone())
    };
    let promise = json!({"what": "next-available", "days": 3, "detail": "until the first free day that the service tells"});
    for hours in [24, 900, 12, 30] {
        network.visit("heart", &heart, "routine", hours);
    }
    assert_eq!(expected("routine"), (json!("other"), promise));
    network.visit("heart", &heart, "routine", 48);
    let median =
        json!({"what": "past-waits", "days": 1.25, "detail": "the median of the last 5 visits"});
    assert_eq!(expected("routine"), (json!("heart"), median));
    // Nobody knows how soon an urgent patient is seen: the limit of 96 hours, against the promise.
    assert_eq!(expected("urgent").0, json!("other"));
}

#[test]
fn a_wait_is_stored_once_moves_with_a_late_event_and_goes_when_the_visit_is_taken_back() {
    let network = Network::new();
    let heart = network.recipient("heart", json!({}));
    let id = network.visit("heart", &heart, "urgent", 30);
    assert_eq!(network.waits(), ["30 urgent"]);
    let report =
        json!({"visit_on": "2026-03-20", "summary": "Angina.", "next_steps": [], "documents": []});
    network
        .event(&heart, &id, "referral.outcome", report)
        .ok(202);
    assert_eq!(network.waits(), ["30 urgent"]);
    let early = json!({"note": "Seen before.", "occurred_at": "2026-03-02T19:00:00Z"});
    network
        .event(&heart, &id, "referral.interim_note", early)
        .ok(202);
    assert_eq!(network.waits(), ["10 urgent"]);
    let slip = json!({"reason": "Another patient."});
    network
        .event(&network.north, &id, "referral.entered_in_error", slip)
        .ok(202);
    assert_eq!(network.waits(), [""; 0]);
}

#[test]
fn a_wait_that_a_parked_report_brings_is_stored_by_whoever_applies_it() {
    let network = Network::new();
    let heart = network.recipient("heart", json!({}));
    let refer = || {
        let to = json!({"recipient": {"organization": "heart", "service": "cardiology"}});
        let sent = network.send("/intake/referrals", to).ok(201);
        let id = sent["id"].as_str().unwrap().to_owned();
        network.platform.advance(HOUR_MS);
        let report = json!({"visit_on": "2026-03-04T09:00:00Z", "summary": "Angina.", "next_steps": [], "documents": []});
        let parked = network
            .event(&heart, &id, "referral.outcome", report)
            .ok(202);
        assert_eq!(parked["result"], "parked");
        parked["event"].as_str().unwrap().to_owned()
    };
    let by_a_person = refer();
    assert_eq!(network.waits(), [""; 0]);
    let path = format!("/status/parked/{by_a_person}/apply");
    let because = json!({"reason": "It is right."});
    unchecked(&network.status, &path, &network.north, &because).ok(202);
    assert_eq!(network.waits(), ["48 routine"]);
    network.platform.set_now(NOW_MS);
    refer();
    network.platform.advance(7 * 24 * HOUR_MS);
    pollster::block_on(sweep::run(network.platform.clone()));
    assert_eq!(network.waits(), ["48 routine", "48 routine"]);
}

#[test]
fn a_route_goes_to_the_best_fit_and_says_why() {
    let network = Network::new();
    network.recipient(
        "heart",
        json!({"next_available": "2026-03-12", "languages": ["en"]}),
    );
    network.recipient(
        "hill",
        json!({"next_available": "2026-03-10", "languages": ["uk"]}),
    );
    let patient = json!({
        "identifier": {"system": "urn:oid:1.2.3", "value": "p2"},
        "name": {"family": "Rivera", "given": ["Ana"]},
        "birth_date": "1980-02-29",
        "language": "en-GB",
    });
    // What a caller says of the choice itself is not taken.
    let members = json!({"route": {"specialty": "cardiology"}, "patient": patient, "routed": {"expected_days": 0}});
    let answer = network.send("/intake/referrals", members.clone());
    assert_eq!(answer.header("server-timing"), "db;desc=\"2\"");
    let sent = answer.ok(201);
    assert_eq!(
        sent["recipient"],
        json!({"organization": "heart", "service": "cardiology"})
    );
    let routed = json!({
        "asked": {"specialty": "cardiology", "language": "en-GB"},
        "expected_days": 10,
        "reasons": [
            {"what": "next-available", "days": 10, "detail": "until the first free day that the service tells"},
            {"what": "language-spoken", "days": 0, "detail": "the service lists the language"},
        ],
        "alternatives": 1,
    });
    assert_eq!(sent["routed"], routed);
    let checked = network.send("/intake/referrals/check", members).ok(200);
    assert_eq!(checked["routed"], routed);
    // The route's own language comes before the patient's.
    let route = json!({"route": {"specialty": "cardiology", "language": "uk"}, "patient": patient});
    let sent = network.send("/intake/referrals/check", route).ok(200);
    assert_eq!(sent["recipient"]["organization"], "hill");
    let named = json!({"recipient": {"organization": "hill", "service": "cardiology"}, "routed": {"expected_days": 0}});
    let sent = network.send("/intake/referrals", named).ok(201);
    assert_eq!(sent.get("routed"), None);
}

#[test]
fn a_route_that_finds_nobody_says_how_many_cannot_and_why() {
    let network = Network::new();
    let detail = |specialty| {
        let answer = network.send(
            "/intake/referrals",
            json!({"route": {"specialty": specialty}}),
        );
        let problem = answer.problem(422, "invalid");
        let errors = problem["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0]["pointer"], "/route/specialty");
        assert_eq!(errors[0]["code"], "no-match");
        errors[0]["detail"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        detail("cardiology"),
        "must be the specialty of a service in the network"
    );
    network.recipient("full", json!({"capacity": 0}));
    network.recipient("closed", json!({"capacity": 0, "active": false}));
    network.recipient("other", json!({"codes": ["echo"]}));
    assert_eq!(
        detail("cardiology"),
        "no service of this specialty can take it; excluded: 3 (1 service-inactive, 1 code-not-offered, 2 no-room)"
    );
}

#[test]
fn a_request_has_a_recipient_or_a_route() {
    let network = Network::new();
    network
        .send("/intake/referrals", json!({}))
        .faults(&["/recipient"]);
    let both =
        json!({"recipient": {"organization": "north"}, "route": {"specialty": "cardiology"}});
    network.send("/intake/referrals", both).faults(&["/route"]);
    let half = json!({"recipient": null, "route": {"near": ""}});
    network
        .send("/intake/referrals", half)
        .faults(&["/route/specialty", "/route/near"]);
}

#[test]
fn a_service_found_by_route_asks_for_what_it_requires() {
    let network = Network::new();
    let ecg = json!({"id": "ecg", "kind": "document", "display": "ECG", "level": "required"});
    network.recipient("heart", json!({"requirements": [ecg]}));
    let route = json!({"route": {"specialty": "cardiology"}});
    let problem = network
        .send("/intake/referrals", route)
        .problem(422, "requirements-missing");
    assert_eq!(problem["errors"][0]["requirement"], "ecg");
}
