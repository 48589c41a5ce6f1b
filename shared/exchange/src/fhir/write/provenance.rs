//! Who recorded an event, as a Provenance with its place in the chain.

use domain::event::Event;
use serde_json::{Value, json};

use super::super::Shown;
use super::super::codes::HASH_SYSTEM;
use super::super::free::extension;
use super::communication::EVENT_TYPE;
use super::element::{Element, coding};
use super::service_request;

/// Who recorded an event, when, and its place in the chain: `hash` and the one before it.
#[must_use]
pub fn provenance(shown: &Shown<'_>, event: &Event, hash: &str, previous: Option<&str>) -> Value {
    let who = match &event.by.organization {
        Some(id) => Element::new()
            .with("reference", format!("Organization/{id}"))
            .with_some("display", event.by.label.as_deref()),
        // The system has no label; an office outside the network has, and is no organisation.
        None => {
            let label = event.by.label.as_deref();
            Element::new().with("display", label.unwrap_or("Referral Loop"))
        }
    };
    let entity = previous.map(|hash| {
        json!({ "role": "revision", "what": { "identifier": { "system": HASH_SYSTEM, "value": hash } } })
    });
    Element::of("Provenance")
        .with("id", event.id.as_str())
        .with(
            "extension",
            vec![extension("event-hash", "valueString", hash)],
        )
        .with("target", vec![service_request::reference_of(shown.id)])
        .with("occurredDateTime", event.occurred_at.to_string())
        .with("recorded", event.recorded_at.to_string())
        .with(
            "activity",
            json!({ "coding": [coding(EVENT_TYPE, event.kind.as_str(), None)] }),
        )
        .with("agent", json!([{ "who": who.done() }]))
        .with_all("entity", entity.into_iter().collect())
        .done()
}
