//! What the server speaks, as a CapabilityStatement: the one list of it.

use domain::time::Timestamp;
use serde_json::{Value, json};

use super::element::Element;

/// A resource: its type, its interactions, its search parameters with their types, what it may include.
struct Served {
    kind: &'static str,
    interactions: &'static [&'static str],
    search: &'static [(&'static str, &'static str)],
    include: &'static [&'static str],
}

/// The search parameters of Task.
pub const TASK_SEARCH: &[(&str, &str)] = &[
    ("_id", "token"),
    ("_lastUpdated", "date"),
    ("authored-on", "date"),
    ("business-status", "token"),
    ("modified", "date"),
    ("owner", "reference"),
    ("patient", "reference"),
    ("requester", "reference"),
    ("status", "token"),
];

/// The search parameters of ServiceRequest.
pub const SERVICE_REQUEST_SEARCH: &[(&str, &str)] = &[
    ("_id", "token"),
    ("_lastUpdated", "date"),
    ("authored", "date"),
    ("patient", "reference"),
    ("performer", "reference"),
    ("requester", "reference"),
    ("status", "token"),
];

const SERVED: &[Served] = &[
    Served {
        kind: "ServiceRequest",
        interactions: &["read", "create", "search-type"],
        search: SERVICE_REQUEST_SEARCH,
        include: &["ServiceRequest:patient"],
    },
    Served {
        kind: "Task",
        interactions: &["read", "update", "search-type"],
        search: TASK_SEARCH,
        include: &["Task:focus", "Task:patient"],
    },
    Served {
        kind: "Patient",
        interactions: &["read"],
        search: &[],
        include: &[],
    },
];

/// What this server speaks, at `base`, as of `date`.
#[must_use]
pub fn capability_statement(base: &str, date: Timestamp) -> Value {
    let resources: Vec<Value> = SERVED.iter().map(served).collect();
    let process = json!({
        "name": "process-message",
        "definition": "http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message",
    });
    Element::of("CapabilityStatement")
        .with("status", "active")
        .with("date", date.to_string())
        .with("kind", "instance")
        .with("software", json!({ "name": "Referral Loop" }))
        .with("implementation", json!({ "description": "Closed-loop referrals", "url": base }))
        .with("fhirVersion", "4.0.1")
        .with("format", json!(["json"]))
        .with(
            "rest",
            json!([{
                "mode": "server",
                "security": { "description": "Authorization: Bearer, a key of the caller's organisation" },
                "resource": resources,
                "interaction": [{ "code": "transaction" }, { "code": "batch" }],
                "operation": [process],
            }]),
        )
        .done()
}

fn served(one: &Served) -> Value {
    let interactions = one
        .interactions
        .iter()
        .map(|code| json!({ "code": code }))
        .collect();
    let search = one
        .search
        .iter()
        .map(|(name, of_type)| json!({ "name": name, "type": of_type }))
        .collect();
    let is_written = one
        .interactions
        .iter()
        .any(|code| matches!(*code, "create" | "update"));
    Element::new()
        .with("type", one.kind)
        .with_all("interaction", interactions)
        .with(
            "versioning",
            if is_written {
                "versioned-update"
            } else {
                "versioned"
            },
        )
        .with_all(
            "searchInclude",
            one.include.iter().map(|name| Value::from(*name)).collect(),
        )
        .with_all("searchParam", search)
        .done()
}
