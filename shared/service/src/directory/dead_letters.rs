//! The outbox as its organisation sees it: what waits, what was given up (dead letters), and sending that again.

use http::StatusCode;
use ports::{Platform, Row, Statement};
use serde_json::{Map, Value, json};

use super::document::instant;
use super::endpoints;
use super::gate::Gate;
use super::shown::Shown;
use crate::auth::Scope;
use crate::call::Call;
use crate::deliveries::{ATTEMPTS_MAX, after_answer};
use crate::http::{
    Access, BODY_BYTES_MAX, Fault, Field, Method, Object, PAGE_SIZE_MAX, Page, Parameter, Problem,
    Reply, Route, Shape, Success, page_of,
};

/// The states of a delivery, as they are asked for.
pub(crate) const STATES: &[&str] = &["dead", "waiting"];

const DELIVERY: Shape = Shape::Object(&Object {
    name: "Delivery",
    fields: &[
        Field::required(
            "id",
            Shape::line(300),
            "The webhook-id, the same on every try.",
        ),
        Field::required("endpoint", Shape::slug(), "Where it goes."),
        Field::required("type", Shape::line(100), "The type of the message."),
        Field::optional(
            "referral",
            Shape::line(100),
            "The referral that it is about.",
        ),
        Field::required(
            "state",
            Shape::Code(STATES),
            "dead: given up, until it is sent again.",
        ),
        Field::required(
            "attempts",
            Shape::Integer {
                min: 0,
                max: ATTEMPTS_MAX as i64,
            },
            "How often it was tried.",
        ),
        Field::required("created_at", Shape::Instant, "When it was queued."),
        Field::optional(
            "due_at",
            Shape::Instant,
            "When it is tried next, where it waits.",
        ),
        Field::optional("dead_at", Shape::Instant, "When it was given up."),
        Field::optional(
            "last_error",
            Shape::line(100),
            "What the last try came to: http-500, timed-out, unreachable, private-address, no-secret, endpoint-off.",
        ),
    ],
});

