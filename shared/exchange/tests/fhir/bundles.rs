//! Bundles in BSeR's shape, references in every form, transactions and batches, and our own message there and back.

use domain::kind::EventKind as E;
use domain::payload::{Document, Outcome, Payload};
use domain::request::{Free, Identifier, Recipient, SupportingKind};
use domain::transitions::rows;
use formats::fhir::{ATTACHED, Shown, message, order, read_bundle, read_entries, service_request};
use formats::said::{NewReferral, Said};
use serde_json::{Value, json};

use crate::referrals::{ID, after, at, event, request, sent};
use crate::tables::plain;

fn referral_message() -> Value {
    serde_json::from_str(include_str!("../data/bser-referral-message.json")).unwrap()
}

fn feedback_document() -> Value {
    serde_json::from_str(include_str!("../data/bser-feedback-document.json")).unwrap()
}

#[track_caller]
fn the_referral(bundle: &Value) -> NewReferral {
    let mut said = read_bundle(bundle).unwrap();
    match (said.pop(), said.len()) {
        (Some(Said::Referral(referral)), 0) => *referral,
        other => panic!("one referral, not {other:?}"),
    }
}

fn transaction(entries: Value) -> Value {
    json!({"resourceType": "Bundle", "type": "transaction", "entry": entries})
}

fn posted(url: &str, resource: Value) -> Value {
    let kind = resource["resourceType"].clone();
    json!({"fullUrl": url, "resource": resource, "request": {"method": "POST", "url": kind}})
}

#[test]
fn the_bser_referral_message_is_a_referral() {
    let referral = the_referral(&referral_message());
    let request = referral.request;
    assert_eq!(request.patient.identifier.value, "1032702");
    assert_eq!(request.patient.name.family, "Everywoman");
    assert_eq!(request.patient.language.as_deref(), Some("es"));
    assert_eq!(request.clinical_question, "Arthritis (disorder)");
    assert_eq!(request.service.code, "3457005");
    assert_eq!(request.needed_by.unwrap().to_string(), "2020-03-09");
    // BSeR's identifiers have no system: the assigner's own identifier stands for it.
    let placer = request.placer.unwrap();
    assert_eq!(placer.system, "http://hl7.org/fhir/sid/us-npi#1023456789");
    assert_eq!(placer.value, "88888888");
    let requester = request.requester.unwrap();
    assert_eq!(requester.name, "Henry Seven, MD");
    assert_eq!(requester.identifier.unwrap().value, "1111111111");
    assert_eq!(referral.sender.unwrap().identifiers[0].value, "1023456789");
    assert_eq!(referral.recipient.identifiers[0].value, "1245319599");
    assert_eq!(request.none_known, [SupportingKind::Allergy]);
}

#[test]
fn results_consent_and_redisclosure_labels_travel_with_the_referral() {
    let mut request = the_referral(&referral_message()).request;
    // As the directory resolves it.
    request.recipient = Recipient::Member {
        organization: "heart".into(),
        service: None,
    };
    let found: Vec<(SupportingKind, &str, String)> = request
        .supporting
        .iter()
        .map(|item| (item.kind, item.display.as_str(), item.date.to_string()))
        .collect();
    assert_eq!(
        found,
        [
            (
                SupportingKind::Lab,
                "Hemoglobin A1c/Hemoglobin.total in Blood",
                "2019-01-18".to_owned()
            ),
            (
                SupportingKind::Document,
                "Consent, patient-privacy, permit",
                "2019-05-23".to_owned()
            ),
            (
                SupportingKind::Note,
                "Security labels: restrictions on use and redisclosure",
                "2020-02-14".to_owned()
            ),
        ]
    );
    assert_eq!(request.supporting[0].code.as_deref(), Some("4548-4"));
    let Some(Free::Object(coverage)) = &request.coverage else {
        panic!("a Coverage")
    };
    assert_eq!(coverage["subscriberId"], Free::Text("888009335".to_owned()));

    let written = order(&request, Some("north"));
    assert_eq!(written["meta"]["security"][0]["code"], "42CFRPart2");
    let consent = written["contained"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["resourceType"] == "Consent")
        .unwrap();
    assert_eq!(consent["provision"]["type"], "permit");
    assert_eq!(consent["patient"]["reference"], "#patient");
    let again = formats::fhir::read_service_request(&written, &[]).unwrap();
    assert_eq!(again.request.supporting, request.supporting);
    assert_eq!(again.request.coverage, request.coverage);
}

