//! A referral as it stands: the fold of its events.

mod wait;

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::checklist::{Check, Requirement};
use crate::completeness::Item;
use crate::event::Place;
use crate::kind::EventKind;
use crate::payload::{BarrierKind, DeclineReason, NotCompletedReason, Resolution};
use crate::request::{Free, Identifier, Override, Recipient, Request, Role, Supporting, Urgency};
use crate::status::{BusinessStatus, Side, Status, TaskStatus};

pub use wait::{Breach, CONTACTS_MAX, Contact, Escalation, Pause, ReminderGiven, UrgencyFrom};

/// The four facts that close a loop, each with its own time; never one flag.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closure {
    /// The report came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_received_at: Option<Timestamp>,
    /// It was matched to this referral.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched_at: Option<Timestamp>,
    /// The referrer read it and said what changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<Timestamp>,
    /// The patient was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient_informed_at: Option<Timestamp>,
}

/// A booked visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Appointment {
    /// When it begins; unknown where a partner sends no more than "in progress".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Timestamp>,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Timestamp>,
    /// Where, as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Free>,
    /// When it was booked.
    pub booked_at: Timestamp,
    /// When the patient said yes to the date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Timestamp>,
}

/// A report that came; the text is in its event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The event that brought it.
    pub id: String,
    /// When.
    pub received_at: Timestamp,
    /// Whether it is advice in place of a visit.
    pub advice: bool,
    /// Whether it replaces the one before.
    pub amended: bool,
    /// Next steps that do not say who is responsible.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub steps_unassigned: usize,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// Why a leg ended without an outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndReason {
    /// The recipient declined.
    Declined(DeclineReason),
    /// It could not be completed.
    NotCompleted(NotCompletedReason),
    /// The recipient sent it on, and said why.
    Redirected(String),
    /// The referrer took it away from a recipient that did not act, and said why.
    NoAnswer(String),
    /// Cancelled by agreement.
    Cancelled,
}

/// The work of one recipient (FHIR: a Task).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Leg {
    /// 1 for the first.
    pub leg: u32,
    /// Who works on it.
    pub recipient: Recipient,
    /// Where it stands.
    pub status: Status,
    /// BSeR's business status.
    pub business_status: BusinessStatus,
    /// The FHIR Task status.
    pub task_status: TaskStatus,
    /// When it was sent to this recipient.
    pub started_at: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Why, where it has no outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<EndReason>,
    /// What the recipient wrote to a decline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_note: Option<String>,
    /// For a decline because information is missing: the requirements that were not met then, and the items of a good request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// The recipient's id of this referral.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filler: Option<Identifier>,
    /// Who sees the patient, as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub performer: Option<Free>,
    /// When it was taken on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_at: Option<Timestamp>,
    /// When a visit was booked for the first time, whatever became of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booked_first_at: Option<Timestamp>,
    /// The visit that is booked, or was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appointment: Option<Appointment>,
    /// When the patient was seen, as far as is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Timestamp>,
    /// The reports that came, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reports: Vec<Report>,
    /// Whether the referrer insisted on it.
    #[serde(default)]
    pub disputed: bool,
    /// Why the referrer insisted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispute_reason: Option<String>,
}

/// A question of the recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The event that asked.
    pub id: String,
    /// What is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// The ids of the requirements that are missing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requirements: Vec<String>,
    /// When.
    pub asked_at: Timestamp,
    /// Whether it still waits for an answer.
    pub open: bool,
}

/// Something between the patient and the visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Barrier {
    /// The event that raised it.
    pub id: String,
    /// What.
    pub kind: BarrierKind,
    /// Who sees to it.
    pub owner: String,
    /// By when.
    pub due_at: Timestamp,
    /// When it was resolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<Timestamp>,
}

