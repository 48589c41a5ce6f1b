//! CMS50 over the real routers: test cases after the structure of the official ones, the organisation's own rows, what comes in for the
//! measure, and the export.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by them"
)]

mod client;
mod fhir;
mod network;

use client::{ADMIN_KEY, Client};
use fhir::{Said, send};
use network::Network;
use ports::{Platform, Statement};
use serde_json::{Value, json};
use service::{intake, worklist};

const CASES: &str = include_str!("../../../tests/black-box/data/cms50/cases.json");
const VALUE_SETS: &str = include_str!("../../../tests/black-box/data/cms50/value-sets.json");

const EVALUATE: &str = "/fhir/Measure/cms50/$evaluate";
const EXPORT: &str = "/fhir/Measure/cms50/$export?year=2026";
const MRN: &str = "urn:oid:1.2.3.4";

fn list(text: &str) -> Vec<Value> {
    serde_json::from_str(text).unwrap()
}

/// A network, and a key of `north` with these scopes.
struct Valley {
    network: Network,
    key: String,
}

impl Valley {
    fn new() -> Self {
        let network = Network::new();
        let key = key(
            &network,
            "north",
            &["referrals:write", "referrals:read", "measures:read"],
        );
        Self { network, key }
    }

    /// With every value set of the measure loaded.
    fn loaded() -> Self {
        let valley = Self::new();
        for set in list(VALUE_SETS) {
            let path = format!("/fhir/ValueSet/{}", set["id"].as_str().unwrap());
            valley.fhir("PUT", &path, &set).ok(201);
        }
        valley
    }

    fn fhir(&self, method: &str, path: &str, body: &Value) -> Said {
        self.fhir_as(&self.key, method, path, body)
    }

    fn fhir_as(&self, key: &str, method: &str, path: &str, body: &Value) -> Said {
        let headers = [("content-type", "application/fhir+json")];
        send(
            &self.network,
            method,
            path,
            key,
            &headers,
            &body.to_string(),
        )
    }

    fn read(&self, path: &str) -> Said {
        send(&self.network, "GET", path, &self.key, &[], "")
    }

    fn evaluate(&self, more: Vec<Value>) -> Said {
        self.fhir("POST", EVALUATE, &parameters(more))
    }

    fn measure(&self, query: &str) -> Value {
        let path = format!("/worklist/measures/cms50?year=2026{query}");
        self.network.worklist().get(&path, &self.key).ok(200)
    }

    /// A referral from `north` to `heart` of a patient, made on a day: its id.
    fn refer(&self, patient: &str, ordered_at: &str, more: Value) -> String {
        let mut body = json!({
            "patient": {
                "identifier": {"system": MRN, "value": patient},
                "name": {"family": "Rivera", "given": ["Ana"]},
                "birth_date": "1980-02-29",
            },
            "recipient": {"organization": "heart", "service": "main"},
            "service": {"system": "http://snomed.info/sct", "code": "183519002"},
            "urgency": "routine",
            "clinical_question": "Is this angina?",
            "role": "evaluate",
            "preparation": {"agreed": "yes"},
            "ordered_at": ordered_at,
        });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.network.platform.advance(1);
        let intake = Client::new(self.network.platform.clone(), intake::router, Vec::new);
        let sent = intake.post("/intake/referrals", &self.key, body).ok(201);
        sent["id"].as_str().unwrap().to_owned()
    }

    fn visit(&self, patient: &str, day: &str) {
        self.fhir("POST", "/fhir/Encounter", &encounter(patient, day))
            .ok(201);
    }

    fn report(&self, referral: &str) {
        let accepted = json!({});
        self.network
            .event("heart", referral, "referral.accepted", accepted);
        let outcome = json!({"visit_on": "2026-03-01", "summary": "Stable.", "next_steps": []});
        self.network
            .event("heart", referral, "referral.outcome", outcome);
    }
}

fn key(network: &Network, organization: &str, scopes: &[&str]) -> String {
    let path = format!("/directory/organizations/{organization}/keys");
    let made = network
        .directory()
        .post(&path, ADMIN_KEY, json!({"scopes": scopes}))
        .ok(201);
    made["key"].as_str().unwrap().to_owned()
}

fn parameters(more: Vec<Value>) -> Value {
    let mut all = vec![
        json!({"name": "periodStart", "valueDate": "2026-01-01"}),
        json!({"name": "periodEnd", "valueDate": "2026-12-31"}),
    ];
    all.extend(more);
    json!({"resourceType": "Parameters", "parameter": all})
}

fn data(bundle: &Value) -> Value {
    json!({"name": "additionalData", "resource": bundle})
}

fn subject(id: &str) -> Value {
    json!({"name": "subject", "valueString": format!("Patient/{id}")})
}

fn report_type(code: &str) -> Value {
    json!({"name": "reportType", "valueCode": code})
}

fn encounter(patient: &str, day: &str) -> Value {
    json!({
        "resourceType": "Encounter",
        "identifier": [{"system": "urn:example:visit-numbers", "value": format!("{patient}-{day}")}],
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "type": [{"coding": [{"system": "urn:example:visits", "code": "office-visit"}]}],
        "subject": {"identifier": {"system": MRN, "value": patient}},
        "period": {"start": format!("{day}T09:00:00Z"), "end": format!("{day}T09:30:00Z")},
    })
}

