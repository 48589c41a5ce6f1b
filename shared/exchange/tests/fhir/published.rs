//! The examples that HL7 BSeR publishes, as they are (tests/black-box/data/published).

use domain::kind::EventKind;
use domain::payload::Payload;
use formats::fhir::{order, read_bundle, read_service_request};
use formats::said::Said;
use serde_json::{Value, json};

fn published(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn message() -> Value {
    published(include_str!(
        "../../../../tests/black-box/data/published/bser-message-eve-everywoman.json"
    ))
}

fn feedback() -> Value {
    published(include_str!(
        "../../../../tests/black-box/data/published/bser-feedback-eve-everywoman.json"
    ))
}

/// The message with its Task as it is when the referral is sent: it asks, and there is no feedback yet.
fn asking() -> Value {
    let mut message = message();
    let task = message.pointer_mut("/entry/3/resource").unwrap();
    *task.pointer_mut("/businessStatus/coding/0/code").unwrap() = json!("2.0");
    task.as_object_mut().unwrap().remove("output");
    message
}

#[test]
fn a_document_within_the_message_may_have_its_own_copy_of_the_patient() {
    let said = read_bundle(&message()).unwrap();
    let [Said::Event(event)] = said.as_slice() else {
        panic!("one event, not {said:?}");
    };
    // "requested" and 7.0 at once: the business status counts, and the answer says so.
    assert_eq!(event.kind, EventKind::ReferralOutcome);
    let details: Vec<&str> = event
        .warnings
        .iter()
        .map(|warning| warning.at.as_str())
        .collect();
    assert_eq!(
        details,
        [
            "Bundle.entry[3].resource.status",
            "Bundle.entry[3].resource.output[0].valueReference",
            "Bundle.entry[3].resource.executionPeriod"
        ]
    );
    assert_eq!(
        event.patient.as_ref().unwrap().identifiers[0].value,
        "1032702"
    );
}

#[test]
fn a_name_in_the_bundle_itself_is_meant_before_one_in_a_document_within() {
    let mut message = asking();
    *message
        .pointer_mut("/entry/8/resource/entry/7/resource/name/0/family")
        .unwrap() = json!("Earlier");
    let said = read_bundle(&message).unwrap();
    let [Said::Referral(new)] = said.as_slice() else {
        panic!("one referral, not {said:?}");
    };
    assert_eq!(new.request.patient.name.family, "Everywoman");
}

#[test]
fn the_referral_goes_out_with_the_meaning_that_it_came_in_with() {
    let said = read_bundle(&asking()).unwrap();
    let [Said::Referral(new)] = said.as_slice() else {
        panic!("one referral, not {said:?}");
    };
    let request = &new.request;
    assert_eq!(request.clinical_question, "Arthritis (disorder)");
    let items: Vec<&str> = request
        .supporting
        .iter()
        .map(|item| item.display.as_str())
        .collect();
    assert_eq!(
        items,
        [
            "Blood pressure systolic & diastolic",
            "Body height",
            "BMI",
            "Amoxicillin-containing product",
            "Body weight",
            "sulfonamide antibacterial",
            "Consent, patient-privacy, permit"
        ]
    );
    let mut request = request.clone();
    request.recipient = domain::request::Recipient::Member {
        organization: "heart".to_owned(),
        service: None,
    };
    let written = order(&request, Some("north"));
    assert_eq!(
        read_service_request(&written, &[]).unwrap().request,
        request
    );
}

#[test]
fn the_feedback_document_is_an_outcome_of_its_service_request() {
    let said = read_bundle(&feedback()).unwrap();
    let [Said::Event(event)] = said.as_slice() else {
        panic!("one event, not {said:?}");
    };
    assert_eq!(event.kind, EventKind::ReferralOutcome);
    let Payload::Outcome(outcome) = &event.data else {
        panic!("an outcome");
    };
    let summary = outcome.summary.as_deref().unwrap();
    assert!(
        summary.contains("Endurance (observable entity): Patient's condition improved (finding)")
    );
    let values: Vec<&str> = event.about.iter().map(|id| id.value.as_str()).collect();
    assert_eq!(values, ["88888888", "99999999"]);
}
