//! What the native platform alone can do: two connections to one file, a clock that stands, migrations, secrets.

use std::error::Error;
use std::path::PathBuf;
use std::thread;

use ports::{DatabaseError, Platform, Setting, Statement};
use runtime::{Native, NativeError};

type Outcome = Result<(), Box<dyn Error>>;

/// A database file that is removed at the end of its test, with what SQLite puts beside it.
struct File(PathBuf);

impl File {
    fn new(name: &str) -> Self {
        let file = format!("referral-loop-{}-{name}.db", std::process::id());
        Self(std::env::temp_dir().join(file))
    }
}

impl Drop for File {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm"] {
            let mut path = self.0.clone().into_os_string();
            path.push(suffix);
            let _ = std::fs::remove_file(path);
        }
    }
}

const TABLE: &str = "CREATE TABLE IF NOT EXISTS notes (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID";
const INSERT: &str = "INSERT INTO notes (id) VALUES (?1)";
const COUNT: &str = "SELECT count(*) AS notes FROM notes";

fn count(platform: &Native) -> Result<Option<i64>, DatabaseError> {
    let answer = pollster::block_on(platform.batch(vec![Statement::new(COUNT, [])]))?;
    Ok(answer.first(0).and_then(|row| row.integer("notes")))
}

#[test]
fn of_two_connections_that_write_one_key_one_wins() -> Outcome {
    let file = File::new("race");
    let platforms = [(); 4].map(|()| Native::file(&file.0).migrations([TABLE]).open());
    let mut racers = Vec::new();
    for (racer, platform) in platforms.into_iter().enumerate() {
        let platform = platform?;
        racers.push(thread::spawn(move || {
            let own = Statement::new(INSERT, [format!("own-{racer}").into()]);
            let key = Statement::new(INSERT, ["the key".into()]);
            pollster::block_on(platform.batch(vec![own, key]))
        }));
    }
    let outcomes: Vec<_> = racers.into_iter().flat_map(|racer| racer.join()).collect();
    let conflict = DatabaseError::Conflict {
        constraint: "notes.id".to_owned(),
    };
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let lost = outcomes.iter().filter_map(|outcome| outcome.as_ref().err());
    assert_eq!(lost.filter(|error| **error == conflict).count(), 3);
    assert_eq!(count(&Native::file(&file.0).open()?)?, Some(2));
    Ok(())
}

#[test]
fn the_clock_stands_until_it_is_moved() -> Outcome {
    let platform = Native::in_memory().now(1_000).open()?;
    let clone = platform.clone();
    assert_eq!(platform.now(), 1_000);
    platform.advance(500);
    assert_eq!(clone.now(), 1_500);
    platform.set_now(7);
    assert_eq!(clone.now(), 7);
    Ok(())
}

#[test]
fn a_migration_that_fails_undoes_itself_and_says_which_it_is() -> Outcome {
    let file = File::new("migrations");
    let bad = "INSERT INTO notes VALUES ('half'); INSERT INTO missing VALUES (1);";
    let outcome = Native::file(&file.0).migrations([TABLE, bad]).open();
    assert!(matches!(
        outcome,
        Err(NativeError::Migration { number: 2, .. })
    ));
    assert_eq!(count(&Native::file(&file.0).open()?)?, Some(0));
    Ok(())
}

#[test]
fn a_secret_is_there_once_it_is_given() -> Outcome {
    let platform = Native::in_memory()
        .setting(Setting::MasterKey, "m")
        .open()?;
    let setting = |setting| pollster::block_on(platform.setting(setting));
    assert_eq!(setting(Setting::MasterKey).as_deref(), Some("m"));
    assert_eq!(setting(Setting::AdminKey), None);
    Ok(())
}