/// The counts of a report, in the order of the populations.
#[track_caller]
fn counts(report: &Value) -> [u64; 3] {
    assert_eq!(report["resourceType"], "MeasureReport", "{report}");
    let population = |place: usize, code: &str| {
        let one = &report["group"][0]["population"][place];
        assert_eq!(one["code"]["coding"][0]["code"], code);
        one["count"].as_u64().unwrap()
    };
    [
        population(0, "initial-population"),
        population(1, "denominator"),
        population(2, "numerator"),
    ]
}

fn wanted(case: &Value) -> [u64; 3] {
    match case["want"].as_str().unwrap() {
        "numerator" => [1, 1, 1],
        "denominator" => [1, 1, 0],
        _ => [0, 0, 0],
    }
}

/// The issues that a report contains, by their own code.
fn messages(report: &Value, severity: &str) -> Vec<String> {
    let contained = report["contained"].as_array().cloned().unwrap_or_default();
    let outcome = contained.iter().find(|one| one["id"] == "messages");
    let issues = outcome.map(|one| one["issue"].as_array().unwrap().clone());
    let of_severity = issues.unwrap_or_default().into_iter();
    of_severity
        .filter(|issue| issue["severity"] == severity)
        .map(|issue| {
            issue["details"]["coding"][0]["code"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect()
}

#[test]
fn every_case_is_evaluated_as_the_measure_wants_it() {
    let valley = Valley::loaded();
    for case in list(CASES) {
        let name = &case["name"];
        let id = case["subject"].as_str().unwrap();
        let asked = vec![subject(id), data(&case["bundle"])];
        let report = valley.evaluate(asked).ok(200);
        assert_eq!(counts(&report), wanted(&case), "{name}");
        assert_eq!(report["type"], "individual");
        assert_eq!(report["status"], "complete");
        assert_eq!(report["subject"]["reference"], format!("Patient/{id}"));
        let period = json!({"start": "2026-01-01", "end": "2026-12-31"});
        assert_eq!(report["period"], period);
        assert_eq!(
            json!(messages(&report, "information")),
            case["reasons"],
            "{name}"
        );
        let score = &report["group"][0]["measureScore"]["value"];
        let [_, denominator, numerator] = wanted(&case);
        match denominator {
            0 => assert_eq!(score, &Value::Null, "{name}"),
            _ => assert_eq!(score.as_f64().unwrap(), numerator as f64, "{name}"),
        }
    }
}

#[test]
fn all_cases_together_are_counted_by_patient_though_their_ids_repeat() {
    let valley = Valley::new();
    let cases = list(CASES);
    let bundles = cases.iter().map(|case| json!({"resource": case["bundle"]}));
    let sets = list(VALUE_SETS)
        .into_iter()
        .map(|set| json!({"resource": set}));
    let all = json!({"resourceType": "Bundle", "type": "collection", "entry": bundles.chain(sets).collect::<Vec<_>>()});
    let mut want = [0; 3];
    for case in &cases {
        for (sum, one) in want.iter_mut().zip(wanted(case)) {
            *sum += one;
        }
    }
    let summary = valley.evaluate(vec![data(&all)]).ok(200);
    assert_eq!(counts(&summary), want);
    assert_eq!(summary["type"], "summary");
    assert_eq!(summary["subject"], Value::Null);
    assert_eq!(summary["contained"], Value::Null);

    let asked = vec![report_type("subject-list"), data(&all)];
    let listed = valley.evaluate(asked).ok(200);
    assert_eq!(counts(&listed), want);
    for (place, count) in want.iter().enumerate() {
        let population = &listed["group"][0]["population"][place];
        let name = population["subjectResults"]["reference"].as_str().unwrap();
        let contained = listed["contained"].as_array().unwrap();
        let list = contained
            .iter()
            .find(|one| format!("#{}", one["id"].as_str().unwrap()) == name);
        let entries = list.unwrap()["entry"].as_array().unwrap();
        assert_eq!(entries.len() as u64, *count, "{name}");
    }
    // Nothing of it was stored.
    assert_eq!(valley.measure("")["patients"], 0);
    assert_eq!(
        valley.measure("")["missing_value_sets"]
            .as_array()
            .unwrap()
            .len(),
        10
    );
}

#[test]
fn what_is_asked_wrongly_is_told_all_at_once() {
    let valley = Valley::loaded();
    let bare = json!({"resourceType": "Parameters", "parameter": [
        {"name": "reportType", "valueCode": "nothing"},
        {"name": "additionalData", "resource": {"resourceType": "Patient"}},
        {"name": "practitioner", "valueString": "Practitioner/1"},
        {"name": "periodStart", "valueDate": "yesterday"},
    ]});
    let told = valley.fhir("POST", EVALUATE, &bare).expressions(422);
    let at = |name: &str| format!("Parameters.parameter.where(name = '{name}')");
    assert_eq!(
        told,
        [
            at("reportType"),
            at("additionalData"),
            "Parameters.parameter.name".to_owned(),
            at("periodStart"),
            at("periodEnd"),
        ]
    );
    let turned = json!({"resourceType": "Parameters", "parameter": [
        {"name": "periodStart", "valueDate": "2026-12-31"},
        {"name": "periodEnd", "valueDate": "2026-01-01"},
    ]});
    let told = valley.fhir("POST", EVALUATE, &turned).expressions(422);
    assert_eq!(told, [at("periodEnd")]);
    // No URL names a patient.
    let path = format!("{EVALUATE}?periodStart=2026&periodEnd=2026&subject=Patient/1");
    assert_eq!(valley.read(&path).expressions(422), [at("subject")]);
    let empty = json!({"resourceType": "Bundle", "type": "collection"});
    valley.evaluate(vec![subject("p"), data(&empty)]).ok(404);
    let told = valley.evaluate(vec![report_type("subject"), data(&empty)]);
    assert_eq!(told.expressions(422), [at("subject")]);
}

#[test]
fn whole_months_that_end_at_midnight_have_nothing_of_that_day() {
    let valley = Valley::loaded();
    let case = &list(CASES)[0];
    for (start, end) in [
        ("2026", "2026"),
        ("2026-01", "2026-12"),
        ("2026-01-01T00:00:00.000Z", "2026-12-31T23:59:59.999Z"),
        ("2026-01-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z"),
        // No whole months: who writes the last day's midnight means that day.
        ("2026-01-01T00:00:00.000Z", "2026-12-31T00:00:00.000Z"),
    ] {
        let asked = json!({"resourceType": "Parameters", "parameter": [
            {"name": "periodStart", "valueDateTime": start},
            {"name": "periodEnd", "valueDateTime": end},
            data(&case["bundle"]),
        ]});
        let report = valley.fhir("POST", EVALUATE, &asked).ok(200);
        let period = json!({"start": "2026-01-01", "end": "2026-12-31"});
        assert_eq!(report["period"], period, "{start} {end}");
        assert_eq!(counts(&report), [1, 1, 1]);
    }
}

#[test]
fn a_value_set_that_is_not_loaded_is_named_and_nothing_is_counted_in_silence() {
    let valley = Valley::new();
    let case = &list(CASES)[0];
    let report = valley.evaluate(vec![data(&case["bundle"])]).ok(200);
    assert_eq!(report["status"], "error");
    assert_eq!(report["group"][0]["measureScore"], Value::Null);
    assert_eq!(messages(&report, "error").len(), 10);
    assert!(
        report
            .to_string()
            .contains("2.16.840.1.113883.3.464.1003.101.12.1046")
    );
    assert_eq!(valley.measure("")["rate"]["rate"], Value::Null);
    assert_eq!(valley.measure("")["complete"], false);

    // With the ones that this case needs the answer is right, and says what it did not look for.
    let sets = list(VALUE_SETS);
    for set in &sets[..3] {
        let path = format!("/fhir/ValueSet/{}", set["id"].as_str().unwrap());
        valley.fhir("PUT", &path, set).ok(201);
    }
    let report = valley.evaluate(vec![data(&case["bundle"])]).ok(200);
    assert_eq!(report["status"], "complete");
    assert_eq!(counts(&report), [1, 1, 1]);
    assert_eq!(messages(&report, "warning").len(), 7);
    let extension = &report["extension"][0];
    assert_eq!(extension["valueReference"]["reference"], "#messages");
    // Another organisation has loaded nothing.
    let other = key(&valley.network, "heart", &["measures:read"]);
    let asked = parameters(vec![data(&case["bundle"])]);
    let report = valley.fhir_as(&other, "POST", EVALUATE, &asked).ok(200);
    assert_eq!(report["status"], "error");
}

#[test]
fn a_value_set_that_names_others_is_there_when_they_are() {
    let valley = Valley::loaded();
    let referral = "2.16.840.1.113883.3.464.1003.101.12.1046";
    let member = "2.16.840.1.113883.3.464.1003.101.11.1046";
    let url = |oid: &str| format!("http://cts.nlm.nih.gov/fhir/ValueSet/{oid}");
    let grouping = json!({
        "resourceType": "ValueSet", "url": url(referral), "status": "active",
        "compose": {"include": [{"valueSet": [format!("{}|20260101", url(member))]}]},
    });
    let path = format!("/fhir/ValueSet/{referral}");
    let put = valley.fhir("PUT", &path, &grouping);
    put.ok(200);
    assert_eq!(put.header("etag"), "W/\"2\"");
    let case = &list(CASES)[0];
    let report = valley.evaluate(vec![data(&case["bundle"])]).ok(200);
    assert_eq!(report["status"], "error");
    let codes = json!({
        "resourceType": "ValueSet", "url": url(member), "status": "active",
        "expansion": {"timestamp": "2026-01-01", "contains": [
            {"abstract": true, "display": "Referrals", "contains": [{"system": "http://snomed.info/sct", "code": "103696004"}]},
        ]},
    });
    valley
        .fhir("PUT", &format!("/fhir/ValueSet/{member}"), &codes)
        .ok(201);
    let report = valley.evaluate(vec![data(&case["bundle"])]).ok(200);
    assert_eq!(report["status"], "complete");
    assert_eq!(counts(&report), [1, 1, 1]);
    let kept = valley.read(&path).ok(200);
    assert_eq!(kept["compose"], grouping["compose"]);
}

#[test]
fn a_value_set_that_cannot_be_read_whole_is_refused() {
    let valley = Valley::new();
    let put = |body: Value| {
        valley
            .fhir("PUT", "/fhir/ValueSet/a", &body)
            .expressions(422)
    };
    let set = |more: Value| {
        let mut set =
            json!({"resourceType": "ValueSet", "url": "urn:example:set", "status": "active"});
        for (name, value) in more.as_object().unwrap() {
            set[name] = value.clone();
        }
        set
    };
    let include = |include: Value| put(set(json!({"compose": {"include": [include]}})));
    assert_eq!(put(set(json!({}))), ["ValueSet.expansion"]);
    assert_eq!(
        put(set(
            json!({"expansion": {"total": 2, "contains": [{"system": "urn:s", "code": "1"}]}})
        )),
        ["ValueSet.expansion.total"]
    );
    assert_eq!(
        put(set(json!({"expansion": {"contains": [{"code": "1"}]}}))),
        ["ValueSet.expansion.contains.system"]
    );
    for bad in [
        json!({"system": "urn:s"}),
        json!({"system": "urn:s", "filter": [{"property": "p", "op": "=", "value": "v"}]}),
        json!({"valueSet": ["urn:a", "urn:b"]}),
    ] {
        assert_eq!(include(bad), ["ValueSet.compose.include"]);
    }
    assert_eq!(
        put(set(
            json!({"compose": {"include": [], "exclude": [{"system": "urn:s"}]}})
        )),
        ["ValueSet.compose.exclude"]
    );
    let nameless = json!({"resourceType": "ValueSet", "expansion": {}});
    assert_eq!(put(nameless), ["ValueSet.url"]);
    let path = format!("/fhir/ValueSet/{}", "i".repeat(65));
    let fine = set(json!({"expansion": {}}));
    assert_eq!(
        valley.fhir("PUT", &path, &fine).expressions(422),
        ["ValueSet.id"]
    );
}

#[test]
fn our_own_rows_are_measured_by_the_same_logic_and_the_list_says_why() {
    let valley = Valley::loaded();
    let met = valley.refer("p-met", "2026-02-03T10:00:00Z", json!({}));
    let open = valley.refer("p-open", "2026-02-03T10:00:00Z", json!({}));
    let declined = valley.refer("p-declined", "2026-02-03T10:00:00Z", json!({}));
    let unseen = valley.refer("p-unseen", "2026-02-03T10:00:00Z", json!({}));
    let other_code = json!({"service": {"system": "urn:example:services", "code": "cardiology"}});
    let other = valley.refer("p-other", "2026-02-03T10:00:00Z", other_code);
    let last_year = valley.refer("p-last-year", "2025-12-31T10:00:00Z", json!({}));
    // The visit that came with the referral counts too.
    let mut own = encounter("p-own", "2026-02-03");
    own.as_object_mut().unwrap().remove("subject");
    let with_visit = valley.refer("p-own", "2026-02-03T10:00:00Z", json!({"encounter": own}));
    for patient in ["p-met", "p-open", "p-declined", "p-other", "p-last-year"] {
        valley.visit(patient, "2026-02-03");
    }
    valley.visit("p-unseen", "2025-02-03");
    valley.visit("p-never-referred", "2026-02-03");
    valley.report(&met);
    valley.report(&unseen);
    valley.report(&with_visit);
    // A second referral of the patient whose first has no report.
    let second = valley.refer("p-open", "2026-02-04T10:00:00Z", json!({"follows": open}));
    valley.report(&second);
    let reason = json!({"reason": "capacity"});
    valley
        .network
        .event("heart", &declined, "referral.declined", reason);

    let measure = valley.measure("");
    assert_eq!(measure["complete"], true);
    assert_eq!(measure["patients"], 7);
    assert_eq!(measure["initial_population"], 4);
    assert_eq!(
        measure["rate"],
        json!({"numerator": 2, "denominator": 4, "rate": 0.5})
    );
    let listed = measure["items"].as_array().unwrap();
    let why = |id: &str| {
        let item = listed.iter().find(|item| item["id"] == id).unwrap();
        let reasons = item["reasons"].as_array().unwrap();
        let codes = reasons
            .iter()
            .map(|reason| reason["code"].as_str().unwrap());
        codes.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(why(&met), "report-received");
    assert_eq!(why(&with_visit), "report-received");
    assert_eq!(why(&open), "report-status");
    assert_eq!(why(&declined), "report-status");
    assert_eq!(why(&unseen), "no-visit");
    assert_eq!(why(&other), "referral-code");
    assert_eq!(why(&last_year), "referral-outside-period");
    let item = listed
        .iter()
        .find(|item| item["id"] == met.as_str())
        .unwrap();
    assert_eq!(
        item["patient"]["identifier"],
        json!({"system": MRN, "value": "p-met"})
    );
    assert_eq!(item["patient"]["name"]["family"], "Rivera");
    assert_eq!(item["referral"], met.as_str());

    // The same by FHIR: all, one, and whom.
    let summary = valley.evaluate(vec![]).ok(200);
    assert_eq!(counts(&summary), [4, 4, 2]);
    assert_eq!(summary["reporter"]["reference"], "Organization/north");
    let by_query = format!("{EVALUATE}-measure?periodStart=2026-01-01&periodEnd=2026-12-31");
    assert_eq!(counts(&valley.read(&by_query).ok(200)), [4, 4, 2]);
    let one = valley.evaluate(vec![subject(&second)]).ok(200);
    assert_eq!(counts(&one), [1, 1, 0]);
    assert_eq!(one["subject"]["reference"], format!("Patient/{open}"));
    assert_eq!(messages(&one, "information"), ["report-status"]);
    let evaluated = one["evaluatedResource"].as_array().unwrap();
    assert!(evaluated.contains(&json!({"reference": format!("ServiceRequest/{open}")})));
    valley.evaluate(vec![subject("referral-of-nobody")]).ok(404);
    let whom = valley.evaluate(vec![report_type("subject-list")]).ok(200);
    assert_eq!(counts(&whom), [4, 4, 2]);

    // Another year, and another organisation, have nobody.
    let path = "/worklist/measures/cms50?year=2024";
    let none = valley.network.worklist().get(path, &valley.key).ok(200);
    assert_eq!(
        (&none["patients"], &none["rate"]["rate"]),
        (&json!(0), &Value::Null)
    );
    let theirs = key(&valley.network, "heart", &["measures:read"]);
    let none = valley
        .network
        .worklist()
        .get("/worklist/measures/cms50?year=2026", &theirs);
    assert_eq!(none.ok(200)["patients"], 0);
}

#[test]
fn our_own_rows_are_held_to_the_last_minute_of_october_and_of_the_year() {
    let valley = Valley::loaded();
    let at = |text: &str| {
        let instant: domain::time::Timestamp = text.parse().unwrap();
        valley.network.platform.set_now(instant.as_millisecond());
    };
    let rows = [
        (
            "2026-01-01T00:00:00Z",
            "2026-12-31T23:59:00Z",
            "report-received",
        ),
        (
            "2025-12-31T23:59:59.999Z",
            "2026-03-02T09:00:00Z",
            "referral-outside-period",
        ),
        (
            "2026-10-31T23:59:59.999Z",
            "2026-11-01T00:00:01Z",
            "report-received",
        ),
        (
            "2026-11-01T00:00:00Z",
            "2026-11-02T00:00:00Z",
            "referral-after-october",
        ),
        // Days are those of UTC.
        (
            "2026-10-31T23:59:00-01:00",
            "2026-11-02T00:00:00Z",
            "referral-after-october",
        ),
        (
            "2026-03-02T09:00:00Z",
            "2027-01-01T00:00:00Z",
            "report-outside-period",
        ),
    ];
    for (n, (ordered_at, reported_at, _)) in rows.iter().enumerate() {
        let patient = format!("p-{n}");
        at(ordered_at);
        let first = valley.refer(&patient, ordered_at, json!({}));
        valley.visit(&patient, "2026-03-02");
        at(reported_at);
        valley.report(&first);
    }
    // Two of one minute after the other: only the first one counts, whichever is answered.
    at("2026-06-06T08:05:00Z");
    let first = valley.refer("p-two", "2026-06-06T08:00:00Z", json!({}));
    let follows = json!({"follows": first});
    let second = valley.refer("p-two", "2026-06-06T08:01:00Z", follows);
    valley.visit("p-two", "2026-06-06");
    valley.report(&second);

    let measure = valley.measure("");
    let why = |patient: &str| {
        let items = measure["items"].as_array().unwrap();
        let of_patient = |item: &&Value| item["patient"]["identifier"]["value"] == patient;
        let item = items.iter().find(of_patient).unwrap();
        item["reasons"][0]["code"].clone()
    };
    for (n, (ordered_at, reported_at, reason)) in rows.iter().enumerate() {
        let patient = format!("p-{n}");
        assert_eq!(why(&patient), *reason, "{ordered_at} {reported_at}");
    }
    assert_eq!(why("p-two"), "report-status");
    assert_eq!(
        measure["rate"],
        json!({"numerator": 2, "denominator": 4, "rate": 0.5})
    );
}

#[test]
fn who_is_entered_in_error_or_cancelled_is_no_first_referral() {
    let valley = Valley::loaded();
    let wrong = valley.refer("p-1", "2026-02-03T10:00:00Z", json!({}));
    valley.visit("p-1", "2026-02-03");
    let reason = json!({"reason": "test"});
    valley
        .network
        .event("north", &wrong, "referral.entered_in_error", reason);
    let why = |valley: &Valley| valley.measure("")["items"][0]["reasons"][0]["code"].clone();
    assert_eq!(why(&valley), "referral-status");
    let right = valley.refer("p-1", "2026-02-05T10:00:00Z", json!({}));
    assert_eq!(why(&valley), "report-status");
    valley.report(&right);
    assert_eq!(why(&valley), "report-received");
    assert_eq!(valley.measure("")["patients"], 1);
}

#[test]
fn reading_the_patients_is_recorded_and_reading_the_rate_is_not() {
    let valley = Valley::loaded();
    let id = valley.refer("p-1", "2026-02-03T10:00:00Z", json!({}));
    let recorded = || {
        let sql = "SELECT referrals FROM reads WHERE action = 'measure'";
        let answer =
            pollster::block_on(valley.network.platform.batch(vec![Statement::new(sql, [])]));
        let answer = answer.unwrap();
        let rows = answer.rows(0).iter();
        rows.map(|row| row.text("referrals").unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    valley.evaluate(vec![]).ok(200);
    assert_eq!(recorded(), Vec::<String>::new());
    let shown = json!([id]).to_string();
    valley.measure("");
    valley.evaluate(vec![report_type("subject-list")]).ok(200);
    valley.evaluate(vec![subject(&id)]).ok(200);
    valley.read(EXPORT).ok(200);
    assert_eq!(recorded(), vec![shown; 4]);
    let reader = key(&valley.network, "north", &["referrals:read"]);
    let audit = valley
        .network
        .worklist()
        .get("/worklist/audit?action=measure", &reader);
    assert_eq!(audit.ok(200)["items"].as_array().unwrap().len(), 4);
}

#[test]
fn each_door_wants_its_scope() {
    let valley = Valley::loaded();
    let without = key(&valley.network, "north", &["referrals:read"]);
    let measures = key(&valley.network, "north", &["measures:read"]);
    let path = "/worklist/measures/cms50?year=2026";
    valley
        .network
        .worklist()
        .get(path, &without)
        .problem(403, "forbidden-scope");
    valley
        .fhir_as(&without, "POST", EVALUATE, &parameters(vec![]))
        .ok(403);
    let encounter = encounter("p", "2026-02-03");
    valley
        .fhir_as(&measures, "POST", "/fhir/Encounter", &encounter)
        .ok(403);
    let batch =
        json!({"resourceType": "Bundle", "type": "batch", "entry": [{"resource": encounter}]});
    valley.fhir_as(&measures, "POST", "/fhir", &batch).ok(403);
    valley
        .fhir_as(&measures, "PUT", "/fhir/ValueSet/a", &list(VALUE_SETS)[0])
        .ok(403);
    let ask = |key: &str| send(&valley.network, "GET", EXPORT, key, &[], "").status;
    assert_eq!(
        (ask(&measures), ask(&without), ask(&valley.key)),
        (403, 403, 200)
    );
    valley
        .fhir_as(
            "unknown",
            "POST",
            EVALUATE,
            &json!({"resourceType": "Parameters"}),
        )
        .ok(401);
}

#[test]
fn a_visit_that_is_sent_again_is_the_same_visit() {
    let valley = Valley::new();
    let sent = encounter("p-1", "2026-02-03");
    let first = valley.fhir("POST", "/fhir/Encounter", &sent);
    first.ok(201);
    let location = first.header("location").to_owned();
    let path = location.split_once("/fhir/").unwrap().1;
    let again = valley.fhir("POST", "/fhir/Encounter", &sent);
    again.ok(200);
    assert_eq!(
        (again.header("location"), again.header("etag")),
        (location.as_str(), "W/\"1\"")
    );
    // The same number, and now more is known of it.
    let mut corrected = sent.clone();
    corrected["period"]["end"] = "2026-02-03T10:00:00Z".into();
    let other = valley.fhir("POST", "/fhir/Encounter", &corrected);
    other.ok(200);
    assert_eq!(
        (other.header("location"), other.header("etag")),
        (location.as_str(), "W/\"2\"")
    );
    let read = valley.read(&format!("/fhir/{path}")).ok(200);
    assert_eq!(read["period"], corrected["period"]);
    // Without a number its content is its name.
    let mut nameless = sent;
    nameless.as_object_mut().unwrap().remove("identifier");
    valley.fhir("POST", "/fhir/Encounter", &nameless).ok(201);
    valley.fhir("POST", "/fhir/Encounter", &nameless).ok(200);
    // Under an id of the sender's.
    let procedure = json!({
        "resourceType": "Procedure", "status": "completed", "performedDateTime": "2026-02-03",
        "code": {"coding": [{"system": "urn:example:visits", "code": "psych-visit"}]},
        "subject": {"identifier": {"system": MRN, "value": "p-1"}},
    });
    valley
        .fhir("PUT", "/fhir/Procedure/theirs-1", &procedure)
        .ok(201);
    let put = valley.fhir("PUT", "/fhir/Procedure/theirs-1", &procedure);
    assert_eq!(put.ok(200)["id"], "theirs-1");
    valley.read("/fhir/Procedure/theirs-1").ok(200);
    valley.read("/fhir/Encounter/theirs-1").ok(404);
    let other = key(&valley.network, "heart", &["referrals:read"]);
    let theirs = send(
        &valley.network,
        "GET",
        "/fhir/Procedure/theirs-1",
        &other,
        &[],
        "",
    );
    assert_eq!(theirs.status, 404);
}

#[test]
fn an_idempotency_key_gives_the_first_answer_again() {
    let valley = Valley::new();
    let post = |key: &str, body: &Value| {
        let headers = [
            ("content-type", "application/fhir+json"),
            ("idempotency-key", key),
        ];
        send(
            &valley.network,
            "POST",
            "/fhir/Encounter",
            &valley.key,
            &headers,
            &body.to_string(),
        )
    };
    let sent = encounter("p-1", "2026-02-03");
    post("k-1", &sent).ok(201);
    post("k-1", &sent).ok(201);
    post("k-2", &sent).ok(200);
    post("k-1", &encounter("p-2", "2026-02-03")).ok(422);
}

#[test]
fn visits_come_in_bundles_too() {
    let valley = Valley::loaded();
    let referral = valley.refer("p-1", "2026-02-03T10:00:00Z", json!({}));
    let post = |resource: Value, url: &str| json!({"resource": resource, "request": {"method": "POST", "url": url}});
    let mut ours = encounter("p-1", "2026-02-03");
    ours["subject"] = json!({"reference": format!("Patient/{referral}")});
    let mut nobody = encounter("p-2", "2026-02-04");
    nobody["subject"] = json!({"reference": "Patient/unknown"});
    let patient =
        json!({"resourceType": "Patient", "identifier": [{"system": MRN, "value": "p-3"}]});
    let mut along = encounter("p-3", "2026-02-05");
    along["subject"] = json!({"reference": "urn:uuid:0c3d2d0e-6a6e-4a51-8f27-0e7d2f8f8f10"});
    let mut bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
        post(ours, "Encounter"),
        post(nobody, "Encounter"),
        {"fullUrl": "urn:uuid:0c3d2d0e-6a6e-4a51-8f27-0e7d2f8f8f10", "resource": patient, "request": {"method": "POST", "url": "Patient"}},
        post(along, "Encounter"),
    ]});
    // All or none.
    assert_eq!(
        valley.fhir("POST", "/fhir", &bundle).expressions(422),
        ["Encounter.subject"]
    );
    assert_eq!(
        valley.measure("")["items"][0]["reasons"][0]["code"],
        "no-visit"
    );
    bundle["type"] = "batch".into();
    let done = valley.fhir("POST", "/fhir", &bundle).ok(200);
    assert_eq!(done["type"], "batch-response");
    let status = |place: usize| done["entry"][place]["response"]["status"].as_str().unwrap();
    assert_eq!(
        [0, 1, 2, 3].map(status),
        [
            "201 Created",
            "422 Unprocessable Content",
            "200 OK",
            "201 Created"
        ]
    );
    assert_eq!(
        valley.measure("")["items"][0]["reasons"][0]["code"],
        "report-status"
    );
    bundle["entry"].as_array_mut().unwrap().remove(1);
    bundle["type"] = "transaction".into();
    let done = valley.fhir("POST", "/fhir", &bundle).ok(200);
    assert_eq!(done["type"], "transaction-response");
    assert_eq!(done["entry"][0]["response"]["status"], "200 OK");
    assert!(
        done["entry"][0]["response"]["location"]
            .as_str()
            .unwrap()
            .contains("/fhir/Encounter/enc-")
    );
}

#[test]
fn a_visit_that_comes_with_its_referral_is_counted() {
    let valley = Valley::loaded();
    let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
        {"fullUrl": "urn:uuid:b1e6cf0e-46d2-4a0e-9a3f-2a3e0a8f0001", "request": {"method": "POST", "url": "Patient"}, "resource": {
            "resourceType": "Patient", "identifier": [{"system": MRN, "value": "p-9"}],
            "name": [{"family": "Rivera"}], "birthDate": "1980-02-29",
        }},
        {"fullUrl": "urn:uuid:b1e6cf0e-46d2-4a0e-9a3f-2a3e0a8f0002", "request": {"method": "POST", "url": "ServiceRequest"}, "resource": {
            "resourceType": "ServiceRequest", "status": "active", "intent": "order", "authoredOn": "2026-02-03T10:00:00Z",
            "code": {"coding": [{"system": "http://snomed.info/sct", "code": "183519002", "display": "Referral to cardiology service"}]},
            "subject": {"reference": "urn:uuid:b1e6cf0e-46d2-4a0e-9a3f-2a3e0a8f0001"},
            "performer": [{"reference": "Organization/heart"}],
            "reasonCode": [{"text": "Is this angina?"}],
        }},
        {"fullUrl": "urn:uuid:b1e6cf0e-46d2-4a0e-9a3f-2a3e0a8f0003", "request": {"method": "POST", "url": "Encounter"}, "resource": {
            "resourceType": "Encounter", "status": "finished",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
            "type": [{"coding": [{"system": "urn:example:visits", "code": "eye-visit"}]}],
            "subject": {"reference": "urn:uuid:b1e6cf0e-46d2-4a0e-9a3f-2a3e0a8f0001"},
            "period": {"start": "2026-02-03", "end": "2026-02-03"},
        }},
    ]});
    let done = valley.fhir("POST", "/fhir", &bundle).ok(200);
    let responses: Vec<&str> = (0..3)
        .map(|place| {
            done["entry"][place]["response"]["location"]
                .as_str()
                .unwrap()
        })
        .collect();
    assert!(responses[2].contains("/fhir/Encounter/enc-"), "{done}");
    assert_eq!(valley.measure("")["denominator"], 1);
}

