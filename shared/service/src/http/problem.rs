//! What goes wrong, as RFC 9457 problem details. No text here carries patient data, SQL or a secret's value.

use std::error::Error;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CONTENT_TYPE, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use ports::{DatabaseError, Setting};
use serde_json::{Map, Value, json};

use super::problem_kind::{ProblemKind, TYPE_PREFIX};
use crate::auth::Scope;

/// When a caller may try again after the database could not be reached.
const RETRY_AFTER_SECONDS: &str = "1";

/// The media type of problem details (RFC 9457).
pub const PROBLEM_JSON: &str = "application/problem+json";

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where it is.
    pub place: Place,
    /// Its stable code, such as `required` or `too-long`.
    pub code: &'static str,
    /// What would be right, for people. Never repeats what was sent: it may be patient data.
    pub detail: String,
}

/// Where a fault is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A JSON Pointer (RFC 6901) into the body; empty for the body itself.
    Body(String),
    /// A parameter of the query.
    Query(&'static str),
}

impl Fault {
    /// A fault of the body that its shape cannot see, such as a reference to something that is not there.
    #[must_use]
    pub fn at(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            place: Place::Body(pointer.into()),
            code,
            detail: detail.into(),
        }
    }

    /// A fault of a query parameter.
    #[must_use]
    pub fn query(name: &'static str, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            place: Place::Query(name),
            code,
            detail: detail.into(),
        }
    }

    fn to_json(&self) -> Value {
        let (place, value) = match &self.place {
            Place::Body(pointer) => ("pointer", pointer.as_str()),
            Place::Query(name) => ("parameter", *name),
        };
        json!({ place: value, "code": self.code, "detail": self.detail })
    }
}

/// Why a call failed. Its `Display` is the `detail` that the caller reads.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The body is not JSON.
    #[error("the body is not JSON: line {line}, column {column}")]
    NotJson {
        /// The line of the first fault, from 1.
        line: usize,
        /// Its column.
        column: usize,
    },
    /// The body is larger than the route takes.
    #[error("the body may have at most {limit_bytes} bytes")]
    TooLarge {
        /// The route's limit.
        limit_bytes: usize,
    },
    /// The body is nested too deep.
    #[error("lists and objects may be nested at most {limit} deep")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// The body is of another media type.
    #[error("send the body as {takes}")]
    WrongContentType {
        /// The media type that the route takes.
        takes: &'static str,
    },
    /// A header cannot be read.
    #[error("the header {name} {rule}")]
    InvalidHeader {
        /// The header's name.
        name: &'static str,
        /// What it must be, such as "must be an entity tag".
        rule: &'static str,
    },
    /// The request breaks its documented shape, or names something that is not there.
    #[error("{} fault(s), each listed under errors", .0.len())]
    Invalid(Vec<Fault>),
    /// No live key; one was sent, or not.
    #[error("{}", if *.given { "the key is unknown, expired or revoked" } else { "send a key: Authorization: Bearer <key>" })]
    Unauthorized {
        /// Whether a key was sent.
        given: bool,
    },
    /// A webhook without a signature that holds.
    #[error("the signature is missing, too old or does not hold, or the source is unknown")]
    BadSignature,
    /// The key's scopes do not cover the call; `None` where only the operator may.
    #[error("{}", match .needs { Some(scope) => format!("the key lacks the scope {scope}"), None => "only the operator may do this".to_owned() })]
    ForbiddenScope {
        /// The scope that is missing.
        needs: Option<Scope>,
    },
    /// The key is confined to one leg of a referral, and the route is not among those that it opens.
    #[error("the key opens one referral and nothing else")]
    Confined,
    /// A session's cookie came with a call that changes something and does not say that it came from our own page.
    #[error(
        "a session changes something from its own page alone; elsewhere send Authorization: Bearer <key>"
    )]
    CrossSite,
    /// The event is the other side's to send.
    #[error("this is the other side's to send")]
    WrongSide,
    /// The same, said by a signed webhook: the contract answers it as a conflict.
    #[error("this is the other side's to send")]
    WrongSideSigned,
    /// There is no such thing, or the caller may not see it.
    #[error("there is no such thing, or it is not yours to see")]
    NotFound,
    /// The path takes other methods.
    #[error("the path takes {allow}")]
    MethodNotAllowed {
        /// The methods that it takes, as the header `Allow` lists them.
        allow: String,
    },
    /// The caller takes no form that the answer has.
    #[error("the answer is {gives}: ask for it in Accept")]
    NotAcceptable {
        /// The media type that there is.
        gives: &'static str,
    },
    /// The id or identifier is in use.
    #[error("{what} is in use already")]
    Taken {
        /// What is in use, such as "the id".
        what: &'static str,
    },
    /// A limit on how many there may be.
    #[error("there may be at most {limit} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many.
        limit: usize,
    },
    /// An event that can never become legal.
    #[error("{reason}")]
    NeverLegal {
        /// Why, in the domain's words.
        reason: String,
    },
    /// A condition of the event does not hold.
    #[error("{reason}")]
    GuardFailed {
        /// Which one, in the domain's words.
        reason: String,
    },
    /// `If-Match` names another version.
    #[error("the version is now {version}")]
    VersionMismatch {
        /// The version that there is.
        version: i64,
    },
    /// A condition names several things.
    #[error("several have this identifier")]
    Ambiguous,
    /// There is nothing parked under this id.
    #[error("nothing is parked under this id")]
    NothingParked,
    /// The idempotency key came with another request before.
    #[error("the idempotency key came with another method, path or body before")]
    IdempotencyMismatch,
    /// The first request with this idempotency key still runs.
    #[error("the first request with this idempotency key still runs; send it again for its answer")]
    IdempotencyInFlight,
    /// Required items of a request are missing.
    #[error("{} required item(s) are missing or too old, each listed under errors", .0.len())]
    RequirementsMissing(Vec<Value>),
    /// The recipient takes no new referral.
    #[error("the recipient or its service is not active")]
    RecipientInactive,
    /// The link of a letter has expired, was revoked or locked, or its referral is with somebody else. It says whom to call, and
    /// nothing of the patient.
    #[error("the link opens no more; call whoever sent the letter")]
    LinkEnded {
        /// The name of the organisation that sent it.
        name: String,
        /// How people reach that.
        contact: Option<String>,
    },
    /// A secret that the function needs is not set.
    #[error("set the secret {}: `wrangler secret put {}` on Cloudflare, the variable `{}` on Spin", .0.name(), .0.name(), .0.name().to_lowercase())]
    NotConfigured(Setting),
    /// The database cannot be reached or is busy.
    #[error("the database cannot be reached or is busy; send the call again")]
    DatabaseUnavailable,
    /// A fault of the program.
    #[error("a fault of the program")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
}

