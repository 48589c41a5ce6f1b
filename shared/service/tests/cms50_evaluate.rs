//! What CMS50's evaluation may be asked with: how a patient is named, how the resources of a Bundle name each other, and which value sets
//! come along. What counts is in `cms50.rs`.

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
use fhir::{Said, send};
use network::Network;
use serde_json::{Value, json};

const VALUE_SETS: &str = include_str!("../../../tests/black-box/data/cms50/value-sets.json");
const EVALUATE: &str = "/fhir/Measure/cms50/$evaluate";
const REFERRAL: &str = "2.16.840.1.113883.3.464.1003.101.12.1046";

fn value_sets() -> Vec<Value> {
    serde_json::from_str(VALUE_SETS).unwrap()
}

/// An organisation that has loaded no value set.
struct Asker {
    network: Network,
    key: String,
}

impl Asker {
    fn new() -> Self {
        let network = Network::new();
        let scopes = json!({"scopes": ["referrals:write", "measures:read"]});
        let path = "/directory/organizations/north/keys";
        let made = network.directory().post(path, ADMIN_KEY, scopes).ok(201);
        let key = made["key"].as_str().unwrap().to_owned();
        Self { network, key }
    }

    fn post(&self, path: &str, body: &Value) -> Said {
        let headers = [("content-type", "application/fhir+json")];
        let body = body.to_string();
        send(&self.network, "POST", path, &self.key, &headers, &body)
    }

    /// Asks with these parameters beside the period.
    fn ask(&self, more: &[Value]) -> Said {
        let period = [
            json!({"name": "periodStart", "valueDate": "2026-01-01"}),
            json!({"name": "periodEnd", "valueDate": "2026-12-31"}),
        ];
        let all: Vec<&Value> = period.iter().chain(more).collect();
        let body = json!({"resourceType": "Parameters", "parameter": all});
        self.post(EVALUATE, &body)
    }

    /// The counts over these entries and all value sets.
    #[track_caller]
    fn counts(&self, entries: &[Value]) -> [u64; 3] {
        let sets = value_sets().into_iter().map(alone);
        let all: Vec<Value> = entries.iter().cloned().chain(sets).collect();
        counts(&self.ask(&[data(&all)]).ok(200))
    }
}

fn data(entries: &[Value]) -> Value {
    data_of_type("collection", entries)
}

fn data_of_type(of_type: &str, entries: &[Value]) -> Value {
    let bundle = json!({"resourceType": "Bundle", "type": of_type, "entry": entries});
    json!({"name": "additionalData", "resource": bundle})
}

fn alone(resource: Value) -> Value {
    json!({ "resource": resource })
}

fn entry(full_url: &str, resource: &Value) -> Value {
    json!({"fullUrl": full_url, "resource": resource})
}

#[track_caller]
fn counts(report: &Value) -> [u64; 3] {
    [0, 1, 2].map(|place| {
        report["group"][0]["population"][place]["count"]
            .as_u64()
            .unwrap()
    })
}

/// A patient who is in the numerator: Patient, Encounter, ServiceRequest, Task, naming each other by these References.
fn met(patient: &Value, order: &Value) -> [Value; 4] {
    let code = |system: &str, code: &str| json!({"coding": [{"system": system, "code": code}]});
    [
        json!({"resourceType": "Patient", "id": "p", "identifier": [{"system": "urn:oid:1.2.3", "value": "7"}]}),
        json!({
            "resourceType": "Encounter", "id": "e", "status": "finished", "subject": patient,
            "type": [code("urn:example:visits", "office-visit")],
            "period": {"start": "2026-03-02T09:00:00Z", "end": "2026-03-02T09:30:00Z"},
        }),
        json!({
            "resourceType": "ServiceRequest", "id": "s", "status": "active", "intent": "order", "subject": patient,
            "code": code("http://snomed.info/sct", "103696004"), "authoredOn": "2026-03-02T09:20:00Z",
        }),
        json!({
            "resourceType": "Task", "id": "t", "status": "completed", "intent": "order", "for": patient, "focus": order,
            "code": code("http://hl7.org/fhir/CodeSystem/task-code", "fulfill"),
            "reasonCode": code("http://loinc.org", "11488-4"), "executionPeriod": {"end": "2026-04-01T10:00:00Z"},
        }),
    ]
}

