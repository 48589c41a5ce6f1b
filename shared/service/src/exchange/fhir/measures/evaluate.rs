//! `Measure/cms50/$evaluate`: a MeasureReport of the organisation's own data, or where `additionalData` is given of that alone. Of that
//! nothing is stored. Value sets that come with the data stand in for the stored ones.

use std::collections::BTreeMap;

use domain::cms50::{Codes, Counts, ValueSet, Verdict, judge};
use formats::fhir::measure::{self, Asked, Here, Person, ReportType, Reporting};
use http::StatusCode;
use ports::{Platform, Statement};
use serde_json::Value;

use super::{answer, check_accept};
use crate::auth::{Credentials, Member};
use crate::call::Call;
use crate::cms50::{Loaded, find, value_sets_statement};
use crate::exchange::fhir::sent::body_of;
use crate::exchange::hl7::invalid;
use crate::http::{Fault, Problem, Reply};
use crate::worklist::reads::{self, Action};

/// The most patients whom one report names; more are counted, and listed by the worklist.
const SUBJECTS_MAX: usize = 10_000;

/// How many referrals one record of the audit names.
const RECORD_MAX: usize = 200;

/// Who is evaluated, from where.
struct Evaluated {
    member: Member,
    codes: Codes,
    people: Vec<Person>,
    is_own: bool,
}

/// Evaluates the measure.
pub(super) async fn evaluate<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    check_accept(&call)?;
    let credentials = Credentials::of_member(&call)?;
    let body = if call.body_bytes().is_empty() {
        None
    } else {
        Some(body_of(&call, &["Parameters"]).await?)
    };
    let asked = match measure::asked(body.as_ref(), call.query_pairs()) {
        Ok(asked) => asked,
        Err(faults) => return Err(credentials.refused(&call, invalid(faults)).await),
    };
    let evaluated = match asked.data {
        Some(data) => brought(&call, &credentials, &asked, data).await?,
        None => own(&call, &credentials, &asked).await?,
    };
    let verdicts: Vec<(&Person, Verdict)> = evaluated
        .people
        .iter()
        .map(|person| (person, judge(&asked.period, &person.facts)))
        .collect();
    if asked.report != ReportType::Summary && evaluated.is_own {
        record(&call, &credentials, &evaluated.people).await?;
    }
    let missing: Vec<&'static ValueSet> = evaluated.codes.missing().collect();
    let reporting = Reporting {
        period: asked.period,
        now: call.now,
        reporter: &evaluated.member.organization,
        missing: &missing,
        is_unusable: evaluated.codes.is_unusable(),
    };
    Ok(answer(
        StatusCode::OK,
        &report(&asked, &reporting, &verdicts)?,
    ))
}

fn report(
    asked: &Asked<'_>,
    reporting: &Reporting<'_>,
    verdicts: &[(&Person, Verdict)],
) -> Result<Value, Problem> {
    let fault = |name: &str, code, detail: String| {
        let at = format!("Parameters.parameter.where(name = '{name}')");
        Err(Problem::Invalid(vec![Fault::at(at, code, detail)]))
    };
    if asked.subject.is_some() && verdicts.is_empty() {
        return Err(Problem::NotFound);
    }
    match asked.report {
        ReportType::Summary => {
            let mut counts = Counts::default();
            for (_, verdict) in verdicts {
                counts.add(verdict);
            }
            Ok(measure::summary(reporting, &counts))
        }
        ReportType::Individual => match verdicts {
            [(person, verdict)] => Ok(measure::individual(
                reporting,
                &person.id,
                verdict,
                &resources(person, verdict),
            )),
            _ => fault(
                "subject",
                "required",
                "is required with reportType subject".to_owned(),
            ),
        },
        ReportType::SubjectList if verdicts.len() > SUBJECTS_MAX => fault(
            "reportType",
            "too-costly",
            format!("at most {SUBJECTS_MAX} patients are listed"),
        ),
        ReportType::SubjectList => {
            let verdicts: Vec<(&str, &Verdict)> = verdicts
                .iter()
                .map(|(person, verdict)| (person.id.as_str(), verdict))
                .collect();
            Ok(measure::subject_list(reporting, &verdicts))
        }
    }
}

