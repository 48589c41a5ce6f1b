//! What legal events say of the wait: attempts to reach the patient, what was told, what needs no more attention.

use crate::event::Event;
use crate::kind::EventKind;
use crate::payload::{Contacted, Dismissible, Payload, Unreachable};
use crate::referral::{Breach, CONTACTS_MAX, Contact, Escalation, Referral, ReminderGiven};
use crate::status::Side;
use crate::time::Timestamp;

impl Referral {
    pub(super) fn contacted(&mut self, contacted: &Contacted, event: &Event) {
        if self.contacts.len() >= CONTACTS_MAX {
            self.contacts.remove(0);
        }
        self.contacts.push(Contact {
            id: event.id.clone(),
            at: event.occurred_at,
            by: event.by.side,
            channel: contacted.channel.clone(),
            outcome: contacted.outcome,
        });
        if !contacted.outcome.is_reached() {
            self.failed_contacts = self.failed_contacts.saturating_add(1);
            return;
        }
        self.failed_contacts = 0;
        self.reached_at = Some(event.occurred_at);
        self.unreachable_since = None;
        if std::mem::take(&mut self.unreachable) && !self.status().is_ended() {
            self.turn = if self.awaits_information() {
                Some(Side::Referrer)
            } else {
                self.status().owner()
            };
        }
    }

    pub(super) fn cannot_be_reached(&mut self, unreachable: &Unreachable, event: &Event) {
        if event.by.side.is_none() && !self.has_failed(unreachable) {
            return;
        }
        self.unreachable = true;
        self.unreachable_since.get_or_insert(event.occurred_at);
    }

    /// Whether the attempts that the system counted have failed still: one that did not may have come in late.
    pub(crate) fn has_failed(&self, unreachable: &Unreachable) -> bool {
        unreachable
            .attempts
            .is_none_or(|attempts| self.failed_contacts >= attempts)
    }

    /// What the system told of the wait, so that it is told once.
    pub(super) fn told(&mut self, what: &Payload) {
        match what {
            Payload::Overdue(overdue) => keep(
                &mut self.breaches,
                Breach {
                    limit: overdue.limit,
                    due_at: overdue.due_at,
                },
            ),
            Payload::Escalated(escalated) => keep(
                &mut self.escalations,
                Escalation {
                    limit: escalated.limit,
                    due_at: escalated.due_at,
                    level: escalated.level,
                },
            ),
            Payload::Reminder(reminder) => keep(
                &mut self.reminders,
                ReminderGiven {
                    start: reminder.start,
                    before_hours: reminder.before_hours,
                },
            ),
            Payload::Expired(expired) => self.forget_parked(&expired.event),
            _ => {}
        }
    }

    /// Leaves the referral as if the parked event had not come: the fold passes over it from now on.
    fn forget_parked(&mut self, id: &str) {
        self.parked
            .retain(|parked| parked.id != id || parked.kind.is_report());
        self.dismissed_events.retain(|dismissed| dismissed != id);
        let mut waiting = self
            .parked
            .iter()
            .filter(|parked| parked.kind == EventKind::EventRetracted);
        // One that was parked before its event's name was kept with it leaves the names as they are.
        if waiting.clone().all(|parked| parked.retracts.is_some()) {
            self.awaited_retractions = waiting
                .by_ref()
                .filter_map(|parked| parked.retracts.clone())
                .collect();
        }
    }

    pub(super) fn dismissed(&mut self, what: Dismissible, at: Timestamp) {
        match what {
            Dismissible::PossibleDuplicate => self.possible_duplicates.clear(),
            Dismissible::EventParked => {
                let parked = self.parked.iter().map(|parked| parked.id.clone());
                self.dismissed_events.extend(parked);
            }
            Dismissible::AtRisk => self.risk_dismissed_at = Some(at),
        }
    }
}

fn keep<T: PartialEq>(told: &mut Vec<T>, one: T) {
    if !told.contains(&one) {
        told.push(one);
    }
}
