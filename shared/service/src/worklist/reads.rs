//! Who read what: one row a request, stored before its answer goes out (IHE BALP: an audit covers reads as well as writes).
//!
//! Invariant: no patient's data leaves without its record, and a call that is refused leaves none. One referral's read and its
//! record are one batch, so the SQL judges for itself what `auth.rs` and [`Viewer::of`](crate::referrals::Viewer::of) judge
//! after it; where the two differ nothing is answered.

use ports::{Platform, Row, Statement, Value};

use crate::auth::Credentials;
use crate::call::Call;
use crate::http::{Access, Problem};
use crate::ids;

/// How something was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// One referral.
    Read,
    /// Its timeline.
    Timeline,
    /// A document.
    Document,
    /// A page of a list.
    List,
    /// A page of what a search found.
    Search,
    /// The audit of one referral.
    Audit,
    /// A page of messages that fit no referral, or one message as it came.
    Message,
    /// A letter that opens one referral's leg was made: no read, but who has it may read.
    LetterMade,
    /// It was revoked.
    LetterRevoked,
    /// The patients of a measure, a page of them, or their data for another engine.
    Measure,
}

impl Action {
    /// As it is stored and shown.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Timeline => "timeline",
            Self::Document => "document",
            Self::List => "list",
            Self::Search => "search",
            Self::Audit => "audit",
            Self::Message => "message",
            Self::LetterMade => "letter-made",
            Self::LetterRevoked => "letter-revoked",
            Self::Measure => "measure",
        }
    }
}

macro_rules! insert {
    ($referrals:literal, $document:literal, $from:literal) => {
        concat!(
            "
INSERT INTO reads (organization, at, id, key_id, label, person, action, referrals, document)
SELECT k.organization_id, ?2, ?3, coalesce(p.id, k.id), k.label, k.person, ?4, ",
            $referrals,
            ", ",
            $document,
            "
FROM keys k JOIN organizations o ON o.id = k.organization_id
LEFT JOIN sessions s ON s.hash = k.hash LEFT JOIN keys p ON p.hash = s.parent ",
            $from,
            // The same batch sent again by a platform is the same read.
            "
ON CONFLICT (organization, at, id) DO UPDATE SET action = excluded.action
RETURNING id"
        )
    };
}

/// By the primary keys of `keys`, `sessions`, `organizations` and `referrals`: a row when the key is live and has scope `?6`, is confined
/// to no other referral (to none, unless `?7`), and its organisation is or was a party of referral `?5`. The legs are in the row's state: it says who has one, `past_recipients` who ever had.
const OF_REFERRAL: &str = insert!(
    "json_array(f.id)",
    "NULL",
    "JOIN referrals f ON f.id = ?5
WHERE k.hash = ?1 AND (k.expires_at IS NULL OR k.expires_at > ?2)
  AND coalesce(k.revoked_at, p.revoked_at, ?2 + 1) > ?2 AND (s.confined_to IS NULL OR ?7 AND s.confined_to = f.id)
  AND instr(' ' || k.scopes || ' ', ' ' || ?6 || ' ') > 0
  AND (k.organization_id = f.referrer OR EXISTS (SELECT 1 FROM json_each(f.state, '$.legs') leg
    WHERE leg.value ->> '$.recipient.organization' = k.organization_id))"
);

/// By the primary keys of all tables: a row when the key is live, has scope `?6` and is confined to no other referral, and its
/// organisation stored document `?5` or is the other side of the referral that names it, as [`super::documents`] has it.
const OF_DOCUMENT: &str = insert!(
    "CASE WHEN f.id IS NULL THEN '[]' ELSE json_array(f.id) END",
    "d.id",
    "JOIN documents d ON d.id = ?5 LEFT JOIN referrals f ON f.id = d.referral_id
WHERE k.hash = ?1 AND (k.expires_at IS NULL OR k.expires_at > ?2)
  AND coalesce(k.revoked_at, p.revoked_at, ?2 + 1) > ?2 AND (s.confined_to IS NULL OR ?7 AND s.confined_to = f.id)
  AND instr(' ' || k.scopes || ' ', ' ' || ?6 || ' ') > 0
  AND k.organization_id IN (d.organization, f.referrer, CASE WHEN d.organization = f.referrer THEN f.recipient END)"
);

