//! `GET /fhir/Task?…`, `POST /fhir/Task/_search`, and the same of ServiceRequest: what the caller's organisation may see.
//!
//! What names a patient comes in a body alone: in a URL it is refused, because URLs are logged. A parameter that is not known is
//! refused too: leaving a filter out would show more than was asked for. Pages go by the time of the last change, the oldest first:
//! what changes meanwhile comes again at the end, and nothing is passed over.

mod asked;
mod parameters;
mod range;
mod sql;

use domain::time::Timestamp;
use formats::fhir;
use http::StatusCode;
use ports::{Platform, Row};

use super::opened::Opened;
use super::{answer, base, check_accept};
use crate::auth::Credentials;
use crate::call::Call;
use crate::http::{Problem, Reply};
use crate::referrals::{Loaded, Record};
use crate::worklist::reads::{self, Action};
use asked::{Asked, PATIENT};
pub(super) use parameters::{Kind, SERVICE_REQUEST_PARAMETERS, TASK_PARAMETERS};

/// The media type of a search's body.
const FORM: &str = "application/x-www-form-urlencoded";

/// More than any leg's number: after all legs of a referral.
const LEGS_ALL: i64 = i64::MAX;

/// Searches by what stands in the URL.
pub(super) async fn by_query<P: Platform>(call: Call<P>, kind: Kind) -> Result<Reply, Problem> {
    check_accept(&call)?;
    let pairs = call.query_pairs().to_vec();
    let asked = Asked::read(kind, &pairs, false);
    search(&call, kind, asked, &pairs).await
}

/// Searches by what stands in the body, and in the URL.
pub(super) async fn by_body<P: Platform>(call: Call<P>, kind: Kind) -> Result<Reply, Problem> {
    check_accept(&call)?;
    call.bearer()?;
    if !call.body_bytes().is_empty() && call.media_type() != Some(FORM) {
        return Err(Problem::WrongContentType { takes: FORM });
    }
    let in_url = Asked::read(kind, call.query_pairs(), false);
    let mut pairs = call.query_pairs().to_vec();
    pairs.extend(form_urlencoded::parse(call.body_bytes()).into_owned());
    let asked = in_url.and_then(|_| Asked::read(kind, &pairs, true));
    pairs.retain(|(name, _)| name.split([':', '.']).next() != Some(PATIENT));
    search(&call, kind, asked, &pairs).await
}

async fn search<P: Platform>(
    call: &Call<P>,
    kind: Kind,
    asked: Result<Asked, Problem>,
    pairs: &[(String, String)],
) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(call)?;
    let mut statements = vec![credentials.statement()];
    if let Ok(asked) = &asked {
        statements.extend(asked.statements(&credentials));
    }
    let read = call.platform.batch(statements).await?;
    let caller = credentials.caller(read.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let organization = &caller.member()?.organization;
    let asked = asked?;
    let rows = read.rows(1);
    let page = rows.get(..asked.count).unwrap_or(rows);
    let mut matches = Vec::new();
    let mut included = Vec::new();
    let mut ids: Vec<String> = Vec::new();
    for row in page {
        let opened = opened(row, organization)?;
        let leg = row
            .integer("found_leg")
            .and_then(|leg| u32::try_from(leg).ok());
        let shown = opened.shown();
        matches.push(match kind {
            Kind::Task => fhir::task(&shown, opened.leg(leg.unwrap_or(1))?),
            Kind::ServiceRequest => fhir::service_request(&shown),
        });
        if ids.last() != Some(&opened.id) {
            if asked.includes_focus {
                included.push(fhir::service_request(&shown));
            }
            if asked.includes_patient {
                included.push(fhir::patient(&opened.id, &opened.request.patient));
            }
            ids.push(opened.id);
        }
    }
    let more = page.last().filter(|_| rows.len() > page.len());
    let next = match (more, read.first(2)) {
        (Some(last), _) => Some(next(call, &asked, pairs, last)),
        // All that was looked at is told, and there is more to look at.
        (None, Some(end)) => Some(next(call, &asked, pairs, end)),
        (None, None) => None,
    };
    let url = with_query(call, kind, pairs);
    let bundle = fhir::searchset(&base(call), &url, next.as_deref(), None, matches, included);
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    reads::record_page(call, &credentials, Action::Search, &ids).await?;
    Ok(answer(StatusCode::OK, &bundle))
}

fn opened(row: &Row, organization: &str) -> Result<Opened, Problem> {
    let loaded = Loaded {
        record: Record::from_row(row)?,
        history: None,
        pending: Vec::new(),
    };
    let mut opened = Opened::new(loaded, organization)?;
    if let Some(at) = row.integer("found_modified")
        && let Ok(at) = Timestamp::from_millisecond(at)
    {
        opened.last_modified = at;
    }
    Ok(opened)
}

/// The address of the next page. A patient is named by a referral of theirs, which names nobody to who cannot read it.
fn next<P: Platform>(
    call: &Call<P>,
    asked: &Asked,
    pairs: &[(String, String)],
    last: &Row,
) -> String {
    let id = last.text("id").unwrap_or_default().to_owned();
    let leg = last.integer("found_leg").unwrap_or(LEGS_ALL);
    let updated = last.integer("found_modified").unwrap_or_default();
    let mut pairs: Vec<_> = pairs
        .iter()
        .filter(|(name, _)| !["_cursor", "_patient-of"].contains(&name.as_str()))
        .cloned()
        .collect();
    if asked.patient_key.is_some() || asked.patient_of.is_some() {
        pairs.push(("_patient-of".to_owned(), id.clone()));
    }
    pairs.push(("_cursor".to_owned(), format!("{updated}.{id}.{leg}")));
    with_query(call, asked.kind, &pairs)
}

fn with_query<P: Platform>(call: &Call<P>, kind: Kind, pairs: &[(String, String)]) -> String {
    let url = format!("{}/{}", base(call), kind.as_str());
    if pairs.is_empty() {
        return url;
    }
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    format!("{url}?{query}")
}
