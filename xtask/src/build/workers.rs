//! Workers: one cargo invocation compiles them all, then worker-build turns each that changed into a Worker.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::{npm, process, tools, workspace::Workspace};

/// Beside a built Worker: what it was built from.
const STAMP: &str = "built-from";

/// What worker-build compiles with, so that its own call of cargo finds the work done.
const CARGO_ENVIRONMENT: (&str, &str) = ("WASM_BINDGEN_USE_JS_SYS", "1");

/// `-Oz` and `--converge` gain less than half a percent, gzipped. The features are those that rustc's target has by default,
/// and the exceptions that wasm-bindgen uses: what workerd is known to take.
const WASM_OPT: [&str; 8] = [
    "-Os",
    "--enable-mutable-globals",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-reference-types",
    "--enable-exception-handling",
];

/// Builds `names` into functions/NAME/build.
///
/// # Errors
/// When a tool cannot be installed, a crate does not compile, or worker-build fails.
pub fn build(workspace: &Workspace, names: &[String]) -> Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    tools::ensure_target(workspace, tools::WORKERS_TARGET)?;
    npm::ensure(workspace)?;
    let worker_build = tools::worker_build();
    let wasm_bindgen = tools::wasm_bindgen(workspace)?;
    let toolbox = Toolbox {
        worker_build: worker_build.ensure()?,
        wasm_bindgen: wasm_bindgen.ensure()?,
        label: format!("{}, {}", worker_build.label(), wasm_bindgen.label()),
    };

    compile(workspace, names)?;
    let mut stale = Vec::new();
    for name in names {
        let stamp = toolbox.stamp(workspace, name)?;
        if !is_current(workspace, name, &stamp) {
            stale.push((name.as_str(), stamp));
        }
    }
    for (name, stamp) in &stale {
        toolbox.package(workspace, name, names)?;
        fs::write(built(workspace, name).join(STAMP), stamp)?;
    }
    Ok(())
}

/// The folder of a Worker that is ready to be served or deployed.
pub fn built(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.function_folder(name).join("build")
}

fn is_current(workspace: &Workspace, name: &str, stamp: &str) -> bool {
    let built = built(workspace, name);
    built.join("index.js").is_file()
        && fs::read_to_string(built.join(STAMP)).is_ok_and(|found| found == stamp)
}

fn compile(workspace: &Workspace, names: &[String]) -> Result<()> {
    eprintln!(
        "build: {} for Cloudflare Workers (2 to 4 minutes the first time)",
        names.join(", ")
    );
    let mut cargo = process::cargo(workspace);
    cargo
        .args([
            "build",
            "--lib",
            "--release",
            "--target",
            tools::WORKERS_TARGET,
        ])
        .args(packages(names))
        .env(CARGO_ENVIRONMENT.0, CARGO_ENVIRONMENT.1);
    process::run(&mut cargo)
}

/// Which crates cargo is to compile. worker-build passes the same to its own call of cargo, which then finds its work
/// done: another list could mean other features of the crates that they share.
fn packages(names: &[String]) -> impl Iterator<Item = &str> {
    names.iter().flat_map(|name| ["--package", name])
}

struct Toolbox {
    worker_build: PathBuf,
    wasm_bindgen: PathBuf,
    label: String,
}

impl Toolbox {
    /// Adds the JavaScript side and optimises: for size, and without the names of functions (a sixth of the size).
    fn package(&self, workspace: &Workspace, name: &str, compiled: &[String]) -> Result<()> {
        eprintln!("build: {name} as a Worker (5 seconds)");
        let programs = process::npm_folder(workspace);
        let path = process::npm_path(workspace)?;
        let mut worker_build = Command::new(&self.worker_build);
        worker_build
            .arg(workspace.function_folder(name))
            .args(["--release", "--no-opt"])
            .args(packages(compiled))
            .current_dir(workspace.root())
            .env("CARGO_TARGET_DIR", workspace.target())
            .env("PATH", &path)
            .env("WASM_BINDGEN_BIN", &self.wasm_bindgen)
            .env("ESBUILD_BIN", programs.join("esbuild"));
        process::run_quietly(&mut worker_build)?;

        let wasm = built(workspace, name).join("index_bg.wasm");
        let mut wasm_opt = Command::new(programs.join("wasm-opt"));
        wasm_opt
            .args(WASM_OPT)
            .arg(&wasm)
            .arg("-o")
            .arg(&wasm)
            .env("PATH", &path);
        process::run_quietly(&mut wasm_opt)
    }

    /// Names the compiled crate and the tools: the same stamp, the same Worker.
    fn stamp(&self, workspace: &Workspace, name: &str) -> Result<String> {
        let wasm = workspace
            .target()
            .join(tools::WORKERS_TARGET)
            .join("release")
            .join(format!("{}.wasm", name.replace('-', "_")));
        let bytes = fs::read(&wasm).with_context(|| format!("reading {}", wasm.display()))?;
        Ok(format!(
            "{}, {}, wasm-opt {}\n",
            npm::hex(&Sha256::digest(bytes)),
            self.label,
            WASM_OPT.join(" ")
        ))
    }
}
