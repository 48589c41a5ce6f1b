//! Subscriptions read.

use domain::time::Timestamp;
use formats::fhir;
use formats::fhir::subscription::{
    Notification, Purpose, Standing, read_kept, subscription, subscription_status,
};
use http::StatusCode;
use ports::{Platform, Row, Statement, Value as Bound};
use serde_json::{Value, json};

use super::super::{answer, base, check_accept, versioned};
use super::sql;
use crate::auth::{Credentials, Member};
use crate::call::Call;
use crate::http::{Fault, Problem, Reply};
use crate::ids;
use crate::json::from_text;

/// A Subscription as it is stored, with its endpoint.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) id: String,
    pub(super) version: i64,
    pub(super) key: Option<String>,
    url: String,
    kept: Value,
    updated_at: i64,
    events: i64,
    standing: Standing,
    error: Option<String>,
}

impl Stored {
    pub(super) fn from_row(row: &Row) -> Result<Self, Problem> {
        let text = |column: &str| row.text(column).unwrap_or_default().to_owned();
        let because = row.text("disabled_because");
        let (standing, error) = if row.integer("disabled_at").is_some() {
            (Standing::Off, because.map(str::to_owned))
        } else if row.integer("failing_since").is_some() {
            (Standing::Error, Some("the last try failed".to_owned()))
        } else if row.integer("proven_at").is_some() {
            (Standing::Active, None)
        } else {
            (Standing::Requested, None)
        };
        Ok(Self {
            id: text("id"),
            version: row.integer("version").unwrap_or_default(),
            key: row.text("key_id").map(str::to_owned),
            url: text("url"),
            kept: from_text(row.text("document").unwrap_or("{}"))?,
            updated_at: row.integer("updated_at").unwrap_or_default(),
            events: row.integer("events").unwrap_or_default(),
            standing,
            error,
        })
    }

    fn resource(&self) -> Result<Value, Problem> {
        let at = Timestamp::from_millisecond(self.updated_at).map_err(Problem::internal)?;
        Ok(subscription(
            &self.kept,
            &self.id,
            &self.url,
            self.version.unsigned_abs(),
            at,
            self.standing,
            self.error.as_deref(),
        ))
    }
}

/// Reads the Subscription with this id, or all, of the organisation of a key.
pub(super) fn statement(credentials: &Credentials, id: Option<&str>) -> Statement {
    let id = id.map_or(Bound::Null, Bound::from);
    Statement::new(sql::SELECT, [credentials.hash().into(), id])
}

/// Who calls, and the rows of [`statement`].
async fn found<P: Platform>(
    call: &Call<P>,
    id: Option<&str>,
) -> Result<(Member, Vec<Stored>), Problem> {
    let credentials = Credentials::of_member(call)?;
    let read = call
        .platform
        .batch(vec![credentials.statement(), statement(&credentials, id)])
        .await?;
    let caller = credentials.caller(read.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let stored: Result<_, _> = read.rows(1).iter().map(Stored::from_row).collect();
    Ok((caller.member()?.clone(), stored?))
}

/// The one that the path names.
pub(super) async fn named<P: Platform>(call: &Call<P>) -> Result<(Member, Stored), Problem> {
    let (member, mut stored) = found(call, Some(call.parameter("id"))).await?;
    Ok((member, stored.pop().ok_or(Problem::NotFound)?))
}

/// Reads one.
pub(super) async fn one<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    check_accept(&call)?;
    let (_, stored) = named(&call).await?;
    let resource = stored.resource()?;
    Ok(versioned(answer(StatusCode::OK, &resource), stored.version))
}

/// Answers `$status`.
pub(super) async fn status<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    check_accept(&call)?;
    let (_, stored) = named(&call).await?;
    let base = base(&call);
    let (topic, content) = read_kept(&stored.kept);
    let said = Notification {
        base: &base,
        subscription: &stored.id,
        topic,
        content,
        standing: stored.standing,
        purpose: Purpose::Query,
        events: stored.events,
        event: None,
    };
    let uuid = ids::uuid(&call.platform);
    let bundle = json!({
        "resourceType": "Bundle",
        "type": "searchset",
        "total": 1,
        "entry": [{
            "fullUrl": format!("urn:uuid:{uuid}"),
            "resource": subscription_status(&said, &uuid),
            "search": {"mode": "match"},
        }],
    });
    Ok(answer(StatusCode::OK, &bundle))
}

/// Searches the organisation's own.
pub(super) async fn search<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    check_accept(&call)?;
    let (_, stored) = found(&call, None).await?;
    let mut ids = None;
    let mut statuses = None;
    let mut faults = Vec::new();
    for (name, value) in call.query_pairs() {
        let values: Vec<&str> = value.split(',').collect();
        match name.as_str() {
            "_id" => ids = Some(values),
            "status" if values.iter().all(|one| Standing::CODES.contains(one)) => {
                statuses = Some(values);
            }
            "status" => {
                let detail = format!("must be of {}", Standing::CODES.join(", "));
                faults.push(Fault::query("status", "unknown-code", detail));
            }
            "_format" => {}
            _ => faults.push(Fault::query(
                "_search",
                "not-supported",
                "a parameter is not known here: the CapabilityStatement lists those that are",
            )),
        }
    }
    Problem::unless_empty(faults)?;
    let is_asked = |asked: &Option<Vec<&str>>, value: &str| {
        asked.as_ref().is_none_or(|asked| asked.contains(&value))
    };
    let matches: Result<Vec<Value>, Problem> = stored
        .iter()
        .filter(|one| is_asked(&ids, &one.id) && is_asked(&statuses, one.standing.as_str()))
        .map(Stored::resource)
        .collect();
    let matches = matches?;
    let base = base(&call);
    let total = u64::try_from(matches.len()).ok();
    let this = format!("{base}/Subscription");
    let bundle = fhir::searchset(&base, &this, None, total, matches, Vec::new());
    Ok(answer(StatusCode::OK, &bundle))
}
