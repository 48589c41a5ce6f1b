//! ValueSets as an organisation loads them, for its own measures.

use std::collections::BTreeMap;

use formats::fhir::measure;
use http::StatusCode;
use http::header::LOCATION;
use ports::{Platform, Statement};
use serde_json::{Value, json};

use super::{answer, check_accept};
use crate::auth::Credentials;
use crate::call::Call;
use crate::exchange::fhir::sent::body_of;
use crate::exchange::fhir::{base, versioned};
use crate::exchange::hl7::invalid;
use crate::http::{Fault, Problem, Reply};
use crate::json::from_text;

/// The most value sets of one organisation: a dozen measures' worth.
const SETS_MAX: i64 = 500;

/// The most characters of an id (FHIR R4, `id`).
const ID_CHARS_MAX: usize = 64;

/// By the primary key: how many there are beside this one.
const OTHERS: &str = "
SELECT count(*) AS others FROM value_sets
WHERE organization = (SELECT organization_id FROM keys WHERE hash = ?1) AND id <> ?2";

/// By the primary key. The same again is no new version.
const PUT: &str = "
INSERT INTO value_sets (organization, id, key, codes, members, version, updated_at, document)
VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7)
ON CONFLICT (organization, id) DO UPDATE SET key = excluded.key, codes = excluded.codes, members = excluded.members,
  version = version + (document <> excluded.document), updated_at = excluded.updated_at, document = excluded.document
RETURNING version";

/// By the primary key.
const READ: &str = "
SELECT version, document FROM value_sets
WHERE organization = (SELECT organization_id FROM keys WHERE hash = ?1) AND id = ?2";

/// Whether a text may be the id of a resource (FHIR R4, `id`).
pub(super) fn is_id(id: &str) -> bool {
    (1..=ID_CHARS_MAX).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

/// Loads one.
pub(super) async fn put<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    check_accept(&call)?;
    let credentials = Credentials::of_member(&call)?;
    let mut document = body_of(&call, &["ValueSet"]).await?;
    let id = call.parameter("id").to_owned();
    let set = match measure::value_set(&document) {
        Ok(set) if is_id(&id) => set,
        Ok(_) => {
            let detail = "must be letters, digits, hyphens and dots, at most 64";
            let problem = Problem::Invalid(vec![Fault::at("ValueSet.id", "value", detail)]);
            return Err(credentials.refused(&call, problem).await);
        }
        Err(faults) => return Err(credentials.refused(&call, invalid(faults)).await),
    };
    let others = Statement::new(OTHERS, [credentials.hash().into(), id.as_str().into()]);
    let before = Statement::new(READ, [credentials.hash().into(), id.as_str().into()]);
    let read = call
        .platform
        .batch(vec![credentials.statement(), others, before])
        .await?;
    let caller = credentials.caller(read.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let count = read.first(1).and_then(|row| row.integer("others"));
    if count.is_some_and(|others| others >= SETS_MAX) {
        let detail = format!("at most {SETS_MAX} value sets are kept");
        return Err(Problem::Invalid(vec![Fault::at(
            "ValueSet", "too-many", detail,
        )]));
    }
    if let Value::Object(members) = &mut document {
        members.insert("id".to_owned(), id.as_str().into());
    }
    let mut codes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (system, code) in set.codes {
        codes.entry(system).or_default().push(code);
    }
    let members: Vec<String> = set.members.into_iter().collect();
    let write = Statement::new(
        PUT,
        [
            caller.member()?.organization.as_str().into(),
            id.as_str().into(),
            set.key.into(),
            json!(codes).to_string().into(),
            json!(members).to_string().into(),
            call.now_milliseconds().into(),
            document.to_string().into(),
        ],
    );
    let written = call.platform.batch(vec![write]).await?;
    let version = written.first(0).and_then(|row| row.integer("version"));
    let status = match read.first(2) {
        Some(_) => StatusCode::OK,
        None => StatusCode::CREATED,
    };
    let location = format!("{}/ValueSet/{id}", base(&call));
    let reply = answer(status, &document).header(LOCATION, &location);
    Ok(versioned(reply, version.unwrap_or_default()))
}

/// Reads one as it was loaded.
pub(super) async fn read<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    check_accept(&call)?;
    let credentials = Credentials::of_member(&call)?;
    let id = call.parameter("id");
    let statements = vec![
        credentials.statement(),
        Statement::new(READ, [credentials.hash().into(), id.into()]),
    ];
    let read = call.platform.batch(statements).await?;
    let caller = credentials.caller(read.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let row = read.first(1).ok_or(Problem::NotFound)?;
    let document: Value = from_text(row.text("document").unwrap_or_default())?;
    let version = row.integer("version").unwrap_or_default();
    Ok(versioned(answer(StatusCode::OK, &document), version))
}
