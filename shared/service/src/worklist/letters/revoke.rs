//! `DELETE /worklist/referrals/{id}/letters/{letter}`: a letter is revoked, and with it whoever has it open.

use http::StatusCode;
use ports::{Platform, Statement};

use crate::auth::Credentials;
use crate::call::Call;
use crate::http::{Problem, Reply};
use crate::worklist::reads::{self, Action};

/// Revokes one.
pub(super) async fn revoke<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let now = call.now_milliseconds();
    let [id, letter] = ["id", "letter"].map(|name| call.parameter(name));
    let find = Statement::new(FIND, [id.into(), letter.into(), credentials.hash().into()]);
    let answer = call
        .platform
        .batch(vec![credentials.statement(), find])
        .await?;
    let caller = credentials.caller(answer.first(0), now)?;
    caller.check(call.route.access)?;
    caller.member()?;
    answer.first(1).ok_or(Problem::NotFound)?;
    let statements = vec![
        Statement::new(REVOKE, [letter.into(), now.into()]),
        reads::of_referral(&call, &credentials, Action::LetterRevoked),
    ];
    let answer = call.platform.batch(statements).await?;
    reads::stored(answer.rows(1))?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// By the primary keys: a row when the key's organisation sent the referral that the letter is of.
const FIND: &str = "
SELECT l.id FROM letters l JOIN referrals f ON f.id = l.referral_id
WHERE l.referral_id = ?1 AND l.id = ?2 AND f.referrer = (SELECT organization_id FROM keys WHERE hash = ?3)";

/// By the primary key. The first time counts.
const REVOKE: &str = "UPDATE keys SET revoked_at = coalesce(revoked_at, ?2) WHERE hash = ?1";
