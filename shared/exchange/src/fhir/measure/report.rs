//! The MeasureReport, valid against FHIR R4 (4.0.1), and the Measure that it is of.

use domain::cms50::{Counts, Period, ValueSet, Verdict};
use domain::time::Timestamp;
use serde_json::{Value, json};

use super::super::write::Element;
use super::MEASURE;

/// The code system of populations.
const POPULATION: &str = "http://terminology.hl7.org/CodeSystem/measure-population";

/// How a report names what an evaluation has to say beside its numbers.
const MESSAGES: &str = "http://hl7.org/fhir/StructureDefinition/cqf-messages";

/// The populations, in the order of the measure.
const POPULATIONS: &[(&str, &str)] = &[
    ("initial-population", "Initial Population"),
    ("denominator", "Denominator"),
    (NUMERATOR, "Numerator"),
];

const NUMERATOR: &str = "numerator";

/// What every report of an evaluation has.
#[derive(Debug, Clone, Copy)]
pub struct Reporting<'a> {
    /// The measurement period.
    pub period: Period,
    /// When it is evaluated.
    pub now: Timestamp,
    /// The id of the organisation that reports.
    pub reporter: &'a str,
    /// Value sets that were needed and are not there.
    pub missing: &'a [&'static ValueSet],
    /// Whether so much is missing that the numbers say nothing.
    pub is_unusable: bool,
}

/// How many patients are in each population.
#[must_use]
pub fn summary(reporting: &Reporting<'_>, counts: &Counts) -> Value {
    let populations = POPULATIONS
        .iter()
        .map(|one| population(one, count_of(one.0, counts)).done())
        .collect();
    report(reporting, "summary", counts, populations, &[])
        .with_all("contained", messages(reporting, &[]))
        .done()
}

/// Of one patient: in which populations, why, and by which resources. `resources` are References.
#[must_use]
pub fn individual(
    reporting: &Reporting<'_>,
    patient: &str,
    verdict: &Verdict,
    resources: &[String],
) -> Value {
    let mut counts = Counts::default();
    counts.add(verdict);
    let populations = POPULATIONS
        .iter()
        .map(|one| population(one, count_of(one.0, &counts)).done())
        .collect();
    let reasons: Vec<Value> = verdict
        .reasons
        .iter()
        .map(|reason| issue("information", "informational", reason.code(), reason.text()))
        .collect();
    let evaluated = resources
        .iter()
        .map(|reference| json!({ "reference": reference }))
        .collect();
    report(reporting, "individual", &counts, populations, &reasons)
        .with_all("contained", messages(reporting, &reasons))
        .with("subject", patient_reference(patient))
        .with_all("evaluatedResource", evaluated)
        .done()
}

/// The patients of each population, by id.
#[must_use]
pub fn subject_list(reporting: &Reporting<'_>, verdicts: &[(&str, &Verdict)]) -> Value {
    let mut counts = Counts::default();
    for (_, verdict) in verdicts {
        counts.add(verdict);
    }
    let mut contained = Vec::new();
    let mut populations = Vec::new();
    for one in POPULATIONS {
        let is_in = |verdict: &Verdict| match one.0 {
            NUMERATOR => verdict.in_numerator,
            _ => verdict.in_denominator,
        };
        let entries: Vec<Value> = verdicts
            .iter()
            .filter(|(_, verdict)| is_in(verdict))
            .map(|(patient, verdict)| {
                let reasons: Vec<Value> = verdict
                    .reasons
                    .iter()
                    .map(|reason| json!({ "system": REASON, "code": reason.code(), "display": reason.text() }))
                    .collect();
                json!({ "flag": { "coding": reasons }, "item": patient_reference(patient) })
            })
            .collect();
        let id = format!("subjects-{}", one.0);
        populations.push(
            population(one, count_of(one.0, &counts))
                .with("subjectResults", json!({ "reference": format!("#{id}") }))
                .done(),
        );
        contained.push(
            Element::of("List")
                .with("id", id)
                .with("status", "current")
                .with("mode", "snapshot")
                .with_all("entry", entries)
                .done(),
        );
    }
    contained.extend(messages(reporting, &[]));
    report(reporting, "subject-list", &counts, populations, &[])
        .with("contained", contained)
        .done()
}

/// The system of the reasons why a patient is in or out.
const REASON: &str = "urn:referral-loop:cms50-reason";

