//! What comes with a request, as the resources that FHIR has for it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::request::{Free, Supporting, SupportingKind};
use serde_json::{Value, json};

use super::super::codes::LOINC;
use super::super::free::{extension, extension_free, value_of};
use super::element::Element;

/// The types that an item is written as, so that a resource kept whole is none of them.
const MODELLED: &[&str] = &[
    "Observation",
    "DiagnosticReport",
    "ImagingStudy",
    "MedicationStatement",
    "MedicationRequest",
    "AllergyIntolerance",
    "Condition",
    "DocumentReference",
    "Bundle",
];

/// The types whose patient is in `patient`, as far as they are likely to be kept whole.
const OF_PATIENT: &[&str] = &["Consent", "Immunization", "FamilyMemberHistory", "Flag"];

/// One item as a resource with this id.
pub(super) fn resource(item: &Supporting, id: &str, subject: &str) -> Value {
    if let Some(whole) = kept_whole(item, id, subject) {
        return whole;
    }
    let (resource, value) = match item.kind {
        SupportingKind::Lab => lab(item, subject),
        SupportingKind::Imaging => imaging(item, subject),
        SupportingKind::Medication => medication(item, subject),
        SupportingKind::Allergy => stated(
            "AllergyIntolerance",
            "patient",
            "allergyintolerance-clinical",
            item,
            subject,
        ),
        SupportingKind::Problem => {
            stated("Condition", "subject", "condition-clinical", item, subject)
        }
        SupportingKind::Note | SupportingKind::Document => document(item, subject),
    };
    let is_linked = matches!(
        item.kind,
        SupportingKind::Imaging | SupportingKind::Note | SupportingKind::Document
    );
    let url = item.url.as_deref().filter(|_| !is_linked);
    let extensions = url
        .map(|url| extension("url", "valueUrl", url))
        .into_iter()
        .chain(value.map(|value| extension_free("value", value)))
        .collect();
    resource
        .with("id", id)
        .with_all("extension", extensions)
        .done()
}

/// The security labels that were kept as an item.
pub(super) fn labels(item: &Supporting) -> Option<Vec<Value>> {
    if item.display != super::super::read::LABELS {
        return None;
    }
    let Some(Free::Object(members)) = &item.value else {
        return None;
    };
    match members.get("security") {
        Some(Free::List(labels)) => Some(labels.iter().map(value_of).collect()),
        _ => None,
    }
}

/// A resource of a type that we do not model, as it came.
fn kept_whole(item: &Supporting, id: &str, subject: &str) -> Option<Value> {
    let Some(Free::Object(members)) = item
        .value
        .as_ref()
        .filter(|_| item.kind == SupportingKind::Document)
    else {
        return None;
    };
    let Some(Free::Text(kind)) = members.get("resourceType") else {
        return None;
    };
    if MODELLED.contains(&kind.as_str()) {
        return None;
    }
    let mut whole = value_of(item.value.as_ref()?);
    let resource = whole.as_object_mut()?;
    let patient = if OF_PATIENT.contains(&kind.as_str()) {
        "patient"
    } else {
        "subject"
    };
    resource.insert("id".to_owned(), id.into());
    resource.insert(patient.to_owned(), json!({ "reference": subject }));
    Some(whole)
}

fn code_of(item: &Supporting) -> Value {
    let coding = item.code.as_deref().map(|code| {
        Element::new()
            .with_some("system", is_loinc(code).then_some(LOINC))
            .with("code", code)
            .done()
    });
    Element::new()
        .with_all("coding", coding.into_iter().collect())
        .with("text", item.display.as_str())
        .done()
}

/// Digits, a hyphen and a check digit.
fn is_loinc(code: &str) -> bool {
    code.split_once('-').is_some_and(|(number, check)| {
        !number.is_empty()
            && check.len() == 1
            && number
                .bytes()
                .chain(check.bytes())
                .all(|byte| byte.is_ascii_digit())
    })
}

/// The resource, and the value where it has no element of its own.
type Written<'a> = (Element, Option<&'a Free>);

