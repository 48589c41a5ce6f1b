//! The rows of the database as text, for a store that is no file: the local D1.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde_json::{Value, json};

/// How many rows a line of the copy has.
const ROWS_A_LINE: usize = 100;

/// The tables, but for those of the database itself, and for the sums of the measures, which triggers keep as the rows come in.
/// Organisations come last: while there are none, the copy was not loaded whole.
const TABLES: &str = "
SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> 'tallies'
ORDER BY name = 'organizations', name";

/// A line of JSON for some rows of a table: `{"sql": an INSERT, "rows": [its parameters, …]}`; bytes are `{"bytes": hexadecimal}`.
///
/// # Errors
/// When the database cannot be read.
pub fn rows(database: &Path) -> Result<String> {
    let connection =
        Connection::open(database).with_context(|| format!("opening {}", database.display()))?;
    let mut lines = String::new();
    for table in texts(&connection, TABLES)? {
        // Columns that are worked out are not written.
        let columns = texts(
            &connection,
            &format!("SELECT name FROM pragma_table_xinfo('{table}') WHERE hidden = 0"),
        )?;
        let names = columns.join(", ");
        let marks: Vec<_> = (1..=columns.len())
            .map(|number| format!("?{number}"))
            .collect();
        let sql = format!(
            "INSERT OR IGNORE INTO {table} ({names}) VALUES ({})",
            marks.join(", ")
        );
        let all = read(
            &connection,
            &format!("SELECT {names} FROM {table}"),
            columns.len(),
        )?;
        for some in all.chunks(ROWS_A_LINE) {
            lines.push_str(&json!({"sql": sql, "rows": some}).to_string());
            lines.push('\n');
        }
    }
    Ok(lines)
}

fn texts(connection: &Connection, sql: &str) -> Result<Vec<String>> {
    let mut statement = connection.prepare(sql)?;
    let texts = statement.query_map([], |row| row.get(0))?;
    Ok(texts.collect::<Result<_, _>>()?)
}

fn read(connection: &Connection, sql: &str, columns: usize) -> Result<Vec<Value>> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut read = Vec::new();
    while let Some(row) = rows.next()? {
        let values: Vec<Value> = (0..columns)
            .map(|column| value(row.get_ref(column)?))
            .collect::<Result<_>>()?;
        read.push(Value::Array(values));
    }
    Ok(read)
}

fn value(value: ValueRef<'_>) -> Result<Value> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => number.into(),
        ValueRef::Text(text) => std::str::from_utf8(text)?.into(),
        ValueRef::Blob(bytes) => json!({"bytes": hexadecimal(bytes)?}),
    })
}

fn hexadecimal(bytes: &[u8]) -> Result<String> {
    let mut text = String::new();
    for byte in bytes {
        write!(text, "{byte:02x}")?;
    }
    Ok(text)
}
