//! `GET /worklist/referrals`: what the organisation may see, most pressing first.

use domain::attention::Attention;
use domain::request::Urgency;
use domain::status::Status;
use http::StatusCode;
use ports::{Platform, Row, Statement, Value as Sql};
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::list_sql;
use super::reads::{self, Action};
use crate::auth::{Credentials, Member};
use crate::call::Call;
use crate::http::{Fault, Page, Problem, Reply, page_of};
use crate::referrals::{Record, Viewer, view};

/// The orders of a list.
pub(super) const SORTS: &[&str] = &["pressing", "newest", "oldest"];

/// Lists a page.
pub(super) async fn list<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let asked = query(&call).map(|query| query.statement(&credentials));
    let mut statements = vec![credentials.statement()];
    statements.extend(asked.as_ref().ok().map(|(_, statement)| statement.clone()));
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let (page, _) = asked?;
    let reply = rows(&call, caller.member()?, &page, answer.rows(1))?;
    reply.recorded(&call, &credentials, Action::List).await
}

/// A page that is made and not yet recorded as read.
pub(super) struct Unrecorded {
    reply: Reply,
    shown: Vec<String>,
}

impl Unrecorded {
    /// The page, once it is stored that the caller read it.
    pub(super) async fn recorded<P: Platform>(
        self,
        call: &Call<P>,
        credentials: &Credentials,
        action: Action,
    ) -> Result<Reply, Problem> {
        let shown: Vec<&str> = self.shown.iter().map(String::as_str).collect();
        reads::record_page(call, credentials, action, &shown).await?;
        Ok(self.reply)
    }
}

/// A page of rows as the member sees them.
pub(super) fn rows<P: Platform>(
    call: &Call<P>,
    member: &Member,
    page: &Page,
    rows: &[Row],
) -> Result<Unrecorded, Problem> {
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let record = Record::from_row(row)?;
        // A leg that a late event took away leaves its row among the past ones; there is nothing to show of it.
        let Some(viewer) = Viewer::of(&record.referral, &member.organization) else {
            continue;
        };
        let request = record
            .request
            .as_ref()
            .ok_or_else(|| Problem::internal("a listed referral has no request"))?;
        let points = row.integer("page_points").unwrap_or_default();
        items.push(Item {
            cursor: format!("{points}~{}", record.id),
            body: view(&record, request, viewer, call.now)?,
            id: record.id,
        });
    }
    let shown = items.iter().take(page.limit);
    let shown = shown.map(|item| item.id.clone()).collect();
    let mut body = page_of(page, items, |item| item.cursor.clone())?;
    // Rows that were passed over leave a shorter page, and still a next one.
    if let (true, Value::Object(members), Some(last)) = (
        rows.len() > page.limit,
        &mut body,
        rows.get(page.limit.saturating_sub(1)),
    ) {
        let points = last.integer("page_points").unwrap_or_default();
        let next = format!("{points}~{}", last.text("id").unwrap_or_default());
        members.insert("next".to_owned(), next.into());
    }
    let reply = Reply::json(StatusCode::OK, &body)?;
    Ok(Unrecorded { reply, shown })
}

/// A row of a page, and where the next page begins after it.
struct Item {
    id: String,
    cursor: String,
    body: Value,
}

impl Serialize for Item {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.body.serialize(serializer)
    }
}

/// The position that a cursor names: points and id.
pub(super) fn position(page: &Page) -> Result<(Sql, Sql), Problem> {
    if page.after.is_empty() {
        return Ok((Sql::Null, Sql::Null));
    }
    page.after
        .split_once('~')
        .and_then(|(points, id)| Some((Sql::from(points.parse::<i64>().ok()?), id.into())))
        .ok_or_else(|| {
            Problem::Invalid(vec![Fault::query(
                "cursor",
                "unreadable",
                "must be the next of a page before",
            )])
        })
}

struct Query {
    page: Page,
    sort: &'static str,
    filters: [Sql; 6],
    position: (Sql, Sql),
}

impl Query {
    fn statement(self, credentials: &Credentials) -> (Page, Statement) {
        let (sql, points) = match self.sort {
            "newest" => (list_sql::NEWEST, Sql::Null),
            "oldest" => (list_sql::OLDEST, Sql::Null),
            _ => (list_sql::PRESSING, self.position.0),
        };
        let mut parameters = vec![credentials.hash().into()];
        parameters.extend(self.filters);
        parameters.extend([points, self.position.1, self.page.rows().into()]);
        (self.page, Statement { sql, parameters })
    }
}

fn query<P: Platform>(call: &Call<P>) -> Result<Query, Problem> {
    let page = call.page()?;
    let mut faults = Vec::new();
    let mut one_of = |name: &'static str, codes: &[&'static str]| -> Option<&'static str> {
        let given = call.query(name)?;
        let known = codes.iter().find(|code| **code == given).copied();
        if known.is_none() {
            faults.push(unknown(name, codes));
        }
        known
    };
    let direction = one_of("direction", &["sent", "received"]);
    let turn = one_of("turn", &["mine"]);
    let attention = one_of("attention", Attention::CODES);
    let sort = one_of("sort", SORTS).unwrap_or("pressing");
    let mut several = |name: &'static str, codes: &[&'static str]| -> Option<String> {
        let given = call.query(name)?;
        if given.split(',').all(|one| codes.contains(&one)) {
            Some(format!(",{given},"))
        } else {
            faults.push(unknown(name, codes));
            None
        }
    };
    let statuses = several("status", Status::CODES);
    let urgencies = several("urgency", Urgency::CODES);
    Problem::unless_empty(faults)?;
    Ok(Query {
        position: position(&page)?,
        page,
        sort,
        filters: [
            direction.map(str::to_owned).into(),
            statuses.into(),
            urgencies.into(),
            attention.map(|code| format!("\"{code}\"")).into(),
            turn.map(str::to_owned).into(),
            call.query("service").map(str::to_owned).into(),
        ],
    })
}

fn unknown(name: &'static str, codes: &[&str]) -> Fault {
    Fault::query(
        name,
        "unknown-code",
        format!("must be one of: {}", codes.join(", ")),
    )
}
