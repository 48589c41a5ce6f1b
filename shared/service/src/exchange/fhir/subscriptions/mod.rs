//! `/fhir/Subscription`: an endpoint of the caller's organisation that is sent notifications, as FHIR has it.
//!
//! What a notification tells is what a key with `referrals:read` may read, so such a key may subscribe; it may change what it made, and with
//! `directory:write` whatever its organisation has.

mod change;
mod read;
mod sql;

use ports::Platform;

use super::{BUNDLE_BYTES_MAX, READ, parameter, read_route, success};
use crate::http::{Method, Operation, Parameter, ProblemKind, Route, Success};

/// What may be wrong with a Subscription.
const PROBLEMS: &[ProblemKind] = &[
    ProblemKind::NotAcceptable,
    ProblemKind::Invalid,
    ProblemKind::NotJson,
    ProblemKind::TooDeep,
    ProblemKind::TooLarge,
    ProblemKind::WrongContentType,
    ProblemKind::TooMany,
    ProblemKind::VersionMismatch,
];

const ONE: &str = "/fhir/Subscription/{id}";

static CREATE: Route = Route {
    method: Method::Post,
    path: "/fhir/Subscription",
    id: "create_subscription",
    summary: "Be told, at an address of yours, which referrals change.",
    access: READ,
    query: &[],
    request: None,
    body_bytes_max: BUNDLE_BYTES_MAX,
    success: &[success(
        201,
        "The Subscription: requested, until its endpoint has answered the handshake.",
    )],
    problems: PROBLEMS,
};

static UPDATE: Route = Route {
    method: Method::Put,
    path: ONE,
    id: "update_subscription",
    summary: "Change a Subscription, switch it off, or on again.",
    success: &[success(
        200,
        "The Subscription. Unless it is off, its endpoint must answer a handshake anew.",
    )],
    ..CREATE
};

static REMOVE: Route = Route {
    method: Method::Delete,
    path: ONE,
    id: "remove_subscription",
    summary: "End a Subscription, and forget it.",
    access: READ,
    query: &[],
    request: None,
    body_bytes_max: 0,
    success: &[Success {
        status: 204,
        doc: "It is gone.",
        body: None,
    }],
    problems: &[],
};

static READ_ONE: Route = read_route(ONE, "read_subscription", "Read a Subscription.");

static STATUS: Route = Route {
    success: &[success(
        200,
        "A searchset Bundle with the status as Parameters.",
    )],
    ..read_route(
        "/fhir/Subscription/{id}/$status",
        "subscription_status",
        "How a Subscription stands, and how many events there were.",
    )
};

/// The parameters of a search.
const PARAMETERS: &[Parameter] = &[
    parameter("_id", "Only these; several separated by commas."),
    parameter(
        "status",
        "Only with this status; several separated by commas.",
    ),
    parameter("_format", "json or xml."),
];

static SEARCH: Route = Route {
    query: PARAMETERS,
    success: &[success(200, "A searchset Bundle.")],
    ..read_route(
        "/fhir/Subscription",
        "search_subscriptions",
        "Search the organisation's Subscriptions.",
    )
};

/// The routes and what serves them.
pub(super) fn operations<P: Platform>() -> Vec<Operation<P>> {
    vec![
        Operation::new(&CREATE, |call| Box::pin(change::create(call))),
        Operation::new(&UPDATE, |call| Box::pin(change::update(call))),
        Operation::new(&REMOVE, |call| Box::pin(change::remove(call))),
        Operation::new(&READ_ONE, |call| Box::pin(read::one(call))),
        Operation::new(&STATUS, |call| Box::pin(read::status(call))),
        Operation::new(&SEARCH, |call| Box::pin(read::search(call))),
    ]
}
