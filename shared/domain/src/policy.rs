//! What a network allows: the time for each stage by urgency, the calendar, and how the patient is chased.
//!
//! Source of the default limits: US Veterans Health and TRICARE (28 days), Nevada and California timely access rules,
//! SFGH and UCLH reviewers, the model care compacts' 48 h; where none has a number the limit is ours (see README).

use crate::time::Date;
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
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        with = "limits_by_name"
    )]
    pub limits: Vec<(LimitName, ByUrgency)>,
}

impl Policy {
    /// The time allowed for `limit` at `urgency`.
    #[must_use]
    pub fn allowed(&self, limit: LimitName, urgency: Urgency) -> Allowed {
        self.limits
            .iter()
            .find(|(name, _)| *name == limit)
            .map_or_else(|| default_limit(limit), |(_, allowed)| *allowed)
            .at(urgency)
    }

    /// The time zone's name.
    #[must_use]
    pub fn zone(&self) -> &str {
        self.time_zone.as_deref().unwrap_or("UTC")
    }

    /// The same policy with every default written out: what applies.
    #[must_use]
    pub fn effective(&self) -> Self {
        Self {
            time_zone: Some(self.zone().to_owned()),
            holidays: self.holidays.clone(),
            limits: LimitName::ALL
                .iter()
                .map(|name| {
                    let own = self.limits.iter().find(|(own, _)| own == name);
                    (
                        *name,
                        own.map_or_else(|| default_limit(*name), |(_, limit)| *limit),
                    )
                })
                .collect(),
        }
    }
}

/// The limit that applies where a network has set none.
#[must_use]
pub const fn default_limit(limit: LimitName) -> ByUrgency {
    use Allowed::{BusinessDays as Bd, Days as D, Hours as H};
    const fn row(stat: Allowed, asap: Allowed, urgent: Allowed, routine: Allowed) -> ByUrgency {
        ByUrgency {
            stat,
            asap,
            urgent,
            routine,
        }
    }
    match limit {
        LimitName::Decided => row(H(24), Bd(1), Bd(3), Bd(5)),
        LimitName::InfoSupplied => row(H(24), Bd(1), Bd(2), Bd(5)),
        LimitName::Scheduled => row(H(24), Bd(1), Bd(3), D(7)),
        LimitName::Seen => row(H(24), H(48), H(96), D(28)),
        LimitName::Outcome => row(H(24), H(48), H(48), D(14)),
        LimitName::Acknowledged => row(H(24), Bd(1), Bd(2), D(7)),
        LimitName::PatientTold => row(H(24), Bd(1), Bd(2), D(7)),
        LimitName::Rebooked => row(H(24), Bd(1), Bd(3), D(14)),
        LimitName::CancellationAnswered => row(H(24), Bd(1), Bd(2), Bd(5)),
        LimitName::VisitSaid => row(H(24), Bd(1), Bd(2), Bd(5)),
        LimitName::ReportApplied => row(H(4), Bd(1), Bd(1), Bd(1)),
        LimitName::DealtWith => row(H(24), Bd(1), Bd(2), Bd(5)),
        LimitName::Closed => row(D(7), D(14), D(30), D(90)),
    }
}

/// Limits as a JSON object whose members are the limits' names.
mod limits_by_name {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer};

    use super::{ByUrgency, LimitName};

    pub(super) fn serialize<S: Serializer>(
        limits: &[(LimitName, ByUrgency)],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(limits.iter().map(|(name, limit)| (name, limit)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<(LimitName, ByUrgency)>, D::Error> {
        let limits = BTreeMap::<LimitName, ByUrgency>::deserialize(deserializer)?;
        Ok(limits.into_iter().collect())
    }
}
