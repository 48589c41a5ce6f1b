//! `GET /worklist/referrals/{id}`: one referral, as the caller's side sees it.

use http::StatusCode;
use ports::Platform;

use super::reads::{self, Action};
use crate::auth::Credentials;
use crate::call::Call;
use crate::http::{Problem, Reply};
use crate::referrals::{Key, Record, Selector, Viewer, view};

/// Reads one.
pub(super) async fn read<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let selector = Selector {
        key: Key::Id(call.parameter("id").to_owned()),
        events_from_ms: None,
        with_request: true,
    };
    let [record, ..] = selector.statements();
    let answer = call
        .platform
        .batch(vec![
            credentials.statement(),
            record,
            reads::of_referral(&call, &credentials, Action::Read),
        ])
        .await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let member = caller.member()?;
    let record = answer
        .first(1)
        .map(Record::from_row)
        .transpose()?
        .ok_or(Problem::NotFound)?;
    let viewer = Viewer::of(&record.referral, &member.organization).ok_or(Problem::NotFound)?;
    let request = record
        .request
        .as_ref()
        .ok_or_else(|| Problem::internal("a referral has no request"))?;
    let body = view(&record, request, viewer, call.now)?;
    reads::stored(answer.rows(2))?;
    Ok(Reply::json(StatusCode::OK, &body)?.version(record.version))
}
