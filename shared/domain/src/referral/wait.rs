//! What a referral keeps of its wait: which clocks stood still, what was told of it, and who tried to reach the patient.

use serde::{Deserialize, Serialize};

use crate::limits::LimitName;
use crate::payload::ContactOutcome;
use crate::request::Urgency;
use crate::status::Side;
use crate::time::Timestamp;

/// How many attempts to reach the patient a referral keeps, the newest: its row is read with every event.
pub const CONTACTS_MAX: usize = 20;

/// A stretch of time in which the recipient waited for the referrer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// From.
    pub from: Timestamp,
    /// Until; `None` while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// From when an urgency counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UrgencyFrom {
    /// The urgency.
    pub urgency: Urgency,
    /// From.
    pub from: Timestamp,
}

/// A limit whose passing was noticed and told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breach {
    /// Which.
    pub limit: LimitName,
    /// When it passed.
    pub due_at: Timestamp,
}

/// A breach that was told to a level above the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalation {
    /// Which limit.
    pub limit: LimitName,
    /// When it passed.
    pub due_at: Timestamp,
    /// The level.
    pub level: u32,
}

/// A reminder that was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReminderGiven {
    /// When the visit begins.
    pub start: Timestamp,
    /// Which one, by the hours before.
    pub before_hours: u32,
}

/// An attempt to reach the patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The event that told of it.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// By which side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Side>,
    /// How.
    pub channel: String,
    /// What came of it.
    pub outcome: ContactOutcome,
}