fn to(reference: &str) -> Value {
    json!({ "reference": reference })
}

#[test]
fn resources_name_each_other_in_every_way_that_fhir_has() {
    let asker = Asker::new();
    let uuid = |n: u8| format!("urn:uuid:0c3d2d0e-6a6e-4a51-8f27-0e7d2f8f8f{n:02}");
    let url = |kind: &str, id: &str| format!("https://example.org/fhir/{kind}/{id}");

    let relative = met(&to("Patient/p"), &to("ServiceRequest/s"));
    assert_eq!(asker.counts(&relative.clone().map(alone)), [1, 1, 1]);
    let versioned = met(
        &to("Patient/p/_history/3"),
        &to("ServiceRequest/s/_history/1"),
    );
    assert_eq!(asker.counts(&versioned.map(alone)), [1, 1, 1]);
    let absolute = met(
        &to(&url("Patient", "p")),
        &to(&url("ServiceRequest", "s/_history/2")),
    );
    assert_eq!(asker.counts(&absolute.clone().map(alone)), [1, 1, 1]);
    let [patient, visit, order, report] = &absolute;
    let addressed = [
        entry(&url("Patient", "p/_history/1"), patient),
        entry(&url("Encounter", "e"), visit),
        entry(&url("ServiceRequest", "s"), order),
        entry(&url("Task", "t"), report),
    ];
    assert_eq!(asker.counts(&addressed), [1, 1, 1]);

    // By UUID: with ids of their own, and without any.
    let [mut patient, visit, mut order, report] = met(&to(&uuid(1)), &to(&uuid(3)));
    let named = |patient: &Value, order: &Value| {
        [
            entry(&uuid(1), patient),
            entry(&uuid(2), &visit),
            entry(&uuid(3), order),
            entry(&uuid(4), &report),
        ]
    };
    assert_eq!(asker.counts(&named(&patient, &order)), [1, 1, 1]);
    for one in [&mut patient, &mut order] {
        one.as_object_mut().unwrap().remove("id");
    }
    assert_eq!(asker.counts(&named(&patient, &order)), [1, 1, 1]);
    // Entries without `fullUrl`, whose ids are the UUIDs.
    patient["id"] = uuid(1).trim_start_matches("urn:uuid:").into();
    order["id"] = uuid(3).trim_start_matches("urn:uuid:").into();
    let bare = [&patient, &visit, &order, &report].map(|one| alone(one.clone()));
    assert_eq!(asker.counts(&bare), [1, 1, 1]);

    // By what the patient is called elsewhere.
    let identified = json!({"identifier": {"system": "urn:oid:1.2.3", "value": "7"}});
    let by_identifier = met(&identified, &to("ServiceRequest/s"));
    assert_eq!(asker.counts(&by_identifier.map(alone)), [1, 1, 1]);
}

#[test]
fn what_names_no_referral_of_the_patient_is_no_report_on_it() {
    let asker = Asker::new();
    for focus in [
        json!({"identifier": {"system": "urn:oid:1.2.3", "value": "s"}}),
        to("#s"),
        to("Task/s"),
        to("ServiceRequest/other"),
        to("urn:uuid:0c3d2d0e-6a6e-4a51-8f27-0e7d2f8f8f10"),
        json!({"display": "the referral"}),
        Value::Null,
    ] {
        let mut resources = met(&to("Patient/p"), &focus);
        resources[3]["contained"] = json!([resources[2]]);
        assert_eq!(asker.counts(&resources.map(alone)), [1, 1, 0], "{focus}");
    }
    // A referral of somebody else's does not close this one's, whatever its id.
    let mut others = met(&to("Patient/other"), &to("ServiceRequest/s"));
    others[2]["id"] = "another".into();
    let [_, visit, order, _] = met(&to("Patient/p"), &Value::Null);
    let [_, _, _, report] = others;
    assert_eq!(
        asker.counts(&[visit, order, report].map(alone)),
        [1, 1, 0],
        "the Task is for another"
    );
}

