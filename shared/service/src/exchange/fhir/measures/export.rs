//! `Measure/cms50/$export`: a year's data as FHIR, for a measure engine of somebody else's: the patients who were referred, their
//! referrals, what came of them, and their visits; newline-delimited JSON, a page of referrals at a time.
//!
//! Here each copy of a patient is one Patient, under the id by which `$evaluate` names it, because an engine counts patients. A Task's
//! `executionPeriod` ends when its first report was received, which is what the measure asks for; elsewhere it says when the patient
//! was seen.

use domain::cms50::Period;
use domain::referral::Referral;
use domain::request::Request;
use domain::time::Timestamp;
use formats::fhir::{self, Shown};
use http::StatusCode;
use http::header::LINK;
use ports::{Platform, Row, Statement};
use serde_json::{Value, json};

use crate::auth::{Credentials, Scope};
use crate::call::Call;
use crate::cms50::{Window, encounter_id};
use crate::exchange::fhir::base;
use crate::http::{Access, Fault, Page, Problem, Reply};
use crate::json::from_text;
use crate::worklist::reads::{self, Action};

const NDJSON: &str = "application/fhir+ndjson";

/// The types that an export has.
const TYPES: &[&str] = &[
    "Patient",
    "ServiceRequest",
    "Task",
    "Encounter",
    "Procedure",
];

/// The years that a referral can be of.
const YEARS: std::ops::RangeInclusive<u16> = 1900..=9998;

/// A page, by `referrals_by_referrer_and_time`; the first referral of the patient in the year by `referrals_by_patient`.
macro_rules! page {
    ($columns:literal) => {
        concat!(
            "SELECT ",
            $columns,
            ",
  (SELECT g.id FROM referrals g WHERE g.patient_key = f.patient_key AND g.referrer = f.referrer AND g.created_at >= ?6
     AND g.created_at < ?4 ORDER BY g.created_at, g.id LIMIT 1) AS first
FROM referrals f
WHERE f.referrer = (SELECT organization_id FROM keys WHERE hash = ?1) AND (f.created_at, f.id) > (?2, ?3) AND f.created_at < ?4
ORDER BY f.created_at, f.id LIMIT ?5"
        )
    };
}

const PAGE: &str = page!("f.id, f.created_at, f.updated_at, f.version, f.state, f.request");

/// The visits of patients whose first referral is on the page, by `visits_of_patient`.
const VISITS: &str = concat!(
    "SELECT p.first, v.kind, v.document
FROM (",
    page!("f.id, f.patient_key"),
    ") p JOIN visits v ON v.patient_key = p.patient_key
WHERE p.id = p.first AND v.organization = (SELECT organization_id FROM keys WHERE hash = ?1) AND v.last_day BETWEEN ?7 AND ?8"
);

/// What is asked.
struct Asked {
    year: u16,
    types: Vec<&'static str>,
    page: Page,
    after: Option<(i64, String)>,
}

/// Gives a page.
pub(super) async fn export<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let asked = match asked(&call) {
        Ok(asked) => asked,
        Err(problem) => return Err(credentials.refused(&call, problem).await),
    };
    let period = Period::of_year(asked.year);
    let window = Window::of(&period)?;
    let (at, id) = asked
        .after
        .clone()
        .unwrap_or((window.from.saturating_sub(1), String::new()));
    let limit = i64::try_from(asked.page.limit).unwrap_or(i64::MAX);
    let which = [
        credentials.hash().into(),
        at.into(),
        id.into(),
        window.until.into(),
        limit.into(),
        window.from.into(),
    ];
    let mut visits = Statement::new(VISITS, which.clone());
    let days: [ports::Value; 2] = [
        period.start.to_string().into(),
        period.end.to_string().into(),
    ];
    visits.parameters.extend(days);
    let answer = call
        .platform
        .batch(vec![
            credentials.statement(),
            Statement::new(PAGE, which),
            visits,
        ])
        .await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    caller.check(Access::Scope(Scope::ReferralsRead))?;
    caller.member()?;
    let rows = answer.rows(1);
    let ids: Vec<&str> = rows.iter().filter_map(|row| row.text("id")).collect();
    reads::record_page(&call, &credentials, Action::Measure, &ids).await?;
    let mut lines = String::new();
    for row in rows {
        for resource in resources(row, answer.rows(2))? {
            let kind = resource.get("resourceType").and_then(Value::as_str);
            if kind.is_some_and(|kind| asked.types.contains(&kind)) {
                lines.push_str(&resource.to_string());
                lines.push('\n');
            }
        }
    }
    let reply = Reply::bytes(StatusCode::OK, NDJSON, lines);
    let last = rows.last().filter(|_| rows.len() == asked.page.limit);
    Ok(match last {
        Some(last) => reply.header(LINK, &next(&call, &asked, last)),
        None => reply,
    })
}

