//! Spin components: one cargo invocation for all, as spin.toml's own build command does for one.

use anyhow::Result;

use crate::{process, tools, workspace::Workspace};

/// Compiles `names` to components in target/wasm32-wasip2/release.
///
/// # Errors
/// When the target cannot be added or a crate does not compile.
pub fn build(workspace: &Workspace, names: &[String]) -> Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    tools::ensure_target(workspace, tools::SPIN_TARGET)?;
    eprintln!(
        "build: {} for Spin (about 3 minutes the first time)",
        names.join(", ")
    );
    let mut cargo = process::cargo(workspace);
    cargo.args(["build", "--release", "--target", tools::SPIN_TARGET]);
    for name in names {
        cargo.args(["--package", name]);
    }
    process::run(&mut cargo)
}
