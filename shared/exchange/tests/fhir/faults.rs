//! Every fault at once, each with its FHIRPath; nothing that changes the meaning is passed over.

use formats::fhir::{limits, operation_outcome, read_bundle, read_service_request, read_task};
use formats::said::Fault;
use serde_json::{Value, json};

use crate::tables::plain;

fn found(faults: &[Fault]) -> Vec<(&str, &str)> {
    faults
        .iter()
        .map(|fault| (fault.at.as_str(), fault.code))
        .collect()
}

#[test]
fn every_fault_of_a_service_request_is_told_at_once() {
    let faulty = json!({
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "plan",
        "priority": "soon",
        "doNotPerform": true,
        "code": {"text": "Cardiology"},
        "subject": {"reference": "#p"},
        "performer": [{"display": "somebody"}],
        "occurrenceDateTime": "2026-03",
        "authoredOn": "yesterday",
        "contained": [{"resourceType": "Patient", "id": "p", "name": [{"text": "Ana"}], "birthDate": "1980"}]
    });
    let faults = read_service_request(&faulty, &[]).unwrap_err();
    assert_eq!(
        found(&faults),
        [
            ("ServiceRequest.status", "business-rule"),
            ("ServiceRequest.intent", "business-rule"),
            ("ServiceRequest.doNotPerform", "business-rule"),
            ("ServiceRequest.contained[0].identifier", "required"),
            ("ServiceRequest.contained[0].name", "required"),
            ("ServiceRequest.contained[0].birthDate", "value"),
            ("ServiceRequest.code.coding", "required"),
            ("ServiceRequest.priority", "code-invalid"),
            ("ServiceRequest.reasonCode", "required"),
            ("ServiceRequest.performer", "not-found"),
            ("ServiceRequest.authoredOn", "value"),
            ("ServiceRequest.occurrenceDateTime", "value"),
        ]
    );
    assert!(
        faults
            .iter()
            .all(|fault| !fault.detail.contains("Ana") && !fault.detail.contains("1980"))
    );
}

#[test]
fn what_changes_the_meaning_and_is_not_known_is_refused() {
    let mut task = plain("accepted", Some("3.0"));
    task["modifierExtension"] =
        json!([{"url": "http://example.org/not-really", "valueBoolean": true}]);
    let faults = read_task(&task).unwrap_err();
    assert_eq!(found(&faults), [("Task.modifierExtension", "extension")]);
}

#[test]
fn a_bundle_of_another_type_or_no_bundle_is_refused() {
    let faults = read_bundle(&json!({"resourceType": "Bundle", "type": "history"})).unwrap_err();
    assert_eq!(found(&faults), [("Bundle.type", "not-supported")]);
    assert_eq!(
        found(&read_bundle(&json!({"resourceType": "Basic"})).unwrap_err()),
        [("Basic.resourceType", "not-supported")]
    );
    assert_eq!(
        found(&read_bundle(&json!(7)).unwrap_err()),
        [("Resource.resourceType", "not-supported")]
    );
}

#[test]
fn a_message_says_what_it_lacks() {
    let message =
        |entries: Value| json!({"resourceType": "Bundle", "type": "message", "entry": entries});
    let faults = read_bundle(&message(json!([]))).unwrap_err();
    assert_eq!(found(&faults), [("Bundle.entry[0].resource", "required")]);
    let header = json!([{"resource": {"resourceType": "MessageHeader", "eventCoding": {"system": "x", "code": "A01"}}}]);
    let faults = read_bundle(&message(header)).unwrap_err();
    assert_eq!(
        found(&faults),
        [
            ("Bundle.entry[0].resource.eventCoding", "not-supported"),
            ("Bundle.entry[0].resource.focus", "required"),
        ]
    );
}

#[test]
fn a_bundle_at_the_limit_is_read_and_one_past_it_is_not() {
    let bundle = |resources: usize| {
        let entries: Vec<Value> = (0..resources)
            .map(|n| json!({"resource": {"resourceType": "Basic", "id": format!("b{n}")}}))
            .collect();
        json!({"resourceType": "Bundle", "type": "batch", "entry": entries})
    };
    assert!(read_bundle(&bundle(limits::RESOURCES_MAX)).is_ok());
    let faults = read_bundle(&bundle(limits::RESOURCES_MAX + 1)).unwrap_err();
    assert_eq!(found(&faults), [("Bundle", "too-long")]);
    assert!(faults[0].detail.contains("1000"));
}

#[test]
fn what_is_nested_to_the_limit_is_read_and_one_deeper_is_not() {
    let nested = |deep: usize| (1..deep).fold(json!({}), |inner, _| json!({"extension": [inner]}));
    let task = |levels: usize| {
        let mut task = plain("accepted", Some("3.0"));
        // Each level is an object in an array.
        task["extension"] = json!([nested(levels)]);
        task
    };
    let levels = (limits::DEPTH_MAX - 2) / 2 + 1;
    assert!(read_task(&task(levels)).is_ok());
    assert_eq!(
        found(&read_task(&task(levels + 1)).unwrap_err()),
        [("Task", "too-long")]
    );
}

#[test]
fn an_operation_outcome_has_an_issue_and_an_expression_for_each_fault() {
    let faults = read_task(&plain("done", Some("9.9"))).unwrap_err();
    let outcome = operation_outcome(&faults, &[]);
    assert_eq!(outcome["issue"].as_array().unwrap().len(), 2);
    assert_eq!(outcome["issue"][1]["expression"], json!(["Task.status"]));
    assert_eq!(outcome["issue"][1]["code"], "code-invalid");
    assert_eq!(outcome["issue"][1]["severity"], "error");
    assert_eq!(
        operation_outcome(&[], &[])["issue"][0]["severity"],
        "information"
    );
}
