//! Organisations: made by the operator, changed by themselves.

use http::StatusCode;
use ports::{Platform, Row, Statement};
use serde_json::{Map, Value, json};

use super::document::{
    self, duplicates, merged, object, page_by_id, prepare_patch, to_json, with_defaults,
};
use super::due;
use super::gate::Gate;
use super::organizations_sql as sql;
use super::shown::Shown;
use super::{PAGING, services};
use crate::auth::{Caller, Scope};
use crate::call::Call;
use crate::http::{
    Access, BODY_BYTES_MAX, Fault, Field, Method, Object, PAGE_SIZE_MAX, Problem, ProblemKind,
    Reply, Route, Shape, Success, TextKind,
};

/// The most identifiers of an organisation.
const IDENTIFIERS_MAX: usize = 20;

/// The identifier of an organisation, as FHIR writes one.
const IDENTIFIER: Shape = Shape::Object(&Object {
    name: "OrganizationIdentifier",
    fields: &[
        Field::required(
            "system",
            Shape::text(TextKind::Uri, 200),
            "Who gives the number, as a URI; for an OID urn:ietf:rfc:3986, and the value is urn:oid:….",
        ),
        Field::required("value", Shape::line(200), "The number."),
    ],
});

const ID: Field = Field::required("id", Shape::slug(), "The id, chosen by the operator.");
const NETWORK: Field = Field::required("network", Shape::slug(), "The network that it belongs to.");
const NAME: Field = Field::required("name", Shape::line(200), "The name.");
const ROLES: Field = Field::required(
    "roles",
    Shape::List {
        of: &Shape::Code(&["referrer", "recipient"]),
        min: 1,
        max: 2,
    },
    "Whether it sends referrals, receives them, or both.",
);
const IDENTIFIERS: Field = Field::optional(
    "identifiers",
    Shape::list(&IDENTIFIER, IDENTIFIERS_MAX),
    "The numbers by which messages name it; each is one organisation's of the network. Only the operator sets them.",
);
const DEFAULT_SERVICE: Field = Field::optional(
    "default_service",
    Shape::slug(),
    "The service for referrals from a sender that names none. A PATCH names one that is there.",
);
const CONNECTED: Field = Field::optional(
    "connected",
    Shape::Boolean,
    "false: it has no software of its own, and the other side may record what it learned. true when left out.",
);
const ACTIVE: Field = Field::optional(
    "active",
    Shape::Boolean,
    "false: it takes no new referral. true when left out.",
);
const TIME_ZONE: Field = Field::optional(
    "time_zone",
    Shape::text(TextKind::TimeZone, 64),
    "Where it is, as a name of the IANA time zone database.",
);
const CONTACT: Field = Field::optional("contact", Shape::prose(500), "How people reach it.");

const NEW: Shape = Shape::Object(&Object {
    name: "NewOrganization",
    fields: &[
        ID,
        NETWORK,
        NAME,
        ROLES,
        IDENTIFIERS,
        DEFAULT_SERVICE,
        CONNECTED,
        ACTIVE,
        TIME_ZONE,
        CONTACT,
    ],
});

/// The members that are kept in the document.
const DOCUMENT: Shape = Shape::Object(&Object {
    name: "OrganizationDocument",
    fields: &[
        NAME,
        ROLES,
        IDENTIFIERS,
        DEFAULT_SERVICE,
        CONNECTED,
        ACTIVE,
        TIME_ZONE,
        CONTACT,
    ],
});

const CHANGES: Shape = Shape::Object(&Object {
    name: "OrganizationChanges",
    fields: &[
        Field::optional(NAME.name, NAME.shape, NAME.doc),
        Field::optional(ROLES.name, ROLES.shape, ROLES.doc),
        IDENTIFIERS,
        DEFAULT_SERVICE,
        CONNECTED,
        ACTIVE,
        TIME_ZONE,
        CONTACT,
    ],
});

