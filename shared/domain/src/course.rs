//! The course of a referral against its time limits: each limit that ever ran, since when, until when it was allowed to, and what
//! ended it.
//!
//! Derived from the events each time, never stored. It is told by the policy as it stands now: of a leg that was another
//! service's, what that service had set for itself is not known any more, and the network's limits count.

use crate::event::Event;
use crate::fold::fold_watched;
use crate::kind::EventKind;
use crate::limits::{Clocks, LimitName, Terms, clocks};
use crate::policy::{Limits, Policy};
use crate::referral::Referral;
use crate::request::Recipient;
use crate::time::{SignedDuration, Timestamp};

/// A limit from when it began to run to when it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The leg on which it runs; `None` for what runs on the whole way or beside it.
    pub leg: Option<u32>,
    /// Which limit.
    pub limit: LimitName,
    /// When it began.
    pub since: Timestamp,
    /// Until when it was allowed to run; `None` while its clock stands still, or where it ended so.
    pub due_at: Option<Timestamp>,
    /// By what.
    pub terms: Terms,
    /// What ended it, and when; `None` while it runs.
    pub ended: Option<(Timestamp, EventKind)>,
}

impl Run {
    /// By how much it is past its limit, or was when it ended; `None` for what is in time.
    #[must_use]
    pub fn late_by(&self, now: Timestamp) -> Option<SignedDuration> {
        let end = self.ended.map_or(now, |(at, _)| at);
        let late = end.duration_since(self.due_at?);
        (late > SignedDuration::ZERO).then_some(late)
    }
}

/// The course of the referral that `events` make, the first limit first. `policy` is the network's with the limits of the service of
/// `recipient`, who has the referral now.
#[must_use]
pub fn course(events: &[Event], policy: &Policy, recipient: Option<&Recipient>) -> Vec<Run> {
    let network = Policy {
        service: Limits::default(),
        ..policy.clone()
    };
    let mut runs: Vec<Run> = Vec::new();
    let mut watch = |referral: &Referral, event: &Event| {
        let leg = referral.leg();
        let is_present = leg.map(|leg| &leg.recipient) == recipient;
        let clocks = clocks(referral, if is_present { policy } else { &network });
        let now = standing(&clocks, leg.map_or(1, |leg| leg.leg));
        for run in runs.iter_mut().filter(|run| run.ended.is_none()) {
            if !now.iter().any(|other| other.is_same(run)) {
                run.ended = Some((event.occurred_at, event.kind));
            }
        }
        for run in now {
            match runs.iter_mut().find(|other| other.is_same(&run)) {
                Some(known) => *known = run,
                None => runs.push(run),
            }
        }
    };
    let folded = fold_watched(events, &mut watch);
    // What ended before it began never ran: the end of a visit that was moved.
    runs.retain(|run| folded.is_some() && run.ended.is_none_or(|(at, _)| at >= run.since));
    runs
}

impl Run {
    fn is_same(&self, other: &Self) -> bool {
        (self.leg, self.limit, self.since) == (other.leg, other.limit, other.since)
    }
}

/// The limits that run or stand still at one time.
fn standing(clocks: &Clocks, leg: u32) -> Vec<Run> {
    let run = |limit: LimitName, since, due_at, terms| Run {
        leg: limit.is_of_a_stage().then_some(leg),
        limit,
        since,
        due_at,
        terms,
        ended: None,
    };
    let running = clocks.running.iter();
    let running = running.map(|it| run(it.limit, it.since, Some(it.due_at), it.terms));
    let stopped = clocks.stopped.iter();
    let stopped = stopped.map(|it| run(it.limit, it.since, None, it.terms));
    running.chain(stopped).collect()
}
