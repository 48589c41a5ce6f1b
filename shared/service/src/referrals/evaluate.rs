//! How a referral stands as of a time: the limits that run, what to look at, how much it presses, when to look again.

use domain::attention::{Attention, Surroundings, attention};
use domain::limits::{Deadline, LimitName, deadlines, next_look};
use domain::policy::Policy;
use domain::priority::{Priority, priority};
use domain::referral::Referral;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What is worked out from a referral, a policy and a time, and stored beside the referral.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluated {
    /// The limits that run, the earliest first.
    pub deadlines: Vec<Deadline>,
    /// What a person should look at.
    pub attention: Vec<Attention>,
    /// How much it presses.
    pub priority: Priority,
    /// When somebody must look again.
    pub next_due_at: Option<Timestamp>,
}

impl Evaluated {
    /// How `referral` stands as of `now`.
    #[must_use]
    pub fn new(referral: &Referral, policy: &Policy, around: Surroundings, now: Timestamp) -> Self {
        let deadlines = deadlines(referral, policy);
        Self {
            attention: attention(referral, &deadlines, around, now),
            priority: priority(referral, &deadlines, now),
            next_due_at: next_look(referral, &deadlines, now),
            deadlines,
        }
    }
}

/// A limit that runs, as it is stored and shown.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Clock {
    limit: LimitName,
    since: Timestamp,
    due_at: Timestamp,
}

impl From<&Deadline> for Clock {
    fn from(deadline: &Deadline) -> Self {
        Self {
            limit: deadline.limit,
            since: deadline.since,
            due_at: deadline.due_at,
        }
    }
}

impl From<Clock> for Deadline {
    fn from(clock: Clock) -> Self {
        Self {
            limit: clock.limit,
            since: clock.since,
            due_at: clock.due_at,
        }
    }
}
