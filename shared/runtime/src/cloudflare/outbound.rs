//! One outbound request by the global `fetch`, without redirects and with a time limit.

use ports::{Answered, Outgoing, SendError};
use worker::js_sys::{Function, Promise, Reflect, Uint8Array, global};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;
use worker::web_sys::{AbortSignal, Headers, RequestInit, RequestRedirect, Response};

/// Sends `request` and reads the answer's status.
pub async fn send(request: Outgoing) -> Result<Answered, SendError> {
    let signal = AbortSignal::timeout_with_u32(request.timeout_ms);
    let (answered, response) = fetched(&request, &signal).await?;
    // A body that nobody reads keeps the connection; there are six.
    if let Some(body) = response.body() {
        let _ = JsFuture::from(body.cancel()).await;
    }
    Ok(answered)
}

/// Sends `request` and reads the answer, its body up to `bytes_max`. The time limit is for both.
pub async fn send_and_read(
    request: Outgoing,
    bytes_max: usize,
) -> Result<(Answered, Vec<u8>), SendError> {
    let signal = AbortSignal::timeout_with_u32(request.timeout_ms);
    let (answered, response) = fetched(&request, &signal).await?;
    let mut bytes = Vec::new();
    if let Some(body) = response.body() {
        // What breaks off is what came of it.
        let _ = read(&body, bytes_max, &mut bytes).await;
    }
    bytes.truncate(bytes_max);
    Ok((answered, bytes))
}

/// Reads a stream up to a limit, and cancels the rest of it.
async fn read(body: &JsValue, bytes_max: usize, bytes: &mut Vec<u8>) -> Result<(), JsValue> {
    let method = |of: &JsValue, name: &str| -> Result<JsValue, JsValue> {
        let method: Function = Reflect::get(of, &JsValue::from_str(name))?.dyn_into()?;
        method.call0(of)
    };
    let reader = method(body, "getReader")?;
    while bytes.len() < bytes_max {
        let next: Promise = method(&reader, "read")?.dyn_into()?;
        let next = JsFuture::from(next).await?;
        let value = Reflect::get(&next, &JsValue::from_str("value"))?;
        if value.is_undefined() {
            return Ok(());
        }
        bytes.extend_from_slice(&value.dyn_into::<Uint8Array>()?.to_vec());
    }
    let cancelled: Promise = method(&reader, "cancel")?.dyn_into()?;
    JsFuture::from(cancelled).await.map(|_| ())
}

async fn fetched(
    request: &Outgoing,
    signal: &AbortSignal,
) -> Result<(Answered, Response), SendError> {
    match fetch(request, signal).await {
        Ok(fetched) => Ok(fetched),
        Err(_) if signal.aborted() => Err(SendError::TimedOut),
        Err(_) => Err(SendError::Unreachable),
    }
}

async fn fetch(request: &Outgoing, signal: &AbortSignal) -> Result<(Answered, Response), JsValue> {
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
    Ok((answered, response))
}
