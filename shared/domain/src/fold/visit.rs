//! What legal events say of visits and of the reports that come of them.

use crate::event::Event;
use crate::kind::EventKind;
use crate::payload::{Outcome, Visit};
use crate::referral::{Appointment, Referral, Report};
use crate::status::Status;
use crate::time::Timestamp;

impl Referral {
    pub(super) fn booked(&mut self, visit: &Visit, kind: EventKind, before: Status, at: Timestamp) {
        let Some(leg) = self.legs.last_mut() else {
            return;
        };
        let known = leg.appointment.as_ref();
        // Booked, and no word of when, is what is known already.
        let is_same = before == Status::Scheduled
            && known.is_some_and(|known| {
                (visit.start.is_none() || known.start == visit.start)
                    && (visit.end.is_none() || known.end == visit.end)
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

    pub(super) fn has_visit_after(&self, at: Timestamp) -> bool {
        let visit = self.leg().and_then(|leg| leg.appointment.as_ref());
        visit.is_some_and(|visit| visit.start.is_none_or(|start| start > at))
    }

    pub(super) fn reported(&mut self, outcome: &Outcome, event: &Event) {
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
}

/// A visit's time as partners give it: an instant, or a day (counted from its start, UTC).
pub(super) fn visit_instant(text: &str) -> Option<Timestamp> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant);
    }
    let day = text.parse::<crate::time::Date>().ok()?;
    Some(day.start())
}
