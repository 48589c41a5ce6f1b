//! Services: what an organisation offers, and what it asks for before it can judge a referral.

use domain::request::Urgency;
use http::StatusCode;
use ports::{Platform, Row, Statement};
use serde_json::{Map, Value, json};

use super::document::{
    self, duplicates, merged, object, page_by_id, prepare_patch, to_json, with_defaults,
};
use super::due;
use super::gate::Gate;
use super::policy_shape::LIMITS;
use super::shown::Shown;
use super::{PAGING, organizations};
use crate::auth::Scope;
use crate::call::Call;
use crate::http::{
    Access, BODY_BYTES_MAX, Fault, Field, Method, Object, PAGE_SIZE_MAX, Problem, ProblemKind,
    Reply, Route, Shape, Success, TextKind,
};

/// The most codes of a service.
const CODES_MAX: usize = 100;
/// The most locations or languages of a service.
const PLACES_MAX: usize = 50;
/// The most requirements of a service.
const REQUIREMENTS_MAX: usize = 50;
/// The oldest that a requirement may let an item be: ten years.
const AGE_DAYS_MAX: i64 = 3_650;

/// What a service is called in a code system; one without a system is the organisation's own.
const CODE: Object = Object {
    name: "ServiceCode",
    fields: &[
        Field::optional(
            "system",
            Shape::text(TextKind::Uri, 200),
            "The code system's URI.",
        ),
        Field::required("code", Shape::line(200), "The code."),
        Field::optional("display", Shape::line(200), "The text a person reads."),
    ],
};

const REQUIREMENT: Shape = Shape::Object(&Object {
    name: "Requirement",
    fields: &[
        Field::required(
            "id",
            Shape::slug(),
            "Its id, one of its kind in the service.",
        ),
        Field::required(
            "kind",
            Shape::Code(&["lab", "imaging", "medication", "note", "document"]),
            "What kind of item.",
        ),
        Field::optional(
            "code",
            Shape::line(200),
            "Its code, where any item of the kind will not do.",
        ),
        Field::required("display", Shape::line(200), "The text a person reads."),
        Field::optional(
            "max_age_days",
            Shape::Integer {
                min: 1,
                max: AGE_DAYS_MAX,
            },
            "How old it may be.",
        ),
        Field::required(
            "level",
            Shape::Code(&["required", "advisory"]),
            "Whether a referral goes without it.",
        ),
    ],
});

const ID: Field = Field::required("id", Shape::slug(), "The id, chosen by the organisation.");
const SPECIALTY: Field = Field::required(
    "specialty",
    Shape::line(100),
    "The specialty, such as cardiology.",
);
const NEW_CODES: Field = Field::optional(
    "codes",
    Shape::list(
        &Shape::Either(&[Shape::line(200), Shape::Object(&CODE)]),
        CODES_MAX,
    ),
    "What it is called in code systems; a bare string is a code of the organisation's own.",
);
const CODES: Field = Field::required(
    "codes",
    Shape::list(&Shape::Object(&CODE), CODES_MAX),
    "What it is called in code systems.",
);
const URGENCIES: Field = Field::optional(
    "urgencies",
    Shape::List {
        of: &Shape::Code(Urgency::CODES),
        min: 1,
        max: Urgency::CODES.len(),
    },
    "The urgencies that it takes; all when left out.",
);
const LOCATIONS: Field = Field::optional(
    "locations",
    Shape::list(&Shape::line(200), PLACES_MAX),
    "Where it is.",
);
const LANGUAGES: Field = Field::optional(
    "languages",
    Shape::list(&Shape::text(TextKind::Language, 35), PLACES_MAX),
    "The languages that are spoken.",
);
const NEXT_AVAILABLE: Field = Field::optional("next_available", Shape::Date, "The first free day.");
const CAPACITY: Field = Field::optional(
    "capacity",
    Shape::Integer {
        min: 0,
        max: 100_000,
    },
    "How many referrals it takes a week.",
);
const REQUIREMENTS: Field = Field::optional(
    "requirements",
    Shape::list(&REQUIREMENT, REQUIREMENTS_MAX),
    "What it asks for before it can judge a referral.",
);
const LIMITS_FIELD: Field = Field::optional(
    "limits",
    LIMITS,
    "The time that it allows itself, where that is not the network's: 24h, 7d, or 3bd for business days.",
);
const ACTIVE: Field = Field::optional(
    "active",
    Shape::Boolean,
    "false: it takes no new referral. true when left out.",
);

const NEW: Shape = Shape::Object(&Object {
    name: "NewService",
    fields: &[
        ID,
        SPECIALTY,
        NEW_CODES,
        URGENCIES,
        LOCATIONS,
        LANGUAGES,
        NEXT_AVAILABLE,
        CAPACITY,
        REQUIREMENTS,
        LIMITS_FIELD,
        ACTIVE,
    ],
});

