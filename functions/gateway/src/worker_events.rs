//! The Worker's `fetch` event. The request and the answer pass through as they are; bodies stream.

use worker::{
    Context, Env, Fetcher, Response, ResponseBuilder, Result, event, js_sys::futures::JsFuture,
    wasm_bindgen::JsCast, web_sys, worker_sys::Fetcher as Binding,
};

use crate::{problem::Problem, route};

#[event(fetch)]
async fn fetch(
    request: web_sys::Request,
    env: Env,
    _context: Context,
) -> Result<web_sys::Response> {
    let Some(name) = route::binding(&request.url()) else {
        throw_away(&request).await;
        return answer(Problem::NotFound);
    };
    let Ok(binding) = env.service(name) else {
        throw_away(&request).await;
        return answer(Problem::NotDeployed);
    };
    match hand_on(binding, &request).await {
        Ok(response) => Ok(response),
        Err(_) => {
            // The function's own log has the cause; its text may quote what no other log should hold.
            worker::console_error!("{name} did not answer");
            answer(Problem::NoAnswer)
        }
    }
}

/// As the JavaScript objects that they are: to take a request and an answer apart here would only cost time.
async fn hand_on(function: Fetcher, request: &web_sys::Request) -> Result<web_sys::Response> {
    let binding: Binding = function.into_rpc();
    let response = JsFuture::from(binding.fetch(request)?).await?;
    Ok(response.dyn_into()?)
}

/// Lets a body that no function takes come in: while one comes, an answer breaks the connection.
async fn throw_away(request: &web_sys::Request) {
    if let (Some(body), Ok(nowhere)) = (request.body(), web_sys::WritableStream::new()) {
        let _ = JsFuture::from(body.pipe_to(&nowhere)).await;
    }
}

fn answer(problem: Problem) -> Result<web_sys::Response> {
    let response: Response = ResponseBuilder::new()
        .with_status(problem.status())
        .with_header("content-type", "application/problem+json")?
        .fixed(problem.body().as_bytes().to_vec());
    Ok(response.into())
}
