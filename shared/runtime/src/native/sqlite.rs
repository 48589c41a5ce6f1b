//! One batch on a native SQLite connection.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ports::{Answer, DatabaseError, Row, Rows, Statement, Value};
use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef};
use rusqlite::{Connection, Error, ErrorCode, params_from_iter};

use crate::transaction::Transaction;
use crate::value::number;

/// How long a statement waits for another connection's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// What SQLite says before the columns of a key that is taken.
const UNIQUE: &str = "UNIQUE constraint failed: ";

/// Opens the file at `path`, or a database in memory.
pub fn open(path: Option<&Path>) -> Result<Connection, Error> {
    let connection = match path {
        Some(path) => Connection::open(path)?,
        None => Connection::open_in_memory()?,
    };
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.execute_batch("PRAGMA journal_mode = WAL")?;
    Ok(connection)
}

/// Runs all statements of one migration, as one transaction.
pub fn migrate(connection: &Connection, text: &str) -> Result<(), Error> {
    let outcome = connection
        .execute_batch("BEGIN IMMEDIATE")
        .and_then(|()| connection.execute_batch(text))
        .and_then(|()| connection.execute_batch("COMMIT"));
    if outcome.is_err() && !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK")?;
    }
    outcome
}

/// Runs the statements as one transaction.
pub fn batch(connection: &Connection, statements: &[Statement]) -> Result<Answer, DatabaseError> {
    let transaction = Transaction::of(statements);
    let outcome = run(connection, transaction, statements);
    if outcome.is_err() && !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK").map_err(failure)?;
    }
    outcome.map_err(failure)
}

fn run(
    connection: &Connection,
    transaction: Transaction,
    statements: &[Statement],
) -> Result<Answer, Error> {
    if let Some(begin) = transaction.begin() {
        connection.execute_batch(begin)?;
    }
    let mut answer = Answer::default();
    for statement in statements {
        answer.results.push(execute(connection, statement)?);
    }
    if transaction.begin().is_some() {
        connection.execute_batch("COMMIT")?;
    }
    Ok(answer)
}

/// One statement, read to its end.
fn execute(connection: &Connection, statement: &Statement) -> Result<Rows, Error> {
    let mut prepared = connection.prepare_cached(statement.sql)?;
    let columns: Arc<[String]> = prepared.column_names().map(str::to_owned).collect();
    let mut rows = prepared.query(params_from_iter(statement.parameters.iter().map(to_sqlite)))?;
    let mut read = Vec::new();
    while let Some(row) = rows.next()? {
        let values = (0..columns.len())
            .map(|index| row.get_ref(index).map(from_sqlite))
            .collect::<Result<Vec<_>, _>>()?;
        read.push(Row::new(Arc::clone(&columns), values));
    }
    Ok(Rows(read))
}

fn to_sqlite(value: &Value) -> ToSqlOutput<'_> {
    match value {
        Value::Null => ToSqlOutput::Owned(Owned::Null),
        Value::Integer(number) => ToSqlOutput::Owned(Owned::Integer(*number)),
        Value::Real(number) => ToSqlOutput::Owned(Owned::Real(*number)),
        Value::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
        Value::Blob(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
    }
}

fn from_sqlite(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(float) => number(float),
        ValueRef::Text(bytes) => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    }
}

fn failure(error: Error) -> DatabaseError {
    match error {
        Error::SqliteFailure(cause, message) => {
            let message = message.unwrap_or_else(|| cause.to_string());
            match (cause.code, message.split_once(UNIQUE)) {
                (_, Some((_, constraint))) => DatabaseError::Conflict {
                    constraint: constraint.to_owned(),
                },
                (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, None) => {
                    DatabaseError::Unavailable
                }
                (_, None) => DatabaseError::Refused { reason: message },
            }
        }
        // Its Display repeats the whole statement.
        Error::SqlInputError { msg, .. } => DatabaseError::Refused { reason: msg },
        other => DatabaseError::Refused {
            reason: other.to_string(),
        },
    }
}