const ORGANIZATION: Shape = Shape::Object(&Object {
    name: "Organization",
    fields: &[
        ID,
        NETWORK,
        NAME,
        ROLES,
        IDENTIFIERS,
        DEFAULT_SERVICE,
        Field::required(CONNECTED.name, CONNECTED.shape, CONNECTED.doc),
        Field::required(ACTIVE.name, ACTIVE.shape, ACTIVE.doc),
        TIME_ZONE,
        CONTACT,
        Field::required("created_at", Shape::Instant, "When it was made."),
        Field::required("updated_at", Shape::Instant, "When it was last changed."),
    ],
});

fn defaults() -> [(&'static str, Value); 2] {
    [("active", json!(true)), ("connected", json!(true))]
}

pub static CREATE: Route = Route {
    method: Method::Post,
    path: "/directory/organizations",
    id: "create_organization",
    summary: "Add an organisation.",
    access: Access::Operator,
    query: &[],
    request: Some(NEW),
    body_bytes_max: BODY_BYTES_MAX,
    success: &[Success {
        status: 201,
        doc: "The organisation; Location names it.",
        body: Some(ORGANIZATION),
    }],
    problems: &[ProblemKind::Taken],
};

pub async fn create<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let gate = Gate::open(&call, |_| vec![]).await?;
    if let Some(reply) = gate.replay(&call).await? {
        return Ok(reply);
    }
    let mut document = object(document::without_nulls(call.known_json()?))?;
    Problem::unless_empty(identifier_faults(&document))?;
    let id = take_text(&mut document, "id");
    let network = take_text(&mut document, "network");
    with_defaults(&mut document, &defaults());
    let mut body = document.clone();
    body.insert("id".into(), id.as_str().into());
    body.insert("network".into(), network.as_str().into());
    for time in ["created_at", "updated_at"] {
        body.insert(time.into(), call.now.to_string().into());
    }
    let shown = Shown::new(StatusCode::CREATED, Value::Object(body))
        .at(format!("/directory/organizations/{id}"));
    let identifiers = insert_identifiers(&id, &network, &document);
    let mut statements = vec![Statement::new(
        sql::INSERT,
        [
            id.into(),
            network.into(),
            Value::Object(document).to_string().into(),
            call.now_milliseconds().into(),
        ],
    )];
    statements.extend(identifiers);
    gate.write(&call, &shown, statements)
        .await?
        .ok_or(Problem::Taken {
            what: "the id or an identifier",
        })
}