#[test]
fn what_is_exported_is_evaluated_elsewhere_to_the_same_numbers() {
    let valley = Valley::loaded();
    for n in 0..7 {
        let patient = format!("p-{}", n % 5);
        let day = format!("2026-02-{:02}T10:00:00Z", n + 1);
        let id = valley.refer(
            &patient,
            &day,
            json!({"clinical_question": format!("Question {n}?")}),
        );
        if n % 2 == 0 {
            valley.report(&id);
        }
    }
    for patient in ["p-0", "p-1", "p-2", "p-3"] {
        valley.visit(patient, "2026-02-03");
    }
    let own = valley.evaluate(vec![]).ok(200);
    assert_eq!(counts(&own), [4, 4, 2]);

    let mut path = format!("{EXPORT}&limit=3");
    let mut entries = Vec::new();
    let mut pages = 0;
    loop {
        let page = valley.read(&path);
        assert_eq!(page.status, 200);
        assert_eq!(page.header("content-type"), "application/fhir+ndjson");
        pages += 1;
        for line in page.text.lines() {
            let resource: Value = serde_json::from_str(line).unwrap();
            entries.push(json!({"resource": resource}));
        }
        let link = page.header("link").to_owned();
        if link.is_empty() {
            break;
        }
        let (url, relation) = link.split_once(">; ").unwrap();
        assert_eq!(relation, "rel=\"next\"");
        path = url.trim_start_matches("<http://localhost:3000").to_owned();
    }
    assert_eq!(pages, 3);
    let count = |kind: &str| {
        let of_kind = entries
            .iter()
            .filter(|entry| entry["resource"]["resourceType"] == kind);
        of_kind.count()
    };
    assert_eq!(
        ["Patient", "ServiceRequest", "Task", "Encounter"].map(count),
        [5, 7, 7, 4]
    );
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": entries});
    let theirs = valley.evaluate(vec![data(&bundle)]).ok(200);
    assert_eq!(counts(&theirs), counts(&own));

    let only = valley.read(&format!("{EXPORT}&_type=Patient"));
    assert_eq!(only.text.lines().count(), 5);
    for bad in ["&_type=Binary", "&cursor=x", "&limit=0"] {
        assert_eq!(valley.read(&format!("{EXPORT}{bad}")).status, 422, "{bad}");
    }
    valley.read("/fhir/Measure/cms50/$export").ok(422);
}

