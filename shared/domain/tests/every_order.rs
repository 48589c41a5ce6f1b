//! Whole lives through every order of arrival: whichever comes first, late or twice, the end is the same, nothing is refused
//! and nothing is left waiting. (In two of them the tables answer 409 to an event until the one before it is here.)
//!
//! A life of up to seven events after its first is taken through all of its orders, a longer one through 10,000 seeded ones. In
//! each, events come twice here and there. When an event was learned of differs from order to order; nothing of the end state
//! may depend on it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that fails says where"
)]

mod lives;

use domain::event::Event;
use domain::guards::Refusal;
use domain::status::Status;
use lives::shelf::{Received, Shelf};
use lives::whole::{self, Life};

/// The longest life that is taken through every order: 7! is 5,040.
const EVERY_ORDER_EVENTS_MAX: usize = 7;

/// How many orders of a longer one are tried.
const SEEDED_ORDERS: usize = 10_000;

/// One event in so many comes twice.
const REPEAT_ONE_IN: usize = 3;

/// Fixed, so that a failure comes again.
const SEED: u64 = 0x5eed_0f0d_d1ce;

/// When the first event of an order is learned of: after all of them have happened.
const LEARNED_FROM_MS: i64 = 24 * 60 * 60 * 1_000;

/// xorshift64*: small, and the same everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(drawn).unwrap() % bound
    }

    fn shuffle(&mut self, order: &mut [usize]) {
        for last in (1..order.len()).rev() {
            order.swap(last, self.below(last + 1));
        }
    }
}

/// The order after this one in the order of the dictionary; false after the last.
fn next_order(order: &mut [usize]) -> bool {
    let Some(pivot) = order.windows(2).rposition(|pair| pair[0] < pair[1]) else {
        return false;
    };
    let successor = order.iter().rposition(|at| *at > order[pivot]).unwrap();
    order.swap(pivot, successor);
    order[pivot + 1..].reverse();
    true
}

/// The events of a life in the order in which they happened, each learned of as it happened.
fn in_natural_order(life: &Life) -> Shelf {
    let mut shelf = Shelf::new();
    for event in &life.events {
        let received = shelf.receive(event);
        assert_eq!(received, Received::Stored, "{}: {event:?}", life.name);
    }
    shelf
}

/// The events in another order, some of them twice.
fn in_order(life: &Life, order: &[usize], dice: &mut Dice) -> Shelf {
    let mut shelf = Shelf::new();
    let mut clock = LEARNED_FROM_MS..;
    let mut learn = |event: &Event| Event {
        recorded_at: lives::at(clock.next().unwrap()),
        ..event.clone()
    };
    let mut refused = Vec::new();
    for (came, at) in order.iter().enumerate() {
        let event = &life.events[*at];
        match shelf.receive(&learn(event)) {
            Received::Stored => {}
            Received::Refused(Refusal::Never { .. })
                if life.sent_again.contains(&event.id.as_str()) =>
            {
                refused.push(event);
            }
            other => panic!("{}: {} in {order:?}: {other:?}", life.name, event.id),
        }
        let again = &life.events[order[dice.below(came + 1)]];
        let is_stored = refused.iter().all(|event| event.id != again.id);
        if is_stored && dice.below(REPEAT_ONE_IN) == 0 {
            assert_eq!(shelf.receive(&learn(again)), Received::Again);
        }
    }
    for event in refused {
        let received = shelf.receive(&learn(event));
        assert_eq!(received, Received::Stored, "{}: {order:?}", life.name);
    }
    shelf
}

fn assert_same_end(life: &Life, order: &[usize], shelf: &Shelf, natural: &Shelf) {
    let name = life.name;
    assert_eq!(shelf.referral, natural.referral, "{name}: {order:?}");
    assert_eq!(shelf.request, natural.request, "{name}: {order:?}");
    assert_eq!(
        shelf.events.len(),
        life.events.len() + 1,
        "{name}: {order:?}"
    );
}

/// Takes a life through its orders; says how many they were.
fn every_order(life: &Life) -> usize {
    let natural = in_natural_order(life);
    let ended: Vec<Status> = natural.referral.legs.iter().map(|leg| leg.status).collect();
    assert_eq!(ended, life.legs, "{}", life.name);
    assert_eq!(natural.referral.turn, None, "{}", life.name);
    assert_eq!(natural.referral.parked, vec![], "{}", life.name);
    assert!(natural.referral.awaited_retractions.is_empty());

    let mut dice = Dice(SEED);
    let mut order: Vec<usize> = (0..life.events.len()).collect();
    let mut tried = 0;
    loop {
        let shelf = in_order(life, &order, &mut dice);
        assert_same_end(life, &order, &shelf, &natural);
        tried += 1;
        if life.events.len() > EVERY_ORDER_EVENTS_MAX {
            if tried == SEEDED_ORDERS {
                return tried;
            }
            dice.shuffle(&mut order);
        } else if !next_order(&mut order) {
            return tried;
        }
    }
}

macro_rules! the_end_is_the_same_whatever_comes_first_when {
    ($($life:ident)+) => {
        $(#[test]
        fn $life() {
            let life = whole::$life();
            let all: usize = (1..=life.events.len()).product();
            assert_eq!(every_order(&life), all.min(SEEDED_ORDERS));
        })+
    };
}

the_end_is_the_same_whatever_comes_first_when! {
    it_closes_by_the_usual_course
    everything_has_the_same_time
    the_patient_misses_a_visit_and_is_booked_again
    the_recipient_asks_and_the_referrer_answers
    the_referrer_insists_after_a_decline
    the_first_recipient_sends_it_on
    the_referrer_takes_it_to_another_recipient
    it_is_cancelled_by_agreement
    a_cancellation_is_refused
    a_refused_cancellation_is_taken_back
    the_patient_is_lost_and_found
    a_visit_was_booked_by_mistake
    a_referral_was_declined_by_mistake
    both_recipients_take_a_slip_back
    the_report_is_amended
    advice_is_taken
    advice_in_place_of_a_visit_is_disputed
    it_is_not_completed
    the_request_changes_on_the_way
    a_partner_sends_no_finer_status
    it_was_the_wrong_patient
}