impl Problem {
    /// A fault of the program, with its cause for the log. The caller is not told the cause.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    /// `Ok` when there is no fault, the problem that lists them otherwise.
    ///
    /// # Errors
    /// [`Problem::Invalid`] when there is a fault.
    pub fn unless_empty(faults: Vec<Fault>) -> Result<(), Self> {
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Self::Invalid(faults))
        }
    }

    /// The kind, which says status, code and title.
    #[must_use]
    pub const fn kind(&self) -> ProblemKind {
        match self {
            Self::NotJson { .. } => ProblemKind::NotJson,
            Self::TooLarge { .. } => ProblemKind::TooLarge,
            Self::TooDeep { .. } => ProblemKind::TooDeep,
            Self::WrongContentType { .. } => ProblemKind::WrongContentType,
            Self::InvalidHeader { .. } => ProblemKind::InvalidHeader,
            Self::Invalid(_) => ProblemKind::Invalid,
            Self::Unauthorized { .. } | Self::BadSignature => ProblemKind::Unauthorized,
            Self::ForbiddenScope { .. } | Self::Confined => ProblemKind::ForbiddenScope,
            Self::CrossSite => ProblemKind::CrossSite,
            Self::WrongSide => ProblemKind::WrongSide,
            Self::WrongSideSigned => ProblemKind::WrongSideSigned,
            Self::NotFound => ProblemKind::NotFound,
            Self::MethodNotAllowed { .. } => ProblemKind::MethodNotAllowed,
            Self::NotAcceptable { .. } => ProblemKind::NotAcceptable,
            Self::Taken { .. } => ProblemKind::Taken,
            Self::TooMany { .. } => ProblemKind::TooMany,
            Self::NeverLegal { .. } => ProblemKind::NeverLegal,
            Self::GuardFailed { .. } => ProblemKind::GuardFailed,
            Self::VersionMismatch { .. } => ProblemKind::VersionMismatch,
            Self::Ambiguous => ProblemKind::Ambiguous,
            Self::NothingParked => ProblemKind::NothingParked,
            Self::IdempotencyMismatch => ProblemKind::IdempotencyMismatch,
            Self::IdempotencyInFlight => ProblemKind::IdempotencyInFlight,
            Self::RequirementsMissing(_) => ProblemKind::RequirementsMissing,
            Self::RecipientInactive => ProblemKind::RecipientInactive,
            Self::LinkEnded { .. } => ProblemKind::LinkEnded,
            Self::NotConfigured(_) => ProblemKind::NotConfigured,
            Self::DatabaseUnavailable => ProblemKind::DatabaseUnavailable,
            Self::Internal(_) => ProblemKind::Internal,
        }
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.kind().code()
    }

    /// The problem details as JSON, RFC 9457.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let row = self.kind().row();
        let mut members = Map::new();
        members.insert("type".into(), format!("{TYPE_PREFIX}{}", row.code).into());
        members.insert("title".into(), row.title.into());
        members.insert("status".into(), row.status.into());
        members.insert("detail".into(), self.to_string().into());
        members.insert("code".into(), row.code.into());
        match self {
            Self::TooLarge { limit_bytes } => {
                members.insert("limit_bytes".into(), (*limit_bytes).into());
            }
            Self::TooDeep { limit } | Self::TooMany { limit, .. } => {
                members.insert("limit".into(), (*limit).into());
            }
            Self::Invalid(faults) => {
                let faults: Vec<_> = faults.iter().map(Fault::to_json).collect();
                members.insert("errors".into(), faults.into());
            }
            Self::VersionMismatch { version } => {
                members.insert("version".into(), (*version).into());
            }
            Self::LinkEnded { name, contact } => {
                members.insert("referrer".into(), json!({"name": name, "contact": contact}));
            }
            Self::RequirementsMissing(requirements) => {
                members.insert("errors".into(), requirements.clone().into());
            }
            _ => {}
        }
        Value::Object(members)
    }

    /// The header that belongs to the kind, if any.
    fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        match self {
            Self::Unauthorized { given: false } => Some((
                WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"referral-loop\""),
            )),
            Self::Unauthorized { given: true } => Some((
                WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"referral-loop\", error=\"invalid_token\""),
            )),
            Self::BadSignature => Some((
                WWW_AUTHENTICATE,
                HeaderValue::from_static("StandardWebhooks realm=\"referral-loop\""),
            )),
            Self::MethodNotAllowed { allow } => HeaderValue::from_str(allow)
                .ok()
                .map(|allow| (ALLOW, allow)),
            Self::DatabaseUnavailable => {
                Some((RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_SECONDS)))
            }
            _ => None,
        }
    }
}

