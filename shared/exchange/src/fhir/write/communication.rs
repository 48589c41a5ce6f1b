//! What the two sides, or a side and the patient, told each other, as a Communication.

use domain::event::Event;
use domain::payload::Payload;
use serde_json::{Value, json};

use super::super::Shown;
use super::element::{Element, coding, reference};
use super::service_request;

/// The system of our kinds of event where they stand as a code.
pub(super) const EVENT_TYPE: &str = "urn:referral-loop:event-type";

/// An event that is a message between the two sides, or to the patient: a note, a question, an answer, a contact. `None` for
/// every other kind.
#[must_use]
pub fn communication(shown: &Shown<'_>, event: &Event) -> Option<Value> {
    use domain::kind::EventKind as E;
    let to_patient = matches!(event.kind, E::PatientInformed | E::PatientContacted);
    let text = match event.data.as_ref() {
        Payload::Remark(remark) if event.kind == E::ReferralNote => {
            remark.note.as_deref().or(remark.reason.as_deref())
        }
        Payload::InfoRequested(asked) => asked.question.as_deref(),
        Payload::InfoSupplied(supplied) => supplied.note.as_deref(),
        Payload::Informed(informed) => informed.note.as_deref(),
        Payload::Contacted(contacted) => contacted.note.as_deref(),
        _ => return None,
    };
    let channel = match event.data.as_ref() {
        Payload::Informed(informed) => Some(&informed.channel),
        Payload::Contacted(contacted) => Some(&contacted.channel),
        _ => None,
    };
    let sender = event
        .by
        .organization
        .as_deref()
        .map(|id| reference("Organization", id));
    Some(
        Element::of("Communication")
            .with("id", event.id.as_str())
            .with("basedOn", vec![service_request::reference_of(shown.id)])
            .with("status", "completed")
            .with(
                "category",
                json!([{ "coding": [coding(EVENT_TYPE, event.kind.as_str(), None)] }]),
            )
            .with_all(
                "medium",
                channel
                    .map(|channel| json!({ "text": channel }))
                    .into_iter()
                    .collect(),
            )
            .with("subject", reference("Patient", shown.id))
            .with("sent", event.occurred_at.to_string())
            .with_all(
                "recipient",
                to_patient
                    .then(|| reference("Patient", shown.id))
                    .into_iter()
                    .collect(),
            )
            .with_some("sender", sender)
            .with_all(
                "payload",
                text.map(|text| json!({ "contentString": text }))
                    .into_iter()
                    .collect(),
            )
            .done(),
    )
}
