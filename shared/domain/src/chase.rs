//! How a wait is chased: what the system says, when it is due, and when somebody must look at a referral again.
//!
//! Invariant: each is due at one time and told once, whatever the number of sweeps: the fold keeps what was told.

use crate::calendar::Calendar;
use crate::kind::EventKind;
use crate::limits::{Deadline, is_told, matched_by, of_stage};
use crate::payload::{Escalated, Expired, Overdue, Payload, Reminded, Reminder, Unreachable};
use crate::policy::{Policy, Told};
use crate::referral::{Escalation, Referral, ReminderGiven};
use crate::request::Urgency;
use crate::tasks;
use crate::time::{SignedDuration, Timestamp};

/// How long after everything was told a referral that is still open is looked at again. Ours.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_hours(24);

/// An event that the system has to write.
#[derive(Debug, Clone, PartialEq)]
pub struct Due {
    /// What kind.
    pub kind: EventKind,
    /// What it says.
    pub data: Payload,
}

/// What the system has to say of `referral` as of `now` and has not said, in the order in which it came due.
#[must_use]
pub fn due(
    referral: &Referral,
    policy: &Policy,
    deadlines: &[Deadline],
    now: Timestamp,
) -> Vec<Due> {
    let mut pending = pending(referral, policy, deadlines);
    pending.sort_by_key(|pending| pending.at);
    pending
        .into_iter()
        .filter(|pending| pending.at <= now && !pending.is_over(now))
        .map(|pending| Due {
            kind: pending.kind,
            data: pending.data,
        })
        .collect()
}

/// What follows from an event at once, in the same write: so many failed attempts mean that the patient is unreachable.
#[must_use]
pub fn at_once(referral: &Referral, policy: &Policy) -> Option<Due> {
    let attempts = policy.contact_attempts_max();
    let follows =
        referral.failed_contacts >= attempts && !referral.unreachable && !referral.is_finished();
    follows.then_some(Due {
        kind: EventKind::PatientUnreachable,
        data: Payload::Unreachable(Unreachable {
            reason: None,
            note: None,
            attempts: Some(attempts),
        }),
    })
}

/// When somebody must look at the referral again: when the system has something to say, or what is stored of it changes by
/// time alone. `None` when it is finished and nothing waits.
#[must_use]
pub fn next_look(
    referral: &Referral,
    policy: &Policy,
    deadlines: &[Deadline],
    now: Timestamp,
) -> Option<Timestamp> {
    let told = pending(referral, policy, deadlines)
        .into_iter()
        .filter(|pending| !pending.is_over(now))
        .map(|pending| pending.at);
    let turns = turns(referral, policy, deadlines)
        .into_iter()
        .filter(|at| *at > now);
    let waits = !referral.is_finished() || !deadlines.is_empty();
    told.chain(turns)
        .min()
        .or_else(|| waits.then(|| now.plus(LOOK_AGAIN)))
}

/// Somebody is told of a message that fits no referral.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telling {
    /// When.
    pub at: Timestamp,
    /// The level: at 1 its organisation is told that it is overdue, as both sides are of a referral.
    pub level: u32,
    /// The organisation that hears what the network is told; `None` for the message's own, where the network has named none too.
    pub to: Option<String>,
}

/// When who is told of a message that came at `received_at` and waits for a person, in order: as of an overdue referral that is routine, because
/// nobody knows how urgent it is.
#[must_use]
pub fn of_unmatched(received_at: Timestamp, policy: &Policy) -> Vec<Telling> {
    let calendar = Calendar::of(policy);
    let due_at = matched_by(received_at, policy);
    let mut tellings = vec![Telling {
        at: due_at,
        level: 1,
        to: None,
    }];
    tellings.extend(policy.levels().map(|(level, next)| {
        Telling {
            at: calendar.after(due_at, next.after.at(Urgency::Routine)),
            level,
            to: policy
                .escalate_to
                .clone()
                .filter(|_| next.tell == Told::Network),
        }
    }));
    tellings.sort_by_key(|telling| telling.at);
    tellings
}

/// What the system has not said yet, and when it is to.
struct Pending {
    at: Timestamp,
    /// From when on it is too late for it.
    until: Option<Timestamp>,
    kind: EventKind,
    data: Payload,
}

