//! What legal events say of ends and of what comes after them: another leg, the acknowledgement, the patient told.

use crate::event::Event;
use crate::payload::{Acknowledged, DeclineReason, Declined, Redirected};
use crate::referral::{EndReason, Leg, Referral};
use crate::request::{Recipient, Request};
use crate::status::{BusinessStatus, Side, Status, TaskStatus};
use crate::time::Timestamp;

impl Referral {
    pub(super) fn declined(&mut self, declined: &Declined, at: Timestamp) {
        let patient_knows = matches!(
            declined.reason,
            DeclineReason::PatientDeclined | DeclineReason::PatientMoved | DeclineReason::Deceased
        );
        self.patient_expects_visit = !patient_knows && self.has_visit_after(at);
        let missing = if declined.reason == DeclineReason::InsufficientInformation {
            self.all_missing()
        } else {
            Vec::new()
        };
        if let Some(leg) = self.legs.last_mut() {
            leg.end_reason = Some(EndReason::Declined(declined.reason));
            leg.end_note.clone_from(&declined.note);
            leg.missing = missing;
        }
    }

    /// The requirements that are not met, and the items of a good request that are missing.
    fn all_missing(&self) -> Vec<String> {
        let unmet = self.checks.iter().filter(|check| !check.met);
        let items = self.missing.iter().map(|item| item.as_str().to_owned());
        unmet.map(|check| check.id.clone()).chain(items).collect()
    }

    pub(super) fn redirected(
        &mut self,
        redirected: &Redirected,
        event: &Event,
        before: Status,
        request: Option<&Request>,
    ) {
        let at = event.occurred_at;
        if let Some(leg) = self.legs.last_mut().filter(|_| !before.is_ended()) {
            leg.ended_at = Some(at);
            if event.by.side == Some(Side::Recipient) {
                leg.status = Status::Declined;
                leg.business_status = BusinessStatus::Declined;
                leg.task_status = TaskStatus::Rejected;
                leg.end_reason = Some(EndReason::Redirected(redirected.reason.clone()));
            } else {
                leg.status = Status::NotCompleted;
                leg.task_status = TaskStatus::Failed;
                leg.end_reason = Some(EndReason::NoAnswer(redirected.reason.clone()));
            }
        }
        self.requirements.clone_from(&redirected.requirements);
        self.insisted.clear();
        self.specialty.clone_from(&redirected.specialty);
        self.check_anew(request, at);
        self.open_leg(Some(redirected.to.clone()), at, false);
    }

    pub(super) fn open_leg(&mut self, recipient: Option<Recipient>, at: Timestamp, disputed: bool) {
        let Some(recipient) = recipient else {
            return;
        };
        let number = self.leg().map_or(1, |leg| leg.leg.saturating_add(1));
        self.legs.push(Leg::new(number, recipient, at, disputed));
        self.turn = Some(Side::Recipient);
        self.stage_since = at;
        self.pauses.clear();
        for question in &mut self.questions {
            question.open = false;
        }
        self.closure = crate::referral::Closure::default();
        self.resolution = None;
        self.patient_expects_visit = false;
    }

    pub(super) fn acknowledged(
        &mut self,
        acknowledged: &Acknowledged,
        before: Status,
        at: Timestamp,
    ) {
        self.closure.acknowledged_at = Some(at);
        let told = self.closure.patient_informed_at.is_some();
        if before == Status::Completed {
            if told {
                self.turn = None;
            }
            return;
        }
        self.resolution = acknowledged.resolution;
        self.stage_since = at;
        if self.patient_expects_visit && !told {
            self.turn = Some(Side::Referrer);
        }
    }

    pub(super) fn informed(&mut self, before: Status, at: Timestamp) {
        self.closure.patient_informed_at = Some(at);
        self.patient_expects_visit = false;
        if before.is_ended_without_report() {
            self.turn = if self.resolution.is_some() {
                None
            } else {
                Some(Side::Referrer)
            };
        }
    }
}
