//! Time allowed, as it is written and counted, and which time is allowed for what.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::limits::LimitName;
use crate::request::Urgency;

/// The longest time a limit may allow, in hours or days of its unit.
pub const ALLOWED_AMOUNT_MAX: u32 = 1_000;

/// Time allowed, in the unit in which it is counted. Written `24h`, `7d`, `3bd`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// Clock hours.
    Hours(u32),
    /// Calendar days of 24 clock hours.
    Days(u32),
    /// Business days of the network's time zone.
    BusinessDays(u32),
}

impl Allowed {
    /// Reads `24h`, `7d` or `3bd`: a whole number from 1 to [`ALLOWED_AMOUNT_MAX`] and its unit.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.find(|c: char| !c.is_ascii_digit())?;
        let (amount, unit) = text.split_at_checked(digits)?;
        let amount = amount
            .parse()
            .ok()
            .filter(|amount| (1..=ALLOWED_AMOUNT_MAX).contains(amount))?;
        match unit {
            "h" => Some(Self::Hours(amount)),
            "d" => Some(Self::Days(amount)),
            "bd" => Some(Self::BusinessDays(amount)),
            _ => None,
        }
    }
}

impl std::fmt::Display for Allowed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Hours(amount) => write!(f, "{amount}h"),
            Self::Days(amount) => write!(f, "{amount}d"),
            Self::BusinessDays(amount) => write!(f, "{amount}bd"),
        }
    }
}

impl Serialize for Allowed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Allowed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom("a time such as 24h, 7d or 3bd is expected"))
    }
}

/// The time allowed for one stage, by urgency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByUrgency {
    /// For `stat`.
    pub stat: Allowed,
    /// For `asap`.
    pub asap: Allowed,
    /// For `urgent`.
    pub urgent: Allowed,
    /// For `routine`.
    pub routine: Allowed,
}

impl ByUrgency {
    /// The time allowed at `urgency`.
    #[must_use]
    pub const fn at(&self, urgency: Urgency) -> Allowed {
        match urgency {
            Urgency::Stat => self.stat,
            Urgency::Asap => self.asap,
            Urgency::Urgent => self.urgent,
            Urgency::Routine => self.routine,
        }
    }
}

/// The time allowed for some of the stages: a JSON object whose members are the limits' names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits(pub Vec<(LimitName, ByUrgency)>);

impl Limits {
    /// What is allowed for `limit`, where it is among these.
    #[must_use]
    pub fn of(&self, limit: LimitName) -> Option<ByUrgency> {
        let found = self.0.iter().find(|(name, _)| *name == limit);
        found.map(|(_, allowed)| *allowed)
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Limits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, limit)| (name, limit)))
    }
}

impl<'de> Deserialize<'de> for Limits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let limits = BTreeMap::<LimitName, ByUrgency>::deserialize(deserializer)?;
        Ok(Self(limits.into_iter().collect()))
    }
}
