//! The sweep function: on a schedule, or when it is called, it finds what is overdue and folds what waits.

mod run;
pub(crate) mod slice;
mod slice_sql;
mod unmatched;

use axum::Router;
use ports::Platform;

pub use run::run;

use crate::auth::Scope;
use crate::http::{Access, Field, Method, Mounted, Object, Operation, Route, Shape, Success};

const COUNT: Shape = Shape::Integer {
    min: 0,
    max: i64::MAX,
};

static SWEEP: Route = Route {
    method: Method::Post,
    path: "/sweep",
    id: "run_sweep",
    summary: "Look at one slice of what is due; twice at once, or again, does nothing twice.",
    access: Access::Scope(Scope::SweepRun),
    query: &[],
    request: None,
    body_bytes_max: 1_024,
    success: &[Success {
        status: 200,
        doc: "What it did. Where more is true, call it again.",
        body: Some(Shape::Object(&Object {
            name: "Swept",
            fields: &[
                Field::required(
                    "due",
                    COUNT,
                    "Referrals, and messages that fit none, that were due to be looked at.",
                ),
                Field::required("overdue", COUNT, "Limits newly found passed."),
                Field::required("escalated", COUNT, "Breaches told to the next level."),
                Field::required(
                    "reminders",
                    COUNT,
                    "Reminders that were made: of visits, and of messages that fit no referral.",
                ),
                Field::required("delivered", COUNT, "Webhooks delivered."),
                Field::required("delivery_failed", COUNT, "Webhooks that could not be."),
                Field::required("unparked", COUNT, "Waiting reports that were applied."),
                Field::required(
                    "more",
                    Shape::Boolean,
                    "Whether the slice ended before the work did.",
                ),
            ],
        })),
    }],
    problems: &[],
};

static ROUTER: Mounted = Mounted::new();

/// The routes and what serves them.
pub fn operations<P: Platform>() -> Vec<Operation<P>> {
    let mut operations = crate::meta::operations!("sweep");
    operations.push(Operation::new(&SWEEP, |call| Box::pin(run::post(call))));
    operations
}

/// The router of one request.
pub fn router<P: Platform>(platform: P) -> Router {
    ROUTER.serve(platform, operations)
}