/// An event that waits until its place is legal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parked {
    /// The event.
    pub id: String,
    /// What it says happened.
    #[serde(rename = "type")]
    pub kind: EventKind,
    /// When.
    pub occurred_at: Timestamp,
    /// When it came.
    pub recorded_at: Timestamp,
    /// For a retraction: the name of the event that it takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retracts: Option<String>,
}

/// What the rules need of the request, so that a status event need not read the whole of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traits {
    /// What the recipient is to do.
    pub role: Role,
    /// Ordered in a telehealth visit.
    pub by_telehealth: bool,
    /// The patient must make the appointment.
    pub patient_calls: bool,
    /// The patient did not agree.
    pub disagreed: bool,
}

impl Traits {
    /// What the rules need of `request`.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        Self {
            role: request.role,
            by_telehealth: request.ordered_by_telehealth == Some(true),
            patient_calls: request.scheduling == Some(crate::request::Scheduling::PatientCalls),
            disagreed: request.preparation.agreed == crate::request::Agreed::No,
        }
    }
}

/// A referral as it stands. Made by [`crate::fold::Referral::sent`] and moved by events alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Referral {
    /// The network.
    pub network: String,
    /// The referrer's organisation.
    pub referrer: String,
    /// The referrer's id of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placer: Option<Identifier>,
    /// What the rules need of the request.
    pub traits: Traits,
    /// The urgency that counts, and since when each one that still bears on a limit did.
    pub urgencies: Vec<UrgencyFrom>,
    /// A lower urgency that the recipient wants and the referrer has not agreed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency_proposed: Option<Urgency>,
    /// The specialty of the service that is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub specialty: Option<String>,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// Its legs; the last one is the one that counts.
    pub legs: Vec<Leg>,
    /// Whose turn it is; `None` when it is finished.
    pub turn: Option<Side>,
    /// Since when the status is what it is.
    pub stage_since: Timestamp,
    /// The four closing facts.
    pub closure: Closure,
    /// What the service asks for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requirements: Vec<Requirement>,
    /// How that stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// What the referrer said to what is missing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<Override>,
    /// Requirements that the referrer overrode and the recipient insisted on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub insisted: Vec<String>,
    /// The items of a good request that are missing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Item>,
    /// What was supplied after it was sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub supplied: Vec<Supporting>,
    /// Questions of the recipient.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<Question>,
    /// When the recipient's clock stood still in the present stage.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<Pause>,
    /// What stands in the way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub barriers: Vec<Barrier>,
    /// Whether the patient cannot be reached.
    #[serde(default)]
    pub unreachable: bool,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreachable_since: Option<Timestamp>,
    /// Attempts to reach the patient since the last one that did.
    #[serde(default)]
    pub failed_contacts: u32,
    /// The newest attempts to reach the patient, oldest first; at most [`CONTACTS_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact>,
    /// When somebody spoke with the patient last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached_at: Option<Timestamp>,
    /// Visits to which the patient did not come.
    #[serde(default)]
    pub no_shows: u32,
    /// Times a visit was moved.
    #[serde(default)]
    pub reschedules: u32,
    /// Recipients with whom the referrer has insisted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disputed_with: Vec<String>,
    /// When the referrer dealt with an end without a report, and how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Resolution>,
    /// A visit was booked when it ended, and nobody has told the patient.
    #[serde(default)]
    pub patient_expects_visit: bool,
    /// Open referrals of the same patient to the same specialty, as of intake.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub possible_duplicates: Vec<String>,
    /// Events that wait for their place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parked: Vec<Parked>,
    /// Events that a person took off the attention list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dismissed_events: Vec<String>,
    /// Names of events that were retracted before they came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub awaited_retractions: Vec<String>,
    /// Limits whose passing was told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breaches: Vec<Breach>,
    /// Breaches that were told to a level above the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub escalations: Vec<Escalation>,
    /// Reminders that were given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reminders: Vec<ReminderGiven>,
    /// When a person said that the risk is known; it counts for the stage in which that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk_dismissed_at: Option<Timestamp>,
    /// The last place among the stored events.
    pub last: Place,
}

