//! `GET /worklist/referrals/{id}/letters`: how the letters of a referral stand.

use domain::time::Timestamp;
use http::StatusCode;
use ports::{Platform, Row, Statement};
use serde_json::{Map, Value, json};

use crate::auth::Credentials;
use crate::call::Call;
use crate::http::{Problem, Reply};

/// The most letters that are shown: more than anybody sends of one referral.
pub(super) const SHOWN_MAX: usize = 50;

/// Whether a letter opens, and if not why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::worklist) enum State {
    /// It opens.
    Live,
    /// The referral is with somebody else now, or ended long ago.
    Ended,
    /// Its time has passed.
    Expired,
    /// Too many wrong codes.
    Locked,
    /// Revoked, or another took its place.
    Revoked,
}

impl State {
    /// Every state's code.
    pub(in crate::worklist) const CODES: &'static [&'static str] =
        &["live", "ended", "expired", "locked", "revoked"];

    /// Its code.
    pub(in crate::worklist) const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Ended => "ended",
            Self::Expired => "expired",
            Self::Locked => "locked",
            Self::Revoked => "revoked",
        }
    }

    fn of(row: &Row, now_milliseconds: i64) -> Self {
        let is_set = |column: &str| row.integer(column).is_some();
        if is_set("revoked_at") {
            Self::Revoked
        } else if is_set("locked_at") {
            Self::Locked
        } else if row
            .integer("expires_at")
            .is_none_or(|at| at <= now_milliseconds)
        {
            Self::Expired
        } else if row.flag("is_open") {
            Self::Live
        } else {
            Self::Ended
        }
    }
}

/// A letter as it is listed.
pub(in crate::worklist) struct Letter {
    pub(in crate::worklist) id: String,
    pub(in crate::worklist) state: State,
    leg: i64,
    to: String,
    made_by: Option<String>,
    /// `made_at`, `expires_at` and what else has a time.
    times: Vec<(&'static str, Timestamp)>,
}

impl Letter {
    /// From a row of [`LETTERS`].
    pub(in crate::worklist) fn from_row(row: &Row, now_milliseconds: i64) -> Self {
        let times = [
            "made_at",
            "expires_at",
            "opened_at",
            "last_opened_at",
            "locked_at",
            "revoked_at",
        ];
        Self {
            id: row.text("id").unwrap_or_default().to_owned(),
            state: State::of(row, now_milliseconds),
            leg: row.integer("leg").unwrap_or_default(),
            to: row.text("label").unwrap_or_default().to_owned(),
            made_by: row.text("made_by").map(str::to_owned),
            times: times
                .into_iter()
                .filter_map(|name| {
                    let at = Timestamp::from_millisecond(row.integer(name)?).ok()?;
                    Some((name, at))
                })
                .collect(),
        }
    }

    /// One of its times.
    pub(in crate::worklist) fn time(&self, name: &str) -> Option<String> {
        let time = self.times.iter().find(|(known, _)| *known == name);
        time.map(|(_, at)| at.to_string())
    }

    fn to_json(&self) -> Value {
        let mut members = Map::new();
        members.insert("id".into(), self.id.as_str().into());
        members.insert("leg".into(), self.leg.into());
        members.insert("state".into(), self.state.as_str().into());
        members.insert("to".into(), self.to.as_str().into());
        if let Some(made_by) = &self.made_by {
            members.insert("made_by".into(), made_by.as_str().into());
        }
        for (name, at) in &self.times {
            members.insert((*name).into(), at.to_string().into());
        }
        Value::Object(members)
    }
}

/// Lists them. No patient's data is among it, so no record of a read is made.
pub(super) async fn list<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let id = call.parameter("id");
    let now = call.now_milliseconds();
    let statements = vec![
        credentials.statement(),
        Statement::new(IS_REFERRER, [id.into(), credentials.hash().into()]),
        Statement::new(LETTERS, [id.into(), now.into()]),
    ];
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), now)?;
    caller.check(call.route.access)?;
    caller.member()?;
    answer.first(1).ok_or(Problem::NotFound)?;
    let letters = answer.rows(2).iter();
    let items: Vec<_> = letters
        .map(|row| Letter::from_row(row, now).to_json())
        .collect();
    Reply::json(StatusCode::OK, &json!({ "items": items }))
}

/// By the primary keys: a row when the key's organisation sent the referral.
const IS_REFERRER: &str = "
SELECT 1 AS is_referrer FROM referrals WHERE id = ?1 AND referrer = (SELECT organization_id FROM keys WHERE hash = ?2)";

/// By the primary keys of `letters`, `keys` and `referrals`, newest first, as of `?2`.
pub(in crate::worklist) const LETTERS: &str = concat!(
    "SELECT l.id, l.leg, k.label, l.made_by, k.created_at AS made_at, k.expires_at, l.opened_at, l.last_opened_at, l.locked_at,
       k.revoked_at, ",
    super::open::leg_is_open!("?2"),
    " AS is_open
FROM letters l JOIN keys k ON k.hash = l.id JOIN referrals f ON f.id = l.referral_id
WHERE l.referral_id = ?1 ORDER BY l.id DESC LIMIT 50"
);
