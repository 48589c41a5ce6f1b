//! The suite on native SQLite: one test a case, each on a database of its own.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use runtime::Native;
use store_suite::{NAMES, run};

/// Where the schema is, one numbered file a step.
const MIGRATIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations");

/// A migrated database in memory.
fn platform() -> Result<Native, Box<dyn Error>> {
    let mut files = fs::read_dir(MIGRATIONS)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<PathBuf>, std::io::Error>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "sql"));
    files.sort();
    let texts = files
        .iter()
        .map(fs::read_to_string)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Native::in_memory().migrations(texts).open()?)
}

/// Runs one case of the table.
fn case(platform: &Native, name: &str) -> Result<(), Box<dyn Error>> {
    let outcome = pollster::block_on(run(platform, name)).ok_or("no such case")?;
    Ok(outcome?)
}

macro_rules! tests {
    ($($module:ident: $case:ident,)*) => {
        $(
            #[test]
            fn $case() -> Result<(), Box<dyn Error>> {
                case(&platform()?, stringify!($case))
            }
        )*
    };
}
store_suite::cases!(tests);

#[test]
fn the_same_database_takes_a_second_run() -> Result<(), Box<dyn Error>> {
    let platform = platform()?;
    for name in NAMES.iter().chain(NAMES) {
        case(&platform, name)?;
    }
    Ok(())
}
