//! Lives of referrals for the tests of whole lives: events with every kind of payload, by both sides, and the shelf that
//! keeps them as a store does.

#![allow(dead_code, reason = "each test uses a part of it")]

pub mod any;
pub mod shelf;
#[rustfmt::skip]
pub mod whole;

use domain::event::{Author, Event};
use domain::kind::EventKind;
use domain::payload::Payload;
use domain::status::Side;
use domain::time::Timestamp;
use serde_json::{Value, json};

/// 2026-03-02T09:00:00Z, a Monday.
pub const START_MS: i64 = 1_772_442_000_000;

pub fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(START_MS + ms).unwrap()
}

pub fn event(id: &str, kind: EventKind, side: Side, ms: i64, data: Value) -> Event {
    let organization = match side {
        Side::Referrer => "north",
        Side::Recipient => "heart",
    };
    Event {
        id: id.to_owned(),
        kind,
        data: Payload::read(kind, data).unwrap().into(),
        by: Author {
            organization: Some(organization.to_owned()),
            side: Some(side),
            label: None,
        },
        occurred_at: at(ms),
        recorded_at: at(ms),
        source: "api".to_owned(),
        source_id: None,
        reported_by: None,
        implied_by: None,
        implied_step: None,
        implied_because: None,
    }
}

pub fn request() -> Value {
    json!({
        "patient": {
            "identifier": {"system": "urn:oid:1.2.3", "value": "p1"},
            "name": {"family": "Rivera", "given": ["Ana"]},
            "birth_date": "1980-02-29"
        },
        "recipient": {"organization": "heart", "service": "cardiology"},
        "service": {"system": "http://snomed.info/sct", "code": "183519002"},
        "urgency": "routine",
        "clinical_question": "Is this angina?",
        "role": "evaluate",
        "preparation": {"agreed": "yes"},
        "supporting": [{"kind": "document", "display": "ECG", "date": "2026-02-28"}],
        "overrides": [{"requirement": "bnp", "reason": "not available here"}]
    })
}

pub fn sent() -> Event {
    let requirements = json!([
        {"id": "ecg", "kind": "document", "display": "ECG", "max_age_days": 20, "level": "required"},
        {"id": "bnp", "kind": "lab", "display": "BNP", "level": "required"}
    ]);
    let data = json!({
        "request": request(), "referrer": "north", "network": "valley", "requirements": requirements
    });
    event("e-sent", EventKind::ReferralSent, Side::Referrer, 0, data)
}

/// A payload that fits `kind`; `other` names another event, `choice` picks between forms.
pub fn data(kind: EventKind, other: &str, choice: u8) -> Value {
    let to = if choice.is_multiple_of(2) {
        "lungs"
    } else {
        "heart"
    };
    match kind {
        EventKind::ReferralDeclined => json!({"reason": "capacity"}),
        EventKind::AppointmentScheduled | EventKind::AppointmentRescheduled => {
            json!({"start": format!("2026-04-{:02}T10:00:00Z", 1 + choice % 28)})
        }
        EventKind::ReferralOutcome | EventKind::ReferralOutcomeAmended => {
            json!({"summary": "s", "advice": choice.is_multiple_of(3), "visit_on": "2026-04-01"})
        }
        EventKind::ReferralInfoRequested if choice.is_multiple_of(2) => {
            json!({"question": "BNP?", "requirements": ["bnp"]})
        }
        EventKind::ReferralInfoRequested => json!({"question": "ECG?"}),
        EventKind::ReferralInfoSupplied if choice.is_multiple_of(4) => json!({"question": other}),
        EventKind::ReferralInfoSupplied if choice.is_multiple_of(3) => {
            json!({"supporting": [{"kind": "lab", "display": "BNP", "date": "2026-03-01"}]})
        }
        EventKind::ReferralRedirected => {
            json!({"to": {"organization": to, "service": "s2"}, "reason": "r"})
        }
        EventKind::ReferralCorrected => {
            json!({"changes": {"patient": {"phone": "555"}}, "reason": "typo"})
        }
        EventKind::PatientContacted => {
            let outcome = ["reached", "no-answer", "no-answer", "worse"][usize::from(choice % 4)];
            json!({"channel": "phone", "outcome": outcome})
        }
        EventKind::ReferralNotCompleted => json!({"reason": "resolved"}),
        EventKind::ReferralAcknowledged if choice.is_multiple_of(2) => {
            json!({"report": other, "care_plan_changed": true})
        }
        EventKind::ReferralAcknowledged => json!({"resolution": "managed-here"}),
        EventKind::PatientInformed => json!({"channel": "phone"}),
        EventKind::ReferralUrgencyChanged => {
            let urgency = ["routine", "urgent", "asap", "stat"][usize::from(choice % 4)];
            json!({"urgency": urgency, "reason": "r"})
        }
        EventKind::BarrierRaised => {
            json!({"kind": "transport", "owner": "o", "due_at": "2026-04-01T00:00:00Z"})
        }
        EventKind::BarrierResolved => json!({"barrier": other}),
        EventKind::EventRetracted => json!({"event": other, "reason": "slip"}),
        EventKind::AttentionDismissed => {
            let what = ["event-parked", "at-risk"][usize::from(choice % 2)];
            json!({"what": what, "reason": "r"})
        }
        _ => json!({}),
    }
}