#[test]
fn the_bser_feedback_document_is_the_outcome() {
    let entries = read_entries(&feedback_document()).unwrap();
    let Ok(Said::Event(happened)) = &entries[0].said else {
        panic!("an event")
    };
    assert_eq!(happened.kind, E::ReferralOutcome);
    assert_eq!(
        happened.about,
        [Identifier {
            system: "urn:oid:1.2.3.4".into(),
            value: "88888888".into()
        }]
    );
    assert_eq!(
        happened.patient.as_ref().unwrap().identifiers[0].value,
        "1032702"
    );
    assert_eq!(
        happened.source_id.as_deref(),
        Some("urn:uuid:2be4b4e4-6df1-4cb2-a947-c70fa0eda54e")
    );
    let summary = "Referral Service Request Feedback Summary\nPain is less & walking is easier.\nNumber of appointments attended: 6";
    let linked = |title: &str, url: String| Document::Linked {
        title: title.to_owned(),
        media_type: Some("application/pdf".to_owned()),
        url,
    };
    assert_eq!(
        happened.data,
        Payload::Outcome(Outcome {
            visit_on: Some("2020-04-02".into()),
            advice: false,
            summary: Some(summary.into()),
            next_steps: Vec::new(),
            documents: vec![
                linked("Letter", format!("{ATTACHED}0")),
                linked("Diary", "https://ymca.example.org/letters/1".into()),
            ],
            performer: Some(Free::Text("Hailey Eight, MD".into())),
        })
    );
    assert_eq!(entries[0].attachments[0].content, b"%PDF-");
}

#[test]
fn a_preliminary_document_closes_nothing() {
    let mut bundle = feedback_document();
    bundle["entry"][0]["resource"]["status"] = "preliminary".into();
    let said = read_bundle(&bundle).unwrap();
    let Said::Event(happened) = &said[0] else {
        panic!("an event")
    };
    assert_eq!(happened.kind, E::ReferralInterimNote);
}

#[test]
fn a_feedback_in_a_message_is_the_outcome_of_its_task_even_where_the_task_was_left_at_requested() {
    let mut bundle = referral_message();
    let task = &mut bundle["entry"][3]["resource"];
    task["businessStatus"]["coding"][0]["code"] = "7.0".into();
    task["output"] =
        json!([{"type": {"text": "Feedback"}, "valueReference": {"reference": "Bundle/feedback"}}]);
    bundle["entry"]
        .as_array_mut()
        .unwrap()
        .push(json!({"fullUrl": "http://example.org/fhir/Bundle/feedback", "resource": {
            "resourceType": "Bundle", "id": "feedback", "type": "document",
            "entry": [{"resource": {"resourceType": "Composition", "status": "final", "section": [{"title": "Better"}]}}]
        }}));
    let said = read_bundle(&bundle).unwrap();
    let Said::Event(happened) = &said[0] else {
        panic!("an event")
    };
    assert_eq!(happened.kind, E::ReferralOutcome);
    let Payload::Outcome(outcome) = &happened.data else {
        panic!("an outcome")
    };
    assert_eq!(outcome.summary.as_deref(), Some("Better"));
    let ids: Vec<&str> = happened
        .about
        .iter()
        .map(|one| one.value.as_str())
        .collect();
    assert_eq!(ids, ["66666666", "88888888", "99999999"]);
    assert!(
        happened
            .warnings
            .iter()
            .any(|warning| warning.at.ends_with(".status"))
    );
}

fn order_for(subject: Value, performer: Value) -> Value {
    json!({
        "resourceType": "ServiceRequest",
        "id": "1",
        "status": "active",
        "intent": "order",
        "authoredOn": "2026-03-02T09:00:00Z",
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "183519002"}]},
        "subject": subject,
        "requester": {"reference": "Organization/north"},
        "performer": [performer],
        "reasonCode": [{"text": "Is this angina?"}]
    })
}

fn ana() -> Value {
    json!({
        "resourceType": "Patient",
        "id": "ana",
        "identifier": [{"system": "urn:oid:1.2.3", "value": "p1"}],
        "name": [{"family": "Rivera", "given": ["Ana"]}],
        "birthDate": "1980-02-29"
    })
}

