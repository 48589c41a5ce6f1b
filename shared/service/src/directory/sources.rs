//! Sources: senders of inbound webhooks, each with a secret of its own and an address to send to.

use http::StatusCode;
use ports::{Platform, Row, Statement};
use serde::Deserialize;
use serde_json::{Value, json};

use super::document::{instant, page_by_id};
use super::gate::Gate;
use super::shown::{Kind, NamedSecret, Shown};
use super::{PAGING, organizations};
use crate::auth::Scope;
use crate::call::Call;
use crate::crypto::MasterKeys;
use crate::http::{
    Access, BODY_BYTES_MAX, Field, Method, Object, PAGE_SIZE_MAX, Problem, ProblemKind, Reply,
    Route, Shape, Success,
};
use crate::ids::new_id;
use crate::secrets::{self, SecretVersion};

const ID: Field = Field::required("id", Shape::slug(), "The source's id.");
const NAME: Field = Field::required("name", Shape::line(200), "What it is, for people.");
const CREATED_AT: Field = Field::required("created_at", Shape::Instant, "When it was made.");
const URL: Field = Field::required(
    "url",
    Shape::line(500),
    "Where it sends to; without a host where we do not know our own.",
);
const SECRET: Field = Field::required(
    "secret",
    Shape::line(100),
    "What it signs with (Standard Webhooks), whsec_ and base64.",
);

const SOURCE: Shape = Shape::Object(&Object {
    name: "Source",
    fields: &[ID, NAME, URL, CREATED_AT],
});

const SOURCE_WITH_SECRET: Shape = Shape::Object(&Object {
    name: "SourceWithSecret",
    fields: &[ID, NAME, URL, CREATED_AT, SECRET],
});

/// A source as the caller asks for it.
#[derive(Debug, Deserialize)]
struct NewSource {
    name: String,
}

pub static CREATE: Route = Route {
    method: Method::Post,
    path: "/directory/organizations/{organization}/sources",
    id: "create_source",
    summary: "Add a sender of inbound webhooks.",
    access: Access::Scope(Scope::DirectoryWrite),
    query: &[],
    request: Some(Shape::Object(&Object {
        name: "NewSource",
        fields: &[NAME],
    })),
    body_bytes_max: BODY_BYTES_MAX,
    success: &[Success {
        status: 201,
        doc: "The source. Its secret is shown this once.",
        body: Some(SOURCE_WITH_SECRET),
    }],
    problems: &[],
};

pub async fn create<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let organization = call.parameter("organization");
    let gate = Gate::open(&call, |_| vec![organizations::select(organization)]).await?;
    gate.sees(organization)?;
    gate.first(0).ok_or(Problem::NotFound)?;
    if let Some(reply) = gate.replay(&call).await? {
        return Ok(reply);
    }
    let new: NewSource = call.input()?;
    let first = SecretVersion::first(&MasterKeys::read(&call.platform).await?);
    let id = new_id("src", &call.platform);
    let body = json!({
        "id": id,
        "name": new.name,
        "url": url(call.origin.as_deref(), &id),
        "created_at": call.now.to_string(),
    });
    let statements = vec![
        Statement::new(
            INSERT,
            [
                id.as_str().into(),
                organization.into(),
                new.name.into(),
                call.now_milliseconds().into(),
            ],
        ),
        first.insert(&id),
    ];
    let shown = Shown::new(StatusCode::CREATED, body).with_secret(NamedSecret {
        kind: Kind::Source,
        id,
        version: first.version,
        master: first.master,
    });
    gate.write(&call, &shown, statements)
        .await?
        .ok_or_else(|| Problem::internal("two sources have one id"))
}

pub static LIST: Route = Route {
    method: Method::Get,
    path: "/directory/organizations/{organization}/sources",
    id: "list_sources",
    summary: "List an organisation's sources, without their secrets.",
    access: Access::Scope(Scope::DirectoryWrite),
    query: PAGING,
    request: None,
    body_bytes_max: 0,
    success: &[Success {
        status: 200,
        doc: "A page of sources, the oldest first.",
        body: Some(Shape::Object(&Object {
            name: "SourcePage",
            fields: &[
                Field::required("items", Shape::list(&SOURCE, PAGE_SIZE_MAX), "The sources."),
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
    let origin = call.origin.as_deref();
    let answer = page_by_id(&page, gate.rows(1), |row| Ok(show(row, origin)))?;
    Reply::json(StatusCode::OK, &answer)
}

pub static REMOVE: Route = Route {
    method: Method::Delete,
    path: "/directory/organizations/{organization}/sources/{source}",
    id: "remove_source",
    summary: "Remove a source; nothing more is taken from it.",
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
    let source = call.parameter("source");
    let gate = Gate::open(&call, |_| vec![select(organization, source)]).await?;
    gate.sees(organization)?;
    gate.first(0).ok_or(Problem::NotFound)?;
    let statement = Statement::new(REMOVE_SQL, [source.into(), call.now_milliseconds().into()]);
    call.platform
        .batch(vec![statement, secrets::remove(source)])
        .await?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

pub static ROTATE: Route = Route {
    method: Method::Post,
    path: "/directory/organizations/{organization}/sources/{source}/rotate",
    id: "rotate_source",
    summary: "Make a new secret. The one before is good for 24 hours more.",
    access: Access::Scope(Scope::DirectoryWrite),
    query: &[],
    request: None,
    body_bytes_max: BODY_BYTES_MAX,
    success: &[Success {
        status: 200,
        doc: "The source. Its new secret is shown this once.",
        body: Some(SOURCE_WITH_SECRET),
    }],
    problems: &[ProblemKind::TooMany],
};

pub async fn rotate<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let organization = call.parameter("organization");
    let source = call.parameter("source");
    let origin = call.origin.as_deref();
    super::rotation::rotate(
        &call,
        organization,
        Kind::Source,
        source,
        select(organization, source),
        |row| show(row, origin),
    )
    .await
}

fn select(organization: &str, source: &str) -> Statement {
    Statement::new(SELECT, [source.into(), organization.into()])
}

fn show(row: &Row, origin: Option<&str>) -> Value {
    let id = row.text("id").unwrap_or_default();
    json!({
        "id": id,
        "name": row.text("name"),
        "url": url(origin, id),
        "created_at": instant(row, "created_at"),
    })
}

fn url(origin: Option<&str>, id: &str) -> String {
    format!("{}/status/webhooks/{id}", origin.unwrap_or_default())
}

/// By the primary key and `sources_by_organization`.
const INSERT: &str = "
INSERT INTO sources (id, organization_id, name, created_at) VALUES (?1, ?2, ?3, ?4)";

/// By the primary key.
const SELECT: &str = "
SELECT id, name, created_at FROM sources WHERE id = ?1 AND organization_id = ?2 AND removed_at IS NULL";

/// By `sources_by_organization`, from the cursor on.
const LIST_SQL: &str = "
SELECT id, name, created_at FROM sources
WHERE organization_id = ?1 AND id > ?2 AND removed_at IS NULL ORDER BY id LIMIT ?3";

/// By the primary key. The row stays: events name it.
const REMOVE_SQL: &str = "UPDATE sources SET removed_at = ?2 WHERE id = ?1";
