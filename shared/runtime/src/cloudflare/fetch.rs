//! A fetch event: JavaScript's request into the router, the router's answer back.
//!
//! `worker`'s own conversion panics on a protocol name that it does not know, fails on a header outside ASCII and streams
//! every answer through a `ReadableStream`. Ours does none of these: answers are small, and go out in one piece.

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use tower_service::Service;
use worker::js_sys::{Array, Uint8Array};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::web_sys;

/// Answers one request with `router`.
///
/// # Errors
/// What JavaScript threw while the answer was made; `worker` turns it into a plain 500.
pub async fn serve(
    mut router: Router,
    request: web_sys::Request,
) -> worker::Result<web_sys::Response> {
    let response = match incoming(&request) {
        Some(request) => match router.call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        },
        None => status_only(StatusCode::BAD_REQUEST),
    };
    respond(response).await
}

/// The router's answer as JavaScript's.
async fn respond(response: Response<Body>) -> worker::Result<web_sys::Response> {
    let (parts, body) = response.into_parts();
    let (status, body) = match to_bytes(body, usize::MAX).await {
        Ok(body) => (parts.status, body),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, Bytes::new()),
    };
    let headers = web_sys::Headers::new()?;
    for (name, value) in &parts.headers {
        // What is not ASCII is left out: the functions send none.
        if let Ok(value) = value.to_str() {
            headers.append(name.as_str(), value)?;
        }
    }
    let init = web_sys::ResponseInit::new();
    init.set_status(status.as_u16());
    init.set_headers(&headers);
    // 204 and 304 allow no body, not even an empty one.
    let body = (!body.is_empty()).then(|| Uint8Array::from(body.as_ref()));
    Ok(web_sys::Response::new_with_opt_js_u8_array_and_init(
        body.as_ref(),
        &init,
    )?)
}

/// JavaScript's request as the router takes it; `None` when its method or URL is none of HTTP's.
fn incoming(request: &web_sys::Request) -> Option<Request<Body>> {
    let body = match request.body() {
        Some(stream) => Body::new(worker::Body::new(stream)),
        None => Body::empty(),
    };
    let mut incoming = Request::builder()
        .method(request.method().as_str())
        .uri(request.url())
        .body(body)
        .ok()?;
    copy_headers(&request.headers(), incoming.headers_mut());
    Some(incoming)
}

/// Copies the headers; the list of pairs is made in JavaScript, in one call.
fn copy_headers(from: &web_sys::Headers, to: &mut HeaderMap) {
    for pair in Array::from(from.as_ref()).iter() {
        let pair: Array = pair.unchecked_into();
        let text = |index| -> Option<String> { JsValue::as_string(&pair.get(index)) };
        let (Some(name), Some(value)) = (text(0), text(1)) else {
            continue;
        };
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_bytes(value.as_bytes()),
        ) {
            to.append(name, value);
        }
    }
}

/// An answer without a body.
fn status_only(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
