//! Workers: one cargo invocation compiles them all, then worker-build turns each that changed into a Worker.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::{npm, process, tools, workspace::Workspace};

/// Beside a built Worker: what it was built from.
const STAMP: &str = "built-from";

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
    for name in names {
        let wanted = toolbox.stamp(workspace, name)?;
        let built = workspace.path("functions").join(name).join("build");
        let stamp = built.join(STAMP);
        if built.join("index.js").is_file()
            && fs::read_to_string(&stamp).is_ok_and(|found| found == wanted)
        {
            continue;
        }
        eprintln!("build: {name} as a Worker (a few seconds)");
        toolbox.package(workspace, name)?;
        fs::write(&stamp, wanted)?;
    }
    Ok(())
}

/// What worker-build compiles with, so that its own call of cargo finds the work done.
const CARGO_ENVIRONMENT: (&str, &str) = ("WASM_BINDGEN_USE_JS_SYS", "1");

fn compile(workspace: &Workspace, names: &[String]) -> Result<()> {
    eprintln!(
        "build: {} for Cloudflare Workers (2 to 4 minutes the first time)",
        names.join(", ")
    );
    let mut cargo = process::cargo(workspace);
    cargo
        .args(["build", "--lib", "--release", "--target", tools::WORKERS_TARGET])
        .env(CARGO_ENVIRONMENT.0, CARGO_ENVIRONMENT.1);
    for name in names {
        cargo.args(["--package", name]);
    }
    process::run(&mut cargo)
}

struct Toolbox {
    worker_build: PathBuf,
    wasm_bindgen: PathBuf,
    label: String,
}

impl Toolbox {
    fn package(&self, workspace: &Workspace, name: &str) -> Result<()> {
        let programs = process::npm_folder(workspace);
        let mut command = Command::new(&self.worker_build);
        command
            .arg(Path::new("functions").join(name))
            .arg("--release")
            .current_dir(workspace.root())
            .env("PATH", process::npm_path(workspace)?)
            .env("WASM_BINDGEN_BIN", &self.wasm_bindgen)
            .env("ESBUILD_BIN", programs.join("esbuild"))
            .env("WASM_OPT_BIN", programs.join("wasm-opt"));
        process::run(&mut command)
    }

    /// Names the compiled crate and the tools: the same stamp, the same Worker.
    fn stamp(&self, workspace: &Workspace, name: &str) -> Result<String> {
        let wasm = workspace
            .target()
            .join(tools::WORKERS_TARGET)
            .join("release")
            .join(format!("{name}.wasm"));
        let bytes = fs::read(&wasm).with_context(|| format!("reading {}", wasm.display()))?;
        let manifest = fs::read(workspace.path("functions").join(name).join("Cargo.toml"))?;
        Ok(format!(
            "{}\n{}\n{}\n",
            npm::hex(&Sha256::digest(bytes)),
            npm::hex(&Sha256::digest(manifest)),
            self.label
        ))
    }
}
