//! `POST /intake/referrals/check`: what sending the same body would answer; nothing is stored.

use http::StatusCode;
use ports::Platform;
use serde_json::Value;

use super::reading::{self, Came, Prepared};
use crate::auth::Credentials;
use crate::call::Call;
use crate::http::{Problem, Reply};
use crate::referrals::{Viewer, view};

/// Checks a referral.
pub(super) async fn check<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let asked = reading::asked(&call);
    let statements = reading::statements(&credentials, asked.as_ref().ok());
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let prepared = Prepared::new(
        asked?,
        caller.member()?,
        &answer,
        "",
        "",
        Came::AS_JSON,
        call.now,
    )?;
    let record = prepared.record("", "");
    let mut body = view(&record, &prepared.request, Viewer::Whole, call.now)?;
    // What is not stored has neither an id nor a version.
    if let Value::Object(members) = &mut body {
        members.remove("id");
        members.remove("version");
    }
    Reply::json(StatusCode::OK, &body)
}
