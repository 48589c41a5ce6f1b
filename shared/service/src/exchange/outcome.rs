//! Answers as FHIR callers read them: every problem of a route below `/fhir` becomes an OperationOutcome, and every resource XML where
//! that is asked for, in one place.
//!
//! Whatever refused the call (the dispatcher, a use case, a path that is not there) wrote a problem document; it is turned
//! into an OperationOutcome on its way out, with the same status.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::HeaderValue;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http_body_util::BodyExt;
use serde_json::{Map, Value, json};
use tower_service::Service;

use super::media::{FHIR_JSON, FHIR_XML, Syntax};
use crate::http::PROBLEM_JSON;

/// The paths whose callers speak FHIR.
const FHIR_PATH: &str = "/fhir";

/// The router, with the problems of FHIR paths as OperationOutcomes.
pub(super) fn in_fhir(router: Router) -> Router {
    Router::new().fallback_service(InFhir { router })
}

#[derive(Clone)]
struct InFhir {
    router: Router,
}

impl Service<Request> for InFhir {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let path = request.uri().path();
        let is_fhir = path == FHIR_PATH || path.starts_with("/fhir/");
        let format = request.uri().query().and_then(|query| {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            pairs.find_map(|(name, value)| (name == "_format").then(|| value.into_owned()))
        });
        let wanted = Syntax::wanted(format.as_deref(), request.headers());
        let answer = self.router.call(request);
        Box::pin(async move {
            let response = answer.await?;
            if !is_fhir {
                return Ok(response);
            }
            let media_type = response.headers().get(CONTENT_TYPE);
            let is_problem = media_type.is_some_and(|media| media == PROBLEM_JSON);
            let is_resource = media_type.is_some_and(|media| media == FHIR_JSON);
            let is_xml = wanted == Some(Syntax::Xml);
            Ok(if is_problem {
                turned(response, is_xml, of_problem).await
            } else if is_resource && is_xml {
                turned(response, is_xml, Value::clone).await
            } else {
                response
            })
        })
    }
}

/// The answer with another resource in its body, in the syntax that is asked for.
async fn turned(response: Response, is_xml: bool, turn: fn(&Value) -> Value) -> Response {
    let (mut parts, body) = response.into_parts();
    // Ours, and in memory: it cannot break off.
    let bytes = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes)
        .unwrap_or_default();
    let media_type = if is_xml { FHIR_XML } else { FHIR_JSON };
    parts
        .headers
        .insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    parts.headers.remove(CONTENT_LENGTH);
    // The answer to HEAD has no body.
    if bytes.is_empty() {
        return Response::from_parts(parts, Body::empty());
    }
    let resource = turn(&serde_json::from_slice(&bytes).unwrap_or_default());
    let text = if is_xml {
        formats::fhir::to_xml(&resource)
    } else {
        resource.to_string()
    };
    Response::from_parts(parts, Body::from(text))
}

/// A problem document as an OperationOutcome: an issue a fault.
pub(super) fn of_problem(problem: &Value) -> Value {
    let text =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let code = text(problem, "code").unwrap_or_default();
    let detail = text(problem, "detail").unwrap_or_default();
    let errors = problem.get("errors").and_then(Value::as_array);
    let issues: Vec<Value> = match errors.map(Vec::as_slice) {
        None | Some([]) => vec![issue(&code, &code, &detail, None)],
        Some(faults) => faults
            .iter()
            .map(|fault| {
                let place = text(fault, "pointer").or_else(|| text(fault, "parameter"));
                let own = text(fault, "code").unwrap_or_default();
                let detail = text(fault, "detail").unwrap_or_default();
                issue(&code, &own, &detail, place.map(|place| expression(&place)))
            })
            .collect(),
    };
    json!({"resourceType": "OperationOutcome", "issue": issues})
}

/// An OperationOutcome that tells what was done, or is left to do.
pub(super) fn of_result(severity: &str, code: &str, text: &str) -> Value {
    json!({
        "resourceType": "OperationOutcome",
        "issue": [{"severity": severity, "code": code, "diagnostics": text}],
    })
}

fn issue(problem: &str, own: &str, detail: &str, place: Option<String>) -> Value {
    let mut issue = Map::new();
    let severity = if problem == "internal" {
        "fatal"
    } else {
        "error"
    };
    issue.insert("severity".to_owned(), severity.into());
    issue.insert("code".to_owned(), issue_type(problem, own).into());
    issue.insert(
        "details".to_owned(),
        json!({"coding": [{"system": "urn:referral-loop:problem", "code": own}]}),
    );
    issue.insert("diagnostics".to_owned(), detail.into());
    if let Some(place) = place.filter(|place| !place.is_empty()) {
        issue.insert("expression".to_owned(), json!([place]));
    }
    Value::Object(issue)
}

