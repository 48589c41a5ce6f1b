//! The codes by which events say why, how and what: reasons, outcomes, channels.

use crate::codes::codes;

codes! {
    /// Why a recipient does not take a referral on.
    pub enum DeclineReason {
        /// Something needed is missing.
        InsufficientInformation = "insufficient-information",
        /// Another service is the right one.
        WrongService = "wrong-service",
        /// No room.
        Capacity = "capacity",
        /// The patient's insurance is not taken.
        Coverage = "coverage",
        /// Outside what the service sees.
        OutOfCriteria = "out-of-criteria",
        /// The same request is here already.
        Duplicate = "duplicate",
        /// The patient is already being treated for it.
        AlreadyUnderCare = "already-under-care",
        /// The patient does not want it.
        PatientDeclined = "patient-declined",
        /// The patient lives elsewhere now.
        PatientMoved = "patient-moved",
        /// The patient has died.
        Deceased = "deceased",
        /// Something else; the note says what.
        Other = "other",
    }
}

codes! {
    /// Why a referral ends without an outcome.
    pub enum NotCompletedReason {
        /// The problem went away.
        Resolved = "resolved",
        /// The patient does not think it is needed.
        Disagreed = "disagreed",
        /// The patient has no time.
        NoTime = "no-time",
        /// The patient cannot get there.
        NoTransport = "no-transport",
        /// Insurance does not cover it.
        Insurance = "insurance",
        /// It costs too much.
        Cost = "cost",
        /// Seen by somebody else.
        SeenElsewhere = "seen-elsewhere",
        /// The patient moved away.
        Moved = "moved",
        /// The patient has died.
        Deceased = "deceased",
        /// The patient cannot be reached.
        Unreachable = "unreachable",
        /// Something else; the note says what.
        Other = "other",
    }
}

codes! {
    /// What the referrer made of an end without a report.
    pub enum Resolution {
        /// It is not needed any more.
        NoLongerNeeded = "no-longer-needed",
        /// The patient does not want it.
        PatientDeclined = "patient-declined",
        /// The advice given was taken.
        AdviceTaken = "advice-taken",
        /// The referrer treats it.
        ManagedHere = "managed-here",
        /// A new referral was sent.
        NewReferral = "new-referral",
        /// The patient has died.
        Deceased = "deceased",
        /// Something else; the note says what.
        Other = "other",
    }
}

codes! {
    /// Whether the report answered the question.
    pub enum Answered {
        /// It did.
        Yes = "yes",
        /// Not all of it.
        Partly = "partly",
        /// It did not.
        No = "no",
    }
}

codes! {
    /// Who moved or cancelled an appointment.
    pub enum MovedBy {
        /// The patient.
        Patient = "patient",
        /// The recipient.
        Recipient = "recipient",
    }
}

codes! {
    /// What came of an attempt to reach the patient.
    pub enum ContactOutcome {
        /// The patient was reached.
        Reached = "reached",
        /// Reached, and the condition is worse.
        Worse = "worse",
        /// Reached, and the problem has gone.
        Resolved = "resolved",
        /// Reached, and does not want the visit.
        Disagrees = "disagrees",
        /// Nobody answered.
        NoAnswer = "no-answer",
        /// A message was left.
        LeftMessage = "left-message",
        /// The number is somebody else's.
        WrongNumber = "wrong-number",
        /// Something else; the note says what.
        Other = "other",
    }
}

impl ContactOutcome {
    /// Whether somebody spoke with the patient.
    #[must_use]
    pub const fn is_reached(self) -> bool {
        matches!(
            self,
            Self::Reached | Self::Worse | Self::Resolved | Self::Disagrees
        )
    }

    /// Whether the patient sees no need any more. That ends nothing: the referrer confirms it, or says otherwise.
    #[must_use]
    pub const fn may_end_it(self) -> bool {
        matches!(self, Self::Resolved | Self::Disagrees)
    }
}

codes! {
    /// What stands between the patient and the visit.
    pub enum BarrierKind {
        /// Getting there.
        Transport = "transport",
        /// Insurance papers.
        Insurance = "insurance",
        /// An authorisation.
        Authorization = "authorization",
        /// Language.
        Language = "language",
        /// Time.
        Time = "time",
        /// Cost.
        Cost = "cost",
        /// Something else; the note says what.
        Other = "other",
    }
}

codes! {
    /// What a person may take off the attention list.
    pub enum Dismissible {
        /// It is no duplicate.
        PossibleDuplicate = "possible-duplicate",
        /// The parked event needs nothing.
        EventParked = "event-parked",
        /// The risk is known.
        AtRisk = "at-risk",
    }
}

codes! {
    /// What the patient is reminded of.
    pub enum Reminded {
        /// A booked visit.
        Visit = "visit",
    }
}

codes! {
    /// How somebody without software said it.
    pub enum ReportedBy {
        /// By phone.
        Phone = "phone",
        /// By fax.
        Fax = "fax",
        /// By letter.
        Letter = "letter",
        /// On a portal.
        Portal = "portal",
    }
}
