//! `cargo xtask screenshots`: the pictures of the README, of the page as it is with the demo network in it.

use std::fs;

use anyhow::{Context, Result};

use crate::{
    browser, dev, process,
    secrets::Secrets,
    server::{self, Options, Runtime, Server},
    workspace::Workspace,
};

/// Where the pictures are kept.
const FOLDER: &str = "docs/screenshots";

/// Serves the demo network on a database that is thrown away, and takes every picture anew.
///
/// # Errors
/// When a build fails, there is no browser, or a view does not come.
pub fn run(workspace: &Workspace) -> Result<()> {
    let browser = browser::environment(workspace)?;
    dev::build_for(workspace, Runtime::Workerd)?;
    let state = workspace.target().join("screenshots");
    if state.exists() {
        fs::remove_dir_all(&state).with_context(|| format!("removing {}", state.display()))?;
    }
    fs::create_dir_all(&state).with_context(|| format!("creating {}", state.display()))?;
    let secrets = Secrets::fresh()?;
    let server = Server::start(
        workspace,
        &Options {
            runtime: Runtime::Workerd,
            port: server::free_port()?,
            state: state.clone(),
            secrets: &secrets,
            cron_seconds: None,
            instead: None,
        },
    )?;
    let keys = state.join("demo.json");
    for script in ["demo.mjs", "screenshots.mjs"] {
        let mut node = process::npm_program(workspace, "node")?;
        node.arg(workspace.path("xtask/node").join(script))
            .arg("--keys")
            .arg(&keys)
            .env("BASE_URL", &server.url)
            .env("ADMIN_KEY", &secrets.admin_key)
            .env("SCREENSHOTS", workspace.path(FOLDER))
            .envs(browser.iter().cloned());
        process::run(&mut node)?;
    }
    Ok(())
}
