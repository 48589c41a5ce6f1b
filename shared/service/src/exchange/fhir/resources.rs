//! `GET` of one resource. The ServiceRequest and the Patient have the referral's id, a Task and its Appointment the leg's, a
//! Communication and a Provenance that of their event, which begins with the referral's: no id says anything of a patient.

use formats::fhir;
use http::StatusCode;
use ports::Platform;

use serde_json::Value;

use super::opened::{Opened, open};
use super::{answer, base, check_accept, versioned};
use crate::call::Call;
use crate::http::{Fault, Problem, Reply};

/// Reads a referral as a ServiceRequest.
pub(super) async fn service_request<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    check_accept(&call)?;
    let opened = open(&call, call.parameter("id")).await?;
    let resource = fhir::service_request(&opened.shown());
    Ok(versioned(answer(StatusCode::OK, &resource), opened.version))
}

/// Reads a leg as a Task.
pub(super) async fn task<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    check_accept(&call)?;
    let (id, leg) = fhir::leg_of(call.parameter("id"));
    let opened = open(&call, id).await?;
    let resource = fhir::task(&opened.shown(), opened.leg(leg)?);
    Ok(versioned(answer(StatusCode::OK, &resource), opened.version))
}

/// Reads the patient of a referral.
pub(super) async fn patient<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    check_accept(&call)?;
    let opened = open(&call, call.parameter("id")).await?;
    let resource = fhir::patient(&opened.id, &opened.request.patient);
    Ok(versioned(answer(StatusCode::OK, &resource), opened.version))
}

/// Reads a leg's booked visit.
pub(super) async fn appointment<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    check_accept(&call)?;
    let (id, leg) = fhir::leg_of(call.parameter("id"));
    let opened = open(&call, id).await?;
    let resource = fhir::appointment(&opened.shown(), opened.leg(leg)?);
    let resource = resource.ok_or(Problem::NotFound)?;
    Ok(versioned(answer(StatusCode::OK, &resource), opened.version))
}

/// Reads what an event is as a resource of `kind`.
pub(super) async fn of_event<P: Platform>(call: Call<P>, kind: OfEvents) -> Result<Reply, Problem> {
    check_accept(&call)?;
    let id = call.parameter("id");
    let (referral, _) = id.split_once('.').ok_or(Problem::NotFound)?;
    let opened = open(&call, referral).await?;
    let resource = kind.resources(&opened, Some(id)).pop();
    Ok(answer(StatusCode::OK, &resource.ok_or(Problem::NotFound)?))
}

/// What the events of a referral are, beside what they changed of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OfEvents {
    /// The booked visits of its legs.
    Appointment,
    /// What the sides told each other or the patient.
    Communication,
    /// Who recorded what.
    Provenance,
}

impl OfEvents {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Appointment => "Appointment",
            Self::Communication => "Communication",
            Self::Provenance => "Provenance",
        }
    }

    /// The search parameter that names the referral.
    const fn parameter(self) -> &'static str {
        match self {
            Self::Appointment | Self::Communication => "based-on",
            Self::Provenance => "target",
        }
    }

    /// The resources of all events, or of the one with this id.
    fn resources(self, opened: &Opened, id: Option<&str>) -> Vec<Value> {
        let shown = opened.shown();
        if self == Self::Appointment {
            let legs = opened.referral.legs.iter();
            return legs
                .filter_map(|leg| fhir::appointment(&shown, leg))
                .collect();
        }
        opened
            .events()
            .filter(|(event, ..)| id.is_none_or(|id| event.id == id))
            .filter_map(|(event, hash, before)| match self {
                Self::Communication => fhir::communication(&shown, event),
                _ => Some(fhir::provenance(&shown, event, hash, before)),
            })
            .collect()
    }
}

/// Searches the resources of one referral, which the search names: one read, and one page.
pub(super) async fn of_referral<P: Platform>(
    call: Call<P>,
    kind: OfEvents,
) -> Result<Reply, Problem> {
    check_accept(&call)?;
    let name = kind.parameter();
    let mut referral = None;
    let mut faults = Vec::new();
    for (known, value) in call.query_pairs() {
        if known == name {
            referral = Some(
                value
                    .rsplit_once("ServiceRequest/")
                    .map_or(value.as_str(), |(_, id)| id),
            );
        } else if known != "_format" {
            let detail =
                "a parameter is not known here: the CapabilityStatement lists those that are";
            faults.push(Fault::query("_search", "not-supported", detail));
        }
    }
    if referral.is_none() {
        let detail = "is required: ServiceRequest/{id}";
        faults.push(Fault::query(name, "required", detail));
    }
    // Nobody without a live key is told what is wrong.
    let opened = match open(&call, referral.unwrap_or_default()).await {
        Err(Problem::NotFound) => None,
        opened => Some(opened?),
    };
    Problem::unless_empty(faults)?;
    let found = opened.map_or_else(Vec::new, |opened| kind.resources(&opened, None));
    let base = base(&call);
    let referral = referral.unwrap_or_default();
    let this = format!("{base}/{}?{name}=ServiceRequest/{referral}", kind.as_str());
    let total = u64::try_from(found.len()).ok();
    let bundle = fhir::searchset(&base, &this, None, total, found, Vec::new());
    Ok(answer(StatusCode::OK, &bundle))
}
