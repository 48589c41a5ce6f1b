//! One batch on Spin's SQLite: a transaction over one connection, tried again while another holds the lock.
//!
//! Spin's interface has no batch, so this is a call for each statement and two for the transaction. `execute` is Ok even
//! when the statement failed: the error comes with the end of its rows, and unread rows block the connection. So each
//! statement is read to its end before the next one starts.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ports::{Answer, DatabaseError, Row, Rows, Statement, Value};
use spin_sdk::sqlite::{Connection, Error, RowResult, Value as SpinValue};

use crate::error_text::classify;
use crate::transaction::Transaction;
use crate::value::number;

/// How often a batch is tried while the database is locked. Spin's host waits by itself, up to 5 s a try; where it does not
/// the waits between the tries sum up to 1.27 s.
const TRIES_MAX: u32 = 8;

/// The wait after the first try; it doubles after each.
const FIRST_WAIT: Duration = Duration::from_millis(10);

/// The connections of one request that no batch is using.
#[derive(Clone, Default)]
pub struct Connections {
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Connections {
    /// Runs the statements as one transaction.
    pub async fn batch(&self, statements: Vec<Statement>) -> Result<Answer, DatabaseError> {
        let transaction = Transaction::of(&statements);
        let mut wait = FIRST_WAIT;
        for _ in 1..TRIES_MAX {
            match self.attempt(transaction, &statements).await {
                Err(DatabaseError::Unavailable) => spin_sdk::time::sleep(wait).await,
                done => return done,
            }
            wait = wait.saturating_mul(2);
        }
        self.attempt(transaction, &statements).await
    }

    /// One try. A connection goes back only when it is in no transaction; dropping one rolls back.
    async fn attempt(
        &self,
        transaction: Transaction,
        statements: &[Statement],
    ) -> Result<Answer, DatabaseError> {
        let connection = match self.take() {
            Some(connection) => connection,
            None => Connection::open_default().await.map_err(failure)?,
        };
        let outcome = run(&connection, transaction, statements).await;
        let clean = match (&outcome, transaction) {
            (Ok(_), _) | (Err(_), Transaction::None) => true,
            (Err(_), _) => execute(&connection, "ROLLBACK", Vec::new()).await.is_ok(),
        };
        if clean {
            self.give_back(connection);
        }
        outcome
    }

    fn take(&self) -> Option<Connection> {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop()
    }

    fn give_back(&self, connection: Connection) {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(connection);
    }
}

/// The statements inside their transaction; the caller rolls back.
async fn run(
    connection: &Connection,
    transaction: Transaction,
    statements: &[Statement],
) -> Result<Answer, DatabaseError> {
    if let Some(begin) = transaction.begin() {
        execute(connection, begin, Vec::new()).await?;
    }
    let mut answer = Answer::default();
    for statement in statements {
        let parameters = statement.parameters.iter().map(to_spin).collect();
        answer
            .results
            .push(execute(connection, statement.sql, parameters).await?);
    }
    if transaction.begin().is_some() {
        execute(connection, "COMMIT", Vec::new()).await?;
    }
    Ok(answer)
}

/// One statement, read to its end.
async fn execute(
    connection: &Connection,
    sql: &'static str,
    parameters: Vec<SpinValue>,
) -> Result<Rows, DatabaseError> {
    let result = connection.execute(sql, parameters).await.map_err(failure)?;
    let columns: Arc<[String]> = result.columns().into();
    let rows = result.collect().await.map_err(failure)?;
    Ok(Rows(
        rows.into_iter()
            .map(|RowResult { values }| {
                let values = values.into_iter().map(from_spin).collect();
                Row::new(Arc::clone(&columns), values)
            })
            .collect(),
    ))
}

fn to_spin(value: &Value) -> SpinValue {
    match value {
        Value::Null => SpinValue::Null,
        Value::Integer(number) => SpinValue::Integer(*number),
        Value::Real(number) => SpinValue::Real(*number),
        Value::Text(text) => SpinValue::Text(text.clone()),
        Value::Blob(bytes) => SpinValue::Blob(bytes.clone()),
    }
}

fn from_spin(value: SpinValue) -> Value {
    match value {
        SpinValue::Null => Value::Null,
        SpinValue::Integer(number) => Value::Integer(number),
        SpinValue::Real(float) => number(float),
        SpinValue::Text(text) => Value::Text(text),
        SpinValue::Blob(bytes) => Value::Blob(bytes),
    }
}

fn failure(error: Error) -> DatabaseError {
    match error {
        Error::Io(text) => classify(&text),
        // The database is not given to this component, or the host has no connection left.
        Error::NoSuchDatabase
        | Error::AccessDenied
        | Error::InvalidConnection
        | Error::DatabaseFull => DatabaseError::Unavailable,
    }
}
