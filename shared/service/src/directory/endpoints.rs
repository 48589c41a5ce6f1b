//! Endpoints: where an organisation's webhooks are sent, each signed with a secret of its own.

use domain::kind::EventKind;
use http::StatusCode;
use ports::{Platform, Row, Statement};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::document::{instant, page_by_id};
use super::gate::Gate;
use super::shown::{Kind, NamedSecret, Shown};
use super::{PAGING, organizations};
use crate::auth::Scope;
use crate::call::Call;
use crate::crypto::MasterKeys;
use crate::deliveries::{
    self, Allowed, Format, after_answer, check_address, check_confidential, forget_format,
    of_new_endpoint,
};
use crate::http::{
    Access, BODY_BYTES_MAX, Fault, Field, Method, Object, PAGE_SIZE_MAX, Page, Problem,
    ProblemKind, Reply, Route, Shape, Success, TextKind,
};
use crate::ids::new_id;
use crate::secrets::{self, SecretVersion};

/// The most endpoints of an organisation: each is sent every event.
pub(crate) const ENDPOINTS_MAX: usize = 10;

const ID: Field = Field::required("id", Shape::slug(), "The endpoint's id.");
const URL: Field = Field::required(
    "url",
    Shape::text(TextKind::Url, 2_000),
    "Where to POST: https, in the public internet.",
);
const EVENTS: Field = Field::optional(
    "events",
    Shape::List {
        of: &Shape::Code(EventKind::CODES),
        min: 1,
        max: EventKind::CODES.len(),
    },
    "The events that it wants; all when left out.",
);
const FORMAT: Field = Field::optional(
    "format",
    Shape::Code(Format::CODES),
    "What it is sent: json (the default), fhir (notifications of a FHIR R4 Subscription, ids only), or hl7 (HL7 v2 messages: these hold the \
     patient's data, and go over https alone).",
);
const FORMAT_SHOWN: Field =
    Field::required("format", Shape::Code(Format::CODES), "What it is sent.");
const CREATED_AT: Field = Field::required("created_at", Shape::Instant, "When it was made.");
const ACTIVE: Field = Field::required(
    "active",
    Shape::Boolean,
    "false: it is switched off, and is sent nothing more.",
);
const PROVEN: Field = Field::required(
    "proven",
    Shape::Boolean,
    "Whether it has answered its challenge; before that it is sent nothing else.",
);
const FAILING_SINCE: Field = Field::optional(
    "failing_since",
    Shape::Instant,
    "Since when no try has succeeded, where the last one did not.",
);
const DISABLED_BECAUSE: Field = Field::optional(
    "disabled_because",
    Shape::Code(&["gone", "failing", "unproven", "ended"]),
    "Why it is switched off: it answered 410, it failed for three days, it never answered its challenge, or its Subscription has ended.",
);
const SECRET: Field = Field::required(
    "secret",
    Shape::line(100),
    "What webhooks are signed with (Standard Webhooks), whsec_ and base64.",
);

const ENDPOINT: Shape = Shape::Object(&Object {
    name: "Endpoint",
    fields: &[
        ID,
        URL,
        EVENTS,
        FORMAT_SHOWN,
        CREATED_AT,
        ACTIVE,
        PROVEN,
        FAILING_SINCE,
        DISABLED_BECAUSE,
    ],
});

const ENDPOINT_WITH_SECRET: Shape = Shape::Object(&Object {
    name: "EndpointWithSecret",
    fields: &[
        ID,
        URL,
        EVENTS,
        FORMAT_SHOWN,
        CREATED_AT,
        ACTIVE,
        PROVEN,
        FAILING_SINCE,
        DISABLED_BECAUSE,
        SECRET,
    ],
});

/// An endpoint as the caller asks for it.
#[derive(Debug, Deserialize)]
struct NewEndpoint {
    url: String,
    events: Option<Vec<String>>,
    format: Option<String>,
}

