//! Builds: the functions as Workers and as Spin components. Cargo decides what changed; nothing is built twice.

pub mod spin;
pub mod workers;

use anyhow::{Result, bail};

use crate::workspace::{GATEWAY, STORE_FUNCTION, Workspace};

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
    let mut known = workspace.workers()?;
    known.push(STORE_FUNCTION.to_owned());
    if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
        bail!(
            "there is no function {unknown}; there are {}",
            known.join(", ")
        );
    }
    let chosen = |all: Vec<String>| {
        if names.is_empty() {
            all
        } else {
            names.to_vec()
        }
    };
    if matches!(platform, Platform::Workers | Platform::All) {
        workers::build(workspace, &chosen(workspace.workers()?))?;
    }
    if matches!(platform, Platform::Spin | Platform::All) {
        let mut components = chosen(workspace.functions()?);
        components.retain(|name| name != GATEWAY);
        spin::build(workspace, &components)?;
    }
    Ok(())
}
