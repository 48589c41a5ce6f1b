//! Cloudflare Workers: D1, the Worker's clock and secrets, and its fetch event.
//!
//! Nothing here may panic: a panic ends the isolate with every request in it. So the wrappers of `worker` that unwrap
//! (`D1Database::prepare`, `Headers`) are passed by, and the JavaScript objects are used directly.

mod d1;
mod fetch;
mod outbound;

use std::future::Future;
use std::sync::Arc;

use ports::{Answer, Answered, DatabaseError, Outgoing, Platform, SendError, Setting, Statement};
use worker::js_sys::Reflect;
use worker::send::IntoSendFuture;
use worker::wasm_bindgen::JsValue;
use worker::wasm_bindgen_futures::future_to_promise;
use worker::{Context, Date, Env};

pub use fetch::serve;

/// The name of the D1 binding.
const DATABASE_BINDING: &str = "DB";

/// The platform port of one request or event on Workers.
#[derive(Debug, Clone)]
pub struct Cloudflare {
    env: Env,
    /// The context of a fetch event; a scheduled one waits for all its work.
    context: Option<Arc<Context>>,
}

impl Cloudflare {
    /// The port over the bindings of this Worker. A missing binding shows when it is used.
    #[must_use]
    pub fn new(env: Env) -> Self {
        Self { env, context: None }
    }

    /// The same for a fetch event: work may go on after its answer.
    #[must_use]
    pub fn of_fetch(env: Env, context: Context) -> Self {
        Self {
            env,
            context: Some(Arc::new(context)),
        }
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

    fn send(&self, request: Outgoing) -> impl Future<Output = Result<Answered, SendError>> + Send {
        outbound::send(request).into_send()
    }

    fn send_and_read(
        &self,
        request: Outgoing,
        bytes_max: usize,
    ) -> impl Future<Output = Result<(Answered, Vec<u8>), SendError>> + Send {
        outbound::send_and_read(request, bytes_max).into_send()
    }

    fn after(&self, work: impl Future<Output = ()> + Send + 'static) {
        if let Some(context) = &self.context {
            let promise = future_to_promise(async move {
                work.await;
                Ok(JsValue::UNDEFINED)
            });
            // Where the event takes no more work the sweep does it.
            let _ = context.as_ref().as_ref().wait_until(&promise);
        }
    }

    fn setting(&self, setting: Setting) -> impl Future<Output = Option<String>> + Send {
        let value = self
            .binding(setting.name())
            .and_then(|value| value.as_string())
            .filter(|value| !value.is_empty());
        std::future::ready(value)
    }
}
