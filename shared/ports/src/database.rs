//! The database port: statements in, rows out, one atomic batch a round trip.

use std::sync::Arc;

/// One SQL statement and what is bound to its `?1`, `?2`, … .
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The text, the same on every platform.
    pub sql: &'static str,
    /// One value a placeholder, in order.
    pub parameters: Vec<Value>,
}

impl Statement {
    /// A statement and its parameters.
    #[must_use]
    pub fn new<const N: usize>(sql: &'static str, parameters: [Value; N]) -> Self {
        Self {
            sql,
            parameters: parameters.into(),
        }
    }
}

/// A value that every platform's SQLite can bind and return.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// A whole number; exact up to 2^53 - 1, because D1 hands numbers over as JavaScript's.
    Integer(i64),
    /// A number with a fraction (a result of SQL's arithmetic; never stored).
    Real(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Integer(i64::from(flag))
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Blob(bytes)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// What a batch answered: the rows of each statement, in the statements' order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// One entry a statement, empty where it returns nothing.
    pub results: Vec<Rows>,
    /// Rows the database read, where the platform counts them (D1 bills them).
    pub rows_read: Option<u64>,
    /// Rows the database wrote, index entries included, where the platform counts them.
    pub rows_written: Option<u64>,
}

impl Answer {
    /// The rows of the `index`-th statement; none when there is no such statement.
    #[must_use]
    pub fn rows(&self, index: usize) -> &[Row] {
        self.results.get(index).map_or(&[], |rows| &rows.0)
    }

    /// The first row of the `index`-th statement.
    #[must_use]
    pub fn first(&self, index: usize) -> Option<&Row> {
        self.rows(index).first()
    }
}

/// The rows of one statement.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows(pub Vec<Row>);

/// One row: values under their column's name. Columns of one statement must have different names.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    columns: Arc<[String]>,
    values: Vec<Value>,
}

impl Row {
    /// A row; `columns` is shared by all rows of a statement.
    #[must_use]
    pub fn new(columns: Arc<[String]>, values: Vec<Value>) -> Self {
        Self { columns, values }
    }

    /// The value under `column`; NULL when there is no such column.
    #[must_use]
    pub fn value(&self, column: &str) -> &Value {
        self.columns
            .iter()
            .position(|name| name == column)
            .and_then(|index| self.values.get(index))
            .unwrap_or(&Value::Null)
    }

    /// The text under `column`, if it is text.
    #[must_use]
    pub fn text(&self, column: &str) -> Option<&str> {
        match self.value(column) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number under `column`, if it is one.
    #[must_use]
    pub fn integer(&self, column: &str) -> Option<i64> {
        match self.value(column) {
            Value::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// Whether the number under `column` is there and not 0.
    #[must_use]
    pub fn flag(&self, column: &str) -> bool {
        self.integer(column).is_some_and(|number| number != 0)
    }

    /// The bytes under `column`, if they are bytes.
    #[must_use]
    pub fn blob(&self, column: &str) -> Option<&[u8]> {
        match self.value(column) {
            Value::Blob(bytes) => Some(bytes),
            _ => None,
        }
    }
}

/// Why a batch did not take effect. Never carries a parameter's value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseError {
    /// A row with this key is there already: of two writers the other one won.
    #[error("a row with the same key is there already: {constraint}")]
    Conflict {
        /// What SQLite says after "UNIQUE constraint failed: ", such as `events.referral_id, events.seq`.
        constraint: String,
    },
    /// The database is locked, overloaded or out of reach; the same batch may work later.
    #[error("the database cannot be reached or is busy")]
    Unavailable,
    /// The database refused the batch: a fault of the program or of the schema.
    #[error("the database refused a statement: {reason}")]
    Refused {
        /// SQLite's message, without parameters.
        reason: String,
    },
}
