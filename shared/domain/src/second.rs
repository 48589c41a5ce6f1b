//! Where in its second an event happened whose sender tells the time by the second.
//!
//! HL7 v2 and many scheduling systems have no finer times, and what others say of the same referral has milliseconds. Ours,
//! because the seconds alone would place an answer before the question that it followed.

use crate::event::Event;
use crate::guards::judge;
use crate::referral::Referral;
use crate::time::Timestamp;

const SECOND_MS: i64 = 1_000;

/// When `event`, which has just arrived and whose time is in whole seconds, is taken to have happened.
///
/// After everything known of that second, where it is legal there. Where something of that second waits for its place, or it
/// would not be legal, it stays at its time: among events of one instant the usual course of a referral decides
/// ([`EventKind::rank`](crate::kind::EventKind::rank)).
#[must_use]
pub fn settled(referral: &Referral, event: &Event) -> Timestamp {
    let said = event.occurred_at.as_millisecond();
    let is_in_it = |at: i64| (said..said.saturating_add(SECOND_MS)).contains(&at);
    let mut waiting = referral.parked.iter();
    let after_the_last = referral.last.at.saturating_add(1);
    if !is_in_it(referral.last.at)
        || !is_in_it(after_the_last)
        || waiting.any(|parked| is_in_it(parked.occurred_at.as_millisecond()))
    {
        return event.occurred_at;
    }
    let Ok(occurred_at) = Timestamp::from_millisecond(after_the_last) else {
        return event.occurred_at;
    };
    let moved = Event {
        occurred_at,
        ..event.clone()
    };
    if judge(referral, &moved).is_ok() {
        occurred_at
    } else {
        event.occurred_at
    }
}
