//! What one instance of a component holds, and the Spin interfaces served from it.

use std::sync::Arc;

use wasmtime::component::{
    Accessor, FutureReader, HasSelf, Linker, Resource, ResourceTable, StreamReader,
};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::bindings::{sqlite, variables};
use crate::outbound::Gate;
use crate::output::Output;
use crate::settings::Settings;
use crate::sqlite::Connection;
use crate::template::is_name;

/// One instance's own: nothing is shared with another but what [`Settings`] says.
pub(crate) struct State {
    settings: Arc<Settings>,
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    gate: Gate,
}

impl State {
    pub(crate) fn new(settings: Arc<Settings>) -> Self {
        let output = Output::new(settings.id.clone());
        let mut wasi = WasiCtx::builder();
        wasi.stdout(output.clone()).stderr(output);
        for (name, value) in &settings.environment {
            wasi.env(name, value);
        }
        Self {
            table: ResourceTable::new(),
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            gate: Gate {
                component: settings.id.clone(),
                allowed: settings.allowed_hosts.clone(),
            },
            settings,
        }
    }

    /// Everything that a component may import.
    pub(crate) fn link(linker: &mut Linker<Self>) -> wasmtime::Result<()> {
        wasmtime_wasi::p2::add_to_linker_async(linker)?;
        wasmtime_wasi::p3::add_to_linker(linker)?;
        wasmtime_wasi_http::p3::add_to_linker(linker)?;
        sqlite::add_to_linker::<_, HasSelf<Self>>(linker, |state| state)?;
        variables::add_to_linker::<_, HasSelf<Self>>(linker, |state| state)
    }

    /// May this component open that database? The check comes before any other, as in Spin.
    fn may_open(&self, database: &str) -> Result<(), sqlite::Error> {
        if self.settings.databases.contains(database) {
            Ok(())
        } else {
            Err(sqlite::Error::AccessDenied)
        }
    }

    fn connection(&self, handle: &Resource<Connection>) -> Result<Connection, sqlite::Error> {
        self.table
            .get(handle)
            .cloned()
            .map_err(|_| sqlite::Error::InvalidConnection)
    }

    fn push(&mut self, connection: Connection) -> Result<Resource<Connection>, sqlite::Error> {
        self.table
            .push(connection)
            .map_err(|error| sqlite::Error::Io(error.to_string()))
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: &mut self.gate,
        }
    }
}

impl variables::Host for State {}

impl<T: 'static> variables::HostWithStore<T> for HasSelf<State> {
    async fn get(
        accessor: &Accessor<T, Self>,
        name: String,
    ) -> wasmtime::Result<Result<String, variables::Error>> {
        if !is_name(&name) {
            return Ok(Err(variables::Error::InvalidName(name)));
        }
        let value = accessor.with(|mut access| access.get().settings.variables.get(&name).cloned());
        Ok(value.ok_or(variables::Error::Undefined(name)))
    }
}

impl sqlite::Host for State {}

/// The older, blocking half of the interface.
impl sqlite::HostConnection for State {
    async fn open(
        &mut self,
        database: String,
    ) -> wasmtime::Result<Result<Resource<Connection>, sqlite::Error>> {
        if let Err(denied) = self.may_open(&database) {
            return Ok(Err(denied));
        }
        let opened = Connection::open(self.settings.database_file.clone()).await;
        Ok(opened.and_then(|connection| self.push(connection)))
    }

    async fn execute(
        &mut self,
        handle: Resource<Connection>,
        statement: String,
        parameters: Vec<sqlite::Value>,
    ) -> wasmtime::Result<Result<sqlite::QueryResult, sqlite::Error>> {
        match self.connection(&handle) {
            Ok(connection) => Ok(connection.query(statement, parameters).await),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn changes(&mut self, handle: Resource<Connection>) -> wasmtime::Result<u64> {
        Ok(self.connection(&handle)?.changes().await?)
    }

    async fn last_insert_rowid(&mut self, handle: Resource<Connection>) -> wasmtime::Result<i64> {
        Ok(self.connection(&handle)?.last_insert_rowid().await?)
    }

    async fn drop(&mut self, handle: Resource<Connection>) -> wasmtime::Result<()> {
        self.table.delete(handle)?;
        Ok(())
    }
}

type Streamed = (
    Vec<String>,
    StreamReader<sqlite::RowResult>,
    FutureReader<Result<(), sqlite::Error>>,
);

/// The newer half, which spin-sdk 7 uses: other requests of the instance go on meanwhile.
impl<T: 'static> sqlite::HostConnectionWithStore<T> for HasSelf<State> {
    async fn open_async(
        accessor: &Accessor<T, Self>,
        database: String,
    ) -> wasmtime::Result<Result<Resource<Connection>, sqlite::Error>> {
        let file = accessor.with(|mut access| {
            let state = access.get();
            state
                .may_open(&database)
                .map(|()| state.settings.database_file.clone())
        });
        let opened = match file {
            Ok(file) => Connection::open(file).await,
            Err(denied) => Err(denied),
        };
        Ok(opened.and_then(|connection| accessor.with(|mut access| access.get().push(connection))))
    }

    async fn execute_async(
        accessor: &Accessor<T, Self>,
        handle: Resource<Connection>,
        statement: String,
        parameters: Vec<sqlite::Value>,
    ) -> wasmtime::Result<Result<Streamed, sqlite::Error>> {
        let connection = match accessor.with(|mut access| access.get().connection(&handle)) {
            Ok(connection) => connection,
            Err(error) => return Ok(Err(error)),
        };
        let query = connection.start(statement, parameters).await;
        accessor.with(|mut access| {
            let rows = StreamReader::new(&mut access, query.rows)?;
            let end = FutureReader::new(&mut access, query.end)?;
            Ok(Ok((query.columns, rows, end)))
        })
    }

    async fn changes_async(
        accessor: &Accessor<T, Self>,
        handle: Resource<Connection>,
    ) -> wasmtime::Result<u64> {
        let connection = accessor.with(|mut access| access.get().connection(&handle))?;
        Ok(connection.changes().await?)
    }

    async fn last_insert_rowid_async(
        accessor: &Accessor<T, Self>,
        handle: Resource<Connection>,
    ) -> wasmtime::Result<i64> {
        let connection = accessor.with(|mut access| access.get().connection(&handle))?;
        Ok(connection.last_insert_rowid().await?)
    }
}
