//! An event read back from its stored body.

use std::sync::Arc;

use domain::event::{Author, Event};
use domain::kind::EventKind;
use domain::payload::{Payload, ReportedBy};
use domain::time::Timestamp;
use ports::Row;
use serde::Deserialize;
use serde_json::Value;

use crate::http::Problem;
use crate::json::{from_text, from_value};

/// An event with its place in the chain.
#[derive(Debug, Clone)]
pub struct StoredEvent {
    /// Its number.
    pub seq: i64,
    /// The event.
    pub event: Event,
    /// The stored body, as JSON.
    pub body: Value,
    /// The body's hash.
    pub hash: String,
}

#[derive(Deserialize)]
struct Envelope {
    id: String,
    #[serde(rename = "type")]
    kind: EventKind,
    data: Value,
    by: Author,
    occurred_at: Timestamp,
    recorded_at: Timestamp,
    source: String,
    source_id: Option<String>,
    reported_by: Option<ReportedBy>,
    implied_by: Option<String>,
    implied_step: Option<u8>,
    implied_because: Option<String>,
}

/// The event of a stored body.
///
/// # Errors
/// [`Problem::Internal`] when the body is not what we write.
pub fn event_from_body(body: &Value) -> Result<Event, Problem> {
    let envelope: Envelope = from_value(body.clone())?;
    Ok(Event {
        data: Payload::read(envelope.kind, envelope.data)
            .map(Arc::new)
            .map_err(|_| Problem::internal("a stored event cannot be read"))?,
        id: envelope.id,
        kind: envelope.kind,
        by: envelope.by,
        occurred_at: envelope.occurred_at,
        recorded_at: envelope.recorded_at,
        source: envelope.source,
        source_id: envelope.source_id,
        reported_by: envelope.reported_by,
        implied_by: envelope.implied_by,
        implied_step: envelope.implied_step,
        implied_because: envelope.implied_because,
    })
}

impl StoredEvent {
    /// From a row of `events`.
    ///
    /// # Errors
    /// [`Problem::Internal`] when the row is not what we write.
    pub fn from_row(row: &Row) -> Result<Self, Problem> {
        let text = row.text("event_body").unwrap_or_default();
        let body: Value = from_text(text)?;
        Ok(Self {
            seq: row.integer("event_seq").unwrap_or_default(),
            event: event_from_body(&body)?,
            body,
            hash: row.text("event_hash").unwrap_or_default().to_owned(),
        })
    }
}
