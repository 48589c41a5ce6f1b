//! API keys of an organisation: shown once, listed without themselves, revoked at once.

use domain::time::Timestamp;
use http::StatusCode;
use ports::{Platform, Row, Statement, Value as Bound};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::document::{instant, page_by_id};
use super::gate::Gate;
use super::shown::{Kind, NamedSecret, Shown};
use super::{PAGING, organizations};
use crate::auth::{Bearer, Caller, Scope};
use crate::call::{Call, read};
use crate::crypto::MasterKeys;
use crate::http::{
    Access, BODY_BYTES_MAX, Fault, Field, Method, Object, PAGE_SIZE_MAX, Problem, Reply, Route,
    Shape, Success,
};
use crate::ids::new_id;

const SCOPES: Field = Field::required(
    "scopes",
    Shape::List {
        of: &Shape::Code(Scope::NAMES),
        min: 1,
        max: Scope::NAMES.len(),
    },
    "What the key may be used for.",
);
const EXPIRES_AT: Field = Field::optional("expires_at", Shape::Instant, "When it stops working.");
const LABEL: Field = Field::optional("label", Shape::line(200), "What it is for.");
const PERSON: Field = Field::optional(
    "person",
    Shape::line(200),
    "Whose it is; the audit shows it.",
);
const ID: Field = Field::required("id", Shape::slug(), "The key's id.");
const CREATED_AT: Field = Field::required("created_at", Shape::Instant, "When it was made.");

const KEY: Shape = Shape::Object(&Object {
    name: "Key",
    fields: &[
        ID,
        SCOPES,
        EXPIRES_AT,
        LABEL,
        PERSON,
        CREATED_AT,
        Field::optional("revoked_at", Shape::Instant, "When it was revoked."),
    ],
});

/// A key as the caller asks for it.
#[derive(Debug, Deserialize)]
struct NewKey {
    scopes: Vec<String>,
    expires_at: Option<Timestamp>,
    label: Option<String>,
    person: Option<String>,
}