/// The code of FHIR's IssueType for a problem, and for a fault of its own where that says more.
fn issue_type(problem: &str, own: &str) -> &'static str {
    match (problem, own) {
        ("invalid", "required" | "required-field" | "missing") => "required",
        ("invalid", "unknown-code" | "not-a-code" | "unmapped" | "code-invalid" | "code") => {
            "code-invalid"
        }
        ("invalid", "unknown") => "not-found",
        ("invalid", "too-long") => "too-long",
        ("invalid", "ambiguous") => "multiple-matches",
        ("invalid", "not-supported" | "unsupported") | ("method-not-allowed", _) => "not-supported",
        ("invalid", _) => "invalid",
        ("not-json", _) => "structure",
        ("too-large" | "too-deep", _) => "too-costly",
        ("wrong-content-type" | "not-acceptable", _) => "not-supported",
        ("unauthorized", _) => "login",
        ("forbidden-scope" | "wrong-side", _) => "forbidden",
        ("not-found" | "nothing-parked", _) => "not-found",
        ("taken" | "idempotency-mismatch", _) => "duplicate",
        ("version-mismatch" | "idempotency-in-flight", _) => "conflict",
        ("requirements-missing", _) => "required",
        ("database-unavailable", _) => "transient",
        ("internal" | "not-configured", _) => "exception",
        _ => "business-rule",
    }
}

/// Members of a referral as the JSON doors name them, with the FHIRPath of what they come from.
const EXPRESSIONS: &[(&str, &str)] = &[
    ("/patient/identifier", "Patient.identifier"),
    ("/patient/name", "Patient.name"),
    ("/patient/birth_date", "Patient.birthDate"),
    ("/patient/phone", "Patient.telecom"),
    ("/patient/email", "Patient.telecom"),
    ("/patient", "ServiceRequest.subject"),
    ("/recipient", "ServiceRequest.performer"),
    ("/service", "ServiceRequest.code"),
    ("/urgency", "ServiceRequest.priority"),
    ("/clinical_question", "ServiceRequest.reasonCode"),
    ("/reason", "ServiceRequest.reasonCode"),
    ("/summary", "ServiceRequest.note"),
    ("/supporting", "ServiceRequest.supportingInfo"),
    ("/requester", "ServiceRequest.requester"),
    ("/ordered_at", "ServiceRequest.authoredOn"),
    ("/placer", "ServiceRequest.identifier"),
    ("/coverage", "ServiceRequest.insurance"),
    ("/encounter", "ServiceRequest.encounter"),
    ("/needed_by", "ServiceRequest.occurrence"),
    ("/data/reason", "Task.statusReason"),
    ("/data/note", "Task.note"),
    ("/data/filler", "Task.identifier"),
    ("/data/occurred_at", "Task.lastModified"),
    ("/data", "Task"),
];

/// The place of a fault as FHIRPath: as the mapping says it; of a member of ours, what that comes from.
fn expression(place: &str) -> String {
    if !place.starts_with('/') {
        return place.to_owned();
    }
    EXPRESSIONS
        .iter()
        .find(|(prefix, _)| place.starts_with(prefix))
        .map_or_else(String::new, |(_, path)| (*path).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Fault, Problem};

    #[test]
    fn each_fault_is_an_issue_with_its_expression() {
        let problem = Problem::Invalid(vec![
            Fault::at("Bundle.entry[1].resource.status", "required", "is required"),
            Fault::at(
                "/patient/birth_date",
                "in-the-future",
                "must not be in the future",
            ),
        ]);
        assert_eq!(
            of_problem(&problem.to_json()),
            json!({
                "resourceType": "OperationOutcome",
                "issue": [
                    {
                        "severity": "error",
                        "code": "required",
                        "details": {"coding": [{"system": "urn:referral-loop:problem", "code": "required"}]},
                        "diagnostics": "is required",
                        "expression": ["Bundle.entry[1].resource.status"],
                    },
                    {
                        "severity": "error",
                        "code": "invalid",
                        "details": {"coding": [{"system": "urn:referral-loop:problem", "code": "in-the-future"}]},
                        "diagnostics": "must not be in the future",
                        "expression": ["Patient.birthDate"],
                    },
                ],
            })
        );
    }

    #[test]
    fn a_problem_without_faults_is_one_issue() {
        let outcome = of_problem(&Problem::Unauthorized { given: true }.to_json());
        assert_eq!(outcome["issue"][0]["code"], "login");
        assert_eq!(outcome["issue"].as_array().map(Vec::len), Some(1));
    }
}
