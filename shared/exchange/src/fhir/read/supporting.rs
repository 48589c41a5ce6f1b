//! What comes with a request: results, lists, documents, consents.

use domain::request::{Supporting, SupportingKind};
use domain::time::Date;
use serde_json::Value;

use super::super::codes::{CONSENT, LOINC, NONE_KNOWN};
use super::super::limits::SUPPORTING_MAX;
use super::node::Node;
use super::reader::{Reader, day_of};

/// What was found to come with a request.
#[derive(Default)]
pub(super) struct Found<'a> {
    pub items: Vec<Supporting>,
    pub none_known: Vec<SupportingKind>,
    taken: Vec<&'a Value>,
}

/// The types that say who or what, not what was found: no items by themselves.
const NO_ITEMS: &[&str] = &[
    "Bundle",
    "Composition",
    "Coverage",
    "Device",
    "Encounter",
    "Endpoint",
    "HealthcareService",
    "Location",
    "MessageHeader",
    "Organization",
    "OperationOutcome",
    "Parameters",
    "Patient",
    "Practitioner",
    "PractitionerRole",
    "Provenance",
    "RelatedPerson",
    "ServiceRequest",
    "Task",
    "Medication",
    "Specimen",
    "Binary",
    "Subscription",
];

impl<'a> Reader<'_, 'a> {
    /// Follows `ServiceRequest.supportingInfo`, `Task.input` or what else refers to an item.
    pub fn take_reference(
        &mut self,
        reference: Node<'a>,
        day: Option<Date>,
        found: &mut Found<'a>,
    ) {
        let target = self.follow(reference);
        match &target.resource {
            Some(resource) => self.take_item(resource, day, found),
            None => {
                let display = target
                    .display()
                    .unwrap_or("Supporting information")
                    .to_owned();
                let url = target.reference.text("reference").map(str::to_owned);
                self.warn(
                    target.reference.at.clone(),
                    "did not come along; its reference and its display are kept",
                );
                let date = self.date_or(None, day, &target.reference);
                if let Some(date) = date {
                    found.items.push(Supporting {
                        kind: SupportingKind::Document,
                        code: None,
                        display,
                        date,
                        value: None,
                        url,
                    });
                }
            }
        }
    }

    /// Takes one resource in, or everything in a Bundle of them (BSeR's request document). Once only.
    pub fn take_item(&mut self, resource: &Node<'a>, day: Option<Date>, found: &mut Found<'a>) {
        if resource.kind() == "Bundle" {
            for entry in resource.items("entry") {
                // Not a Bundle in this one: BSeR has one step, and the index of resources holds the rest.
                if let Some(inner) = self
                    .index
                    .resource_of(&entry)
                    .filter(|inner| inner.kind() != "Bundle")
                {
                    self.take_item(&inner, day, found);
                }
            }
            return;
        }
        if NO_ITEMS.contains(&resource.kind())
            || found
                .taken
                .iter()
                .any(|one| std::ptr::eq(*one, resource.value))
        {
            return;
        }
        if found.items.len() >= SUPPORTING_MAX {
            if found.items.len() == SUPPORTING_MAX {
                let detail = format!("is one of more than {SUPPORTING_MAX} supporting items");
                self.fault(resource.at.clone(), "too-long", &detail);
            }
            return;
        }
        found.taken.push(resource.value);
        if let Some(why) = self.not_so(resource) {
            self.warn(resource.at.clone(), why);
            return;
        }
        if let Some(kind) = self.says_none(resource) {
            if !found.none_known.contains(&kind) {
                found.none_known.push(kind);
            }
            return;
        }
        let item = self.item(resource, day);
        found.items.extend(item);
    }

    /// Why a resource says that something is not, or was never meant.
    fn not_so(&self, resource: &Node<'a>) -> Option<&'static str> {
        if let Some("entered-in-error" | "cancelled" | "not-taken" | "not-done") =
            resource.text("status")
        {
            return Some("is not in force by its status, and is not taken as an item");
        }
        let verified = resource.child("verificationStatus")?;
        let code = verified
            .items("coding")
            .into_iter()
            .find_map(|coding| coding.text("code"));
        matches!(code, Some("entered-in-error" | "refuted"))
            .then_some("is refuted or entered in error, and is not taken as an item")
    }

    fn says_none(&self, resource: &Node<'a>) -> Option<SupportingKind> {
        let concept = concept_of(resource)?;
        let codings = self.codings(&concept);
        NONE_KNOWN
            .iter()
            .find(|(code, _)| codings.iter().any(|coding| coding.code == *code))
            .map(|(_, kind)| *kind)
    }

    fn item(&mut self, resource: &Node<'a>, day: Option<Date>) -> Option<Supporting> {
        let kind = self.kind_of_item(resource);
        let concept = concept_of(resource);
        let display = concept
            .as_ref()
            .and_then(|concept| self.words(concept))
            .or_else(|| resource.text("description"))
            .or_else(|| attachment(resource)?.text("title"))
            .unwrap_or(match resource.kind() {
                // What says no type is kept as a document, and called what it is written as.
                "" => "DocumentReference",
                kind => kind,
            })
            .to_owned();
        let (display, code) = match resource.kind() {
            "Consent" => (self.consent_display(resource), Some(CONSENT.to_owned())),
            _ => (
                display,
                concept.as_ref().and_then(|concept| self.item_code(concept)),
            ),
        };
        let date = self.date_or(date_of(resource), day, resource)?;
        let value = self.item_value(resource, &kind);
        let url = resource
            .extension("url")
            .and_then(|url| url.text("valueUrl"))
            .or_else(|| attachment(resource)?.text("url"))
            .map(str::to_owned);
        Some(Supporting {
            kind: kind.unwrap_or(SupportingKind::Document),
            code,
            display,
            date,
            value,
            url,
        })
    }

    /// What an item is, by its type and category; `None` for a type that we do not model.
    fn kind_of_item(&mut self, resource: &Node<'a>) -> Option<SupportingKind> {
        let categories: Vec<String> = resource
            .items("category")
            .iter()
            .flat_map(|category| category.items("coding"))
            .filter_map(|coding| coding.text("code").map(str::to_ascii_lowercase))
            .collect();
        let is_any = |codes: &[&str]| categories.iter().any(|one| codes.contains(&one.as_str()));
        match resource.kind() {
            "Observation" | "DiagnosticReport"
                if is_any(&["imaging", "rad", "ct", "nmr", "rus", "cus", "rx", "xrc"]) =>
            {
                Some(SupportingKind::Imaging)
            }
            "Observation" => Some(SupportingKind::Lab),
            "DiagnosticReport" if is_any(&["laboratory", "lab", "ch", "hm", "mb"]) => {
                Some(SupportingKind::Lab)
            }
            "DiagnosticReport" => Some(SupportingKind::Document),
            "ImagingStudy" => Some(SupportingKind::Imaging),
            "MedicationStatement"
            | "MedicationRequest"
            | "MedicationAdministration"
            | "MedicationDispense" => Some(SupportingKind::Medication),
            "AllergyIntolerance" => Some(SupportingKind::Allergy),
            "Condition" => Some(SupportingKind::Problem),
            "DocumentReference" if is_any(&["clinical-note"]) => Some(SupportingKind::Note),
            "DocumentReference" => Some(SupportingKind::Document),
            "Consent" => None,
            _ => {
                self.warn(
                    resource.at.clone(),
                    "is of a type that is not modelled, and is kept as it came",
                );
                None
            }
        }
    }

    /// LOINC's code first, then the first.
    fn item_code(&self, concept: &Node<'a>) -> Option<String> {
        let all = concept.items("coding");
        all.iter()
            .find(|coding| coding.text("system") == Some(LOINC))
            .or_else(|| all.first())
            .and_then(|coding| coding.text("code"))
            .map(str::to_owned)
    }

    fn consent_display(&self, consent: &Node<'a>) -> String {
        let scope = consent
            .child("scope")
            .and_then(|scope| self.words(&scope))
            .unwrap_or_default();
        let permit = consent
            .child("provision")
            .and_then(|provision| provision.text("type"))
            .unwrap_or_default();
        let words: Vec<&str> = ["Consent", scope, permit]
            .into_iter()
            .filter(|word| !word.is_empty())
            .collect();
        words.join(", ")
    }

    /// An item's own date, else the request's, said so.
    fn date_or(&mut self, own: Option<Date>, day: Option<Date>, item: &Node<'a>) -> Option<Date> {
        match (own, day) {
            (Some(own), _) => Some(own),
            (None, Some(day)) => {
                self.warn(
                    item.at.clone(),
                    "has no date of its own; the request's stands for it",
                );
                Some(day)
            }
            (None, None) => {
                self.fault(
                    item.at.clone(),
                    "required",
                    "must have a date, or the request authoredOn",
                );
                None
            }
        }
    }
}

