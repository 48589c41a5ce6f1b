//! A referral as a ServiceRequest.

use domain::referral::Referral;
use domain::request::{Free, Recipient, Request};
use domain::status::request_status;
use domain::time::Timestamp;
use serde_json::{Value, json};

use super::super::Shown;
use super::super::codes::PLACER;
use super::super::free::{extension, extension_free, extension_of, value_of};
use super::element::{Element, concept_of, reference, typed_identifier};
use super::event::said_by_extension;
use super::task::ROW;
use super::{person, supporting};

/// The referral as a ServiceRequest: its id is the referral's. Its status is what `domain::status::request_status` says.
#[must_use]
pub fn service_request(shown: &Shown<'_>) -> Value {
    let referral = shown.referral;
    let leg = referral.leg();
    let recipient = leg.map_or(&shown.request.recipient, |leg| &leg.recipient);
    let subject = format!("Patient/{}", shown.id);
    let sent_at = referral.sent_at.to_string();
    let parts = Parts {
        subject: &subject,
        sender: Some(&referral.referrer),
        recipient,
        contained: Vec::new(),
    };
    let status = request_status(referral.status(), referral.is_finished());
    let mut identifiers: Vec<Value> = referral
        .placer
        .iter()
        .map(|one| typed_identifier(PLACER, one))
        .collect();
    if identifiers.is_empty() {
        identifiers.push(super::own_placer(shown.id));
    }
    identifiers.extend(leg.and_then(person::filler));
    let priority = referral.urgency().as_str();
    let mut resource = build(shown.request, parts);
    if shown.request.needed_by.is_none() {
        let mark = json!({ "extension": [said_by_extension(ROW)] });
        resource = resource
            .with("occurrenceDateTime", occurs_at(referral).to_string())
            .with("_occurrenceDateTime", mark);
    }
    resource
        .with("id", shown.id)
        .with_all("identifier", identifiers)
        .with("status", status)
        .with("priority", priority)
        .with(
            "authoredOn",
            shown
                .request
                .ordered_at
                .map_or(sent_at, |at| at.to_string()),
        )
        .done_with_meta(super::meta(shown))
}

/// When it takes place, where nobody has said by when it is needed: BSeR requires a date. The visit's where there is one, else that
/// of the request, which is never too late; marked as ours, so that it is not read as a wish.
fn occurs_at(referral: &Referral) -> Timestamp {
    let leg = referral.leg();
    let booked = leg.and_then(|leg| leg.appointment.as_ref()?.start);
    leg.and_then(|leg| leg.seen_at)
        .or(booked)
        .unwrap_or(referral.sent_at)
}

/// A request that has no id yet, as a ServiceRequest with everything that it refers to contained: what a partner is sent, and
/// what [`crate::fhir::read_service_request`] reads back to the same request. `sender` is the id of the referrer's organisation.
#[must_use]
pub fn order(request: &Request, sender: Option<&str>) -> Value {
    let parts = Parts {
        subject: "#patient",
        sender,
        recipient: &request.recipient,
        contained: vec![person::patient("patient", &request.patient)],
    };
    build(request, parts).done()
}

struct Parts<'a> {
    subject: &'a str,
    sender: Option<&'a str>,
    recipient: &'a Recipient,
    contained: Vec<Value>,
}

impl Element {
    /// The resource, with the labels that it already has beside what else `meta` says.
    fn done_with_meta(self, meta: Value) -> Value {
        let mut whole = self.done();
        if let Some(resource) = whole.as_object_mut() {
            let labels = resource
                .get_mut("meta")
                .and_then(|meta| meta.get_mut("security"))
                .map(Value::take);
            let mut meta = meta;
            if let (Some(members), Some(labels)) = (meta.as_object_mut(), labels) {
                members.insert("security".to_owned(), labels);
            }
            resource.insert("meta".to_owned(), meta);
        }
        whole
    }
}

