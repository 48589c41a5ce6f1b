//! The patients whom an organisation referred in a period, with what is known of each.
//!
//! Read in chunks by when the referrals came in, a round trip each, so that no answer of the database is large; the facts are kept
//! by patient until all are read, because two referrals of a patient may be far apart. Days are those of UTC, in which our own times
//! are written.

use std::collections::{BTreeMap, BTreeSet};

use domain::cms50::{Codes, Day, Facts, Order, Period, Report, Says, Visit, VisitKind, Written};
use domain::status::{Status, request_status};
use domain::time::{Date, Timestamp};
use ports::{Platform, Row, Statement, Value};
use serde::Deserialize;
use serde_json::Value as Json;

use super::sql;
use super::value_sets::{Loaded, statement};
use crate::auth::{Credentials, Member};
use crate::call::Call;
use crate::http::{Fault, Problem};
use crate::json::from_text;

/// How many referrals are read at once.
const CHUNK_REFERRALS: usize = 2_000;

/// How many chunks are read for one answer: 50 statements are all that Workers Free runs in one request, and a chunk has two.
const CHUNKS_MAX: usize = 20;

/// How long after the end of the period a referral may still come in that was made in its first ten months. Ours: what is sent later
/// than that is no longer looked for, or each year would read all that came after it.
const SENT_LATE_MS: i64 = 90 * DAY_MS;

/// Before the first day of the period, where clocks differ.
const SENT_EARLY_MS: i64 = DAY_MS;

const DAY_MS: i64 = 86_400_000;

/// A specialist's report, as our own Tasks say it when they are completed (LOINC, Consult note).
const CONSULT_NOTE: (&str, &str) = ("http://loinc.org", "11488-4");

/// When the referrals of a period come in, in milliseconds: from the first to before the second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    pub(crate) from: i64,
    pub(crate) until: i64,
}

impl Window {
    /// # Errors
    /// [`Problem::Internal`] for a period that no calendar has.
    pub(crate) fn of(period: &Period) -> Result<Self, Problem> {
        let start = |day: Day| -> Result<i64, Problem> {
            let date: Date = day.to_string().parse().map_err(Problem::internal)?;
            Ok(date.start().as_millisecond())
        };
        Ok(Self {
            from: start(period.start)?.saturating_sub(SENT_EARLY_MS),
            until: start(period.end)?
                .saturating_add(DAY_MS)
                .saturating_add(SENT_LATE_MS),
        })
    }
}

/// A patient who was referred.
#[derive(Debug, Clone)]
pub(crate) struct Patient {
    /// The id of the first of the patient's referrals that came in: under it the Patient is read.
    pub(crate) id: String,
    pub(crate) facts: Facts,
}

/// What was found.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) member: Member,
    pub(crate) codes: Codes,
    /// By [`Patient::id`].
    pub(crate) patients: Vec<Patient>,
}

/// Finds the patients of a period, or the one whose referral has the id `subject`.
///
/// # Errors
/// [`Problem::NotFound`] where that is no referral of the organisation, [`Problem::Invalid`] for more referrals than are read, and what
/// `auth` says.
pub(crate) async fn find<P: Platform>(
    call: &Call<P>,
    credentials: &Credentials,
    period: &Period,
    subject: Option<&str>,
) -> Result<Found, Problem> {
    let window = Window::of(period)?;
    let mut statements = vec![credentials.statement(), statement(credentials)];
    let mut after = (window.from.saturating_sub(1), String::new());
    statements.extend(chunk(credentials, period, &window, subject, &after));
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let member = caller.member()?.clone();
    let codes = Loaded::from_rows(answer.rows(1))?.codes();
    let mut gathered = Gathered::default();
    let mut rows = (answer.rows(2).to_vec(), answer.rows(3).to_vec());
    for _ in 0..CHUNKS_MAX {
        gathered.take(&rows.0, &rows.1, &codes)?;
        let last = rows.0.last().filter(|_| rows.0.len() == CHUNK_REFERRALS);
        let Some(last) = last else {
            if subject.is_some() && gathered.patients.is_empty() {
                return Err(Problem::NotFound);
            }
            return Ok(Found {
                member,
                codes,
                patients: gathered.patients(),
            });
        };
        after = place_of(last);
        let next = chunk(credentials, period, &window, subject, &after);
        let answer = call.platform.batch(next.to_vec()).await?;
        rows = (answer.rows(0).to_vec(), answer.rows(1).to_vec());
    }
    let most = CHUNKS_MAX.saturating_mul(CHUNK_REFERRALS);
    let detail = format!(
        "has more than {most} referrals, which are not evaluated here: export them for a measure engine"
    );
    Err(Problem::Invalid(vec![Fault::at("", "too-many", detail)]))
}

fn place_of(row: &Row) -> (i64, String) {
    let at = row.integer("created_at").unwrap_or_default();
    (at, row.text("id").unwrap_or_default().to_owned())
}

fn chunk(
    credentials: &Credentials,
    period: &Period,
    window: &Window,
    subject: Option<&str>,
    after: &(i64, String),
) -> [Statement; 2] {
    let (referrals, visits, second, third): (_, _, Value, Value) = match subject {
        Some(subject) => (
            sql::OF_PATIENT,
            sql::OF_PATIENT_VISITS,
            subject.into(),
            window.from.into(),
        ),
        None => (
            sql::CHUNK,
            sql::CHUNK_VISITS,
            after.0.into(),
            after.1.as_str().into(),
        ),
    };
    let which: [Value; 5] = [
        credentials.hash().into(),
        second,
        third,
        window.until.into(),
        (CHUNK_REFERRALS as i64).into(),
    ];
    let days: [Value; 2] = [
        period.start.to_string().into(),
        period.end.to_string().into(),
    ];
    let mut visits = Statement::new(visits, which.clone());
    visits.parameters.extend(days);
    [Statement::new(referrals, which), visits]
}

