//! What somebody has to do now so that the wait ends well. Derived from the referral each time, never stored.
//!
//! Ours, because the standards have no tasks beside the referral's own. A task ends nothing by itself.

use serde::Serialize;

use crate::calendar::Calendar;
use crate::codes::codes;
use crate::limits::{Deadline, LimitName, of_stage, share_of};
use crate::payload::ContactOutcome;
use crate::policy::{Allowed, Policy};
use crate::priority::LEAD_TIME_LONG;
use crate::referral::{Contact, Referral};
use crate::request::Urgency;
use crate::status::{Side, Status};
use crate::time::Timestamp;

/// How long after an attempt to reach the patient the next one is due, and what the patient said is confirmed. Ours.
const NEXT_TRY: Allowed = Allowed::BusinessDays(1);

codes! {
    /// What is to be done.
    pub enum TaskKind {
        /// Call the patient: much of the stage's time is used, and nobody has.
        CheckIn = "check-in",
        /// See to what stands in the way.
        Barrier = "barrier",
        /// Answer the recipient's question.
        SupplyInformation = "supply-information",
        /// Try to reach the patient again.
        TryAgain = "try-again",
        /// Find a patient whom nobody can reach.
        FindPatient = "find-patient",
        /// Confirm that the patient needs it no more, or say otherwise.
        ConfirmEnd = "confirm-end",
        /// The patient is worse: raise the urgency, or say why not.
        RaiseUrgency = "raise-urgency",
        /// Ask the patient whether the date stands.
        ConfirmVisit = "confirm-visit",
    }
}

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Task {
    /// The same as long as it is the same task.
    pub id: String,
    /// What.
    pub kind: TaskKind,
    /// Who: `referrer`, `recipient`, or for a barrier whoever was named.
    pub owner: String,
    /// By when.
    pub due_at: Timestamp,
    /// Why, as a code: the limit, the barrier's kind, what the patient said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<&'static str>,
    /// The requirements that the recipient misses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requirements: Vec<String>,
}

impl Task {
    fn new(kind: TaskKind, of: &str, owner: Side, due_at: Timestamp) -> Self {
        Self {
            id: format!("{}-{of}", kind.as_str()),
            kind,
            owner: owner.as_str().to_owned(),
            due_at,
            because: None,
            requirements: Vec::new(),
        }
    }

    fn because(self, because: &'static str) -> Self {
        Self {
            because: Some(because),
            ..self
        }
    }
}

/// What is to be done for `referral` as of `now`, the most urgent first.
#[must_use]
pub fn tasks(
    referral: &Referral,
    policy: &Policy,
    deadlines: &[Deadline],
    now: Timestamp,
) -> Vec<Task> {
    if referral.is_finished() {
        return Vec::new();
    }
    let mut found = Vec::new();
    if !referral.status().is_ended() {
        found.extend(check_in(referral, policy, deadlines, now));
        found.extend(in_the_way(referral));
        found.extend(questions(referral, deadlines));
        found.extend(items_owed(referral, deadlines));
        found.extend(visit(referral, now));
    }
    found.extend(contacts(referral, policy));
    found.sort_by(|one, other| (one.due_at, &one.id).cmp(&(other.due_at, &other.id)));
    found
}

/// When somebody must ask the patient how it goes, unless somebody has in this stage: once so much of the stage's limit is
/// used, and of a long time to the visit.
#[must_use]
pub fn check_in_at(
    referral: &Referral,
    policy: &Policy,
    deadlines: &[Deadline],
) -> Option<Timestamp> {
    if referral.is_reached_in_stage() {
        return None;
    }
    let percent = policy.check_in_percent();
    match referral.status() {
        Status::Sent
        | Status::InfoRequested
        | Status::Accepted
        | Status::NoShow
        | Status::AppointmentCancelled => of_stage(deadlines).map(|stage| stage.used_at(percent)),
        Status::Scheduled => {
            let (booked_at, start) = (referral.stage_since, referral.visit_start()?);
            let is_long = start.duration_since(booked_at) > LEAD_TIME_LONG;
            is_long.then(|| share_of(booked_at, start, percent))
        }
        _ => None,
    }
}

