//! Where things are in the repository, and which functions it has.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

/// The gateway's crate: a Worker, and no Spin component.
pub const GATEWAY: &str = "gateway";

/// The function that carries the store's tests: built and served like the others, never deployed.
pub const STORE_FUNCTION: &str = "store-function";

/// The repository: its root folder, whichever folder the command was typed in.
#[derive(Debug, Clone)]
pub struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The repository that this program was built from.
    ///
    /// # Errors
    /// When it has been moved since.
    pub fn find() -> Result<Self> {
        let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = xtask.parent().context("xtask has no parent folder")?;
        Ok(Self {
            root: root.canonicalize()?,
        })
    }

    /// A path inside the repository.
    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }

    /// The root folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Cargo's output folder; spin.toml names files in it, so it is always this one.
    pub fn target(&self) -> PathBuf {
        self.path("target")
    }

    /// A function's crate.
    pub fn function_folder(&self, name: &str) -> PathBuf {
        let parent = if name == STORE_FUNCTION {
            "tests"
        } else {
            "functions"
        };
        self.path(parent).join(name)
    }

    /// The functions that answer requests, on both platforms: every crate under `functions/` but the gateway, by name.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn functions(&self) -> Result<Vec<String>> {
        Ok(self
            .workers()?
            .into_iter()
            .filter(|name| name != GATEWAY)
            .collect())
    }

    /// The Workers: the gateway and every function, by name.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn workers(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.path("functions")).context("reading functions/")? {
            let entry = entry?;
            if entry.path().join("Cargo.toml").is_file() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// The wrangler configuration of a Worker.
    pub fn wrangler_toml(&self, worker: &str) -> PathBuf {
        if worker == GATEWAY {
            self.path("wrangler.toml")
        } else {
            self.function_folder(worker).join("wrangler.toml")
        }
    }

    /// The exact version of `package` in Cargo.lock.
    ///
    /// # Errors
    /// When it is not there.
    pub fn locked_version(&self, package: &str) -> Result<String> {
        let lock = fs::read_to_string(self.path("Cargo.lock")).context("reading Cargo.lock")?;
        let name = format!("name = \"{package}\"");
        let mut lines = lock.lines().skip_while(|line| *line != name);
        let version = lines.nth(1).and_then(|line| {
            line.strip_prefix("version = \"")
                .and_then(|rest| rest.strip_suffix('"'))
        });
        match version {
            Some(version) => Ok(version.to_owned()),
            None => bail!("Cargo.lock has no package {package}"),
        }
    }
}