/// The resources by which a patient is in or out.
fn resources(person: &Person, verdict: &Verdict) -> Vec<String> {
    use domain::cms50::VisitKind;
    let mut all = vec![format!("Patient/{}", person.id)];
    if let Some(id) = &verdict.visit {
        let is_procedure = person
            .facts
            .visits
            .iter()
            .any(|visit| visit.id == *id && visit.kind == VisitKind::Procedure);
        let kind = if is_procedure {
            "Procedure"
        } else {
            "Encounter"
        };
        all.push(format!("{kind}/{id}"));
    }
    if let Some(id) = &verdict.referral {
        all.push(format!("ServiceRequest/{id}"));
    }
    if let Some(id) = &verdict.report {
        all.push(format!("Task/{id}"));
    }
    all
}

/// The data that came with the question.
async fn brought<P: Platform>(
    call: &Call<P>,
    credentials: &Credentials,
    asked: &Asked<'_>,
    data: &Value,
) -> Result<Evaluated, Problem> {
    let statements = vec![credentials.statement(), value_sets_statement(credentials)];
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let here = measure::entries_of(data);
    let codes = with_brought(Loaded::from_rows(answer.rows(1))?, &here)?;
    let mut people = measure::people(&here, &codes);
    if let Some(subject) = &asked.subject {
        let id = measure::patient_named(&here, subject);
        people.retain(|person| person.id == id);
    }
    Ok(Evaluated {
        member: caller.member()?.clone(),
        people,
        codes,
        is_own: false,
    })
}

/// The codes of the stored value sets, with those that came along in their place. One that cannot be read is a fault where the
/// measure needs it, or where nobody can tell; the others of a bundle are none of its business.
fn with_brought(mut loaded: Loaded, here: &[Here<'_>]) -> Result<Codes, Problem> {
    let mut unread = BTreeMap::new();
    let mut faults = Vec::new();
    for one in here.iter().filter(|one| one.kind() == "ValueSet") {
        let key = measure::value_set_key(one.resource).unwrap_or_default();
        match measure::value_set(one.resource) {
            Ok(set) => {
                unread.remove(key);
                loaded.put(set.key, set.codes, set.members);
            }
            Err(found) if key.is_empty() => faults.extend(found),
            Err(found) => {
                loaded.remove(key);
                unread.insert(key, found);
            }
        }
    }
    for key in loaded.lacking() {
        faults.extend(unread.remove(key).unwrap_or_default());
    }
    if faults.is_empty() {
        Ok(loaded.codes())
    } else {
        Err(invalid(faults))
    }
}

/// The organisation's own rows.
async fn own<P: Platform>(
    call: &Call<P>,
    credentials: &Credentials,
    asked: &Asked<'_>,
) -> Result<Evaluated, Problem> {
    let subject = asked
        .subject
        .as_deref()
        .map(|name| measure::patient_named(&[], name));
    let found = find(call, credentials, &asked.period, subject).await?;
    let people = found.patients.into_iter();
    Ok(Evaluated {
        member: found.member,
        codes: found.codes,
        people: people
            .map(|patient| Person {
                id: patient.id,
                facts: patient.facts,
            })
            .collect(),
        is_own: true,
    })
}

/// Records whom the report names.
async fn record<P: Platform>(
    call: &Call<P>,
    credentials: &Credentials,
    people: &[Person],
) -> Result<(), Problem> {
    let ids: Vec<&str> = people
        .iter()
        .take(SUBJECTS_MAX)
        .map(|person| person.id.as_str())
        .collect();
    let records: Vec<Statement> = ids
        .chunks(RECORD_MAX)
        .map(|ids| reads::of_shown(call, credentials, Action::Measure, ids))
        .collect();
    if records.is_empty() {
        return Ok(());
    }
    let count = records.len();
    let answer = call.platform.batch(records).await?;
    (0..count).try_for_each(|place| reads::stored(answer.rows(place)))
}
