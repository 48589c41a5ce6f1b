//! What `$evaluate` is asked with: the parameters of FHIR R4's operation Measure/$evaluate-measure.

use domain::cms50::{Day, Period, Written};
use serde_json::Value;

use super::MEASURE;
use super::data::without_version;
use crate::said::Fault;

/// Which report is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportType {
    /// Of one patient.
    Individual,
    /// The patients of each population.
    SubjectList,
    /// Their number.
    Summary,
}

impl ReportType {
    /// The operation's codes, and those of the MeasureReport that each leads to.
    fn parse(code: &str) -> Option<Self> {
        match code {
            "subject" | "patient" | "individual" => Some(Self::Individual),
            "subject-list" | "patient-list" => Some(Self::SubjectList),
            "population" | "summary" => Some(Self::Summary),
            _ => None,
        }
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked<'a> {
    /// From the first day to the last.
    pub period: Period,
    /// The one patient who is meant: an id, `Patient/{id}`, an address or a URN, without a version.
    pub subject: Option<String>,
    /// As it was given, or what follows from the subject: with one the individual report, without one the summary.
    pub report: ReportType,
    /// The data to be evaluated in place of the stored.
    pub data: Option<&'a Value>,
}

/// Reads them, from a Parameters resource and from the query.
///
/// # Errors
/// Every fault, each with its place.
pub fn asked<'a>(
    body: Option<&'a Value>,
    query: &[(String, String)],
) -> Result<Asked<'a>, Vec<Fault>> {
    let mut reading = Reading::default();
    let parameters = body
        .and_then(|body| body.get("parameter"))
        .and_then(Value::as_array);
    for parameter in parameters.into_iter().flatten() {
        let name = parameter
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default();
        match name {
            "additionalData" => reading.data(parameter.get("resource")),
            _ => reading.take(name, value_of(parameter)),
        }
    }
    for (name, value) in query {
        match name.as_str() {
            "_format" => {}
            "subject" | "patient" => reading.fault(
                "subject",
                "not-supported",
                "no URL may name a patient: send it in a Parameters resource",
            ),
            _ => reading.take(name, Some(value.as_str())),
        }
    }
    reading.finish()
}

/// A parameter's value, of whichever type.
fn value_of(parameter: &Value) -> Option<&str> {
    let members = parameter.as_object()?;
    let (_, value) = members.iter().find(|(name, _)| name.starts_with("value"))?;
    value
        .as_str()
        .or_else(|| value.get("reference").and_then(Value::as_str))
}

/// The name of a Patient; `None` for the name of anything else, and for none.
fn patient(name: &str) -> Option<&str> {
    let name = without_version(name);
    let mut parts = name.rsplit('/');
    let has_id = parts.next().is_some_and(|id| !id.is_empty());
    let is_patient = parts.next().is_none_or(|kind| kind == "Patient");
    (has_id && is_patient).then_some(name)
}

/// Whether a name means the measure that is evaluated: its id, or its canonical URL, perhaps with its version.
fn is_ours(name: &str) -> bool {
    let (url, _) = MEASURE.split_once('|').unwrap_or((MEASURE, ""));
    matches!(name, MEASURE | "cms50" | "Measure/cms50") || name == url
}

#[derive(Default)]
struct Reading<'a> {
    start: Option<Day>,
    end: Option<Day>,
    ends_at_midnight: bool,
    subject: Option<String>,
    report: Option<ReportType>,
    data: Option<&'a Value>,
    faults: Vec<Fault>,
}

impl<'a> Reading<'a> {
    fn fault(&mut self, name: &str, code: &'static str, detail: &str) {
        self.faults.push(Fault {
            at: format!("Parameters.parameter.where(name = '{name}')"),
            code,
            detail: detail.to_owned(),
        });
    }

    fn data(&mut self, resource: Option<&'a Value>) {
        let kind = resource
            .and_then(|resource| resource.get("resourceType"))
            .and_then(Value::as_str);
        if kind != Some("Bundle") {
            self.fault("additionalData", "value", "must be a Bundle");
        } else if self.data.is_some() {
            self.fault("additionalData", "not-supported", "is taken once");
        } else {
            self.data = resource;
        }
    }

    fn take(&mut self, name: &str, value: Option<&str>) {
        let value = value.unwrap_or_default();
        let written: Option<Written> = value.parse().ok();
        const DATE: &str = "must be a date";
        match (name, written) {
            ("periodStart", Some(written)) => self.start = Some(written.first_day()),
            ("periodStart", None) => self.fault("periodStart", "value", DATE),
            ("periodEnd", Some(written)) => {
                self.end = Some(written.last_day());
                self.ends_at_midnight = Written::is_midnight(value);
            }
            ("periodEnd", None) => self.fault("periodEnd", "value", DATE),
            ("subject" | "patient", _) => match patient(value) {
                Some(name) => self.subject = Some(name.to_owned()),
                None => self.fault("subject", "not-supported", "must be a Patient"),
            },
            ("reportType", _) => match ReportType::parse(value) {
                Some(report) => self.report = Some(report),
                None => self.fault(
                    "reportType",
                    "code-invalid",
                    "must be subject, subject-list or population",
                ),
            },
            // The path names it; another may not be meant.
            ("measure", _) if is_ours(value) => {}
            ("measure", _) => {
                let detail = format!("must be {MEASURE}: no other is evaluated here");
                self.fault("measure", "not-supported", &detail);
            }
            _ => {
                let detail = "is not known here: periodStart, periodEnd, subject, reportType and additionalData are";
                self.faults.push(Fault {
                    at: "Parameters.parameter.name".to_owned(),
                    code: "not-supported",
                    detail: detail.to_owned(),
                });
            }
        }
    }

    fn finish(mut self) -> Result<Asked<'a>, Vec<Fault>> {
        let has_fault = |faults: &[Fault], name: &str| {
            let at = format!("'{name}'");
            faults.iter().any(|fault| fault.at.contains(&at))
        };
        for (name, is_given) in [
            ("periodStart", self.start.is_some()),
            ("periodEnd", self.end.is_some()),
        ] {
            if !is_given && !has_fault(&self.faults, name) {
                self.fault(name, "required", "is required");
            }
        }
        if let (Some(start), Some(end)) = (self.start, self.end) {
            // Whole months that end at the first instant of a day have nothing of that day. Who writes the midnight of any other
            // day, such as of 31 December, means that day.
            let end = if self.ends_at_midnight && end.day == start.day {
                end.before()
            } else {
                end
            };
            if end < start {
                self.fault("periodEnd", "invariant", "must not be before periodStart");
            }
            if self.faults.is_empty() {
                let by_subject = match self.subject {
                    Some(_) => ReportType::Individual,
                    None => ReportType::Summary,
                };
                return Ok(Asked {
                    period: Period { start, end },
                    report: self.report.unwrap_or(by_subject),
                    subject: self.subject,
                    data: self.data,
                });
            }
        }
        Err(self.faults)
    }
}
