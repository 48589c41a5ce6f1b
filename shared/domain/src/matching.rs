//! Best fit: which service of a specialty a referral goes to, as a sum of days that a person can check.
//!
//! The sum is the days until a visit that may be expected, and what speaks against the place counted in days. Source of
//! the wait: the network's own visits, once there are enough of them. The weights are ours. Nothing is drawn by lot: the
//! same question on the same day has the same answer.

use serde::Deserialize;

use crate::checklist::Requirement;
use crate::codes::codes;
use crate::policy::{Allowed, Limits};
use crate::request::{Coding, Urgency};
use crate::time::Date;

/// How many visits make a median worth more than what the service says of itself. Ours: with fewer, one patient who
/// waited long, or walked in, moves it by more than a rank.
pub const WAITS_ENOUGH: usize = 5;

/// How many of the newest visits are looked at. Ours: enough for a steady median, few enough for it to follow a service
/// that becomes slower.
pub const WAITS_MAX: usize = 50;

/// What part of the time allowed a place counts that is not near, where nearness is asked for. Ours: half of it, 14 days of
/// a routine referral's 28, because a long way is among the reasons why visits are missed, and 12 hours of a stat one's 24,
/// where time is worth more than the way.
const FAR_PART: i64 = 2;

/// What part of the time allowed an interpreter counts. Ours: a quarter of it, 7 days of a routine referral's 28: it is a
/// help that can be had, and never excludes a place.
const INTERPRETER_PART: i64 = 4;

/// Quarters of a day.
const QUARTERS: i64 = 4;

/// Days, to the quarter: exact in binary, so that the addends shown add up to the sum shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Days {
    quarters: i64,
}

impl Days {
    /// None.
    pub const ZERO: Self = Self { quarters: 0 };

    /// So many whole days; none for a time that is past.
    #[must_use]
    pub const fn whole(days: i64) -> Self {
        Self::from_quarters(days.saturating_mul(QUARTERS))
    }

    /// So many hours, to the nearest quarter of a day; none for a time that is past.
    #[must_use]
    pub const fn from_hours(hours: i64) -> Self {
        Self::from_quarters(hours.saturating_add(3).div_euclid(24 / QUARTERS))
    }

    /// What a limit allows. Of business days five make a week.
    #[must_use]
    pub const fn allowed(time: Allowed) -> Self {
        match time {
            Allowed::Hours(hours) => Self::from_hours(hours as i64),
            Allowed::Days(days) => Self::whole(days as i64),
            Allowed::BusinessDays(days) => Self::from_hours(days as i64 * 24 * 7 / 5),
        }
    }

    /// How many quarters of a day they are.
    #[must_use]
    pub const fn quarters(self) -> i64 {
        self.quarters
    }

    const fn from_quarters(quarters: i64) -> Self {
        Self {
            quarters: if quarters < 0 { 0 } else { quarters },
        }
    }

    const fn plus(self, other: Self) -> Self {
        Self::from_quarters(self.quarters.saturating_add(other.quarters))
    }

    /// One part of so many; a quarter of a day at least, so that it always tells.
    fn part(self, parts: i64) -> Self {
        Self::from_quarters((self.quarters / parts).max(1))
    }
}

/// What a service is called in a code system; one without a system is the organisation's own.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ServiceCode {
    /// The code system's URI.
    #[serde(default)]
    pub system: Option<String>,
    /// The code.
    pub code: String,
}

/// What a service says of itself.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Offered {
    /// Its specialty.
    pub specialty: String,
    /// What it is called in code systems; one that lists none does all of its specialty.
    #[serde(default)]
    pub codes: Vec<ServiceCode>,
    /// The urgencies that it takes.
    #[serde(default)]
    pub urgencies: Vec<Urgency>,
    /// Where it is.
    #[serde(default)]
    pub locations: Vec<String>,
    /// The languages that are spoken.
    #[serde(default)]
    pub languages: Vec<String>,
    /// The first free day.
    #[serde(default)]
    pub next_available: Option<Date>,
    /// How many referrals it takes a week; 0 when it has no room.
    #[serde(default)]
    pub capacity: Option<i64>,
    /// What it asks for before it can judge a referral.
    #[serde(default)]
    pub requirements: Vec<Requirement>,
    /// The time that it allows itself, where it is not the network's.
    #[serde(default)]
    pub limits: Limits,
    /// Whether it takes referrals at all.
    pub active: bool,
}

