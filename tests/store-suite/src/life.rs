//! Random lives, the same for a seed: events of every kind by both sides, early, late and out of order.

use domain::kind::EventKind;
use domain::status::Side;
use serde_json::{Value, json};

/// How long a life lasts, in minutes.
const MINUTES: u64 = 600;

/// A source of events.
pub struct Life {
    state: u64,
}

/// An event to be.
pub struct Happening {
    /// What happens.
    pub kind: EventKind,
    /// By whom.
    pub side: Side,
    /// When, in minutes from the start.
    pub minute: i64,
    /// What it says.
    pub data: Value,
}

impl Life {
    /// The life of `seed`.
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A number below `bound` (SplitMix64).
    pub fn below(&mut self, bound: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).checked_rem(bound).unwrap_or(0)
    }

    /// One of `list`.
    pub fn one_of<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        let length = u64::try_from(list.len()).unwrap_or(u64::MAX);
        let index = self.below(length);
        list.get(usize::try_from(index).unwrap_or(0))
    }

    /// What happens next; `others` are the ids of what happened before. `None` for the kinds that no life has.
    pub fn next(&mut self, organizations: [&str; 2], others: &[String]) -> Option<Happening> {
        let kind = *self.one_of(EventKind::ALL)?;
        let is_possible = kind.is_sent_by_callers() && kind != EventKind::ReferralEnteredInError;
        let side = *self.one_of(&[Side::Referrer, Side::Recipient])?;
        let other = self.one_of(others)?.clone();
        let data = self.data(kind, organizations, &other)?;
        // Minutes repeat, so that events of one instant are there too.
        let minute = i64::try_from(self.below(MINUTES)).ok()?;
        is_possible.then_some(Happening {
            kind,
            side,
            minute,
            data,
        })
    }

    fn data(&mut self, kind: EventKind, organizations: [&str; 2], other: &str) -> Option<Value> {
        use EventKind as E;
        let day = 1 + self.below(28);
        let chance = self.below(2) == 0;
        Some(match kind {
            E::ReferralDeclined => json!({"reason": "capacity"}),
            E::AppointmentScheduled | E::AppointmentRescheduled => {
                json!({"start": format!("2026-04-{day:02}T10:00:00Z")})
            }
            E::ReferralOutcome | E::ReferralOutcomeAmended => {
                json!({"summary": "s", "advice": chance, "visit_on": "2026-04-01"})
            }
            E::ReferralInfoRequested => json!({"question": "ECG?"}),
            E::ReferralInfoSupplied if chance => json!({"question": other}),
            E::ReferralRedirected => {
                let to = self.one_of(&organizations)?;
                json!({"to": {"organization": to, "service": "s2"}, "reason": "r"})
            }
            E::ReferralCorrected => {
                json!({"changes": {"patient": {"phone": format!("555-{day}")}}, "reason": "typo"})
            }
            E::PatientContacted => {
                let outcome = if chance { "reached" } else { "no-answer" };
                json!({"channel": "phone", "outcome": outcome})
            }
            E::ReferralNotCompleted => json!({"reason": "resolved"}),
            E::ReferralAcknowledged if chance => {
                json!({"report": other, "care_plan_changed": true})
            }
            E::ReferralAcknowledged => json!({"resolution": "managed-here"}),
            E::PatientInformed => json!({"channel": "phone"}),
            E::ReferralUrgencyChanged => {
                let urgency = self.one_of(&["routine", "urgent", "asap", "stat"])?;
                json!({"urgency": urgency, "reason": "r"})
            }
            E::BarrierRaised => {
                json!({"kind": "transport", "owner": "o", "due_at": "2026-04-01T00:00:00Z"})
            }
            E::BarrierResolved => json!({"barrier": other}),
            E::EventRetracted => json!({"event": other, "reason": "slip"}),
            E::AttentionDismissed => json!({"what": "event-parked", "reason": "r"}),
            _ => json!({}),
        })
    }
}