#[test]
fn a_bundle_may_be_of_any_type_and_have_more_in_it_than_the_measure_looks_at() {
    let asker = Asker::new();
    let resources = met(&to("Patient/p"), &to("ServiceRequest/s"));
    for of_type in [
        "collection",
        "transaction",
        "batch",
        "message",
        "searchset",
        "document",
    ] {
        let mut entries = vec![
            alone(json!({"resourceType": "MessageHeader", "id": "m", "focus": [to("Task/t")]})),
            alone(
                json!({"resourceType": "MeasureReport", "id": "r", "evaluatedResource": [to("ServiceRequest/s")]}),
            ),
            alone(json!({"resourceType": "Coverage", "id": "c", "beneficiary": to("Patient/p")})),
            json!({"request": {"method": "DELETE", "url": "Task/t"}}),
        ];
        for resource in resources.clone().into_iter().chain(value_sets()) {
            let url = resource["resourceType"].clone();
            entries.push(
                json!({"resource": resource, "request": {"method": "POST", "url": url}, "search": {"mode": "match"}}),
            );
        }
        let report = asker.ask(&[data_of_type(of_type, &entries)]).ok(200);
        assert_eq!(counts(&report), [1, 1, 1], "{of_type}");
        assert_eq!(report["status"], "complete", "{of_type}");
    }
}

#[test]
fn one_patient_may_be_named_in_every_way_and_nothing_else_is_a_patient() {
    let asker = Asker::new();
    let [patient, rest @ ..] = met(
        &to("https://example.org/fhir/Patient/p"),
        &to("ServiceRequest/s"),
    );
    let mut entries = vec![entry("https://example.org/fhir/Patient/p", &patient)];
    entries.extend(rest.map(alone));
    entries.push(entry(
        "urn:uuid:0c3d2d0e-6a6e-4a51-8f27-0e7d2f8f8f10",
        &json!({"resourceType": "Patient", "id": "other"}),
    ));
    entries.extend(value_sets().into_iter().map(alone));
    let data = data(&entries);
    let string = |name: &str| json!({"name": "subject", "valueString": name});
    for (subject, want) in [
        (string("p"), "p"),
        (string("Patient/p"), "p"),
        (string("Patient/p/_history/4"), "p"),
        (string("https://example.org/fhir/Patient/p"), "p"),
        (string("https://elsewhere.example/Patient/p"), "p"),
        (string("urn:uuid:p"), "p"),
        (
            json!({"name": "subject", "valueReference": to("Patient/p")}),
            "p",
        ),
        (string("other"), "other"),
        (
            string("urn:uuid:0c3d2d0e-6a6e-4a51-8f27-0e7d2f8f8f10"),
            "other",
        ),
    ] {
        let report = asker.ask(&[subject.clone(), data.clone()]).ok(200);
        let reference = format!("Patient/{want}");
        assert_eq!(report["subject"]["reference"], reference, "{subject}");
        let count = u64::from(want == "p");
        assert_eq!(counts(&report), [count; 3], "{subject}");
    }
    asker.ask(&[string("nobody"), data.clone()]).ok(404);
    let at = ["Parameters.parameter.where(name = 'subject')"];
    for name in [
        "",
        "Patient/",
        "Group/p",
        "Practitioner/p",
        "https://example.org/fhir/Group/p",
    ] {
        let told = asker.ask(&[string(name), data.clone()]);
        assert_eq!(told.expressions(422), at, "{name}");
    }
}

#[test]
fn each_report_has_the_names_of_both_editions() {
    let asker = Asker::new();
    let mut entries: Vec<Value> = met(&to("Patient/p"), &to("ServiceRequest/s"))
        .map(alone)
        .into();
    entries.extend(value_sets().into_iter().map(alone));
    let data = data(&entries);
    for (asked, want) in [
        ("subject", "individual"),
        ("patient", "individual"),
        ("individual", "individual"),
        ("subject-list", "subject-list"),
        ("patient-list", "subject-list"),
        ("population", "summary"),
        ("summary", "summary"),
    ] {
        let report_type = json!({"name": "reportType", "valueCode": asked});
        let report = asker.ask(&[report_type, data.clone()]).ok(200);
        assert_eq!(report["type"], want, "{asked}");
        assert_eq!(counts(&report), [1, 1, 1], "{asked}");
    }
}

