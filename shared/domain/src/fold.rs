//! The fold: events in the order in which they happened, skipping (parking) what is not legal at its place.
//!
//! Invariant: what a referral is depends on the set of its stored events alone, never on the order in which they came.

use std::collections::HashSet;

use crate::event::Event;
use crate::guards::{Refusal, judge};
use crate::kind::EventKind;
use crate::payload::{Payload, Sent};
use crate::referral::{Leg, Parked, Referral, Traits, UrgencyFrom};
use crate::request::Request;
use crate::status::{BusinessStatus, Side, Status, TaskStatus};
use crate::{checklist, completeness};

mod apply;
mod ends;
mod information;
mod visit;
mod wait;

/// What the fold made of one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It counts.
    Applied,
    /// It waits for its place.
    Parked,
    /// Its sender took it back.
    Retracted,
    /// It has waited for its place for as long as the policy let it, and counts no more.
    Expired,
}

/// A referral and what it was folded from.
#[derive(Debug, Clone, PartialEq)]
pub struct Folded {
    /// How it stands.
    pub referral: Referral,
    /// The request, with its corrections.
    pub request: Request,
    /// What became of each event, and the leg it belongs to, in the order of the fold.
    pub fates: Vec<(String, Fate, u32)>,
}

impl Folded {
    /// What became of the event with this id.
    #[must_use]
    pub fn fate(&self, id: &str) -> Option<Fate> {
        self.fates
            .iter()
            .find(|(known, ..)| known == id)
            .map(|(_, fate, _)| *fate)
    }
}

/// Folds `events`, in whatever order they are given. `None` when the first event of all, the request, is not among them.
#[must_use]
pub fn fold(events: &[Event]) -> Option<Folded> {
    fold_watched(events, &mut |_, _| {})
}

/// The same for somebody who watches: `watch` is shown how the referral stands after each event.
pub(crate) fn fold_watched(
    events: &[Event],
    watch: &mut dyn FnMut(&Referral, &Event),
) -> Option<Folded> {
    let sent = events
        .iter()
        .find(|event| event.kind == EventKind::ReferralSent)?;
    let Payload::Sent(first) = sent.data.as_ref() else {
        return None;
    };
    let mut request = first.request.clone();
    let mut referral = Referral::sent(sent, first);
    watch(&referral, sent);
    let mut fates = vec![(sent.id.clone(), Fate::Applied, 1)];
    let retracted = retracted(events);
    let expired = expired(events);
    let mut seen: HashSet<&str> = HashSet::from([sent.id.as_str()]);
    // Reports that count by the copy that was made of them when they were applied.
    let mut counted: HashSet<&str> = HashSet::new();
    for event in in_order(events) {
        if !seen.insert(&event.id) {
            continue;
        }
        let is_expired = expired.contains(event.id.as_str());
        let fate = if is_expired && !retracted.contains(event.id.as_str()) {
            referral.remember_place(event);
            Fate::Expired
        } else if event.kind == EventKind::EventRetracted {
            referral.settle_retraction(event, retracted_by(events, event).is_some())
        } else if retracted.contains(event.id.as_str())
            || referral.is_answer_to_nothing(event, events, &retracted)
        {
            referral.remember_place(event);
            Fate::Retracted
        } else if counted.contains(event.id.as_str()) {
            referral.remember_place(event);
            Fate::Applied
        } else {
            match referral.step(event, Some(&mut request)) {
                Ok(()) => Fate::Applied,
                Err(_) => Fate::Parked,
            }
        };
        if let (Fate::Applied, Some(original)) = (fate, &event.implied_by)
            && event.kind.is_report()
            && is_copy(event, original, events)
        {
            counted.insert(original);
        }
        watch(&referral, event);
        let leg = referral.leg().map_or(1, |leg| leg.leg);
        fates.push((event.id.clone(), fate, leg));
    }
    Some(Folded {
        referral,
        request,
        fates,
    })
}

/// Whether `event` says what the event `original` says.
fn is_copy(event: &Event, original: &str, events: &[Event]) -> bool {
    events
        .iter()
        .any(|other| other.id == original && other.data == event.data)
}

/// The events after the first, by place.
fn in_order(events: &[Event]) -> Vec<&Event> {
    let mut ordered: Vec<&Event> = events
        .iter()
        .filter(|event| event.kind != EventKind::ReferralSent)
        .collect();
    ordered.sort_by_cached_key(|event| event.place());
    ordered
}

/// The event that `retraction` takes back, if it is there and was the same side's to take back.
#[must_use]
pub fn retracted_by<'a>(events: &'a [Event], retraction: &Event) -> Option<&'a Event> {
    let Payload::Retracted(retracted) = retraction.data.as_ref() else {
        return None;
    };
    events.iter().find(|event| {
        event.is_named(&retracted.event, retraction)
            && event.by.side == retraction.by.side
            && event.by.organization == retraction.by.organization
            && event.implied_by.is_none()
            && event.kind.is_sent_by_callers()
            && event.kind != EventKind::EventRetracted
    })
}

/// The ids of events that have waited for their place for as long as the policy let them. Reports never do.
#[must_use]
pub fn expired(events: &[Event]) -> HashSet<&str> {
    let named: HashSet<&str> = events
        .iter()
        .filter(|event| event.by.side.is_none())
        .filter_map(|event| match event.data.as_ref() {
            Payload::Expired(expired) => Some(expired.event.as_str()),
            _ => None,
        })
        .collect();
    events
        .iter()
        .filter(|event| event.kind.is_sent_by_callers() && !event.kind.is_report())
        .map(|event| event.id.as_str())
        .filter(|id| named.contains(id))
        .collect()
}