fn build(request: &Request, parts: Parts<'_>) -> Element {
    let Parts {
        subject,
        sender,
        recipient,
        mut contained,
    } = parts;
    let (requester, role) = person::requester(request.requester.as_ref(), sender);
    let (performer, office) = person::recipient(recipient);
    contained.extend(role);
    contained.extend(office);
    let mut labels = Vec::new();
    let mut supporting_info = Vec::new();
    for (n, item) in request.supporting.iter().enumerate() {
        if let Some(found) = supporting::labels(item) {
            labels.extend(found);
            continue;
        }
        let id = format!("item-{n}");
        contained.push(supporting::resource(item, &id, subject));
        supporting_info.push(json!({ "reference": format!("#{id}") }));
    }
    let mut extensions = extensions(request);
    let insurance = insurance(
        request.coverage.as_ref(),
        subject,
        &mut contained,
        &mut extensions,
    );
    let meta = (!labels.is_empty()).then(|| json!({ "security": labels }));
    let mut reasons = vec![json!({ "text": request.clinical_question })];
    reasons.extend(request.reason.iter().map(concept_of));
    let placer = request
        .placer
        .iter()
        .map(|one| typed_identifier(PLACER, one))
        .collect();
    let note = request.summary.as_ref().map(|text| json!({ "text": text }));
    Element::of("ServiceRequest")
        .with_some("meta", meta)
        .with_all("contained", contained)
        .with_all("extension", extensions)
        .with_all("identifier", placer)
        .with("status", "active")
        .with("intent", "order")
        .with("priority", request.urgency.as_str())
        .with("code", concept_of(&request.service))
        .with("subject", json!({ "reference": subject }))
        .with_some("encounter", request.encounter.as_ref().map(encounter))
        .with_some(
            "occurrenceDateTime",
            request.needed_by.map(|day| day.to_string()),
        )
        .with_some("authoredOn", request.ordered_at.map(|at| at.to_string()))
        .with_some("requester", requester)
        .with_all("performer", performer.into_iter().collect())
        .with("reasonCode", reasons)
        .with_all("insurance", insurance)
        .with_all("supportingInfo", supporting_info)
        .with_all("note", note.into_iter().collect())
}

/// What FHIR has no element for.
fn extensions(request: &Request) -> Vec<Value> {
    let mut all = vec![extension("role", "valueCode", request.role.as_str())];
    let preparation = &request.preparation;
    let mut parts = vec![(
        "agreed",
        "valueCode",
        Value::from(preparation.agreed.as_str()),
    )];
    parts.extend(
        preparation
            .reason
            .as_deref()
            .map(|text| ("reason", "valueString", text.into())),
    );
    parts.extend(
        preparation
            .barriers
            .iter()
            .map(|text| ("barrier", "valueString", text.as_str().into())),
    );
    all.push(extension_of("preparation", parts));
    let text = |name: &str, value: Option<&String>| {
        value.map(|text| extension(name, "valueString", text.as_str()))
    };
    all.extend(text("urgency-reason", request.urgency_reason.as_ref()));
    all.extend(
        request
            .ordered_by_telehealth
            .map(|told| extension("ordered-by-telehealth", "valueBoolean", told)),
    );
    all.extend(
        request
            .scheduling
            .map(|who| extension("scheduling", "valueCode", who.as_str())),
    );
    all.extend(
        request
            .none_known
            .iter()
            .map(|kind| extension("none-known", "valueCode", kind.as_str())),
    );
    all.extend(text("follows", request.follows.as_ref()));
    all.extend(request.overrides.iter().map(|one| {
        let part = |name, text: &str| (name, "valueString", Value::from(text));
        extension_of(
            "override",
            vec![
                part("requirement", &one.requirement),
                part("reason", &one.reason),
            ],
        )
    }));
    all.extend(
        request
            .routed
            .as_ref()
            .map(|routed| extension_free("routed", routed)),
    );
    all
}

/// The encounter, as it was given; a text is its display.
fn encounter(free: &Free) -> Value {
    match free {
        Free::Text(text) => json!({ "display": text }),
        other => json!({ "extension": [extension_free("as-given", other)] }),
    }
}

/// Coverages and texts as `insurance`; what is neither as an extension.
fn insurance(
    coverage: Option<&Free>,
    subject: &str,
    contained: &mut Vec<Value>,
    extensions: &mut Vec<Value>,
) -> Vec<Value> {
    let all = match coverage {
        None => return Vec::new(),
        Some(Free::List(all)) if all.len() > 1 => all.as_slice(),
        Some(one) => std::slice::from_ref(one),
    };
    if !all
        .iter()
        .all(|one| matches!(one, Free::Text(_)) || is_coverage(one))
    {
        extensions.extend(coverage.map(|whole| extension_free("coverage", whole)));
        return Vec::new();
    }
    let mut insurance = Vec::new();
    for (n, one) in all.iter().enumerate() {
        if let Free::Text(text) = one {
            insurance.push(json!({ "display": text }));
            continue;
        }
        let id = format!("coverage-{n}");
        let mut whole = value_of(one);
        if let Some(resource) = whole.as_object_mut() {
            resource.insert("id".to_owned(), id.as_str().into());
            resource.insert("beneficiary".to_owned(), json!({ "reference": subject }));
        }
        contained.push(whole);
        insurance.push(reference_to(&id));
    }
    insurance
}

fn reference_to(id: &str) -> Value {
    json!({ "reference": format!("#{id}") })
}

fn is_coverage(free: &Free) -> bool {
    let Free::Object(members) = free else {
        return false;
    };
    members.get("resourceType") == Some(&Free::Text("Coverage".to_owned()))
}

/// The Reference to a referral's ServiceRequest.
pub(super) fn reference_of(id: &str) -> Value {
    reference("ServiceRequest", id)
}
