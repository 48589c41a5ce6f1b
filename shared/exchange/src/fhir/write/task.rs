//! A leg as a Task.

use domain::event::Event;
use domain::kind::EventKind as E;
use domain::referral::{EndReason, Leg};
use domain::status::Status;
use domain::time::{Date, Timestamp};
use serde_json::{Value, json};

use super::super::codes::{
    BUSINESS_STATUS, CONSULT_NOTE, DECLINE_REASON, LOINC, NOT_COMPLETED_REASON, PLACER, TASK_CODE,
    business_display,
};
use super::super::free::extension_of;
use super::super::{Shown, ids};
use super::element::{Element, concept, reference, typed_identifier};
use super::event::{Part, output, reason, said_by, said_by_extension};
use super::{person, service_request, visit};

/// What is written from the row, and is no event's word.
pub(super) const ROW: &str = "row";

/// One leg as a Task: `{id}` for the first, `{id}-{n}` for the n-th.
///
/// The last of its events gives reason, note and output, and is named in an extension of ours together with the pair of
/// statuses that it led to; each element that comes of it is marked with its id, so that whoever changes the Task and sends it
/// back does not say it again. The newest report's output stays, whatever came after it.
#[must_use]
pub fn task(shown: &Shown<'_>, leg: &Leg) -> Value {
    let events = events_of(shown, leg);
    let told = events
        .iter()
        .rev()
        .find(|event| event.kind != E::ReferralOverdue)
        .copied();
    let report = events
        .iter()
        .rev()
        .find(|event| matches!(event.kind, E::ReferralOutcome | E::ReferralOutcomeAmended))
        .copied()
        .filter(|report| told.is_none_or(|told| told.id != report.id));
    let subject = format!("Patient/{}", shown.id);
    let mut said = told
        .map(|event| said_by(event, &subject))
        .unwrap_or_default();
    if let Some(report) = report {
        said.output.extend(said_by(report, &subject).output);
    }
    if said.contained.is_empty()
        && let Some(booked) = visit::of_leg(leg, &subject)
    {
        said.contained.push(booked);
        said.output.push(output(
            "appointment",
            ROW,
            "valueReference",
            json!({ "reference": "#appointment" }),
        ));
    }
    let (owner, office) = person::recipient(&leg.recipient);
    said.contained.extend(office);
    let reason = said.reason.take().or_else(|| end_reason(leg));
    let note = said.note.as_ref().zip(told).map(|(text, event)| {
        json!({
            "extension": [said_by_extension(&event.id)],
            "time": event.occurred_at.to_string(),
            "text": text,
        })
    });
    let business = leg.business_status.as_str();
    let placer = shown
        .referral
        .placer
        .as_ref()
        .map(|one| typed_identifier(PLACER, one));
    let identifiers = std::iter::once(placer.unwrap_or_else(|| super::own_placer(shown.id)))
        .chain(person::filler(leg))
        .collect();
    let is_reported = matches!(leg.status, Status::Completed | Status::Closed);
    Element::of("Task")
        .with("id", ids::task_id(shown.id, leg.leg))
        .with("meta", super::meta(shown))
        .with_all("contained", said.contained)
        .with_all(
            "extension",
            told.map(|event| event_extension(event, leg, said.parts))
                .into_iter()
                .collect(),
        )
        .with("identifier", Value::Array(identifiers))
        .with("basedOn", vec![service_request::reference_of(shown.id)])
        .with("status", leg.task_status.as_str())
        .with_some("statusReason", reason)
        .with(
            "businessStatus",
            concept(BUSINESS_STATUS, business, business_display(business)),
        )
        .with("intent", "order")
        .with("priority", shown.referral.urgency().as_str())
        .with(
            "code",
            concept(TASK_CODE, "fulfill", "Fulfill the focal request"),
        )
        .with("focus", service_request::reference_of(shown.id))
        .with("for", reference("Patient", shown.id))
        .with_some("executionPeriod", period(leg, said.period, told))
        .with("authoredOn", leg.started_at.to_string())
        .with("lastModified", shown.last_modified.to_string())
        .with(
            "requester",
            reference("Organization", &shown.referral.referrer),
        )
        .with_some("owner", owner)
        .with_some(
            "reasonCode",
            is_reported.then(|| concept(LOINC, CONSULT_NOTE, "Consult note")),
        )
        .with_all("note", note.into_iter().collect())
        .with_all("input", said.input)
        .with_all("output", said.output)
        .done()
}

/// The events between the leg's start and the next one's.
fn events_of<'a>(shown: &Shown<'a>, leg: &Leg) -> Vec<&'a Event> {
    let next = leg.leg.saturating_add(1);
    let until = shown
        .referral
        .legs
        .iter()
        .find(|one| one.leg == next)
        .map(|one| one.started_at);
    let mut events: Vec<&Event> = shown
        .events
        .iter()
        .filter(|event| leg.leg <= 1 || event.occurred_at >= leg.started_at)
        .filter(|event| until.is_none_or(|until| event.occurred_at < until))
        .collect();
    events.sort_by_key(|event| event.place());
    events
}

/// The newest report of a leg.
pub(super) fn report_of<'a>(shown: &Shown<'a>, leg: &Leg) -> Option<&'a Event> {
    let is_report =
        |event: &&Event| matches!(event.kind, E::ReferralOutcome | E::ReferralOutcomeAmended);
    events_of(shown, leg).into_iter().rev().find(is_report)
}

fn event_extension(event: &Event, leg: &Leg, parts: Vec<Part>) -> Value {
    let mut all: Vec<Part> = vec![
        ("id", "valueString", event.id.as_str().into()),
        ("type", "valueCode", event.kind.as_str().into()),
        ("at", "valueInstant", event.occurred_at.to_string().into()),
        ("status", "valueCode", leg.task_status.as_str().into()),
        (
            "business-status",
            "valueCode",
            leg.business_status.as_str().into(),
        ),
    ];
    all.extend(parts);
    extension_of("event", all)
}

/// When the work was done, for a Task that tells of a visit: as the report says it, else as the row knows it.
fn period(leg: &Leg, told: Option<String>, event: Option<&Event>) -> Option<Value> {
    let (said_by, end) = match (told.filter(|text| is_date(text)), event) {
        (Some(text), Some(event)) => (event.id.as_str(), text),
        _ if leg.status == Status::Completed || leg.status == Status::Closed => {
            let end = leg.seen_at.or(leg.ended_at)?;
            (ROW, end.to_string())
        }
        _ => return None,
    };
    Some(json!({ "extension": [said_by_extension(said_by)], "end": end }))
}

fn is_date(text: &str) -> bool {
    text.parse::<Date>().is_ok() || text.parse::<Timestamp>().is_ok()
}

/// Why the leg ended, by the row, where its event is not at hand.
fn end_reason(leg: &Leg) -> Option<Value> {
    match leg.end_reason.as_ref()? {
        EndReason::Declined(why) => Some(reason(DECLINE_REASON, why.as_str(), ROW)),
        EndReason::NotCompleted(why) => Some(reason(NOT_COMPLETED_REASON, why.as_str(), ROW)),
        EndReason::Redirected(why) | EndReason::NoAnswer(why) => {
            Some(json!({ "extension": [said_by_extension(ROW)], "text": why }))
        }
        EndReason::Cancelled => None,
    }
}