pub static LIST: Route = Route {
    method: Method::Get,
    path: "/directory/organizations/{organization}/deliveries",
    id: "list_deliveries",
    summary: "List an organisation's webhooks that were not delivered: dead letters, and those that wait.",
    access: Access::Scope(Scope::DirectoryWrite),
    query: &[
        Parameter {
            name: "state",
            shape: Shape::Code(STATES),
            doc: "Those in this state alone; both when it is left out.",
        },
        Parameter {
            name: "endpoint",
            shape: Shape::slug(),
            doc: "Those of this endpoint alone.",
        },
        Parameter {
            name: "limit",
            shape: Shape::Integer {
                min: 1,
                max: PAGE_SIZE_MAX as i64,
            },
            doc: "The most items of the page; 50 when it is left out.",
        },
        Parameter {
            name: "cursor",
            shape: Shape::line(256),
            doc: "The next of the page before.",
        },
    ],
    request: None,
    body_bytes_max: 0,
    success: &[Success {
        status: 200,
        doc: "A page of deliveries, by endpoint, referral and order.",
        body: Some(Shape::Object(&Object {
            name: "DeliveryPage",
            fields: &[
                Field::required(
                    "items",
                    Shape::list(&DELIVERY, PAGE_SIZE_MAX),
                    "The deliveries.",
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
    let state = call.query("state");
    if state.is_some_and(|state| !STATES.contains(&state)) {
        let fault = Fault::query("state", "unknown-code", "must be one of: dead, waiting");
        return Err(Problem::Invalid(vec![fault]));
    }
    let statement = list_statement(organization, state, call.query("endpoint"), &page)?;
    let gate = Gate::open(&call, |_| vec![statement]).await?;
    gate.sees(organization)?;
    Reply::json(StatusCode::OK, &list_page(&page, gate.rows(0))?)
}

/// Reads a page of what was not delivered to an organisation.
///
/// # Errors
/// [`Problem::Invalid`] for a cursor that is none.
pub(crate) fn list_statement(
    organization: &str,
    state: Option<&str>,
    endpoint: Option<&str>,
    page: &Page,
) -> Result<Statement, Problem> {
    let [after_endpoint, after_referral, after_seq] = position(page)?;
    Ok(Statement::new(
        LIST_SQL,
        [
            organization.into(),
            state.map(str::to_owned).into(),
            endpoint.map(str::to_owned).into(),
            after_endpoint,
            after_referral,
            after_seq,
            page.rows().into(),
        ],
    ))
}

/// The page of the rows of [`list_statement`].
///
/// # Errors
/// [`Problem::Internal`] when it cannot be written.
pub(crate) fn list_page(page: &Page, rows: &[Row]) -> Result<Value, Problem> {
    let items: Vec<Item> = rows.iter().map(Item::from_row).collect();
    page_of(page, items, |item| item.cursor.clone())
}

/// The place that a cursor names: endpoint, referral, and number.
fn position(page: &Page) -> Result<[ports::Value; 3], Problem> {
    if page.after.is_empty() {
        return Ok([ports::Value::Null, ports::Value::Null, ports::Value::Null]);
    }
    let mut parts = page.after.splitn(3, '~');
    match (
        parts.next(),
        parts.next(),
        parts.next().and_then(|seq| seq.parse::<i64>().ok()),
    ) {
        (Some(endpoint), Some(referral), Some(seq)) => {
            Ok([endpoint.into(), referral.into(), seq.into()])
        }
        _ => Err(Problem::Invalid(vec![Fault::query(
            "cursor",
            "unreadable",
            "must be the next of a page before",
        )])),
    }
}

/// A row of a page, and where the next page begins after it.
struct Item {
    cursor: String,
    body: Value,
}

impl serde::Serialize for Item {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.body.serialize(serializer)
    }
}

impl Item {
    fn from_row(row: &Row) -> Self {
        let text = |column: &str| row.text(column).unwrap_or_default();
        let dead = row.integer("dead_at").is_some();
        let mut members = Map::new();
        let mut set = |name: &str, value: Value| {
            members.insert(name.to_owned(), value);
        };
        set(
            "id",
            format!("{}.{}", text("event_id"), text("endpoint_id")).into(),
        );
        set("endpoint", text("endpoint_id").into());
        set("type", text("type").into());
        if !text("referral_id").is_empty() {
            set("referral", text("referral_id").into());
        }
        set("state", if dead { "dead" } else { "waiting" }.into());
        set("attempts", row.integer("attempts").into());
        set("created_at", instant(row, "created_at").into());
        let when = if dead { "dead_at" } else { "due_at" };
        set(when, instant(row, when).into());
        if let Some(error) = row.text("last_error") {
            set("last_error", error.into());
        }
        Self {
            cursor: format!(
                "{}~{}~{}",
                text("endpoint_id"),
                text("referral_id"),
                row.integer("seq").unwrap_or_default()
            ),
            body: Value::Object(members),
        }
    }
}

const RESENT: Shape = Shape::Object(&Object {
    name: "Resent",
    fields: &[Field::required(
        "resent",
        Shape::Integer {
            min: 0,
            max: i64::MAX,
        },
        "How many dead letters are tried again.",
    )],
});

pub static RESEND: Route = Route {
    method: Method::Post,
    path: "/directory/organizations/{organization}/deliveries/{delivery}/resend",
    id: "resend_delivery",
    summary: "Send a dead letter again, under the same webhook-id.",
    access: Access::Scope(Scope::DirectoryWrite),
    query: &[],
    request: None,
    body_bytes_max: BODY_BYTES_MAX,
    success: &[Success {
        status: 202,
        doc: "It is tried again from the beginning of the schedule.",
        body: Some(RESENT),
    }],
    problems: &[],
};

pub async fn resend<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let delivery = call.parameter("delivery").to_owned();
    let (event, endpoint) = delivery.rsplit_once('.').ok_or(Problem::NotFound)?;
    // A message of the endpoint's own concerns no referral; an event's id begins with its referral's.
    let referral = match event.split_once('.') {
        Some((referral, _)) if referral != "endpoint" => referral,
        _ => "",
    };
    again(&call, endpoint, Some((referral, event))).await
}

pub static RESEND_ALL: Route = Route {
    method: Method::Post,
    path: "/directory/organizations/{organization}/endpoints/{endpoint}/resend",
    id: "resend_endpoint",
    summary: "Send all dead letters of an endpoint again.",
    access: Access::Scope(Scope::DirectoryWrite),
    query: &[],
    request: None,
    body_bytes_max: BODY_BYTES_MAX,
    success: &[Success {
        status: 202,
        doc: "They are tried again from the beginning of the schedule.",
        body: Some(RESENT),
    }],
    problems: &[],
};

pub async fn resend_all<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let endpoint = call.parameter("endpoint").to_owned();
    again(&call, &endpoint, None).await
}

/// Makes dead letters of an endpoint wait again: one, or all.
async fn again<P: Platform>(
    call: &Call<P>,
    endpoint: &str,
    one: Option<(&str, &str)>,
) -> Result<Reply, Problem> {
    let organization = call.parameter("organization");
    let (referral, event) = one.unzip();
    let which = || -> [ports::Value; 3] {
        [
            endpoint.into(),
            referral.map(str::to_owned).into(),
            event.map(str::to_owned).into(),
        ]
    };
    let gate = Gate::open(call, |_| {
        vec![
            endpoints::select(organization, endpoint),
            Statement::new(COUNT_DEAD, which()),
        ]
    })
    .await?;
    gate.sees(organization)?;
    gate.first(0).ok_or(Problem::NotFound)?;
    if let Some(reply) = gate.replay(call).await? {
        return Ok(reply);
    }
    let dead = gate
        .first(1)
        .and_then(|row| row.integer("dead"))
        .unwrap_or(0);
    if one.is_some() && dead == 0 {
        return Err(Problem::NotFound);
    }
    let with_time = |sql| {
        let [endpoint, referral, event] = which();
        Statement::new(
            sql,
            [endpoint, referral, event, call.now_milliseconds().into()],
        )
    };
    let shown = Shown::new(StatusCode::ACCEPTED, json!({"resent": dead}));
    let reply = gate
        .write(call, &shown, vec![with_time(LOOK_AGAIN), with_time(REVIVE)])
        .await?
        .ok_or(Problem::DatabaseUnavailable)?;
    after_answer(&call.platform, dead > 0);
    Ok(reply)
}

/// By the first column of the primary key, for each endpoint of the organisation; from the cursor (`?4` to `?6`) on.
const LIST_SQL: &str = "
SELECT d.endpoint_id, d.referral_id, d.seq, d.event_id, d.type, d.attempts, d.created_at, d.due_at, d.dead_at, d.last_error
FROM endpoints e JOIN deliveries d ON d.endpoint_id = e.id
WHERE e.organization_id = ?1 AND (?3 IS NULL OR e.id = ?3)
  AND (?2 IS NULL OR (?2 = 'dead') = (d.dead_at IS NOT NULL))
  AND (?4 IS NULL OR (d.endpoint_id, d.referral_id, d.seq) > (?4, ?5, ?6))
ORDER BY d.endpoint_id, d.referral_id, d.seq LIMIT ?7";

/// Which dead letters of endpoint `?1`: that of referral `?2` and event `?3`, or all where these are NULL. By the primary key.
macro_rules! dead {
    () => {
        "endpoint_id = ?1 AND dead_at IS NOT NULL AND (?2 IS NULL OR referral_id = ?2) AND (?3 IS NULL OR event_id = ?3)"
    };
}

const COUNT_DEAD: &str = concat!("SELECT count(*) AS dead FROM deliveries WHERE ", dead!());

/// Their referrals show whether there are others at the next sweep after `?4`.
const LOOK_AGAIN: &str = concat!(
    "UPDATE referrals SET next_due_at = ?4 WHERE id IN (SELECT referral_id FROM deliveries WHERE ",
    dead!(),
    ")"
);

const REVIVE: &str = concat!(
    "UPDATE deliveries SET dead_at = NULL, attempts = 0, due_at = ?4, last_error = NULL WHERE ",
    dead!()
);