/// What was read so far, by the patient's key.
#[derive(Default)]
struct Gathered {
    patients: BTreeMap<String, Patient>,
    visits: BTreeSet<(String, String)>,
}

/// A leg, as far as the measure looks at it.
#[derive(Deserialize)]
struct Leg {
    leg: u32,
    status: Status,
    task_status: String,
    received: Option<Timestamp>,
}

impl Gathered {
    fn take(&mut self, referrals: &[Row], visits: &[Row], codes: &Codes) -> Result<(), Problem> {
        for row in referrals {
            let key = row.text("patient_key").unwrap_or_default();
            let id = row.text("id").unwrap_or_default();
            let patient = self
                .patients
                .entry(key.to_owned())
                .or_insert_with(|| Patient {
                    id: id.to_owned(),
                    facts: Facts::default(),
                });
            let facts = &mut patient.facts;
            facts.orders.push(order(id, row, codes)?);
            let legs: Vec<Leg> = from_text(row.text("legs").unwrap_or("[]"))?;
            facts
                .reports
                .extend(legs.iter().map(|leg| report(id, leg, codes)));
            if let Some(text) = row.text("encounter") {
                facts
                    .visits
                    .extend(encounter(id, &from_text::<Json>(text)?, codes));
            }
        }
        for row in visits {
            let text = |column| row.text(column).unwrap_or_default();
            let name = (text("kind").to_owned(), text("id").to_owned());
            // A patient whose referrals are in two chunks has the visits twice.
            if let Some(patient) = self.patients.get_mut(text("patient_key"))
                && self.visits.insert(name)
            {
                patient.facts.visits.push(visit(row, codes)?);
            }
        }
        Ok(())
    }

    fn patients(self) -> Vec<Patient> {
        let mut patients: Vec<Patient> = self.patients.into_values().collect();
        patients.sort_by(|one, other| one.id.cmp(&other.id));
        patients
    }
}

fn order(id: &str, row: &Row, codes: &Codes) -> Result<Order, Problem> {
    let status = Status::parse(row.text("status").unwrap_or_default())
        .ok_or_else(|| Problem::internal("a referral has no status"))?;
    let text = |column| row.text(column).unwrap_or_default();
    Ok(Order {
        id: id.to_owned(),
        status: request_status(status, row.flag("is_finished")).to_owned(),
        intent: "order".to_owned(),
        is_refusal: false,
        is_referral: codes.say(Says::Referral, text("system"), text("code")),
        authored: text("authored").parse().ok(),
    })
}

/// A leg as the Task that it is. It ends when its first report comes: the measure asks when the report was received, not when the
/// patient was seen.
fn report(referral: &str, leg: &Leg, codes: &Codes) -> Report {
    let (system, code) = CONSULT_NOTE;
    let is_reported = matches!(leg.status, Status::Completed | Status::Closed);
    Report {
        id: match leg.leg {
            0 | 1 => referral.to_owned(),
            leg => format!("{referral}-{leg}"),
        },
        about: vec![referral.to_owned()],
        fulfills: true,
        status: leg.task_status.clone(),
        is_consultant_report: is_reported && codes.say(Says::ConsultantReport, system, code),
        end: leg
            .received
            .and_then(|received| received.to_string().parse().ok()),
    }
}

/// The encounter that came with a referral, where it is a FHIR Encounter.
fn encounter(referral: &str, given: &Json, codes: &Codes) -> Option<Visit> {
    if given.get("resourceType").and_then(Json::as_str) != Some("Encounter") {
        return None;
    }
    let bound =
        |name: &str| -> Option<Written> { given.get("period")?.get(name)?.as_str()?.parse().ok() };
    Some(Visit {
        id: encounter_id(referral),
        kind: VisitKind::Encounter,
        status: given
            .get("status")
            .and_then(Json::as_str)
            .unwrap_or_default()
            .to_owned(),
        counts: say(codes, Says::Encounter, given.get("type")),
        start: bound("start"),
        end: bound("end"),
    })
}

/// The id of the Encounter that came with a referral.
pub(crate) fn encounter_id(referral: &str) -> String {
    format!("{referral}-encounter")
}

fn visit(row: &Row, codes: &Codes) -> Result<Visit, Problem> {
    let (kind, says) = match row.text("kind") {
        Some("Procedure") => (VisitKind::Procedure, Says::Procedure),
        _ => (VisitKind::Encounter, Says::Encounter),
    };
    let concepts: Json = from_text(row.text("concepts").unwrap_or("[]"))?;
    let written = |column| row.text(column).and_then(|text| text.parse().ok());
    Ok(Visit {
        id: row.text("id").unwrap_or_default().to_owned(),
        kind,
        status: row.text("status").unwrap_or_default().to_owned(),
        counts: say(codes, says, Some(&concepts)),
        start: written("started"),
        end: written("ended"),
    })
}

/// Whether any coding of these CodeableConcepts says this.
fn say(codes: &Codes, says: Says, concepts: Option<&Json>) -> bool {
    let items = |value: Option<&Json>| value.and_then(Json::as_array).cloned().unwrap_or_default();
    items(concepts).iter().any(|concept| {
        items(concept.get("coding")).iter().any(|coding| {
            let text = |name| coding.get(name).and_then(Json::as_str).unwrap_or_default();
            codes.say(says, text("system"), text("code"))
        })
    })
}
