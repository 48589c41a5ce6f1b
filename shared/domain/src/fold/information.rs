//! What legal events say of what is missing: questions, answers, and the requirements checked again.

use crate::checklist;
use crate::completeness::{self, Item};
use crate::event::Event;
use crate::payload::{InfoRequested, InfoSupplied};
use crate::referral::{Pause, Question, Referral};
use crate::request::{Free, Request, Supporting, SupportingKind};
use crate::status::{Side, Status, TaskStatus};
use crate::time::Timestamp;

/// The longest value of a supplied item that the referral's row repeats.
const SHORT_VALUE_CHARS_MAX: usize = 200;

impl Referral {
    pub(super) fn asked(&mut self, asked: &InfoRequested, event: &Event, before: Status) {
        let at = event.occurred_at;
        let stops_the_clock = matches!(before, Status::Sent | Status::Accepted);
        let stands_still = self
            .pauses
            .last()
            .is_some_and(|pause| pause.until.is_none());
        if stops_the_clock && !stands_still {
            self.pauses.push(Pause {
                from: at,
                until: None,
            });
        }
        for requirement in &asked.requirements {
            if self.is_overridden(requirement) && !self.insisted.contains(requirement) {
                self.insisted.push(requirement.clone());
            }
        }
        self.questions.push(Question {
            id: event.id.clone(),
            question: asked.question.clone(),
            requirements: asked.requirements.clone(),
            asked_at: at,
            open: true,
        });
    }

    pub(super) fn supplied(&mut self, supplied: &InfoSupplied, before: Status, at: Timestamp) {
        for question in &mut self.questions {
            if supplied
                .question
                .as_ref()
                .is_none_or(|id| *id == question.id)
            {
                question.open = false;
            }
        }
        self.supplied
            .extend(supplied.supporting.iter().map(in_short));
        self.check_again(at);
        self.complete_by_supplied();
        if !self.awaits_information() {
            self.end_pause(at);
        } else if before == Status::InfoRequested {
            self.turn = Some(Side::Referrer);
            if let Some(leg) = self.legs.last_mut() {
                leg.status = Status::InfoRequested;
                leg.task_status = TaskStatus::OnHold;
            }
        }
    }

    /// A requirement that was not met may be met by what came since; one that was met stays so.
    fn check_again(&mut self, at: Timestamp) {
        let today = at.date();
        let now = checklist::check(&self.requirements, &self.supplied, &self.overrides, today);
        for check in &mut self.checks {
            if !check.met
                && let Some(met) = now.iter().find(|now| now.id == check.id && now.met)
            {
                check.clone_from(met);
            }
        }
    }

    fn complete_by_supplied(&mut self) {
        let results = self.checks.iter().all(|check| check.met);
        let has = |kind| self.supplied.iter().any(|given| given.kind == kind);
        let (medications, allergies) = (
            has(SupportingKind::Medication),
            has(SupportingKind::Allergy),
        );
        self.missing.retain(|item| match item {
            Item::Results => !results,
            Item::Medications => !medications,
            Item::Allergies => !allergies,
            _ => true,
        });
    }

    pub(super) fn end_pause(&mut self, at: Timestamp) {
        if let Some(pause) = self.pauses.last_mut() {
            pause.until.get_or_insert(at);
        }
    }

    pub(super) fn withdraw_questions(&mut self) {
        // An answer that leaves questions open puts the status back after this; those stay as they are.
        if self.status() == Status::Sent {
            return;
        }
        for question in &mut self.questions {
            question.open = false;
        }
    }

    /// Every requirement against all that came, with the request at hand where it is known.
    pub(super) fn check_anew(&mut self, request: Option<&Request>, at: Timestamp) {
        let today = at.date();
        let mut came = request.map_or_else(Vec::new, |request| request.supporting.clone());
        came.extend(self.supplied.iter().cloned());
        self.checks = checklist::check(&self.requirements, &came, &self.overrides, today);
        if let Some(request) = request {
            self.missing = completeness::missing(request, &self.checks);
        }
        self.complete_by_supplied();
    }
}

/// An item as the referral's row keeps it: a long value stays in its event, so that the row stays small.
fn in_short(item: &Supporting) -> Supporting {
    let is_short = match &item.value {
        Some(Free::Text(text)) => text.chars().count() <= SHORT_VALUE_CHARS_MAX,
        Some(Free::List(_) | Free::Object(_)) => false,
        _ => true,
    };
    Supporting {
        value: item.value.clone().filter(|_| is_short),
        ..item.clone()
    }
}
