//! The gateway's own errors, as RFC 9457 problem details. They never repeat the path: it may name what it should not.

/// Why the gateway answers itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// No function owns the path's first segment.
    NotFound,
    /// The function that owns it is not deployed beside this gateway.
    NotDeployed,
    /// The function that owns it did not answer.
    NoAnswer,
}

impl Problem {
    /// The HTTP status.
    pub const fn status(self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::NoAnswer => 502,
            Self::NotDeployed => 503,
        }
    }

    /// The body, `application/problem+json`.
    pub const fn body(self) -> &'static str {
        match self {
            Self::NotFound => {
                r#"{"type":"urn:referral-loop:problem:not-found","title":"Nothing is served under this path","status":404}"#
            }
            Self::NoAnswer => {
                r#"{"type":"urn:referral-loop:problem:function-failed","title":"The function that serves this path did not answer","status":502}"#
            }
            Self::NotDeployed => {
                r#"{"type":"urn:referral-loop:problem:function-not-deployed","title":"The function that serves this path is not deployed","status":503}"#
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Problem;

    #[test]
    fn a_body_says_the_status_that_it_is_sent_with() {
        for problem in [Problem::NotFound, Problem::NoAnswer, Problem::NotDeployed] {
            let said = format!(r#""status":{}}}"#, problem.status());
            assert!(problem.body().ends_with(&said), "{problem:?}");
        }
    }
}
