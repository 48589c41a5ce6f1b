//! `GET /worklist/measures/cms50`: the rate of a year by the measure's published logic, and the patient-level list behind it with the
//! reason why each is in or out.
//!
//! Listed is who was referred in the year; a page costs what the year costs, because the rate is that of all. The list names
//! patients, so that who read it is recorded.

use std::collections::BTreeMap;

use domain::cms50::{Counts, Period, Reason, Verdict, judge};
use http::StatusCode;
use ports::{Platform, Row, Statement};
use serde_json::{Map, Value, json};

use super::reads::{self, Action};
use crate::auth::Credentials;
use crate::call::Call;
use crate::cms50::{Patient, find};
use crate::http::{Fault, Page, Problem, Reply, page_of};
use crate::json::from_text;

/// The years that a referral can be of.
const YEARS: std::ops::RangeInclusive<u16> = 1900..=9998;

/// By the primary key of `referrals`: whom a page names.
const NAMES: &str = "
SELECT f.id, f.request ->> '$.patient.identifier.system' AS system, f.request ->> '$.patient.identifier.value' AS value,
  f.request -> '$.patient.name' AS name
FROM referrals f WHERE f.id IN (SELECT value FROM json_each(?1))";

/// Reads the measure of a year.
pub(super) async fn read<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let asked = asked(&call);
    let (year, page) = match asked {
        Ok(asked) => asked,
        Err(problem) => return Err(credentials.refused(&call, problem).await),
    };
    let period = Period::of_year(year);
    let found = find(&call, &credentials, &period, None).await?;
    let judged: Vec<(Patient, Verdict)> = found
        .patients
        .into_iter()
        .map(|patient| {
            let verdict = judge(&period, &patient.facts);
            (patient, verdict)
        })
        .collect();
    let mut counts = Counts::default();
    let mut reasons: BTreeMap<&str, u32> = BTreeMap::new();
    for (_, verdict) in &judged {
        counts.add(verdict);
        for reason in &verdict.reasons {
            let count = reasons.entry(reason.code()).or_default();
            *count = count.saturating_add(1);
        }
    }
    let shown: Vec<&(Patient, Verdict)> = judged
        .iter()
        .filter(|(patient, _)| patient.id > page.after)
        .take(page.limit.saturating_add(1))
        .collect();
    let names = names(&call, &credentials, &page, &shown).await?;
    let items = shown
        .into_iter()
        .map(|(patient, verdict)| item(patient, verdict, &names))
        .collect();
    let id = |item: &Value| text(item, "id").to_owned();
    let missing: Vec<Value> = found
        .codes
        .missing()
        .map(|set| json!({"oid": set.oid, "name": set.name}))
        .collect();
    let rate = counts.rate().filter(|_| !found.codes.is_unusable());
    let mut answer = json!({
        "measure": "CMS50",
        "year": year,
        "period": {"start": period.start.to_string(), "end": period.end.to_string()},
        "complete": missing.is_empty(),
        "missing_value_sets": missing,
        "patients": judged.len(),
        "initial_population": counts.denominator,
        "denominator": counts.denominator,
        "numerator": counts.numerator,
        "rate": {"numerator": counts.numerator, "denominator": counts.denominator, "rate": rate},
        "reasons": reasons,
    });
    if let (Value::Object(members), Value::Object(listed)) =
        (&mut answer, page_of(&page, items, id)?)
    {
        members.extend(listed);
    }
    Reply::json(StatusCode::OK, &answer)
}

fn asked<P: Platform>(call: &Call<P>) -> Result<(u16, Page), Problem> {
    let today = call.now.date().to_string();
    let this_year = today.split('-').next().unwrap_or_default();
    let year = call.query("year").unwrap_or(this_year).parse().ok();
    let mut faults = Vec::new();
    if !year.is_some_and(|year| YEARS.contains(&year)) {
        faults.push(Fault::query(
            "year",
            "value",
            "must be a year, such as 2026",
        ));
    }
    let page = match call.page() {
        Ok(page) => page,
        Err(Problem::Invalid(more)) => {
            faults.extend(more);
            return Err(Problem::Invalid(faults));
        }
        Err(problem) => return Err(problem),
    };
    Problem::unless_empty(faults)?;
    Ok((year.unwrap_or_default(), page))
}

/// Whom the page names, in the batch that records it.
async fn names<P: Platform>(
    call: &Call<P>,
    credentials: &Credentials,
    page: &Page,
    shown: &[&(Patient, Verdict)],
) -> Result<BTreeMap<String, Row>, Problem> {
    let ids: Vec<&str> = shown
        .iter()
        .take(page.limit)
        .map(|(patient, _)| patient.id.as_str())
        .collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let list = Value::from(ids.as_slice()).to_string();
    let record = reads::of_shown(call, credentials, Action::Measure, &ids);
    let statements = vec![Statement::new(NAMES, [list.into()]), record];
    let answer = call.platform.batch(statements).await?;
    reads::stored(answer.rows(1))?;
    let rows = answer.rows(0).iter();
    Ok(rows
        .map(|row| (row.text("id").unwrap_or_default().to_owned(), row.clone()))
        .collect())
}

fn item(patient: &Patient, verdict: &Verdict, names: &BTreeMap<String, Row>) -> Value {
    let reasons: Vec<Value> = verdict
        .reasons
        .iter()
        .map(|reason| shown(*reason))
        .collect();
    let mut item = Map::new();
    item.insert("id".to_owned(), patient.id.as_str().into());
    if let Some(row) = names.get(&patient.id) {
        let name: Option<Value> = row.text("name").and_then(|name| from_text(name).ok());
        let who = json!({
            "identifier": {"system": row.text("system"), "value": row.text("value")},
            "name": name,
        });
        item.insert("patient".to_owned(), who);
    }
    for (name, is_in) in [
        ("initial_population", verdict.in_denominator),
        ("denominator", verdict.in_denominator),
        ("numerator", verdict.in_numerator),
    ] {
        item.insert(name.to_owned(), is_in.into());
    }
    for (name, id) in [
        ("referral", &verdict.referral),
        ("report", &verdict.report),
        ("visit", &verdict.visit),
    ] {
        if let Some(id) = id {
            item.insert(name.to_owned(), id.as_str().into());
        }
    }
    item.insert("reasons".to_owned(), reasons.into());
    Value::Object(item)
}

fn shown(reason: Reason) -> Value {
    json!({"code": reason.code(), "text": reason.text()})
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}
