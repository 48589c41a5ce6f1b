//! What a legal event changes. Total and dumb: whether it is legal was decided before.

use crate::time::Timestamp;

use crate::checklist;
use crate::completeness::{self, Item};
use crate::event::Event;
use crate::kind::EventKind;
use crate::payload::{
    Acknowledged, DeclineReason, Declined, InfoRequested, InfoSupplied, NotCompletedReason,
    Outcome, Payload, Redirected, Remark, UrgencyChanged, Visit,
};
use crate::referral::{
    Appointment, Barrier, EndReason, Leg, Pause, Question, Referral, Report, Traits, UrgencyFrom,
};
use crate::request::{Free, Recipient, Request, Supporting, SupportingKind};
use crate::status::{BusinessStatus, Side, Status, TaskStatus};
use crate::transitions::{Next, Row};

/// The longest value of a supplied item that the referral's row repeats.
const SHORT_VALUE_CHARS_MAX: usize = 200;

impl Referral {
    pub(super) fn apply(
        &mut self,
        row: Option<&'static Row>,
        event: &Event,
        request: Option<&mut Request>,
    ) {
        let before = self.status();
        let since = self.stage_since;
        if let Some(row) = row {
            self.take(row, event, before);
        }
        self.note(event, before, request);
        // An answer to one of several questions leaves the status, and the time since when it is so.
        if event.kind == EventKind::ReferralInfoSupplied && self.status() == before {
            self.stage_since = since;
        }
    }

    /// What every row does: status, business status, Task status, turn, and since when.
    fn take(&mut self, row: &Row, event: &Event, before: Status) {
        if matches!(
            event.kind,
            EventKind::ReferralRedirected | EventKind::ReferralDisputed
        ) {
            return;
        }
        let at = event.occurred_at;
        if let Some(leg) = self.legs.last_mut() {
            leg.status = row.to;
            leg.task_status = row.task;
            if let Some(business) = row.business {
                leg.business_status = business;
            }
            if row.to.is_ended() && !before.is_ended() {
                leg.ended_at = Some(at);
            }
        }
        self.turn = match row.turn {
            Next::Referrer => Some(Side::Referrer),
            Next::Recipient => Some(Side::Recipient),
            Next::Nobody => None,
            Next::Same => self.turn,
        };
        if row.to != before {
            self.stage_since = at;
            let asking = matches!(
                (before, row.to),
                (Status::Sent, Status::InfoRequested) | (Status::InfoRequested, Status::Sent)
            );
            if !asking {
                self.pauses.clear();
            }
            let over = row.to.is_ended() || row.to == Status::CancellationRequested;
            if over || before == Status::InfoRequested {
                self.withdraw_questions();
            }
        }
    }

