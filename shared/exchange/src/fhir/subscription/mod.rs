//! Subscriptions and their notifications.
//!
//! Source: Subscriptions R5 Backport Implementation Guide 1.1.0 for R4 (`hl7.fhir.uv.subscriptions-backport`): topics in `criteria`,
//! notifications as `history` Bundles whose first entry is the status as Parameters. Invariant: a notification names what changed by id and holds
//! nothing of it; the receiver reads it with its key, and that read is audited.

mod notification;
mod read;
mod write;

pub use notification::{Notification, Notified, notification, subscription_status};
pub use read::{Subscription, read_kept, read_subscription};
pub use write::subscription;

/// Where the guide's profiles and extensions are.
const BACKPORT: &str = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/";

/// What a notification names as its focus. Both topics tell the same events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// The Task of the leg.
    TaskChanged,
    /// The ServiceRequest.
    ReferralChanged,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 2] = [Self::TaskChanged, Self::ReferralChanged];

    /// Its canonical URL.
    #[must_use]
    pub const fn canonical(self) -> &'static str {
        match self {
            Self::TaskChanged => "urn:referral-loop:topic:task-changed",
            Self::ReferralChanged => "urn:referral-loop:topic:referral-changed",
        }
    }

    /// The topic with this canonical URL, of whichever version.
    #[must_use]
    pub fn parse(canonical: &str) -> Option<Self> {
        let url = canonical.split('|').next()?;
        Self::ALL.into_iter().find(|topic| topic.canonical() == url)
    }

    /// The type of its focus.
    #[must_use]
    pub const fn focus(self) -> &'static str {
        match self {
            Self::TaskChanged => "Task",
            Self::ReferralChanged => "ServiceRequest",
        }
    }
}

/// How much a notification says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// That something happened.
    Empty,
    /// To which resource.
    IdOnly,
}

impl Content {
    /// Its code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::IdOnly => "id-only",
        }
    }
}

/// How a Subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Its endpoint has not answered the handshake yet.
    Requested,
    /// It has.
    Active,
    /// The last try failed, and the next one is to come.
    Error,
    /// It has ended, or its endpoint was given up.
    Off,
}

impl Standing {
    /// Every code of SubscriptionStatus in R4.
    pub const CODES: &'static [&'static str] = &["requested", "active", "error", "off"];

    /// Its code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Active => "active",
            Self::Error => "error",
            Self::Off => "off",
        }
    }
}

/// What a notification is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To see whether the endpoint takes it: the first one.
    Handshake,
    /// To show that the Subscription lives, where nothing happened.
    Heartbeat,
    /// To tell of an event.
    Event,
    /// To answer `$status`.
    Query,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Handshake => "handshake",
            Self::Heartbeat => "heartbeat",
            Self::Event => "event-notification",
            Self::Query => "query-status",
        }
    }
}