fn lab<'a>(item: &'a Supporting, subject: &str) -> Written<'a> {
    let observation = Element::of("Observation")
        .with("status", "final")
        .with(
            "category",
            json!([{ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory" }] }]),
        )
        .with("code", code_of(item))
        .with("subject", json!({ "reference": subject }))
        .with("effectiveDateTime", item.date.to_string());
    match &item.value {
        Some(Free::Text(text)) => (observation.with("valueString", text.as_str()), None),
        Some(Free::Flag(flag)) => (observation.with("valueBoolean", *flag), None),
        Some(Free::Integer(number)) if i32::try_from(*number).is_ok() => {
            (observation.with("valueInteger", *number), None)
        }
        Some(value) if is_quantity(value) => {
            (observation.with("valueQuantity", value_of(value)), None)
        }
        value => (observation, value.as_ref()),
    }
}

/// A number with its unit, as it is read from a Quantity.
fn is_quantity(value: &Free) -> bool {
    let Free::Object(members) = value else {
        return false;
    };
    members.contains_key("value")
        && members
            .iter()
            .all(|(name, part)| match (name.as_str(), part) {
                ("value", Free::Integer(_)) => true,
                ("value", Free::Number(number)) => number.is_finite(),
                ("unit", Free::Text(unit)) => !unit.trim().is_empty() && unit.trim() == unit,
                ("comparator", Free::Text(than)) => ["<", "<=", ">=", ">"].contains(&than.as_str()),
                _ => false,
            })
}

fn imaging<'a>(item: &'a Supporting, subject: &str) -> Written<'a> {
    let form = item
        .url
        .as_deref()
        .map(|url| json!({ "url": url, "title": item.display }));
    let report = Element::of("DiagnosticReport")
        .with("status", "final")
        .with(
            "category",
            json!([{ "coding": [{ "system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "RAD" }] }]),
        )
        .with("code", code_of(item))
        .with("subject", json!({ "reference": subject }))
        .with("effectiveDateTime", item.date.to_string())
        .with_all("presentedForm", form.into_iter().collect());
    match &item.value {
        Some(Free::Text(text)) => (report.with("conclusion", text.as_str()), None),
        value => (report, value.as_ref()),
    }
}

fn medication<'a>(item: &'a Supporting, subject: &str) -> Written<'a> {
    let statement = Element::of("MedicationStatement")
        .with("status", "unknown")
        .with("medicationCodeableConcept", code_of(item))
        .with("subject", json!({ "reference": subject }))
        .with("effectiveDateTime", item.date.to_string());
    match &item.value {
        Some(Free::Text(text)) => (statement.with("dosage", json!([{ "text": text }])), None),
        value => (statement, value.as_ref()),
    }
}

/// An allergy or a problem.
fn stated<'a>(
    kind: &str,
    patient: &str,
    clinical: &str,
    item: &'a Supporting,
    subject: &str,
) -> Written<'a> {
    let system = format!("http://terminology.hl7.org/CodeSystem/{clinical}");
    let resource = Element::of(kind)
        .with(
            "clinicalStatus",
            json!({ "coding": [{ "system": system, "code": "active" }] }),
        )
        .with("code", code_of(item))
        .with(patient, json!({ "reference": subject }))
        .with("recordedDate", item.date.to_string());
    match &item.value {
        Some(Free::Text(text)) => (resource.with("note", json!([{ "text": text }])), None),
        value => (resource, value.as_ref()),
    }
}

fn document<'a>(item: &'a Supporting, subject: &str) -> Written<'a> {
    let attachment = Element::new().with("title", item.display.as_str());
    let (attachment, value) = match (&item.url, &item.value) {
        (Some(url), value) => (attachment.with("url", url.as_str()), value.as_ref()),
        (None, Some(Free::Text(text))) => {
            let data = STANDARD.encode(text);
            (
                attachment
                    .with("contentType", "text/plain")
                    .with("data", data),
                None,
            )
        }
        (None, value) => (attachment, value.as_ref()),
    };
    let category = (item.kind == SupportingKind::Note).then(|| {
        json!({ "coding": [{
            "system": "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category",
            "code": "clinical-note",
        }] })
    });
    let reference = Element::of("DocumentReference")
        .with("status", "current")
        .with("type", code_of(item))
        .with_all("category", category.into_iter().collect())
        .with("subject", json!({ "reference": subject }))
        .with("date", format!("{}T00:00:00Z", item.date))
        .with("content", json!([{ "attachment": attachment.done() }]));
    (reference, value)
}