    /// What this kind of event says beside its row.
    fn note(&mut self, event: &Event, before: Status, request: Option<&mut Request>) {
        let at = event.occurred_at;
        match event.data.as_ref() {
            Payload::Accepted(accepted) => {
                if let Some(leg) = self.legs.last_mut() {
                    leg.accepted_at = Some(at);
                    leg.filler.clone_from(&accepted.filler);
                    leg.performer.clone_from(&accepted.performer);
                }
                // What came until now, as old as it is now.
                if let Some(request) = request {
                    self.check_anew(Some(request), at);
                }
            }
            Payload::Declined(declined) => self.declined(declined, at),
            Payload::Visit(visit) => self.booked(visit, event.kind, before, at),
            Payload::VisitCancelled(_) => {
                if let Some(leg) = self.legs.last_mut() {
                    leg.appointment = None;
                }
            }
            Payload::InterimNote(note) => {
                let seen_at = note
                    .visit_on
                    .as_deref()
                    .and_then(visit_instant)
                    .unwrap_or(at);
                if let Some(leg) = self.legs.last_mut() {
                    leg.seen_at.get_or_insert(seen_at);
                }
            }
            Payload::Outcome(outcome) => self.reported(outcome, event),
            Payload::InfoRequested(asked) => self.asked(asked, event, before),
            Payload::InfoSupplied(supplied) => self.supplied(supplied, before, at),
            Payload::Redirected(redirected) => {
                self.redirected(redirected, event, before, request.as_deref());
            }
            Payload::Corrected(corrected) => {
                if let Some(request) = request {
                    request.correct(&corrected.changes);
                    self.traits = Traits::of(request);
                    self.check_anew(Some(request), at);
                }
            }
            Payload::Merged(merge) => {
                if let Some(request) = request {
                    request.patient.identifier.clone_from(&merge.to);
                }
            }
            Payload::Contacted(contacted) => self.contacted(contacted, event),
            Payload::NotCompleted(ended) => {
                // For the other reasons it is the patient who does not come.
                let patient_knows = !matches!(
                    ended.reason,
                    NotCompletedReason::Insurance | NotCompletedReason::Other
                );
                self.patient_expects_visit = !patient_knows && self.has_visit_after(at);
                if let Some(leg) = self.legs.last_mut() {
                    leg.end_reason = Some(EndReason::NotCompleted(ended.reason));
                }
            }
            Payload::Acknowledged(acknowledged) => self.acknowledged(acknowledged, before, at),
            Payload::Informed(_) => self.informed(before, at),
            Payload::UrgencyChanged(changed) => self.urgency_changed(changed, event.by.side, at),
            Payload::BarrierRaised(raised) => self.barriers.push(Barrier {
                id: event.id.clone(),
                kind: raised.kind,
                owner: raised.owner.clone(),
                due_at: raised.due_at,
                resolved_at: None,
            }),
            Payload::BarrierResolved(resolved) => {
                for barrier in &mut self.barriers {
                    if barrier.id == resolved.barrier {
                        barrier.resolved_at.get_or_insert(at);
                    }
                }
            }
            Payload::Dismissed(dismissed) => self.dismissed(dismissed.what, at),
            Payload::Unreachable(unreachable) => self.cannot_be_reached(unreachable, event),
            Payload::Overdue(_)
            | Payload::Escalated(_)
            | Payload::Reminder(_)
            | Payload::Expired(_) => self.told(event.data.as_ref()),
            Payload::Remark(remark) => self.remarked(remark, event, before),
            Payload::Sent(_) | Payload::Retracted(_) => {}
        }
    }

    fn remarked(&mut self, remark: &Remark, event: &Event, before: Status) {
        let at = event.occurred_at;
        match event.kind {
            EventKind::AppointmentNoShow => self.no_shows = self.no_shows.saturating_add(1),
            EventKind::AppointmentConfirmed => {
                if let Some(visit) = self
                    .legs
                    .last_mut()
                    .and_then(|leg| leg.appointment.as_mut())
                {
                    visit.confirmed_at = Some(at);
                }
            }
            EventKind::ReferralCancellationConfirmed => {
                self.patient_expects_visit = self.has_visit_after(at);
                if let Some(leg) = self.legs.last_mut() {
                    leg.end_reason = Some(EndReason::Cancelled);
                }
            }
            EventKind::ReferralDisputed => {
                if let Some(key) = self.recipient_key() {
                    self.disputed_with.push(key);
                }
                let same = self.leg().map(|leg| leg.recipient.clone());
                if before.is_ended() {
                    self.open_leg(same, at, true);
                    if let Some(leg) = self.legs.last_mut() {
                        leg.dispute_reason.clone_from(&remark.reason);
                    }
                }
            }
            _ => {}
        }
    }

