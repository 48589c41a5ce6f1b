//! `cargo dev`: from a clone to a network with referrals in it that answers on this machine.

use std::{env, fs};

use anyhow::{Context, Result};

use crate::{
    build::{self, Platform},
    demo, schedule,
    secrets::Secrets,
    server::{self, Options, Runtime, Server},
    workspace::Workspace,
};

/// Where the local deployment lives; git does not see it.
const STATE: &str = ".referral-loop";
const PORT_DEFAULT: u16 = 8787;
/// The deployed sweep runs every five minutes; here somebody is watching.
const CRON_SECONDS: u32 = 60;

/// Builds, makes the demo network where there is none yet, migrates and serves. Runs until Ctrl-C.
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

    let of_runtime = state.join(runtime.name());
    let network = demo::made(workspace, runtime, &of_runtime, &secrets);
    let server = Server::start(
        workspace,
        &Options {
            runtime,
            port,
            state: of_runtime,
            secrets: &secrets,
            cron_seconds: Some(CRON_SECONDS),
            instead: None,
        },
    )?;
    // On workerd the cron triggers fire.
    if runtime == Runtime::Spin {
        schedule::sweep_every(CRON_SECONDS, port, secrets.admin_key.clone());
    }
    println!("serving on {}/ ({})", server.url, runtime.name());
    println!("operator's key (ADMIN_KEY): {}", secrets.admin_key);
    match network {
        Ok(network) => println!("{}", demo::told(&network, &server.url)),
        // What was asked for is a server, and it runs.
        Err(error) => eprintln!("there is no demo network: {error:#}"),
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