/// A service of the specialty that is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The organisation's id.
    pub organization: String,
    /// Its name.
    pub name: String,
    /// The service's id.
    pub service: String,
    /// Whether the organisation takes new referrals.
    pub organization_active: bool,
    /// Whether it has the role of a recipient.
    pub is_recipient: bool,
    /// What the service says of itself.
    pub offered: Offered,
    /// How long the patients of its newest visits waited, in hours; of the urgency that is asked for, [`WAITS_MAX`] at most.
    pub waits_hours: Vec<i64>,
}

/// What is asked for, beside the specialty.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// What for.
    pub code: Option<Coding>,
    /// How soon.
    pub urgency: Urgency,
    /// The language to speak (BCP 47).
    pub language: Option<String>,
    /// Where: part of an address, such as a town or the beginning of a postcode.
    pub near: Option<String>,
}

codes! {
    /// What an addend counts.
    pub enum What {
        /// The median wait of the service's own visits.
        PastWaits = "past-waits",
        /// The days until the first free day that the service tells.
        NextAvailable = "next-available",
        /// Nothing is known: the time that the network allows until the visit.
        TimeAllowed = "time-allowed",
        /// It is near.
        Near = "near",
        /// It is not near.
        NotNear = "not-near",
        /// The language is spoken.
        LanguageSpoken = "language-spoken",
        /// The language is not listed: an interpreter is needed.
        InterpreterNeeded = "interpreter-needed",
    }
}

codes! {
    /// Why a service cannot take the referral.
    pub enum Exclusion {
        /// The organisation takes no new referral.
        OrganizationInactive = "organization-inactive",
        /// The organisation has not the role of a recipient.
        NotARecipient = "not-a-recipient",
        /// The service takes no new referral.
        ServiceInactive = "service-inactive",
        /// It lists codes, and not this one.
        CodeNotOffered = "code-not-offered",
        /// It does not take this urgency.
        UrgencyNotTaken = "urgency-not-taken",
        /// It says that it has no room: its capacity is 0.
        NoRoom = "no-room",
    }
}

/// One addend of a place's sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addend {
    /// Why.
    pub what: What,
    /// How much.
    pub days: Days,
}

/// A service that fits.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit<'a> {
    /// The service.
    pub candidate: &'a Candidate,
    /// The sum; the least is the best.
    pub expected: Days,
    /// What it is made of, the wait first.
    pub addends: Vec<Addend>,
}

/// A service that does not.
#[derive(Debug, Clone, PartialEq)]
pub struct Excluded<'a> {
    /// The service.
    pub candidate: &'a Candidate,
    /// Every reason.
    pub reasons: Vec<Exclusion>,
}

/// All candidates, each once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Matches<'a> {
    /// Those that fit, the best first; of equal ones the first by organisation, then by service.
    pub fits: Vec<Fit<'a>>,
    /// The others, as they came.
    pub excluded: Vec<Excluded<'a>>,
}

/// Ranks `candidates` as of `today`; `allowed` is the network's limit from sent to seen at the urgency asked for.
#[must_use]
pub fn rank<'a>(
    asked: &Asked,
    candidates: &'a [Candidate],
    allowed: Allowed,
    today: Date,
) -> Matches<'a> {
    let allowed = Days::allowed(allowed);
    let mut matches = Matches::default();
    for candidate in candidates {
        let reasons = exclusions(asked, candidate);
        if reasons.is_empty() {
            let addends = addends(asked, candidate, allowed, today);
            let expected = addends
                .iter()
                .fold(Days::ZERO, |sum, addend| sum.plus(addend.days));
            matches.fits.push(Fit {
                candidate,
                expected,
                addends,
            });
        } else {
            matches.excluded.push(Excluded { candidate, reasons });
        }
    }
    matches.fits.sort_by(|one, other| {
        let place = |fit: &Fit<'a>| {
            (
                fit.expected,
                &fit.candidate.organization,
                &fit.candidate.service,
            )
        };
        place(one).cmp(&place(other))
    });
    matches
}

