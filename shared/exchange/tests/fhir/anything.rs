//! Whatever comes: nothing panics, and the work grows with the size.

use formats::fhir::{read_entries, read_service_request, read_task};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// The names that mean something, so that what is made up reaches the deeper places.
const NAMES: &[&str] = &[
    "resourceType",
    "type",
    "entry",
    "resource",
    "fullUrl",
    "request",
    "method",
    "url",
    "id",
    "reference",
    "identifier",
    "system",
    "value",
    "status",
    "businessStatus",
    "coding",
    "code",
    "focus",
    "basedOn",
    "for",
    "subject",
    "contained",
    "extension",
    "valueString",
    "valueReference",
    "valueAttachment",
    "data",
    "output",
    "input",
    "note",
    "text",
    "section",
    "name",
    "family",
    "given",
    "birthDate",
    "telecom",
    "meta",
    "security",
    "performer",
    "owner",
    "organization",
    "start",
    "end",
    "executionPeriod",
    "supportingInfo",
    "insurance",
    "reasonCode",
    "assigner",
    "statusReason",
    "participant",
    "actor",
    "content",
    "attachment",
];

const TEXTS: &[&str] = &[
    "Bundle",
    "Task",
    "ServiceRequest",
    "Patient",
    "MessageHeader",
    "Composition",
    "Appointment",
    "message",
    "document",
    "transaction",
    "batch",
    "completed",
    "in-progress",
    "5.1.1",
    "7.0",
    "#",
    "#a",
    "urn:uuid:1",
    "Patient/1",
    "",
    " ",
    "-",
    "a-2",
    "2026-03-02",
    "2026-03-02T10:00:00Z",
    "9999999999",
    "é",
    "urn:referral-loop:fhir:event",
    "json",
    "{",
    "PUT",
];

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        select(TEXTS).prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map(select(NAMES).prop_map(str::to_owned), inner, 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn valid() -> Vec<Value> {
    let message = include_str!("../data/bser-referral-message.json");
    let document = include_str!("../data/bser-feedback-document.json");
    vec![
        serde_json::from_str(message).unwrap(),
        serde_json::from_str(document).unwrap(),
    ]
}

/// Every place in a value, as a JSON pointer.
fn places(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                places(item, &format!("{at}/{n}"), all);
            }
        }
        Value::Object(members) => {
            for (name, item) in members {
                places(item, &format!("{at}/{name}"), all);
            }
        }
        _ => {}
    }
}

fn read_all(value: &Value) {
    let _ = read_entries(value);
    let _ = read_task(value);
    let _ = read_service_request(value, std::slice::from_ref(value));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_value_at_all_makes_a_reader_panic(value in anything()) {
        read_all(&value);
    }

    #[test]
    fn no_change_of_a_valid_bundle_makes_a_reader_panic(
        which in 0..2_usize,
        changes in vec((any::<prop::sample::Index>(), anything()), 1..4),
    ) {
        let mut value = valid().remove(which);
        for (place, change) in changes {
            let mut all = Vec::new();
            places(&value, "", &mut all);
            if let Some(found) = value.pointer_mut(place.get(&all[..]).as_str()) {
                *found = change;
            }
        }
        read_all(&value);
    }
}

#[test]
fn references_that_go_round_end() {
    let organization = json!({
        "resourceType": "Bundle", "type": "transaction",
        "entry": [
            {"fullUrl": "urn:uuid:1", "resource": {
                "resourceType": "ServiceRequest", "performer": [{"reference": "urn:uuid:2"}], "requester": {"reference": "urn:uuid:1"},
                "supportingInfo": [{"reference": "urn:uuid:4"}, {"reference": "urn:uuid:1"}]
            }},
            {"fullUrl": "urn:uuid:2", "resource": {"resourceType": "HealthcareService", "providedBy": {"reference": "urn:uuid:3"}}},
            {"fullUrl": "urn:uuid:3", "resource": {"resourceType": "PractitionerRole", "organization": {"reference": "urn:uuid:2"}}},
            {"fullUrl": "urn:uuid:4", "resource": {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Bundle"}}]}}
        ]
    });
    read_all(&organization);
}
