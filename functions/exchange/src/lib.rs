//! The exchange function: the same use cases in FHIR R4 and HL7 v2. Routes are in `service::exchange`.
runtime::entry!(service::exchange::router);
