//! HTTP as every function speaks it: routes as data, bodies checked against their shape, problems, common headers.
//!
//! What is here knows no use case. A function lists its [`Operation`]s; [`Mounted::serve`] makes the axum router of one
//! request from them, and `openapi` writes the published description from the same list.

mod body;
mod depth;
mod dispatch;
pub(crate) mod header;
mod page;
mod problem;
mod problem_kind;
mod reply;
mod rest;
mod route;
#[cfg(not(target_family = "wasm"))]
pub(crate) mod schema;
mod shape;
mod text;

pub use body::{BODY_BYTES_MAX, Body};
pub use depth::DEPTH_MAX;
pub use dispatch::{Mounted, report};
pub use header::{
    IDEMPOTENCY_KEY_CHARS_MAX, IfMatch, LETTER_COOKIE, LETTER_HEADER, SESSION_COOKIE,
    SESSION_PREFIX,
};
pub use page::{PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, Page, page_of};
pub use problem::{Fault, PROBLEM_JSON, Place, Problem};
pub use problem_kind::ProblemKind;
pub use reply::Reply;
pub use route::{Access, Handler, Method, Operation, Parameter, Route, Success};
pub(crate) use shape::remove_nulls;
pub use shape::{FAULTS_MAX, Field, Object, Shape};
pub use text::{TextKind, is_slug};
