//! An example of each kind of event, as little as is legal: what the guards are asked about.

use std::sync::Arc;

use super::{Speaker, dismissible};
use crate::attention::Attention;
use crate::event::{Author, Event};
use crate::kind::EventKind;
use crate::payload::{
    Accepted, Acknowledged, BarrierKind, BarrierRaised, BarrierResolved, ContactOutcome, Contacted,
    Corrected, DeclineReason, Declined, Dismissed, InfoRequested, InfoSupplied, Informed,
    InterimNote, NotCompleted, NotCompletedReason, Outcome, Payload, Redirected, Remark,
    ReportedBy, Resolution, Unreachable, UrgencyChanged, Visit, VisitCancelled,
};
use crate::referral::Referral;
use crate::request::{PatientChanges, Recipient, RequestChanges};
use crate::time::Timestamp;

/// An event as a person would send it with the form filled in; `None` where there is nothing that it could be about.
#[must_use]
pub fn example(
    referral: &Referral,
    kind: EventKind,
    speaker: Speaker<'_>,
    attention: &[Attention],
) -> Option<Event> {
    let data = payload(referral, kind, attention)?;
    let by = Author {
        organization: Some(speaker.organization.to_owned()),
        side: Some(speaker.side),
        label: None,
    };
    let reported_by = speaker.records.then_some(ReportedBy::Phone);
    Some(event(kind, data, by, reported_by, referral.stage_since))
}

/// An event that is judged and never stored.
pub(super) fn event(
    kind: EventKind,
    data: Payload,
    by: Author,
    reported_by: Option<ReportedBy>,
    at: Timestamp,
) -> Event {
    Event {
        id: "~".to_owned(),
        kind,
        data: Arc::new(data),
        by,
        occurred_at: at,
        recorded_at: at,
        source: "page".to_owned(),
        source_id: None,
        reported_by,
        implied_by: None,
        implied_step: None,
        implied_because: None,
    }
}

/// What such an event may say where `referral` stands.
fn payload(referral: &Referral, kind: EventKind, attention: &[Attention]) -> Option<Payload> {
    use EventKind as E;
    let reason = String::new;
    Some(match kind {
        E::ReferralAccepted => Payload::Accepted(Accepted {
            filler: None,
            performer: None,
        }),
        E::ReferralDeclined => Payload::Declined(Declined {
            reason: DeclineReason::Other,
            note: None,
            alternative: None,
        }),
        E::AppointmentScheduled | E::AppointmentRescheduled => Payload::Visit(Visit {
            start: Some(referral.stage_since),
            end: None,
            location: None,
            by: None,
        }),
        E::AppointmentCancelled => Payload::VisitCancelled(VisitCancelled {
            reason: None,
            by: None,
        }),
        E::ReferralInterimNote => Payload::InterimNote(InterimNote {
            note: None,
            visit_on: None,
            documents: Vec::new(),
        }),
        E::ReferralOutcome | E::ReferralOutcomeAmended => Payload::Outcome(Outcome {
            visit_on: None,
            advice: false,
            summary: None,
            next_steps: Vec::new(),
            documents: Vec::new(),
            performer: None,
        }),
        E::ReferralInfoRequested => Payload::InfoRequested(InfoRequested {
            question: None,
            requirements: Vec::new(),
        }),
        E::ReferralInfoSupplied => Payload::InfoSupplied(InfoSupplied {
            question: None,
            supporting: Vec::new(),
            note: None,
        }),
        E::ReferralRedirected => Payload::Redirected(Redirected {
            to: Recipient::Member {
                organization: String::new(),
                service: None,
            },
            reason: reason(),
            specialty: None,
            requirements: Vec::new(),
        }),
        E::ReferralCorrected => Payload::Corrected(Box::new(Corrected {
            // All that either side may correct.
            changes: RequestChanges {
                patient: Some(PatientChanges::default()),
                ..RequestChanges::default()
            },
            reason: reason(),
        })),
        E::PatientContacted => Payload::Contacted(Contacted {
            channel: reason(),
            outcome: ContactOutcome::Reached,
            note: None,
        }),
        E::PatientUnreachable => Payload::Unreachable(Unreachable {
            reason: None,
            note: None,
            attempts: None,
        }),
        E::ReferralNotCompleted => Payload::NotCompleted(NotCompleted {
            reason: NotCompletedReason::Other,
            note: None,
        }),
        E::ReferralAcknowledged => Payload::Acknowledged(acknowledged(referral)),
        E::PatientInformed => Payload::Informed(Informed {
            channel: reason(),
            note: None,
        }),
        E::ReferralUrgencyChanged => Payload::UrgencyChanged(UrgencyChanged {
            urgency: referral.urgency(),
            reason: reason(),
        }),
        E::BarrierRaised => Payload::BarrierRaised(BarrierRaised {
            kind: BarrierKind::Other,
            owner: reason(),
            due_at: referral.stage_since,
            note: None,
        }),
        E::BarrierResolved => Payload::BarrierResolved(BarrierResolved {
            barrier: referral.open_barriers().next()?.id.clone(),
            number: None,
            valid_until: None,
            note: None,
        }),
        E::AttentionDismissed => Payload::Dismissed(Dismissed {
            what: dismissible(attention).next()?,
            reason: reason(),
        }),
        E::AppointmentNoShow
        | E::ReferralCancellationRequested
        | E::ReferralCancellationConfirmed
        | E::ReferralCancellationRefused
        | E::ReferralDisputed
        | E::ReferralNote
        | E::AppointmentConfirmed
        | E::ReferralEnteredInError => Payload::Remark(Remark {
            reason: None,
            note: None,
            documents: Vec::new(),
        }),
        // Of one event at a time: `retractable`.
        E::EventRetracted => return None,
        E::ReferralSent
        | E::ReferralOverdue
        | E::ReferralEscalated
        | E::ReminderDue
        | E::EventExpired
        | E::PatientMerged => return None,
    })
}

/// The acknowledgement that fits: of the newest report, or of an end without one.
fn acknowledged(referral: &Referral) -> Acknowledged {
    if referral.status().is_ended_without_report() {
        return Acknowledged {
            resolution: Some(Resolution::Other),
            ..Acknowledged::default()
        };
    }
    Acknowledged {
        report: referral.newest_report().map(|report| report.id.clone()),
        care_plan_changed: Some(false),
        ..Acknowledged::default()
    }
}
