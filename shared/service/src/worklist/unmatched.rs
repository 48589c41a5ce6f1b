//! `GET /worklist/unmatched`: messages that fit no referral for certain, as they came, the one that has waited longest first.
//!
//! An organisation sees what it sent itself: a message that fits no referral is no other organisation's business.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::limits::matched_by;
use domain::policy::Policy;
use domain::time::Timestamp;
use http::StatusCode;
use ports::{Platform, Row, Statement};
use serde_json::{Value, json};

use super::reads::{self, Action};
use crate::auth::{Credentials, Member};
use crate::call::Call;
use crate::http::{Fault, Field, Object, Page, Problem, Reply, Shape, page_of};
use crate::intake::{policy_of, reading::policy_statement};
use crate::json::from_text;

/// The most bytes of all contents of a page; a page ends early where the next one would not fit.
const PAGE_BYTES_MAX: i64 = 4 * 1024 * 1024;

/// A page of messages.
pub(super) const PAGE: Shape = Shape::Object(&Object {
    name: "UnmatchedPage",
    fields: &[
        Field::required(
            "items",
            Shape::list(
                &Shape::Object(&Object {
                    name: "UnmatchedMessage",
                    fields: &[
                        Field::required("id", Shape::line(100), "Its id."),
                        Field::required("format", Shape::Code(&["hl7", "fhir"]), "Its format."),
                        Field::required("media_type", Shape::line(200), "Its media type."),
                        Field::optional("control_id", Shape::line(400), "The sender's id of it."),
                        Field::required(
                            "why",
                            Shape::Code(&[
                                "no-referral",
                                "ambiguous",
                                "patient-differs",
                                "patient-not-named",
                            ]),
                            "Why it fits none for certain.",
                        ),
                        Field::required("since", Shape::line(40), "When it came."),
                        Field::required(
                            "due_at",
                            Shape::line(40),
                            "When it should have found its place.",
                        ),
                        Field::required("overdue", Shape::Boolean, "Whether that has passed."),
                        Field::required(
                            "event",
                            Shape::AnyObject,
                            "What it says: the {type, data} that matching it stores.",
                        ),
                        Field::required(
                            "warnings",
                            Shape::list(&Shape::AnyObject, 1_000),
                            "Each {at, detail}: what was kept as text because no code fits.",
                        ),
                        Field::optional("content", Shape::prose(2_000_000), "It, as it came."),
                        Field::optional(
                            "content_base64",
                            Shape::line(3_000_000),
                            "The same, where it is not UTF-8.",
                        ),
                    ],
                }),
                200,
            ),
            "The messages, the oldest first.",
        ),
        Field::optional("next", Shape::line(256), "The cursor of the next page."),
    ],
});

/// By `exchange_messages_unmatched` and the primary keys of all tables; `?2` and `?3` are the time and id of the last row of the page before.
/// Contents beyond `?5` bytes are not read: what a page holds has to fit into memory.
const UNMATCHED: &str = "
SELECT m.id, m.format, m.media_type, m.control_id, m.received_at, m.reason, m.warnings, m.event,
       CASE WHEN w.place = 1 OR w.bytes <= ?5 THEN m.content END AS content
FROM (SELECT id, organization, row_number() OVER oldest AS place, sum(bytes) OVER oldest AS bytes
  FROM (SELECT u.id, u.organization, u.received_at, length(u.content) AS bytes
    FROM keys k JOIN exchange_messages u ON u.organization = k.organization_id
    WHERE k.hash = ?1 AND u.state = 'unmatched' AND (u.received_at, u.id) > (?2, ?3)
    ORDER BY u.received_at, u.id LIMIT ?4)
  WINDOW oldest AS (ORDER BY received_at, id)) w
JOIN exchange_messages m ON m.id = w.id AND m.organization = w.organization
ORDER BY m.received_at, m.id";

/// Lists a page.
pub(super) async fn list<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let listed = listed(&call, call.page(), None).await?;
    Reply::json(StatusCode::OK, &listed.body)
}

