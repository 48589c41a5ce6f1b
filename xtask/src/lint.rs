//! `cargo xtask lint`: formatting, clippy on the three targets that the code is built for, and what is built in.

use std::process::Command;

use anyhow::Result;

use crate::{
    process,
    tools::{self, SPIN_TARGET, WORKERS_TARGET},
    workspace::{STORE_FUNCTION, Workspace},
};

/// Checks formatting, lints and licences; a warning is an error.
///
/// # Errors
/// When one of them finds something.
pub fn run(workspace: &Workspace) -> Result<()> {
    let mut fmt = process::cargo(workspace);
    process::run(fmt.args(["fmt", "--all", "--check"]))?;

    eprintln!("lint: clippy, natively (2 minutes the first time)");
    let mut native = process::cargo(workspace);
    native.args(["clippy", "--workspace", "--all-targets", "--locked"]);
    process::run(native.args(["--", "--deny", "warnings"]))?;

    let mut functions = workspace.functions()?;
    functions.push(STORE_FUNCTION.to_owned());
    let mut workers = workspace.workers()?;
    workers.push(STORE_FUNCTION.to_owned());
    for (target, names) in [(WORKERS_TARGET, workers), (SPIN_TARGET, functions)] {
        tools::ensure_target(workspace, target)?;
        eprintln!("lint: clippy, {target} (a minute the first time)");
        let mut clippy = process::cargo(workspace);
        clippy.args(["clippy", "--locked", "--target", target]);
        for name in names {
            clippy.args(["--package", &name]);
        }
        process::run(clippy.args(["--", "--deny", "warnings"]))?;
    }
    deny(workspace)
}

/// Advisories are left out: they are fetched, and a check that needs the network tells nothing new about this code.
fn deny(workspace: &Workspace) -> Result<()> {
    let mut deny = Command::new(tools::cargo_deny().ensure()?);
    deny.args(["--locked", "check", "bans", "licenses", "sources"])
        .current_dir(workspace.root());
    process::run(&mut deny)
}