fn report(
    reporting: &Reporting<'_>,
    of_type: &str,
    counts: &Counts,
    populations: Vec<Value>,
    reasons: &[Value],
) -> Element {
    let has_messages = !reporting.missing.is_empty() || !reasons.is_empty();
    let messages = has_messages
        .then(|| json!({ "url": MESSAGES, "valueReference": { "reference": "#messages" } }));
    let score = counts.rate().filter(|_| !reporting.is_unusable);
    let group = Element::new()
        .with("population", populations)
        .with_some("measureScore", score.map(|rate| json!({ "value": rate })));
    let status = if reporting.is_unusable {
        "error"
    } else {
        "complete"
    };
    Element::of("MeasureReport")
        .with_all("extension", messages.into_iter().collect())
        .with("status", status)
        .with("type", of_type)
        .with("measure", MEASURE)
        .with("date", reporting.now.to_string())
        .with(
            "reporter",
            json!({ "reference": format!("Organization/{}", reporting.reporter) }),
        )
        .with(
            "period",
            json!({
                "start": reporting.period.start.to_string(),
                "end": reporting.period.end.to_string(),
            }),
        )
        .with("improvementNotation", improvement())
        .with("group", vec![group.done()])
}

/// What is missing, and why a patient is in or out, as a contained OperationOutcome.
fn messages(reporting: &Reporting<'_>, reasons: &[Value]) -> Vec<Value> {
    let severity = if reporting.is_unusable {
        "error"
    } else {
        "warning"
    };
    let mut issues: Vec<Value> = reporting
        .missing
        .iter()
        .map(|set| {
            let text = format!(
                "the value set {} ({}) is not loaded: nothing with a code of it was counted",
                set.name, set.oid
            );
            issue(severity, "not-found", "value-set-missing", &text)
        })
        .collect();
    issues.extend_from_slice(reasons);
    if issues.is_empty() {
        return Vec::new();
    }
    let outcome = Element::of("OperationOutcome")
        .with("id", "messages")
        .with("issue", issues);
    vec![outcome.done()]
}

fn issue(severity: &str, code: &str, own: &str, text: &str) -> Value {
    json!({
        "severity": severity,
        "code": code,
        "details": { "coding": [{ "system": REASON, "code": own }], "text": text },
    })
}

fn population((code, display): &(&str, &str), count: u32) -> Element {
    let coding = json!({ "system": POPULATION, "code": code, "display": display });
    Element::new()
        .with("code", json!({ "coding": [coding] }))
        .with("count", count)
}

fn count_of(code: &str, counts: &Counts) -> u32 {
    match code {
        NUMERATOR => counts.numerator,
        _ => counts.denominator,
    }
}

fn patient_reference(id: &str) -> Value {
    json!({ "reference": format!("Patient/{id}") })
}

fn improvement() -> Value {
    json!({ "coding": [{
        "system": "http://terminology.hl7.org/CodeSystem/measure-improvement-notation",
        "code": "increase",
        "display": "Increased score indicates improvement",
    }] })
}

/// The measure as this server knows it: what it is called, and its populations. Its logic is in the library that it names.
#[must_use]
pub fn measure() -> Value {
    let (url, version) = MEASURE.split_once('|').unwrap_or((MEASURE, ""));
    let populations: Vec<Value> = POPULATIONS
        .iter()
        .map(|(code, display)| {
            json!({
                "code": { "coding": [{ "system": POPULATION, "code": code, "display": display }] },
                "criteria": { "language": "text/cql-identifier", "expression": display },
            })
        })
        .collect();
    Element::of("Measure")
        .with("id", "cms50")
        .with("url", url)
        .with("version", version)
        .with("name", "CMS50FHIRReceiptofSpecialistReport")
        .with(
            "title",
            "Closing the Referral Loop: Receipt of Specialist Report",
        )
        .with("status", "active")
        .with(
            "library",
            json!(["https://madie.cms.gov/Library/CMS50FHIRReceiptofSpecialistReport|1.1.000"]),
        )
        .with(
            "scoring",
            json!({ "coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/measure-scoring",
                "code": "proportion",
                "display": "Proportion",
            }] }),
        )
        .with("improvementNotation", improvement())
        .with("group", json!([{ "population": populations }]))
        .done()
}
