//! `cargo dev`: from a clone to a network with referrals in it that answers on this machine.

use std::{env, fs};

use anyhow::{Context, Result};

use crate::{
    build::{self, Platform},
    process,
    secrets::Secrets,
    server::{self, Options, Runtime, Server},
    workspace::Workspace,
};

/// Where the local deployment lives; git does not see it.
const STATE: &str = ".referral-loop";
const PORT_DEFAULT: u16 = 8787;
/// The deployed sweep runs every five minutes; here somebody is watching.
const CRON_SECONDS: u32 = 60;

/// Builds, migrates, serves, and loads the demo network where there is none yet. Runs until Ctrl-C.
///
/// # Errors
/// When the port is taken, a build fails, or the server ends.
pub fn run(workspace: &Workspace, runtime: Runtime) -> Result<()> {
    let port = port()?;
    let again = match runtime {
        Runtime::Workerd => "cargo dev",
        Runtime::Spin => "cargo dev --runtime spin",
    };
    server::check_port(port, again)?;

    let state = workspace.path(STATE);
    fs::create_dir_all(&state).with_context(|| format!("creating {}", state.display()))?;
    let secrets = Secrets::kept_in(&state.join("secrets"))?;
    build_for(workspace, runtime)?;

    let server = Server::start(
        workspace,
        &Options {
            runtime,
            port,
            state: state.join(runtime.name()),
            secrets: &secrets,
            cron_seconds: Some(CRON_SECONDS),
            instead: None,
        },
    )?;
    println!("serving on {}/ ({})", server.url, runtime.name());
    println!("operator's key (ADMIN_KEY): {}", secrets.admin_key);

    let mut demo = process::npm_program(workspace, "node")?;
    demo.arg(workspace.path("xtask/node/demo.mjs"))
        .arg("--keys")
        .arg(state.join(runtime.name()).join("demo.json"))
        .env("BASE_URL", &server.url)
        .env("ADMIN_KEY", &secrets.admin_key);
    if let Err(error) = process::run(&mut demo) {
        // What was asked for is a server, and it runs.
        eprintln!("the demo network could not be loaded: {error:#}");
    }
    println!("Ctrl-C stops it. To start anew: rm -r {STATE}");
    server.wait()
}

/// Builds what a runtime serves, and the host where Spin itself is not installed.
///
/// # Errors
/// When a build fails.
pub fn build_for(workspace: &Workspace, runtime: Runtime) -> Result<()> {
    match runtime {
        Runtime::Workerd => build::run(workspace, Platform::Workers, &[]),
        Runtime::Spin => {
            crate::npm::ensure(workspace)?;
            build::run(workspace, Platform::Spin, &[])?;
            build::spin::host(workspace)
        }
    }
}

fn port() -> Result<u16> {
    match env::var("PORT") {
        Ok(port) if !port.is_empty() => port
            .parse()
            .with_context(|| format!("PORT={port} is not a port")),
        _ => Ok(PORT_DEFAULT),
    }
}
