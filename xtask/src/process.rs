//! Other programs: started with what they need in their environment, and never left behind.

use std::{
    env,
    ffi::{OsStr, OsString},
    io::{self, Write},
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::{interrupt, workspace::Workspace};

/// Runs `command` with this program's own input and output, and waits for it.
///
/// # Errors
/// When it cannot be started, or fails.
pub fn run(command: &mut Command) -> Result<()> {
    let mut child = command
        .spawn()
        .with_context(|| format!("starting {}", shown(command)))?;
    let running = interrupt::started(&child, None);
    let status = child.wait()?;
    interrupt::hold_while_stopping();
    interrupt::ended(running);
    if !status.success() {
        bail!("{} failed ({status})", shown(command));
    }
    Ok(())
}

/// Runs `command` and shows what it wrote only when it fails.
///
/// # Errors
/// When it cannot be started, or fails.
pub fn run_quietly(command: &mut Command) -> Result<()> {
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting {}", shown(command)))?;
    let running = interrupt::started(&child, None);
    let output = child.wait_with_output()?;
    interrupt::hold_while_stopping();
    interrupt::ended(running);
    if !output.status.success() {
        io::stderr().write_all(&output.stdout)?;
        io::stderr().write_all(&output.stderr)?;
        bail!("{} failed ({})", shown(command), output.status);
    }
    Ok(())
}

/// Runs `command` and returns what it wrote to its standard output; what it writes to its standard error is shown.
///
/// # Errors
/// When it cannot be started, or fails.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("starting {}", shown(command)))?;
    if !output.status.success() {
        bail!("{} failed ({})", shown(command), output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// `cargo`, the one that runs this program, at the root of the repository.
pub fn cargo(workspace: &Workspace) -> Command {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command
        .current_dir(workspace.root())
        .env("CARGO_TARGET_DIR", workspace.target());
    command
}

/// A program from node_modules; everything it starts finds our Node there too, whatever Node the machine has.
///
/// # Errors
/// When the search path cannot be extended.
pub fn npm_program(workspace: &Workspace, name: &str) -> Result<Command> {
    let mut command = Command::new(npm_folder(workspace).join(name));
    command
        .env("PATH", npm_path(workspace)?)
        .current_dir(workspace.root());
    Ok(command)
}

/// Where npm links the programs of its packages.
pub fn npm_folder(workspace: &Workspace) -> PathBuf {
    workspace.path("node_modules/.bin")
}

/// The search path with npm's programs first.
///
/// # Errors
/// When the repository's own path cannot be part of one.
pub fn npm_path(workspace: &Workspace) -> Result<OsString> {
    let inherited = env::var_os("PATH").unwrap_or_default();
    Ok(env::join_paths(
        [npm_folder(workspace)]
            .into_iter()
            .chain(env::split_paths(&inherited)),
    )?)
}

/// A command as JSON, for a program in another language to start: `{"program", "args", "env", "cwd"}`.
pub fn as_json(command: &Command) -> Value {
    let text = |part: &OsStr| part.to_string_lossy().into_owned();
    let env: Map<String, Value> = command
        .get_envs()
        .filter_map(|(name, value)| Some((text(name), text(value?).into())))
        .collect();
    json!({
        "program": text(command.get_program()),
        "args": command.get_args().map(text).collect::<Vec<_>>(),
        "env": env,
        "cwd": command.get_current_dir().map(|folder| text(folder.as_os_str())),
    })
}

/// A command as it would be typed, for messages.
pub fn shown(command: &Command) -> String {
    [command.get_program()]
        .into_iter()
        .chain(command.get_args())
        .map(|part| part.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
