//! One outbound request by the global `fetch`, without redirects and with a time limit.

use ports::{Answered, Outgoing, SendError};
use worker::js_sys::{Function, Promise, Reflect, global};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;
use worker::web_sys::{AbortSignal, Headers, RequestInit, RequestRedirect, Response};

/// Sends `request` and reads the answer's status.
pub async fn send(request: Outgoing) -> Result<Answered, SendError> {
    let signal = AbortSignal::timeout_with_u32(request.timeout_ms);
    match fetch(&request, &signal).await {
        Ok(answered) => Ok(answered),
        Err(_) if signal.aborted() => Err(SendError::TimedOut),
        Err(_) => Err(SendError::Unreachable),
    }
}

async fn fetch(request: &Outgoing, signal: &AbortSignal) -> Result<Answered, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in &request.headers {
        headers.set(name, value)?;
    }
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_body(&JsValue::from_str(&request.body));
    init.set_redirect(RequestRedirect::Manual);
    init.set_signal(Some(signal));
    let fetch: Function = Reflect::get(&global(), &JsValue::from_str("fetch"))?.dyn_into()?;
    let promise: Promise = fetch
        .call2(&JsValue::UNDEFINED, &JsValue::from_str(&request.url), &init)?
        .dyn_into()?;
    let response: Response = JsFuture::from(promise).await?.dyn_into()?;
    let answered = Answered {
        status: response.status(),
        retry_after: response.headers().get("retry-after")?,
    };
    // A body that nobody reads keeps the connection; there are six.
    if let Some(body) = response.body() {
        let _ = JsFuture::from(body.cancel()).await;
    }
    Ok(answered)
}
