//! The schema, executed at every start as `spin up --sqlite @file` does: each file whole, in the order of the names.
//! The files keep their own books; a second run must change nothing.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use thiserror::Error;

/// Why the schema could not be brought up to date.
#[derive(Debug, Error)]
pub enum MigrationError {
    /// The folder or a file in it cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The folder or file.
        path: PathBuf,
        /// What the file system says.
        source: std::io::Error,
    },
    /// A file's SQL failed.
    #[error("{}: {source}", path.display())]
    Sql {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
}

/// Makes `database` if it is not there, sets the write-ahead log and executes every `*.sql` in `folder`.
///
/// # Errors
/// [`MigrationError`], naming the file.
pub fn apply(database: &Path, folder: Option<&Path>) -> Result<(), MigrationError> {
    let connection = Connection::open(database).map_err(|source| sql(database, source))?;
    connection
        .pragma_update(None, "journal_mode", "wal")
        .map_err(|source| sql(database, source))?;
    for file in folder.map(files).transpose()?.unwrap_or_default() {
        let text = std::fs::read_to_string(&file).map_err(|source| read(&file, source))?;
        connection
            .execute_batch(&text)
            .map_err(|source| sql(&file, source))?;
    }
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, MigrationError> {
    let entries = std::fs::read_dir(folder).map_err(|source| read(folder, source))?;
    let mut files = entries
        .map(|entry| {
            entry
                .map(|entry| entry.path())
                .map_err(|source| read(folder, source))
        })
        .collect::<Result<Vec<_>, _>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "sql"));
    files.sort();
    Ok(files)
}

fn read(path: &Path, source: std::io::Error) -> MigrationError {
    MigrationError::Read {
        path: path.to_owned(),
        source,
    }
}

fn sql(path: &Path, source: rusqlite::Error) -> MigrationError {
    MigrationError::Sql {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_run_whole_in_the_order_of_their_names_at_every_start() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("a.db");
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write(
            "0002_second.sql",
            "INSERT INTO t VALUES (1); INSERT INTO t VALUES (2);",
        );
        write("0001_first.sql", "CREATE TABLE IF NOT EXISTS t (id);");
        write("notes.txt", "not SQL");
        for rows in [2, 4] {
            apply(&database, Some(folder.path())).unwrap();
            let connection = Connection::open(&database).unwrap();
            let count: i64 = connection
                .query_row("SELECT count(*) FROM t", [], |row| row.get(0))
                .unwrap();
            assert_eq!(count, rows);
            let mode: String = connection
                .query_row("PRAGMA journal_mode", [], |row| row.get(0))
                .unwrap();
            assert_eq!(mode, "wal");
        }
    }

    #[test]
    fn the_file_that_fails_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("0001_bad.sql"), "CREATE TABEL t").unwrap();
        let error = apply(&folder.path().join("a.db"), Some(folder.path())).unwrap_err();
        assert!(error.to_string().contains("0001_bad.sql"), "{error}");
    }
}
