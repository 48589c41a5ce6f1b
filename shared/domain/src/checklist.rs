//! What a service asks for before it can judge a referral, and which of it has come.

use crate::time::Date;
use serde::{Deserialize, Serialize};

use crate::codes::codes;
use crate::request::{Override, Supporting, SupportingKind};

codes! {
    /// Whether a referral goes without it.
    pub enum Level {
        /// It does not, unless it is urgent or the referrer says why.
        Required = "required",
        /// It does; that it is missing shows.
        Advisory = "advisory",
    }
}

/// One item that a service asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirement {
    /// Its id, unique in the service.
    pub id: String,
    /// What kind of item.
    pub kind: SupportingKind,
    /// Its code, where any item of the kind will not do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The text a person reads.
    pub display: String,
    /// How old it may be, in days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age_days: Option<i32>,
    /// Whether a referral goes without it.
    pub level: Level,
}

/// Whether one requirement is met, and why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The requirement's id.
    pub id: String,
    /// The text a person reads.
    pub display: String,
    /// Whether a referral goes without it.
    pub level: Level,
    /// Whether something that came meets it.
    pub met: bool,
    /// What is wrong: `missing` or `too-old`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// Why the referrer sends it all the same.
    #[serde(rename = "override", default, skip_serializing_if = "Option::is_none")]
    pub overridden: Option<String>,
}

codes! {
    /// Why a requirement is not met.
    pub enum Problem {
        /// Nothing of the kind came.
        Missing = "missing",
        /// What came is older than the service takes.
        TooOld = "too-old",
    }
}

impl Check {
    /// Whether it holds up a referral that is not urgent.
    #[must_use]
    pub fn blocks(&self) -> bool {
        self.level == Level::Required && !self.met && self.overridden.is_none()
    }
}

/// Checks each requirement against what came, as of `today`.
#[must_use]
pub fn check(
    requirements: &[Requirement],
    supporting: &[Supporting],
    overrides: &[Override],
    today: Date,
) -> Vec<Check> {
    requirements
        .iter()
        .map(|requirement| {
            let problem = problem(requirement, supporting, today);
            Check {
                id: requirement.id.clone(),
                display: requirement.display.clone(),
                level: requirement.level,
                met: problem.is_none(),
                problem,
                overridden: overrides
                    .iter()
                    .find(|given| problem.is_some() && given.requirement == requirement.id)
                    .map(|given| given.reason.clone()),
            }
        })
        .collect()
}

fn problem(requirement: &Requirement, supporting: &[Supporting], today: Date) -> Option<Problem> {
    let mut found = None;
    for item in supporting {
        let fits = item.kind == requirement.kind
            && requirement
                .code
                .as_ref()
                .is_none_or(|code| item.code.as_ref() == Some(code));
        if !fits {
            continue;
        }
        let age_days = today.days_since(item.date);
        if requirement
            .max_age_days
            .is_none_or(|max| age_days <= i64::from(max))
        {
            return None;
        }
        found = Some(Problem::TooOld);
    }
    found.or(Some(Problem::Missing))
}