impl Pending {
    fn is_over(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}

fn pending(referral: &Referral, policy: &Policy, deadlines: &[Deadline]) -> Vec<Pending> {
    let mut found = Vec::new();
    breaches(referral, policy, deadlines, &mut found);
    reminders(referral, policy, &mut found);
    expiries(referral, policy, &mut found);
    if let Some(due) = at_once(referral, policy) {
        found.push(Pending {
            at: referral.sent_at,
            until: None,
            kind: due.kind,
            data: due.data,
        });
    }
    found
}

/// Each limit that passes: both sides hear of it when it does, the levels above later, while it runs on.
fn breaches(
    referral: &Referral,
    policy: &Policy,
    deadlines: &[Deadline],
    found: &mut Vec<Pending>,
) {
    let calendar = Calendar::of(policy);
    for deadline in deadlines {
        let (limit, due_at) = (deadline.limit, deadline.due_at);
        if !is_told(referral, deadline) {
            found.push(Pending {
                at: due_at,
                until: None,
                kind: EventKind::ReferralOverdue,
                data: Payload::Overdue(Overdue {
                    limit,
                    due_at,
                    allowed: Some(deadline.terms.allowed),
                }),
            });
        }
        for (level, next) in policy.levels() {
            let escalation = Escalation {
                limit,
                due_at,
                level,
            };
            if referral.escalations.contains(&escalation) {
                continue;
            }
            found.push(Pending {
                at: calendar.after(due_at, next.after.at(referral.urgency())),
                until: None,
                kind: EventKind::ReferralEscalated,
                data: Payload::Escalated(Escalated {
                    limit,
                    due_at,
                    level,
                    tell: next.tell,
                    to: policy
                        .escalate_to
                        .clone()
                        .filter(|_| next.tell == Told::Network),
                }),
            });
        }
    }
}

/// The reminders before the booked visit. Each gives way to the next when its time comes, and the last to the visit.
fn reminders(referral: &Referral, policy: &Policy, found: &mut Vec<Pending>) {
    let Some(start) = referral.visit_start() else {
        return;
    };
    let hours = policy.reminder_hours();
    let at = |before_hours: u32| start.plus(-SignedDuration::from_hours(before_hours.into()));
    for (index, before_hours) in (1..).zip(&hours) {
        let before_hours = *before_hours;
        let given = ReminderGiven {
            start,
            before_hours,
        };
        if referral.reminders.contains(&given) {
            continue;
        }
        let next = hours.get(index).map(|next| at(*next));
        found.push(Pending {
            at: at(before_hours),
            until: next.or(Some(start)),
            kind: EventKind::ReminderDue,
            data: Payload::Reminder(Reminder {
                what: Reminded::Visit,
                start,
                before_hours,
            }),
        });
    }
}

/// The parked events, each once it has waited for as long as the policy lets it. A report waits for ever.
fn expiries(referral: &Referral, policy: &Policy, found: &mut Vec<Pending>) {
    let wait = SignedDuration::from_hours(i64::from(policy.parked_days()).saturating_mul(24));
    for parked in &referral.parked {
        if parked.kind.is_report() {
            continue;
        }
        found.push(Pending {
            at: parked.recorded_at.plus(wait),
            until: None,
            kind: EventKind::EventExpired,
            data: Payload::Expired(Expired {
                event: parked.id.clone(),
                reason: Some(format!(
                    "it has waited for its place for {} days",
                    policy.parked_days()
                )),
            }),
        });
    }
}

/// When what is stored of the referral changes by time alone: it comes to be at risk, somebody must ask the patient, a
/// barrier is past its date.
fn turns(referral: &Referral, policy: &Policy, deadlines: &[Deadline]) -> Vec<Timestamp> {
    if referral.is_finished() {
        return Vec::new();
    }
    let at_risk = of_stage(deadlines).map(|stage| stage.used_at(policy.at_risk_percent()));
    let check_in = tasks::check_in_at(referral, policy, deadlines);
    let barriers = referral.open_barriers().map(|barrier| barrier.due_at);
    barriers.chain(at_risk).chain(check_in).collect()
}
