//! Runs the store's tests on the platform that it is deployed on. For tests only: whoever reaches it can write.
//!
//! `GET /store-suite` lists the cases, `POST /store-suite/{case}` runs one: 200 when it holds, 500 with what is wrong.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use ports::Platform;

runtime::entry!(router);

fn router<P: Platform>(platform: P) -> Router {
    Router::new()
        .route("/store-suite", get(list))
        .route("/store-suite/{case}", post(run::<P>))
        .with_state(platform)
}

/// The names of all cases; none needs escaping in JSON.
async fn list() -> Response {
    let names = format!("[\"{}\"]", store_suite::NAMES.join("\",\""));
    ([(CONTENT_TYPE, "application/json")], names).into_response()
}

async fn run<P: Platform>(State(platform): State<P>, Path(case): Path<String>) -> Response {
    match store_suite::run(&platform, &case).await {
        Some(Ok(())) => (StatusCode::OK, "ok\n").into_response(),
        Some(Err(failure)) => {
            (StatusCode::INTERNAL_SERVER_ERROR, format!("{failure}\n")).into_response()
        }
        None => (StatusCode::NOT_FOUND, "no such case\n").into_response(),
    }
}
