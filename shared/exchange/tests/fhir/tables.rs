//! BSeR's table of transitions, row by row: what is written is what the table says, and what a partner writes by it is the
//! event of that row.

use domain::kind::EventKind as E;
use domain::payload::Payload;
use domain::status::Status;
use domain::transitions::rows;
use formats::fhir::{read_task, settle};
use serde_json::{Value, json};

use crate::referrals::{event, task_after};

const BSER: &str = include_str!("../../../domain/tests/data/bser-transitions.csv");
const SYSTEM: &str = "http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS";

fn lines() -> impl Iterator<Item = Vec<&'static str>> {
    BSER.lines().skip(1).map(|line| line.split(',').collect())
}

fn trigger(name: &str) -> E {
    match name {
        "Send Referral Package" => E::ReferralSent,
        "Send Acceptance" => E::ReferralAccepted,
        "Send Decline" => E::ReferralDeclined,
        "Send Cancelation Request" => E::ReferralCancellationRequested,
        "Send Schedule Visit Information" => E::AppointmentScheduled,
        "Send rescheduled visit information" => E::AppointmentRescheduled,
        "Send Interim Consultation Note" => E::ReferralInterimNote,
        "Send Referral Outcome" => E::ReferralOutcome,
        "Send No Show Information" => E::AppointmentNoShow,
        "Send appointment cancel" => E::AppointmentCancelled,
        "Send Cancelation Confirmation" => E::ReferralCancellationConfirmed,
        other => panic!("an unknown trigger: {other}"),
    }
}

fn status(business: &str) -> Status {
    match business {
        "5.1.1" | "5.1" => Status::Scheduled,
        "5.1.2" => Status::NoShow,
        "5.1.3" => Status::AppointmentCancelled,
        "5.1.4" => Status::Seen,
        "5.2" => Status::CancellationRequested,
        "3.0" => Status::Accepted,
        _ => Status::Sent,
    }
}

/// A Task as a partner writes it, who knows nothing of our extensions.
pub fn plain(status: &str, business: Option<&str>) -> Value {
    let mut task = json!({
        "resourceType": "Task",
        "identifier": [{
            "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "PLAC"}]},
            "system": "urn:oid:1.2.3.4",
            "value": "plac-1"
        }],
        "status": status,
        "intent": "order",
        "lastModified": "2026-03-02T10:00:00+01:00"
    });
    if let Some(code) = business {
        task["businessStatus"] = json!({"coding": [{"system": SYSTEM, "code": code}]});
    }
    task
}

#[test]
fn every_row_of_the_table_is_read_as_its_trigger() {
    for cells in lines() {
        let [tid, _, name, _, from, to, business] = cells[..] else {
            panic!("seven columns")
        };
        let mut task = plain(to, Some(business));
        if tid == "32" {
            task["note"] = json!([{"text": "Seen once."}]);
        }
        let read = read_task(&task);
        if trigger(name) == E::ReferralSent {
            let faults = read.unwrap_err();
            assert_eq!(faults[0].at, "Task.status", "row {tid}");
            continue;
        }
        let kind = settle(read.unwrap().kind, status(from));
        assert_eq!(kind, trigger(name), "row {tid}");
    }
}

#[test]
fn every_row_of_the_table_is_written_as_its_statuses() {
    for cells in lines() {
        let [tid, .., to, business] = cells[..] else {
            panic!("seven columns")
        };
        let number: u8 = tid.parse().unwrap();
        let row = rows().find(|row| row.tid == Some(number)).unwrap();
        let data = Payload::read(row.event, json!({"reason": "capacity", "advice": true}));
        let events = data.ok().map(|data| event("e-1", row.event, data, 60));
        let task = task_after(row, events.unwrap_or_else(crate::referrals::sent));
        assert_eq!(task["status"], to, "row {tid}");
        assert_eq!(task["businessStatus"]["coding"][0]["system"], SYSTEM);
        assert_eq!(
            task["businessStatus"]["coding"][0]["code"], business,
            "row {tid}"
        );
        assert_eq!(task["intent"], "order");
        assert_eq!(task["code"]["coding"][0]["code"], "fulfill");
        assert_eq!(task["focus"], task["basedOn"][0]);
        assert_eq!(task["identifier"][0]["type"]["coding"][0]["code"], "PLAC");
        for element in ["for", "authoredOn", "lastModified", "requester", "owner"] {
            assert!(task.get(element).is_some(), "row {tid} has no {element}");
        }
        assert_eq!(
            task.get("reasonCode").is_some(),
            business == "7.0",
            "row {tid}"
        );
    }
}

#[test]
fn every_other_pair_is_a_fault_that_names_its_place() {
    let pairs = [
        ("accepted", "5.1.1"),
        ("completed", "5.1.4"),
        ("rejected", "3.0"),
        ("cancelled", "7.0"),
        ("received", "3.0"),
        ("in-progress", "2.0"),
    ];
    for (status, business) in pairs {
        let faults = read_task(&plain(status, Some(business))).unwrap_err();
        assert_eq!(
            (faults[0].at.as_str(), faults[0].code),
            ("Task.businessStatus", "business-rule"),
            "{status} {business}"
        );
    }
}

#[test]
fn in_progress_without_a_business_status_is_not_guessed_at() {
    let faults = read_task(&plain("in-progress", None)).unwrap_err();
    assert_eq!(
        (faults[0].at.as_str(), faults[0].code),
        ("Task.businessStatus", "required")
    );
}

#[test]
fn an_unknown_status_is_a_fault_and_so_is_an_unknown_business_status() {
    let faults = read_task(&plain("done", Some("9.9"))).unwrap_err();
    let found: Vec<(&str, &str)> = faults
        .iter()
        .map(|fault| (fault.at.as_str(), fault.code))
        .collect();
    assert_eq!(
        found,
        [
            ("Task.businessStatus", "code-invalid"),
            ("Task.status", "code-invalid")
        ]
    );
}

#[test]
fn a_decline_with_a_reason_of_another_system_is_other_and_its_words_are_the_note() {
    let mut task = plain("rejected", Some("4.0"));
    task["statusReason"] = json!({"coding": [{"system": "http://example.org/why", "code": "full", "display": "No slots"}]});
    let read = read_task(&task).unwrap();
    assert_eq!(
        serde_json::to_value(&read.data).unwrap(),
        json!({"reason": "other", "note": "No slots"})
    );
    assert_eq!(read.warnings[0].at, "Task.statusReason");
}
