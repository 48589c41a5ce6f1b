//! `spin:sqlite` over a file: one real connection for each `open`, as Spin does without libSQL.
//! Source: spinframework/spin, `crates/sqlite-inproc/src/lib.rs` and `crates/factor-sqlite/src/host.rs`. What a caller
//! can tell: a failing statement is no error of `execute-async` but of the future that comes with its rows; rows wait in
//! a buffer of [`ROWS_BUFFERED_MAX`], and a statement whose rows nobody reads holds its connection.

use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use fallible_iterator::FallibleIterator as _;
use rusqlite::Batch;
use rusqlite::types::ValueRef;
use tokio::sync::{mpsc, oneshot};
use tokio::task::spawn_blocking;
use wasmtime::StoreContextMut;
use wasmtime::component::{Destination, StreamProducer, StreamResult, VecBuffer};

use crate::bindings::sqlite::{Error, QueryResult, RowResult, Value};

/// Rows that wait for the component before the statement is held up.
const ROWS_BUFFERED_MAX: usize = 4;

/// An open connection. SQLite waits 5 s for a lock before it says "database is locked" (rusqlite's default, and Spin's).
#[derive(Clone)]
pub struct Connection(Arc<Mutex<rusqlite::Connection>>);

/// A statement under way.
pub(crate) struct Query {
    /// The names of the columns; none when the statement failed before it had any.
    pub(crate) columns: Vec<String>,
    /// The rows.
    pub(crate) rows: Rows,
    /// How it ended.
    pub(crate) end: oneshot::Receiver<Result<(), Error>>,
}

impl Connection {
    /// Opens `file`, which is made when it is not there.
    pub(crate) async fn open(file: Arc<Path>) -> Result<Self, Error> {
        blocking(move || {
            rusqlite::Connection::open(file)
                .map(Mutex::new)
                .map(Arc::new)
                .map(Self)
        })
        .await
    }

    /// Starts a statement; its rows and its error come later.
    pub(crate) async fn start(&self, statement: String, parameters: Vec<Value>) -> Query {
        let connection = self.clone();
        let (columns_sender, columns) = oneshot::channel();
        let (rows_sender, rows) = mpsc::channel(ROWS_BUFFERED_MAX);
        let (end_sender, end) = oneshot::channel();
        spawn_blocking(move || {
            let on_columns = |columns| drop(columns_sender.send(columns));
            let on_row = |row| rows_sender.blocking_send(row).is_ok();
            let result = connection.run(&statement, parameters, on_columns, on_row);
            // The end of the rows comes before the result: a reader takes them in this order.
            drop(rows_sender);
            drop(end_sender.send(result.map_err(|error| io(&error))));
        });
        Query {
            columns: columns.await.unwrap_or_default(),
            rows: Rows(rows),
            end,
        }
    }

    /// Runs a statement to its end and keeps its rows.
    pub(crate) async fn query(
        &self,
        statement: String,
        parameters: Vec<Value>,
    ) -> Result<QueryResult, Error> {
        let connection = self.clone();
        blocking(move || {
            let (mut columns, mut rows) = (Vec::new(), Vec::new());
            let on_row = |row| {
                rows.push(row);
                true
            };
            connection.run(&statement, parameters, |names| columns = names, on_row)?;
            Ok(QueryResult { columns, rows })
        })
        .await
    }

    pub(crate) async fn changes(&self) -> Result<u64, Error> {
        let connection = self.clone();
        blocking(move || Ok(connection.lock().changes())).await
    }

