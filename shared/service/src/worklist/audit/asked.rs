//! What an audit's query asks for, and the statements that read it.

use domain::time::{Date, SignedDuration, Timestamp};
use ports::{Platform, Statement, Value as Sql};

use super::entries::Position;
use super::{ACTIONS, CHANGE, sql};
use crate::auth::Credentials;
use crate::call::Call;
use crate::http::{Fault, Page, Problem};

/// How far back the organisation's own audit goes when nobody says. Ours: a week is what a supervisor looks through.
const RANGE_DEFAULT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The longest range of it: a quarter of a year.
const RANGE_DAYS_MAX: i64 = 92;

/// How many reads of an organisation are looked at for one page, where only some of them are asked for: 30 ms of
/// SQLite, measured with 25 referrals in each fifth of them.
const READS_LOOKED_AT_MAX: i64 = 10_000;

/// How many referrals are looked at for the changes of an organisation, some tens of thousands of events.
pub(super) const REFERRALS_LOOKED_AT_MAX: i64 = 5_000;

/// Later than anything, and exact as a JavaScript number.
const NEVER_MS: i64 = 1 << 52;

/// What is asked for, beside the referral.
pub(super) struct Asked {
    pub(super) page: Page,
    action: Option<&'static str>,
    pub(super) from: i64,
    /// Below this: the end of the range, or the last entry of the page before.
    pub(super) below: Position,
}

impl Asked {
    /// Whether changes are asked for.
    pub(super) fn wants_changes(&self) -> bool {
        self.action.is_none_or(|action| action == CHANGE)
    }

    /// Whether reads are.
    pub(super) fn wants_reads(&self) -> bool {
        self.action != Some(CHANGE)
    }

    /// How many reads are looked at for the page.
    pub(super) fn looked_at(&self, only: Option<&str>) -> i64 {
        if only.is_some() || self.action.is_some() {
            READS_LOOKED_AT_MAX
        } else {
            self.page.rows()
        }
    }

    pub(super) fn reads(&self, sql: &'static str, whose: &str, only: Option<&str>) -> Statement {
        Statement::new(
            sql,
            [
                whose.into(),
                self.from.into(),
                self.below.at.into(),
                self.below.id.as_str().into(),
                self.looked_at(only).into(),
                only.map(|id| format!("\"{id}\"")).into(),
                self.action.map(str::to_owned).into(),
                self.page.rows().into(),
            ],
        )
    }

    pub(super) fn changes(&self, credentials: &Credentials) -> [Statement; 2] {
        let bounds = || -> [Sql; 3] {
            [
                credentials.hash().into(),
                self.from.into(),
                self.below.at.into(),
            ]
        };
        let mut changes = Vec::from(bounds());
        changes.extend([
            self.below.id.as_str().into(),
            self.page.rows().into(),
            REFERRALS_LOOKED_AT_MAX.into(),
        ]);
        let mut too_many = Vec::from(bounds());
        too_many.push(REFERRALS_LOOKED_AT_MAX.into());
        [(sql::OWN_CHANGES, changes), (sql::TOO_MANY, too_many)]
            .map(|(sql, parameters)| Statement { sql, parameters })
    }
}

/// What the query asks for. `bounded`: within [`RANGE_DAYS_MAX`], and of [`RANGE_DEFAULT`] when nobody says.
pub(super) fn asked<P: Platform>(call: &Call<P>, bounded: bool) -> Result<Asked, Problem> {
    let page = call.page()?;
    let mut faults = Vec::new();
    let mut bound = |name: &'static str| {
        let text = call.query(name)?;
        let at = instant(text);
        if at.is_none() {
            faults.push(Fault::query(
                name,
                "not-a-time",
                "must be a day, YYYY-MM-DD, or an instant (RFC 3339) with its offset",
            ));
        }
        at
    };
    let (from, to) = (bound("from"), bound("to"));
    let until = to.unwrap_or(call.now);
    let from = from.or_else(|| bounded.then(|| until.plus(-RANGE_DEFAULT)));
    let is_long = |from: Timestamp| {
        bounded && until.duration_since(from) > SignedDuration::from_hours(RANGE_DAYS_MAX * 24)
    };
    if from.is_some_and(is_long) {
        faults.push(Fault::query(
            "from",
            "out-of-range",
            format!("must be at most {RANGE_DAYS_MAX} days before `to`"),
        ));
    }
    let action = call
        .query("action")
        .map(|given| ACTIONS.iter().find(|action| **action == given).copied());
    if action == Some(None) {
        let rule = format!("must be one of: {}", ACTIONS.join(", "));
        faults.push(Fault::query("action", "unknown-code", rule));
    }
    let end = Position::before(to.map_or(NEVER_MS, Timestamp::as_millisecond));
    let below = if page.after.is_empty() {
        Some(end)
    } else {
        Position::parse(&page.after).map(|after| after.min(end))
    };
    let Some(below) = below else {
        faults.push(Fault::query(
            "cursor",
            "unreadable",
            "must be the next of a page before",
        ));
        return Err(Problem::Invalid(faults));
    };
    Problem::unless_empty(faults)?;
    Ok(Asked {
        page,
        action: action.flatten(),
        from: from.map_or(0, Timestamp::as_millisecond),
        below,
    })
}

/// A day's beginning in UTC, or an instant.
fn instant(text: &str) -> Option<Timestamp> {
    match text.parse::<Date>() {
        Ok(day) => Some(day.start()),
        Err(_) => text.parse().ok(),
    }
}
