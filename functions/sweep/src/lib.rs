//! The sweep function: what is overdue. Routes are in `service::sweep`; on Workers a cron trigger runs it too.
runtime::entry!(service::sweep::router, scheduled: service::sweep::run);
