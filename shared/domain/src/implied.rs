//! The steps that must have happened for a parked event to be true, when a person (or the sweep) applies it.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::decide::standing_at;
use crate::event::{Author, Event};
use crate::fold::{Fate, fold};
use crate::kind::EventKind;
use crate::payload::{Payload, Redirected, Remark, Visit};
use crate::referral::Referral;
use crate::status::{Side, Status};
use crate::transitions;

/// Steps that may be taken to have happened. Ends, cancellations and messages never are.
const STEPS: &[(EventKind, Side)] = &[
    (EventKind::ReferralInfoSupplied, Side::Referrer),
    (EventKind::ReferralAccepted, Side::Recipient),
    (EventKind::AppointmentScheduled, Side::Recipient),
    (EventKind::AppointmentRescheduled, Side::Recipient),
    (EventKind::ReferralInterimNote, Side::Recipient),
    (EventKind::ReferralDisputed, Side::Referrer),
    (EventKind::ReferralRedirected, Side::Referrer),
];

/// The fewest steps from where `referral` stands to a status in which `side` may send `kind`; `None` where there are none.
///
/// Whoever says that something happened implies its own earlier steps. Those of the other side only that side may imply, so
/// that nobody insists or redirects in another's name: `applier` is the side that applies, `None` for the system.
#[must_use]
pub fn steps(
    referral: &Referral,
    kind: EventKind,
    side: Side,
    applier: Option<Side>,
) -> Option<Vec<(EventKind, Side)>> {
    let mut seen: Vec<Status> = vec![referral.status()];
    let mut queue: VecDeque<(Status, Vec<(EventKind, Side)>)> =
        VecDeque::from([(referral.status(), Vec::new())]);
    while let Some((status, path)) = queue.pop_front() {
        if transitions::find(kind, side, status).is_some() {
            return Some(path);
        }
        for (step, by) in STEPS {
            let may_imply = *by == side || Some(*by) == applier;
            if !may_imply || (*step == EventKind::ReferralDisputed && !referral.may_insist()) {
                continue;
            }
            let Some(row) = transitions::find(*step, *by, status) else {
                continue;
            };
            if !seen.contains(&row.to) {
                seen.push(row.to);
                let mut longer = path.clone();
                longer.push((*step, *by));
                queue.push_back((row.to, longer));
            }
        }
    }
    None
}

/// The events to store so that the parked event `id` counts: implied steps at its own time, each marked with what implies
/// it. `None` when it is not parked, or nothing could make it count.
///
/// `ids` gives an id for each step; `by` is who applies it, and `because` why.
#[must_use]
#[allow(
    clippy::too_many_arguments,
    reason = "each is one fact of the step that is recorded"
)]
pub fn apply_parked(
    events: &[Event],
    id: &str,
    by: &Author,
    recorded_at: crate::time::Timestamp,
    source: &str,
    because: &str,
    mut ids: impl FnMut() -> String,
) -> Option<Vec<Event>> {
    let folded = fold(events)?;
    if folded.fate(id) != Some(Fate::Parked) {
        return None;
    }
    let parked = events.iter().find(|event| event.id == id)?;
    let there = standing_at(events, &parked.place())?;
    let make = |kind, side: Side, data: Arc<Payload>, id| Event {
        id,
        kind,
        data,
        by: Author {
            organization: by.organization.clone(),
            side: Some(side),
            label: by.label.clone(),
        },
        occurred_at: parked.occurred_at,
        recorded_at,
        source: source.to_owned(),
        source_id: None,
        reported_by: None,
        implied_by: Some(parked.id.clone()),
        implied_step: None,
        implied_because: Some(because.to_owned()),
    };
    let mut implied: Vec<Event> = match (parked.kind, there.status()) {
        // A second report is a newer one.
        (EventKind::ReferralOutcome, Status::Completed | Status::Closed) => vec![make(
            EventKind::ReferralOutcomeAmended,
            Side::Recipient,
            parked.data.clone(),
            ids(),
        )],
        // An amendment of a report that never came is the report.
        (EventKind::ReferralOutcomeAmended, status) if status != Status::EnteredInError => {
            let mut path: Vec<Event> =
                steps(&there, EventKind::ReferralOutcome, Side::Recipient, by.side)?
                    .into_iter()
                    .map(|(kind, side)| make(kind, side, Arc::new(blank(kind, &there)), ids()))
                    .collect();
            path.push(make(
                EventKind::ReferralOutcome,
                Side::Recipient,
                parked.data.clone(),
                ids(),
            ));
            path
        }
        (kind, _) => steps(&there, kind, parked.by.side?, by.side)?
            .into_iter()
            .map(|(kind, side)| make(kind, side, Arc::new(blank(kind, &there)), ids()))
            .collect(),
    };
    for (step, event) in (0..).zip(&mut implied) {
        event.implied_step = Some(step);
    }
    let mut all = events.to_vec();
    all.extend(implied.iter().cloned());
    let after = fold(&all)?;
    let counts = after.fate(id) == Some(Fate::Applied)
        || implied.last().is_some_and(|last| {
            last.data == parked.data && after.fate(&last.id) == Some(Fate::Applied)
        });
    counts.then_some(implied)
}

/// What is known of a step that nobody reported: nothing.
fn blank(kind: EventKind, referral: &Referral) -> Payload {
    match kind {
        EventKind::ReferralAccepted => Payload::Accepted(crate::payload::Accepted {
            filler: None,
            performer: None,
        }),
        EventKind::AppointmentScheduled | EventKind::AppointmentRescheduled => {
            Payload::Visit(Visit {
                start: None,
                end: None,
                location: None,
                by: None,
            })
        }
        EventKind::ReferralInterimNote => Payload::InterimNote(crate::payload::InterimNote {
            note: None,
            visit_on: None,
            documents: Vec::new(),
        }),
        EventKind::ReferralInfoSupplied => Payload::InfoSupplied(crate::payload::InfoSupplied {
            question: None,
            supporting: Vec::new(),
            note: None,
        }),
        EventKind::ReferralRedirected => match referral.leg() {
            Some(leg) => Payload::Redirected(Redirected {
                to: leg.recipient.clone(),
                reason: "implied".to_owned(),
                specialty: referral.specialty.clone(),
                requirements: referral.requirements.clone(),
            }),
            None => nothing(),
        },
        _ => nothing(),
    }
}

const fn nothing() -> Payload {
    Payload::Remark(Remark {
        reason: None,
        note: None,
        documents: Vec::new(),
    })
}
