//! The directory function: who is in a network, what they offer, who may call, where webhooks come from and go to.
//!
//! The operator may do everything here. A key sees its own organisation and nothing else: whatever it may not see is not
//! found. With the scope `directory:write` it changes its own organisation, except the identifiers by which messages find it.

pub(crate) mod dead_letters;
mod document;
mod due;
pub(crate) mod endpoints;
mod gate;
mod keys;
mod organizations;
mod organizations_sql;
mod policy;
mod policy_shape;
mod rotation;
mod services;
mod shown;
mod sources;
mod templates;

pub(crate) use endpoints::{ENDPOINTS_MAX, removal as endpoint_removal};

use axum::Router;
use ports::Platform;

use crate::http::{Mounted, Operation, PAGE_SIZE_MAX, Parameter, Shape};

static ROUTER: Mounted = Mounted::new();

/// The query parameters of a list.
static PAGING: &[Parameter] = &[
    Parameter {
        name: "limit",
        shape: Shape::Integer {
            min: 1,
            max: PAGE_SIZE_MAX as i64,
        },
        doc: "The most items of the page; 50 when it is left out.",
    },
    Parameter {
        name: "cursor",
        shape: Shape::line(256),
        doc: "The next of the page before.",
    },
];

/// The routes and what serves them.
pub fn operations<P: Platform>() -> Vec<Operation<P>> {
    let mut operations = crate::meta::operations!("directory");
    operations.extend([
        Operation::new(&organizations::CREATE, |call| {
            Box::pin(organizations::create(call))
        }),
        Operation::new(&organizations::LIST, |call| {
            Box::pin(organizations::list(call))
        }),
        Operation::new(&organizations::GET, |call| {
            Box::pin(organizations::get(call))
        }),
        Operation::new(&organizations::PATCH, |call| {
            Box::pin(organizations::patch(call))
        }),
        Operation::new(&keys::CREATE, |call| Box::pin(keys::create(call))),
        Operation::new(&keys::LIST, |call| Box::pin(keys::list(call))),
        Operation::new(&keys::REVOKE, |call| Box::pin(keys::revoke(call))),
        Operation::new(&services::CREATE, |call| Box::pin(services::create(call))),
        Operation::new(&services::LIST, |call| Box::pin(services::list(call))),
        Operation::new(&services::GET, |call| Box::pin(services::get(call))),
        Operation::new(&services::PATCH, |call| Box::pin(services::patch(call))),
        Operation::new(&endpoints::CREATE, |call| Box::pin(endpoints::create(call))),
        Operation::new(&endpoints::LIST, |call| Box::pin(endpoints::list(call))),
        Operation::new(&endpoints::REMOVE, |call| Box::pin(endpoints::remove(call))),
        Operation::new(&endpoints::ROTATE, |call| Box::pin(endpoints::rotate(call))),
        Operation::new(&endpoints::ENABLE, |call| Box::pin(endpoints::enable(call))),
        Operation::new(&dead_letters::LIST, |call| {
            Box::pin(dead_letters::list(call))
        }),
        Operation::new(&dead_letters::RESEND, |call| {
            Box::pin(dead_letters::resend(call))
        }),
        Operation::new(&dead_letters::RESEND_ALL, |call| {
            Box::pin(dead_letters::resend_all(call))
        }),
        Operation::new(&sources::CREATE, |call| Box::pin(sources::create(call))),
        Operation::new(&sources::LIST, |call| Box::pin(sources::list(call))),
        Operation::new(&sources::REMOVE, |call| Box::pin(sources::remove(call))),
        Operation::new(&sources::ROTATE, |call| Box::pin(sources::rotate(call))),
        Operation::new(&policy::GET, |call| Box::pin(policy::get(call))),
        Operation::new(&policy::PUT, |call| Box::pin(policy::put(call))),
        Operation::new(&templates::LIST, |call| Box::pin(templates::list(call))),
        Operation::new(&templates::GET, |call| Box::pin(templates::get(call))),
        Operation::new(&templates::PUT, |call| Box::pin(templates::put(call))),
        Operation::new(&templates::RESET, |call| Box::pin(templates::reset(call))),
        Operation::new(&templates::PREVIEW, |call| {
            Box::pin(templates::preview(call))
        }),
    ]);
    operations
}

/// The router of one request.
pub fn router<P: Platform>(platform: P) -> Router {
    ROUTER.serve(platform, operations)
}