/// The members that are kept in the document.
const DOCUMENT: Shape = Shape::Object(&Object {
    name: "ServiceDocument",
    fields: &[
        SPECIALTY,
        CODES,
        URGENCIES,
        LOCATIONS,
        LANGUAGES,
        NEXT_AVAILABLE,
        CAPACITY,
        REQUIREMENTS,
        LIMITS_FIELD,
        ACTIVE,
    ],
});

const CHANGES: Shape = Shape::Object(&Object {
    name: "ServiceChanges",
    fields: &[
        Field::optional(SPECIALTY.name, SPECIALTY.shape, SPECIALTY.doc),
        NEW_CODES,
        URGENCIES,
        LOCATIONS,
        LANGUAGES,
        NEXT_AVAILABLE,
        CAPACITY,
        REQUIREMENTS,
        LIMITS_FIELD,
        ACTIVE,
    ],
});

const SERVICE: Shape = Shape::Object(&Object {
    name: "Service",
    fields: &[
        ID,
        Field::required(
            "organization",
            Shape::slug(),
            "The organisation that offers it.",
        ),
        SPECIALTY,
        CODES,
        Field::required(URGENCIES.name, URGENCIES.shape, URGENCIES.doc),
        Field::required(LOCATIONS.name, LOCATIONS.shape, LOCATIONS.doc),
        Field::required(LANGUAGES.name, LANGUAGES.shape, LANGUAGES.doc),
        NEXT_AVAILABLE,
        CAPACITY,
        Field::required(REQUIREMENTS.name, REQUIREMENTS.shape, REQUIREMENTS.doc),
        LIMITS_FIELD,
        Field::required(ACTIVE.name, ACTIVE.shape, ACTIVE.doc),
        Field::required("created_at", Shape::Instant, "When it was made."),
        Field::required("updated_at", Shape::Instant, "When it was last changed."),
    ],
});

fn defaults() -> [(&'static str, Value); 6] {
    [
        ("active", json!(true)),
        ("codes", json!([])),
        ("languages", json!([])),
        ("locations", json!([])),
        ("requirements", json!([])),
        ("urgencies", json!(Urgency::CODES)),
    ]
}

pub static CREATE: Route = Route {
    method: Method::Post,
    path: "/directory/organizations/{organization}/services",
    id: "create_service",
    summary: "Add a service.",
    access: Access::Scope(Scope::DirectoryWrite),
    query: &[],
    request: Some(NEW),
    body_bytes_max: BODY_BYTES_MAX,
    success: &[Success {
        status: 201,
        doc: "The service; Location names it.",
        body: Some(SERVICE),
    }],
    problems: &[ProblemKind::Taken],
};

pub async fn create<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let organization = call.parameter("organization");
    let gate = Gate::open(&call, |_| vec![organizations::select(organization)]).await?;
    gate.sees(organization)?;
    let row = gate.first(0).ok_or(Problem::NotFound)?;
    let network = row.text("network").unwrap_or_default();
    if let Some(reply) = gate.replay(&call).await? {
        return Ok(reply);
    }
    let mut document = object(document::without_nulls(call.known_json()?))?;
    Problem::unless_empty(requirement_faults(&document))?;
    let id = match document.remove("id") {
        Some(Value::String(id)) => id,
        _ => String::new(),
    };
    codes_to_objects(&mut document);
    with_defaults(&mut document, &defaults());
    let mut body = document.clone();
    body.insert("id".into(), id.as_str().into());
    body.insert("organization".into(), organization.into());
    for time in ["created_at", "updated_at"] {
        body.insert(time.into(), call.now.to_string().into());
    }
    let shown = Shown::new(StatusCode::CREATED, Value::Object(body)).at(format!(
        "/directory/organizations/{organization}/services/{id}"
    ));
    let statement = Statement::new(
        INSERT,
        [
            organization.into(),
            id.into(),
            network.into(),
            Value::Object(document).to_string().into(),
            call.now_milliseconds().into(),
        ],
    );
    gate.write(&call, &shown, vec![statement])
        .await?
        .ok_or(Problem::Taken { what: "the id" })
}

pub static LIST: Route = Route {
    method: Method::Get,
    path: "/directory/organizations/{organization}/services",
    id: "list_services",
    summary: "List an organisation's services.",
    access: Access::Key,
    query: PAGING,
    request: None,
    body_bytes_max: 0,
    success: &[Success {
        status: 200,
        doc: "A page of services.",
        body: Some(Shape::Object(&Object {
            name: "ServicePage",
            fields: &[
                Field::required(
                    "items",
                    Shape::list(&SERVICE, PAGE_SIZE_MAX),
                    "The services, by id.",
                ),
                Field::optional(
                    "next",
                    Shape::line(256),
                    "The cursor of the next page, where there is one.",
                ),
            ],
        })),
    }],
    problems: &[],
};

