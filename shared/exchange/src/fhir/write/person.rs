//! The patient, the clinician who asks, and who is asked.

use domain::referral::Leg;
use domain::request::{Patient, Recipient, Requester};
use serde_json::{Value, json};

use super::super::codes::{FILLER, LANGUAGE, MEDICAL_RECORD};
use super::super::free::extension;
use super::element::{Element, identifier, reference, telecom, typed_identifier};

/// The patient, under the referral's id: one copy a referral, so that no id of a patient is in a URL.
#[must_use]
pub fn patient(id: &str, patient: &Patient) -> Value {
    let contact_by = patient.contact_by.as_deref();
    let contact_by = contact_by.map(|by| extension("contact-by", "valueString", by));
    let name = Element::new()
        .with("family", patient.name.family.as_str())
        .with_all(
            "given",
            patient
                .name
                .given
                .iter()
                .map(|one| one.as_str().into())
                .collect(),
        );
    let language = patient.language.as_deref().map(|language| {
        json!({
            "language": { "coding": [{ "system": LANGUAGE, "code": language }] },
            "preferred": true,
        })
    });
    Element::of("Patient")
        .with("id", id)
        .with_all("extension", contact_by.into_iter().collect())
        .with(
            "identifier",
            vec![typed_identifier(MEDICAL_RECORD, &patient.identifier)],
        )
        .with("name", vec![name.done()])
        .with_all(
            "telecom",
            [
                telecom("phone", patient.phone.as_ref()),
                telecom("email", patient.email.as_ref()),
            ]
            .into_iter()
            .flatten()
            .collect(),
        )
        // US Core wants it; we are not told it.
        .with("gender", "unknown")
        .with("birthDate", patient.birth_date.to_string())
        .with_all("communication", language.into_iter().collect())
        .done()
}

/// The Reference to who asks, and what is contained for it.
pub(super) fn requester(
    person: Option<&Requester>,
    organization: Option<&str>,
) -> (Option<Value>, Option<Value>) {
    let organization = organization.map(|id| reference("Organization", id));
    let Some(person) = person else {
        return (organization, None);
    };
    let practitioner = Element::new()
        .with("type", "Practitioner")
        .with_some("identifier", person.identifier.as_ref().map(identifier))
        .with("display", person.name.as_str());
    let role = Element::of("PractitionerRole")
        .with("id", "requester")
        .with("practitioner", practitioner.done())
        .with_some("organization", organization)
        .with_all(
            "telecom",
            telecom("phone", person.phone.as_ref())
                .into_iter()
                .collect(),
        );
    (
        Some(json!({ "reference": "#requester", "display": person.name })),
        Some(role.done()),
    )
}

/// The filler's identifier of a leg, with who assigned it, which BSeR requires.
pub(super) fn filler(leg: &Leg) -> Option<Value> {
    let mut identifier = typed_identifier(FILLER, leg.filler.as_ref()?);
    let assigner = match &leg.recipient {
        Recipient::Member { organization, .. } => reference("Organization", organization),
        Recipient::Outside { external } => json!({ "display": external.name }),
    };
    if let Some(members) = identifier.as_object_mut() {
        members.insert("assigner".to_owned(), assigner);
    }
    Some(identifier)
}

/// The Reference to who is asked, and what is contained for it.
pub(super) fn recipient(recipient: &Recipient) -> (Option<Value>, Option<Value>) {
    match recipient {
        Recipient::Member {
            organization,
            service: None,
        } => {
            let known = (!organization.is_empty()).then(|| reference("Organization", organization));
            (known, None)
        }
        Recipient::Member {
            organization,
            service: Some(service),
        } => {
            let known = (!organization.is_empty()).then(|| reference("Organization", organization));
            let role = Element::of("PractitionerRole")
                .with("id", "recipient")
                .with_some("organization", known)
                .with(
                    "healthcareService",
                    vec![reference("HealthcareService", service)],
                );
            (
                Some(json!({ "reference": "#recipient" })),
                Some(role.done()),
            )
        }
        Recipient::Outside { external } => {
            let office = Element::of("Organization")
                .with("id", "recipient")
                .with(
                    "extension",
                    vec![extension("outside", "valueBoolean", true)],
                )
                .with("name", external.name.as_str())
                .with_all(
                    "telecom",
                    [
                        telecom("phone", external.phone.as_ref()),
                        telecom("fax", external.fax.as_ref()),
                    ]
                    .into_iter()
                    .flatten()
                    .collect(),
                );
            let reference = json!({ "reference": "#recipient", "display": external.name });
            (Some(reference), Some(office.done()))
        }
    }
}
