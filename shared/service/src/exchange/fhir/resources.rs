//! `GET` of one resource. The ServiceRequest and the Patient have the referral's id, a Task its leg's.

use formats::fhir;
use http::StatusCode;
use ports::Platform;

use super::opened::open;
use super::{answer, check_accept, versioned};
use crate::call::Call;
use crate::http::{Problem, Reply};

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
