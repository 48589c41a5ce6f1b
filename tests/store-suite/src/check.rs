//! How a case says what is wrong: an error instead of a panic, because in WebAssembly a panic ends the instance.

use std::fmt::Debug;

use ports::DatabaseError;
use service::http::Problem;

/// What a case ends with.
pub type Outcome = Result<(), Failure>;

/// Why a case failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The platform gave another answer than it should.
    #[error("{what}: got {got}, want {want}")]
    Different {
        /// What was looked at.
        what: String,
        /// What it was.
        got: String,
        /// What it should be.
        want: String,
    },
    /// A batch failed that should not.
    #[error("a batch failed: {0}")]
    Database(#[from] DatabaseError),
    /// The service refused what it should take.
    #[error("the service refused: {0}")]
    Service(String),
    /// A case is wrong about what it reads or writes.
    #[error("the case itself is wrong: {0}")]
    Case(String),
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Service(format!("{problem:?}"))
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Case(error.to_string())
    }
}

impl From<domain::time::NotATime> for Failure {
    fn from(error: domain::time::NotATime) -> Self {
        Self::Case(error.to_string())
    }
}

/// Longest value that a failure shows in full, in bytes.
const SHOWN_BYTES_MAX: usize = 400;

/// Fails unless `got` is `want`.
///
/// # Errors
/// [`Failure::Different`] when it is not.
pub fn equal<T: PartialEq<W> + Debug, W: Debug>(what: &str, got: T, want: W) -> Outcome {
    if got == want {
        Ok(())
    } else {
        Err(Failure::Different {
            what: what.to_owned(),
            got: shown(&got),
            want: shown(&want),
        })
    }
}

/// Fails unless `condition` holds.
///
/// # Errors
/// [`Failure::Different`] when it does not.
pub fn holds(what: &str, condition: bool) -> Outcome {
    equal(what, condition, true)
}

/// The refusal or conflict that a batch must end with.
///
/// # Errors
/// [`Failure::Different`] when it took effect.
pub fn failed<T: Debug>(
    what: &str,
    outcome: Result<T, DatabaseError>,
) -> Result<DatabaseError, Failure> {
    match outcome {
        Err(error) => Ok(error),
        Ok(answer) => Err(Failure::Different {
            what: what.to_owned(),
            got: shown(&answer),
            want: "an error".to_owned(),
        }),
    }
}

fn shown(value: &impl Debug) -> String {
    let text = format!("{value:?}");
    match text.char_indices().nth(SHOWN_BYTES_MAX) {
        Some((end, _)) => format!(
            "{}… ({} bytes)",
            text.get(..end).unwrap_or_default(),
            text.len()
        ),
        None => text,
    }
}
