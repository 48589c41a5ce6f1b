//! `POST /worklist/referrals/search`: by what must not be in a URL.

use domain::request::Identifier;
use ports::{Platform, Statement, Value};
use serde::Deserialize;

use super::list::Listed;
use super::reads::Action;
use super::{list, list_sql};
use crate::auth::Credentials;
use crate::call::Call;
use crate::http::{Fault, Page, Problem, Reply};
use crate::referrals::patient_key;

#[derive(Default, Deserialize)]
struct Search {
    patient: Option<Patient>,
    placer: Option<Identifier>,
    filler: Option<Identifier>,
    text: Option<String>,
    limit: Option<i64>,
    cursor: Option<String>,
}

#[derive(Deserialize)]
struct Patient {
    identifier: Option<Identifier>,
    system: Option<String>,
    value: Option<String>,
}

impl Patient {
    fn key(self) -> Option<String> {
        let named = self.system.zip(self.value);
        let identifier = self
            .identifier
            .or_else(|| named.map(|(system, value)| Identifier { system, value }))?;
        Some(patient_key(&identifier))
    }
}

/// Finds a page.
pub(super) async fn search<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let asked = call
        .input::<Search>()
        .and_then(|search| statement(search, &credentials));
    let mut statements = vec![credentials.statement()];
    statements.extend(asked.as_ref().ok().map(|(_, statement)| statement.clone()));
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let (page, _) = asked?;
    let listed = Listed::from_rows(&call, caller.member()?, &page, answer.rows(1))?;
    listed.record(&call, &credentials, Action::Search).await?;
    listed.reply()
}

/// The statement of a page of what has these words in its request, from a cursor on.
pub(super) fn by_text(
    text: &str,
    limit: i64,
    cursor: Option<&str>,
    credentials: &Credentials,
) -> Result<(Page, Statement), Problem> {
    let search = Search {
        text: Some(text.to_owned()),
        limit: Some(limit),
        cursor: cursor.map(str::to_owned),
        ..Search::default()
    };
    statement(search, credentials)
}

fn statement(search: Search, credentials: &Credentials) -> Result<(Page, Statement), Problem> {
    let limit = search.limit.map(|limit| limit.to_string());
    let page = Page::parse(limit.as_deref(), search.cursor.as_deref())?;
    let patient = match search.patient.map(Patient::key) {
        Some(None) => {
            let fault = Fault::at("/patient/identifier", "required", "is required");
            return Err(Problem::Invalid(vec![fault]));
        }
        given => given.flatten(),
    };
    let sql = match (&patient, &search.placer, &search.filler, &search.text) {
        (Some(_), ..) => list_sql::BY_PATIENT,
        (None, Some(_), ..) | (None, _, Some(_), _) => list_sql::BY_IDENTIFIER,
        (None, None, None, Some(_)) => list_sql::BY_TEXT,
        (None, None, None, None) => {
            let fault = Fault::at("", "required", "must name patient, placer, filler or text");
            return Err(Problem::Invalid(vec![fault]));
        }
    };
    let parts = |identifier: Option<Identifier>| -> [Value; 2] {
        match identifier {
            Some(Identifier { system, value }) => [system.into(), value.into()],
            None => [Value::Null, Value::Null],
        }
    };
    let (points, id) = list::position(&page)?;
    let mut parameters: Vec<Value> = vec![credentials.hash().into(), patient.into()];
    parameters.extend(parts(search.placer));
    parameters.extend(parts(search.filler));
    parameters.extend([
        search.text.map(|text| text.to_ascii_lowercase()).into(),
        points,
        id,
        page.rows().into(),
    ]);
    Ok((page, Statement { sql, parameters }))
}
