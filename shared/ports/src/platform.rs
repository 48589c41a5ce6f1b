//! The platform port: generic, not boxed, so that one axum router compiles for every target.

use std::future::Future;

use crate::{Answer, Answered, DatabaseError, Outgoing, SendError, Statement};

/// A setting that the operator gives the functions and that no answer or log may show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// The operator's first key (Cloudflare secret `ADMIN_KEY`, Spin variable `admin_key`).
    AdminKey,
    /// What signing secrets are derived from (`MASTER_KEY`, `master_key`).
    MasterKey,
    /// The master key before the current one, while partners still hold secrets derived from it.
    MasterKeyPrevious,
    /// Which addresses beside public ones webhooks may be sent to: `loopback`, `all`, or none when it is missing.
    PrivateEndpoints,
}

impl Setting {
    /// The Cloudflare secret's name; Spin's variable is the same in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AdminKey => "ADMIN_KEY",
            Self::MasterKey => "MASTER_KEY",
            Self::MasterKeyPrevious => "MASTER_KEY_PREVIOUS",
            Self::PrivateEndpoints => "PRIVATE_ENDPOINTS",
        }
    }
}

/// Everything that differs by platform, as a use case needs it.
///
/// Futures promise `Send` because axum asks for it; on Workers, where nothing is `Send`, the adapter wraps them.
pub trait Platform: Clone + Send + Sync + 'static {
    /// Runs the statements in order as one transaction in one round trip, and returns their rows.
    ///
    /// Either all of them took effect or none. A write must be safe to send twice: a platform may retry it.
    ///
    /// # Errors
    /// [`DatabaseError`] when a statement failed (all is rolled back) or the database could not be reached.
    fn batch(
        &self,
        statements: Vec<Statement>,
    ) -> impl Future<Output = Result<Answer, DatabaseError>> + Send;

    /// The time now, in milliseconds since the Unix epoch, UTC.
    fn now(&self) -> i64;

    /// Sixteen bytes that nobody can guess.
    fn random(&self) -> [u8; 16];

    /// Tells the operator of a fault of the program, in the platform's log. Never carries patient data, a URL or a secret.
    fn report(&self, fault: &str);

    /// Sends one request to a partner. Follows no redirect.
    ///
    /// # Errors
    /// [`SendError`] when no answer came.
    fn send(&self, request: Outgoing) -> impl Future<Output = Result<Answered, SendError>> + Send {
        drop(request);
        std::future::ready(Err(SendError::Unreachable))
    }

    /// Sends one request to a partner as [`Platform::send`] does, and reads the body of its answer up to `bytes_max`; what is longer is cut
    /// off there. A body that breaks off is what came of it.
    ///
    /// # Errors
    /// [`SendError`] when no answer came.
    fn send_and_read(
        &self,
        request: Outgoing,
        bytes_max: usize,
    ) -> impl Future<Output = Result<(Answered, Vec<u8>), SendError>> + Send {
        drop((request, bytes_max));
        std::future::ready(Err(SendError::Unreachable))
    }

    /// Lets `work` go on after the answer to the request is given. Where the platform has no such thing it is dropped, and
    /// nothing may depend on it: what it would have done the sweep does.
    fn after(&self, work: impl Future<Output = ()> + Send + 'static) {
        drop(work);
    }

    /// A setting, or `None` where the operator has not given it to this function.
    fn setting(&self, setting: Setting) -> impl Future<Output = Option<String>> + Send;
}
