//! The published description, OpenAPI 3.1, written from the tables that the routers are made of.
//!
//! Native only: the functions serve the text that this wrote. `docs/openapi.json` is the whole, `docs/openapi/{segment}.json`
//! the part of one function; a test fails when they are not what the tables say, and writes them when `UPDATE_OPENAPI` is set.

use std::collections::BTreeSet;
use std::future::Future;

use ports::{Answer, DatabaseError, Platform, Setting, Statement};
use serde_json::{Map, Value, json};

use crate::http::schema::{Direction, Schemas};
use crate::http::{Access, LETTER_HEADER, Operation, ProblemKind, Route, Success};

/// Every function with a table: its path segment and its routes.
fn functions() -> Vec<(&'static str, Vec<&'static Route>)> {
    fn routes(operations: Vec<Operation<Nowhere>>) -> Vec<&'static Route> {
        operations
            .into_iter()
            .map(|operation| operation.route)
            // A page's views and files are no interface.
            .filter(|route| !route.path.starts_with(crate::worklist::page::BELOW))
            .collect()
    }
    vec![
        ("directory", routes(crate::directory::operations())),
        ("intake", routes(crate::intake::operations())),
        ("status", routes(crate::status::operations())),
        ("sweep", routes(crate::sweep::operations())),
        ("worklist", routes(crate::worklist::operations())),
        ("fhir", routes(crate::exchange::fhir_operations())),
        ("hl7", routes(crate::exchange::hl7_operations())),
    ]
}

/// The files of the description: their path below `docs`, and their text.
///
/// # Errors
/// When two routes have one id, or a text cannot be written: a fault of the tables.
pub fn files() -> Result<Vec<(String, String)>, String> {
    let functions = functions();
    let whole = document(&functions)?;
    let mut files = vec![("openapi.json".to_owned(), text(&whole)?)];
    for (segment, routes) in &functions {
        // On one line: it is part of the function, and the whole is there for people.
        let part = part(&whole, routes).to_string() + "\n";
        files.push((format!("openapi/{segment}.json"), part));
    }
    Ok(files)
}

fn text(document: &Value) -> Result<String, String> {
    let text = serde_json::to_string_pretty(document).map_err(|error| error.to_string())?;
    Ok(text + "\n")
}

/// The whole description.
fn document(functions: &[(&str, Vec<&'static Route>)]) -> Result<Value, String> {
    let mut schemas = Schemas::default();
    let routes: Vec<_> = functions.iter().flat_map(|(_, routes)| routes).collect();
    // Answers first: where an object differs by direction, theirs keeps the plain name.
    for success in routes.iter().flat_map(|route| route.success) {
        if let Some(shape) = &success.body {
            schemas.schema(shape, Direction::Answer);
        }
    }
    let mut paths: Map<String, Value> = Map::new();
    let mut ids = BTreeSet::new();
    for (segment, routes) in functions {
        for route in routes {
            if !ids.insert(route.id) {
                return Err(format!("two routes have the id {}", route.id));
            }
            let methods = paths.entry(route.path).or_insert_with(|| json!({}));
            if let Value::Object(methods) = methods {
                let operation = operation(segment, route, &mut schemas);
                methods.insert(route.method.as_str().to_lowercase(), operation);
            }
        }
    }
    let mut schemas = schemas.into_json();
    if let Value::Object(schemas) = &mut schemas {
        schemas.insert("Problem".to_owned(), problem_schema());
    }
    Ok(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Referral Loop",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Closed-loop healthcare referrals for a network of clinics.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {
                "Problem": {
                    "description": "It did not work; the problem's type says why (RFC 9457).",
                    "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
                },
                "OperationOutcome": {
                    "description": "It did not work; each issue says why, and where (FHIR R4).",
                    "content": { "application/fhir+json": { "schema": { "type": "object" } } },
                },
            },
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An organisation's key, or the operator's ADMIN_KEY. x-scope names the scope that the key needs.",
                },
                "signature": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "webhook-signature",
                    "description": "Standard Webhooks: with webhook-id and webhook-timestamp, signed with the source's secret.",
                },
            },
        },
    }))
}

