//! What a legal event changes. Total and dumb: whether it is legal was decided before.

use super::visit::visit_instant;
use crate::event::Event;
use crate::kind::EventKind;
use crate::payload::{NotCompletedReason, Payload, Remark, UrgencyChanged};
use crate::referral::{Barrier, EndReason, Referral, Traits, UrgencyFrom};
use crate::request::Request;
use crate::status::{Side, Status};
use crate::time::Timestamp;
use crate::transitions::{Next, Row};

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
