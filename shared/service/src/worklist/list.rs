//! `GET /worklist/referrals`: what the organisation may see, most pressing first.

use domain::attention::Attention;
use domain::request::Urgency;
use domain::status::Status;
use http::StatusCode;
use ports::{Platform, Row, Statement, Value as Sql};
use serde_json::{Map, Value};

use super::list_sql;
use super::reads::{self, Action};
use crate::auth::{Credentials, Member};
use crate::call::Call;
use crate::http::{Fault, Page, Problem, Reply};
use crate::referrals::{POINTS_OVER, Record, Viewer, view};

/// The orders of a list.
pub(super) const SORTS: &[&str] = &["pressing", "newest", "oldest"];

/// Lists a page.
pub(super) async fn list<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let asked = call
        .page()
        .and_then(|page| asked(&call, page, &credentials));
    let mut statements = vec![credentials.statement()];
    statements.extend(asked.as_ref().ok().map(|(_, statement)| statement.clone()));
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let (page, _) = asked?;
    let listed = Listed::from_rows(&call, caller.member()?, &page, answer.rows(1))?;
    listed.record(&call, &credentials, Action::List).await?;
    listed.reply()
}

/// A page of referrals as the member sees them. It is recorded as read before it goes out.
pub(super) struct Listed {
    /// The referrals.
    pub(super) items: Vec<Value>,
    /// The cursor of the next page.
    pub(super) next: Option<String>,
    shown: Vec<String>,
}

impl Listed {
    /// From up to one row more than the page has.
    pub(super) fn from_rows<P: Platform>(
        call: &Call<P>,
        member: &Member,
        page: &Page,
        rows: &[Row],
    ) -> Result<Self, Problem> {
        let (mut items, mut shown) = (Vec::new(), Vec::new());
        for row in rows.iter().take(page.limit) {
            let record = Record::from_row(row)?;
            // A leg that a late event took away leaves its row among the past ones; there is nothing to show of it.
            let Some(viewer) = Viewer::of(&record.referral, &member.organization) else {
                continue;
            };
            let request = record
                .request
                .as_ref()
                .ok_or_else(|| Problem::internal("a listed referral has no request"))?;
            items.push(view(&record, request, viewer, call.now)?);
            shown.push(record.id);
        }
        // By the row, not by what is shown of it: a page of which all was passed over still has a next one.
        let last = rows.get(page.limit.saturating_sub(1));
        let next = last.filter(|_| rows.len() > page.limit).map(|last| {
            let points = last.integer("page_points").unwrap_or_default();
            format!("{points}~{}", last.text("id").unwrap_or_default())
        });
        Ok(Self { items, next, shown })
    }

    /// Stores that the caller reads it.
    pub(super) async fn record<P: Platform>(
        &self,
        call: &Call<P>,
        credentials: &Credentials,
        action: Action,
    ) -> Result<(), Problem> {
        reads::record_page(call, credentials, action, &self.shown()).await
    }

    /// The ids of what is shown.
    pub(super) fn shown(&self) -> Vec<&str> {
        self.shown.iter().map(String::as_str).collect()
    }

    /// It as an answer.
    pub(super) fn reply(self) -> Result<Reply, Problem> {
        let mut body = Map::new();
        if let Some(next) = self.next {
            body.insert("next".to_owned(), next.into());
        }
        body.insert("items".to_owned(), self.items.into());
        Reply::json(StatusCode::OK, &Value::Object(body))
    }
}

/// The position that a cursor names: points, or the time where a list is sorted by it, and id.
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

/// The statement of the page that the query asks for, with every fault of its filters.
pub(super) fn asked<P: Platform>(
    call: &Call<P>,
    page: Page,
    credentials: &Credentials,
) -> Result<(Page, Statement), Problem> {
    // A form sends those that nobody chose as empty.
    let given = |name: &str| call.query(name).filter(|given| !given.is_empty());
    let filters = Filters::read(given, Fault::query)?;
    let statement = filters.statement(&page, credentials)?;
    Ok((page, statement))
}

