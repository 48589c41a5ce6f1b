//! Builds: the functions as Workers and as Spin components. Cargo decides what changed; nothing is built twice.

pub mod spin;
pub mod workers;

use anyhow::{Result, bail};

use crate::workspace::Workspace;

/// What `cargo xtask build` is to build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// Workers for Cloudflare.
    Workers,
    /// Components for Spin.
    Spin,
    /// Both.
    All,
}

/// Builds `names` for `platform`; no name means every one.
///
/// # Errors
/// When a name is unknown, a tool cannot be installed, or a build fails.
pub fn run(workspace: &Workspace, platform: Platform, names: &[String]) -> Result<()> {
    let known = workspace.workers()?;
    if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
        bail!(
            "there is no function {unknown}; there are {}",
            known.join(", ")
        );
    }
    let chosen = |of: Vec<String>| -> Vec<String> {
        of.into_iter()
            .filter(|name| names.is_empty() || names.contains(name))
            .collect()
    };
    if matches!(platform, Platform::Workers | Platform::All) {
        workers::build(workspace, &chosen(known))?;
    }
    if matches!(platform, Platform::Spin | Platform::All) {
        spin::build(workspace, &chosen(workspace.functions()?))?;
    }
    Ok(())
}