pub async fn list<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let organization = call.parameter("organization");
    let page = call.page()?;
    let gate = Gate::open(&call, |_| {
        vec![
            organizations::select(organization),
            Statement::new(
                LIST_SQL,
                [
                    organization.into(),
                    page.after.as_str().into(),
                    page.rows().into(),
                ],
            ),
        ]
    })
    .await?;
    gate.sees(organization)?;
    gate.first(0).ok_or(Problem::NotFound)?;
    let answer = page_by_id(&page, gate.rows(1), show)?;
    Reply::json(StatusCode::OK, &answer)
}

pub static GET: Route = Route {
    method: Method::Get,
    path: "/directory/organizations/{organization}/services/{service}",
    id: "get_service",
    summary: "Show a service.",
    access: Access::Key,
    query: &[],
    request: None,
    body_bytes_max: 0,
    success: &[Success {
        status: 200,
        doc: "The service.",
        body: Some(SERVICE),
    }],
    problems: &[],
};

pub async fn get<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let organization = call.parameter("organization");
    let gate = Gate::open(&call, |_| {
        vec![select(organization, call.parameter("service"))]
    })
    .await?;
    gate.sees(organization)?;
    let row = gate.first(0).ok_or(Problem::NotFound)?;
    Reply::json(StatusCode::OK, &show(row)?)
}

pub static PATCH: Route = Route {
    method: Method::Patch,
    path: "/directory/organizations/{organization}/services/{service}",
    id: "patch_service",
    summary: "Change members of a service; null takes one away (RFC 7396).",
    access: Access::Scope(Scope::DirectoryWrite),
    query: &[],
    request: Some(CHANGES),
    body_bytes_max: BODY_BYTES_MAX,
    success: &[Success {
        status: 200,
        doc: "The service as it is now.",
        body: Some(SERVICE),
    }],
    problems: &[],
};

pub async fn patch<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let organization = call.parameter("organization");
    let service = call.parameter("service");
    let gate = Gate::open(&call, |_| vec![select(organization, service)]).await?;
    gate.sees(organization)?;
    let row = gate.first(0).ok_or(Problem::NotFound)?;
    let mut patch = object(call.known_json()?)?;
    Problem::unless_empty(requirement_faults(&patch))?;
    codes_to_objects(&mut patch);
    prepare_patch(&mut patch, &defaults());
    merged(row.text("document").unwrap_or_default(), &patch, &DOCUMENT)?;
    let now = call.now_milliseconds();
    let limits_change = patch.contains_key("limits");
    let patch = Value::Object(patch).to_string();
    let mut statements = vec![Statement::new(
        PATCH_SQL,
        [
            organization.into(),
            service.into(),
            patch.into(),
            now.into(),
        ],
    )];
    if limits_change {
        statements.push(due::of_service(organization, service, now));
    }
    let answer = call.platform.batch(statements).await?;
    let row = answer.first(0).ok_or(Problem::NotFound)?;
    Reply::json(StatusCode::OK, &show(row)?)
}

/// Reads one service.
pub fn select(organization: &str, service: &str) -> Statement {
    Statement::new(SELECT, [organization.into(), service.into()])
}

fn show(row: &Row) -> Result<Value, Problem> {
    to_json(row, &["id", "organization"])
}

fn requirement_faults(document: &Map<String, Value>) -> Vec<Fault> {
    duplicates(
        document.get("requirements"),
        "requirements",
        |requirement| {
            requirement
                .get("id")
                .map(Value::to_string)
                .unwrap_or_default()
        },
    )
}

/// A code that came as a bare string, as the object that it stands for.
fn codes_to_objects(document: &mut Map<String, Value>) {
    if let Some(Value::Array(codes)) = document.get_mut("codes") {
        for code in codes.iter_mut().filter(|code| code.is_string()) {
            *code = json!({ "code": code.take() });
        }
    }
}

/// By the primary key; a conflict means that the id is taken.
const INSERT: &str = "
INSERT INTO services (organization_id, id, network, document, created_at, updated_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?5)";

/// By the primary key.
const SELECT: &str = "
SELECT id, organization_id AS organization, document, created_at, updated_at FROM services
WHERE organization_id = ?1 AND id = ?2";

/// By the primary key, from the cursor on.
const LIST_SQL: &str = "
SELECT id, organization_id AS organization, document, created_at, updated_at FROM services
WHERE organization_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3";

/// By the primary key. Merges the patch into what is there now (RFC 7396).
const PATCH_SQL: &str = "
UPDATE services SET document = json_patch(document, ?3), updated_at = ?4 WHERE organization_id = ?1 AND id = ?2
RETURNING id, organization_id AS organization, document, created_at, updated_at";
