//! What a store does, without one: keeps events in the order in which they came, and the row that they fold to.

use domain::chase;
use domain::decide::{Known, decide, follows};
use domain::event::Event;
use domain::fold::fold;
use domain::guards::Refusal;
use domain::limits::deadlines;
use domain::payload::Payload;
use domain::policy::Policy;
use domain::referral::Referral;
use domain::request::Request;
use domain::time::{SignedDuration, Timestamp};

/// The stored events of one referral and what they come to.
pub struct Shelf {
    pub events: Vec<Event>,
    pub referral: Referral,
    pub request: Request,
}

/// What became of an event that arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// It is kept, whether it counts already or waits for its place.
    Stored,
    /// It was here already, and changed nothing.
    Again,
    /// It was not kept.
    Refused(Refusal),
}

impl Shelf {
    /// A referral that has just been sent.
    pub fn new() -> Self {
        Self::of(super::sent())
    }

    /// The same of one that was sent so.
    pub fn of(sent: Event) -> Self {
        let folded = fold(std::slice::from_ref(&sent)).unwrap();
        Self {
            events: vec![sent],
            referral: folded.referral,
            request: folded.request,
        }
    }

    /// Takes an event in as `status` does: on the row alone where that is enough, otherwise on all events.
    pub fn receive(&mut self, event: &Event) -> Received {
        if self.events.iter().any(|known| known.id == event.id) {
            return Received::Again;
        }
        let known = if follows(&self.referral, event) {
            let request = Box::new(self.request.clone());
            Known::Row(Box::new(self.referral.clone()), Some(request))
        } else {
            Known::History(self.events.clone())
        };
        let decision = match decide(known, event, false) {
            Ok(decision) => decision,
            Err(refusal) => return Received::Refused(refusal),
        };
        self.events.push(event.clone());
        self.referral = decision.referral;
        if let Some(request) = decision.request {
            self.request = request;
        }
        Received::Stored
    }

    /// Looks at it as the sweep does, and gives back what the system said.
    pub fn look(&mut self, policy: &Policy, now: Timestamp) -> Vec<Payload> {
        let running = deadlines(&self.referral, policy);
        let due = chase::due(&self.referral, policy, &running, now);
        due.into_iter()
            .map(|due| {
                let id = format!("s-{}", self.events.len());
                let after_the_last = Timestamp::from_millisecond(self.referral.last.at).unwrap();
                let at = now.max(after_the_last.plus(SignedDuration::from_millis(1)));
                let event = Event::by_system(id, due, at, now, "sweep");
                self.referral.step(&event, None).unwrap();
                let said = event.data.as_ref().clone();
                self.events.push(event);
                said
            })
            .collect()
    }
}