#[test]
fn a_reference_resolves_by_full_url_relative_urn_identifier_and_version() {
    let urn = "urn:uuid:9bb3a5c6-3ad1-4d4b-9f0e-1f2f4a3f9c11";
    let forms = [
        (urn, json!({"reference": urn})),
        (
            "http://a.example/fhir/Patient/ana",
            json!({"reference": "http://a.example/fhir/Patient/ana"}),
        ),
        (
            "http://a.example/fhir/Patient/ana",
            json!({"reference": "http://a.example/fhir/Patient/ana/_history/3"}),
        ),
        (
            "http://a.example/fhir/Patient/ana",
            json!({"reference": "Patient/ana"}),
        ),
        (
            urn,
            json!({"identifier": {"system": "urn:oid:1.2.3", "value": "p1"}}),
        ),
        (
            urn,
            json!({"reference": "Patient?identifier=urn:oid:1.2.3|p1"}),
        ),
    ];
    for (url, subject) in forms {
        let bundle = transaction(json!([
            posted(
                "http://a.example/fhir/ServiceRequest/1",
                order_for(subject.clone(), json!({"reference": "Organization/heart"}))
            ),
            posted(url, ana()),
        ]));
        let referral = the_referral(&bundle);
        assert_eq!(referral.request.patient.name.family, "Rivera", "{subject}");
        assert_eq!(referral.recipient.id.as_deref(), Some("heart"));
    }
}

#[test]
fn what_a_resource_in_a_bundle_contains_is_found_in_it_alone() {
    let order = |family: &str| {
        let mut patient = ana();
        patient["name"][0]["family"] = family.into();
        let mut order = order_for(
            json!({"reference": "#ana"}),
            json!({"reference": "Organization/heart"}),
        );
        order["contained"] = json!([patient]);
        order
    };
    let bundle = transaction(json!([
        posted("urn:uuid:1", order("Rivera")),
        posted("urn:uuid:2", order("Other"))
    ]));
    let said = read_bundle(&bundle).unwrap();
    let families: Vec<&str> = said
        .iter()
        .map(|one| match one {
            Said::Referral(referral) => referral.request.patient.name.family.as_str(),
            Said::Event(_) => panic!("a referral"),
        })
        .collect();
    assert_eq!(families, ["Rivera", "Other"]);
}

#[test]
fn of_two_servers_resources_with_one_id_the_one_beside_is_meant() {
    let mut other = ana();
    other["name"][0]["family"] = "Other".into();
    other["identifier"][0]["value"] = "p2".into();
    let bundle = transaction(json!([
        posted("http://b.example/fhir/Patient/ana", other),
        posted("http://a.example/fhir/Patient/ana", ana()),
        posted(
            "http://a.example/fhir/ServiceRequest/1",
            order_for(
                json!({"reference": "Patient/ana"}),
                json!({"reference": "Organization/heart"})
            )
        ),
    ]));
    assert_eq!(the_referral(&bundle).request.patient.name.family, "Rivera");
}

#[test]
fn a_reference_to_what_did_not_come_along_or_could_be_two_things_is_a_fault() {
    let performer = json!({"reference": "Organization/heart"});
    let missing = transaction(json!([posted(
        "urn:uuid:1",
        order_for(json!({"reference": "urn:uuid:2"}), performer.clone())
    )]));
    let faults = read_bundle(&missing).unwrap_err();
    assert_eq!(faults[0].at, "Bundle.entry[0].resource.subject");
    assert_eq!(faults[0].code, "not-found");

    let subject = json!({"identifier": {"system": "urn:oid:1.2.3", "value": "p1"}});
    let twice = transaction(json!([
        posted("urn:uuid:1", order_for(subject, performer)),
        posted("urn:uuid:2", ana()),
        posted("urn:uuid:3", ana()),
    ]));
    assert_eq!(read_bundle(&twice).unwrap_err()[0].code, "multiple-matches");
}

