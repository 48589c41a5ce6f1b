//! `cargo bench-loop`.

use std::process::ExitCode;

use anyhow::Result;

use crate::workspace::Workspace;

/// placeholder
///
/// # Errors
/// never
pub fn run(_workspace: &Workspace) -> Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