impl From<DatabaseError> for Problem {
    /// A conflict that no use case expected is a fault of the program too.
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Unavailable => Self::DatabaseUnavailable,
            DatabaseError::Conflict { .. } | DatabaseError::Refused { .. } => Self::internal(error),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let row = self.kind().row();
        let mut response = Response::new(Body::from(self.to_json().to_string()));
        *response.status_mut() =
            StatusCode::from_u16(row.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if let Some((name, value)) = self.header() {
            headers.insert(name, value);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_says_its_type_status_and_every_fault() {
        let problem = Problem::Invalid(vec![
            Fault::at("/id", "required", "is required"),
            Fault::query("limit", "out-of-range", "must be between 1 and 200"),
        ]);
        assert_eq!(
            problem.to_json(),
            json!({
                "type": "urn:referral-loop:problem:invalid",
                "title": "The request has faults",
                "status": 422,
                "detail": "2 fault(s), each listed under errors",
                "code": "invalid",
                "errors": [
                    {"pointer": "/id", "code": "required", "detail": "is required"},
                    {"parameter": "limit", "code": "out-of-range", "detail": "must be between 1 and 200"},
                ],
            })
        );
    }

    #[test]
    fn a_cause_is_kept_for_the_log_and_not_told() {
        let problem = Problem::from(DatabaseError::Refused {
            reason: "no such table: keys".into(),
        });
        assert!(problem.source().is_some());
        assert!(!problem.to_json().to_string().contains("keys"));
    }

    #[test]
    fn a_missing_secret_says_how_to_set_it_on_both_platforms() {
        assert_eq!(
            Problem::NotConfigured(Setting::MasterKey).to_string(),
            "set the secret MASTER_KEY: `wrangler secret put MASTER_KEY` on Cloudflare, the variable `master_key` on Spin"
        );
    }

    #[test]
    fn headers_go_with_the_kinds_that_have_one() {
        let header = |problem: Problem, name: &str| {
            problem
                .into_response()
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok().map(str::to_owned))
        };
        assert_eq!(
            header(Problem::Unauthorized { given: false }, "www-authenticate").as_deref(),
            Some("Bearer realm=\"referral-loop\"")
        );
        assert_eq!(
            header(
                Problem::MethodNotAllowed {
                    allow: "GET, POST".into()
                },
                "allow"
            )
            .as_deref(),
            Some("GET, POST")
        );
        assert_eq!(
            header(Problem::DatabaseUnavailable, "retry-after").as_deref(),
            Some("1")
        );
        assert_eq!(header(Problem::NotFound, "retry-after"), None);
    }
}
