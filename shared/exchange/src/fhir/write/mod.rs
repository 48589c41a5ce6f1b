//! FHIR out. Every function is total: what is not known is left out.

use domain::event::Event;
use domain::referral::Leg;
use domain::request::{Patient, Request};
use domain::time::Timestamp;
use serde_json::Value;

use super::Shown;
use crate::said::{Fault, Warning};

/// The referral as a ServiceRequest: its id is the referral's. Active until the loop is closed; a decline leaves it active,
/// because the need is still open.
#[must_use]
pub fn service_request(_shown: &Shown<'_>) -> Value {
    Value::Null
}

/// A request that has no id yet, as a ServiceRequest with everything that it refers to contained: what a partner is sent, and
/// what [`super::read_service_request`] reads back to the same request.
#[must_use]
pub fn order(_request: &Request, _sender: Option<&str>) -> Value {
    Value::Null
}

/// One leg as a Task: `{id}` for the first, `{id}-{n}` for the n-th.
#[must_use]
pub fn task(_shown: &Shown<'_>, _leg: &Leg) -> Value {
    Value::Null
}

/// The patient, under the referral's id: one copy a referral, so that no id of a patient is in a URL.
#[must_use]
pub fn patient(_id: &str, _patient: &Patient) -> Value {
    Value::Null
}

/// The leg's booked visit, or the one that was; its id is the Task's. `None` where no start is known.
#[must_use]
pub fn appointment(_shown: &Shown<'_>, _leg: &Leg) -> Option<Value> {
    None
}

/// An event that is a message between the two sides, or to the patient. `None` for every other kind.
#[must_use]
pub fn communication(_shown: &Shown<'_>, _event: &Event) -> Option<Value> {
    None
}

/// Who recorded an event, when, and its place in the chain: `hash` and the one before it.
#[must_use]
pub fn provenance(
    _shown: &Shown<'_>,
    _event: &Event,
    _hash: &str,
    _previous: Option<&str>,
) -> Value {
    Value::Null
}

/// Every fault as an error, every warning as a warning; neither: one informational issue that all is well.
#[must_use]
pub fn operation_outcome(_faults: &[Fault], _warnings: &[Warning]) -> Value {
    Value::Null
}

/// What this server speaks, at `base`.
#[must_use]
pub fn capability_statement(_base: &str, _date: Timestamp) -> Value {
    Value::Null
}

/// A page of matches, with what they include. `this` and `next` are whole URLs; `total` only where it was counted.
#[must_use]
pub fn searchset(
    _base: &str,
    _this: &str,
    _next: Option<&str>,
    _total: Option<u64>,
    _matches: Vec<Value>,
    _included: Vec<Value>,
) -> Value {
    Value::Null
}

/// The BSeR message Bundle that says how a leg stands: MessageHeader (I12), Task, ServiceRequest, Patient, organisations, and
/// the feedback document where a report came. `message_id` is a UUID, `endpoint` where it is sent.
#[must_use]
pub fn message(
    _shown: &Shown<'_>,
    _leg: &Leg,
    _base: &str,
    _endpoint: &str,
    _message_id: &str,
) -> Value {
    Value::Null
}
