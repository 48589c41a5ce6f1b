//! Bundles out: a page of a search, and BSeR's message.

use domain::event::Event;
use domain::payload::{NextStep, Payload};
use domain::referral::Leg;
use serde_json::{Value, json};

use super::super::codes::{BSER, CONSULT_NOTE, LOINC, MESSAGE_EVENT};
use super::super::free::extension;
use super::super::{OUR_ORGANIZATION, Shown};
use super::element::{Element, coding, concept, reference};
use super::{patient, service_request, task};

/// A page of matches, with what they include. `this` and `next` are whole URLs; `total` only where it was counted.
#[must_use]
pub fn searchset(
    base: &str,
    this: &str,
    next: Option<&str>,
    total: Option<u64>,
    matches: Vec<Value>,
    included: Vec<Value>,
) -> Value {
    let mut links = vec![json!({ "relation": "self", "url": this })];
    links.extend(next.map(|url| json!({ "relation": "next", "url": url })));
    let mut entries = Vec::new();
    for (mode, resources) in [("match", matches), ("include", included)] {
        for resource in resources {
            let searched = Element::new()
                .with_some("fullUrl", full_url(base, &resource))
                .with("resource", resource)
                .with("search", json!({ "mode": mode }));
            entries.push(searched.done());
        }
    }
    Element::of("Bundle")
        .with("type", "searchset")
        .with_some("total", total)
        .with("link", links)
        .with_all("entry", entries)
        .done()
}

fn full_url(base: &str, resource: &Value) -> Option<String> {
    let kind = resource.get("resourceType")?.as_str()?;
    let id = resource.get("id")?.as_str()?;
    Some(format!("{base}/{kind}/{id}"))
}

/// The BSeR message Bundle that says how a leg stands: MessageHeader (I12), Task, ServiceRequest, Patient, organisations, and
/// the feedback document where a report came. `base` is this server's FHIR base, `endpoint` where the message is sent, and
/// `message_id` a UUID.
#[must_use]
pub fn message(
    shown: &Shown<'_>,
    leg: &Leg,
    base: &str,
    endpoint: &str,
    message_id: &str,
) -> Value {
    let task = task(shown, leg);
    let task_id = super::super::task_id(shown.id, leg.leg);
    let receiver = leg
        .recipient
        .organization()
        .map(|id| reference("Organization", id));
    let destination = Element::new()
        .with("endpoint", endpoint)
        .with_some("receiver", receiver);
    let header = Element::of("MessageHeader")
        .with("id", message_id)
        .with(
            "eventCoding",
            coding(MESSAGE_EVENT, "I12", Some("REF/RRI - Patient referral")),
        )
        .with("destination", vec![destination.done()])
        .with(
            "sender",
            reference("Organization", &shown.referral.referrer),
        )
        .with(
            "source",
            json!({ "name": "Referral Loop", "endpoint": base }),
        )
        .with("focus", vec![reference("Task", &task_id)])
        .done();
    let mut resources = vec![
        header,
        task,
        service_request(shown),
        patient(shown.id, &shown.request.patient),
        organization(&shown.referral.referrer),
    ];
    let recipient = leg
        .recipient
        .organization()
        .filter(|id| *id != shown.referral.referrer);
    resources.extend(recipient.map(organization));
    if let Some(report) = task::report_of(shown, leg) {
        let document = feedback(shown, report, base);
        attach(&mut resources, &document);
        resources.push(document);
    }
    Element::of("Bundle")
        .with("id", message_id)
        .with("type", "message")
        .with("timestamp", shown.last_modified.to_string())
        .with("entry", entries(base, resources))
        .done()
}

fn entries(base: &str, resources: Vec<Value>) -> Vec<Value> {
    resources
        .into_iter()
        .map(|resource| {
            Element::new()
                .with_some("fullUrl", full_url(base, &resource))
                .with("resource", resource)
                .done()
        })
        .collect()
}

/// An organisation by our id, which its own id repeats as an identifier, so that it is known on the way back.
fn organization(id: &str) -> Value {
    Element::of("Organization")
        .with("id", id)
        .with(
            "identifier",
            json!([{ "system": OUR_ORGANIZATION, "value": id }]),
        )
        .with("active", true)
        .with("name", id)
        .done()
}

/// The document as a further output of the Task; marked, because the other outputs say the same.
fn attach(resources: &mut [Value], document: &Value) {
    let id = document
        .get("id")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let output = json!({
        "extension": [extension("said-by", "valueString", "copy")],
        "type": { "text": "Referral feedback" },
        "valueReference": reference("Bundle", id),
    });
    let task = resources.get_mut(1).and_then(Value::as_object_mut);
    if let Some(task) = task {
        match task.get_mut("output") {
            Some(Value::Array(all)) => all.push(output),
            _ => {
                task.insert("output".to_owned(), Value::Array(vec![output]));
            }
        }
    }
}

/// A report as BSeR's feedback document.
fn feedback(shown: &Shown<'_>, report: &Event, base: &str) -> Value {
    let mut lines = Vec::new();
    let mut visit_on = None;
    if let Payload::Outcome(outcome) = report.data.as_ref() {
        lines.extend(outcome.summary.clone());
        lines.extend(outcome.next_steps.iter().map(|step| match step {
            NextStep::Text(what) | NextStep::Assigned { what, .. } => what.clone(),
        }));
        visit_on.clone_from(&outcome.visit_on);
    }
    let text = lines.join("\n");
    let is_amended = report.kind == domain::kind::EventKind::ReferralOutcomeAmended;
    let section = Element::new()
        .with("title", "Referral Service Request Feedback Summary")
        .with(
            "code",
            concept(
                BSER,
                "RSRFS",
                "CompositionSectionReferralServiceRequestFeedbackSummary",
            ),
        )
        .with("focus", service_request::reference_of(shown.id))
        .with(
            "text",
            json!({ "status": "generated", "div": narrative(&text) }),
        );
    let event = visit_on.map(|day| json!({ "period": { "end": day } }));
    let author = report.by.organization.as_deref().map_or_else(
        || json!({ "display": report.by.label.as_deref().unwrap_or("Referral Loop") }),
        |id| reference("Organization", id),
    );
    let composition = Element::of("Composition")
        .with("id", report.id.as_str())
        .with("status", if is_amended { "amended" } else { "final" })
        .with("type", concept(LOINC, CONSULT_NOTE, "Consult note"))
        .with("subject", reference("Patient", shown.id))
        .with("date", report.occurred_at.to_string())
        .with("author", vec![author])
        .with("title", "Referral feedback")
        .with_all("event", event.into_iter().collect())
        .with("section", vec![section.done()])
        .done();
    Element::of("Bundle")
        .with("id", format!("feedback-{}", report.id))
        .with(
            "identifier",
            json!({ "system": super::super::OUR_REFERRAL, "value": report.id }),
        )
        .with("type", "document")
        .with("timestamp", report.recorded_at.to_string())
        .with("entry", entries(base, vec![composition]))
        .done()
}

/// XHTML of plain text.
fn narrative(text: &str) -> String {
    let escaped = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let lines: Vec<String> = escaped
        .lines()
        .map(|line| format!("<p>{line}</p>"))
        .collect();
    format!(
        "<div xmlns=\"http://www.w3.org/1999/xhtml\">{}</div>",
        lines.concat()
    )
}
