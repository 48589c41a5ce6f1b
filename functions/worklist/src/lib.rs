//! The worklist function: lists, one referral, its timeline. Routes are in `service::worklist`.
runtime::entry!(service::worklist::router);
