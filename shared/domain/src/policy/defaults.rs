//! What applies where nobody has set anything, and on what it rests.
//!
//! Source of the limits: US Veterans Health and TRICARE (28 days), Nevada and California timely access rules, SFGH and UCLH
//! reviewers, the model care compacts' 48 h; where none has a number the limit is ours (see README).

use super::{Allowed, ByUrgency, Level, Told};
use crate::limits::LimitName;

/// Hours before a visit at which the patient is reminded. Ours, because published practice has one to three days.
pub const REMINDERS: &[u32] = &[72, 24];

/// How much of a stage's limit is used before somebody asks the patient how it goes, in percent. Ours.
pub const CHECK_IN_PERCENT: u32 = 50;

/// How much of a stage's limit is used before it is at risk, in percent. Ours.
pub const AT_RISK_PERCENT: u32 = 75;

/// After how many attempts in a row a patient counts as unreachable. Ours, because published policies have two to four.
pub const CONTACT_ATTEMPTS_MAX: u32 = 3;

/// How many calendar days an event waits for its place. Ours.
pub const PARKED_DAYS: u32 = 30;

/// The fewest referrals that a number may stand for in what is made to leave an organisation. Source: CMS's cell size suppression
/// policy, under which no cell of 10 or fewer is shown.
pub const SMALL_CELLS: u32 = 11;

/// How many days the link in a letter opens. Ours: a routine referral is seen within 28 days and reported within 14 more.
pub const LETTER_DAYS: u32 = 60;

/// The language of letters.
pub const LANGUAGE: &str = "en";

const fn row(stat: Allowed, asap: Allowed, urgent: Allowed, routine: Allowed) -> ByUrgency {
    ByUrgency {
        stat,
        asap,
        urgent,
        routine,
    }
}

/// Who hears of a breach that stays, and when. Ours, because no published number was found: the distance grows with the limits.
pub const ESCALATION: &[Level] = &[Level {
    after: row(
        Allowed::Hours(4),
        Allowed::BusinessDays(1),
        Allowed::BusinessDays(2),
        Allowed::BusinessDays(5),
    ),
    tell: Told::Network,
}];

/// The limit that applies where neither the service nor the network has set one.
#[must_use]
pub const fn limit(limit: LimitName) -> ByUrgency {
    use Allowed::{BusinessDays as Bd, Days as D, Hours as H};
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

/// What that limit rests on, for a person who asks.
#[must_use]
pub const fn basis(limit: LimitName) -> &'static str {
    match limit {
        LimitName::Decided => {
            "specialist reviewers answer in 3 bd (San Francisco General); triage in 5 working days (UCLH)"
        }
        LimitName::Scheduled => "US Veterans Health: 3 bd; community care 7 d",
        LimitName::Seen => "Nevada 24 h; California 48 h and 96 h; VA and TRICARE 28 d",
        LimitName::Outcome => "model care compacts 48 h; 14 d ours",
        LimitName::Acknowledged => "ours (IHI names the step, without a number)",
        LimitName::PatientTold => "ours (a median of 5 d is reported from Champlain)",
        LimitName::InfoSupplied
        | LimitName::Rebooked
        | LimitName::CancellationAnswered
        | LimitName::VisitSaid
        | LimitName::ReportApplied
        | LimitName::DealtWith
        | LimitName::Closed => "ours",
    }
}
