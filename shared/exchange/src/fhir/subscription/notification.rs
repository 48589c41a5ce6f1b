//! What a Subscription's endpoint is sent, and what `$status` answers.

use domain::time::Timestamp;
use serde_json::{Value, json};

use super::super::write::Element;
use super::{BACKPORT, Content, Purpose, Standing, Topic};

/// An event as a notification tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notified {
    /// Its number, contiguous in its Subscription.
    pub number: i64,
    /// When it was stored.
    pub at: Timestamp,
    /// The id of the topic's focus.
    pub focus: String,
}

/// What is said of a Subscription.
#[derive(Debug, Clone)]
pub struct Notification<'a> {
    /// The address of what is below `/fhir`.
    pub base: &'a str,
    /// The Subscription's id.
    pub subscription: &'a str,
    /// Its topic.
    pub topic: Topic,
    /// How much is said.
    pub content: Content,
    /// How it stands.
    pub standing: Standing,
    /// What it is for.
    pub purpose: Purpose,
    /// How many events there were since the Subscription began.
    pub events: i64,
    /// The one that is told.
    pub event: Option<Notified>,
}

/// The status, as the guide's Parameters for R4. `id` is a UUID.
#[must_use]
pub fn subscription_status(said: &Notification<'_>, id: &str) -> Value {
    let mut parameters = vec![
        json!({
            "name": "subscription",
            "valueReference": {"reference": format!("{}/Subscription/{}", said.base, said.subscription)},
        }),
        json!({"name": "topic", "valueCanonical": said.topic.canonical()}),
        json!({"name": "status", "valueCode": said.standing.as_str()}),
        json!({"name": "type", "valueCode": said.purpose.as_str()}),
        // An integer64 of R5, which R4 has as text.
        json!({"name": "events-since-subscription-start", "valueString": said.events.to_string()}),
    ];
    if let Some(event) = &said.event {
        let mut parts = vec![
            json!({"name": "event-number", "valueString": event.number.to_string()}),
            json!({"name": "timestamp", "valueInstant": event.at.to_string()}),
        ];
        if said.content == Content::IdOnly {
            let focus = address(said, event);
            parts.push(json!({"name": "focus", "valueReference": {"reference": focus}}));
        }
        parameters.push(json!({"name": "notification-event", "part": parts}));
    }
    Element::of("Parameters")
        .with("id", id)
        .with(
            "meta",
            json!({"profile": [format!("{BACKPORT}backport-subscription-status-r4")]}),
        )
        .with("parameter", parameters)
        .done()
}

fn address(said: &Notification<'_>, event: &Notified) -> String {
    format!("{}/{}/{}", said.base, said.topic.focus(), event.focus)
}

/// A notification as it is sent: a Bundle of type `history`, whose first entry is the status; with `id-only` the next names what changed.
/// The two ids are UUIDs.
#[must_use]
pub fn notification(
    said: &Notification<'_>,
    now: Timestamp,
    bundle_id: &str,
    status_id: &str,
) -> Value {
    let subscription = format!("{}/Subscription/{}", said.base, said.subscription);
    let mut entries = vec![json!({
        "fullUrl": format!("urn:uuid:{status_id}"),
        "resource": subscription_status(said, status_id),
        "request": {"method": "GET", "url": format!("{subscription}/$status")},
        "response": {"status": "200"},
    })];
    if let (Some(event), Content::IdOnly) = (&said.event, said.content) {
        entries.push(json!({
            "fullUrl": address(said, event),
            "request": {"method": "PUT", "url": format!("{}/{}", said.topic.focus(), event.focus)},
            "response": {"status": "200"},
        }));
    }
    Element::of("Bundle")
        .with("id", bundle_id)
        .with(
            "meta",
            json!({"profile": [format!("{BACKPORT}backport-subscription-notification-r4")]}),
        )
        .with("type", "history")
        .with("timestamp", now.to_string())
        .with("entry", entries)
        .done()
}