#[test]
fn the_list_is_paged_and_each_page_has_the_rate_of_all() {
    let valley = Valley::loaded();
    for n in 0..5 {
        valley.refer(&format!("p-{n}"), "2026-02-03T10:00:00Z", json!({}));
    }
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = valley.measure(&format!("&limit=2{cursor}"));
        assert_eq!(page["patients"], 5);
        for item in page["items"].as_array().unwrap() {
            seen.push(item["id"].as_str().unwrap().to_owned());
        }
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 5);
    assert!(seen.is_sorted());
    let client = valley.network.worklist();
    client
        .get("/worklist/measures/cms50?year=26x", &valley.key)
        .faults(&["year"]);
    client
        .get("/worklist/measures/cms50?year=0&limit=0", &valley.key)
        .faults(&["year", "limit"]);
    client.get("/worklist/measures/cms50", &valley.key).ok(200);
}

#[test]
fn more_referrals_than_are_read_at_once_are_all_counted() {
    let valley = Valley::loaded();
    let id = valley.refer("p-0", "2026-02-03T10:00:00Z", json!({}));
    valley.report(&id);
    valley.visit("p-0", "2026-02-03");
    // 4,500 more, half of them of one instant, of 1,500 patients with a visit each.
    let more = "
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4500)
INSERT INTO referrals
SELECT f.id || '-' || printf('%05d', i), network, referrer, recipient, service, specialty, patient_key || '-' || (i % 1500), status, turn,
  urgency, attention, points, next_due_at, version, tail_hash, folded_until, created_at + max(0, i - 2250), updated_at, clocks, state, request