    fn declined(&mut self, declined: &Declined, at: Timestamp) {
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

    fn has_visit_after(&self, at: Timestamp) -> bool {
        let visit = self.leg().and_then(|leg| leg.appointment.as_ref());
        visit.is_some_and(|visit| visit.start.is_none_or(|start| start > at))
    }

    fn booked(&mut self, visit: &Visit, kind: EventKind, before: Status, at: Timestamp) {
        let Some(leg) = self.legs.last_mut() else {
            return;
        };
        let known = leg.appointment.as_ref();
        let is_same = before == Status::Scheduled
            && known.is_some_and(|known| {
                known.start == visit.start && (visit.end.is_none() || known.end == visit.end)
            });
        if is_same {
            return;
        }
        if kind == EventKind::AppointmentRescheduled || before == Status::Scheduled {
            self.reschedules = self.reschedules.saturating_add(1);
        }
        leg.booked_first_at.get_or_insert(at);
        leg.appointment = Some(Appointment {
            start: visit.start,
            end: visit.end,
            location: visit.location.clone(),
            booked_at: at,
            confirmed_at: None,
        });
        self.stage_since = at;
    }

    fn reported(&mut self, outcome: &Outcome, event: &Event) {
        let at = event.occurred_at;
        let Some(leg) = self.legs.last_mut() else {
            return;
        };
        leg.reports.push(Report {
            id: event.id.clone(),
            received_at: at,
            advice: outcome.advice,
            amended: event.kind == EventKind::ReferralOutcomeAmended,
            steps_unassigned: outcome
                .next_steps
                .iter()
                .filter(|step| !step.is_assigned())
                .count(),
        });
        if !outcome.advice {
            let seen_at = outcome.visit_on.as_deref().and_then(visit_instant);
            leg.seen_at = leg.seen_at.or(seen_at);
        }
        if outcome.performer.is_some() {
            leg.performer.clone_from(&outcome.performer);
        }
        leg.ended_at = Some(at);
        self.stage_since = at;
        self.closure.report_received_at = Some(at);
        self.closure.matched_at = Some(at);
        self.closure.acknowledged_at = None;
        self.closure.patient_informed_at = None;
    }

    fn asked(&mut self, asked: &InfoRequested, event: &Event, before: Status) {
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

    fn supplied(&mut self, supplied: &InfoSupplied, before: Status, at: Timestamp) {
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

    fn end_pause(&mut self, at: Timestamp) {
        if let Some(pause) = self.pauses.last_mut() {
            pause.until.get_or_insert(at);
        }
    }

    fn withdraw_questions(&mut self) {
        // An answer that leaves questions open puts the status back after this; those stay as they are.
        if self.status() == Status::Sent {
            return;
        }
        for question in &mut self.questions {
            question.open = false;
        }
    }

    /// Every requirement against all that came, with the request at hand where it is known.
    fn check_anew(&mut self, request: Option<&Request>, at: Timestamp) {
        let today = at.date();
        let mut came = request.map_or_else(Vec::new, |request| request.supporting.clone());
        came.extend(self.supplied.iter().cloned());
        self.checks = checklist::check(&self.requirements, &came, &self.overrides, today);
        if let Some(request) = request {
            self.missing = completeness::missing(request, &self.checks);
        }
        self.complete_by_supplied();
    }

    fn redirected(
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

    fn open_leg(&mut self, recipient: Option<Recipient>, at: Timestamp, disputed: bool) {
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

    fn acknowledged(&mut self, acknowledged: &Acknowledged, before: Status, at: Timestamp) {
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

    fn informed(&mut self, before: Status, at: Timestamp) {
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

    fn urgency_changed(&mut self, changed: &UrgencyChanged, by: Option<Side>, at: Timestamp) {
        let entry = |from| UrgencyFrom {
            urgency: changed.urgency,
            from,
        };
        if changed.urgency == self.urgency() {
            if by == Some(Side::Referrer) {
                self.urgency_proposed = None;
            }
        } else if changed.urgency > self.urgency() {
            self.urgencies.push(entry(at));
            self.urgency_proposed = None;
        } else if changed.urgency < self.urgency() && by == Some(Side::Recipient) {
            self.urgency_proposed = Some(changed.urgency);
        } else {
            self.urgencies = vec![entry(self.sent_at)];
            self.urgency_proposed = None;
        }
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

/// A visit's time as partners give it: an instant, or a day (counted from its start, UTC).
fn visit_instant(text: &str) -> Option<Timestamp> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant);
    }
    let day = text.parse::<crate::time::Date>().ok()?;
    Some(day.start())
}
