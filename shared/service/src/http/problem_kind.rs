//! Every kind of problem with its status, code and title: the one table behind every error answer.

/// A kind of problem. Callers tell problems apart by its code, which never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// The body is not JSON.
    NotJson,
    /// The body is larger than the route takes.
    TooLarge,
    /// The body is nested too deep.
    TooDeep,
    /// The body is of another media type.
    WrongContentType,
    /// A header cannot be read.
    InvalidHeader,
    /// The body or the query breaks its documented shape, or names something that is not there.
    Invalid,
    /// No live key.
    Unauthorized,
    /// The key's scopes do not cover the call.
    ForbiddenScope,
    /// A session's cookie came from another site.
    CrossSite,
    /// The event is the other side's to send.
    WrongSide,
    /// The same by webhook.
    WrongSideSigned,
    /// There is no such thing, or the caller may not see it.
    NotFound,
    /// The path takes other methods.
    MethodNotAllowed,
    /// The caller takes no form that the answer has.
    NotAcceptable,
    /// The id or identifier is in use.
    Taken,
    /// A limit on how many there may be.
    TooMany,
    /// An event that can never become legal.
    NeverLegal,
    /// A condition of the event does not hold.
    GuardFailed,
    /// `If-Match` names another version.
    VersionMismatch,
    /// A condition names several.
    Ambiguous,
    /// There is nothing parked under this id.
    NothingParked,
    /// The idempotency key came with another request before.
    IdempotencyMismatch,
    /// The first request with this idempotency key still runs.
    IdempotencyInFlight,
    /// Required items of a request are missing.
    RequirementsMissing,
    /// The recipient takes no new referral.
    RecipientInactive,
    /// The link of a letter opens no more.
    LinkEnded,
    /// A secret that the function needs is not set.
    NotConfigured,
    /// The database cannot be reached or is busy.
    DatabaseUnavailable,
    /// A fault of the program.
    Internal,
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The HTTP status.
    pub status: u16,
    /// The stable code, the last part of the problem's `type`.
    pub code: &'static str,
    /// The short text for people, the same for every problem of the kind.
    pub title: &'static str,
}

/// What the `type` of every problem begins with; the code follows.
pub const TYPE_PREFIX: &str = "urn:referral-loop:problem:";

impl ProblemKind {
    /// Every kind.
    pub const ALL: [Self; 29] = [
        Self::NotJson,
        Self::TooLarge,
        Self::TooDeep,
        Self::WrongContentType,
        Self::InvalidHeader,
        Self::Invalid,
        Self::Unauthorized,
        Self::ForbiddenScope,
        Self::CrossSite,
        Self::WrongSide,
        Self::WrongSideSigned,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::NotAcceptable,
        Self::Taken,
        Self::TooMany,
        Self::NeverLegal,
        Self::GuardFailed,
        Self::VersionMismatch,
        Self::Ambiguous,
        Self::NothingParked,
        Self::IdempotencyMismatch,
        Self::IdempotencyInFlight,
        Self::RequirementsMissing,
        Self::RecipientInactive,
        Self::LinkEnded,
        Self::NotConfigured,
        Self::DatabaseUnavailable,
        Self::Internal,
    ];

    /// The kind's row.
    #[must_use]
    pub const fn row(self) -> Row {
        match self {
            Self::NotJson => row(400, "not-json", "The body is not JSON"),
            Self::TooLarge => row(413, "too-large", "The body is too large"),
            Self::TooDeep => row(400, "too-deep", "The body is nested too deep"),
            Self::WrongContentType => row(
                415,
                "wrong-content-type",
                "The body is of another media type",
            ),
            Self::InvalidHeader => row(400, "invalid-header", "A header cannot be read"),
            Self::Invalid => row(422, "invalid", "The request has faults"),
            Self::Unauthorized => row(401, "unauthorized", "A live key or signature is needed"),
            Self::ForbiddenScope => row(403, "forbidden-scope", "The key does not cover this call"),
            Self::CrossSite => row(403, "cross-site", "The call came from another site"),
            Self::WrongSide => row(403, "wrong-side", "This is the other side's to send"),
            Self::WrongSideSigned => row(409, "wrong-side", "This is the other side's to send"),
            Self::NotFound => row(404, "not-found", "There is no such thing"),
            Self::MethodNotAllowed => {
                row(405, "method-not-allowed", "The path takes other methods")
            }
            Self::NotAcceptable => row(
                406,
                "not-acceptable",
                "The answer has no form that the caller takes",
            ),
            Self::Taken => row(409, "taken", "That is in use already"),
            Self::TooMany => row(409, "too-many", "There may be no more of these"),
            Self::NeverLegal => row(409, "never-legal", "The event can never become legal"),
            Self::GuardFailed => row(
                409,
                "guard-failed",
                "A condition of the event does not hold",
            ),
            Self::VersionMismatch => row(412, "version-mismatch", "There is a newer version"),
            Self::Ambiguous => row(412, "ambiguous", "The condition names several"),
            Self::NothingParked => row(404, "nothing-parked", "Nothing is parked under this id"),
            Self::IdempotencyMismatch => row(
                422,
                "idempotency-mismatch",
                "The idempotency key was used for another request",
            ),
            Self::IdempotencyInFlight => row(
                409,
                "idempotency-in-flight",
                "The first request with this idempotency key still runs",
            ),
            Self::RequirementsMissing => {
                row(422, "requirements-missing", "Required items are missing")
            }
            Self::RecipientInactive => row(
                422,
                "recipient-inactive",
                "The recipient takes no new referral",
            ),
            Self::LinkEnded => row(410, "link-ended", "The link opens no more"),
            Self::NotConfigured => row(503, "not-configured", "A secret is not set"),
            Self::DatabaseUnavailable => row(
                503,
                "database-unavailable",
                "The database cannot be reached",
            ),
            Self::Internal => row(500, "internal", "A fault of the program"),
        }
    }

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.row().code
    }
}

const fn row(status: u16, code: &'static str, title: &'static str) -> Row {
    Row {
        status,
        code,
        title,
    }
}
