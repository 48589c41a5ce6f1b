//! What every function says of itself: whether it works, and what it serves.

use http::StatusCode;
use ports::{Platform, Statement};
use serde_json::json;

use crate::call::Call;
use crate::http::{Field, Object, Problem, Reply, Shape, Success};

/// The version of the functions.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The answer of `/health`.
pub static HEALTH: &[Success] = &[Success {
    status: 200,
    doc: "The function works, and its database answers.",
    body: Some(Shape::Object(&Object {
        name: "Health",
        fields: &[
            Field::required("function", Shape::slug(), "The function."),
            Field::required("version", Shape::line(40), "Its version."),
            Field::required(
                "database",
                Shape::Code(&["ok"]),
                "That its database answers.",
            ),
        ],
    })),
}];

/// The answer of `/openapi.json`.
pub static OPENAPI: &[Success] = &[Success {
    status: 200,
    doc: "This function's part of the description.",
    body: Some(Shape::AnyObject),
}];

/// Says the version, and that the database answers.
///
/// # Errors
/// [`Problem::DatabaseUnavailable`] when it does not.
pub async fn health<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    call.platform
        .batch(vec![Statement::new("SELECT 1 AS alive", [])])
        .await
        .map_err(|_| Problem::DatabaseUnavailable)?;
    let function = call.path.split('/').nth(1).unwrap_or_default();
    let body = json!({ "function": function, "version": VERSION, "database": "ok" });
    Reply::json(StatusCode::OK, &body)
}

/// The two operations of a function, as a `Vec`: `meta::operations!("intake")`.
///
/// A macro, so that a function holds the text of its own description and of no other.
macro_rules! operations {
    ($segment:literal) => {{
        static HEALTH: $crate::http::Route = $crate::http::Route {
            method: $crate::http::Method::Get,
            path: concat!("/", $segment, "/health"),
            id: concat!($segment, "_health"),
            summary: "Say whether the function works and its database answers.",
            access: $crate::http::Access::Public,
            query: &[],
            request: None,
            body_bytes_max: 0,
            success: $crate::meta::HEALTH,
            problems: &[],
        };
        static OPENAPI: $crate::http::Route = $crate::http::Route {
            method: $crate::http::Method::Get,
            path: concat!("/", $segment, "/openapi.json"),
            id: concat!($segment, "_openapi"),
            summary: "Describe what the function serves, as OpenAPI 3.1.",
            access: $crate::http::Access::Public,
            query: &[],
            request: None,
            body_bytes_max: 0,
            success: $crate::meta::OPENAPI,
            problems: &[],
        };
        vec![
            $crate::http::Operation::new(&HEALTH, |call| Box::pin($crate::meta::health(call))),
            $crate::http::Operation::new(&OPENAPI, |_| {
                Box::pin(async {
                    Ok($crate::http::Reply::bytes(
                        ::http::StatusCode::OK,
                        "application/json",
                        include_str!(concat!(
                            env!("CARGO_MANIFEST_DIR"),
                            "/../../docs/openapi/",
                            $segment,
                            ".json"
                        )),
                    ))
                })
            }),
        ]
    }};
}

pub(crate) use operations;