pub static CREATE: Route = Route {
    method: Method::Post,
    path: "/directory/organizations/{organization}/endpoints",
    id: "create_endpoint",
    summary: "Add an address that webhooks are sent to.",
    access: Access::Scope(Scope::DirectoryWrite),
    query: &[],
    request: Some(Shape::Object(&Object {
        name: "NewEndpoint",
        fields: &[URL, EVENTS, FORMAT],
    })),
    body_bytes_max: BODY_BYTES_MAX,
    success: &[Success {
        status: 201,
        doc: "The endpoint. Its secret is shown this once.",
        body: Some(ENDPOINT_WITH_SECRET),
    }],
    problems: &[ProblemKind::TooMany],
};

pub async fn create<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let organization = call.parameter("organization");
    let gate = Gate::open(&call, |_| {
        vec![
            organizations::select(organization),
            Statement::new(COUNT, [organization.into()]),
        ]
    })
    .await?;
    gate.sees(organization)?;
    gate.first(0).ok_or(Problem::NotFound)?;
    if let Some(reply) = gate.replay(&call).await? {
        return Ok(reply);
    }
    let new: NewEndpoint = call.input()?;
    let allowed = Allowed::read(&call.platform).await;
    let format = Format::parse(new.format.as_deref());
    let checked = match format {
        Format::Hl7 => check_confidential(&new.url, allowed),
        Format::Json | Format::Fhir => check_address(&new.url, allowed),
    };
    if let Err(fault) = checked {
        let (code, told) = fault.told();
        return Err(Problem::Invalid(vec![Fault::at("/url", code, told)]));
    }
    let count = gate.first(1).and_then(|row| row.integer("endpoints"));
    if count.is_some_and(|count| usize::try_from(count).is_ok_and(|count| count >= ENDPOINTS_MAX)) {
        return Err(Problem::TooMany {
            what: "endpoints of an organisation",
            limit: ENDPOINTS_MAX,
        });
    }
    let first = SecretVersion::first(&MasterKeys::read(&call.platform).await?);
    let id = new_id("end", &call.platform);
    let events = new.events.map(|events| Value::from(events).to_string());
    let statement = Statement::new(
        INSERT,
        [
            organization.into(),
            id.as_str().into(),
            new.url.as_str().into(),
            events.clone().into(),
            call.now_milliseconds().into(),
        ],
    );
    let mut body = Map::new();
    body.insert("id".into(), id.as_str().into());
    body.insert("url".into(), new.url.into());
    body.insert("format".into(), format.as_str().into());
    body.insert("active".into(), true.into());
    body.insert("proven".into(), false.into());
    body.insert("created_at".into(), call.now.to_string().into());
    add_events(&mut body, events.as_deref());
    let insert_secret = first.insert(&id);
    let base = format!("{}/fhir", call.origin.as_deref().unwrap_or_default());
    let now_ms = call.now_milliseconds();
    let formatted = of_new_endpoint(organization, &id, format, &base, now_ms);
    let challenge = deliveries::challenge(organization, &id, call.now);
    let shown = Shown::new(StatusCode::CREATED, Value::Object(body)).with_secret(named(id, first));
    let mut statements = vec![statement, insert_secret];
    statements.extend(formatted);
    statements.extend(challenge);
    // The challenge waits for the next work on the outbox: the partner has the secret only once it has this answer.
    gate.write(&call, &shown, statements)
        .await?
        .ok_or_else(|| Problem::internal("two endpoints have one id"))
}

