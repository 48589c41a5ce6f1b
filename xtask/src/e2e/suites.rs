//! The suites: each is run by the runner that it was written for, its output is shown, and its counts come back.

use std::{
    ffi::OsString,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result};

use crate::{e2e::tally::Tally, interrupt, process, workspace::Workspace};

/// A test that takes longer hangs.
pub const TEST_MILLISECONDS_MAX: u32 = 120_000;

/// The files of a suite's folder whose name contains one of `filters`; all of them without a filter.
///
/// # Errors
/// When the folder cannot be read.
pub fn test_files(workspace: &Workspace, folder: &str, filters: &[String]) -> Result<Vec<PathBuf>> {
    let folder = workspace.path(folder);
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".test.mjs") && is_chosen(&name, filters) {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

/// Whether the file of this name is among those that `filters` choose.
pub fn is_chosen(name: &str, filters: &[String]) -> bool {
    filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str()))
}

/// JavaScript test files, and what they get to know.
#[derive(Debug)]
pub struct NodeTests<'a> {
    /// The files.
    pub files: &'a [PathBuf],
    /// Where the machine-readable result goes.
    pub report: &'a Path,
    /// A test, or a file of tests, that takes longer hangs.
    pub milliseconds_max: u32,
    /// The environment, beside this program's own.
    pub environment: Vec<(String, OsString)>,
}

/// Runs JavaScript test files.
///
/// # Errors
/// When Node cannot be started.
pub fn node(workspace: &Workspace, tests: NodeTests) -> Result<Tally> {
    let report = tests.report;
    let _ = fs::remove_file(report);
    let mut node = process::npm_program(workspace, "node")?;
    node.arg("--test")
        .arg(format!("--test-timeout={}", tests.milliseconds_max))
        // A connection that a test left open must not keep the run from ending.
        .arg("--test-force-exit")
        .args(["--test-reporter=spec", "--test-reporter-destination=stdout"])
        .arg("--test-reporter=tap")
        .arg(format!("--test-reporter-destination={}", report.display()))
        .args(tests.files)
        .stdin(Stdio::null())
        .envs(tests.environment);
    let succeeded = succeeds(&mut node)?;
    let tally = fs::read_to_string(report)
        .ok()
        .and_then(|tap| Tally::from_tap(&tap));
    Ok(match tally {
        Some(tally) if succeeded || tally.failed > 0 => tally,
        // It failed outside of any test, or never got to its summary.
        Some(mut tally) => {
            tally += Tally::one(false);
            tally
        }
        None => Tally::one(false),
    })
}

/// Runs `cargo test` with `arguments`.
///
/// # Errors
/// When cargo cannot be started or read from.
pub fn cargo(workspace: &Workspace, arguments: &[&str]) -> Result<Tally> {
    let mut command = process::cargo(workspace);
    command.arg("test").args(arguments).stdout(Stdio::piped());
    let mut child = command
        .spawn()
        .with_context(|| format!("starting {}", process::shown(&command)))?;
    let running = interrupt::started(&child, None);
    let mut tally = Tally::default();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            let line = line?;
            println!("{line}");
            if let Some(more) = Tally::from_cargo(&line) {
                tally += more;
            }
        }
    }
    let status = child.wait()?;
    interrupt::hold_while_stopping();
    interrupt::ended(running);
    if !status.success() && tally.failed == 0 {
        tally += Tally::one(false);
    }
    Ok(tally)
}

/// What wrangler would upload for each Worker, without uploading it: its configuration is valid and its build complete.
///
/// # Errors
/// When wrangler cannot be started.
pub fn dry_runs(workspace: &Workspace) -> Result<Tally> {
    let mut tally = Tally::default();
    for worker in workspace.workers()? {
        let mut wrangler = process::npm_program(workspace, "wrangler")?;
        wrangler
            .args(["deploy", "--dry-run", "--config"])
            .arg(workspace.wrangler_toml(&worker))
            .env("WRANGLER_SEND_METRICS", "false");
        let passed = succeeds(&mut wrangler)?;
        println!(
            "{} wrangler deploy --dry-run: {worker}",
            if passed { "ok" } else { "FAILED" }
        );
        tally += Tally::one(passed);
    }
    Ok(tally)
}

fn succeeds(command: &mut Command) -> Result<bool> {
    let mut child = command
        .spawn()
        .with_context(|| format!("starting {}", process::shown(command)))?;
    let running = interrupt::started(&child, None);
    let status = child.wait()?;
    interrupt::hold_while_stopping();
    interrupt::ended(running);
    Ok(status.success())
}