/// The element that says what an item is about.
fn concept_of<'a>(resource: &Node<'a>) -> Option<Node<'a>> {
    ["code", "medicationCodeableConcept", "type", "category"]
        .iter()
        .find_map(|name| resource.child(name).filter(|found| found.value.is_object()))
}

/// The first attachment of a document or report.
pub(super) fn attachment<'a>(resource: &Node<'a>) -> Option<Node<'a>> {
    let content = resource.items("content").into_iter().next();
    content
        .and_then(|content| content.child("attachment"))
        .or_else(|| resource.items("presentedForm").into_iter().next())
}

/// The date of an item, by the element that its type has for it.
fn date_of(resource: &Node<'_>) -> Option<Date> {
    const ELEMENTS: &[&str] = &[
        "effectiveDateTime",
        "effectiveInstant",
        "issued",
        "onsetDateTime",
        "recordedDate",
        "started",
        "authoredOn",
        "dateAsserted",
        "dateTime",
        "date",
        "authored",
        "performedDateTime",
        "occurrenceDateTime",
        "created",
    ];
    if let Some(date) = ELEMENTS
        .iter()
        .find_map(|name| resource.text(name).and_then(day_of))
    {
        return Some(date);
    }
    let period = [
        "effectivePeriod",
        "onsetPeriod",
        "performedPeriod",
        "occurrencePeriod",
        "period",
    ]
    .iter()
    .find_map(|name| resource.child(name))?;
    period
        .text("end")
        .or_else(|| period.text("start"))
        .and_then(day_of)
}