pub static LIST: Route = Route {
    method: Method::Get,
    path: "/directory/organizations/{organization}/endpoints",
    id: "list_endpoints",
    summary: "List an organisation's endpoints, without their secrets.",
    access: Access::Scope(Scope::DirectoryWrite),
    query: PAGING,
    request: None,
    body_bytes_max: 0,
    success: &[Success {
        status: 200,
        doc: "A page of endpoints, the oldest first.",
        body: Some(Shape::Object(&Object {
            name: "EndpointPage",
            fields: &[
                Field::required(
                    "items",
                    Shape::list(&ENDPOINT, PAGE_SIZE_MAX),
                    "The endpoints.",
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
            list_statement(organization, &page),
        ]
    })
    .await?;
    gate.sees(organization)?;
    gate.first(0).ok_or(Problem::NotFound)?;
    Reply::json(StatusCode::OK, &list_page(&page, gate.rows(1))?)
}

/// Reads a page of an organisation's endpoints.
pub(crate) fn list_statement(organization: &str, page: &Page) -> Statement {
    Statement::new(
        LIST_SQL,
        [
            organization.into(),
            page.after.as_str().into(),
            page.rows().into(),
        ],
    )
}

/// The page of the rows of [`list_statement`].
///
/// # Errors
/// [`Problem::Internal`] when it cannot be written.
pub(crate) fn list_page(page: &Page, rows: &[Row]) -> Result<Value, Problem> {
    page_by_id(page, rows, |row| Ok(show(row)))
}

pub static REMOVE: Route = Route {
    method: Method::Delete,
    path: "/directory/organizations/{organization}/endpoints/{endpoint}",
    id: "remove_endpoint",
    summary: "Remove an endpoint; nothing more is sent there.",
    access: Access::Scope(Scope::DirectoryWrite),
    query: &[],
    request: None,
    body_bytes_max: 0,
    success: &[Success {
        status: 204,
        doc: "It is gone.",
        body: None,
    }],
    problems: &[],
};

pub async fn remove<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let organization = call.parameter("organization");
    let endpoint = call.parameter("endpoint");
    let gate = Gate::open(&call, |_| vec![select(organization, endpoint)]).await?;
    gate.sees(organization)?;
    gate.first(0).ok_or(Problem::NotFound)?;
    call.platform.batch(removal(organization, endpoint)).await?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

/// What takes an endpoint away, with all that is kept of it.
pub(crate) fn removal(organization: &str, endpoint: &str) -> Vec<Statement> {
    let mut statements = vec![
        Statement::new(DELETE, [organization.into(), endpoint.into()]),
        secrets::remove(endpoint),
        Statement::new(FORGET_STATE, [endpoint.into()]),
        Statement::new(FORGET_DELIVERIES, [endpoint.into()]),
    ];
    statements.extend(forget_format(endpoint));
    statements
}

pub static ROTATE: Route = Route {
    method: Method::Post,
    path: "/directory/organizations/{organization}/endpoints/{endpoint}/rotate",
    id: "rotate_endpoint",
    summary: "Make a new secret. For 24 hours webhooks are signed with the one before as well.",
    access: Access::Scope(Scope::DirectoryWrite),
    query: &[],
    request: None,
    body_bytes_max: BODY_BYTES_MAX,
    success: &[Success {
        status: 200,
        doc: "The endpoint. Its new secret is shown this once.",
        body: Some(ENDPOINT_WITH_SECRET),
    }],
    problems: &[ProblemKind::TooMany],
};

pub async fn rotate<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let organization = call.parameter("organization");
    let endpoint = call.parameter("endpoint");
    super::rotation::rotate(
        &call,
        organization,
        Kind::Endpoint,
        endpoint,
        select(organization, endpoint),
        show,
    )
    .await
}

pub static ENABLE: Route = Route {
    method: Method::Post,
    path: "/directory/organizations/{organization}/endpoints/{endpoint}/enable",
    id: "enable_endpoint",
    summary: "Challenge an endpoint anew, and switch it on again where it was off. Dead letters stay until they are sent again.",
    access: Access::Scope(Scope::DirectoryWrite),
    query: &[],
    request: None,
    body_bytes_max: BODY_BYTES_MAX,
    success: &[Success {
        status: 202,
        doc: "The endpoint: active, and not proven until it has answered.",
        body: Some(ENDPOINT),
    }],
    problems: &[],
};

pub async fn enable<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let organization = call.parameter("organization");
    let endpoint = call.parameter("endpoint");
    let gate = Gate::open(&call, |_| vec![select(organization, endpoint)]).await?;
    gate.sees(organization)?;
    let row = gate.first(0).ok_or(Problem::NotFound)?;
    if let Some(reply) = gate.replay(&call).await? {
        return Ok(reply);
    }
    let mut body = show(row);
    if let Value::Object(members) = &mut body {
        members.insert("active".into(), true.into());
        members.insert("proven".into(), false.into());
        members.remove("disabled_because");
        members.remove("failing_since");
    }
    let mut statements = vec![
        Statement::new(SWITCH_ON, [organization.into(), endpoint.into()]),
        Statement::new(FORGET_STATE, [endpoint.into()]),
    ];
    statements.extend(deliveries::challenge(organization, endpoint, call.now));
    let reply = gate
        .write(&call, &Shown::new(StatusCode::ACCEPTED, body), statements)
        .await?
        .ok_or(Problem::DatabaseUnavailable)?;
    after_answer(&call.platform, true);
    Ok(reply)
}

pub(super) fn select(organization: &str, endpoint: &str) -> Statement {
    Statement::new(SELECT, [organization.into(), endpoint.into()])
}

fn show(row: &Row) -> Value {
    let mut members = Map::new();
    for name in ["id", "url"] {
        members.insert(name.into(), row.text(name).into());
    }
    let format = Format::parse(row.text("format"));
    members.insert("format".into(), format.as_str().into());
    members.insert("created_at".into(), instant(row, "created_at").into());
    members.insert("active".into(), row.integer("disabled_at").is_none().into());
    members.insert("proven".into(), row.integer("proven_at").is_some().into());
    if let Some(since) = instant(row, "failing_since") {
        members.insert("failing_since".into(), since.into());
    }
    if let (Some(because), true) = (
        row.text("disabled_because"),
        row.integer("disabled_at").is_some(),
    ) {
        members.insert("disabled_because".into(), because.into());
    }
    add_events(&mut members, row.text("events"));
    Value::Object(members)
}

fn add_events(members: &mut Map<String, Value>, events: Option<&str>) {
    if let Some(events) = events.and_then(|text| serde_json::from_str(text).ok()) {
        members.insert("events".into(), events);
    }
}

fn named(id: String, version: SecretVersion) -> NamedSecret {
    NamedSecret {
        kind: Kind::Endpoint,
        id,
        version: version.version,
        master: version.master,
    }
}

/// By the primary key.
const INSERT: &str = "
INSERT INTO endpoints (organization_id, id, url, events, created_at) VALUES (?1, ?2, ?3, ?4, ?5)";

/// By the first column of the primary key.
const COUNT: &str = "SELECT count(*) AS endpoints FROM endpoints WHERE organization_id = ?1";

/// By the primary keys.
const SELECT: &str = "
SELECT e.id, e.url, e.events, x.format, e.created_at, e.disabled_at, s.proven_at, s.failing_since, s.disabled_because
FROM endpoints e LEFT JOIN endpoint_states s ON s.endpoint_id = e.id LEFT JOIN endpoint_formats x ON x.endpoint_id = e.id
WHERE e.organization_id = ?1 AND e.id = ?2";

/// By the primary keys, from the cursor on.
const LIST_SQL: &str = "
SELECT e.id, e.url, e.events, x.format, e.created_at, e.disabled_at, s.proven_at, s.failing_since, s.disabled_because
FROM endpoints e LEFT JOIN endpoint_states s ON s.endpoint_id = e.id LEFT JOIN endpoint_formats x ON x.endpoint_id = e.id
WHERE e.organization_id = ?1 AND e.id > ?2 ORDER BY e.id LIMIT ?3";

/// By the primary key.
const SWITCH_ON: &str =
    "UPDATE endpoints SET disabled_at = NULL WHERE organization_id = ?1 AND id = ?2";

/// By the primary key.
const FORGET_STATE: &str = "DELETE FROM endpoint_states WHERE endpoint_id = ?1";

/// By the primary key.
const FORGET_DELIVERIES: &str = "DELETE FROM deliveries WHERE endpoint_id = ?1";

/// By the primary key.
const DELETE: &str = "DELETE FROM endpoints WHERE organization_id = ?1 AND id = ?2";