fn asked<P: Platform>(call: &Call<P>) -> Result<Asked, Problem> {
    let mut faults = Vec::new();
    let year = call.query("year").and_then(|text| text.parse().ok());
    if !year.is_some_and(|year| YEARS.contains(&year)) {
        faults.push(Fault::query(
            "year",
            "required",
            "must be a year, such as 2026",
        ));
    }
    let mut types = Vec::new();
    match call.query("_type") {
        None => types.extend_from_slice(TYPES),
        Some(given) => {
            for name in given.split(',') {
                match TYPES.iter().find(|known| **known == name) {
                    Some(known) => types.push(*known),
                    None => faults.push(Fault::query(
                        "_type",
                        "not-supported",
                        format!("must be of {}", TYPES.join(", ")),
                    )),
                }
            }
        }
    }
    let page = match call.page() {
        Ok(page) => page,
        Err(Problem::Invalid(more)) => {
            faults.extend(more);
            return Err(Problem::Invalid(faults));
        }
        Err(problem) => return Err(problem),
    };
    let after = page
        .after
        .split_once('.')
        .and_then(|(at, id)| Some((at.parse().ok()?, id.to_owned())));
    if after.is_none() && !page.after.is_empty() {
        faults.push(Fault::query(
            "cursor",
            "unreadable",
            "must be the one that Link has",
        ));
    }
    Problem::unless_empty(faults)?;
    Ok(Asked {
        year: year.unwrap_or_default(),
        types,
        page,
        after,
    })
}

fn next<P: Platform>(call: &Call<P>, asked: &Asked, last: &Row) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("year", &asked.year.to_string());
    if let Some(types) = call.query("_type") {
        query.append_pair("_type", types);
    }
    query.append_pair("limit", &asked.page.limit.to_string());
    let at = last.integer("created_at").unwrap_or_default();
    let id = last.text("id").unwrap_or_default();
    query.append_pair("cursor", &format!("{at}.{id}"));
    let address = format!("{}/Measure/cms50/$export?{}", base(call), query.finish());
    format!("<{address}>; rel=\"next\"")
}

/// What a referral adds: with the first one of a patient the Patient and the visits.
fn resources(row: &Row, visits: &[Row]) -> Result<Vec<Value>, Problem> {
    let text = |column| row.text(column).unwrap_or_default();
    let (id, first) = (text("id"), text("first"));
    let request: Request = from_text(text("request"))?;
    let referral: Referral = from_text(text("state"))?;
    let updated_at = row.integer("updated_at").unwrap_or_default();
    let shown = Shown {
        id,
        version: row.integer("version").unwrap_or_default().unsigned_abs(),
        request: &request,
        referral: &referral,
        events: &[],
        last_modified: Timestamp::from_millisecond(updated_at).map_err(Problem::internal)?,
    };
    let mut all = Vec::new();
    if id == first {
        all.push(fhir::patient(first, &request.patient));
        let own = visits
            .iter()
            .filter(|visit| visit.text("first") == Some(id));
        for visit in own {
            let mut document: Value = from_text(visit.text("document").unwrap_or_default())?;
            set(
                &mut document,
                "subject",
                json!({"reference": format!("Patient/{first}")}),
            );
            all.push(document);
        }
    }
    let given = request.encounter.as_ref().map(crate::json::to_value);
    if let Some(mut encounter) = given.transpose()?
        && encounter.get("resourceType").and_then(Value::as_str) == Some("Encounter")
    {
        set(&mut encounter, "id", encounter_id(id).into());
        set(
            &mut encounter,
            "subject",
            json!({"reference": format!("Patient/{first}")}),
        );
        all.push(encounter);
    }
    all.push(fhir::service_request(&shown));
    for leg in &referral.legs {
        let mut task = fhir::task(&shown, leg);
        let period = leg.reports.first().map(|report| {
            json!({"start": leg.started_at.to_string(), "end": report.received_at.to_string()})
        });
        if let Some(members) = task.as_object_mut() {
            members.remove("executionPeriod");
        }
        if let Some(period) = period {
            set(&mut task, "executionPeriod", period);
        }
        all.push(task);
    }
    let (own, same) = (format!("Patient/{id}"), format!("Patient/{first}"));
    for resource in &mut all {
        rename(resource, &own, &same);
    }
    Ok(all)
}

fn set(resource: &mut Value, name: &str, value: Value) {
    if let Value::Object(members) = resource {
        members.insert(name.to_owned(), value);
    }
}

/// Names another in place of one, in every Reference. What we write is not deep.
fn rename(value: &mut Value, from: &str, to: &str) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) if name == "reference" && text == from => {
                        to.clone_into(text);
                    }
                    _ => rename(value, from, to),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, from, to)),
        _ => {}
    }
}
