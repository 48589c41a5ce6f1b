//! Reads a body: with a limit while it comes in, and as JSON only when it says so.

use axum::body::Body as AxumBody;
use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::Value;

use super::depth::{DEPTH_MAX, is_deeper_than};
use super::problem::Problem;

/// The most bytes of a body where its route says nothing else: 256 KiB. The largest documented referral has about 40.
pub const BODY_BYTES_MAX: usize = 256 * 1024;

/// The bytes of a body and what its headers say of them.
#[derive(Debug, Clone, Default)]
pub struct Body {
    /// The bytes as they came; signatures and hashes are over these.
    pub bytes: Bytes,
    /// The media type without parameters, in lower case; `None` where the caller said nothing.
    pub media_type: Option<String>,
}

impl Body {
    /// Reads at most `limit_bytes`.
    ///
    /// # Errors
    /// [`Problem::TooLarge`] past the limit, [`Problem::NotJson`] when the connection broke off.
    pub async fn read(
        headers: &HeaderMap,
        body: &mut AxumBody,
        limit_bytes: usize,
    ) -> Result<Self, Problem> {
        let declared = headers
            .get(CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok())
            .and_then(|length| length.parse::<usize>().ok());
        if declared.is_some_and(|length| length > limit_bytes) {
            return Err(Problem::TooLarge { limit_bytes });
        }
        let bytes = Limited::new(body, limit_bytes)
            .collect()
            .await
            .map_err(|error| {
                if error.is::<LengthLimitError>() {
                    Problem::TooLarge { limit_bytes }
                } else {
                    Problem::NotJson { line: 1, column: 0 }
                }
            })?
            .to_bytes();
        Ok(Self {
            bytes,
            media_type: media_type(headers),
        })
    }

    /// The body as JSON. Of two members with one name the last one counts.
    ///
    /// # Errors
    /// [`Problem::WrongContentType`], [`Problem::TooDeep`], [`Problem::NotJson`].
    pub fn to_json(&self) -> Result<Value, Problem> {
        let says_json = self
            .media_type
            .as_deref()
            .is_none_or(|media| media == "application/json" || media.ends_with("+json"));
        if !says_json {
            return Err(Problem::WrongContentType {
                takes: "application/json",
            });
        }
        if is_deeper_than(DEPTH_MAX, &self.bytes) {
            return Err(Problem::TooDeep { limit: DEPTH_MAX });
        }
        serde_json::from_slice(&self.bytes).map_err(|error| Problem::NotJson {
            line: error.line(),
            column: error.column(),
        })
    }
}

fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let media = value.split(';').next().unwrap_or_default().trim();
    (!media.is_empty()).then(|| media.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(media_type: Option<&str>, text: &str) -> Body {
        Body {
            bytes: Bytes::from(text.to_owned()),
            media_type: media_type.map(str::to_owned),
        }
    }

    #[test]
    fn json_is_taken_as_json_and_when_nothing_is_said() {
        for media in [
            None,
            Some("application/json"),
            Some("application/fhir+json"),
        ] {
            assert!(body(media, "{}").to_json().is_ok(), "{media:?}");
        }
        for media in ["text/plain", "application/xml"] {
            assert!(
                matches!(
                    body(Some(media), "{}").to_json(),
                    Err(Problem::WrongContentType { .. })
                ),
                "{media}"
            );
        }
    }

    #[test]
    fn a_broken_body_says_where() {
        assert!(matches!(
            body(None, "{\n  \"a\": }").to_json(),
            Err(Problem::NotJson { line: 2, column: 8 })
        ));
        assert!(matches!(
            body(None, "").to_json(),
            Err(Problem::NotJson { .. })
        ));
    }

    #[test]
    fn the_last_of_two_members_counts() {
        assert_eq!(
            body(None, r#"{"a":1,"a":2}"#).to_json().unwrap(),
            serde_json::json!({"a": 2})
        );
    }
}
