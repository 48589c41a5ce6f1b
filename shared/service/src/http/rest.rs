//! What is left of a body when its answer is ready: thrown away before the answer goes out.
//!
//! Both platforms close a connection on which an answer is ready while its request still comes in. The sender, who is busy
//! sending, then sees a reset in place of the answer: a 413 that nobody can read.

use axum::body::{Body, Bytes, HttpBody};
use http_body_util::BodyExt;

/// The most bytes that are thrown away: more than Cloudflare lets through (100 MB on most plans). Beyond it the connection
/// breaks.
pub const REST_BYTES_MAX: usize = 128 * 1024 * 1024;

/// Reads what is left of `body`, up to [`REST_BYTES_MAX`].
pub async fn throw_away(mut body: Body) {
    if body.is_end_stream() {
        return;
    }
    let mut bytes: usize = 0;
    while let Some(Ok(frame)) = body.frame().await {
        bytes = bytes.saturating_add(frame.data_ref().map_or(0, Bytes::len));
        if bytes > REST_BYTES_MAX {
            return;
        }
    }
}