FROM n, referrals f";
    let visits = "
INSERT INTO visits
SELECT v.organization, v.kind, v.id || '-' || p.patient_key, p.patient_key, v.status, v.concepts, v.started, v.ended, v.last_day, 1, 0, v.document
FROM (SELECT DISTINCT patient_key FROM referrals WHERE patient_key LIKE '%p-0-%') p, visits v";
    for sql in [more, visits] {
        pollster::block_on(valley.network.platform.batch(vec![Statement::new(sql, [])])).unwrap();
    }
    let report = valley.evaluate(vec![]).ok(200);
    assert_eq!(counts(&report), [1501, 1501, 1501]);
    let measure = valley.measure("&limit=1");
    assert_eq!(
        (&measure["patients"], &measure["numerator"]),
        (&json!(1501), &json!(1501))
    );
}

#[test]
fn the_measure_is_read_by_its_indexes() {
    let valley = Valley::loaded();
    let plans = |sql: &'static str| {
        let statement = Statement::new(sql, []);
        let answer = pollster::block_on(valley.network.platform.batch(vec![statement])).unwrap();
        let rows = answer.rows(0).iter();
        rows.map(|row| row.text("detail").unwrap().to_owned())
            .collect::<Vec<_>>()
            .join("\n")
    };
    let chunk = plans("EXPLAIN QUERY PLAN SELECT f.id FROM referrals f
WHERE f.referrer = (SELECT organization_id FROM keys WHERE hash = 'h') AND (f.created_at, f.id) > (1, 'r') AND f.created_at < 2
ORDER BY f.created_at, f.id LIMIT 2000");
    assert!(
        chunk.contains("referrals_by_referrer_and_time (referrer=? AND (created_at,id)>(?,?)"),
        "{chunk}"
    );
    assert!(
        !chunk.contains("TEMP B-TREE") && !chunk.contains("SCAN f"),
        "{chunk}"
    );
    let visits = plans("EXPLAIN QUERY PLAN SELECT v.id FROM (SELECT DISTINCT patient_key FROM referrals WHERE id = 'r') p
JOIN visits v ON v.patient_key = p.patient_key
WHERE v.organization = (SELECT organization_id FROM keys WHERE hash = 'h') AND (v.last_day BETWEEN '2026-01-01' AND '2026-12-31' OR v.last_day = '')");
    assert!(
        visits.contains("visits_of_patient (organization=? AND patient_key=?"),
        "{visits}"
    );
}

#[test]
fn the_measure_itself_can_be_read() {
    let valley = Valley::new();
    let measure = valley.read("/fhir/Measure/cms50").ok(200);
    assert_eq!(measure["resourceType"], "Measure");
    let report = valley.evaluate(vec![]).ok(200);
    let (url, version) = (
        measure["url"].as_str().unwrap(),
        measure["version"].as_str().unwrap(),
    );
    assert_eq!(report["measure"], format!("{url}|{version}"));
    let worklist: Client<_> = Client::new(
        valley.network.platform.clone(),
        worklist::router,
        worklist::operations,
    );
    worklist
        .get("/worklist/measures/cms50?year=2026", &valley.key)
        .ok(200);
}
