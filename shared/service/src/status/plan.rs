//! From a referral as it was read and an event to what is written.

use domain::chase;
use domain::decide::{decide, follows};
use domain::event::Event;
use domain::guards::Refusal;
use domain::kind::EventKind;
use domain::payload::{Document, Payload};
use domain::referral::Referral;
use domain::status::Side;
use domain::time::Timestamp;

use crate::deliveries::notices;
use crate::http::{Fault, Problem};
use crate::referrals::{
    Append, Evaluated, Extra, Link, Loaded, past_recipients, stored_ids, waits,
};

/// The most events of a referral. A long life has a hundred; a fold reads all of them.
pub const EVENTS_MAX: i64 = 10_000;

/// What is written when `event` comes to a referral that stands as `loaded`. With `strict` nothing is parked.
///
/// # Errors
/// The problem that the domain's refusal is to a caller; [`Problem::Internal`] when the events that the fold needs were not
/// read.
pub fn plan(
    loaded: &Loaded,
    event: &Event,
    strict: bool,
    now: Timestamp,
) -> Result<Append, Problem> {
    let record = &loaded.record;
    if record.version >= EVENTS_MAX {
        return Err(Problem::TooMany {
            what: "events of one referral",
            limit: usize::try_from(EVENTS_MAX).unwrap_or(usize::MAX),
        });
    }
    if loaded.history.is_none() && !follows(&record.referral, event) {
        return Err(Problem::internal(
            "the fold needs events that were not read",
        ));
    }
    let mut decision = decide(loaded.known(), event, strict).map_err(refused)?;
    let mut new_events = loaded.pending.clone();
    new_events.push(event.clone());
    if let Some(due) = chase::at_once(&decision.referral, &record.policy) {
        let at = arrival(&decision.referral, now);
        let follows = Event::by_system(format!("{}-u", event.id), due, at, now, "policy");
        if decision.referral.step(&follows, None).is_ok() {
            new_events.push(follows);
        }
    }
    let links = Link::chain(&record.id, record.version, &record.tail_hash, &new_events)?;
    let corrects = event.kind == EventKind::ReferralCorrected || loaded.history.is_some();
    Ok(Append {
        id: record.id.clone(),
        version_before: record.version,
        notices: notices(
            &record.id,
            Some(&record.referral),
            &decision.referral,
            &new_events,
            &links,
        )?,
        links,
        evaluated: Evaluated::after(record, &decision.referral, now),
        request: decision.request.filter(|_| corrects),
        extras: extras(&record.referral, &decision.referral, event),
        referral: decision.referral,
        fate: decision.fate,
        taken_in: loaded
            .pending
            .iter()
            .map(|event| event.id.clone())
            .collect(),
        now,
    })
}

/// When an event without a time happened: when it arrived, and after all that is known.
#[must_use]
pub fn arrival(referral: &Referral, now: Timestamp) -> Timestamp {
    let after_the_last = referral.last.at.saturating_add(1);
    let at = now.as_millisecond().max(after_the_last);
    Timestamp::from_millisecond(at).unwrap_or(now)
}

/// The problem that a refusal is to a caller by key.
pub fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::WrongSide => Problem::WrongSide,
        Refusal::NotYet => Problem::NeverLegal {
            reason: "the event is not legal in this version, and with If-Match nothing is parked"
                .to_owned(),
        },
        Refusal::Never { instead: "" } => Problem::NeverLegal {
            reason: "this event can never become legal where the referral stands".to_owned(),
        },
        Refusal::Never { instead } => Problem::NeverLegal {
            reason: instead.to_owned(),
        },
        Refusal::Guard { because } => Problem::GuardFailed {
            reason: because.to_owned(),
        },
        Refusal::Incomplete { pointer, because } => Problem::Invalid(vec![Fault::at(
            format!("/data{pointer}"),
            "required",
            because,
        )]),
    }
}

/// What is looked up beside the referral and changes with this event.
fn extras(before: &Referral, after: &Referral, event: &Event) -> Vec<Extra> {
    let mut extras = Vec::new();
    // An office outside the network has no organisation: what it stored by its letter is kept for the referrer.
    let author = event.by.organization.as_deref().unwrap_or(&after.referrer);
    match event.data.as_ref() {
        Payload::Accepted(accepted) => {
            let is_known = |referral: &Referral| {
                referral
                    .legs
                    .iter()
                    .any(|leg| leg.filler.is_some() && leg.filler == accepted.filler)
            };
            let speaks_for_itself =
                event.by.side == Some(Side::Recipient) && event.reported_by.is_none();
            if let Some(filler) = accepted.filler.clone()
                && speaks_for_itself
                && !is_known(before)
            {
                extras.push(Extra::Identifier {
                    identifier: filler,
                    organization: author.to_owned(),
                });
            }
        }
        data if !data.documents().is_empty() => {
            let ids: Vec<String> = data
                .documents()
                .iter()
                .filter_map(|document| match document {
                    Document::Stored(id) => Some(id.clone()),
                    Document::Linked { .. } => None,
                })
                .collect();
            if !ids.is_empty() {
                extras.push(Extra::Documents {
                    ids,
                    organization: author.to_owned(),
                });
            }
        }
        Payload::InfoSupplied(given) => {
            let ids = stored_ids(&given.supporting);
            if !ids.is_empty() {
                extras.push(Extra::Documents {
                    ids,
                    organization: author.to_owned(),
                });
            }
        }
        _ => {}
    }
    extras.extend(past_recipients(before, after));
    extras.extend(waits(before, after).into_iter().map(Extra::Wait));
    extras
}
