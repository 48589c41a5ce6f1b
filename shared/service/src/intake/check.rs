//! `POST /intake/referrals/check`: what sending the same body would answer; nothing is stored.
//!
//! A request that could not be sent as it is gets the same problem as when it is sent, and beside it what can be said of it so
//! far: a form asks while somebody types, and most of what it asks about is not finished.

use http::StatusCode;
use ports::Platform;
use serde_json::{Map, Value};

use super::reading::{self, Came, Found, Prepared};
use crate::auth::Credentials;
use crate::call::Call;
use crate::http::{PROBLEM_JSON, Problem, Reply};
use crate::referrals::{Viewer, view};

/// What is said of a request beside its problem.
const SO_FAR: &[&str] = &[
    "completeness",
    "requirements",
    "possible_duplicates",
    "routed",
];

/// Checks a referral.
pub(super) async fn check<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let drafted = reading::drafted(&call);
    let asked = drafted.as_ref().ok().map(|(asked, _)| asked);
    let statements = reading::statements(&credentials, asked);
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let member = caller.member()?;
    let (asked, faults) = drafted?;

    let mut problem = Problem::unless_empty(faults).err();
    let found = match Found::new(asked.clone(), member, &answer, call.now) {
        Ok(found) => found,
        Err(other) if is_callers(&other) => {
            problem.get_or_insert(other);
            Found::nobody(asked)
        }
        Err(other) => return Err(other),
    };
    if let Err(missing) = reading::unless_missing(&found.request, &found.offer, call.now) {
        problem.get_or_insert(missing);
    }
    let prepared = Prepared::of(found, member, &answer, "", "", Came::AS_JSON, call.now)?;
    let record = prepared.record("", "");
    let mut body = view(&record, &prepared.request, Viewer::Whole, call.now)?;
    // What is not stored has neither an id nor a version.
    if let Value::Object(members) = &mut body {
        members.remove("id");
        members.remove("version");
    }
    match problem {
        None => Reply::json(StatusCode::OK, &body),
        Some(problem) => unsent(&problem, body),
    }
}

/// Whether it is for the caller to mend.
const fn is_callers(problem: &Problem) -> bool {
    matches!(
        problem,
        Problem::Invalid(_) | Problem::RecipientInactive | Problem::Taken { .. }
    )
}

/// The problem, and beside it what can be said so far (RFC 9457, 3.2: an extension member).
fn unsent(problem: &Problem, body: Value) -> Result<Reply, Problem> {
    let so_far: Map<String, Value> = match body {
        Value::Object(members) => members
            .into_iter()
            .filter(|(name, _)| SO_FAR.contains(&name.as_str()))
            .collect(),
        _ => Map::new(),
    };
    let mut told = problem.to_json();
    if let Value::Object(members) = &mut told {
        members.insert("so_far".to_owned(), so_far.into());
    }
    let status = StatusCode::from_u16(problem.kind().row().status).map_err(Problem::internal)?;
    Ok(Reply::bytes(status, PROBLEM_JSON, told.to_string()))
}