    pub(crate) async fn last_insert_rowid(&self) -> Result<i64, Error> {
        let connection = self.clone();
        blocking(move || Ok(connection.lock().last_insert_rowid())).await
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, rusqlite::Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs one statement. `on_row` says whether more rows are wanted.
    fn run(
        &self,
        statement: &str,
        parameters: Vec<Value>,
        on_columns: impl FnOnce(Vec<String>),
        on_row: impl FnMut(RowResult) -> bool,
    ) -> rusqlite::Result<()> {
        let connection = self.lock();
        match connection.prepare_cached(statement) {
            Ok(mut only) => step(&mut only, parameters, on_columns, on_row),
            // Of several statements Spin runs the first and says nothing of the others.
            Err(rusqlite::Error::MultipleStatement) => {
                match Batch::new(&connection, statement).next()? {
                    Some(mut first) => step(&mut first, parameters, on_columns, on_row),
                    None => Ok(()),
                }
            }
            Err(error) => Err(error),
        }
    }
}

fn step(
    statement: &mut rusqlite::Statement<'_>,
    parameters: Vec<Value>,
    on_columns: impl FnOnce(Vec<String>),
    mut on_row: impl FnMut(RowResult) -> bool,
) -> rusqlite::Result<()> {
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let width = columns.len();
    on_columns(columns);
    let mut rows = statement.query(rusqlite::params_from_iter(
        parameters.into_iter().map(to_sqlite),
    ))?;
    while let Some(row) = rows.next()? {
        let values = (0..width)
            .map(|column| from_sqlite(row.get_ref(column)?))
            .collect::<Result<_, _>>()?;
        if !on_row(RowResult { values }) {
            break;
        }
    }
    Ok(())
}

/// The rows of a statement, as a stream of the component model.
pub(crate) struct Rows(mpsc::Receiver<RowResult>);

impl<D> StreamProducer<D> for Rows {
    type Item = RowResult;
    type Buffer = VecBuffer<RowResult>;

