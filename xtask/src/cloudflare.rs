//! What an operator sets once for Cloudflare.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;

const DATABASE_ID: &str = "database_id = ";
/// A UUID in its usual form.
const ID_CHARACTERS: usize = 36;

/// Writes the id of the D1 database into every wrangler.toml that has one.
///
/// # Errors
/// When `id` is not a UUID or a file cannot be changed.
pub fn set_database_id(workspace: &Workspace, id: &str) -> Result<()> {
    let is_uuid = id.len() == ID_CHARACTERS
        && id
            .chars()
            .all(|character| character == '-' || character.is_ascii_hexdigit());
    if !is_uuid {
        bail!("{id} is not a database's id; `npx wrangler d1 create referral-loop` prints it");
    }
    for name in workspace.workers()? {
        let file = workspace.wrangler_toml(&name);
        let text =
            fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
        let changed: String = text
            .split_inclusive('\n')
            .map(|line| {
                if line.starts_with(DATABASE_ID) {
                    format!("{DATABASE_ID}\"{id}\"\n")
                } else {
                    line.to_owned()
                }
            })
            .collect();
        if changed != text {
            fs::write(&file, changed).with_context(|| format!("writing {}", file.display()))?;
            println!("{}", file.display());
        }
    }
    Ok(())
}
