//! The gateway: one address for the whole network on Cloudflare, where each Worker has its own host name.
//!
//! It hands a request on by service binding and knows nothing else: no database, no secret, no body is read here.
//! Spin routes by path itself, so this crate is empty there.

#[cfg(any(target_os = "unknown", test))]
mod problem;
#[cfg(any(target_os = "unknown", test))]
mod route;
#[cfg(target_os = "unknown")]
mod worker_events;
