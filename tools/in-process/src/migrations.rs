//! The schema, as every store has it.

use std::path::Path;

use anyhow::{Context, Result};

/// The texts of all migrations, in order.
///
/// # Errors
/// When one cannot be read.
pub fn migrations() -> Result<Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let mut files = std::fs::read_dir(&folder)
        .with_context(|| format!("reading {}", folder.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    files.sort();
    files
        .iter()
        .map(|file| {
            std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))
        })
        .collect()
}
