//! The exchange function: the same use cases in FHIR R4 and HL7 v2.

mod deliver;
mod fhir;
mod hl7;
mod kept;
mod matching;
mod media;
mod merge;
mod outcome;
mod take;
mod together;
mod work;

use axum::Router;
pub use deliver::run;
use ports::Platform;

use crate::http::{Mounted, Operation};

static ROUTER: Mounted = Mounted::new();

/// The routes below `/fhir` and what serves them.
pub fn fhir_operations<P: Platform>() -> Vec<Operation<P>> {
    let mut operations = crate::meta::operations!("fhir");
    operations.extend(fhir::operations());
    operations.push(Operation::new(&deliver::DELIVER, |call| {
        Box::pin(deliver::post(call))
    }));
    operations
}

/// The routes below `/hl7` and what serves them.
pub fn hl7_operations<P: Platform>() -> Vec<Operation<P>> {
    let mut operations = crate::meta::operations!("hl7");
    operations.push(Operation::new(&hl7::MESSAGE, |call| {
        Box::pin(hl7::receive(call))
    }));
    operations
}

/// The routes and what serves them.
pub fn operations<P: Platform>() -> Vec<Operation<P>> {
    let mut operations = fhir_operations();
    operations.extend(hl7_operations());
    operations
}

/// The router of one request.
pub fn router<P: Platform>(platform: P) -> Router {
    outcome::in_fhir(ROUTER.serve(platform, operations))
}
