//! Endpoints: where an organisation's webhooks are sent, each signed with a secret of its own.

use domain::kind::EventKind;
use http::{StatusCode, Uri};
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
use crate::http::{
    Access, BODY_BYTES_MAX, Fault, Field, Method, Object, PAGE_SIZE_MAX, Problem, ProblemKind,
    Reply, Route, Shape, Success, TextKind, header,
};
use crate::ids::new_id;
use crate::secrets::{self, SecretVersion};

/// The most endpoints of an organisation: each is sent every event.
const ENDPOINTS_MAX: usize = 10;

const ID: Field = Field::required("id", Shape::slug(), "The endpoint's id.");
const URL: Field = Field::required(
    "url",
    Shape::text(TextKind::Url, 2_000),
    "Where to POST: https, or http on this computer.",
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
const CREATED_AT: Field = Field::required("created_at", Shape::Instant, "When it was made.");
const ACTIVE: Field = Field::required(
    "active",
    Shape::Boolean,
    "false: it answered 410, and is sent nothing more.",
);
const SECRET: Field = Field::required(
    "secret",
    Shape::line(100),
    "What webhooks are signed with (Standard Webhooks), whsec_ and base64.",
);

const ENDPOINT: Shape = Shape::Object(&Object {
    name: "Endpoint",
    fields: &[ID, URL, EVENTS, CREATED_AT, ACTIVE],
});

const ENDPOINT_WITH_SECRET: Shape = Shape::Object(&Object {
    name: "EndpointWithSecret",
    fields: &[ID, URL, EVENTS, CREATED_AT, ACTIVE, SECRET],
});

/// An endpoint as the caller asks for it.
#[derive(Debug, Deserialize)]
struct NewEndpoint {
    url: String,
    events: Option<Vec<String>>,
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
        fields: &[URL, EVENTS],
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
    if !is_safe(&new.url) {
        let fault = Fault::at(
            "/url",
            "not-https",
            "must be https, or http on this computer",
        );
        return Err(Problem::Invalid(vec![fault]));
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
    body.insert("active".into(), true.into());
    body.insert("created_at".into(), call.now.to_string().into());
    add_events(&mut body, events.as_deref());
    let insert_secret = first.insert(&id);
    let shown = Shown::new(StatusCode::CREATED, Value::Object(body)).with_secret(named(id, first));
    gate.write(&call, &shown, vec![statement, insert_secret])
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
    let answer = page_by_id(&page, gate.rows(1), |row| Ok(show(row)))?;
    Reply::json(StatusCode::OK, &answer)
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
    let statement = Statement::new(DELETE, [organization.into(), endpoint.into()]);
    call.platform
        .batch(vec![statement, secrets::remove(endpoint)])
        .await?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
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

fn select(organization: &str, endpoint: &str) -> Statement {
    Statement::new(SELECT, [organization.into(), endpoint.into()])
}

fn show(row: &Row) -> Value {
    let mut members = Map::new();
    for name in ["id", "url"] {
        members.insert(name.into(), row.text(name).into());
    }
    members.insert("created_at".into(), instant(row, "created_at").into());
    members.insert("active".into(), row.integer("disabled_at").is_none().into());
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

/// Whether nobody on the way can read what is sent: https, or a host that is this computer.
fn is_safe(url: &str) -> bool {
    url.parse::<Uri>().is_ok_and(|uri| {
        uri.scheme_str() == Some("https") || uri.host().is_some_and(header::is_loopback)
    })
}

/// By the primary key.
const INSERT: &str = "
INSERT INTO endpoints (organization_id, id, url, events, created_at) VALUES (?1, ?2, ?3, ?4, ?5)";

/// By the first column of the primary key.
const COUNT: &str = "SELECT count(*) AS endpoints FROM endpoints WHERE organization_id = ?1";

/// By the primary key.
const SELECT: &str = "
SELECT id, url, events, created_at, disabled_at FROM endpoints WHERE organization_id = ?1 AND id = ?2";

/// By the primary key, from the cursor on.
const LIST_SQL: &str = "
SELECT id, url, events, created_at, disabled_at FROM endpoints
WHERE organization_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3";

/// By the primary key.
const DELETE: &str = "DELETE FROM endpoints WHERE organization_id = ?1 AND id = ?2";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn webhooks_go_over_https_or_stay_on_this_computer() {
        for safe in [
            "https://a.example/x",
            "http://127.0.0.1:9000/x",
            "http://localhost/",
            "http://[::1]:1/",
        ] {
            assert!(is_safe(safe), "{safe}");
        }
        for unsafe_url in [
            "http://a.example/x",
            "http://127.0.0.1.example/",
            "http://localhost.example/",
        ] {
            assert!(!is_safe(unsafe_url), "{unsafe_url}");
        }
    }
}