/// One function's part: its paths, and the components that they use.
fn part(whole: &Value, routes: &[&'static Route]) -> Value {
    let own: BTreeSet<_> = routes.iter().map(|route| route.path).collect();
    let mut part = whole.clone();
    if let Some(Value::Object(paths)) = part.get_mut("paths") {
        paths.retain(|path, _| own.contains(path.as_str()));
    }
    let mut used = BTreeSet::new();
    let mut open = part.get("paths").map(references).unwrap_or_default();
    while let Some(reference) = open.pop() {
        if let Some(target) = whole.pointer(reference.trim_start_matches('#'))
            && used.insert(reference)
        {
            open.extend(references(target));
        }
    }
    for kind in ["schemas", "responses"] {
        if let Some(Value::Object(components)) = part.pointer_mut(&format!("/components/{kind}")) {
            components.retain(|name, _| used.contains(&format!("#/components/{kind}/{name}")));
        }
    }
    part
}

/// Every `$ref` below a value.
fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, member)| match (name.as_str(), member) {
                ("$ref", Value::String(reference)) => vec![reference.clone()],
                _ => references(member),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

fn operation(segment: &str, route: &Route, schemas: &mut Schemas) -> Value {
    let mut operation = json!({
        "operationId": route.id,
        "summary": route.summary,
        "tags": [segment],
        "responses": responses(route, schemas),
    });
    let mut set = |member: &str, value: Value| {
        if let Value::Object(members) = &mut operation {
            members.insert(member.to_owned(), value);
        }
    };
    let parameters = parameters(route, schemas);
    if !parameters.is_empty() {
        set("parameters", parameters.into());
    }
    if let Some(shape) = &route.request {
        let schema = schemas.schema(shape, Direction::Request);
        set(
            "requestBody",
            json!({ "required": true, "content": { "application/json": { "schema": schema } } }),
        );
    }
    match route.access {
        Access::Public => set("security", json!([])),
        Access::Signature => set("security", json!([{ "signature": [] }])),
        Access::Key | Access::Operator | Access::Scope(_) | Access::Leg(_) | Access::Letter(_) => {
            set("security", json!([{ "key": [] }]))
        }
    }
    match route.access {
        Access::Scope(scope) | Access::Leg(scope) | Access::Letter(scope) => {
            set("x-scope", scope.as_str().into());
        }
        Access::Operator => set("x-scope", "operator".into()),
        Access::Public | Access::Key | Access::Signature => {}
    }
    operation
}

fn parameters(route: &Route, schemas: &mut Schemas) -> Vec<Value> {
    let in_path = route
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }));
    let in_query: Vec<_> = route
        .query
        .iter()
        .map(|parameter| {
            json!({
                "name": parameter.name,
                "in": "query",
                "description": parameter.doc,
                "schema": schemas.schema(&parameter.shape, Direction::Answer),
            })
        })
        .collect();
    let in_header = [
        (
            route.takes_idempotency_key(),
            "Idempotency-Key",
            "Sent again with the same key and body, the call gives its first answer again.",
        ),
        (
            route.problems.contains(&ProblemKind::VersionMismatch),
            "If-Match",
            "The version, as ETag gave it, that the call is for.",
        ),
        (
            matches!(route.access, Access::Leg(_)),
            LETTER_HEADER,
            "The id of the referral in the session of whose letter's link the call is made, by its cookie.",
        ),
    ]
    .into_iter()
    .filter(|(takes, _, _)| *takes)
    .map(|(_, name, doc)| {
        json!({ "name": name, "in": "header", "description": doc, "schema": { "type": "string" } })
    });
    in_path.chain(in_query).chain(in_header).collect()
}

fn responses(route: &Route, schemas: &mut Schemas) -> Value {
    let mut responses = Map::new();
    for Success { status, doc, body } in route.success {
        let mut response = json!({ "description": doc });
        if let (Some(shape), Value::Object(members)) = (body, &mut response) {
            let schema = schemas.schema(shape, Direction::Answer);
            members.insert(
                "content".to_owned(),
                json!({ "application/json": { "schema": schema } }),
            );
        }
        responses.insert(status.to_string(), response);
    }
    for kind in problems(route) {
        responses
            .entry(kind.row().status.to_string())
            .or_insert_with(|| json!({ "$ref": problem_of(route) }));
    }
    Value::Object(responses)
}

