//! Spin: its SQLite database `default`, WASI's clock, Spin's variables, and its HTTP trigger.

mod outbound;
mod sqlite;

use std::future::Future;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Body;
use http::Response;
use ports::{Answer, Answered, DatabaseError, Outgoing, Platform, SendError, Setting, Statement};
use tower_service::Service;

/// The platform port of one request on Spin.
///
/// Clones share a connection: a request opens one, and another only when two of its batches run at once. Nothing outlives
/// the request, because Spin serves several in one instance.
#[derive(Clone, Default)]
pub struct Spin {
    connections: sqlite::Connections,
}

impl Spin {
    /// The port of a new request. Nothing is opened yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Platform for Spin {
    fn batch(
        &self,
        statements: Vec<Statement>,
    ) -> impl Future<Output = Result<Answer, DatabaseError>> + Send {
        let connections = self.connections.clone();
        async move { connections.batch(&statements).await }
    }

    #[allow(
        clippy::disallowed_methods,
        reason = "this is the port that the others take the clock from; WASI has a clock"
    )]
    fn now(&self) -> i64 {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .ok()
            .and_then(|since| i64::try_from(since.as_millis()).ok())
            .unwrap_or(0)
    }

    fn random(&self) -> [u8; 16] {
        crate::random::sixteen_bytes()
    }

    fn report(&self, fault: &str) {
        eprintln!("{fault}");
    }

    async fn send(&self, request: Outgoing) -> Result<Answered, SendError> {
        outbound::send(request).await
    }

    async fn send_and_read(
        &self,
        request: Outgoing,
        bytes_max: usize,
    ) -> Result<(Answered, Vec<u8>), SendError> {
        outbound::send_and_read(request, bytes_max).await
    }

    async fn setting(&self, setting: Setting) -> Option<String> {
        // A variable that is not set has no value here or, by the usual default, an empty one.
        spin_sdk::variables::get(setting.name().to_ascii_lowercase())
            .await
            .ok()
            .filter(|value| !value.is_empty())
    }
}

/// Answers one request with `router`.
pub async fn serve(mut router: Router, request: spin_sdk::http::Request) -> Response<Body> {
    match router.call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}
