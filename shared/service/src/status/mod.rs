//! The status function: what has happened to a referral, by signed webhook or by key; documents of reports.

mod append;
mod corrections;
mod documents;
mod events;
mod incoming;
mod letter;
mod parked;
mod plan;
pub(crate) mod shapes;
mod source;
mod speaker;
mod unmatched;
mod webhooks;

use axum::Router;
use ports::Platform;

use crate::auth::Scope;
use crate::http::{
    Access, BODY_BYTES_MAX, Field, Method, Mounted, Object, Operation, ProblemKind, Route, Shape,
    Success,
};

pub use append::{ATTEMPTS_MAX, Done, Fresh, append};
pub use documents::DOCUMENT_BYTES_MAX;
pub(crate) use events::{Posted, destination, offer as offer_of_redirect, selector as selector_of};
pub(crate) use incoming::Incoming;
pub use parked::{Applying, all_events_of, applied};
pub use plan::{arrival, plan};

/// The problems of an event that is well formed.
const EVENT_PROBLEMS: &[ProblemKind] = &[
    ProblemKind::NeverLegal,
    ProblemKind::GuardFailed,
    ProblemKind::WrongSide,
    ProblemKind::VersionMismatch,
    ProblemKind::Taken,
];

const DONE: Success = Success {
    status: 202,
    doc: "What was done with the event.",
    body: Some(shapes::RESULT),
};

static EVENT: Route = Route {
    method: Method::Post,
    path: "/status/referrals/{id}/events",
    id: "post_event",
    summary: "Say what has happened to a referral.",
    access: Access::Leg(Scope::EventsWrite),
    query: &[],
    request: Some(shapes::EVENT),
    body_bytes_max: BODY_BYTES_MAX,
    success: &[DONE],
    problems: EVENT_PROBLEMS,
};

static WEBHOOK: Route = Route {
    method: Method::Post,
    path: "/status/webhooks/{source}",
    id: "receive_webhook",
    summary: "Say what has happened to a referral, by a signed webhook (Standard Webhooks).",
    access: Access::Signature,
    query: &[],
    request: Some(shapes::WEBHOOK),
    body_bytes_max: BODY_BYTES_MAX,
    success: &[DONE],
    problems: EVENT_PROBLEMS,
};

static APPLY: Route = Route {
    method: Method::Post,
    path: "/status/parked/{id}/apply",
    id: "apply_parked_event",
    summary: "Apply a parked event at once; the steps that were missing are recorded as implied.",
    access: Access::Scope(Scope::EventsWrite),
    query: &[],
    request: Some(Shape::Object(&Object {
        name: "ApplyParked",
        fields: &[Field::required("reason", Shape::prose(4_000), "Why.")],
    })),
    body_bytes_max: BODY_BYTES_MAX,
    success: &[DONE],
    problems: &[ProblemKind::NothingParked, ProblemKind::NeverLegal],
};

static DOCUMENT: Route = Route {
    method: Method::Post,
    path: "/status/documents",
    id: "store_document",
    summary: "Store a document; an outcome names it by its id.",
    access: Access::Leg(Scope::EventsWrite),
    query: &[],
    request: None,
    body_bytes_max: DOCUMENT_BYTES_MAX,
    success: &[Success {
        status: 201,
        doc: "The document's id. Location names it.",
        body: Some(Shape::Object(&Object {
            name: "StoredDocument",
            fields: &[
                Field::required("id", Shape::line(100), "Its id."),
                Field::required("type", Shape::line(200), "Its media type."),
                Field::required(
                    "bytes",
                    Shape::Integer {
                        min: 1,
                        max: 2_000_000,
                    },
                    "Its size.",
                ),
            ],
        })),
    }],
    problems: &[],
};

static MATCH: Route = Route {
    method: Method::Post,
    path: "/status/unmatched/{id}/match",
    id: "match_message",
    summary: "Say to which referral a message belongs that fits none for certain, or that it belongs to none.",
    access: Access::Scope(Scope::EventsWrite),
    query: &[],
    request: Some(Shape::Object(&Object {
        name: "MatchMessage",
        fields: &[
            Field::optional(
                "referral",
                Shape::line(100),
                "The referral: what the message says is done to it.",
            ),
            Field::optional(
                "dismiss",
                Shape::prose(4_000),
                "Why it belongs to none; in place of referral.",
            ),
        ],
    })),
    body_bytes_max: BODY_BYTES_MAX,
    success: &[Success {
        status: 202,
        doc: "What was done with the event, or that the message was dismissed.",
        body: Some(shapes::MATCHED),
    }],
    problems: &[
        ProblemKind::NeverLegal,
        ProblemKind::GuardFailed,
        ProblemKind::WrongSide,
        ProblemKind::VersionMismatch,
        ProblemKind::Taken,
    ],
};

static ROUTER: Mounted = Mounted::new();

/// The routes and what serves them.
pub fn operations<P: Platform>() -> Vec<Operation<P>> {
    let mut operations = crate::meta::operations!("status");
    operations.extend([
        Operation::new(&EVENT, |call| Box::pin(events::post(call))),
        Operation::new(&WEBHOOK, |call| Box::pin(webhooks::receive(call))),
        Operation::new(&APPLY, |call| Box::pin(parked::apply(call))),
        Operation::new(&DOCUMENT, |call| Box::pin(documents::store(call))),
        Operation::new(&MATCH, |call| Box::pin(unmatched::decide(call))),
    ]);
    operations
}

/// The router of one request.
pub fn router<P: Platform>(platform: P) -> Router {
    ROUTER.serve(platform, operations)
}
