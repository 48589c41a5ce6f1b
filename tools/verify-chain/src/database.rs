//! The database in a file: SQLite's own, or the SQL text that `wrangler d1 export` writes, which is run in memory.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};

/// What every SQLite database begins with.
const SQLITE_HEADER: &[u8] = b"SQLite format 3\0";

/// Opens what is in the file, for reading.
///
/// # Errors
/// When it cannot be read, or holds neither; never with a text of it.
pub fn open(path: &Path) -> Result<Connection> {
    let connection = if is_sqlite(path)? {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Connection::open_with_flags(path, flags).map_err(|error| quiet(&error))?
    } else {
        let text = fs::read(path)?;
        load(&String::from_utf8(text).map_err(|_| anyhow!("neither SQLite nor a text"))?)?
    };
    for table in ["referrals", "events"] {
        if !has_table(&connection, table)? {
            bail!("there is no table `{table}` in it");
        }
    }
    Ok(connection)
}

/// Runs an export in memory. It may say anything, so it is let nowhere else: with no database to attach, no statement reaches
/// a file.
fn load(sql: &str) -> Result<Connection> {
    // SQLite stops at the first one, and the rest would go unseen.
    if sql.contains('\0') {
        bail!("neither SQLite nor SQL");
    }
    let connection = Connection::open_in_memory().map_err(|error| quiet(&error))?;
    connection
        .set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)
        .and_then(|_| connection.execute_batch(sql))
        .map_err(|error| quiet(&error))
        .context("the SQL cannot be run")?;
    Ok(connection)
}

fn is_sqlite(path: &Path) -> Result<bool> {
    use std::io::Read;
    let mut header = Vec::new();
    let length = u64::try_from(SQLITE_HEADER.len())?;
    fs::File::open(path)?
        .take(length)
        .read_to_end(&mut header)?;
    Ok(header == SQLITE_HEADER)
}

/// Whether the database has the table: an older export lacks the newer ones.
///
/// # Errors
/// When the database cannot be read.
pub fn has_table(connection: &Connection, name: &str) -> Result<bool> {
    let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?1";
    let count: i64 = connection
        .query_row(sql, [name], |row| row.get(0))
        .map_err(|error| quiet(&error))?;
    Ok(count > 0)
}

/// An error without SQLite's message, which repeats the statement and with it what is stored.
pub(crate) fn quiet(error: &rusqlite::Error) -> anyhow::Error {
    match error.sqlite_error_code() {
        Some(code) => anyhow!("SQLite says {code:?}"),
        None => anyhow!("a column holds another type than the schema says"),
    }
}
