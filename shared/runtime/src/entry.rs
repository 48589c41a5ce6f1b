//! The one line of a function crate: its entry points, for the platform that it is built for.

/// The entry points of a function, from the path of its router: `fn router<P: Platform>(platform: P) -> axum::Router`.
///
/// With `scheduled:` the path of an `async fn run<P: Platform>(platform: P)` too, for the cron trigger of Workers. Spin has
/// no such event: there the same work is reached over HTTP.
///
/// ```ignore
/// runtime::entry!(service::sweep::router, scheduled: service::sweep::run);
/// ```
#[cfg(target_os = "unknown")]
#[macro_export]
macro_rules! entry {
    ($router:path $(, scheduled: $run:path)?) => {
        #[::worker::event(fetch)]
        async fn fetch(
            request: ::worker::web_sys::Request,
            env: ::worker::Env,
            context: ::worker::Context,
        ) -> ::worker::Result<::worker::web_sys::Response> {
            $crate::serve($router($crate::Cloudflare::of_fetch(env, context)), request).await
        }

        $(
            #[::worker::event(scheduled)]
            async fn scheduled(
                _event: ::worker::ScheduledEvent,
                env: ::worker::Env,
                _context: ::worker::ScheduleContext,
            ) {
                $run($crate::Cloudflare::new(env)).await;
            }
        )?
    };
}

/// The entry point of a function, from the path of its router: `fn router<P: Platform>(platform: P) -> axum::Router`.
///
/// `scheduled:` is for Workers. Spin has no such event: there the same work is reached over HTTP.
#[cfg(target_os = "wasi")]
#[macro_export]
macro_rules! entry {
    ($router:path $(, scheduled: $run:path)?) => {
        #[::spin_sdk::http_service]
        async fn serve(request: ::spin_sdk::http::Request) -> impl ::spin_sdk::http::IntoResponse {
            $crate::serve($router($crate::Spin::new()), request).await
        }
    };
}

/// Nothing: natively a function has no entry point, and tests and tools call its router. The paths are checked all the same.
#[cfg(not(target_family = "wasm"))]
#[macro_export]
macro_rules! entry {
    ($router:path $(, scheduled: $run:path)?) => {
        const _: fn($crate::Native) -> $crate::axum::Router = $router;
    };
}
