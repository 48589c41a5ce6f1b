//! The packages from npm that package-lock.json names: workerd, wrangler, and the Node that they run on.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::{process, workspace::Workspace};

/// The oldest Node whose npm can install the packages. What runs afterwards is the Node among them.
const NODE_MAJOR_MIN: u32 = 20;
/// In node_modules, so that it goes when they go.
const STAMP: &str = "node_modules/.referral-loop-installed";

/// Installs the packages unless those that are there came from this very lock file.
///
/// # Errors
/// When Node is missing or too old, or npm fails.
pub fn ensure(workspace: &Workspace) -> Result<()> {
    let lock =
        fs::read(workspace.path("package-lock.json")).context("reading package-lock.json")?;
    let wanted = hex(&Sha256::digest(&lock));
    let stamp = workspace.path(STAMP);
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    check_node()?;
    eprintln!("setup: installing npm packages into node_modules (half a minute, 700 MB, once)");
    install(workspace.root())?;
    fs::write(stamp, wanted)?;
    Ok(())
}

/// Installs what the lock file in `folder` names.
///
/// # Errors
/// When npm fails.
pub fn install(folder: &Path) -> Result<()> {
    let mut npm = Command::new("npm");
    // No package of ours needs its install script: each brings its programs in a package of its own.
    npm.args([
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ])
    .current_dir(folder);
    process::run(&mut npm)
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn check_node() -> Result<()> {
    let found = Command::new("node").arg("--version").output();
    let Ok(found) = found else {
        bail!(
            "Node is missing: install version {NODE_MAJOR_MIN} or newer, with npm (https://nodejs.org)"
        );
    };
    let version = String::from_utf8_lossy(&found.stdout).trim().to_owned();
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(major) if major >= NODE_MAJOR_MIN => Ok(()),
        _ => bail!(
            "Node is {version}: install version {NODE_MAJOR_MIN} or newer (https://nodejs.org)"
        ),
    }
}
