//! The Worker's `fetch` event. The request and the answer pass through as they are; bodies stream.

use worker::{Context, Env, HttpResponse, Request, Response, ResponseBuilder, Result, event};

use crate::{problem::Problem, route};

#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<HttpResponse> {
    let Some(binding) = route::binding(&request.path()) else {
        return answer(Problem::NotFound);
    };
    let Ok(function) = env.service(binding) else {
        return answer(Problem::NotDeployed);
    };
    match function.fetch_request(request).await {
        Ok(response) => Ok(response),
        Err(_) => {
            // The function's own log has the cause; its text may quote what no other log should hold.
            worker::console_error!("{binding} did not answer");
            answer(Problem::NoAnswer)
        }
    }
}

fn answer(problem: Problem) -> Result<HttpResponse> {
    let response: Response = ResponseBuilder::new()
        .with_status(problem.status())
        .with_header("content-type", "application/problem+json")?
        .fixed(problem.body().as_bytes().to_vec());
    response.try_into()
}
