//! One thing that happened to a referral: an id, who, when, when we learned of it, from where, and what it says.

use std::sync::Arc;

use crate::time::Timestamp;
use serde::{Serialize, Serializer};

use crate::kind::EventKind;
use crate::payload::{Payload, ReportedBy};
use crate::status::Side;

/// Who said it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Author {
    /// The organisation whose key or source it was; the network's own sweep has none, nor has an office outside the network that
    /// answers by its letter's link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// For which side it speaks; `None` for the system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
    /// The key's label: whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

impl Author {
    /// The system itself.
    pub const SYSTEM: Self = Self {
        organization: None,
        side: None,
        label: None,
    };
}

/// An event, as it is folded. Where it stands in the chain is the store's matter.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// Unique among the referral's events, and fixed before the first attempt to store it.
    pub id: String,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventKind,
    /// What it says. Shared, because a fold looks at the same events more than once.
    #[serde(serialize_with = "shared")]
    pub data: Arc<Payload>,
    /// Who said it.
    pub by: Author,
    /// When it happened; for an event that came without a time, when it arrived.
    pub occurred_at: Timestamp,
    /// When we learned of it.
    pub recorded_at: Timestamp,
    /// Where it came from: `api`, `webhook:<source>`, `letter` (a letter's link), `sweep`, `policy` (what follows from an event at once).
    pub source: String,
    /// The sender's own id of it (`webhook-id`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_id: Option<String>,
    /// How a side without software said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reported_by: Option<ReportedBy>,
    /// The parked event for whose sake this step is taken to have happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub implied_by: Option<String>,
    /// Where it stands among the steps that are implied together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub implied_step: Option<u8>,
    /// Why somebody took it to have happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub implied_because: Option<String>,
}

/// Where an event stands in the fold: by when it happened, then by the usual course of a referral, then by id. Nothing
/// in it depends on the order of arrival.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize)]
pub struct Place {
    /// When it happened, in milliseconds since the Unix epoch.
    pub at: i64,
    /// Steps that are only implied come before what implies them.
    pub stated: bool,
    /// [`EventKind::rank`]; among implied steps their own order.
    pub rank: u8,
    /// The event's id.
    pub id: String,
}

fn shared<S: Serializer>(data: &Arc<Payload>, serializer: S) -> Result<S::Ok, S::Error> {
    data.as_ref().serialize(serializer)
}

impl Event {
    /// An event that the system writes because it is due.
    #[must_use]
    pub fn by_system(
        id: String,
        due: crate::chase::Due,
        occurred_at: Timestamp,
        recorded_at: Timestamp,
        source: &str,
    ) -> Self {
        Self {
            id,
            kind: due.kind,
            data: Arc::new(due.data),
            by: Author::SYSTEM,
            occurred_at,
            recorded_at,
            source: source.to_owned(),
            source_id: None,
            reported_by: None,
            implied_by: None,
            implied_step: None,
            implied_because: None,
        }
    }

    /// Where it stands in the fold.
    #[must_use]
    pub fn place(&self) -> Place {
        Place {
            at: self.occurred_at.as_millisecond(),
            stated: self.implied_by.is_none(),
            rank: self.implied_step.unwrap_or(self.kind.rank()),
            id: self.id.clone(),
        }
    }

    /// Whether `other` means this event by `name`: its id, or the id that the same sender gave it.
    #[must_use]
    pub fn is_named(&self, name: &str, other: &Self) -> bool {
        self.id == name || (self.source_id.as_deref() == Some(name) && self.source == other.source)
    }
}
