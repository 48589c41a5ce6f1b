//! What somebody can do with a referral now: the events that its side may send and that would count at once, what to do next
//! first, and what each asks for.
//!
//! Invariant: whether an event is legal is asked of [`judge`] with an example of it, and of nothing else. The tables here say
//! in which order a person is shown what is legal, and which members of `data` the person is asked for. Ours, because the
//! standards know transitions and no page.

mod asks;
mod example;

use crate::attention::Attention;
use crate::decide::{Known, decide};
use crate::event::{Author, Event};
use crate::guards::judge;
use crate::kind::EventKind;
use crate::payload::{Dismissible, Payload, Retracted};
use crate::referral::Referral;
use crate::status::{Side, Status};
use crate::time::Timestamp;

pub use asks::asks;
pub use example::example;

/// Who would send the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speaker<'a> {
    /// For which side.
    pub side: Side,
    /// Whose key it is.
    pub organization: &'a str,
    /// Whether it would record what it learned from a side without software.
    pub records: bool,
}

/// How near something is to what has to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// What takes the referral on from where it is.
    Next,
    /// What moves nothing, or little.
    Beside,
    /// What ends it or sends it elsewhere.
    Away,
}

/// A member of an event's `data` that a person is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// Its name; a member of a member as a path: `to/organization`.
    pub member: &'static str,
    /// Whether the event needs it here.
    pub required: bool,
}

/// Something that can be done now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// The event to send.
    pub event: EventKind,
    /// How near it is to what has to be done next.
    pub place: Place,
    /// What it asks for, in the order of a form.
    pub asks: &'static [Asked],
}

/// Everything that `speaker` can do with `referral` now, what to do next first.
#[must_use]
pub fn actions(referral: &Referral, speaker: Speaker<'_>, attention: &[Attention]) -> Vec<Action> {
    let status = referral.status();
    let mut found: Vec<(u8, Action)> = EventKind::ALL
        .iter()
        .copied()
        .filter(|kind| kind.is_sent_by_callers() && is_of_use(referral, *kind, attention))
        .filter_map(|kind| {
            let example = example(referral, kind, speaker, attention)?;
            judge(referral, &example).ok()?;
            let (place, order) = placed(kind, status, speaker.side);
            let asks = asks(kind, status);
            let action = Action {
                event: kind,
                place,
                asks,
            };
            Some((order, action))
        })
        .collect();
    found.sort_by_key(|(order, action)| (action.place, *order, action.event.rank()));
    found.into_iter().map(|(_, action)| action).collect()
}

/// Whether an office says this by the link in its letter: what becomes of its own leg. What takes the referral elsewhere, or changes
/// what was asked or said, it tells the referrer, who has the network before them. Ours.
#[must_use]
pub const fn may_say_by_letter(kind: EventKind) -> bool {
    use EventKind as E;
    matches!(
        kind,
        E::ReferralAccepted
            | E::ReferralDeclined
            | E::ReferralInfoRequested
            | E::AppointmentScheduled
            | E::AppointmentRescheduled
            | E::AppointmentCancelled
            | E::AppointmentConfirmed
            | E::AppointmentNoShow
            | E::ReferralInterimNote
            | E::ReferralOutcome
            | E::ReferralOutcomeAmended
            | E::ReferralCancellationConfirmed
            | E::ReferralCancellationRefused
            | E::ReferralNotCompleted
            | E::ReferralNote
    )
}

/// How many of the newest events are looked at for one that may be taken back: each costs two folds.
pub const RETRACTABLE_MAX: usize = 12;

/// Those of the newest `events` that `by` may take back at `now`, by their ids.
#[must_use]
pub fn retractable(events: &[Event], by: &Author, now: Timestamp) -> Vec<String> {
    let mine =
        |known: &&Event| known.by.side == by.side && known.by.organization == by.organization;
    let newest = events.iter().rev().filter(mine).take(RETRACTABLE_MAX);
    let may_be = |known: &&Event| {
        let data = Payload::Retracted(Retracted {
            event: known.id.clone(),
            reason: String::new(),
        });
        let probe = example::event(EventKind::EventRetracted, data, by.clone(), None, now);
        decide(Known::History(events.to_vec()), &probe, true).is_ok()
    };
    newest
        .filter(may_be)
        .map(|known| known.id.clone())
        .collect()
}