    fn poll_produce<'a>(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        store: StoreContextMut<'a, D>,
        mut destination: Destination<'a, RowResult, VecBuffer<RowResult>>,
        finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        // No more than the component has asked for: what it has not asked for must hold the statement up.
        let wanted = destination
            .remaining(store)
            .unwrap_or(ROWS_BUFFERED_MAX)
            .min(ROWS_BUFFERED_MAX);
        if wanted == 0 {
            return Poll::Ready(Ok(StreamResult::Completed));
        }
        let mut rows = Vec::with_capacity(wanted);
        match self.0.poll_recv_many(context, &mut rows, wanted) {
            Poll::Ready(0) => Poll::Ready(Ok(StreamResult::Dropped)),
            Poll::Ready(_) => {
                destination.set_buffer(rows.into());
                Poll::Ready(Ok(StreamResult::Completed))
            }
            Poll::Pending if finish => Poll::Ready(Ok(StreamResult::Cancelled)),
            Poll::Pending => Poll::Pending,
        }
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> rusqlite::Result<T> + Send + 'static,
) -> Result<T, Error> {
    match spawn_blocking(work).await {
        Ok(result) => result.map_err(|error| io(&error)),
        Err(error) => Err(Error::Io(error.to_string())),
    }
}

fn io(error: &rusqlite::Error) -> Error {
    Error::Io(error.to_string())
}

fn to_sqlite(value: Value) -> rusqlite::types::Value {
    match value {
        Value::Null => rusqlite::types::Value::Null,
        Value::Integer(integer) => rusqlite::types::Value::Integer(integer),
        Value::Real(real) => rusqlite::types::Value::Real(real),
        Value::Text(text) => rusqlite::types::Value::Text(text),
        Value::Blob(blob) => rusqlite::types::Value::Blob(blob),
    }
}

fn from_sqlite(value: ValueRef<'_>) -> rusqlite::Result<Value> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(integer) => Value::Integer(integer),
        ValueRef::Real(real) => Value::Real(real),
        ValueRef::Text(text) => Value::Text(std::str::from_utf8(text)?.to_owned()),
        ValueRef::Blob(blob) => Value::Blob(blob.to_vec()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNT_TO: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1) SELECT i FROM n";

    async fn open() -> Connection {
        Connection::open(Path::new(":memory:").into())
            .await
            .unwrap()
    }

    async fn count(query: &mut Query) -> usize {
        let mut count = 0;
        while query.rows.0.recv().await.is_some() {
            count += 1;
        }
        count
    }

    #[tokio::test]
    async fn rows_come_with_every_kind_of_value() {
        let connection = open().await;
        let statement = "SELECT 1 AS a, 2.5, 'three', x'04', NULL";
        let mut query = connection.start(statement.to_owned(), Vec::new()).await;
        assert_eq!(query.columns, ["a", "2.5", "'three'", "x'04'", "NULL"]);
        let values = query.rows.0.recv().await.unwrap().values;
        assert!(matches!(
            &values[..],
            [Value::Integer(1), Value::Real(2.5), Value::Text(three), Value::Blob(four), Value::Null]
                if three == "three" && four == &[4]
        ));
        assert!(query.rows.0.recv().await.is_none());
        assert!(query.end.await.unwrap().is_ok());
    }

    #[tokio::test]
    async fn an_error_comes_with_the_end_and_not_before() {
        let connection = open().await;
        let mut query = connection
            .start("SELECT * FROM missing".to_owned(), Vec::new())
            .await;
        assert!(query.columns.is_empty());
        assert_eq!(count(&mut query).await, 0);
        let error = query.end.await.unwrap();
        assert!(matches!(error, Err(Error::Io(text)) if text == "no such table: missing"));
    }

    #[tokio::test]
    async fn only_the_first_of_several_statements_runs() {
        let connection = open().await;
        let script = "CREATE TABLE first (id); CREATE TABLE second (id)";
        connection
            .query(script.to_owned(), Vec::new())
            .await
            .unwrap();
        let tables = connection
            .query("SELECT name FROM sqlite_schema".to_owned(), Vec::new())
            .await
            .unwrap();
        assert_eq!(tables.rows.len(), 1);
    }

    #[tokio::test]
    async fn rows_that_nobody_reads_hold_the_connection_beyond_the_buffer() {
        let connection = open().await;
        let buffered = i64::try_from(ROWS_BUFFERED_MAX).unwrap();

        let mut fits = connection
            .start(COUNT_TO.to_owned(), vec![Value::Integer(buffered)])
            .await;
        assert!((&mut fits.end).await.unwrap().is_ok());
        assert!(connection.0.try_lock().is_ok());

        let mut held = connection
            .start(COUNT_TO.to_owned(), vec![Value::Integer(buffered + 1)])
            .await;
        assert!(connection.0.try_lock().is_err());
        assert_eq!(count(&mut held).await, ROWS_BUFFERED_MAX + 1);
        assert!(held.end.await.unwrap().is_ok());
        connection
            .query("SELECT 1".to_owned(), Vec::new())
            .await
            .unwrap();
    }

    #[tokio::test]
    async fn rows_that_are_dropped_free_the_connection() {
        let connection = open().await;
        let mut query = connection
            .start(COUNT_TO.to_owned(), vec![Value::Integer(1000)])
            .await;
        query.rows.0.recv().await.unwrap();
        drop(query.rows);
        assert!(query.end.await.unwrap().is_ok());
        connection
            .query("SELECT 1".to_owned(), Vec::new())
            .await
            .unwrap();
    }

    #[tokio::test]
    async fn a_transaction_spans_calls_and_a_dropped_connection_rolls_it_back() {
        let folder = tempfile::tempdir().unwrap();
        let file: Arc<Path> = folder.path().join("a.db").into();
        let run = |connection: Connection, statement: &'static str| async move {
            connection
                .query(statement.to_owned(), Vec::new())
                .await
                .map(|result| result.rows.len())
        };
        let first = Connection::open(file.clone()).await.unwrap();
        run(first.clone(), "CREATE TABLE t (id INTEGER PRIMARY KEY)")
            .await
            .unwrap();
        run(first.clone(), "BEGIN IMMEDIATE").await.unwrap();
        run(first.clone(), "INSERT INTO t VALUES (1)")
            .await
            .unwrap();
        assert_eq!(first.changes().await.unwrap(), 1);
        drop(first);
        let second = Connection::open(file).await.unwrap();
        assert_eq!(run(second.clone(), "SELECT * FROM t").await.unwrap(), 0);
        run(second.clone(), "INSERT INTO t VALUES (7)")
            .await
            .unwrap();
        assert_eq!(second.last_insert_rowid().await.unwrap(), 7);
    }
}
