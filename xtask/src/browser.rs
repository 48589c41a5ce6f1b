//! The browser that drives the page: the machine's Chromium, or where it has none one from npm.

use std::{env, ffi::OsString, fs, path::PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{npm, process, workspace::Workspace};

/// The variable by which the tests, and whoever runs them, name the program.
const VARIABLE: &str = "CHROMIUM_BIN";
/// What it is called on the `PATH`.
const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];
/// The package that brings one, with a lock file of its own: who has a browser need not fetch another.
const PACKAGE: &str = "tests/browser/chromium";

/// The environment in which the tests find a browser.
///
/// # Errors
/// When there is none, and none can be had: says what to install.
pub fn environment(workspace: &Workspace) -> Result<Vec<(String, OsString)>> {
    let named = env::var_os(VARIABLE).filter(|named| !named.is_empty());
    if let Some(program) = named.or_else(on_path) {
        return Ok(vec![(VARIABLE.to_owned(), program)]);
    }
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        bail!(
            "no browser: install Chromium or Chrome, or name one by {VARIABLE} (none of {} is on the PATH)",
            NAMES.join(", ")
        );
    }
    from_npm(workspace).context(
        "no browser could be fetched: install Chromium (Debian: apt install chromium), or name one by CHROMIUM_BIN",
    )
}

fn on_path() -> Option<OsString> {
    let folders = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&folders).collect();
    NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|program| program.is_file())
        .map(PathBuf::into_os_string)
}

fn from_npm(workspace: &Workspace) -> Result<Vec<(String, OsString)>> {
    let package = workspace.path(PACKAGE);
    let unpacked = workspace.target().join("browser");
    if !package.join("node_modules").is_dir() {
        eprintln!("setup: no browser on this machine, installing one (75 MB, once)");
        npm::install(&package)?;
    }
    fs::create_dir_all(&unpacked).with_context(|| format!("creating {}", unpacked.display()))?;
    let mut unpack = process::npm_program(workspace, "node")?;
    unpack
        .arg(package.join("unpack.mjs"))
        .env("TMPDIR", &unpacked);
    let said: Value = serde_json::from_str(&process::output(&mut unpack)?)?;
    let program = said.pointer("/program").and_then(Value::as_str);
    let program = program.context("the package names no program")?;
    let mut environment = vec![(VARIABLE.to_owned(), OsString::from(program))];
    let more = said.pointer("/environment").and_then(Value::as_object);
    for (name, value) in more.into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        environment.push((name.clone(), value.into()));
    }
    Ok(environment)
}
