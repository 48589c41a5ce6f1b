//! What a network allows: the time for each stage by urgency, the calendar, and how a wait is chased.

mod allowed;
pub mod defaults;

use serde::{Deserialize, Serialize};

use crate::codes::codes;
use crate::limits::LimitName;
use crate::request::Urgency;
use crate::time::Date;

pub use allowed::{ALLOWED_AMOUNT_MAX, Allowed, ByUrgency, Limits};

/// The most levels above the first that hear of a breach.
pub const ESCALATION_LEVELS_MAX: usize = 4;

/// The most reminders before one visit.
pub const REMINDERS_MAX: usize = 5;

/// The number of the first level that a breach is escalated to; at level 1 both sides were told of it.
const FIRST_LEVEL: u32 = 2;

codes! {
    /// Who hears of a breach.
    pub enum Told {
        /// The referrer and the recipient.
        Both = "both",
        /// The network's own office ([`Policy::escalate_to`]).
        Network = "network",
    }
}

codes! {
    /// Who has set a limit. A service's wins over its network's, and that over the default.
    pub enum SetBy {
        /// Nobody.
        Default = "default",
        /// The network.
        Network = "network",
        /// The service.
        Service = "service",
    }
}

/// When the next level hears of a breach that stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// How long after the limit has passed.
    pub after: ByUrgency,
    /// Who hears of it.
    pub tell: Told,
}

/// What a network may change: a member that is absent is as the default has it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// The IANA time zone in which business days are counted; UTC by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Days that are no business days, beside weekends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holidays: Vec<Date>,
    /// Time allowed for a stage; a stage that is absent has the default.
    #[serde(default, skip_serializing_if = "Limits::is_empty")]
    pub limits: Limits,
    /// The levels above the first, the second first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalation: Option<Vec<Level>>,
    /// The organisation that hears what the network is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalate_to: Option<String>,
    /// Hours before a visit at which the patient is reminded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminders: Option<Vec<u32>>,
    /// How much of a stage's limit is used before somebody asks the patient how it goes, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_in_percent: Option<u32>,
    /// How much of a stage's limit is used before it is at risk, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_risk_percent: Option<u32>,
    /// After how many failed attempts in a row a patient counts as unreachable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_attempts_max: Option<u32>,
    /// How many calendar days an event waits for its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parked_days: Option<u32>,
    /// The fewest referrals that a number may stand for in what is made to leave an organisation; 1 hides nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub small_cells: Option<u32>,
    /// How many days the link in a letter opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letter_days: Option<u32>,
    /// The language of letters (BCP 47), and of notes to patients whose own there is no wording for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// For how many days after a referral was sent a message that gives no id of it is taken to be of it, where its patient has this one alone; 0
    /// for never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub match_by_patient_days: Option<u32>,
    /// What the service that works on the referral has set itself. Not the network's, and not stored with it.
    #[serde(skip)]
    pub service: Limits,
}

impl Policy {
    /// The time allowed for `limit` at `urgency`.
    #[must_use]
    pub fn allowed(&self, limit: LimitName, urgency: Urgency) -> Allowed {
        let set = self.service.of(limit).or_else(|| self.limits.of(limit));
        set.unwrap_or_else(|| defaults::limit(limit)).at(urgency)
    }

    /// Who has set it.
    #[must_use]
    pub fn set_by(&self, limit: LimitName) -> SetBy {
        if self.service.of(limit).is_some() {
            SetBy::Service
        } else if self.limits.of(limit).is_some() {
            SetBy::Network
        } else {
            SetBy::Default
        }
    }

    /// The time zone's name.
    #[must_use]
    pub fn zone(&self) -> &str {
        self.time_zone.as_deref().unwrap_or("UTC")
    }

    /// The levels above the first with their numbers.
    pub fn levels(&self) -> impl Iterator<Item = (u32, &Level)> {
        let levels = self.escalation.as_deref().unwrap_or(defaults::ESCALATION);
        (FIRST_LEVEL..).zip(levels)
    }

    /// Hours before a visit at which the patient is reminded, the earliest first, each once.
    #[must_use]
    pub fn reminder_hours(&self) -> Vec<u32> {
        let set = self.reminders.as_deref().unwrap_or(defaults::REMINDERS);
        let mut hours = set.to_vec();
        hours.sort_unstable_by(|one, other| other.cmp(one));
        hours.dedup();
        hours
    }

    /// How much of a stage's limit is used before somebody asks the patient how it goes, in percent.
    #[must_use]
    pub fn check_in_percent(&self) -> u32 {
        self.check_in_percent.unwrap_or(defaults::CHECK_IN_PERCENT)
    }

    /// How much of a stage's limit is used before it is at risk, in percent.
    #[must_use]
    pub fn at_risk_percent(&self) -> u32 {
        self.at_risk_percent.unwrap_or(defaults::AT_RISK_PERCENT)
    }

    /// After how many failed attempts in a row a patient counts as unreachable.
    #[must_use]
    pub fn contact_attempts_max(&self) -> u32 {
        let set = self.contact_attempts_max;
        set.unwrap_or(defaults::CONTACT_ATTEMPTS_MAX)
    }

    /// How many calendar days an event waits for its place.
    #[must_use]
    pub fn parked_days(&self) -> u32 {
        self.parked_days.unwrap_or(defaults::PARKED_DAYS)
    }

    /// The fewest referrals that a number may stand for in what is made to leave an organisation.
    #[must_use]
    pub fn small_cells(&self) -> u32 {
        self.small_cells.unwrap_or(defaults::SMALL_CELLS)
    }

    /// How many days the link in a letter opens.
    #[must_use]
    pub fn letter_days(&self) -> u32 {
        self.letter_days.unwrap_or(defaults::LETTER_DAYS)
    }

    /// The language of letters.
    #[must_use]
    pub fn language(&self) -> &str {
        self.language.as_deref().unwrap_or(defaults::LANGUAGE)
    }

    /// For how many days after a referral was sent a message without its id may be matched by the patient; 0 for never, which is the default,
    /// because a wrong match is worse than none.
    #[must_use]
    pub fn match_by_patient_days(&self) -> u32 {
        self.match_by_patient_days.unwrap_or_default()
    }

    /// The same policy with every default written out: what applies in the network.
    #[must_use]
    pub fn effective(&self) -> Self {
        let limits = LimitName::ALL.iter().map(|name| {
            let own = self.limits.of(*name);
            (*name, own.unwrap_or_else(|| defaults::limit(*name)))
        });
        Self {
            time_zone: Some(self.zone().to_owned()),
            holidays: self.holidays.clone(),
            limits: Limits(limits.collect()),
            escalation: Some(self.levels().map(|(_, level)| *level).collect()),
            escalate_to: self.escalate_to.clone(),
            reminders: Some(self.reminder_hours()),
            check_in_percent: Some(self.check_in_percent()),
            at_risk_percent: Some(self.at_risk_percent()),
            contact_attempts_max: Some(self.contact_attempts_max()),
            parked_days: Some(self.parked_days()),
            small_cells: Some(self.small_cells()),
            letter_days: Some(self.letter_days()),
            language: Some(self.language().to_owned()),
            match_by_patient_days: Some(self.match_by_patient_days()),
            service: Limits::default(),
        }
    }
}