pub static CREATE: Route = Route {
    method: Method::Post,
    path: "/directory/organizations/{organization}/keys",
    id: "create_key",
    summary: "Make a key. A key makes no key with a scope that it lacks itself.",
    access: Access::Scope(Scope::DirectoryWrite),
    query: &[],
    request: Some(Shape::Object(&Object {
        name: "NewKey",
        fields: &[SCOPES, EXPIRES_AT, LABEL, PERSON],
    })),
    body_bytes_max: BODY_BYTES_MAX,
    success: &[Success {
        status: 201,
        doc: "The key. Its text is shown this once.",
        body: Some(Shape::Object(&Object {
            name: "CreatedKey",
            fields: &[
                ID,
                Field::required(
                    "key",
                    Shape::line(100),
                    "The text that callers send as Authorization: Bearer.",
                ),
                SCOPES,
                EXPIRES_AT,
                LABEL,
                PERSON,
                CREATED_AT,
            ],
        })),
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
    let body = call.known_json()?;
    let new: NewKey = read(body.clone())?;
    if new.expires_at.is_some_and(|at| at <= call.now) {
        let fault = Fault::at("/expires_at", "in-the-past", "must be in the future");
        return Err(Problem::Invalid(vec![fault]));
    }
    let scopes = granted(&gate.caller, &new.scopes)?;
    let keys = MasterKeys::read(&call.platform).await?;
    let id = new_id("key", &call.platform);
    let secret = NamedSecret {
        kind: Kind::ApiKey,
        id: id.clone(),
        version: 1,
        master: keys.current_id().to_owned(),
    };
    let hash = Bearer::new(&keys.api_key(&id, &secret.master)?)
        .hash()
        .to_owned();
    let mut shown = super::document::object(super::document::without_nulls(body))?;
    shown.insert("id".into(), id.as_str().into());
    shown.insert("created_at".into(), call.now.to_string().into());
    let statement = Statement::new(
        INSERT,
        [
            hash.into(),
            organization.into(),
            id.into(),
            scopes.join(" ").into(),
            new.label.into(),
            new.person.into(),
            call.now_milliseconds().into(),
            new.expires_at.map(|at| at.as_millisecond()).into(),
        ],
    );
    let shown = Shown::new(StatusCode::CREATED, Value::Object(shown)).with_secret(secret);
    gate.write(&call, &shown, vec![statement])
        .await?
        .ok_or_else(|| Problem::internal("two keys have one id"))
}

/// The scopes, each once, that the caller may give.
fn granted(caller: &Caller, names: &[String]) -> Result<Vec<&'static str>, Problem> {
    let mut scopes: Vec<_> = names.iter().filter_map(|name| Scope::parse(name)).collect();
    scopes.sort_unstable();
    scopes.dedup();
    for scope in &scopes {
        caller.check(Access::Scope(*scope))?;
    }
    Ok(scopes.into_iter().map(Scope::as_str).collect())
}

pub static LIST: Route = Route {
    method: Method::Get,
    path: "/directory/organizations/{organization}/keys",
    id: "list_keys",
    summary: "List an organisation's keys, without their texts.",
    access: Access::Scope(Scope::DirectoryWrite),
    query: PAGING,
    request: None,
    body_bytes_max: 0,
    success: &[Success {
        status: 200,
        doc: "A page of keys, the oldest first.",
        body: Some(Shape::Object(&Object {
            name: "KeyPage",
            fields: &[
                Field::required("items", Shape::list(&KEY, PAGE_SIZE_MAX), "The keys."),
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

pub static REVOKE: Route = Route {
    method: Method::Delete,
    path: "/directory/organizations/{organization}/keys/{key}",
    id: "revoke_key",
    summary: "Revoke a key, at once.",
    access: Access::Scope(Scope::DirectoryWrite),
    query: &[],
    request: None,
    body_bytes_max: 0,
    success: &[Success {
        status: 204,
        doc: "It no longer works.",
        body: None,
    }],
    problems: &[],
};

pub async fn revoke<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let organization = call.parameter("organization");
    let gate = Gate::open(&call, |_| vec![]).await?;
    gate.sees(organization)?;
    let statement = Statement::new(
        REVOKE_SQL,
        [
            organization.into(),
            call.parameter("key").into(),
            call.now_milliseconds().into(),
        ],
    );
    let answer = call.platform.batch(vec![statement]).await?;
    answer.first(0).ok_or(Problem::NotFound)?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}

fn show(row: &Row) -> Result<Value, Problem> {
    let mut members = Map::new();
    let scopes: Vec<_> = row.text("scopes").unwrap_or_default().split(' ').collect();
    members.insert("scopes".into(), scopes.into());
    for name in ["id", "label", "person"] {
        if let Bound::Text(text) = row.value(name) {
            members.insert(name.into(), text.as_str().into());
        }
    }
    for name in ["created_at", "expires_at", "revoked_at"] {
        if let Some(instant) = instant(row, name) {
            members.insert(name.into(), instant.into());
        }
    }
    Ok(Value::Object(members))
}

/// By the primary key.
const INSERT: &str = "
INSERT INTO keys (hash, organization_id, id, scopes, label, person, created_at, expires_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

/// By `keys_by_organization`, from the cursor on: the part of it where ids begin with `key-`. Sessions are no keys.
const LIST_SQL: &str = "
SELECT id, scopes, label, person, created_at, expires_at, revoked_at FROM keys
WHERE organization_id = ?1 AND id > max('key-', ?2) AND id < 'key.' ORDER BY id LIMIT ?3";

/// By `keys_by_organization`. The first time counts. The key's sessions end with it, because each call of theirs looks at it.
const REVOKE_SQL: &str = "
UPDATE keys SET revoked_at = coalesce(revoked_at, ?3)
WHERE organization_id = ?1 AND id = ?2 AND id > 'key-' AND id < 'key.' RETURNING id";