#[test]
fn another_measure_is_not_evaluated_in_the_place_of_the_one_that_was_asked_for() {
    let asker = Asker::new();
    let url = "https://madie.cms.gov/Measure/CMS50FHIRReceiptofSpecialistReport";
    let measure = |name: &str| json!({"name": "measure", "valueString": name});
    for name in ["cms50", "Measure/cms50", url, &format!("{url}|1.1.000")] {
        asker.ask(&[measure(name)]).ok(200);
    }
    let at = ["Parameters.parameter.where(name = 'measure')"];
    for name in ["cms165", "", &format!("{url}|0.9.000")] {
        assert_eq!(asker.ask(&[measure(name)]).expressions(422), at, "{name}");
    }
}

#[test]
fn only_a_value_set_that_the_measure_needs_must_be_readable() {
    let asker = Asker::new();
    let resources = met(&to("Patient/p"), &to("ServiceRequest/s"));
    let url = |oid: &str| format!("http://cts.nlm.nih.gov/fhir/ValueSet/{oid}");
    let by_rule = |url: &str| {
        let filter = json!({"property": "concept", "op": "is-a", "value": "1"});
        let include = json!({"system": "http://snomed.info/sct", "filter": [filter]});
        json!({"resourceType": "ValueSet", "url": url, "compose": {"include": [include]}})
    };
    let entries = |more: Vec<Value>| {
        let all = resources.iter().cloned().chain(value_sets()).chain(more);
        data(&all.map(alone).collect::<Vec<_>>())
    };
    let ask = |more: Vec<Value>| asker.ask(&[entries(more)]);

    // Others of a bundle, such as those of supplemental data, are none of its business.
    let other = by_rule(&url("2.16.840.1.114222.4.11.3591"));
    assert_eq!(counts(&ask(vec![other.clone()]).ok(200)), [1, 1, 1]);
    // The one that is needed is, also where it is needed by another, and one without a name may be any.
    let at = ["ValueSet.compose.include"];
    assert_eq!(
        ask(vec![by_rule(&url(REFERRAL))]).expressions(422),
        at,
        "needed"
    );
    let member = "2.16.840.1.113883.3.464.1003.101.11.1046";
    let include = json!({"valueSet": [url(member)]});
    let grouping = json!({"resourceType": "ValueSet", "url": url(REFERRAL), "compose": {"include": [include]}});
    let told = ask(vec![grouping, by_rule(&url(member))]);
    assert_eq!(told.expressions(422), at, "needed by another");
    let mut nameless = other;
    nameless.as_object_mut().unwrap().remove("url");
    assert_eq!(
        ask(vec![nameless]).expressions(422),
        ["ValueSet.url", "ValueSet.compose.include"]
    );
    // Of two the later counts.
    let referral = value_sets().swap_remove(0);
    assert_eq!(referral["id"], REFERRAL);
    let again = ask(vec![by_rule(&url(REFERRAL)), referral]).ok(200);
    assert_eq!(counts(&again), [1, 1, 1]);
}

#[test]
fn an_expansion_that_lists_nothing_does_not_empty_what_is_defined() {
    let asker = Asker::new();
    let mut entries: Vec<Value> = met(&to("Patient/p"), &to("ServiceRequest/s")).into();
    for mut set in value_sets() {
        if set["id"] == REFERRAL {
            let include =
                json!({"system": "http://snomed.info/sct", "concept": [{"code": "103696004"}]});
            set["compose"] = json!({ "include": [include] });
            set["expansion"] = json!({"timestamp": "2026-01-01"});
        }
        entries.push(set);
    }
    let entries: Vec<Value> = entries.into_iter().map(alone).collect();
    assert_eq!(counts(&asker.ask(&[data(&entries)]).ok(200)), [1, 1, 1]);
}
