//! The programs that the build needs beside cargo, at pinned versions, installed where no other project sees them.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{process, workspace::Workspace};

/// The target of Cloudflare's Workers.
pub const WORKERS_TARGET: &str = "wasm32-unknown-unknown";
/// The target of Spin's components.
pub const SPIN_TARGET: &str = "wasm32-wasip2";

/// A program that `cargo install` builds from source.
#[derive(Debug)]
pub struct Tool {
    /// The crate.
    package: &'static str,
    /// The program in it.
    program: &'static str,
    version: String,
    /// Whether the crate's own lock file is taken.
    locked: bool,
    /// How long an installation takes on two cores, for the message.
    about: &'static str,
}

/// Turns a crate into a Worker: compiles it, adds its JavaScript side, optimises it.
pub fn worker_build() -> Tool {
    Tool {
        package: "worker-build",
        program: "worker-build",
        version: "0.8.7".to_owned(),
        locked: true,
        about: "4 minutes",
    }
}

/// Writes the JavaScript side; must be the very version that the functions are compiled with.
///
/// # Errors
/// When Cargo.lock does not say that version.
pub fn wasm_bindgen(workspace: &Workspace) -> Result<Tool> {
    Ok(Tool {
        package: "wasm-bindgen-cli",
        program: "wasm-bindgen",
        version: workspace.locked_version("wasm-bindgen")?,
        // Its lock file names a crate that not every registry mirror has.
        locked: false,
        about: "2 minutes",
    })
}

/// Checks licences, sources and duplicates of the crates that are built in.
pub fn cargo_deny() -> Tool {
    Tool {
        package: "cargo-deny",
        program: "cargo-deny",
        version: "0.20.2".to_owned(),
        locked: true,
        about: "5 minutes",
    }
}

impl Tool {
    /// The program's path, after installing it if this version is neither on the `PATH` nor installed before.
    ///
    /// # Errors
    /// When the installation fails.
    pub fn ensure(&self) -> Result<PathBuf> {
        if self.is(Path::new(self.program)) {
            return Ok(PathBuf::from(self.program));
        }
        let root = tools_folder()?.join(format!("{}-{}", self.package, self.version));
        let program = root.join("bin").join(self.program);
        if program.is_file() {
            return Ok(program);
        }
        eprintln!(
            "setup: installing {} {} into {} (about {}, once)",
            self.package,
            self.version,
            root.display(),
            self.about
        );
        let mut install = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        install
            .args(["install", "--quiet", self.package, "--version"])
            .arg(&self.version)
            .arg("--root")
            .arg(&root);
        if self.locked {
            install.arg("--locked");
        }
        process::run(&mut install)?;
        Ok(program)
    }

    /// A short name for what was used, part of what tells whether a build is still the right one.
    pub fn label(&self) -> String {
        format!("{} {}", self.package, self.version)
    }

    fn is(&self, program: &Path) -> bool {
        let Ok(output) = Command::new(program).arg("--version").output() else {
            return false;
        };
        String::from_utf8_lossy(&output.stdout)
            .split_whitespace()
            .any(|word| word == self.version)
    }
}

/// Adds a compilation target to the Rust toolchain if it is missing.
///
/// # Errors
/// When rustup is not there or cannot fetch it.
pub fn ensure_target(workspace: &Workspace, target: &str) -> Result<()> {
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc
        .args(["--print", "target-libdir", "--target", target])
        .current_dir(workspace.root());
    if Path::new(process::output(&mut rustc)?.trim()).is_dir() {
        return Ok(());
    }
    eprintln!("setup: adding the Rust target {target} (a minute, once)");
    let mut rustup = Command::new("rustup");
    rustup
        .args(["target", "add", target])
        .current_dir(workspace.root());
    process::run(&mut rustup)
        .with_context(|| format!("the Rust toolchain has no {target}; install it, or use rustup"))
}

fn tools_folder() -> Result<PathBuf> {
    let cache = match env::var_os("XDG_CACHE_HOME") {
        Some(folder) if !folder.is_empty() => PathBuf::from(folder),
        _ => match env::home_dir() {
            Some(home) => home.join(".cache"),
            None => {
                bail!("neither XDG_CACHE_HOME nor HOME is set: where should tools be installed?")
            }
        },
    };
    Ok(cache.join("referral-loop").join("tools"))
}
