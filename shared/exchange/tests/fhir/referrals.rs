//! A referral in a given status, with the events that led there, as the store would have it.

use domain::event::{Author, Event};
use domain::kind::EventKind;
use domain::payload::{Payload, Sent};
use domain::referral::Referral;
use domain::request::Request;
use domain::status::Side;
use domain::time::Timestamp;
use domain::transitions::Row;
use formats::fhir::{Shown, task};
use serde_json::{Value, json};

pub const ID: &str = "ref-01j9zk3v8w7x2m4n6p8q0r2t4y";

/// 2026-03-02T09:00:00Z.
pub fn at(minutes: i64) -> Timestamp {
    Timestamp::from_millisecond(1_772_442_000_000 + minutes * 60_000).unwrap()
}

pub fn request() -> Request {
    serde_json::from_value(json!({
        "patient": {
            "identifier": {"system": "urn:oid:1.2.3", "value": "p1"},
            "name": {"family": "Rivera", "given": ["Ana"]},
            "birth_date": "1980-02-29"
        },
        "recipient": {"organization": "heart", "service": "cardiology"},
        "service": {"system": "http://snomed.info/sct", "code": "183519002"},
        "urgency": "urgent",
        "clinical_question": "Is this angina?",
        "role": "evaluate",
        "placer": {"system": "urn:oid:1.2.3.4", "value": "plac-1"},
        "preparation": {"agreed": "yes"}
    }))
    .unwrap()
}

pub fn event(id: &str, kind: EventKind, data: Payload, minutes: i64) -> Event {
    Event {
        id: id.to_owned(),
        kind,
        data: data.into(),
        by: Author {
            organization: Some("heart".to_owned()),
            side: Some(Side::Recipient),
            label: Some("Front desk".to_owned()),
        },
        occurred_at: at(minutes),
        recorded_at: at(minutes),
        source: "api".to_owned(),
        source_id: None,
        reported_by: None,
        implied_by: None,
        implied_step: None,
        implied_because: None,
    }
}

pub fn sent() -> Event {
    let data = Payload::Sent(Box::new(Sent {
        request: request(),
        referrer: "north".to_owned(),
        network: "valley".to_owned(),
        specialty: None,
        requirements: Vec::new(),
        possible_duplicates: Vec::new(),
    }));
    event("e-sent", EventKind::ReferralSent, data, 0)
}

/// The referral after `row`.
pub fn after(row: &Row) -> Referral {
    let sent = sent();
    let Payload::Sent(parts) = sent.data.as_ref() else {
        panic!("it is the first event");
    };
    let mut referral = Referral::sent(&sent, parts);
    let leg = referral.legs.last_mut().unwrap();
    leg.status = row.to;
    leg.business_status = row.business.unwrap_or(leg.business_status);
    leg.task_status = row.task;
    if let Some(from) = row.from
        && row.business.is_none()
    {
        leg.business_status = domain::transitions::rows()
            .find(|one| one.to == from && one.business.is_some())
            .and_then(|one| one.business)
            .unwrap_or(leg.business_status);
    }
    referral
}

/// The Task of the referral after `row`, which `happened` led to.
pub fn task_after(row: &Row, happened: Event) -> Value {
    let referral = after(row);
    let events = [sent(), happened];
    let request = request();
    let shown = Shown {
        id: ID,
        version: 7,
        request: &request,
        referral: &referral,
        events: &events,
        last_modified: at(500),
    };
    task(&shown, referral.leg().unwrap())
}
