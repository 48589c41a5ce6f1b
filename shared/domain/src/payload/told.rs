//! What the system says itself: limits that passed, who is told next, reminders, events that waited too long.

use serde::{Deserialize, Serialize};

use super::codes::Reminded;
use crate::limits::LimitName;
use crate::policy::{Allowed, Told};
use crate::time::Timestamp;

/// A limit was passed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Overdue {
    /// Which limit.
    pub limit: LimitName,
    /// When it passed.
    pub due_at: Timestamp,
    /// How much time was allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Allowed>,
}

/// A breach that stays is told to the next level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Escalated {
    /// Which limit.
    pub limit: LimitName,
    /// When it passed.
    pub due_at: Timestamp,
    /// The level; both sides were told at the first.
    pub level: u32,
    /// Who hears of it.
    pub tell: Told,
    /// The organisation that hears what the network is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// Something comes near that the patient must be reminded of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reminder {
    /// What.
    pub what: Reminded,
    /// When it begins.
    pub start: Timestamp,
    /// Which reminder it is, by the hours before.
    pub before_hours: u32,
}

/// A parked event has waited long enough.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Expired {
    /// The event's id.
    pub event: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
