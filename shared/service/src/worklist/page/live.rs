//! `/worklist/pages/live`: whether what a page shows has changed. Asked every few seconds by every open page, so that it reads an
//! entry of an index and nothing of a patient, and no record is made of it: only what is shown then is read.

use http::StatusCode;
use ports::{Platform, Row, Statement};
use serde_json::json;

use crate::auth::{Credentials, Scope};
use crate::call::Call;
use crate::http::{Access, Fault, Problem, Reply, Route};

pub(super) static VERSION: Route = super::view(
    "/worklist/pages/live",
    "page_version",
    Access::Scope(Scope::ReferralsRead),
);

/// What a page watches.
#[derive(Debug, Clone, Copy)]
pub(in crate::worklist) enum What<'a> {
    /// The referrals of the reader's organisation.
    Worklist,
    /// One referral, by its id.
    Referral(&'a str),
    /// The messages that fit no referral.
    Unmatched,
}

impl What<'_> {
    /// Reads its version, for the batch that reads what is shown: what changes in between is then seen.
    pub(in crate::worklist) fn statement(self, credentials: &Credentials) -> Statement {
        let hash = credentials.hash();
        match self {
            Self::Worklist => Statement::new(OF_WORKLIST, [hash.into()]),
            Self::Referral(id) => Statement::new(OF_REFERRAL, [hash.into(), id.into()]),
            Self::Unmatched => Statement::new(OF_UNMATCHED, [hash.into()]),
        }
    }
}

/// The attributes of a view's element that is watched: `<div data-live="{{ watched.path() }}" data-live-version="{{ watched.version() }}">`.
pub(in crate::worklist) struct Watched {
    path: String,
    version: String,
}

impl Watched {
    /// From the row of [`What::statement`].
    pub(in crate::worklist) fn new(what: What<'_>, row: Option<&Row>) -> Self {
        let query = match what {
            What::Worklist => "of=worklist".to_owned(),
            What::Unmatched => "of=unmatched".to_owned(),
            What::Referral(id) => format!("referral={id}"),
        };
        Self {
            path: format!("{}?{query}", VERSION.path),
            version: row
                .and_then(|row| row.text("version"))
                .unwrap_or_default()
                .to_owned(),
        }
    }

    /// `data-live`.
    pub(in crate::worklist) fn path(&self) -> &str {
        &self.path
    }

    /// `data-live-version`.
    pub(in crate::worklist) fn version(&self) -> &str {
        &self.version
    }
}

/// Gives the version of what a page shows: `of=worklist`, `of=unmatched`, or `referral=` and an id.
pub(super) async fn version<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let what = match (call.query("of"), call.query("referral")) {
        (Some("worklist"), None) => What::Worklist,
        (Some("unmatched"), None) => What::Unmatched,
        (None, Some(id)) => What::Referral(id),
        _ => {
            let fault = Fault::query("of", "unknown-code", "must be one of: worklist, unmatched");
            return Err(Problem::Invalid(vec![fault]));
        }
    };
    let answer = call
        .platform
        .batch(vec![credentials.statement(), what.statement(&credentials)])
        .await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let version = answer
        .first(1)
        .and_then(|row| row.text("version"))
        .ok_or(Problem::NotFound)?;
    Reply::json(StatusCode::OK, &json!({ "version": version }))
}

/// Of all referrals of an organisation, by `referrals_of_referrer` and `referrals_of_recipient`: the last one of
/// each that was written to.
const OF_WORKLIST: &str = "
SELECT coalesce((SELECT updated_at || '.' || id || '.' || version FROM referrals
    WHERE referrer = k.organization_id ORDER BY updated_at DESC LIMIT 1), '') || '/' ||
  coalesce((SELECT updated_at || '.' || id || '.' || version FROM referrals
    WHERE recipient = k.organization_id ORDER BY updated_at DESC LIMIT 1), '') AS version
FROM keys k WHERE k.hash = ?1";

/// Of one referral, by the primary key. A leg that was another's counts too: what its organisation sees may change by a correction.
const OF_REFERRAL: &str = "
SELECT f.updated_at || '.' || f.version AS version FROM keys k JOIN referrals f ON f.id = ?2
WHERE k.hash = ?1 AND (k.organization_id = f.referrer OR EXISTS (SELECT 1 FROM json_each(f.state, '$.legs') leg
    WHERE leg.value ->> '$.recipient.organization' = k.organization_id))";

/// Of the messages that fit no referral, by `exchange_messages_unmatched`: how many there are, and the newest.
const OF_UNMATCHED: &str = "
SELECT (SELECT count(*) || '.' || coalesce(max(received_at), 0) FROM exchange_messages m
  WHERE m.organization = k.organization_id AND m.state = 'unmatched') AS version
FROM keys k WHERE k.hash = ?1";
