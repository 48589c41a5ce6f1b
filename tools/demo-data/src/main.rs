//! `demo-data --database FILE [--rows FILE]` makes the demo network in a new database, copies its rows for a store that is no file,
//! and prints the keys as JSON. `ADMIN_KEY` and `MASTER_KEY` are those of the deployment that will serve it.

use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Context, Result, bail};
use demo_data::{Secrets, fill, rows};
use ports::Platform;
use runtime::Native;

fn main() -> Result<()> {
    let mut arguments = pico_args::Arguments::from_env();
    let database: PathBuf = arguments.value_from_str("--database")?;
    let rows_file: Option<PathBuf> = arguments.opt_value_from_str("--rows")?;
    let unknown = arguments.finish();
    if !unknown.is_empty() {
        bail!("what is not known: {unknown:?}");
    }
    if database.exists() {
        bail!("{} is there already", database.display());
    }
    let secret = |name: &str| env::var(name).with_context(|| format!("set {name}"));
    // What was cut off is begun anew: only what is whole gets the name that is asked for.
    let part = database.with_extension("part");
    for left in ["part", "part-wal", "part-shm"] {
        let left = database.with_extension(left);
        if left.exists() {
            fs::remove_file(left)?;
        }
    }
    let now_ms = Native::in_memory().open()?.now();
    let secrets = Secrets {
        admin_key: &secret("ADMIN_KEY")?,
        master_key: &secret("MASTER_KEY")?,
    };
    // The file is whole once the deployment over it is dropped.
    let (_, told) = fill(Native::file(&part), secrets, now_ms)?;
    if let Some(file) = rows_file {
        fs::write(&file, rows(&part)?).with_context(|| format!("writing {}", file.display()))?;
    }
    fs::rename(&part, &database)?;
    println!("{told}");
    Ok(())
}
