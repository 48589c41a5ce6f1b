//! The HTTP side: finds the component that owns a path and hands it the request.
//! Source: spinframework/spin, `crates/trigger-http/src/{server,headers}.rs`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use bytes::Bytes;
use http::uri::{Authority, Scheme};
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use wasmtime_wasi_http::{Error, WasiBody};

use crate::component::{self, Handler};
use crate::manifest::Manifest;
use crate::routes::{Match, Routes};
use crate::settings::Settings;

/// Spin answers below this path itself.
const WELL_KNOWN: &str = "/.well-known/spin/";

/// An application whose components are compiled.
pub struct App {
    routes: Routes,
    handlers: BTreeMap<String, Handler>,
}

impl App {
    /// Compiles the components; one that was compiled before comes from `cache`.
    ///
    /// # Errors
    /// A component cannot be read or compiled, or imports what this host does not serve.
    pub fn load(
        manifest: &Manifest,
        settings: Vec<Settings>,
        cache: &Path,
    ) -> anyhow::Result<Self> {
        let engine = component::engine(cache)?;
        let handlers = settings
            .into_iter()
            .map(|settings| Ok((settings.id.to_string(), component::load(&engine, settings)?)))
            .collect::<anyhow::Result<_>>()?;
        let routes = manifest
            .trigger
            .http
            .iter()
            .map(|trigger| (trigger.route.as_str(), trigger.component.as_str()));
        Ok(Self {
            routes: Routes::new(routes),
            handlers,
        })
    }

    async fn answer(&self, request: Request<Incoming>, client: SocketAddr) -> Response<WasiBody> {
        let path = request.uri().path().to_owned();
        if let Some(well_known) = path.strip_prefix(WELL_KNOWN) {
            return match well_known {
                "health" => Response::new(
                    Full::new(Bytes::from_static(b"OK"))
                        .map_err(|never| match never {})
                        .boxed_unsync(),
                ),
                _ => empty(StatusCode::NOT_FOUND),
            };
        }
        let Some(found) = self.routes.find(&path) else {
            return empty(StatusCode::NOT_FOUND);
        };
        match self.hand_over(request, &found, client).await {
            Ok(response) => response,
            Err(error) => {
                eprintln!("[{}] no answer: {error:#}", found.component);
                empty(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }

    async fn hand_over(
        &self,
        request: Request<Incoming>,
        found: &Match<'_, '_>,
        client: SocketAddr,
    ) -> anyhow::Result<Response<WasiBody>> {
        let handler = self
            .handlers
            .get(found.component)
            .context("no such component")?;
        let mut request = request.map(|body| body.map_err(Error::from).boxed_unsync());
        set_absolute_uri(&mut request)?;
        set_spin_headers(&mut request, found, client)?;
        Ok(handler.handle((), request).await?)
    }
}

/// Answers on `listener` for as long as the future is polled.
///
/// # Errors
/// The listener fails.
pub async fn serve(listener: TcpListener, app: Arc<App>) -> std::io::Result<()> {
    loop {
        let (stream, client) = listener.accept().await?;
        // An answer goes out in two pieces, head and body: without this the second waits for the client's ACK.
        stream.set_nodelay(true)?;
        let app = app.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let app = app.clone();
                async move { Ok::<_, std::convert::Infallible>(app.answer(request, client).await) }
            });
            if let Err(error) = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await
                && !error.is_incomplete_message()
            {
                eprintln!("connection: {error}");
            }
        });
    }
}

/// A component sees the whole address of the request, its host from the `Host` header.
fn set_absolute_uri(request: &mut Request<WasiBody>) -> anyhow::Result<()> {
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    let named = match request.headers().get(header::HOST) {
        Some(host) => Some(host.to_str()?.parse::<Authority>()?),
        None => None,
    };
    parts.authority = Some(named.or(parts.authority).context("no Host header")?);
    parts.scheme = Some(Scheme::HTTP);
    *request.uri_mut() = Uri::from_parts(parts)?;
    Ok(())
}

/// The headers that Spin adds for the component.
fn set_spin_headers(
    request: &mut Request<WasiBody>,
    found: &Match<'_, '_>,
    client: SocketAddr,
) -> anyhow::Result<()> {
    let prefix = found.route.strip_suffix("/...").unwrap_or(found.route);
    let added = [
        ("spin-full-url", request.uri().to_string()),
        ("spin-path-info", found.path_info.to_owned()),
        ("spin-matched-route", found.route.to_owned()),
        ("spin-base-path", "/".to_owned()),
        ("spin-raw-component-route", found.route.to_owned()),
        ("spin-component-route", prefix.to_owned()),
        ("spin-client-addr", client.to_string()),
    ];
    for (name, value) in added {
        request.headers_mut().insert(
            HeaderName::from_static(name),
            HeaderValue::from_str(&value)?,
        );
    }
    Ok(())
}

fn empty(status: StatusCode) -> Response<WasiBody> {
    let mut response = Response::new(Empty::new().map_err(|never| match never {}).boxed_unsync());
    *response.status_mut() = status;
    response
}
