//! A shelf of one referral, as a store is one, with a sweep; and lives that are put on it.

use domain::chase;
use domain::decide::{Known, decide, follows};
use domain::event::Event;
use domain::fold::fold;
use domain::kind::EventKind;
use domain::limits::deadlines;
use domain::payload::Payload;
use domain::policy::Policy;
use domain::referral::Referral;
use domain::request::Request;
use domain::status::Side;
use domain::time::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::lives;

/// What a store does: keeps events in the order in which they came, and the row that they fold to.
pub struct Shelf {
    pub events: Vec<Event>,
    pub referral: Referral,
    pub request: Request,
}

impl Shelf {
    pub fn new() -> Self {
        let sent = lives::sent();
        let folded = fold(std::slice::from_ref(&sent)).unwrap();
        Self {
            events: vec![sent],
            referral: folded.referral,
            request: folded.request,
        }
    }

    pub fn receive(&mut self, event: &Event) -> bool {
        if self.events.iter().any(|known| known.id == event.id) {
            return false;
        }
        let known = if follows(&self.referral, event) {
            let request = Box::new(self.request.clone());
            Known::Row(Box::new(self.referral.clone()), Some(request))
        } else {
            Known::History(self.events.clone())
        };
        let Ok(decision) = decide(known, event, false) else {
            return false;
        };
        self.events.push(event.clone());
        self.referral = decision.referral;
        if let Some(request) = decision.request {
            self.request = request;
        }
        true
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

fn any_event(index: usize) -> impl Strategy<Value = Event> {
    let kinds: Vec<EventKind> = EventKind::ALL
        .iter()
        .copied()
        .filter(|kind| kind.is_sent_by_callers())
        .collect();
    (
        proptest::sample::select(kinds),
        any::<bool>(),
        0..40i64,
        0..12usize,
        any::<u8>(),
    )
        .prop_map(move |(kind, referrer, minute, other, choice)| {
            let side = if referrer {
                Side::Referrer
            } else {
                Side::Recipient
            };
            let data = lives::data(kind, &format!("e-{other}"), choice);
            lives::event(&format!("e-{index}"), kind, side, 60_000 * minute, data)
        })
}

pub fn any_life() -> impl Strategy<Value = Vec<Event>> {
    (1..14usize).prop_flat_map(|length| (0..length).map(any_event).collect::<Vec<_>>())
}
