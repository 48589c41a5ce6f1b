//! The tables that the cases of the port write to; a case has a scope of its own in them.

use ports::{Platform, Row, Statement, Value};

use crate::Failure;

const CREATE_ROWS: &str = "
CREATE TABLE IF NOT EXISTS suite_rows (
  scope TEXT NOT NULL,
  id TEXT NOT NULL,
  label TEXT,
  number INTEGER,
  bytes BLOB,
  PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID";

const CREATE_LABEL_INDEX: &str =
    "CREATE UNIQUE INDEX IF NOT EXISTS suite_rows_by_label ON suite_rows (scope, label)";

const INSERT: &str =
    "INSERT INTO suite_rows (scope, id, label, number, bytes) VALUES (?1, ?2, ?3, ?4, ?5)";

const READ: &str = "SELECT id, label, number, bytes FROM suite_rows WHERE scope = ?1 ORDER BY id";

/// A case's part of the scratch tables.
pub struct Scratch<'a, P> {
    /// The platform that is tested.
    pub platform: &'a P,
    /// What sets this run of this case apart.
    pub scope: String,
}

impl<'a, P: Platform> Scratch<'a, P> {
    /// Makes the tables where there are none, and a new scope.
    pub async fn new(platform: &'a P) -> Result<Self, Failure> {
        platform
            .batch(vec![
                Statement::new(CREATE_ROWS, []),
                Statement::new(CREATE_LABEL_INDEX, []),
            ])
            .await?;
        let scope = platform
            .random()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Ok(Self { platform, scope })
    }

    /// The scope as a parameter.
    pub fn scope(&self) -> Value {
        self.scope.as_str().into()
    }

    /// Inserts a row with nothing but its id.
    pub fn insert(&self, id: &str) -> Statement {
        self.insert_all(id, Value::Null, Value::Null, Value::Null)
    }

    /// Inserts a row with a value in every column.
    pub fn insert_all(
        &self,
        id: &str,
        label: impl Into<Value>,
        number: impl Into<Value>,
        bytes: impl Into<Value>,
    ) -> Statement {
        let values = [label.into(), number.into(), bytes.into()];
        let [label, number, bytes] = values;
        Statement::new(INSERT, [self.scope(), id.into(), label, number, bytes])
    }

    /// All rows of this scope, by id.
    pub async fn rows(&self) -> Result<Vec<Row>, Failure> {
        let read = Statement::new(READ, [self.scope()]);
        let answer = self.platform.batch(vec![read]).await?;
        Ok(answer.rows(0).to_vec())
    }

    /// The ids of this scope, in order.
    pub async fn ids(&self) -> Result<Vec<String>, Failure> {
        let rows = self.rows().await?;
        Ok(rows
            .iter()
            .filter_map(|row| row.text("id").map(str::to_owned))
            .collect())
    }
}