/// Whether there is anything for an event to be about. The guards let a partner's system send some of these twice.
fn is_of_use(referral: &Referral, kind: EventKind, attention: &[Attention]) -> bool {
    match kind {
        EventKind::BarrierResolved => referral.open_barriers().next().is_some(),
        EventKind::AttentionDismissed => dismissible(attention).next().is_some(),
        EventKind::PatientUnreachable => !referral.unreachable,
        EventKind::PatientInformed => referral.closure.patient_informed_at.is_none(),
        EventKind::ReferralAcknowledged => {
            referral.resolution.is_none() || !referral.status().is_ended_without_report()
        }
        _ => true,
    }
}

/// What a person may take off the attention list.
pub fn dismissible(attention: &[Attention]) -> impl Iterator<Item = Dismissible> {
    let names = |what: &&Dismissible| {
        attention
            .iter()
            .any(|attention| attention.as_str() == what.as_str())
    };
    Dismissible::ALL.iter().filter(names).copied()
}

/// What takes a referral on from `status`, by `side`, the usual first.
const fn next(status: Status, side: Side) -> &'static [EventKind] {
    use EventKind as E;
    match (side, status) {
        (Side::Recipient, Status::Sent | Status::InfoRequested) => &[
            E::ReferralAccepted,
            E::ReferralInfoRequested,
            E::ReferralDeclined,
        ],
        (Side::Recipient, Status::Accepted) => &[
            E::AppointmentScheduled,
            E::ReferralInterimNote,
            E::ReferralOutcome,
            E::ReferralInfoRequested,
        ],
        (Side::Recipient, Status::Scheduled) => &[
            E::ReferralOutcome,
            E::ReferralInterimNote,
            E::AppointmentNoShow,
            E::AppointmentRescheduled,
            E::AppointmentCancelled,
            E::AppointmentConfirmed,
        ],
        (Side::Recipient, Status::NoShow) => &[E::AppointmentRescheduled, E::AppointmentCancelled],
        (Side::Recipient, Status::AppointmentCancelled) => &[E::AppointmentScheduled],
        (Side::Recipient, Status::Seen) => &[
            E::ReferralOutcome,
            E::ReferralInterimNote,
            E::AppointmentScheduled,
        ],
        (Side::Recipient, Status::CancellationRequested) => &[
            E::ReferralCancellationConfirmed,
            E::ReferralCancellationRefused,
            E::ReferralOutcome,
        ],
        (Side::Referrer, Status::InfoRequested) => &[E::ReferralInfoSupplied],
        (Side::Referrer, Status::Completed) => &[
            E::ReferralAcknowledged,
            E::PatientInformed,
            E::ReferralDisputed,
        ],
        (Side::Referrer, Status::Closed) => &[E::PatientInformed],
        (Side::Referrer, Status::Declined) => &[
            E::ReferralRedirected,
            E::ReferralDisputed,
            E::ReferralAcknowledged,
            E::PatientInformed,
        ],
        (Side::Referrer, Status::Cancelled | Status::NotCompleted) => &[
            E::ReferralAcknowledged,
            E::PatientInformed,
            E::ReferralRedirected,
        ],
        (Side::Referrer, Status::Scheduled) => &[E::AppointmentConfirmed],
        (Side::Recipient, Status::Completed | Status::Closed) => &[E::ReferralOutcomeAmended],
        (Side::Referrer, _) | (Side::Recipient, _) => &[],
    }
}

/// Where an event stands among what can be done, and its order there.
fn placed(kind: EventKind, status: Status, side: Side) -> (Place, u8) {
    if let Some(order) = (0..)
        .zip(next(status, side))
        .find(|(_, next)| **next == kind)
    {
        return (Place::Next, order.0);
    }
    let away = [
        EventKind::ReferralCancellationRequested,
        EventKind::ReferralDeclined,
        EventKind::ReferralRedirected,
        EventKind::ReferralDisputed,
        EventKind::ReferralNotCompleted,
        EventKind::ReferralEnteredInError,
    ];
    match (0..).zip(away).find(|(_, away)| *away == kind) {
        Some((order, _)) => (Place::Away, order),
        None => (Place::Beside, kind.rank()),
    }
}
