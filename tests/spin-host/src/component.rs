//! One component of the application: compiled once, instantiated as requests come, its instances reused as Spin does.
//! Source: spinframework/spin, `crates/trigger-http/src/{lib,server}.rs`; the worker itself is wasmtime-wasi-http's.

use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::time::Sleep;
use wasmtime::component::{Component, GuestTaskId, Linker};
use wasmtime::{Cache, CacheConfig, Config, Engine, Store, StoreContextMut};
use wasmtime_wasi_http::WasiHttpView;
use wasmtime_wasi_http::handler::{
    HandlerState, Instance, Proxy, ProxyHandler, ShouldAccept, WorkerExpiration, WorkerState,
    WorkerStatus,
};
use wasmtime_wasi_http::p3::bindings::ServicePre;

use crate::settings::Settings;
use crate::state::State;

/// Requests that an instance serves before it is dropped: Spin's default for WASI 0.3.
const REQUESTS_PER_INSTANCE_MAX: usize = 128;
/// Requests that an instance serves at a time: Spin's default for WASI 0.3.
const CONCURRENT_REQUESTS_PER_INSTANCE_MAX: usize = 16;
/// How long an instance waits for its next request before it is dropped: Spin's default.
const IDLE_MAX: Duration = Duration::from_secs(1);

/// Hands requests to the instances of one component.
pub(crate) type Handler = ProxyHandler<Template>;

/// What instances of a component are made from.
pub(crate) struct Template {
    engine: Engine,
    service: ServicePre<State>,
    settings: Arc<Settings>,
}

/// An engine whose compiled components are kept in `cache`, so that only a changed one is compiled again.
pub(crate) fn engine(cache: &Path) -> anyhow::Result<Engine> {
    let mut cache_config = CacheConfig::new();
    cache_config.with_directory(cache);
    let mut config = Config::new();
    config.wasm_component_model_async(true);
    config.cache(Some(Cache::new(cache_config)?));
    Ok(Engine::new(&config)?)
}

/// Compiles a component and checks that everything it imports is served.
pub(crate) fn load(engine: &Engine, settings: Settings) -> anyhow::Result<Handler> {
    let service = compile(engine, &settings.source).with_context(|| {
        format!(
            "component {:?} ({})",
            settings.id,
            settings.source.display()
        )
    })?;
    Ok(ProxyHandler::new(Template {
        engine: engine.clone(),
        service,
        settings: Arc::new(settings),
    }))
}

fn compile(engine: &Engine, file: &Path) -> anyhow::Result<ServicePre<State>> {
    let component = Component::from_file(engine, file)?;
    let mut linker = Linker::new(engine);
    State::link(&mut linker)?;
    Ok(ServicePre::new(linker.instantiate_pre(&component)?)?)
}

impl HandlerState for Template {
    type StoreData = State;
    type WorkerExpiration = Idle;
    type WorkerState = Reuse;

    async fn instantiate(&self) -> wasmtime::Result<Instance<State, Idle, Reuse>> {
        let mut store = Store::new(&self.engine, State::new(self.settings.clone()));
        let proxy = Proxy::P3(self.service.instantiate_async(&mut store).await?);
        Ok(Instance {
            store,
            proxy,
            view: State::http,
            expiration: Idle(Box::pin(tokio::time::sleep(IDLE_MAX))),
            state: Reuse {
                component: self.settings.id.clone(),
            },
        })
    }
}

/// Drops an instance that has nothing to do; one that works is never interrupted (Spin sets no limit by default).
pub(crate) struct Idle(Pin<Box<Sleep>>);

impl WorkerExpiration for Idle {
    fn poll(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        status: WorkerStatus,
        since: Instant,
    ) -> Poll<()> {
        if status != WorkerStatus::Idle {
            return Poll::Pending;
        }
        let until = tokio::time::Instant::from_std(since) + IDLE_MAX;
        if self.0.deadline() != until {
            self.0.as_mut().reset(until);
        }
        self.0.as_mut().poll(context)
    }
}

/// How often and how densely one instance is used.
pub(crate) struct Reuse {
    component: Arc<str>,
}

impl WorkerState for Reuse {
    type StoreData = State;
    type RequestData = ();

    fn should_accept_request(&self, concurrent: usize, total: usize) -> ShouldAccept {
        if total >= REQUESTS_PER_INSTANCE_MAX {
            ShouldAccept::Never
        } else if concurrent >= CONCURRENT_REQUESTS_PER_INSTANCE_MAX {
            ShouldAccept::No
        } else {
            ShouldAccept::Yes
        }
    }

    fn on_request_start(
        &self,
        _: StoreContextMut<'_, State>,
        (): (),
        _: GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + Sync>> {
        Box::pin(std::future::pending())
    }

    fn drop(&self, store: Store<State>, result: wasmtime::Result<()>) {
        if let Err(error) = result {
            eprintln!(
                "[{}] the instance failed and is dropped: {error:#}",
                self.component
            );
        }
        drop(store);
    }
}
