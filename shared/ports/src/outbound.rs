//! The outbound port: one HTTP request to a partner, and what is told of its answer.

/// A POST to a partner. Redirects are never followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Where to.
    pub url: String,
    /// Headers beside those that the platform sets.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
    /// How long the answer's status may take, in milliseconds.
    pub timeout_ms: u32,
}

/// What a partner answered, without its body: where nothing in that matters it is not read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answered {
    /// The HTTP status.
    pub status: u16,
    /// The `Retry-After` header as it came.
    pub retry_after: Option<String>,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It took too long.
    #[error("no answer in time")]
    TimedOut,
    /// Nobody could be reached there, or the platform does not allow it.
    #[error("the address cannot be reached")]
    Unreachable,
}
