//! The intake function: a referral comes in. Routes are in `service::intake`.
runtime::entry!(service::intake::router);
