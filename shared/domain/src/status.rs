//! Where a referral stands: our status, BSeR's business status and the FHIR Task status beside it.
//!
//! Source: HL7 BSeR 2.0.0-ballot, "360X and BSeR state transitions"; `info-requested`, `not-completed`, `closed` and
//! `entered-in-error` are ours, because BSeR has no state for them.

use crate::codes::codes;

codes! {
    /// The status of a leg, and of a referral (its last leg's).
    pub enum Status {
        /// Waiting for the recipient's decision.
        Sent = "sent",
        /// The recipient asked; waiting for the referrer.
        InfoRequested = "info-requested",
        /// Taken on, to be scheduled.
        Accepted = "accepted",
        /// A visit is booked.
        Scheduled = "scheduled",
        /// The patient did not come.
        NoShow = "no-show",
        /// The booked visit was cancelled, and none is booked.
        AppointmentCancelled = "appointment-cancelled",
        /// The patient was seen; the outcome is owed.
        Seen = "seen",
        /// The referrer wants to cancel; the recipient must answer.
        CancellationRequested = "cancellation-requested",
        /// Cancelled by agreement.
        Cancelled = "cancelled",
        /// The recipient does not take it on.
        Declined = "declined",
        /// It ended without an outcome, with a reason.
        NotCompleted = "not-completed",
        /// The outcome has come; the referrer must acknowledge it.
        Completed = "completed",
        /// Acknowledged: the loop is closed.
        Closed = "closed",
        /// Wrong patient, or a test: out of every list and measure.
        EnteredInError = "entered-in-error",
    }
}

codes! {
    /// BSeR's `Task.businessStatus` (TaskBusinessStatusCS).
    pub enum BusinessStatus {
        /// 2.0: with the recipient.
        AwaitingAcceptance = "2.0",
        /// 3.0
        Accepted = "3.0",
        /// 4.0
        Declined = "4.0",
        /// 5.1: the coarse form of 5.1.1 to 5.1.4, taken in and never sent.
        InProgress = "5.1",
        /// 5.1.1
        Scheduled = "5.1.1",
        /// 5.1.2
        NoShow = "5.1.2",
        /// 5.1.3
        AppointmentCancelled = "5.1.3",
        /// 5.1.4
        Seen = "5.1.4",
        /// 5.2
        CancellationRequested = "5.2",
        /// 6.0
        Cancelled = "6.0",
        /// 7.0
        Completed = "7.0",
    }
}

codes! {
    /// FHIR R4 `Task.status`, as far as the tables use it.
    pub enum TaskStatus {
        /// Not sent yet.
        Draft = "draft",
        /// Received by the recipient.
        Received = "received",
        /// Taken on.
        Accepted = "accepted",
        /// Refused by the recipient.
        Rejected = "rejected",
        /// Being worked on.
        InProgress = "in-progress",
        /// Waiting for information.
        OnHold = "on-hold",
        /// Cancelled by agreement.
        Cancelled = "cancelled",
        /// Ended without an outcome.
        Failed = "failed",
        /// The outcome has come.
        Completed = "completed",
        /// Should never have been.
        EnteredInError = "entered-in-error",
    }
}

codes! {
    /// One of the two parties of a referral.
    pub enum Side {
        /// Who asks (BSeR's initiator).
        Referrer = "referrer",
        /// Who is asked.
        Recipient = "recipient",
    }
}

impl Side {
    /// The other party.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Referrer => Self::Recipient,
            Self::Recipient => Self::Referrer,
        }
    }
}

impl Status {
    /// Who must act next while nothing else is known; `None` once it is finished.
    #[must_use]
    pub const fn owner(self) -> Option<Side> {
        match self {
            Self::Sent
            | Self::Accepted
            | Self::Scheduled
            | Self::NoShow
            | Self::AppointmentCancelled
            | Self::Seen
            | Self::CancellationRequested => Some(Side::Recipient),
            Self::InfoRequested
            | Self::Cancelled
            | Self::Declined
            | Self::NotCompleted
            | Self::Completed
            | Self::Closed => Some(Side::Referrer),
            Self::EnteredInError => None,
        }
    }

    /// Whether the leg's work is over (what follows is the referrer's acknowledgement).
    #[must_use]
    pub const fn is_ended(self) -> bool {
        matches!(
            self,
            Self::Cancelled
                | Self::Declined
                | Self::NotCompleted
                | Self::Completed
                | Self::Closed
                | Self::EnteredInError
        )
    }

    /// Whether the leg ended without a report.
    #[must_use]
    pub const fn is_ended_without_report(self) -> bool {
        matches!(self, Self::Cancelled | Self::Declined | Self::NotCompleted)
    }
}

/// FHIR's `ServiceRequest.status` of a referral.
///
/// Active until it is finished; a decline leaves it active, because the need is still open. At the end it is `completed` (no
/// further activity will occur), `revoked` where both sides agreed to cancel it, or `entered-in-error`.
#[must_use]
pub const fn request_status(status: Status, is_finished: bool) -> &'static str {
    match (status, is_finished) {
        (Status::EnteredInError, _) => "entered-in-error",
        (Status::Cancelled, true) => "revoked",
        (Status::Closed, _) | (_, true) => "completed",
        (_, false) => "active",
    }
}