#[test]
fn a_batch_tells_each_entry_by_itself() {
    let mut bundle = transaction(json!([
        posted("urn:uuid:1", ana()),
        posted("urn:uuid:2", order_for(json!({"reference": "urn:uuid:1"}), json!({"reference": "Organization/heart"}))),
        {"resource": plain("accepted", Some("3.0")), "request": {"method": "PUT", "url": format!("Task/{ID}-2")}},
        {"resource": plain("accepted", Some("7.0")), "request": {"method": "PUT", "url": "Task/x"}},
        {"resource": plain("accepted", Some("3.0")), "request": {"method": "DELETE", "url": "Task/x"}},
    ]));
    bundle["type"] = "batch".into();
    let entries = read_entries(&bundle).unwrap();
    let told: Vec<(usize, bool)> = entries
        .iter()
        .map(|entry| (entry.index, entry.said.is_ok()))
        .collect();
    assert_eq!(told, [(1, true), (2, true), (3, false), (4, false)]);
    let Ok(Said::Event(happened)) = &entries[1].said else {
        panic!("an event")
    };
    assert_eq!(happened.about.last().unwrap().value, ID);
    let fault = &entries[3].said.as_ref().unwrap_err()[0];
    assert_eq!(
        (fault.at.as_str(), fault.code),
        ("Bundle.entry[4].request.method", "not-supported")
    );
}

#[test]
fn a_task_that_only_asks_belongs_to_its_order_and_one_that_tells_is_the_event() {
    let order = order_for(
        json!({"reference": "Patient/ana"}),
        json!({"reference": "Organization/heart"}),
    );
    let bundle = |status: &str, business: &str| {
        let mut task = plain(status, Some(business));
        task["focus"] = json!({"reference": "ServiceRequest/1"});
        transaction(json!([
            posted("http://a.example/fhir/ServiceRequest/1", order.clone()),
            posted("http://a.example/fhir/Task/1", task),
            posted("http://a.example/fhir/Patient/ana", ana()),
        ]))
    };
    let referral = the_referral(&bundle("requested", "2.0"));
    assert_eq!(referral.request.placer.unwrap().value, "plac-1");
    let said = read_bundle(&bundle("accepted", "3.0")).unwrap();
    assert!(matches!(&said[..], [Said::Event(happened)] if happened.kind == E::ReferralAccepted));
}

#[test]
fn our_own_message_reads_back_as_the_referral_and_as_what_happened_to_it() {
    let rows: Vec<_> = rows().filter(|row| row.tid.is_some()).collect();
    for row in rows {
        let referral = after(row);
        let data = Payload::read(
            row.event,
            json!({"reason": "capacity", "visit_on": "2026-04-01", "summary": "Well."}),
        );
        let mut events = vec![sent()];
        if row.event != E::ReferralSent {
            events.push(event("e-1", row.event, data.unwrap(), 60));
        }
        let request = request();
        let shown = Shown {
            id: ID,
            version: 2,
            request: &request,
            referral: &referral,
            events: &events,
            last_modified: at(60),
        };
        let leg = referral.leg().unwrap();
        let bundle = message(
            &shown,
            leg,
            "https://loop.example/fhir",
            "https://heart.example/fhir",
            "8b0c7a3e-6b0e-4b8e-9d58-0d6f0a3f8f10",
        );
        let said = read_bundle(&bundle).unwrap_or_else(|faults| panic!("{faults:?} in {bundle:#}"));
        match &said[..] {
            [Said::Referral(read)] if row.event == E::ReferralSent => {
                assert_eq!(read.recipient.id.as_deref(), Some("heart"));
                assert_eq!(read.sender.as_ref().unwrap().id.as_deref(), Some("north"));
                let mut expected = request.clone();
                expected.ordered_at = Some(referral.sent_at);
                assert_eq!(read.request, expected);
            }
            [Said::Event(happened)] => {
                assert_eq!(happened.kind, row.event);
                assert_eq!(&happened.data, events[1].data.as_ref());
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_decline_a_cancellation_or_a_report_alone_leaves_the_service_request_active() {
    let status_after = |tid: u8| {
        let row = rows().find(|row| row.tid == Some(tid)).unwrap();
        let referral = after(row);
        let request = request();
        let shown = Shown {
            id: ID,
            version: 2,
            request: &request,
            referral: &referral,
            events: &[],
            last_modified: at(60),
        };
        service_request(&shown)["status"].clone()
    };
    assert_eq!(status_after(3), "active");
    assert_eq!(status_after(23), "active");
    assert_eq!(status_after(9), "active");
}
