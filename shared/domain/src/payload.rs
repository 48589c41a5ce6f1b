//! What each kind of event says, beside who said it and when.

use crate::time::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

use crate::checklist::Requirement;
use crate::codes::codes;
use crate::kind::EventKind;
use crate::limits::LimitName;
use crate::merges::Merge;
use crate::policy::{Allowed, Told};
use crate::request::{Free, Identifier, Recipient, Request, RequestChanges, Supporting, Urgency};

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

/// A document of a report: one that is stored here, or where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Document {
    /// The id of a stored document.
    Stored(String),
    /// A document elsewhere.
    Linked {
        /// Its title.
        title: String,
        /// Its media type.
        #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
        media_type: Option<String>,
        /// Where it is.
        url: String,
    },
}

/// A next step of a report: text, or text with who is responsible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum NextStep {
    /// What to do.
    Text(String),
    /// What to do, by whom and when.
    Assigned {
        /// What to do.
        what: String,
        /// Who does it.
        #[serde(skip_serializing_if = "Option::is_none")]
        who: Option<String>,
        /// By when, as given.
        #[serde(skip_serializing_if = "Option::is_none")]
        when: Option<String>,
    },
}

impl NextStep {
    /// Whether it says who is responsible.
    #[must_use]
    pub const fn is_assigned(&self) -> bool {
        matches!(self, Self::Assigned { who: Some(_), .. })
    }
}

/// Reads a value that is a text or an object with text members, without serde's buffering of untagged enums.
macro_rules! text_or_members {
    ($name:ident, $text:ident, $members:ident) => {
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                match Free::deserialize(deserializer)? {
                    Free::Text(text) => Ok(Self::$text(text)),
                    Free::Object(mut members) => {
                        let mut take = |name: &str| match members.remove(name) {
                            Some(Free::Text(text)) => Some(text),
                            _ => None,
                        };
                        $members(&mut take)
                            .ok_or_else(|| serde::de::Error::custom("a member is missing"))
                    }
                    _ => Err(serde::de::Error::custom("a text or an object is expected")),
                }
            }
        }
    };
}

fn linked(take: &mut dyn FnMut(&str) -> Option<String>) -> Option<Document> {
    Some(Document::Linked {
        title: take("title")?,
        media_type: take("type"),
        url: take("url")?,
    })
}

fn assigned(take: &mut dyn FnMut(&str) -> Option<String>) -> Option<NextStep> {
    Some(NextStep::Assigned {
        what: take("what")?,
        who: take("who"),
        when: take("when"),
    })
}

text_or_members!(Document, Stored, linked);
text_or_members!(NextStep, Text, assigned);

