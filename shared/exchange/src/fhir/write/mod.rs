//! FHIR out. Every function is total: what is not known is left out.

mod bundles;
mod capability;
mod communication;
mod element;
mod event;
mod outcome;
mod person;
mod provenance;
mod service_request;
mod supporting;
mod task;
mod visit;

use domain::request::Identifier;
use serde_json::{Value, json};

pub(super) use element::Element;

pub use bundles::{message, searchset};
pub use capability::{SERVICE_REQUEST_SEARCH, TASK_SEARCH, capability_statement};
pub use communication::communication;
pub use outcome::operation_outcome;
pub use person::patient;
pub use provenance::provenance;
pub use service_request::{order, service_request};
pub use task::task;
pub use visit::appointment;

use super::codes::PLACER;
use super::{OUR_REFERRAL, Shown};

/// `meta`, whose version is the ETag's.
fn meta(shown: &Shown<'_>) -> Value {
    json!({ "versionId": shown.version.to_string(), "lastUpdated": shown.last_modified.to_string() })
}

/// BSeR wants a placer's identifier: where the referrer gave none, ours stands for it.
fn own_placer(id: &str) -> Value {
    element::typed_identifier(
        PLACER,
        &Identifier {
            system: OUR_REFERRAL.to_owned(),
            value: id.to_owned(),
        },
    )
}
