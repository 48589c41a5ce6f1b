//! How a referral stands as of a time: the limits that run, what to look at, how much it presses, when to look again.

use domain::attention::{Attention, Surroundings, attention};
use domain::calendar::Calendar;
use domain::chase::next_look;
use domain::facts::Facts;
use domain::limits::{Clocks, Deadline, LimitName, Stopped, Terms, clocks};
use domain::policy::{Allowed, Policy, SetBy};
use domain::priority::{Priority, priority};
use domain::referral::Referral;
use domain::request::Urgency;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::record::Record;

/// What is worked out from a referral, a policy and a time, and stored beside the referral.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluated {
    /// The limits, those that run and those that stand still.
    pub clocks: Clocks,
    /// What a person should look at.
    pub attention: Vec<Attention>,
    /// How much it presses.
    pub priority: Priority,
    /// When somebody must look again.
    pub next_due_at: Option<Timestamp>,
    /// What it counts as in the measures.
    pub facts: Facts,
}

impl Evaluated {
    /// How `referral` stands as of `now`.
    #[must_use]
    pub fn new(referral: &Referral, policy: &Policy, around: Surroundings, now: Timestamp) -> Self {
        let clocks = clocks(referral, policy);
        let running = &clocks.running;
        Self {
            attention: attention(referral, running, policy, around, now),
            priority: priority(referral, running, now),
            next_due_at: next_look(referral, policy, running, now),
            facts: Facts::of(referral, &Calendar::of(policy)),
            clocks,
        }
    }

    /// How `referral`, which was read as `record`, stands now. With another recipient than was read the limits of the new
    /// one's service are not known: it is due at once, and the sweep works them out.
    #[must_use]
    pub fn after(record: &Record, referral: &Referral, now: Timestamp) -> Self {
        if record.is_with_the_same(referral) {
            return Self::new(referral, &record.policy, record.around, now);
        }
        let mut policy = record.policy.clone();
        policy.service = domain::policy::Limits::default();
        let mut evaluated = Self::new(referral, &policy, record.around, now);
        evaluated.next_due_at = evaluated.next_due_at.map(|_| now);
        evaluated
    }
}

/// A limit as it is stored: its end where it runs, and by what it runs.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Clock {
    limit: LimitName,
    since: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    allowed: Option<Allowed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    urgency: Option<Urgency>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    set_by: Option<SetBy>,
}

impl Clock {
    /// The limits as they are stored.
    pub(super) fn stored(clocks: &Clocks) -> Vec<Self> {
        let clock = |limit, since, due_at, terms: Terms| Self {
            limit,
            since,
            due_at,
            allowed: Some(terms.allowed),
            urgency: Some(terms.urgency),
            set_by: Some(terms.set_by),
        };
        let running = clocks
            .running
            .iter()
            .map(|it| clock(it.limit, it.since, Some(it.due_at), it.terms));
        let stopped = clocks
            .stopped
            .iter()
            .map(|it| clock(it.limit, it.since, None, it.terms));
        running.chain(stopped).collect()
    }

    /// The limits that were stored; what an older row does not say is as `policy` has it for `urgency`.
    pub(super) fn read(stored: Vec<Self>, policy: &Policy, urgency: Urgency) -> Clocks {
        let mut clocks = Clocks::default();
        for clock in stored {
            let (limit, since) = (clock.limit, clock.since);
            let now = Terms::of(policy, limit, clock.urgency.unwrap_or(urgency));
            let terms = Terms {
                allowed: clock.allowed.unwrap_or(now.allowed),
                urgency: now.urgency,
                set_by: clock.set_by.unwrap_or(now.set_by),
            };
            match clock.due_at {
                Some(due_at) => clocks.running.push(Deadline {
                    limit,
                    since,
                    due_at,
                    terms,
                }),
                None => clocks.stopped.push(Stopped {
                    limit,
                    since,
                    terms,
                }),
            }
        }
        clocks
    }
}