/// A page of messages. That it is shown is on record.
pub(super) struct Listed {
    /// Who reads it.
    pub(super) member: Member,
    /// The page, as the interface answers it.
    pub(super) body: Value,
    /// What the statement beside it gave.
    pub(super) beside: Option<Row>,
}

/// Reads a page and records that it is shown; with a statement `beside` it in the same batch.
pub(super) async fn listed<P: Platform>(
    call: &Call<P>,
    page: Result<Page, Problem>,
    beside: Option<Statement>,
) -> Result<Listed, Problem> {
    let credentials = Credentials::of_member(call)?;
    let asked = page.and_then(asked);
    let mut statements = vec![credentials.statement(), policy_statement(&credentials)];
    if let Ok((page, received_at, id)) = &asked {
        statements.push(Statement::new(
            UNMATCHED,
            [
                credentials.hash().into(),
                (*received_at).into(),
                id.as_str().into(),
                page.rows().into(),
                PAGE_BYTES_MAX.into(),
            ],
        ));
    }
    statements.extend(beside);
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let (mut page, ..) = asked?;
    let policy = policy_of(answer.first(1))?;
    let rows = answer.rows(2);
    page.limit = page.limit.min(fitting(rows).max(1));
    let items: Vec<Value> = rows
        .iter()
        .take(page.limit.saturating_add(1))
        .map(|row| item(row, &policy, call.now))
        .collect::<Result<_, _>>()?;
    let is_empty = items.is_empty();
    let body = page_of(&page, items, |item| {
        let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
        let at = text("since").parse::<Timestamp>();
        let at = at.map(Timestamp::as_millisecond).unwrap_or_default();
        format!("{at}.{}", text("id"))
    })?;
    if !is_empty {
        let record = reads::of_shown(call, &credentials, Action::Message, &[]);
        let recorded = call.platform.batch(vec![record]).await?;
        reads::stored(recorded.rows(0))?;
    }
    Ok(Listed {
        member: caller.member()?.clone(),
        body,
        beside: answer.first(3).cloned(),
    })
}

/// The page that is asked for, and the time and id of the last row of the one before.
fn asked(page: Page) -> Result<(Page, i64, String), Problem> {
    if page.after.is_empty() {
        return Ok((page, -1, String::new()));
    }
    let cursor = page
        .after
        .split_once('.')
        .and_then(|(at, id)| Some((at.parse().ok()?, id.to_owned())));
    match cursor {
        Some((at, id)) => Ok((page, at, id)),
        None => Err(Problem::Invalid(vec![Fault::query(
            "cursor",
            "unreadable",
            "must be the next of a page before",
        )])),
    }
}

/// How many of the rows fit into a page.
fn fitting(rows: &[Row]) -> usize {
    rows.iter()
        .take_while(|row| row.blob("content").is_some())
        .count()
}

fn item(row: &Row, policy: &Policy, now: Timestamp) -> Result<Value, Problem> {
    let text = |column: &str| row.text(column).unwrap_or_default();
    let at = row.integer("received_at").unwrap_or_default();
    let since = Timestamp::from_millisecond(at)
        .map_err(|_| Problem::internal("a message came at no time"))?;
    let due_at = matched_by(since, policy);
    let mut item = json!({
        "id": text("id"),
        "format": text("format"),
        "media_type": text("media_type"),
        "why": text("reason"),
        "since": since.to_string(),
        "due_at": due_at.to_string(),
        "overdue": due_at <= now,
        "event": from_text::<Value>(text("event"))?,
        "warnings": from_text::<Value>(text("warnings"))?,
    });
    if let Value::Object(members) = &mut item {
        if let Some(control_id) = row.text("control_id") {
            members.insert("control_id".to_owned(), control_id.into());
        }
        let content = row.blob("content").unwrap_or_default();
        match std::str::from_utf8(content) {
            Ok(text) => members.insert("content".to_owned(), text.into()),
            Err(_) => members.insert("content_base64".to_owned(), STANDARD.encode(content).into()),
        };
    }
    Ok(item)
}
