//! The exchange function: the same use cases in FHIR R4 and HL7 v2. Routes are in `service::exchange`; on Workers a cron trigger sends
//! what is due in these formats too.
runtime::entry!(service::exchange::router, scheduled: service::exchange::run);
