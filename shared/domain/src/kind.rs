//! The kinds of event, by their name on the wire.

use crate::codes::codes;

codes! {
    /// What happened. The first eleven are BSeR's triggers, the rest are the project's own.
    pub enum EventKind {
        /// Send Referral Package.
        ReferralSent = "referral.sent",
        /// Send Acceptance.
        ReferralAccepted = "referral.accepted",
        /// Send Decline.
        ReferralDeclined = "referral.declined",
        /// Send Schedule Visit Information.
        AppointmentScheduled = "appointment.scheduled",
        /// Send rescheduled visit information.
        AppointmentRescheduled = "appointment.rescheduled",
        /// Send appointment cancel.
        AppointmentCancelled = "appointment.cancelled",
        /// Send No Show Information.
        AppointmentNoShow = "appointment.no_show",
        /// Send Interim Consultation Note.
        ReferralInterimNote = "referral.interim_note",
        /// Send Referral Outcome.
        ReferralOutcome = "referral.outcome",
        /// Send Cancelation Request.
        ReferralCancellationRequested = "referral.cancellation_requested",
        /// Send Cancelation Confirmation.
        ReferralCancellationConfirmed = "referral.cancellation_confirmed",
        /// The recipient says no to a cancellation (360X "unable to cancel").
        ReferralCancellationRefused = "referral.cancellation_refused",
        /// The recipient needs to know something before going on.
        ReferralInfoRequested = "referral.info_requested",
        /// The referrer answers, or sends something new.
        ReferralInfoSupplied = "referral.info_supplied",
        /// Sent on to another recipient: a new leg.
        ReferralRedirected = "referral.redirected",
        /// The referrer insists: a new leg to the same recipient, once.
        ReferralDisputed = "referral.disputed",
        /// A newer report replaces the one before.
        ReferralOutcomeAmended = "referral.outcome_amended",
        /// A clerical fault of the request is put right.
        ReferralCorrected = "referral.corrected",
        /// Somebody tried to reach the patient.
        PatientContacted = "patient.contacted",
        /// The patient cannot be reached.
        PatientUnreachable = "patient.unreachable",
        /// It ends without an outcome.
        ReferralNotCompleted = "referral.not_completed",
        /// The referrer read the report, or dealt with an end that has none.
        ReferralAcknowledged = "referral.acknowledged",
        /// The patient was told.
        PatientInformed = "patient.informed",
        /// A message that moves nothing.
        ReferralNote = "referral.note",
        /// More or less urgent than it was.
        ReferralUrgencyChanged = "referral.urgency_changed",
        /// Something stands between the patient and the visit.
        BarrierRaised = "barrier.raised",
        /// It no longer does.
        BarrierResolved = "barrier.resolved",
        /// The patient said yes to the date.
        AppointmentConfirmed = "appointment.confirmed",
        /// Wrong patient, or a test.
        ReferralEnteredInError = "referral.entered_in_error",
        /// Undoes a slip of the same side.
        EventRetracted = "event.retracted",
        /// A person looked at it, and it needs no more attention.
        AttentionDismissed = "attention.dismissed",
        /// The sweep found a limit passed: both sides are told. Written by the system only, as are the next three.
        ReferralOverdue = "referral.overdue",
        /// It stays so: the next level is told.
        ReferralEscalated = "referral.escalated",
        /// A visit comes near.
        ReminderDue = "reminder.due",
        /// A parked event has waited for as long as the policy lets it.
        EventExpired = "event.expired",
        /// Two records of the referrer's were of this patient, and the id of one is no more. Written where the referrer's system
        /// says so (HL7 v2 ADT^A40), and never by a person: who took the wrong patient enters the referral in error.
        PatientMerged = "patient.merged",
    }
}

impl EventKind {
    /// Whether a caller may send it; the others are written by intake, by the system, and where a patient's records are merged.
    #[must_use]
    pub const fn is_sent_by_callers(self) -> bool {
        !matches!(self, Self::ReferralSent | Self::PatientMerged) && !self.is_the_systems()
    }

    /// Whether the system alone writes it.
    #[must_use]
    pub const fn is_the_systems(self) -> bool {
        matches!(
            self,
            Self::ReferralOverdue
                | Self::ReferralEscalated
                | Self::ReminderDue
                | Self::EventExpired
        )
    }

    /// Whether it is a report or a part of one: these are parked where others would be refused.
    #[must_use]
    pub const fn is_report(self) -> bool {
        matches!(
            self,
            Self::ReferralInterimNote | Self::ReferralOutcome | Self::ReferralOutcomeAmended
        )
    }

    /// Where it stands among events of the same instant: the usual course of a referral, so that the fold does not depend
    /// on the order of arrival. Ours, because many systems give times by the minute.
    #[must_use]
    pub const fn rank(self) -> u8 {
        match self {
            Self::ReferralSent => 0,
            Self::ReferralCorrected => 1,
            Self::ReferralUrgencyChanged => 2,
            Self::ReferralInfoRequested => 3,
            Self::ReferralInfoSupplied => 4,
            Self::ReferralAccepted => 5,
            Self::PatientUnreachable => 6,
            Self::PatientContacted => 7,
            Self::BarrierRaised => 8,
            Self::BarrierResolved => 9,
            Self::AppointmentCancelled => 10,
            Self::AppointmentScheduled => 11,
            Self::AppointmentRescheduled => 12,
            Self::AppointmentConfirmed => 13,
            Self::AppointmentNoShow => 14,
            Self::ReferralInterimNote => 15,
            Self::ReferralCancellationRequested => 16,
            Self::ReferralCancellationRefused => 17,
            Self::ReferralCancellationConfirmed => 18,
            Self::ReferralDeclined => 19,
            Self::ReferralOutcome => 20,
            Self::ReferralOutcomeAmended => 21,
            Self::ReferralNotCompleted => 22,
            Self::ReferralAcknowledged => 23,
            Self::PatientInformed => 24,
            Self::ReferralDisputed => 25,
            Self::ReferralRedirected => 26,
            Self::ReferralNote => 27,
            Self::ReferralOverdue => 28,
            Self::AttentionDismissed => 29,
            Self::EventRetracted => 30,
            Self::ReferralEnteredInError => 31,
            Self::ReferralEscalated => 32,
            Self::ReminderDue => 33,
            Self::EventExpired => 34,
            Self::PatientMerged => 35,
        }
    }
}