fn exclusions(asked: &Asked, candidate: &Candidate) -> Vec<Exclusion> {
    let offered = &candidate.offered;
    let offers = |code: &Coding| {
        let is_it = |known: &ServiceCode| {
            known.code == code.code
                && known
                    .system
                    .as_ref()
                    .is_none_or(|system| *system == code.system)
        };
        offered.codes.is_empty() || offered.codes.iter().any(is_it)
    };
    let holds = [
        (
            Exclusion::OrganizationInactive,
            !candidate.organization_active,
        ),
        (Exclusion::NotARecipient, !candidate.is_recipient),
        (Exclusion::ServiceInactive, !offered.active),
        (
            Exclusion::CodeNotOffered,
            !asked.code.as_ref().is_none_or(offers),
        ),
        (
            Exclusion::UrgencyNotTaken,
            !offered.urgencies.contains(&asked.urgency),
        ),
        (Exclusion::NoRoom, offered.capacity == Some(0)),
    ];
    holds
        .into_iter()
        .filter_map(|(exclusion, holds)| holds.then_some(exclusion))
        .collect()
}

fn addends(asked: &Asked, candidate: &Candidate, allowed: Days, today: Date) -> Vec<Addend> {
    let mut addends = vec![wait(candidate, allowed, today)];
    if let Some(near) = &asked.near {
        addends.push(if is_near(&candidate.offered.locations, near) {
            addend(What::Near, Days::ZERO)
        } else {
            addend(What::NotNear, allowed.part(FAR_PART))
        });
    }
    if let Some(language) = &asked.language {
        addends.push(if is_spoken(&candidate.offered.languages, language) {
            addend(What::LanguageSpoken, Days::ZERO)
        } else {
            addend(What::InterpreterNeeded, allowed.part(INTERPRETER_PART))
        });
    }
    addends
}

const fn addend(what: What, days: Days) -> Addend {
    Addend { what, days }
}

/// What really happened counts before what is promised, and a promise before the limit. A first free day that has passed
/// says nothing any more.
fn wait(candidate: &Candidate, allowed: Days, today: Date) -> Addend {
    if let Some(hours) = median(&candidate.waits_hours) {
        return addend(What::PastWaits, Days::from_hours(hours));
    }
    match candidate.offered.next_available {
        Some(day) if day >= today => {
            addend(What::NextAvailable, Days::whole(day.days_since(today)))
        }
        _ => addend(What::TimeAllowed, allowed),
    }
}

/// The median of enough waits; of an even number the mean of the two in the middle.
fn median(waits_hours: &[i64]) -> Option<i64> {
    if waits_hours.len() < WAITS_ENOUGH {
        return None;
    }
    let mut sorted = waits_hours.to_vec();
    sorted.sort_unstable();
    let upper = sorted.get(sorted.len() / 2)?;
    let lower = sorted.get((sorted.len() - 1) / 2)?;
    Some(lower.saturating_add(*upper) / 2)
}

/// Ours: an address contains what is asked for, in any case. There is no map behind it.
fn is_near(locations: &[String], near: &str) -> bool {
    let near = near.trim().to_lowercase();
    locations
        .iter()
        .any(|location| location.to_lowercase().contains(&near))
}

/// By the language alone (BCP 47's primary subtag): who speaks `pt-BR` is understood where `pt` is spoken.
fn is_spoken(languages: &[String], asked: &str) -> bool {
    fn primary(tag: &str) -> &str {
        tag.split('-').next().unwrap_or_default()
    }
    languages
        .iter()
        .any(|spoken| primary(spoken).eq_ignore_ascii_case(primary(asked)))
}
