//! `GET /fhir/metadata`: what is spoken here. Public, as FHIR has it: it says nothing of anyone.

use formats::fhir;
use http::StatusCode;
use ports::Platform;

use super::{answer, base, check_accept};
use crate::call::Call;
use crate::http::{Problem, Reply};

/// Answers the CapabilityStatement.
pub(super) async fn read<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    check_accept(&call)?;
    let statement = fhir::capability_statement(&base(&call), call.now);
    Ok(answer(StatusCode::OK, &statement))
}
