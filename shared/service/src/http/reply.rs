//! What a use case answers when it worked: status, body, headers.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, ETAG, HeaderName, LOCATION};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;

use super::problem::Problem;
use crate::receipts::Answered;

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Reply {
    /// A JSON answer.
    ///
    /// # Errors
    /// [`Problem::Internal`] when the value cannot be written as JSON.
    pub fn json<T: Serialize + ?Sized>(status: StatusCode, value: &T) -> Result<Self, Problem> {
        let text = crate::json::to_text(value)?;
        Ok(Self::bytes(status, "application/json", text))
    }

    /// An answer with a body of another media type.
    pub fn bytes(status: StatusCode, media_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        Self {
            status,
            headers,
            body: body.into(),
        }
    }

    /// The answer that a receipt kept, with the version that it followed as `ETag`.
    ///
    /// # Errors
    /// [`Problem::Internal`] when the receipt is not what we write.
    pub fn replay(answered: &Answered) -> Result<Self, Problem> {
        let status = StatusCode::from_u16(answered.status).map_err(Problem::internal)?;
        let text = answered.answer.clone().unwrap_or_default();
        let reply = Self::bytes(status, "application/json", text);
        Ok(match &answered.referral {
            Some((_, version)) => reply.version(*version),
            None => reply,
        })
    }

    /// An answer without a body.
    #[must_use]
    pub fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    /// With a header. A value that no header can carry is left out.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// With `Location`.
    #[must_use]
    pub fn location(self, path: &str) -> Self {
        self.header(LOCATION, path)
    }

    /// With the version as `ETag`.
    #[must_use]
    pub fn version(self, version: i64) -> Self {
        self.header(ETAG, &format!("\"{version}\""))
    }

    /// With its JSON body changed; as it is, where it has none.
    #[must_use]
    pub fn changed(mut self, change: impl FnOnce(&mut serde_json::Value)) -> Self {
        if let Ok(mut body) = serde_json::from_slice(&self.body) {
            change(&mut body);
            self.body = body.to_string().into();
        }
        self
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}
