//! The intake function: a referral comes in, or is checked without being stored; and who could take one.

mod candidates;
mod check;
mod create;
mod draft;
mod matching;
pub(crate) mod reading;
mod routing;

use axum::Router;
use ports::Platform;

use crate::http::{
    Access, Field, Method, Mounted, Object, Operation, ProblemKind, Route, Shape, Success,
};
use crate::referrals::{REFERRAL, REQUEST};

/// The most bytes of a request: its documents go up by themselves or are linked.
const REQUEST_BYTES_MAX: usize = crate::http::BODY_BYTES_MAX;

static CREATE: Route = Route {
    method: Method::Post,
    path: "/intake/referrals",
    id: "create_referral",
    summary: "Send a referral.",
    access: Access::Scope(crate::auth::Scope::ReferralsWrite),
    query: &[],
    request: Some(REQUEST),
    body_bytes_max: REQUEST_BYTES_MAX,
    success: &[Success {
        status: 201,
        doc: "The referral. Location names it, ETag is its version.",
        body: Some(REFERRAL),
    }],
    problems: &[
        ProblemKind::RequirementsMissing,
        ProblemKind::RecipientInactive,
        ProblemKind::Taken,
    ],
};

static CHECK: Route = Route {
    method: Method::Post,
    path: "/intake/referrals/check",
    id: "check_referral",
    summary: "Say what sending the same body would answer, and store nothing.",
    access: Access::Scope(crate::auth::Scope::ReferralsWrite),
    query: &[],
    request: Some(REQUEST),
    body_bytes_max: REQUEST_BYTES_MAX,
    success: &[Success {
        status: 200,
        doc: "How complete the request is, and what the service still asks for.",
        body: Some(Shape::Object(&Object {
            name: "CheckedReferral",
            fields: &[
                Field::required("completeness", Shape::AnyObject, "How good the request is."),
                Field::required(
                    "requirements",
                    Shape::list(&Shape::AnyObject, 100),
                    "Each {id, level, met, override?}.",
                ),
                Field::required(
                    "possible_duplicates",
                    Shape::list(&Shape::line(100), 50),
                    "Open referrals for the same.",
                ),
            ],
        })),
    }],
    problems: &[
        ProblemKind::RequirementsMissing,
        ProblemKind::RecipientInactive,
    ],
};

static ROUTER: Mounted = Mounted::new();

/// The routes and what serves them.
pub fn operations<P: Platform>() -> Vec<Operation<P>> {
    let mut operations = crate::meta::operations!("intake");
    operations.extend([
        Operation::new(&CREATE, |call| Box::pin(create::create(call))),
        Operation::new(&CHECK, |call| Box::pin(check::check(call))),
        Operation::new(&matching::MATCH, |call| Box::pin(matching::find(call))),
    ]);
    operations
}

/// The router of one request.
pub fn router<P: Platform>(platform: P) -> Router {
    ROUTER.serve(platform, operations)
}

/// The network's policy by the row of [`reading::policy_statement`].
///
/// # Errors
/// [`Problem::Internal`](crate::http::Problem::Internal) when it is not what we write.
pub(crate) fn policy_of(
    row: Option<&ports::Row>,
) -> Result<domain::policy::Policy, crate::http::Problem> {
    reading::policy(row)
}
