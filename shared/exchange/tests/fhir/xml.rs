//! FHIR's XML there and back.

use formats::fhir::{from_xml, order, read_bundle, read_service_request, read_task, to_xml};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::requests::request;
use crate::tables::plain;

#[track_caller]
fn there_and_back(value: &Value) {
    let xml = to_xml(value);
    assert_eq!(
        &from_xml(&xml).unwrap_or_else(|faults| panic!("{faults:?} in {xml}")),
        value,
        "{xml}"
    );
}

#[test]
fn bsers_message_and_document_are_the_same_by_xml() {
    for text in [
        include_str!("../data/bser-referral-message.json"),
        include_str!("../data/bser-feedback-document.json"),
    ] {
        let value: Value = serde_json::from_str(text).unwrap();
        there_and_back(&value);
        assert_eq!(
            read_bundle(&from_xml(&to_xml(&value)).unwrap()),
            read_bundle(&value)
        );
    }
}

#[test]
fn a_task_as_a_partner_writes_it_in_xml_is_the_event() {
    let task = from_xml(
        r#"<?xml version="1.0" encoding="UTF-8"?>
        <!-- From a partner. -->
        <Task xmlns="http://hl7.org/fhir">
          <identifier>
            <type><coding><system value="http://terminology.hl7.org/CodeSystem/v2-0203"/><code value="PLAC"/></coding></type>
            <system value="urn:oid:1.2.3.4"/>
            <value value="0042"/>
          </identifier>
          <status value="rejected"/>
          <statusReason><text value="No slots &amp; no staff"/></statusReason>
          <businessStatus>
            <coding>
              <system value="http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS"/>
              <code value="4.0"/>
            </coding>
          </businessStatus>
          <intent value="order"/>
          <note><text value="Line one&#10;line two"/></note>
        </Task>"#,
    )
    .unwrap();
    assert_eq!(task["identifier"][0]["value"], "0042");
    let read = read_task(&task).unwrap();
    let data = serde_json::to_value(&read.data).unwrap();
    assert_eq!(
        data,
        json!({"reason": "other", "note": "No slots & no staff\n\nLine one\nline two"})
    );
}

#[test]
fn elements_are_written_in_the_order_of_their_type() {
    let xml = to_xml(&json!({
        "resourceType": "Task", "status": "accepted", "intent": "order", "id": "t1", "for": {"reference": "Patient/1"},
        "businessStatus": {"text": "x", "coding": [{"code": "3.0", "system": "s"}]},
        "extension": [{"url": "urn:x", "valueBoolean": true}], "unheard": "of"
    }));
    let body = xml
        .strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>")
        .unwrap();
    assert_eq!(
        body,
        "<Task xmlns=\"http://hl7.org/fhir\"><id value=\"t1\"/><extension url=\"urn:x\"><valueBoolean value=\"true\"/></extension>\
         <status value=\"accepted\"/><businessStatus><coding><system value=\"s\"/><code value=\"3.0\"/></coding><text value=\"x\"/>\
         </businessStatus><intent value=\"order\"/><for><reference value=\"Patient/1\"/></for><unheard value=\"of\"/></Task>"
    );
}

#[test]
fn numbers_flags_extensions_of_primitives_and_narratives_keep_their_form() {
    there_and_back(&json!({
        "resourceType": "Patient",
        "id": "p",
        "text": {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>A &amp; B</p></div>"},
        "active": true,
        "name": [{
            "family": "O'Brien",
            "given": ["Ana", "Bo"],
            "_given": [null, {"id": "g", "extension": [{"url": "urn:x", "valueCode": "nickname"}]}]
        }],
        "telecom": [{"system": "phone", "value": "0012", "rank": 1}],
        "birthDate": "1980-02-29",
        "_birthDate": {"extension": [{"url": "urn:time", "valueDateTime": "1980-02-29T10:00:00Z"}]},
        "communication": [{"language": {"text": "German"}, "preferred": false}]
    }));
    there_and_back(&json!({
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "A1c"},
        "valueQuantity": {"value": 8.5, "unit": "%"},
        "referenceRange": [{"low": {"value": 4}, "high": {"value": 6.0}}]
    }));
}

#[test]
fn what_is_no_fhir_in_xml_is_refused_with_one_fault() {
    let bomb = "<!DOCTYPE a [<!ENTITY b \"bb\">]><Task xmlns=\"http://hl7.org/fhir\"><id value=\"&b;\"/></Task>";
    let deep = format!(
        "<Task xmlns=\"http://hl7.org/fhir\">{}{}</Task>",
        "<a>".repeat(50_000),
        "</a>".repeat(50_000)
    );
    for text in [
        "",
        "{}",
        "<Task/>",
        "<Task xmlns=\"http://hl7.org/fhir\">",
        bomb,
        &deep,
    ] {
        let faults = from_xml(text).unwrap_err();
        assert_eq!(faults.len(), 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_request_written_as_xml_reads_back_the_same(request in request()) {
        let xml = to_xml(&order(&request, Some("north")));
        let value = from_xml(&xml).map_err(|faults| TestCaseError::fail(format!("{faults:?} in {xml}")))?;
        let read = read_service_request(&value, &[])
            .map_err(|faults| TestCaseError::fail(format!("{faults:?} in {xml}")))?;
        prop_assert_eq!(read.request, request);
    }

    #[test]
    fn no_change_of_a_valid_document_makes_the_reader_panic(at in any::<prop::sample::Index>(), with in "[<>/&\"a-z =]{0,6}") {
        let mut xml = to_xml(&plain("accepted", Some("3.0")));
        let at = at.index(xml.len());
        xml.insert_str(at, &with);
        if let Ok(value) = from_xml(&xml) {
            let _ = read_task(&value);
        }
    }
}

#[test]
fn anything_written_as_xml_is_well_formed() {
    let odd = json!({
        "resourceType": "Basic", "a b": 1, "_x": {"extension": [{"url": "u"}]}, "c": [[1], null, {}], "text": {"div": "<div"},
        "d": "\u{1}\u{fffe}<&\"", "contained": [7, {"resourceType": "<"}]
    });
    assert!(from_xml(&to_xml(&odd)).is_ok());
    assert!(matches!(read_bundle(&odd), Err(faults) if !faults.is_empty()));
}
