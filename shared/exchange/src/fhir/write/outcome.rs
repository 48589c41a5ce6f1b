//! What was wrong, as an OperationOutcome.

use serde_json::{Value, json};

use super::element::Element;
use crate::said::{Fault, Warning};

/// The issue types of FHIR R4 that a fault's code may be; any other code is `invalid`, and stands in `details`.
const ISSUE_TYPES: &[&str] = &[
    "invalid",
    "structure",
    "required",
    "value",
    "invariant",
    "security",
    "login",
    "unknown",
    "expired",
    "forbidden",
    "suppressed",
    "processing",
    "not-supported",
    "duplicate",
    "multiple-matches",
    "not-found",
    "deleted",
    "too-long",
    "code-invalid",
    "extension",
    "too-costly",
    "business-rule",
    "conflict",
    "transient",
    "lock-error",
    "no-store",
    "exception",
    "timeout",
    "incomplete",
    "throttled",
    "informational",
];

/// Every fault as an error, every warning as a warning; neither: one informational issue that all is well.
#[must_use]
pub fn operation_outcome(faults: &[Fault], warnings: &[Warning]) -> Value {
    let mut issues: Vec<Value> = faults
        .iter()
        .map(|fault| {
            let known = ISSUE_TYPES.contains(&fault.code);
            let code = if known { fault.code } else { "invalid" };
            issue(
                "error",
                code,
                &format!("{}: {}", fault.code, fault.detail),
                &fault.at,
            )
        })
        .collect();
    issues.extend(
        warnings
            .iter()
            .map(|warning| issue("warning", "informational", &warning.detail, &warning.at)),
    );
    if issues.is_empty() {
        issues.push(json!({ "severity": "information", "code": "informational", "details": { "text": "All OK" } }));
    }
    Element::of("OperationOutcome").with("issue", issues).done()
}

fn issue(severity: &str, code: &str, text: &str, at: &str) -> Value {
    Element::new()
        .with("severity", severity)
        .with("code", code)
        .with("details", json!({ "text": text }))
        .with_all(
            "expression",
            (!at.is_empty()).then(|| at.into()).into_iter().collect(),
        )
        .done()
}
