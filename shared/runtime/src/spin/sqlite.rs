//! One batch on Spin's SQLite: a transaction over one connection, tried again while another holds the lock.
//!
//! Spin's interface has no batch, so this is a call for each statement and two for the transaction. `execute` is Ok even
//! when the statement failed: the error comes with the end of its rows, and unread rows block the connection. So each
//! statement is read to its end before the next one starts.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ports::{Answer, DatabaseError, Row, Rows, Statement, Value};
use spin_sdk::sqlite::{Connection, Error, RowResult, Value as SpinValue};

use crate::error_text::{classify, is_locked};
use crate::transaction::Transaction;
use crate::value::number;

/// How often a batch is tried while the database is locked. Where the host waits for the lock by itself, up to 5 s a try,
/// the first one is nearly always enough; where it does not, the waits between the tries sum up to 1.27 s.
const TRIES_MAX: u32 = 8;

/// The wait after the first try; it doubles after each.
const FIRST_WAIT: Duration = Duration::from_millis(10);

/// The connections of one request that no batch is using.
#[derive(Clone, Default)]
pub struct Connections {
    idle: Arc<Mutex<Vec<Connection>>>,
}

/// Why one try did not take effect.
enum Failed {
    /// Another connection held the lock: the same batch is tried again.
    Locked,
    /// Anything else: a try more would not help, or is for the caller to decide.
    Otherwise(DatabaseError),
}

impl Connections {
    /// Runs the statements as one transaction.
    pub async fn batch(&self, statements: &[Statement]) -> Result<Answer, DatabaseError> {
        let transaction = Transaction::of(statements);
        let mut wait = FIRST_WAIT;
        for attempt in 1..=TRIES_MAX {
            match self.attempt(transaction, statements).await {
                Ok(answer) => return Ok(answer),
                Err(Failed::Otherwise(error)) => return Err(error),
                Err(Failed::Locked) if attempt < TRIES_MAX => spin_sdk::time::sleep(wait).await,
                Err(Failed::Locked) => break,
            }
            wait = wait.saturating_mul(2);
        }
        Err(DatabaseError::Unavailable)
    }

    /// One try. A connection goes back only when it is in no transaction: dropping one rolls back.
    async fn attempt(
        &self,
        transaction: Transaction,
        statements: &[Statement],
    ) -> Result<Answer, Failed> {
        let connection = match self.take() {
            Some(connection) => connection,
            None => Connection::open_default().await.map_err(failure)?,
        };
        if let Some(begin) = transaction.begin()
            && let Err(error) = execute(&connection, begin, Vec::new()).await
        {
            self.give_back(connection);
            return Err(error);
        }
        let outcome = run(&connection, transaction, statements).await;
        let clean = outcome.is_ok()
            || transaction == Transaction::None
            || execute(&connection, "ROLLBACK", Vec::new()).await.is_ok();
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

/// The statements and the end of their transaction; the caller opens it and rolls it back.
async fn run(
    connection: &Connection,
    transaction: Transaction,
    statements: &[Statement],
) -> Result<Answer, Failed> {
    let mut answer = Answer::default();
    for statement in statements {
        let parameters = statement.parameters.iter().map(to_spin).collect();
        answer
            .results
            .push(execute(connection, statement.sql, parameters).await?);
    }
    if transaction != Transaction::None {
        execute(connection, "COMMIT", Vec::new()).await?;
    }
    Ok(answer)
}

/// One statement, read to its end.
async fn execute(
    connection: &Connection,
    sql: &'static str,
    parameters: Vec<SpinValue>,
) -> Result<Rows, Failed> {
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

fn failure(error: Error) -> Failed {
    match error {
        Error::Io(text) if is_locked(&text) => Failed::Locked,
        Error::Io(text) => Failed::Otherwise(classify(&text)),
        // So many connections are open that the host has none left: one is given back soon.
        Error::DatabaseFull => Failed::Locked,
        Error::NoSuchDatabase | Error::AccessDenied | Error::InvalidConnection => {
            eprintln!("the SQLite database `default` is not given to this component: {error}");
            Failed::Otherwise(DatabaseError::Unavailable)
        }
    }
}