fn check_in(
    referral: &Referral,
    policy: &Policy,
    deadlines: &[Deadline],
    now: Timestamp,
) -> Option<Task> {
    let at = check_in_at(referral, policy, deadlines).filter(|at| *at <= now)?;
    // Once the visit's time has come, the question is what came of it.
    if referral.visit_start().is_some_and(|start| start <= now) {
        return None;
    }
    let stage = referral.stage_since.as_millisecond().to_string();
    let task = Task::new(TaskKind::CheckIn, &stage, referral.turn?, at);
    let because = match referral.status() {
        Status::Scheduled => "long-lead-time",
        _ => of_stage(deadlines)?.limit.as_str(),
    };
    Some(task.because(because))
}

fn in_the_way(referral: &Referral) -> impl Iterator<Item = Task> {
    referral.open_barriers().map(|barrier| Task {
        id: format!("{}-{}", TaskKind::Barrier.as_str(), barrier.id),
        kind: TaskKind::Barrier,
        owner: barrier.owner.clone(),
        due_at: barrier.due_at,
        because: Some(barrier.kind.as_str()),
        requirements: Vec::new(),
    })
}

fn questions(referral: &Referral, deadlines: &[Deadline]) -> impl Iterator<Item = Task> {
    let due_at = deadlines
        .iter()
        .find(|deadline| deadline.limit == LimitName::InfoSupplied)
        .map(|deadline| deadline.due_at);
    let open = referral.questions.iter().filter(|question| question.open);
    open.map(move |question| Task {
        requirements: question.requirements.clone(),
        ..Task::new(
            TaskKind::SupplyInformation,
            &question.id,
            Side::Referrer,
            due_at.unwrap_or(question.asked_at),
        )
    })
}

/// What an urgent referral went through without is still to come.
fn items_owed(referral: &Referral, deadlines: &[Deadline]) -> Option<Task> {
    let requirements: Vec<String> = referral
        .items_owed()
        .into_iter()
        .map(str::to_owned)
        .collect();
    let deadline = deadlines
        .iter()
        .find(|deadline| deadline.limit == LimitName::InfoSupplied)
        .filter(|_| !requirements.is_empty())?;
    let task = Task::new(
        TaskKind::SupplyInformation,
        "requirements",
        Side::Referrer,
        deadline.due_at,
    );
    Some(Task {
        requirements,
        ..task.because("requirements")
    })
}

/// A visit of which the patient was to be reminded, and to which nobody has heard a yes.
fn visit(referral: &Referral, now: Timestamp) -> Option<Task> {
    let start = referral.visit_start().filter(|start| *start > now)?;
    let is_confirmed = referral
        .leg()
        .and_then(|leg| leg.appointment.as_ref())
        .is_some_and(|visit| visit.confirmed_at.is_some());
    let is_near = referral.reminders.iter().any(|given| given.start == start);
    let of = start.as_millisecond().to_string();
    (is_near && !is_confirmed)
        .then(|| Task::new(TaskKind::ConfirmVisit, &of, Side::Recipient, start))
}

/// What follows from the last attempt to reach the patient.
fn contacts(referral: &Referral, policy: &Policy) -> Option<Task> {
    let next = |at: Timestamp| Calendar::of(policy).after(at, NEXT_TRY);
    if referral.unreachable {
        let since = referral.unreachable_since.unwrap_or(referral.stage_since);
        let of = since.as_millisecond().to_string();
        return Some(Task::new(
            TaskKind::FindPatient,
            &of,
            Side::Referrer,
            next(since),
        ));
    }
    let last = referral.last_contact()?;
    let is_open = !referral.status().is_ended();
    let outcome = last.outcome;
    let task =
        |kind, owner, due_at| Task::new(kind, &last.id, owner, due_at).because(outcome.as_str());
    if !outcome.is_reached() {
        let owner = last.by.unwrap_or(Side::Referrer);
        return (referral.failed_contacts < policy.contact_attempts_max())
            .then(|| task(TaskKind::TryAgain, owner, next(last.at)));
    }
    if outcome == ContactOutcome::Worse {
        return (is_open && can_be_raised(referral, last))
            .then(|| task(TaskKind::RaiseUrgency, Side::Referrer, last.at));
    }
    (is_open && outcome.may_end_it())
        .then(|| task(TaskKind::ConfirmEnd, Side::Referrer, next(last.at)))
}

/// Whether the urgency can be raised still, and was not since the patient said to be worse.
fn can_be_raised(referral: &Referral, contact: &Contact) -> bool {
    // The first one is the request's.
    let mut raised = referral.urgencies.iter().skip(1);
    referral.urgency() != Urgency::Stat && raised.all(|urgency| urgency.from < contact.at)
}
