//! The status function: what has happened to a referral. Routes are in `service::status`.
runtime::entry!(service::status::router);