/// By the primary keys of all tables. Who calls was judged when the page was read.
const OF_PAGE: &str = insert!("?5", "NULL", "WHERE k.hash = ?1");

/// The same, of a document that came with a referral.
const OF_ATTACHED: &str = insert!("?5", "?6", "WHERE k.hash = ?1");

/// Records that one referral is read by `call`; for the batch that reads it. [`stored`] looks at what comes back.
pub(crate) fn of_referral<P: Platform>(
    call: &Call<P>,
    credentials: &Credentials,
    action: Action,
) -> Statement {
    of_one(call, credentials, action, OF_REFERRAL, call.parameter("id"))
}

/// The same for a referral that is not named by the path alone.
pub(crate) fn of_referral_named<P: Platform>(
    call: &Call<P>,
    credentials: &Credentials,
    id: &str,
) -> Statement {
    of_one(call, credentials, Action::Read, OF_REFERRAL, id)
}

/// Records that a document is read by `call`, likewise.
pub(crate) fn of_document<P: Platform>(call: &Call<P>, credentials: &Credentials) -> Statement {
    let id = call.parameter("id");
    of_one(call, credentials, Action::Document, OF_DOCUMENT, id)
}

fn of_one<P: Platform>(
    call: &Call<P>,
    credentials: &Credentials,
    action: Action,
    sql: &'static str,
    id: &str,
) -> Statement {
    let mut statement = insert(call, credentials, action, sql, id.into());
    // No key has the scope of a route without one: nothing is recorded, and so nothing answered.
    let scope = match call.route.access {
        Access::Scope(scope) | Access::Leg(scope) | Access::Letter(scope) => scope.as_str(),
        _ => "",
    };
    let opens_to_confined = call.route.access.opens_to_confined();
    let more: [Value; 2] = [scope.into(), i64::from(opens_to_confined).into()];
    statement.parameters.extend(more);
    statement
}

/// Records that these referrals are shown to the caller of `call`.
pub(crate) fn of_shown<P: Platform>(
    call: &Call<P>,
    credentials: &Credentials,
    action: Action,
    referrals: &[&str],
) -> Statement {
    let referrals = serde_json::Value::from(referrals).to_string();
    insert(call, credentials, action, OF_PAGE, referrals.into())
}

/// Records that `document`, which came with a referral, is shown to the caller of `call`.
pub(crate) fn of_attached<P: Platform>(
    call: &Call<P>,
    credentials: &Credentials,
    referral: &str,
    document: &str,
) -> Statement {
    let referrals = serde_json::Value::from(vec![referral]).to_string();
    let mut statement = insert(
        call,
        credentials,
        Action::Document,
        OF_ATTACHED,
        referrals.into(),
    );
    statement.parameters.push(document.into());
    statement
}

/// Stores that a page is shown: known only once it is made, so a round trip of its own. An empty page shows nothing.
///
/// # Errors
/// [`Problem::DatabaseUnavailable`]: the page must not be answered then.
pub(crate) async fn record_page<P: Platform>(
    call: &Call<P>,
    credentials: &Credentials,
    action: Action,
    referrals: &[&str],
) -> Result<(), Problem> {
    if referrals.is_empty() {
        return Ok(());
    }
    let record = of_shown(call, credentials, action, referrals);
    let answer = call.platform.batch(vec![record]).await?;
    stored(answer.rows(0))
}

/// Whether the record of a read was stored, by the rows that its statement gave.
///
/// # Errors
/// [`Problem::Internal`] when it was not: what was read must not be answered then.
pub(crate) fn stored(rows: &[Row]) -> Result<(), Problem> {
    match rows {
        [] => Err(Problem::internal("a read was not recorded")),
        _ => Ok(()),
    }
}

fn insert<P: Platform>(
    call: &Call<P>,
    credentials: &Credentials,
    action: Action,
    sql: &'static str,
    what: Value,
) -> Statement {
    Statement::new(
        sql,
        [
            credentials.hash().into(),
            call.now_milliseconds().into(),
            ids::new_id("read", &call.platform).into(),
            action.as_str().into(),
            what,
        ],
    )
}
