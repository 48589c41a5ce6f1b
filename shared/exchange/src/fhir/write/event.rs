//! What an event adds to its Task: FHIR's own elements where it has them, parts of our extension for the rest.

use domain::event::Event;
use domain::payload::{Document, NextStep, Payload};
use domain::request::Free;
use serde_json::{Value, json};

use super::super::codes::{DECLINE_REASON, NOT_COMPLETED_REASON, OUTPUT_TYPE};
use super::super::free::{extension, value_of};
use super::super::pairs;
use super::element::{Element, coding, concept, reference};
use super::{supporting, visit};

/// A part of the extension that names the event: name, type of value, value.
pub(super) type Part = (&'static str, &'static str, Value);

/// What an event adds to its Task.
#[derive(Default)]
pub(super) struct Said {
    pub parts: Vec<Part>,
    pub reason: Option<Value>,
    pub note: Option<String>,
    pub period: Option<String>,
    pub output: Vec<Value>,
    pub input: Vec<Value>,
    pub contained: Vec<Value>,
}

/// What an event adds to its Task: FHIR's own elements where it has them, parts of our extension for the rest.
pub(super) fn said_by(event: &Event, subject: &str) -> Said {
    let mut said = Said::default();
    let id = event.id.as_str();
    let worded = |text: &Option<String>| {
        text.as_ref()
            .map(|text| json!({ "extension": [said_by_extension(id)], "text": text }))
    };
    match event.data.as_ref() {
        Payload::Accepted(accepted) => {
            said.parts.extend(
                accepted
                    .performer
                    .as_ref()
                    .map(|who| free_part("performer", who)),
            );
        }
        Payload::Declined(declined) => {
            said.reason = Some(reason(DECLINE_REASON, declined.reason.as_str(), id));
            said.note.clone_from(&declined.note);
            said.parts.extend(
                declined
                    .alternative
                    .as_ref()
                    .map(|who| free_part("alternative", who)),
            );
        }
        Payload::NotCompleted(ended) => {
            said.reason = Some(reason(NOT_COMPLETED_REASON, ended.reason.as_str(), id));
            said.note.clone_from(&ended.note);
        }
        Payload::Visit(booked) => {
            said.parts.extend(
                booked
                    .by
                    .map(|by| ("by", "valueCode", Value::from(by.as_str()))),
            );
            if let Some(location) = booked.location.as_ref().filter(|_| !visit::shows(booked)) {
                said.parts.push(free_part("location", location));
            }
            if let Some(start) = booked.start {
                said.contained.push(visit::resource(
                    "appointment",
                    "booked",
                    start,
                    booked.end,
                    booked.location.as_ref(),
                    subject,
                ));
                said.output.push(output(
                    "appointment",
                    id,
                    "valueReference",
                    json!({ "reference": "#appointment" }),
                ));
            }
        }
        Payload::VisitCancelled(cancelled) => {
            said.reason = worded(&cancelled.reason);
            said.parts.extend(
                cancelled
                    .by
                    .map(|by| ("by", "valueCode", Value::from(by.as_str()))),
            );
        }
        Payload::InterimNote(interim) => {
            said.note.clone_from(&interim.note);
            said.period.clone_from(&interim.visit_on);
        }
        Payload::Outcome(outcome) => {
            said.period.clone_from(&outcome.visit_on);
            said.parts.extend(outcome.advice.then_some((
                "advice",
                "valueBoolean",
                Value::Bool(true),
            )));
            said.parts.extend(
                outcome
                    .performer
                    .as_ref()
                    .map(|who| free_part("performer", who)),
            );
            said.output.extend(
                outcome
                    .summary
                    .iter()
                    .map(|text| output("summary", id, "valueString", text.as_str())),
            );
            said.output
                .extend(outcome.next_steps.iter().map(|step| next_step(step, id)));
            said.output.extend(
                outcome
                    .documents
                    .iter()
                    .map(|document| document_output(document, id)),
            );
        }
        Payload::InfoRequested(asked) => {
            said.reason = worded(&asked.question);
            let parts = asked
                .requirements
                .iter()
                .map(|one| ("requirement", "valueString", Value::from(one.as_str())));
            said.parts.extend(parts);
        }
        Payload::InfoSupplied(supplied) => {
            said.note.clone_from(&supplied.note);
            let question = supplied.question.as_deref();
            said.parts.extend(
                question.map(|question| ("question", "valueString", Value::from(question))),
            );
            for (n, item) in supplied.supporting.iter().enumerate() {
                let item_id = format!("item-{n}");
                said.contained
                    .push(supporting::resource(item, &item_id, subject));
                said.input.push(output(
                    "supporting",
                    id,
                    "valueReference",
                    json!({ "reference": format!("#{item_id}") }),
                ));
            }
        }
        Payload::Remark(remark) if pairs::has_a_pair(event.kind) => {
            said.reason = worded(&remark.reason);
            said.note.clone_from(&remark.note);
        }
        Payload::Sent(_) => {}
        data => {
            let json = serde_json::to_string(data).unwrap_or_default();
            said.parts.push(("data", "valueString", json.into()));
        }
    }
    said
}

fn next_step(step: &NextStep, said_by: &str) -> Value {
    let (what, extensions) = match step {
        NextStep::Text(what) => (what, Vec::new()),
        NextStep::Assigned { what, who, when } => {
            let part = |name: &str, text: &Option<String>| {
                text.as_ref()
                    .map(|text| extension(name, "valueString", text.as_str()))
            };
            let mut all = vec![extension("assigned", "valueBoolean", true)];
            all.extend(part("who", who));
            all.extend(part("when", when));
            (what, all)
        }
    };
    let mut written = output("next-step", said_by, "valueString", what.as_str());
    if let Some(Value::Array(all)) = written.get_mut("extension") {
        all.extend(extensions);
    }
    written
}

fn document_output(document: &Document, said_by: &str) -> Value {
    match document {
        Document::Stored(id) => output(
            "document",
            said_by,
            "valueReference",
            reference("Binary", id),
        ),
        Document::Linked {
            title,
            media_type,
            url,
        } => {
            let attachment = Element::new()
                .with_some("contentType", media_type.as_deref())
                .with("url", url.as_str())
                .with("title", title.as_str());
            output("document", said_by, "valueAttachment", attachment.done())
        }
    }
}

pub(super) fn output(kind: &str, said_by: &str, of_type: &str, value: impl Into<Value>) -> Value {
    Element::new()
        .with("extension", vec![said_by_extension(said_by)])
        .with("type", concept(OUTPUT_TYPE, kind, kind))
        .with(of_type, value)
        .done()
}

pub(super) fn said_by_extension(id: &str) -> Value {
    extension("said-by", "valueString", id)
}

pub(super) fn reason(system: &str, code: &str, said_by: &str) -> Value {
    json!({
        "extension": [said_by_extension(said_by)],
        "coding": [coding(system, code, None)],
        "text": code,
    })
}

/// Free content as a part: a text, or the text of its JSON.
fn free_part(name: &'static str, free: &Free) -> Part {
    match free {
        Free::Text(text) => (name, "valueString", text.as_str().into()),
        other => (name, "valueMarkdown", value_of(other).to_string().into()),
    }
}
