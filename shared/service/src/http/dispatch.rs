//! From a table of operations to the axum router of one request.
//!
//! The table becomes a router once; it is the same for every request of an instance. The platform is not: on Workers it
//! holds handles of the request, so it travels in the request's extensions and is never kept.

use std::any::TypeId;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::extract::{RawPathParams, Request};
use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CACHE_CONTROL, HeaderName};
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use ports::Platform;
use tower_service::Service;

use super::body::Body as RequestBody;
use super::problem::Problem;
use super::reply::Reply;
use super::rest::throw_away;
use super::route::{Method, Operation};
use crate::call::Call;
use crate::metered::{Meter, Metered};

/// A function's router once it is built: `static ROUTER: Mounted = Mounted::new();`.
#[derive(Debug, Default)]
pub struct Mounted(OnceLock<(TypeId, Router)>);

impl Mounted {
    /// Nothing built yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// The router of one request on `platform`. `operations` is asked the first time only.
    pub fn serve<P: Platform>(&self, platform: P, operations: fn() -> Vec<Operation<P>>) -> Router {
        let (built_for, router) = self
            .0
            .get_or_init(|| (TypeId::of::<P>(), build(operations())));
        // A static is shared by all platforms of a generic function. A function has one; only a test may have two.
        let router = if *built_for == TypeId::of::<P>() {
            router.clone()
        } else {
            build(operations())
        };
        Router::new().fallback_service(OnPlatform { platform, router })
    }
}

/// The router of all operations: one service a path, which tells methods apart itself.
fn build<P: Platform>(operations: Vec<Operation<P>>) -> Router {
    let mut paths: Vec<(&'static str, Vec<Operation<P>>)> = Vec::new();
    for operation in operations {
        match paths
            .iter_mut()
            .find(|(path, _)| *path == operation.route.path)
        {
            Some((_, same_path)) => same_path.push(operation),
            None => paths.push((operation.route.path, vec![operation])),
        }
    }
    // A function's own segment with a slash after it is the segment: fhir-kit-client posts a transaction to `/fhir/`.
    let mut slashed = Vec::new();
    for (path, operations) in &paths {
        let with_slash = format!("{path}/");
        if path.matches('/').count() == 1 && !paths.iter().any(|(other, _)| *other == with_slash) {
            slashed.push((with_slash, operations.clone()));
        }
    }
    let plain = paths
        .into_iter()
        .map(|(path, operations)| (path.to_owned(), operations));
    plain
        .chain(slashed)
        .fold(Router::new(), |router, (path, operations)| {
            router.route_service(&path, OnPath { operations })
        })
        .fallback(|request: Request| async {
            throw_away(request.into_body()).await;
            finish(Problem::NotFound.into_response(), &Meter::default())
        })
}

type ResponseFuture = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

/// Puts the platform of the request into its extensions.
#[derive(Clone)]
struct OnPlatform<P> {
    platform: P,
    router: Router,
}

impl<P: Platform> Service<Request> for OnPlatform<P> {
    type Response = Response;
    type Error = Infallible;
    type Future = <Router as Service<Request>>::Future;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        request.extensions_mut().insert(self.platform.clone());
        self.router.call(request)
    }
}

/// The operations of one path.
struct OnPath<P> {
    operations: Vec<Operation<P>>,
}

impl<P> Clone for OnPath<P> {
    fn clone(&self) -> Self {
        Self {
            operations: self.operations.clone(),
        }
    }
}

impl<P: Platform> Service<Request> for OnPath<P> {
    type Response = Response;
    type Error = Infallible;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let operation = self.operation(request.method());
        let allow = self.allow();
        Box::pin(async move {
            let is_head = request.method() == http::Method::HEAD;
            let meter = Meter::default();
            let (parts, mut body) = request.into_parts();
            let outcome = match operation {
                Some(operation) => respond(operation, parts, &mut body, meter.clone()).await,
                None if parts.method == http::Method::OPTIONS => {
                    Ok(Reply::empty(StatusCode::NO_CONTENT).header(ALLOW, &allow))
                }
                None => Err(Problem::MethodNotAllowed { allow }),
            };
            throw_away(body).await;
            let response = finish(outcome.into_response(), &meter);
            Ok(if is_head {
                response.map(|_| Body::empty())
            } else {
                response
            })
        })
    }
}

impl<P> OnPath<P> {
    /// The operation for a method; `GET` answers `HEAD` too.
    fn operation(&self, method: &http::Method) -> Option<Operation<P>> {
        let name = if *method == http::Method::HEAD {
            Method::Get.as_str()
        } else {
            method.as_str()
        };
        self.operations
            .iter()
            .find(|operation| operation.route.method.as_str() == name)
            .copied()
    }

    /// The methods that the path takes, as the header lists them.
    fn allow(&self) -> String {
        let mut methods: Vec<_> = self
            .operations
            .iter()
            .map(|operation| operation.route.method)
            .collect();
        methods.sort_unstable();
        let mut methods: Vec<_> = methods.into_iter().map(Method::as_str).collect();
        if methods.contains(&Method::Get.as_str()) {
            methods.push("HEAD");
        }
        methods.push("OPTIONS");
        methods.join(", ")
    }
}

/// Makes the call of a request and hands it to its operation.
async fn respond<P: Platform>(
    operation: Operation<P>,
    mut parts: Parts,
    body: &mut Body,
    meter: Meter,
) -> Result<Reply, Problem> {
    let platform = parts
        .extensions
        .remove::<P>()
        .ok_or_else(|| Problem::internal("the request carries no platform"))?;
    // What cannot be decoded as UTF-8 names nothing that is there.
    let path = RawPathParams::from_request_parts(&mut parts, &())
        .await
        .map_err(|_| Problem::NotFound)?
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let body = match operation.route.method {
        Method::Get | Method::Delete => RequestBody::default(),
        _ => RequestBody::read(&parts.headers, body, operation.route.body_bytes_max).await?,
    };
    let call = Call::new(
        operation.route,
        Metered::new(platform.clone(), meter),
        parts,
        path,
        body,
    )?;
    let outcome = (operation.handler)(call).await;
    if let Err(problem) = &outcome {
        report(&platform, operation.route.id, problem);
    }
    outcome
}

/// Tells the operator of a fault of the program, which its caller is not told: where, and every cause.
pub fn report<P: Platform>(platform: &P, place: &str, problem: &Problem) {
    if !matches!(problem, Problem::Internal(_) | Problem::DatabaseUnavailable) {
        return;
    }
    let mut text = format!("{place}: {problem}");
    let mut cause = std::error::Error::source(problem);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    platform.report(&text);
}

/// Adds what every answer carries: what it cost, and that nobody may keep or reinterpret it.
fn finish(mut response: Response, meter: &Meter) -> Response {
    let answered = response.status().is_success() || response.status().is_redirection();
    let headers = response.headers_mut();
    if let Ok(timing) = HeaderValue::from_str(&meter.server_timing(answered)) {
        headers.insert(HeaderName::from_static("server-timing"), timing);
    }
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers.insert(
        HeaderName::from_static("x-content-type-options"),
        HeaderValue::from_static("nosniff"),
    );
    response
}
