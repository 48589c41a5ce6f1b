//! The platform port on Cloudflare Workers, on Spin and natively, and the entry points of a function.
//!
//! Only this crate knows which platform it is built for: `cfg(target_os)` appears here and nowhere else. It does not know
//! the use cases. A function crate is one line, [`entry!`], with the path of its router.
//!
//! | target | module | database | entry |
//! | --- | --- | --- | --- |
//! | `wasm32-unknown-unknown` | `cloudflare` | D1 binding `DB` | `worker` fetch and scheduled events |
//! | `wasm32-wasip2` | `spin` | SQLite database `default` | `spin_sdk` HTTP service |
//! | anything else | `native` | SQLite file or memory | none: tests and tools call the router |

mod random;

#[cfg(any(target_os = "unknown", target_os = "wasi", test))]
mod error_text;
#[cfg(any(target_os = "wasi", not(target_family = "wasm")))]
mod transaction;
mod value;

#[cfg(target_os = "unknown")]
mod cloudflare;
#[cfg(target_os = "unknown")]
pub use cloudflare::{Cloudflare, serve};

#[cfg(target_os = "wasi")]
mod spin;
#[cfg(target_os = "wasi")]
pub use spin::{Spin, serve};

#[cfg(not(target_family = "wasm"))]
mod native;
#[cfg(not(target_family = "wasm"))]
pub use native::{Native, NativeBuilder, NativeError};

mod entry;

pub use axum;
pub use http;
