//! One outbound request by `wasi:http`, which follows no redirect, with a time limit.

use axum::body::Body;
use http::Request;
use http::header::RETRY_AFTER;
use http_body_util::BodyExt;
use ports::{Answered, Outgoing, SendError};
use spin_sdk::http::Response;
use spin_sdk::wasip3::http::types::{ErrorCode, RequestOptions};
use spin_sdk::wasip3::http_compat::RequestOptionsExtension;

const NANOSECONDS_OF_A_MILLISECOND: u64 = 1_000_000;

/// Sends `request` and reads the answer's status.
pub async fn send(request: Outgoing) -> Result<Answered, SendError> {
    sent(request).await.map(|(answered, _)| answered)
}

/// Sends `request` and reads the answer, its body up to `bytes_max`.
pub async fn send_and_read(
    request: Outgoing,
    bytes_max: usize,
) -> Result<(Answered, Vec<u8>), SendError> {
    let (answered, response) = sent(request).await?;
    let mut body = response.into_body();
    let mut bytes = Vec::new();
    while bytes.len() < bytes_max {
        match body.frame().await {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    bytes.extend_from_slice(data);
                }
            }
            Some(Err(_)) | None => break,
        }
    }
    bytes.truncate(bytes_max);
    Ok((answered, bytes))
}

async fn sent(request: Outgoing) -> Result<(Answered, Response), SendError> {
    let options = RequestOptions::new();
    let timeout = u64::from(request.timeout_ms).saturating_mul(NANOSECONDS_OF_A_MILLISECOND);
    // A host that knows no time limits has its own.
    let _ = options.set_connect_timeout(Some(timeout));
    let _ = options.set_first_byte_timeout(Some(timeout));
    let _ = options.set_between_bytes_timeout(Some(timeout));
    let mut builder = Request::post(&request.url).extension(RequestOptionsExtension(options));
    for (name, value) in &request.headers {
        builder = builder.header(*name, value);
    }
    let request = builder
        .body(Body::from(request.body))
        .map_err(|_| SendError::Unreachable)?;
    match spin_sdk::http::send(request).await {
        Ok(response) => {
            let answered = Answered {
                status: response.status().as_u16(),
                retry_after: response
                    .headers()
                    .get(RETRY_AFTER)
                    .and_then(|value| value.to_str().ok())
                    .map(str::to_owned),
            };
            Ok((answered, response))
        }
        Err(
            ErrorCode::ConnectionTimeout
            | ErrorCode::ConnectionReadTimeout
            | ErrorCode::ConnectionWriteTimeout
            | ErrorCode::HttpResponseTimeout,
        ) => Err(SendError::TimedOut),
        Err(_) => Err(SendError::Unreachable),
    }
}
