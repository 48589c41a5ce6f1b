//! What the server speaks, as a CapabilityStatement: the one list of it.

use domain::time::Timestamp;
use serde_json::{Value, json};

use super::super::subscription::Topic;
use super::element::Element;

/// A resource: its type, its interactions, its search parameters with their types, what it may include, what else may be said of it.
struct Served {
    kind: &'static str,
    interactions: &'static [&'static str],
    search: &'static [(&'static str, &'static str)],
    include: &'static [&'static str],
    /// Whether `If-None-Exist` is taken.
    has_conditional_create: bool,
    versioning: &'static str,
    /// Names and definitions.
    operations: &'static [(&'static str, &'static str)],
    documentation: &'static str,
}

/// One that is read by its id, and no more.
const READ: Served = Served {
    kind: "",
    interactions: &["read"],
    search: &[],
    include: &[],
    has_conditional_create: false,
    versioning: "no-version",
    operations: &[],
    documentation: "",
};

/// The search parameters of Task.
pub const TASK_SEARCH: &[(&str, &str)] = &[
    ("_id", "token"),
    ("_lastUpdated", "date"),
    ("authored-on", "date"),
    ("based-on", "reference"),
    ("business-status", "token"),
    ("focus", "reference"),
    ("identifier", "token"),
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
    ("identifier", "token"),
    ("patient", "reference"),
    ("performer", "reference"),
    ("requester", "reference"),
    ("status", "token"),
];

/// Why one parameter is not for URLs.
const BY_POST: &str = "Searched by GET and by POST _search; patient by POST _search alone, because no URL may name one. Takes _count, and gives \
    the next page as a link.";

const SERVED: &[Served] = &[
    Served {
        kind: "ServiceRequest",
        versioning: "versioned",
        interactions: &["read", "create", "search-type"],
        search: SERVICE_REQUEST_SEARCH,
        include: &["ServiceRequest:patient"],
        has_conditional_create: true,
        documentation: BY_POST,
        ..READ
    },
    Served {
        kind: "Task",
        versioning: "versioned-update",
        interactions: &["read", "update", "search-type"],
        search: TASK_SEARCH,
        include: &["Task:focus", "Task:patient"],
        documentation: BY_POST,
        ..READ
    },
    Served {
        kind: "Patient",
        versioning: "versioned",
        documentation: "Under the id of its referral: one copy a referral.",
        ..READ
    },
    Served {
        kind: "Appointment",
        versioning: "versioned",
        interactions: &["read", "search-type"],
        search: &[("based-on", "reference")],
        documentation: "Under its Task's id; searched by the ServiceRequest that it is based on.",
        ..READ
    },
    Served {
        kind: "Communication",
        interactions: &["read", "search-type"],
        search: &[("based-on", "reference")],
        documentation: "Under its event's id; searched by the ServiceRequest that it is based on.",
        ..READ
    },
    Served {
        kind: "Provenance",
        interactions: &["read", "search-type"],
        search: &[("target", "reference")],
        documentation: "Under its event's id; searched by the ServiceRequest that is its target.",
        ..READ
    },
    Served {
        kind: "Binary",
        documentation: "A message as it came, by the source_id of its event, or a stored document.",
        ..READ
    },
    Served {
        kind: "Subscription",
        versioning: "versioned-update",
        interactions: &["read", "create", "update", "delete", "search-type"],
        search: &[("_id", "token"), ("status", "token")],
        operations: &[(
            "status",
            "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-status",
        )],
        documentation: "Topics of the R4 backport; rest-hook, id-only or empty.",
        ..READ
    },
    Served {
        kind: "Measure",
        operations: &[
            ("evaluate", EVALUATE),
            ("evaluate-measure", EVALUATE),
            ("export", "urn:referral-loop:operation:export"),
        ],
        documentation: "cms50 alone: CMS50, Closing the Referral Loop: Receipt of Specialist Report.",
        ..READ
    },
    Served {
        kind: "ValueSet",
        versioning: "versioned",
        interactions: &["read", "update"],
        documentation: "By expansion or by listing concepts: the organisation's own, for its measures.",
        ..READ
    },
    Served {
        kind: "Encounter",
        documentation: VISIT,
        ..VISITS
    },
    Served {
        kind: "Procedure",
        documentation: VISIT,
        ..VISITS
    },
];

/// FHIR R4's name of an evaluation.
const EVALUATE: &str = "http://hl7.org/fhir/OperationDefinition/Measure-evaluate-measure";

const VISITS: Served = Served {
    versioning: "versioned",
    interactions: &["read", "create", "update"],
    ..READ
};

const VISIT: &str = "What measures need beside referrals, as it came; posted again by its identifier or its content it is the same.";

/// By which extension a server lists its topics.
const TOPIC: &str = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/capabilitystatement-subscriptiontopic-canonical";

/// What this server speaks, at `base`, as of `date`.
#[must_use]
pub fn capability_statement(base: &str, date: Timestamp) -> Value {
    let resources: Vec<Value> = SERVED.iter().map(served).collect();
    let operations = operations(&[
        (
            "process-message",
            "http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message",
        ),
        ("deliver", "urn:referral-loop:operation:deliver"),
    ]);
    Element::of("CapabilityStatement")
        .with("status", "active")
        .with("date", date.to_string())
        .with("kind", "instance")
        .with("software", json!({ "name": "Referral Loop" }))
        .with("implementation", json!({ "description": "Closed-loop referrals", "url": base }))
        .with("fhirVersion", "4.0.1")
        .with("format", json!(["json", "xml"]))
        .with(
            "rest",
            json!([{
                "mode": "server",
                "security": { "description": "Authorization: Bearer, a key of the caller's organisation" },
                "resource": resources,
                "interaction": [{ "code": "transaction" }, { "code": "batch" }],
                "operation": operations,
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
    let topics = Topic::ALL
        .iter()
        .filter(|_| one.kind == "Subscription")
        .map(|topic| json!({ "url": TOPIC, "valueCanonical": topic.canonical() }))
        .collect();
    Element::new()
        .with_all("extension", topics)
        .with("type", one.kind)
        .with_some(
            "documentation",
            (!one.documentation.is_empty()).then_some(one.documentation),
        )
        .with_all("interaction", interactions)
        .with("versioning", one.versioning)
        .with_some(
            "conditionalCreate",
            one.has_conditional_create.then_some(true),
        )
        .with_all(
            "searchInclude",
            one.include.iter().map(|name| Value::from(*name)).collect(),
        )
        .with_all("searchParam", search)
        .with_all("operation", operations(one.operations))
        .done()
}

fn operations(all: &[(&str, &str)]) -> Vec<Value> {
    all.iter()
        .map(|(name, definition)| json!({ "name": name, "definition": definition }))
        .collect()
}