macro_rules! payloads {
    ($($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $field:ident : $ty:ty,)* })+) => {
        $($(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct $name { $($(#[$doc])* #[serde(default, skip_serializing_if = "crate::payload::Absent::is_absent")] pub $field: $ty,)* })+
    };
}

/// Whether a member is left out of the stored JSON.
trait Absent {
    fn is_absent(&self) -> bool;
}

impl<T> Absent for Option<T> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T> Absent for Vec<T> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl Absent for bool {
    fn is_absent(&self) -> bool {
        !*self
    }
}

payloads! {
    /// Taken on.
    Accepted {
        /// The recipient's id of this referral.
        filler: Option<Identifier>,
        /// Who will see the patient, as given.
        performer: Option<Free>,
    }
    /// A note or a reason and nothing else.
    Remark {
        /// Why.
        reason: Option<String>,
        /// In words.
        note: Option<String>,
        /// What came with a note.
        documents: Vec<Document>,
    }
    /// A booked visit that will not be.
    VisitCancelled {
        /// Why.
        reason: Option<String>,
        /// Who cancelled it.
        by: Option<MovedBy>,
    }
    /// A first finding.
    InterimNote {
        /// In words.
        note: Option<String>,
        /// When the patient was seen, as given (a date or an instant).
        visit_on: Option<String>,
        /// The note itself, where it is a document.
        documents: Vec<Document>,
    }
    /// The outcome, or an amended one.
    Outcome {
        /// When the patient was seen, as given (a date or an instant).
        visit_on: Option<String>,
        /// Advice in place of a visit.
        advice: bool,
        /// What was found.
        summary: Option<String>,
        /// What follows, and who does it.
        next_steps: Vec<NextStep>,
        /// The report itself.
        documents: Vec<Document>,
        /// Who saw the patient, as given.
        performer: Option<Free>,
    }
    /// A question to the referrer.
    InfoRequested {
        /// What is asked.
        question: Option<String>,
        /// The ids of the requirements that are missing.
        requirements: Vec<String>,
    }
    /// An answer, or something new.
    InfoSupplied {
        /// The event that asked; without it every open question is answered.
        question: Option<String>,
        /// What comes with it.
        supporting: Vec<Supporting>,
        /// In words.
        note: Option<String>,
    }
}

/// The first event: the request, and what was known of the recipient's service when it came in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sent {
    /// The request.
    pub request: Request,
    /// The referrer's organisation.
    pub referrer: String,
    /// The network.
    pub network: String,
    /// The specialty of the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub specialty: Option<String>,
    /// What the service asks for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requirements: Vec<Requirement>,
    /// Open referrals of the same patient to the same specialty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub possible_duplicates: Vec<String>,
}

/// Not taken on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Declined {
    /// Why.
    pub reason: DeclineReason,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Who might take it, as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alternative: Option<Free>,
}

/// A visit with a date.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    /// When it begins; unknown in BSeR's coarse form and in an implied step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Timestamp>,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Timestamp>,
    /// Where, as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Free>,
    /// Who moved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<MovedBy>,
}

/// Sent on to another recipient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Redirected {
    /// To whom.
    pub to: Recipient,
    /// Why.
    pub reason: String,
    /// The specialty of the new service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub specialty: Option<String>,
    /// What the new service asks for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requirements: Vec<Requirement>,
}

/// A correction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Corrected {
    /// The members that were wrong, as they should have been.
    pub changes: RequestChanges,
    /// Why.
    pub reason: String,
}

/// An attempt to reach the patient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contacted {
    /// How.
    pub channel: String,
    /// What came of it.
    pub outcome: ContactOutcome,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The end without an outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NotCompleted {
    /// Why.
    pub reason: NotCompletedReason,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The referrer read the report, or dealt with an end that has none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Acknowledged {
    /// The event of the report that was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<String>,
    /// Whether it answered the question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question_answered: Option<Answered>,
    /// Where it is documented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documented_in: Option<String>,
    /// Whether the care plan changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub care_plan_changed: Option<bool>,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// For an end without a report: what becomes of the need.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Resolution>,
}

/// The patient was told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Informed {
    /// How.
    pub channel: String,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// More or less urgent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UrgencyChanged {
    /// The new urgency.
    pub urgency: Urgency,
    /// Why.
    pub reason: String,
}

/// Something stands in the way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BarrierRaised {
    /// What.
    pub kind: BarrierKind,
    /// Who sees to it.
    pub owner: String,
    /// By when.
    pub due_at: Timestamp,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// It no longer does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BarrierResolved {
    /// The event that raised it.
    pub barrier: String,
    /// An authorisation's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// How long it is valid, as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A slip is undone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Retracted {
    /// The event that should not have been: our id, or the sender's `webhook-id`.
    pub event: String,
    /// Why.
    pub reason: String,
}

/// A person looked at it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dismissed {
    /// What needs no more attention.
    pub what: Dismissible,
    /// Why.
    pub reason: String,
}

/// The patient cannot be reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unreachable {
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Where the system says so: after how many failed attempts in a row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u32>,
}

/// A limit was passed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Overdue {
    /// Which limit.
    pub limit: LimitName,
    /// When it passed.
    pub due_at: Timestamp,
    /// How much time was allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Allowed>,
}

/// A breach that stays is told to the next level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Escalated {
    /// Which limit.
    pub limit: LimitName,
    /// When it passed.
    pub due_at: Timestamp,
    /// The level; both sides were told at the first.
    pub level: u32,
    /// Who hears of it.
    pub tell: Told,
    /// The organisation that hears what the network is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// Something comes near that the patient must be reminded of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reminder {
    /// What.
    pub what: Reminded,
    /// When it begins.
    pub start: Timestamp,
    /// Which reminder it is, by the hours before.
    pub before_hours: u32,
}

/// A parked event has waited long enough.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Expired {
    /// The event's id.
    pub event: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

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