/// The answer of a problem: to FHIR callers it is an OperationOutcome.
fn problem_of(route: &Route) -> &'static str {
    if route.path == "/fhir" || route.path.starts_with("/fhir/") {
        "#/components/responses/OperationOutcome"
    } else {
        "#/components/responses/Problem"
    }
}

/// The problems of a route: those that follow from its table row, and its own.
fn problems(route: &Route) -> Vec<ProblemKind> {
    let mut kinds = vec![
        ProblemKind::NotFound,
        ProblemKind::InvalidHeader,
        ProblemKind::DatabaseUnavailable,
        ProblemKind::Internal,
    ];
    if route.access != Access::Public {
        kinds.push(ProblemKind::Unauthorized);
    }
    if matches!(
        route.access,
        Access::Scope(_) | Access::Leg(_) | Access::Letter(_) | Access::Operator
    ) {
        kinds.push(ProblemKind::ForbiddenScope);
    }
    if !route.query.is_empty() || route.request.is_some() {
        kinds.push(ProblemKind::Invalid);
    }
    if route.request.is_some() || route.access == Access::Signature {
        kinds.extend([
            ProblemKind::NotJson,
            ProblemKind::TooLarge,
            ProblemKind::WrongContentType,
        ]);
    }
    if route.takes_idempotency_key() {
        kinds.extend([
            ProblemKind::IdempotencyMismatch,
            ProblemKind::IdempotencyInFlight,
            ProblemKind::TooLarge,
        ]);
    }
    kinds.extend(route.problems);
    kinds
}

fn problem_schema() -> Value {
    json!({
        "type": "object",
        "description": "Problem details, RFC 9457. Kinds are told apart by their type.",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": { "type": "string", "format": "uri", "description": "urn:referral-loop:problem: and the code." },
            "title": { "type": "string", "description": "The kind, for people." },
            "status": { "type": "integer", "minimum": 400, "maximum": 599 },
            "detail": { "type": "string", "description": "What went wrong, for people. Never repeats what was sent." },
            "code": { "type": "string", "enum": ProblemKind::ALL.map(ProblemKind::code) },
            "errors": {
                "type": "array",
                "description": "Every fault of the request.",
                "items": {
                    "type": "object",
                    "required": ["code", "detail"],
                    "properties": {
                        "pointer": { "type": "string", "description": "Where in the body, RFC 6901." },
                        "parameter": { "type": "string", "description": "Which parameter of the query." },
                        "code": { "type": "string" },
                        "detail": { "type": "string" },
                    },
                },
            },
            "limit": { "type": "integer", "description": "The limit that was hit." },
            "limit_bytes": { "type": "integer", "description": "The limit that was hit." },
            "version": { "type": "integer", "description": "The version that there is." },
            "so_far": { "type": "object", "description": "Of a referral that was checked: what can be said of it as it is." },
        },
    })
}

/// A platform that nothing runs on: tables are generic over one.
#[derive(Debug, Clone)]
struct Nowhere;

impl Platform for Nowhere {
    fn batch(
        &self,
        _: Vec<Statement>,
    ) -> impl Future<Output = Result<Answer, DatabaseError>> + Send {
        std::future::ready(Err(DatabaseError::Unavailable))
    }

    fn now(&self) -> i64 {
        0
    }

    fn random(&self) -> [u8; 16] {
        [0; 16]
    }

    fn report(&self, _: &str) {}

    fn setting(&self, _: Setting) -> impl Future<Output = Option<String>> + Send {
        std::future::ready(None)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_published_description_is_what_the_tables_say() {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
        let update = std::env::var_os("UPDATE_OPENAPI").is_some();
        for (name, text) in files().unwrap() {
            let path = docs.join(&name);
            if update {
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(&path, &text).unwrap();
            }
            let published = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(
                published == text,
                "docs/{name} is out of date: run `UPDATE_OPENAPI=1 cargo test -p service --lib openapi`"
            );
        }
    }

    #[test]
    fn every_path_begins_with_its_functions_segment() {
        for (segment, routes) in functions() {
            for route in routes {
                let is_own = route.path.split('/').nth(1) == Some(segment);
                assert!(
                    is_own || (segment == "worklist" && route.path == "/"),
                    "{}",
                    route.path
                );
            }
        }
    }
}
