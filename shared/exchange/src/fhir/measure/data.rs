//! The facts of each patient in a Bundle from elsewhere, such as the measure's official test cases.
//!
//! What is of no patient, and what refers to nothing that can be told apart, is no fact of anybody: as in CQL, where each patient is
//! looked at alone. Ids need to be unique within a patient only, because test cases repeat them.

use std::collections::{BTreeMap, BTreeSet};

use domain::cms50::{Codes, Facts, Order, Report, Says, Visit, VisitKind, Written};
use serde_json::Value;

use super::super::codes::TASK_CODE;

/// One patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The id of the Patient resource.
    pub id: String,
    /// What is known of the patient.
    pub facts: Facts,
}

/// A resource of a Bundle, with its `fullUrl`.
#[derive(Debug, Clone, Copy)]
pub struct Here<'a> {
    full_url: &'a str,
    /// The resource.
    pub resource: &'a Value,
}

impl<'a> Here<'a> {
    /// Its type.
    #[must_use]
    pub fn kind(&self) -> &'a str {
        text(self.resource, "resourceType")
    }

    /// Its id; where it has none, what its `fullUrl` ends with.
    fn id(&self) -> &'a str {
        match text(self.resource, "id") {
            "" => last(self.full_url),
            id => id,
        }
    }
}

/// Every resource of a Bundle, and of Bundles within it. The body was read up to a depth, so this ends.
#[must_use]
pub fn entries_of(bundle: &Value) -> Vec<Here<'_>> {
    let mut here = Vec::new();
    let mut left = vec![bundle];
    while let Some(bundle) = left.pop() {
        for entry in items(bundle, "entry") {
            let Some(resource) = entry.get("resource") else {
                continue;
            };
            if text(resource, "resourceType") == "Bundle" {
                left.push(resource);
            } else {
                here.push(Here {
                    full_url: without_version(text(entry, "fullUrl")),
                    resource,
                });
            }
        }
    }
    here
}

/// What is known of each patient, by id. A patient is one who has a Patient resource, or whom another resource is about.
#[must_use]
pub fn people(all: &[Here<'_>], codes: &Codes) -> Vec<Person> {
    let names = Names::of(all);
    let mut people: BTreeMap<String, Facts> = BTreeMap::new();
    for one in all {
        let resource = one.resource;
        let subject = match one.kind() {
            "Patient" => Some(one.id().to_owned()),
            "Task" => names.named(resource.get("for"), "Patient"),
            "Encounter" | "Procedure" | "ServiceRequest" => {
                names.named(resource.get("subject"), "Patient")
            }
            _ => None,
        };
        let Some(subject) = subject.filter(|id| !id.is_empty()) else {
            continue;
        };
        let facts = people.entry(subject).or_default();
        match one.kind() {
            "Encounter" => facts.visits.push(encounter(one, codes)),
            "Procedure" => facts.visits.push(procedure(one, codes)),
            "ServiceRequest" => facts.orders.push(order(one, codes)),
            "Task" => facts.reports.push(report(one, codes, &names)),
            _ => {}
        }
    }
    let people = people.into_iter();
    people.map(|(id, facts)| Person { id, facts }).collect()
}

fn encounter(one: &Here<'_>, codes: &Codes) -> Visit {
    let (start, end) = period(one.resource.get("period"));
    Visit {
        id: one.id().to_owned(),
        kind: VisitKind::Encounter,
        status: text(one.resource, "status").to_owned(),
        counts: items(one.resource, "type").any(|concept| has(codes, Says::Encounter, concept)),
        start,
        end,
    }
}

fn procedure(one: &Here<'_>, codes: &Codes) -> Visit {
    let (start, end) = match written(one.resource.get("performedDateTime")) {
        Some(at) => (Some(at), Some(at)),
        None => period(one.resource.get("performedPeriod")),
    };
    let code = one.resource.get("code");
    Visit {
        id: one.id().to_owned(),
        kind: VisitKind::Procedure,
        status: text(one.resource, "status").to_owned(),
        counts: code.is_some_and(|code| has(codes, Says::Procedure, code)),
        start,
        end,
    }
}

fn order(one: &Here<'_>, codes: &Codes) -> Order {
    let code = one.resource.get("code");
    let is_refusal = one.resource.get("doNotPerform").and_then(Value::as_bool);
    Order {
        id: one.id().to_owned(),
        status: text(one.resource, "status").to_owned(),
        intent: text(one.resource, "intent").to_owned(),
        is_refusal: is_refusal == Some(true),
        is_referral: code.is_some_and(|code| has(codes, Says::Referral, code)),
        authored: written(one.resource.get("authoredOn")),
    }
}

fn report(one: &Here<'_>, codes: &Codes, names: &Names<'_>) -> Report {
    let task = one.resource;
    let about = task.get("focus").into_iter().chain(items(task, "basedOn"));
    let is_fulfill = |(system, code): (&str, &str)| system == TASK_CODE && code == "fulfill";
    let reason = task.get("reasonCode");
    Report {
        id: one.id().to_owned(),
        about: about
            .filter_map(|reference| names.named(Some(reference), "ServiceRequest"))
            .collect(),
        fulfills: task
            .get("code")
            .is_some_and(|code| codings(code).any(is_fulfill)),
        status: text(task, "status").to_owned(),
        is_consultant_report: reason
            .is_some_and(|reason| has(codes, Says::ConsultantReport, reason)),
        end: period(task.get("executionPeriod")).1,
    }
}

/// Whether any coding of a CodeableConcept says this.
fn has(codes: &Codes, says: Says, concept: &Value) -> bool {
    codings(concept).any(|(system, code)| codes.say(says, system, code))
}

fn codings(concept: &Value) -> impl Iterator<Item = (&str, &str)> {
    items(concept, "coding").map(|coding| (text(coding, "system"), text(coding, "code")))
}

fn period(period: Option<&Value>) -> (Option<Written>, Option<Written>) {
    let bound = |name| written(period.and_then(|period| period.get(name)));
    (bound("start"), bound("end"))
}

fn written(value: Option<&Value>) -> Option<Written> {
    value?.as_str()?.parse().ok()
}

/// Who is called how: by `fullUrl`, by type and id, and Patients by their identifiers.
struct Names<'a> {
    by_url: BTreeMap<&'a str, (&'a str, &'a str)>,
    ids: BTreeSet<(&'a str, &'a str)>,
    by_identifier: BTreeMap<(&'a str, &'a str), &'a str>,
}