impl Referral {
    /// The leg that counts.
    #[must_use]
    pub fn leg(&self) -> Option<&Leg> {
        self.legs.last()
    }

    /// Where it stands.
    #[must_use]
    pub fn status(&self) -> Status {
        self.leg().map_or(Status::Sent, |leg| leg.status)
    }

    /// The urgency that counts.
    #[must_use]
    pub fn urgency(&self) -> Urgency {
        self.urgencies
            .last()
            .map_or(Urgency::Routine, |last| last.urgency)
    }

    /// The organisation that works on it, where it is in the network.
    #[must_use]
    pub fn recipient(&self) -> Option<&str> {
        self.leg().and_then(|leg| leg.recipient.organization())
    }

    /// The newest report of the leg that counts.
    #[must_use]
    pub fn newest_report(&self) -> Option<&Report> {
        self.leg().and_then(|leg| leg.reports.last())
    }

    /// Whether a question waits for an answer.
    #[must_use]
    pub fn awaits_information(&self) -> bool {
        self.questions.iter().any(|question| question.open)
    }

    /// Whether the referrer overrode this requirement, and nothing that came meets it.
    #[must_use]
    pub fn is_overridden(&self, requirement: &str) -> bool {
        self.checks
            .iter()
            .any(|check| check.id == requirement && !check.met && check.overridden.is_some())
    }

    /// Required items that never came, where the referral went through without them because it is urgent. Nobody waits for them any more once
    /// the patient was seen.
    #[must_use]
    pub fn items_owed(&self) -> Vec<&str> {
        let is_open = self
            .leg()
            .is_some_and(|leg| leg.seen_at.is_none() && !leg.status.is_ended());
        let owed = self.checks.iter().filter(|check| is_open && check.blocks());
        owed.map(|check| check.id.as_str()).collect()
    }

    /// The last attempt to reach the patient.
    #[must_use]
    pub fn last_contact(&self) -> Option<&Contact> {
        self.contacts.last()
    }

    /// Whether somebody spoke with the patient since the present stage began.
    #[must_use]
    pub fn is_reached_in_stage(&self) -> bool {
        self.reached_at.is_some_and(|at| at >= self.stage_since)
    }

    /// What stands in the way still.
    pub fn open_barriers(&self) -> impl Iterator<Item = &Barrier> {
        let open = |barrier: &&Barrier| barrier.resolved_at.is_none();
        self.barriers.iter().filter(open)
    }

    /// When the booked visit begins, while one is booked and its time is known.
    #[must_use]
    pub fn visit_start(&self) -> Option<Timestamp> {
        let leg = self.leg().filter(|leg| leg.status == Status::Scheduled)?;
        leg.appointment.as_ref()?.start
    }

    /// Whether it is over: nobody's turn.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.turn.is_none()
    }

    /// Whether the referrer may still insist with the present recipient.
    #[must_use]
    pub fn may_insist(&self) -> bool {
        !self
            .recipient_key()
            .is_some_and(|key| self.disputed_with.contains(&key))
    }

    /// What stands for the present recipient in [`Self::disputed_with`].
    #[must_use]
    pub fn recipient_key(&self) -> Option<String> {
        self.leg().map(|leg| match &leg.recipient {
            Recipient::Member { organization, .. } => organization.clone(),
            Recipient::Outside { external } => format!("external:{}", external.name),
        })
    }

    /// The reports that have come and not found their place.
    pub fn reports_waiting(&self) -> impl Iterator<Item = &Parked> {
        self.parked
            .iter()
            .filter(|parked| parked.kind.is_report() && !self.dismissed_events.contains(&parked.id))
    }

    /// The one of them that came first.
    #[must_use]
    pub fn report_waiting(&self) -> Option<&Parked> {
        self.reports_waiting()
            .min_by_key(|parked| parked.recorded_at)
    }
}
