//! What each kind of event says, beside who said it and when.

mod answers;
mod codes;
mod course;
mod report;
mod told;

use serde::{Deserialize, Deserializer, Serialize};

use crate::kind::EventKind;
use crate::merges::Merge;

pub use answers::{
    Accepted, Declined, InfoRequested, InfoSupplied, InterimNote, Outcome, Remark, Visit,
    VisitCancelled,
};
pub use codes::{
    Answered, BarrierKind, ContactOutcome, DeclineReason, Dismissible, MovedBy, NotCompletedReason,
    Reminded, ReportedBy, Resolution,
};
pub use course::{
    Acknowledged, BarrierRaised, BarrierResolved, Contacted, Corrected, Dismissed, Informed,
    NotCompleted, Redirected, Retracted, Sent, Unreachable, UrgencyChanged,
};
pub use report::{Document, NextStep};
pub use told::{Escalated, Expired, Overdue, Reminder};

/// What an event says.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[allow(
    missing_docs,
    reason = "one variant a kind of event; the kinds are documented"
)]
pub enum Payload {
    Sent(Box<Sent>),
    Accepted(Accepted),
    Declined(Declined),
    Visit(Visit),
    VisitCancelled(VisitCancelled),
    InterimNote(InterimNote),
    Outcome(Outcome),
    InfoRequested(InfoRequested),
    InfoSupplied(InfoSupplied),
    Redirected(Redirected),
    Corrected(Box<Corrected>),
    Contacted(Contacted),
    NotCompleted(NotCompleted),
    Acknowledged(Acknowledged),
    Informed(Informed),
    UrgencyChanged(UrgencyChanged),
    BarrierRaised(BarrierRaised),
    BarrierResolved(BarrierResolved),
    Retracted(Retracted),
    Dismissed(Dismissed),
    Unreachable(Unreachable),
    Overdue(Overdue),
    Escalated(Escalated),
    Reminder(Reminder),
    Expired(Expired),
    Merged(Merge),
    Remark(Remark),
}

impl Payload {
    /// The documents that it names.
    #[must_use]
    pub fn documents(&self) -> &[Document] {
        match self {
            Self::Outcome(outcome) => &outcome.documents,
            Self::InterimNote(note) => &note.documents,
            Self::Remark(remark) => &remark.documents,
            _ => &[],
        }
    }

    /// The same, to add to; `None` for what names none. Of what is only a remark a note alone names documents.
    #[must_use]
    pub const fn documents_of(&mut self, kind: EventKind) -> Option<&mut Vec<Document>> {
        match self {
            Self::Outcome(outcome) => Some(&mut outcome.documents),
            Self::InterimNote(note) => Some(&mut note.documents),
            Self::Remark(remark) if matches!(kind, EventKind::ReferralNote) => {
                Some(&mut remark.documents)
            }
            _ => None,
        }
    }

    /// Reads the payload of a `kind` of event.
    ///
    /// # Errors
    /// The deserializer's, when `data` has not this kind's members.
    pub fn read<'de, D: Deserializer<'de>>(kind: EventKind, data: D) -> Result<Self, D::Error> {
        use EventKind as E;
        Ok(match kind {
            E::ReferralSent => Self::Sent(Box::new(Sent::deserialize(data)?)),
            E::ReferralAccepted => Self::Accepted(Accepted::deserialize(data)?),
            E::ReferralDeclined => Self::Declined(Declined::deserialize(data)?),
            E::AppointmentScheduled | E::AppointmentRescheduled => {
                Self::Visit(Visit::deserialize(data)?)
            }
            E::AppointmentCancelled => Self::VisitCancelled(VisitCancelled::deserialize(data)?),
            E::ReferralInterimNote => Self::InterimNote(InterimNote::deserialize(data)?),
            E::ReferralOutcome | E::ReferralOutcomeAmended => {
                Self::Outcome(Outcome::deserialize(data)?)
            }
            E::ReferralInfoRequested => Self::InfoRequested(InfoRequested::deserialize(data)?),
            E::ReferralInfoSupplied => Self::InfoSupplied(InfoSupplied::deserialize(data)?),
            E::ReferralRedirected => Self::Redirected(Redirected::deserialize(data)?),
            E::ReferralCorrected => Self::Corrected(Box::new(Corrected::deserialize(data)?)),
            E::PatientContacted => Self::Contacted(Contacted::deserialize(data)?),
            E::ReferralNotCompleted => Self::NotCompleted(NotCompleted::deserialize(data)?),
            E::ReferralAcknowledged => Self::Acknowledged(Acknowledged::deserialize(data)?),
            E::PatientInformed => Self::Informed(Informed::deserialize(data)?),
            E::ReferralUrgencyChanged => Self::UrgencyChanged(UrgencyChanged::deserialize(data)?),
            E::BarrierRaised => Self::BarrierRaised(BarrierRaised::deserialize(data)?),
            E::BarrierResolved => Self::BarrierResolved(BarrierResolved::deserialize(data)?),
            E::EventRetracted => Self::Retracted(Retracted::deserialize(data)?),
            E::AttentionDismissed => Self::Dismissed(Dismissed::deserialize(data)?),
            E::PatientUnreachable => Self::Unreachable(Unreachable::deserialize(data)?),
            E::ReferralOverdue => Self::Overdue(Overdue::deserialize(data)?),
            E::ReferralEscalated => Self::Escalated(Escalated::deserialize(data)?),
            E::ReminderDue => Self::Reminder(Reminder::deserialize(data)?),
            E::EventExpired => Self::Expired(Expired::deserialize(data)?),
            E::PatientMerged => Self::Merged(Merge::deserialize(data)?),
            E::AppointmentNoShow
            | E::ReferralCancellationRequested
            | E::ReferralCancellationConfirmed
            | E::ReferralCancellationRefused
            | E::ReferralDisputed
            | E::ReferralNote
            | E::AppointmentConfirmed
            | E::ReferralEnteredInError => Self::Remark(Remark::deserialize(data)?),
        })
    }
}