/// What a list is narrowed by, and how it is sorted.
#[derive(Debug, Clone)]
pub(super) struct Filters {
    direction: Option<&'static str>,
    /// With commas around, as those of `urgencies`.
    statuses: Option<String>,
    urgencies: Option<String>,
    attention: Option<&'static str>,
    turn: Option<&'static str>,
    service: Option<String>,
    sort: &'static str,
}

impl Filters {
    /// Reads them by their names; `fault` says where one of them stands.
    ///
    /// # Errors
    /// [`Problem::Invalid`] with every fault.
    pub(super) fn read<'a>(
        given: impl Fn(&str) -> Option<&'a str>,
        fault: impl Fn(&'static str, &'static str, String) -> Fault,
    ) -> Result<Self, Problem> {
        let mut faults = Vec::new();
        let mut unknown = |name: &'static str, codes: &[&str]| {
            let detail = format!("must be one of: {}", codes.join(", "));
            faults.push(fault(name, "unknown-code", detail));
        };
        let mut one_of = |name: &'static str, codes: &[&'static str]| -> Option<&'static str> {
            let given = given(name)?;
            let known = codes.iter().find(|code| **code == given).copied();
            if known.is_none() {
                unknown(name, codes);
            }
            known
        };
        let direction = one_of("direction", &["sent", "received"]);
        let turn = one_of("turn", &["mine"]);
        let attention = one_of("attention", Attention::CODES);
        let sort = one_of("sort", SORTS).unwrap_or("pressing");
        let mut several = |name: &'static str, codes: &[&'static str]| -> Option<String> {
            let given = given(name)?;
            if given.split(',').all(|one| codes.contains(&one)) {
                Some(format!(",{given},"))
            } else {
                unknown(name, codes);
                None
            }
        };
        let statuses = several("status", Status::CODES);
        let urgencies = several("urgency", Urgency::CODES);
        Problem::unless_empty(faults)?;
        Ok(Self {
            direction,
            statuses,
            urgencies,
            attention,
            turn,
            service: given("service").map(str::to_owned),
            sort,
        })
    }

    /// The page of what they leave.
    ///
    /// # Errors
    /// [`Problem::Invalid`] where the cursor is none.
    pub(super) fn statement(
        &self,
        page: &Page,
        credentials: &Credentials,
    ) -> Result<Statement, Problem> {
        let (points, id) = position(page)?;
        let only_open = self.turn.is_some()
            || self.attention.is_some()
            || self.statuses.as_deref().is_some_and(names_open_ones_only);
        let (sql, fewest) = match (self.sort, only_open) {
            ("newest", false) => (list_sql::NEWEST, POINTS_OVER),
            ("newest", true) => (list_sql::NEWEST_OPEN, 0),
            ("oldest", false) => (list_sql::OLDEST, POINTS_OVER),
            ("oldest", true) => (list_sql::OLDEST_OPEN, 0),
            (_, false) => (list_sql::PRESSING, POINTS_OVER),
            (_, true) => (list_sql::PRESSING, 0),
        };
        let mut parameters: Vec<Sql> = vec![credentials.hash().into()];
        parameters.extend(self.parameters());
        parameters.extend([points, id, page.rows().into(), fewest.into()]);
        Ok(Statement { sql, parameters })
    }

    /// Direction, statuses, urgencies, attention, turn and service, as the statements take them.
    pub(super) fn parameters(&self) -> [Sql; 6] {
        let owned = |code: Option<&str>| Sql::from(code.map(str::to_owned));
        [
            owned(self.direction),
            self.statuses.clone().into(),
            self.urgencies.clone().into(),
            self.attention.map(|code| format!("\"{code}\"")).into(),
            owned(self.turn),
            self.service.clone().into(),
        ]
    }
}

/// Whether none of these statuses, with commas around, is that of a referral on which nobody has to act.
fn names_open_ones_only(statuses: &str) -> bool {
    let mut names = statuses.split(',').filter(|name| !name.is_empty());
    names.all(|name| Status::parse(name).is_some_and(|status| !status.is_ended()))
}
