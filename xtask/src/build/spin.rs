//! Spin components: one cargo invocation for all, as spin.toml's own build command does for one.

use anyhow::Result;

use crate::{process, server, tools, workspace::Workspace};

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

/// Builds the host that stands in for Spin where `spin` is not installed.
///
/// # Errors
/// When it does not compile.
pub fn host(workspace: &Workspace) -> Result<()> {
    if server::on_path("spin") {
        return Ok(());
    }
    eprintln!("build: the host for Spin's components (4 to 5 minutes the first time)");
    let mut cargo = process::cargo(workspace);
    cargo.args(["build", "--package", "spin-host"]);
    process::run(&mut cargo)
}
