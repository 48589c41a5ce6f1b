//! What becomes of an event that has just arrived.

use crate::event::{Event, Place};
use crate::fold::{Fate, Folded, expired, fold, retracted, retracted_by};
use crate::guards::{Refusal, judge, speaks_for_present_leg};
use crate::kind::EventKind;
use crate::payload::Payload;
use crate::referral::Referral;
use crate::request::Request;
use crate::status::{Side, Status};

/// How many retractions of a referral may wait for events that have not come.
pub const AWAITED_RETRACTIONS_MAX: usize = 50;

/// What is known of a referral when an event arrives.
#[derive(Debug, Clone)]
pub enum Known {
    /// The stored row: enough for an event that comes after everything stored. The request only where it is needed.
    Row(Box<Referral>, Option<Box<Request>>),
    /// All stored events: needed for one that falls before the last, or that takes one back.
    History(Vec<Event>),
}

/// What an event did.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// How the referral stands with it.
    pub referral: Referral,
    /// The request with its corrections, where it was known.
    pub request: Option<Request>,
    /// Whether it counts already.
    pub fate: Fate,
}

/// Whether `event` can be decided on the stored row alone.
#[must_use]
pub fn follows(referral: &Referral, event: &Event) -> bool {
    let needs_all = event.kind == EventKind::EventRetracted
        || (event.kind == EventKind::ReferralCancellationRefused
            && referral.status() != Status::CancellationRequested);
    event.place() > referral.last && !needs_all && referral.awaited_retractions.is_empty()
}

/// Decides what `event` does. With `strict` (a caller that named a version) nothing is parked.
///
/// # Errors
/// The [`Refusal`]: nothing is to be stored. [`Refusal::NotYet`] comes only with `strict`.
pub fn decide(known: Known, event: &Event, strict: bool) -> Result<Decision, Refusal> {
    match known {
        Known::Row(referral, request) => on_row(*referral, request.map(|it| *it), event, strict),
        Known::History(events) => on_history(events, event, strict),
    }
}

fn on_row(
    mut referral: Referral,
    mut request: Option<Request>,
    event: &Event,
    strict: bool,
) -> Result<Decision, Refusal> {
    let fate = match referral.step(event, request.as_mut()) {
        Ok(()) => Fate::Applied,
        Err(refusal) => parked_or_refused(refusal, strict)?,
    };
    Ok(Decision {
        referral,
        request,
        fate,
    })
}

fn on_history(mut events: Vec<Event>, event: &Event, strict: bool) -> Result<Decision, Refusal> {
    let place = event.place();
    let without = fold(&events);
    if event.kind == EventKind::EventRetracted {
        may_retract(&events, without.as_ref(), event, strict)?;
    } else if let Some(there) = standing_at(&events, &place)
        && let Err(refusal) = judge(&there, event)
    {
        parked_or_refused(refusal, strict)?;
    }
    events.push(event.clone());
    let folded = fold(&events).ok_or(Refusal::NotYet)?;
    let fate = folded.fate(&event.id).unwrap_or(Fate::Parked);
    Ok(Decision {
        referral: folded.referral,
        request: Some(folded.request),
        fate,
    })
}

/// How the referral stood just before `place`, without what was taken back or has expired since.
#[must_use]
pub fn standing_at(events: &[Event], place: &Place) -> Option<Referral> {
    let (gone, expired) = (retracted(events), expired(events));
    let before: Vec<Event> = events
        .iter()
        .filter(|known| known.place() < *place || known.kind == EventKind::ReferralSent)
        .filter(|known| !gone.contains(known.id.as_str()) && !expired.contains(known.id.as_str()))
        .cloned()
        .collect();
    Some(fold(&before)?.referral)
}

fn parked_or_refused(refusal: Refusal, strict: bool) -> Result<Fate, Refusal> {
    match refusal {
        Refusal::NotYet if !strict => Ok(Fate::Parked),
        refused => Err(refused),
    }
}

/// A slip may be taken back by the side that sent it, while nothing that counts rests on it.
fn may_retract(
    events: &[Event],
    with: Option<&Folded>,
    event: &Event,
    strict: bool,
) -> Result<(), Refusal> {
    let Payload::Retracted(retracted) = event.data.as_ref() else {
        return Err(Refusal::WrongSide);
    };
    let named = |known: &&Event| known.is_named(&retracted.event, event);
    let Some(target) = events.iter().find(named) else {
        return may_await(events, with, event, strict);
    };
    if retracted_by(events, event).is_none() {
        return Err(if target.by.side == event.by.side {
            Refusal::Never {
                instead: "this event cannot be taken back",
            }
        } else {
            Refusal::WrongSide
        });
    }
    let id = target.id.clone();
    if with.is_some_and(|with| with.fate(&id) == Some(Fate::Retracted)) {
        return Err(Refusal::Guard {
            because: "this event was taken back already",
        });
    }
    let mut after: Vec<Event> = events.to_vec();
    after.push(event.clone());
    // What happened after the retraction rests on what was known by then: it may wait for an event that is still to come.
    let newly_parked = |folded: &Folded| {
        let earlier = folded.fates.iter().take_while(|(id, ..)| *id != event.id);
        earlier
            .filter(|(_, fate, _)| *fate == Fate::Parked)
            .any(|(id, ..)| with.is_some_and(|with| with.fate(id) == Some(Fate::Applied)))
    };
    if fold(&after).as_ref().is_some_and(newly_parked) {
        return Err(Refusal::Guard {
            because: "later events rest on this one",
        });
    }
    Ok(())
}

/// The event that is taken back may be on its way: the two are parked until they meet. Whoever had no say in the referral
/// when it happened takes nothing back.
fn may_await(
    events: &[Event],
    with: Option<&Folded>,
    event: &Event,
    strict: bool,
) -> Result<(), Refusal> {
    if event.by.side == Some(Side::Recipient)
        && let Some(there) = standing_at(events, &event.place())
    {
        match speaks_for_present_leg(&there, event) {
            Ok(()) | Err(Refusal::NotYet) => {}
            Err(refusal) => return Err(refusal),
        }
    }
    let awaited = with.map_or(0, |with| with.referral.awaited_retractions.len());
    if strict {
        Err(Refusal::NotYet)
    } else if awaited >= AWAITED_RETRACTIONS_MAX {
        Err(Refusal::Guard {
            because: "too many retractions wait for their events",
        })
    } else {
        Ok(())
    }
}