pub static LIST: Route = Route {
    method: Method::Get,
    path: "/directory/organizations",
    id: "list_organizations",
    summary: "List the organisations that the caller may see: all for the operator, its own for a key.",
    access: Access::Key,
    query: PAGING,
    request: None,
    body_bytes_max: 0,
    success: &[Success {
        status: 200,
        doc: "A page of organisations.",
        body: Some(Shape::Object(&Object {
            name: "OrganizationPage",
            fields: &[
                Field::required(
                    "items",
                    Shape::list(&ORGANIZATION, PAGE_SIZE_MAX),
                    "The organisations, by id.",
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
    let page = call.page()?;
    let gate = Gate::open(&call, |credentials| {
        let after = page.after.as_str().into();
        vec![if credentials.is_operator() {
            Statement::new(sql::LIST, [after, page.rows().into()])
        } else {
            Statement::new(sql::LIST_OF_KEY, [credentials.hash().into(), after])
        }]
    })
    .await?;
    let answer = page_by_id(&page, gate.rows(0), show)?;
    Reply::json(StatusCode::OK, &answer)
}

pub static GET: Route = Route {
    method: Method::Get,
    path: "/directory/organizations/{organization}",
    id: "get_organization",
    summary: "Show an organisation.",
    access: Access::Key,
    query: &[],
    request: None,
    body_bytes_max: 0,
    success: &[Success {
        status: 200,
        doc: "The organisation.",
        body: Some(ORGANIZATION),
    }],
    problems: &[],
};

pub async fn get<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let id = call.parameter("organization");
    let gate = Gate::open(&call, |_| vec![select(id)]).await?;
    gate.sees(id)?;
    let row = gate.first(0).ok_or(Problem::NotFound)?;
    Reply::json(StatusCode::OK, &show(row)?)
}

pub static PATCH: Route = Route {
    method: Method::Patch,
    path: "/directory/organizations/{organization}",
    id: "patch_organization",
    summary: "Change members of an organisation; null takes one away (RFC 7396).",
    access: Access::Scope(Scope::DirectoryWrite),
    query: &[],
    request: Some(CHANGES),
    body_bytes_max: BODY_BYTES_MAX,
    success: &[Success {
        status: 200,
        doc: "The organisation as it is now.",
        body: Some(ORGANIZATION),
    }],
    problems: &[ProblemKind::Taken],
};

pub async fn patch<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let id = call.parameter("organization");
    let body = call.known_json();
    let service = body
        .as_ref()
        .ok()
        .and_then(|body| body.get("default_service"))
        .and_then(Value::as_str);
    let gate = Gate::open(&call, |_| {
        vec![
            select(id),
            services::select(id, service.unwrap_or_default()),
        ]
    })
    .await?;
    gate.sees(id)?;
    let row = gate.first(0).ok_or(Problem::NotFound)?;
    let has_service = service.is_none() || gate.first(1).is_some();
    let mut patch = object(body?)?;
    if patch.contains_key("identifiers") && gate.caller != Caller::Operator {
        return Err(Problem::ForbiddenScope { needs: None });
    }
    prepare_patch(&mut patch, &defaults());
    let mut faults = identifier_faults(&patch);
    if !has_service {
        faults.push(Fault::at(
            "/default_service",
            "unknown-service",
            "must be a service of the organisation",
        ));
    }
    Problem::unless_empty(faults)?;
    let document = row.text("document").unwrap_or_default();
    merged(document, &patch, &DOCUMENT)?;
    let network = row.text("network").unwrap_or_default();
    let mut statements = vec![Statement::new(
        sql::PATCH,
        [
            id.into(),
            Value::Object(patch.clone()).to_string().into(),
            call.now_milliseconds().into(),
        ],
    )];
    if patch.contains_key("identifiers") {
        statements.push(Statement::new(
            sql::DELETE_IDENTIFIERS,
            [network.into(), id.into()],
        ));
        statements.extend(insert_identifiers(id, network, &patch));
    }
    if patch.contains_key("active") {
        statements.push(due::of_organization(id, call.now_milliseconds()));
    }
    let answer = match call.platform.batch(statements).await {
        Err(ports::DatabaseError::Conflict { .. }) => {
            return Err(Problem::Taken {
                what: "an identifier",
            });
        }
        answer => answer?,
    };
    let row = answer.first(0).ok_or(Problem::NotFound)?;
    Reply::json(StatusCode::OK, &show(row)?)
}

/// Reads one organisation.
pub fn select(id: &str) -> Statement {
    Statement::new(sql::SELECT, [id.into()])
}

fn show(row: &Row) -> Result<Value, Problem> {
    to_json(row, &["id", "network"])
}

fn take_text(document: &mut Map<String, Value>, name: &str) -> String {
    match document.remove(name) {
        Some(Value::String(text)) => text,
        _ => String::new(),
    }
}

fn identifier_faults(document: &Map<String, Value>) -> Vec<Fault> {
    duplicates(document.get("identifiers"), "identifiers", |identifier| {
        let text = |name: &str| {
            identifier
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        format!("{}\n{}", text("system"), text("value"))
    })
}

/// Writes the identifiers of a document, where it has any.
fn insert_identifiers(id: &str, network: &str, document: &Map<String, Value>) -> Option<Statement> {
    let identifiers = document.get("identifiers").filter(|list| list.is_array())?;
    Some(Statement::new(
        sql::INSERT_IDENTIFIERS,
        [network.into(), id.into(), identifiers.to_string().into()],
    ))
}
