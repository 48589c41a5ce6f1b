//! A route as data: the single source of what is served and of what is published.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use super::problem::Problem;
use super::problem_kind::ProblemKind;
use super::reply::Reply;
use super::shape::Shape;
use crate::auth::Scope;
use crate::call::Call;

/// A method that a route may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// Reads; `HEAD` is answered by it too.
    Get,
    /// Makes or does something.
    Post,
    /// Replaces.
    Put,
    /// Changes some members.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// The method's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anyone.
    Public,
    /// Any live key, and the operator where the function knows the operator.
    Key,
    /// A key with this scope, and the operator where the function knows the operator.
    Scope(Scope),
    /// The same, and also a key with this scope that is confined to one leg of a referral: the use case keeps to that leg
    /// (`Member::confined_to`). Every other access refuses such a key.
    Leg(Scope),
    /// A session of a letter's link with this scope: what is shown to an office that has opened its letter. The path's `id` is the
    /// referral, and whose session is meant goes by it.
    Letter(Scope),
    /// The operator alone.
    Operator,
    /// Whoever signs with the secret of a source (Standard Webhooks).
    Signature,
}

impl Access {
    /// Whether a key that is confined to one leg may call: the use case keeps to the leg.
    #[must_use]
    pub const fn opens_to_confined(self) -> bool {
        matches!(self, Self::Leg(_) | Self::Letter(_))
    }
}

/// A parameter of the query.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What its text must be.
    pub shape: Shape,
    /// What it means.
    pub doc: &'static str,
}

/// What a route answers when it worked.
#[derive(Debug, Clone, Copy)]
pub struct Success {
    /// The status.
    pub status: u16,
    /// What the answer means.
    pub doc: &'static str,
    /// The shape of the body; `None` without a JSON body.
    pub body: Option<Shape>,
}

/// One method of one path.
#[derive(Debug)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path from its root, as axum and OpenAPI both write it: `/directory/organizations/{organization}`.
    pub path: &'static str,
    /// Its name in generated clients, `snake_case` and one of its kind in all functions.
    pub id: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// Who may call it.
    pub access: Access,
    /// The query parameters that it reads.
    pub query: &'static [Parameter],
    /// The shape of the request's JSON body; `None` where it takes none.
    pub request: Option<Shape>,
    /// The most bytes of a request's body.
    pub body_bytes_max: usize,
    /// What it answers when it worked.
    pub success: &'static [Success],
    /// The problems of its own; those of every route (no key, too large, …) are not repeated here.
    pub problems: &'static [ProblemKind],
}

impl Route {
    /// Whether a call may carry an idempotency key: every POST by key may. A webhook has its own, and signing in shows what is
    /// kept nowhere.
    #[must_use]
    pub fn takes_idempotency_key(&self) -> bool {
        self.method == Method::Post && !matches!(self.access, Access::Signature | Access::Public)
    }
}

/// What serves a route on a platform.
pub type Handler<P> = fn(Call<P>) -> Pin<Box<dyn Future<Output = Result<Reply, Problem>> + Send>>;

/// A route and what serves it: an entry of a function's table.
///
/// ```ignore
/// Operation::new(&organizations::CREATE, |call| Box::pin(organizations::create(call)))
/// ```
pub struct Operation<P> {
    /// The route.
    pub route: &'static Route,
    /// What serves it.
    pub handler: Handler<P>,
}

impl<P> Operation<P> {
    /// An entry of a function's table.
    pub fn new(route: &'static Route, handler: Handler<P>) -> Self {
        Self { route, handler }
    }
}

impl<P> Clone for Operation<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Operation<P> {}

impl<P> fmt::Debug for Operation<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.route.fmt(formatter)
    }
}
