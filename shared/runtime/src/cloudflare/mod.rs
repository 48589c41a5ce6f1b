//! Cloudflare Workers: D1, the Worker's clock and secrets, and its fetch event.
//!
//! Nothing here may panic: a panic ends the isolate with every request in it. So the wrappers of `worker` that unwrap
//! (`D1Database::prepare`, `Headers`) are passed by, and the JavaScript objects are used directly.

mod d1;
mod fetch;

use std::future::Future;

use ports::{Answer, DatabaseError, Platform, Secret, Statement};
use worker::js_sys::Reflect;
use worker::send::IntoSendFuture;
use worker::wasm_bindgen::JsValue;
use worker::{Date, Env};

pub use fetch::serve;

/// The name of the D1 binding.
const DATABASE_BINDING: &str = "DB";

/// The platform port of one request or event on Workers.
#[derive(Debug, Clone)]
pub struct Cloudflare {
    env: Env,
}

impl Cloudflare {
    /// The port over the bindings of this Worker. A missing binding shows when it is used.
    #[must_use]
    pub fn new(env: Env) -> Self {
        Self { env }
    }

    /// The binding called `name`, unless it is missing.
    fn binding(&self, name: &str) -> Option<JsValue> {
        Reflect::get(self.env.as_ref(), &JsValue::from_str(name))
            .ok()
            .filter(|value| !value.is_undefined() && !value.is_null())
    }
}

impl Platform for Cloudflare {
    fn batch(
        &self,
        statements: Vec<Statement>,
    ) -> impl Future<Output = Result<Answer, DatabaseError>> + Send {
        let database = self.binding(DATABASE_BINDING);
        async move {
            let Some(database) = database else {
                worker::console_error!("the D1 binding {DATABASE_BINDING} is missing");
                return Err(DatabaseError::Unavailable);
            };
            d1::batch(database, &statements).await
        }
        .into_send()
    }

    fn now(&self) -> i64 {
        i64::try_from(Date::now().as_millis()).unwrap_or(i64::MAX)
    }

    fn random(&self) -> [u8; 16] {
        crate::random::sixteen_bytes()
    }

    fn report(&self, fault: &str) {
        worker::console_error!("{fault}");
    }

    fn secret(&self, secret: Secret) -> impl Future<Output = Option<String>> + Send {
        let value = self
            .binding(secret.name())
            .and_then(|value| value.as_string())
            .filter(|value| !value.is_empty());
        std::future::ready(value)
    }
}
