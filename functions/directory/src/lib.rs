//! The directory function: who is in the network and what they offer. Routes are in `service::directory`.
runtime::entry!(service::directory::router);
