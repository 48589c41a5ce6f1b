//! A network's policy: what it has set, over what applies where it has set nothing.

use domain::policy::Policy;
use http::StatusCode;
use ports::{Platform, Statement};
use serde_json::{Map, Value};

use super::document::{object, without_nulls};
use super::due;
use super::gate::Gate;
use super::policy_shape::{NEW, POLICY, RETENTION_DAYS_DEFAULT};
use crate::auth::Caller;
use crate::call::{Call, read};
use crate::http::{Access, BODY_BYTES_MAX, Fault, Method, Problem, Reply, Route, Success, is_slug};

const APPLIES: &[Success] = &[Success {
    status: 200,
    doc: "The policy that applies, whole.",
    body: Some(POLICY),
}];

pub static GET: Route = Route {
    method: Method::Get,
    path: "/directory/networks/{network}/policy",
    id: "get_policy",
    summary: "Show the policy that applies in a network.",
    access: Access::Key,
    query: &[],
    request: None,
    body_bytes_max: 0,
    success: APPLIES,
    problems: &[],
};

pub async fn get<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let network = call.parameter("network");
    let gate = Gate::open(&call, |_| vec![Statement::new(SELECT, [network.into()])]).await?;
    match &gate.caller {
        Caller::Member(member) if member.network != network => return Err(Problem::NotFound),
        Caller::Operator | Caller::Member(_) => {}
    }
    let stored = gate.first(0).and_then(|row| row.text("policy"));
    Reply::json(StatusCode::OK, &applies(stored)?)
}

pub static PUT: Route = Route {
    method: Method::Put,
    path: "/directory/networks/{network}/policy",
    id: "put_policy",
    summary: "Set a network's policy. What is left out is as the default has it.",
    access: Access::Operator,
    query: &[],
    request: Some(NEW),
    body_bytes_max: BODY_BYTES_MAX,
    success: APPLIES,
    problems: &[],
};

pub async fn put<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let network = call.parameter("network");
    Gate::open(&call, |_| vec![]).await?;
    if !is_slug(network) {
        return Err(Problem::NotFound);
    }
    let policy = without_nulls(call.known_json()?).to_string();
    let shown = applies(Some(&policy))?;
    let now = call.now_milliseconds();
    let upsert = Statement::new(UPSERT, [network.into(), policy.into(), now.into()]);
    call.platform
        .batch(vec![
            upsert,
            due::of_network(network, now),
            due::messages_of_network(network, now),
        ])
        .await?;
    Reply::json(StatusCode::OK, &shown)
}

/// What applies, whole: what is stored, over the defaults.
fn applies(stored: Option<&str>) -> Result<Map<String, Value>, Problem> {
    let own = match stored {
        Some(text) => crate::json::from_text(text)?,
        None => Value::Object(Map::new()),
    };
    let policy: Policy = read(own.clone()).map_err(|_| {
        Problem::Invalid(vec![Fault::at(
            "",
            "unreadable",
            "cannot be read as a policy",
        )])
    })?;
    let mut shown = object(serde_json::to_value(policy.effective()).map_err(Problem::internal)?)?;
    shown
        .entry("holidays")
        .or_insert_with(|| Value::Array(Vec::new()));
    let retention = own
        .get("retention_days")
        .cloned()
        .unwrap_or(RETENTION_DAYS_DEFAULT.into());
    shown.insert("retention_days".into(), retention);
    shown.insert("is_default".into(), stored.is_none().into());
    Ok(shown)
}

/// By the primary key.
const SELECT: &str = "SELECT policy FROM networks WHERE id = ?1";

/// By the primary key.
const UPSERT: &str = "
INSERT INTO networks (id, policy, updated_at) VALUES (?1, ?2, ?3)
ON CONFLICT (id) DO UPDATE SET policy = excluded.policy, updated_at = excluded.updated_at";
