//! `cargo bench-loop`: builds the functions for both runtimes and prints their numbers.

use std::{fs, process::ExitCode};

use anyhow::{Context, Result};

use crate::{
    browser,
    build::{self, Platform},
    npm, process,
    workspace::Workspace,
};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Every number.
    All,
    /// The page alone: half a minute in place of two, and nothing is built for Spin.
    Page,
}

/// Builds what is measured and runs `bench/bench.mjs` on a database that is thrown away.
///
/// # Errors
/// When something cannot be built or started. A number over its budget is no error here: the exit code tells.
pub fn run(workspace: &Workspace, what: What) -> Result<ExitCode> {
    npm::ensure(workspace)?;
    let browser = browser::environment(workspace)?;
    let platform = match what {
        What::All => Platform::All,
        What::Page => Platform::Workers,
    };
    build::run(workspace, platform, &[])?;
    let state = workspace.target().join("bench");
    if state.exists() {
        fs::remove_dir_all(&state).with_context(|| format!("removing {}", state.display()))?;
    }
    eprintln!("bench: two minutes; the machine should do nothing else");
    let mut node = process::npm_program(workspace, "node")?;
    node.arg(workspace.path("bench/bench.mjs"));
    if what == What::Page {
        node.arg("--page");
    }
    let status = node
        .arg("--root")
        .arg(workspace.root())
        .arg("--state")
        .arg(&state)
        .envs(browser)
        .status()
        .context("starting node")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
