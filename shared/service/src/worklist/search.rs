//! `POST /worklist/referrals/search`: by what must not be in a URL.

use domain::request::Identifier;
use ports::{Platform, Statement, Value};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::list::{Filters, Listed};
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
    /// The filters of the list.
    #[serde(flatten)]
    filters: Map<String, Json>,
}

/// By an identifier, or by what is known of the person.
#[derive(Default, Deserialize)]
struct Patient {
    identifier: Option<Identifier>,
    system: Option<String>,
    value: Option<String>,
    name: Option<Name>,
    birth_date: Option<String>,
}

#[derive(Default, Deserialize)]
struct Name {
    family: Option<String>,
    given: Option<Vec<String>>,
}

impl Patient {
    fn key(&self) -> Option<String> {
        let named = self.system.clone().zip(self.value.clone());
        let identifier = self
            .identifier
            .clone()
            .or_else(|| named.map(|(system, value)| Identifier { system, value }))?;
        Some(patient_key(&identifier))
    }

    /// Family name, a given name and date of birth, as they are looked for.
    fn person(&self) -> [Option<String>; 3] {
        let name = self.name.as_ref();
        let given = name.and_then(|name| name.given.as_ref()?.first());
        [
            name.and_then(|name| name.family.as_deref())
                .map(str::to_ascii_lowercase),
            given.map(|given| given.to_ascii_lowercase()),
            self.birth_date.clone(),
        ]
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
    let given = |name: &str| search.filters.get(name).and_then(Json::as_str);
    let at = |name: &'static str, code, detail| Fault::at(format!("/{name}"), code, detail);
    let filters = Filters::read(given, at)?;
    let key = search.patient.as_ref().and_then(Patient::key);
    let person = search.patient.as_ref().map(Patient::person);
    let is_by_person = person
        .as_ref()
        .is_some_and(|person| person.iter().any(Option::is_some));
    if search.patient.is_some() && key.is_none() && !is_by_person {
        let fault = Fault::at(
            "/patient/identifier",
            "required",
            "is required, or name or birth_date",
        );
        return Err(Problem::Invalid(vec![fault]));
    }
    let sql = match (&key, &search.placer, &search.filler, &search.text) {
        (Some(_), ..) => list_sql::BY_PATIENT,
        (None, Some(_), ..) | (None, _, Some(_), _) => list_sql::BY_IDENTIFIER,
        (None, None, None, Some(_)) => list_sql::BY_TEXT,
        (None, None, None, None) if is_by_person => list_sql::BY_TEXT,
        // Nothing but filters: the list.
        (None, None, None, None) => {
            let listed = filters.statement(&page, credentials)?;
            return Ok((page, listed));
        }
    };
    let parts = |identifier: Option<Identifier>| -> [Value; 2] {
        match identifier {
            Some(Identifier { system, value }) => [system.into(), value.into()],
            None => [Value::Null, Value::Null],
        }
    };
    let (points, id) = list::position(&page)?;
    let mut parameters: Vec<Value> = vec![credentials.hash().into(), key.into()];
    parameters.extend(parts(search.placer));
    parameters.extend(parts(search.filler));
    parameters.extend([
        search.text.map(|text| text.to_ascii_lowercase()).into(),
        points,
        id,
        page.rows().into(),
    ]);
    parameters.extend(filters.parameters());
    parameters.extend(person.unwrap_or_default().map(Value::from));
    Ok((page, Statement { sql, parameters }))
}