/// The ids of all events that were taken back, and of the steps that only they implied.
#[must_use]
pub fn retracted(events: &[Event]) -> HashSet<&str> {
    let expired = expired(events);
    let mut ids: HashSet<&str> = events
        .iter()
        .filter(|event| event.kind == EventKind::EventRetracted)
        .filter(|event| !expired.contains(event.id.as_str()))
        .filter_map(|retraction| retracted_by(events, retraction))
        .map(|event| event.id.as_str())
        .collect();
    if !ids.is_empty() {
        let implied: Vec<&str> = events
            .iter()
            .filter(|event| {
                event
                    .implied_by
                    .as_deref()
                    .is_some_and(|by| ids.contains(by))
            })
            .map(|event| event.id.as_str())
            .collect();
        ids.extend(implied);
    }
    ids
}

impl Referral {
    /// Whether `event` refuses a cancellation that was taken back: it falls with what it answers.
    fn is_answer_to_nothing(
        &self,
        event: &Event,
        events: &[Event],
        retracted: &HashSet<&str>,
    ) -> bool {
        event.kind == EventKind::ReferralCancellationRefused
            && self.status() != Status::CancellationRequested
            && events.iter().any(|asked| {
                asked.kind == EventKind::ReferralCancellationRequested
                    && retracted.contains(asked.id.as_str())
            })
    }

    /// The referral that the first event makes.
    #[must_use]
    pub fn sent(event: &Event, sent: &Sent) -> Self {
        let at = event.occurred_at;
        let request = &sent.request;
        let today = at.date();
        let checks = checklist::check(
            &sent.requirements,
            &request.supporting,
            &request.overrides,
            today,
        );
        Self {
            network: sent.network.clone(),
            referrer: sent.referrer.clone(),
            placer: request.placer.clone(),
            traits: Traits::of(request),
            urgencies: vec![UrgencyFrom {
                urgency: request.urgency,
                from: at,
            }],
            urgency_proposed: None,
            specialty: sent.specialty.clone(),
            sent_at: at,
            legs: vec![Leg::new(1, request.recipient.clone(), at, false)],
            turn: Some(Side::Recipient),
            stage_since: at,
            closure: crate::referral::Closure::default(),
            requirements: sent.requirements.clone(),
            missing: completeness::missing(request, &checks),
            checks,
            overrides: request.overrides.clone(),
            supplied: Vec::new(),
            questions: Vec::new(),
            pauses: Vec::new(),
            barriers: Vec::new(),
            insisted: Vec::new(),
            unreachable: false,
            unreachable_since: None,
            failed_contacts: 0,
            contacts: Vec::new(),
            reached_at: None,
            no_shows: 0,
            reschedules: 0,
            disputed_with: Vec::new(),
            resolution: None,
            patient_expects_visit: false,
            possible_duplicates: sent.possible_duplicates.clone(),
            parked: Vec::new(),
            dismissed_events: Vec::new(),
            awaited_retractions: Vec::new(),
            breaches: Vec::new(),
            escalations: Vec::new(),
            reminders: Vec::new(),
            risk_dismissed_at: None,
            last: event.place(),
        }
    }

    /// Takes the next event in order: applies it where it is legal, parks it where it is not.
    ///
    /// `request` is needed for a correction; without it a correction changes what the rules know and not the request.
    ///
    /// # Errors
    /// Why it was parked.
    pub fn step(&mut self, event: &Event, request: Option<&mut Request>) -> Result<(), Refusal> {
        self.remember_place(event);
        match judge(self, event) {
            Ok(row) => {
                self.apply(row, event, request);
                Ok(())
            }
            Err(refusal) => {
                self.park(event);
                Err(refusal)
            }
        }
    }

    fn remember_place(&mut self, event: &Event) {
        let place = event.place();
        if place > self.last {
            self.last = place;
        }
    }

    fn park(&mut self, event: &Event) {
        if event.kind.is_report() {
            let received_at = &mut self.closure.report_received_at;
            received_at.get_or_insert(event.occurred_at);
        }
        let retracts = match event.data.as_ref() {
            Payload::Retracted(retracted) => Some(retracted.event.clone()),
            _ => None,
        };
        self.parked.push(Parked {
            id: event.id.clone(),
            kind: event.kind,
            occurred_at: event.occurred_at,
            recorded_at: event.recorded_at,
            retracts,
        });
    }

    fn settle_retraction(&mut self, event: &Event, has_met_its_event: bool) -> Fate {
        self.remember_place(event);
        if has_met_its_event {
            return Fate::Applied;
        }
        if let Payload::Retracted(retracted) = event.data.as_ref() {
            self.awaited_retractions.push(retracted.event.clone());
        }
        self.park(event);
        Fate::Parked
    }
}

impl Leg {
    /// A leg that has just been sent.
    #[must_use]
    pub fn new(
        leg: u32,
        recipient: crate::request::Recipient,
        at: crate::time::Timestamp,
        disputed: bool,
    ) -> Self {
        Self {
            leg,
            recipient,
            status: Status::Sent,
            business_status: BusinessStatus::AwaitingAcceptance,
            task_status: TaskStatus::Received,
            started_at: at,
            ended_at: None,
            end_reason: None,
            end_note: None,
            missing: Vec::new(),
            filler: None,
            performer: None,
            accepted_at: None,
            booked_first_at: None,
            appointment: None,
            seen_at: None,
            reports: Vec::new(),
            disputed,
            dispute_reason: None,
        }
    }
}
