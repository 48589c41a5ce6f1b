//! A booked visit as an Appointment.

use domain::payload::Visit;
use domain::referral::Leg;
use domain::request::Free;
use domain::status::Status;
use domain::time::Timestamp;
use serde_json::{Value, json};

use super::super::{Shown, ids};
use super::element::Element;
use super::service_request;

/// The leg's booked visit, or the one that was; its id is the Task's. `None` where no start is known.
#[must_use]
pub fn appointment(shown: &Shown<'_>, leg: &Leg) -> Option<Value> {
    let booked = leg.appointment.as_ref()?;
    let mut resource = resource(
        &ids::task_id(shown.id, leg.leg),
        status_of(leg),
        booked.start?,
        booked.end,
        booked.location.as_ref(),
        &format!("Patient/{}", shown.id),
    );
    if let Value::Object(members) = &mut resource {
        let based_on = vec![service_request::reference_of(shown.id)];
        members.insert("basedOn".to_owned(), based_on.into());
    }
    Some(resource)
}

/// The same, contained in its Task.
pub(super) fn of_leg(leg: &Leg, subject: &str) -> Option<Value> {
    let booked = leg.appointment.as_ref()?;
    Some(resource(
        "appointment",
        status_of(leg),
        booked.start?,
        booked.end,
        booked.location.as_ref(),
        subject,
    ))
}

fn status_of(leg: &Leg) -> &'static str {
    match leg.status {
        Status::NoShow => "noshow",
        Status::AppointmentCancelled
        | Status::Cancelled
        | Status::Declined
        | Status::NotCompleted => "cancelled",
        Status::Seen | Status::Completed | Status::Closed => "fulfilled",
        Status::EnteredInError => "entered-in-error",
        _ => "booked",
    }
}

/// Whether an Appointment shows the whole location, so that it need not be kept beside it.
pub(super) fn shows(visit: &Visit) -> bool {
    visit.start.is_some() && matches!(visit.location, Some(Free::Text(_)))
}

/// An Appointment has both start and end or neither (app-2): where the end is not known it is the start.
pub(super) fn resource(
    id: &str,
    status: &str,
    start: Timestamp,
    end: Option<Timestamp>,
    location: Option<&Free>,
    subject: &str,
) -> Value {
    let mut participants = vec![json!({ "actor": { "reference": subject }, "status": "accepted" })];
    if let Some(Free::Text(place)) = location {
        participants.push(
            json!({ "actor": { "type": "Location", "display": place }, "status": "accepted" }),
        );
    }
    Element::of("Appointment")
        .with("id", id)
        .with("status", status)
        .with("start", start.to_string())
        .with("end", end.unwrap_or(start).to_string())
        .with("participant", participants)
        .done()
}