impl<'a> Names<'a> {
    fn of(all: &[Here<'a>]) -> Self {
        let mut names = Self {
            by_url: BTreeMap::new(),
            ids: BTreeSet::new(),
            by_identifier: BTreeMap::new(),
        };
        for one in all {
            names.ids.insert((one.kind(), one.id()));
            if !one.full_url.is_empty() {
                names.by_url.insert(one.full_url, (one.kind(), one.id()));
            }
            if one.kind() == "Patient" {
                for identifier in items(one.resource, "identifier") {
                    let key = (text(identifier, "system"), text(identifier, "value"));
                    names.by_identifier.insert(key, one.id());
                }
            }
        }
        names
    }

    /// The id of the resource of this type that a Reference names; `None` for another type, and for what cannot be told.
    fn named(&self, reference: Option<&Value>, kind: &str) -> Option<String> {
        let reference = reference?;
        let name = text(reference, "reference");
        if name.is_empty() {
            let identifier = reference.get("identifier").filter(|_| kind == "Patient")?;
            let key = (text(identifier, "system"), text(identifier, "value"));
            return self.by_identifier.get(&key).map(|id| (*id).to_owned());
        }
        let name = without_version(name);
        if let Some((of_kind, id)) = self.by_url.get(name) {
            return (*of_kind == kind).then(|| (*id).to_owned());
        }
        if name.starts_with("urn:") {
            // Of an entry without `fullUrl`: the UUID is its id.
            let id = last(name);
            return self.ids.contains(&(kind, id)).then(|| id.to_owned());
        }
        let mut parts = name.rsplit('/');
        let id = parts.next().unwrap_or_default();
        (parts.next() == Some(kind) && !id.is_empty()).then(|| id.to_owned())
    }
}

/// The id of the Patient that a name means: a `fullUrl` here, or what an address, a reference or a URN ends with.
#[must_use]
pub fn patient_named<'a>(all: &[Here<'a>], name: &'a str) -> &'a str {
    let mut patients = all.iter().filter(|one| one.kind() == "Patient");
    let by_url = patients.find(|one| one.full_url == name);
    by_url.map_or_else(|| last(name), Here::id)
}

/// An address or a reference without the version that it names.
pub(super) fn without_version(name: &str) -> &str {
    name.split("/_history/").next().unwrap_or(name)
}

fn last(url: &str) -> &str {
    url.rsplit(['/', ':']).next().unwrap_or(url)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn items<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}
