//! A local server: the functions on workerd or on Spin, on one port, with one database in one folder.

use std::{
    ffi::OsStr,
    fs,
    io::{self, BufRead, BufReader},
    net::{Ipv4Addr, TcpListener},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{
    interrupt::{self, Running},
    process,
    secrets::Secrets,
    workspace::Workspace,
};

/// What the functions run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runtime {
    /// Cloudflare's, by miniflare.
    Workerd,
    /// `spin up` where Spin is installed, otherwise the host of the tests.
    Spin,
}

impl Runtime {
    /// Every runtime, in the order in which they are tested.
    pub const ALL: [Self; 2] = [Self::Workerd, Self::Spin];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Workerd => "workerd",
            Self::Spin => "spin",
        }
    }
}

/// What is to be served, and how.
#[derive(Debug)]
pub struct Options<'a> {
    /// On what.
    pub runtime: Runtime,
    /// The port on 127.0.0.1.
    pub port: u16,
    /// Where the database is kept.
    pub state: PathBuf,
    /// What the functions get to know.
    pub secrets: &'a Secrets,
    /// On workerd: how often the cron triggers fire, if they fire by themselves.
    pub cron_seconds: Option<u32>,
    /// Other Workers or components than those of the product.
    pub instead: Option<Instead>,
}

impl Options<'_> {
    /// The address at which it will answer, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}:{}", Ipv4Addr::LOCALHOST, self.port)
    }
}

/// An application that is not the product: the store's tests.
#[derive(Debug)]
pub struct Instead {
    /// Its wrangler.toml.
    pub wrangler: PathBuf,
    /// Its spin.toml.
    pub spin: PathBuf,
}

/// A server that answers; it stops when this value is dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    running: Running,
    /// Its address, without a slash at the end.
    pub url: String,
    /// On workerd: where tests fire the cron triggers.
    pub control: Option<String>,
}

impl Server {
    /// Starts a server and waits until it answers.
    ///
    /// # Errors
    /// When it cannot be started, or ends before it is ready.
    pub fn start(workspace: &Workspace, options: &Options) -> Result<Self> {
        fs::create_dir_all(&options.state)
            .with_context(|| format!("creating {}", options.state.display()))?;
        let mut command = command(workspace, options)?;
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .with_context(|| format!("starting {}", process::shown(&command)))?;
        let stdin = child.stdin.take();
        let running = interrupt::started(&child, stdin);
        let stdout = child.stdout.take().context("the server has no output")?;
        let mut server = Self {
            child,
            running,
            url: options.url(),
            control: None,
        };
        server.wait_until_ready(BufReader::new(stdout))?;
        Ok(server)
    }

    /// Waits until the server ends by itself.
    ///
    /// # Errors
    /// Always: a server is not supposed to.
    pub fn wait(mut self) -> Result<()> {
        let status = self.child.wait()?;
        interrupt::hold_while_stopping();
        bail!("the server ended ({status})");
    }

    fn wait_until_ready(&mut self, mut stdout: impl BufRead + Send + 'static) -> Result<()> {
        let mut line = String::new();
        loop {
            line.clear();
            if stdout.read_line(&mut line)? == 0 {
                bail!(
                    "the server ended before it was ready ({})",
                    self.child.wait()?
                );
            }
            if let Some(ready) = line.strip_prefix("ready ") {
                let ready: Value = serde_json::from_str(ready)?;
                self.control = ready.get("control").and_then(Value::as_str).map(Into::into);
                break;
            }
            if line.starts_with("listening on ") || line.starts_with("Serving http") {
                break;
            }
            eprint!("{line}");
        }
        // Nobody reads on, but a full pipe would stop the server.
        thread::spawn(move || {
            let _ = io::copy(&mut stdout, &mut io::stderr());
        });
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        interrupt::stop(self.running);
    }
}

/// The command line of a server, for whoever starts and ends it without [`Server`].
///
/// # Errors
/// When it cannot be put together.
pub fn command(workspace: &Workspace, options: &Options) -> Result<Command> {
    match options.runtime {
        Runtime::Workerd => workerd(workspace, options),
        Runtime::Spin => spin(workspace, options),
    }
}

fn workerd(workspace: &Workspace, options: &Options) -> Result<Command> {
    let mut command = process::npm_program(workspace, "node")?;
    command
        .arg(workspace.path("xtask/node/serve.mjs"))
        .arg("--root")
        .arg(workspace.root())
        .args(["--port", &options.port.to_string(), "--control-port", "0"])
        .arg("--persist")
        .arg(&options.state)
        .envs(options.secrets.environment());
    if let Some(seconds) = options.cron_seconds {
        command.args(["--cron-every", &seconds.to_string()]);
    }
    if let Some(instead) = &options.instead {
        command.arg("--config").arg(&instead.wrangler);
    }
    Ok(command)
}

/// The same command line for both: the host of the tests has the names that `spin up` has for the same things.
fn spin(workspace: &Workspace, options: &Options) -> Result<Command> {
    let manifest = match &options.instead {
        Some(instead) => instead.spin.clone(),
        None => workspace.path("spin.toml"),
    };
    let mut command = if on_path("spin") {
        eprintln!("serve: by the Spin that is installed");
        spin_up(workspace, options)?
    } else {
        let mut command = Command::new(workspace.target().join("debug/spin-host"));
        command
            .arg("--migrations")
            .arg(workspace.path("migrations"))
            .arg("--sqlite")
            .arg(options.state.join("spin.db"))
            .arg("--cache")
            .arg(workspace.target().join("spin-host-cache"))
            .arg("--stop-with-stdin")
            .arg("--manifest");
        command
    };
    command
        .arg(manifest)
        .args([
            "--listen",
            &format!("{}:{}", Ipv4Addr::LOCALHOST, options.port),
        ])
        .current_dir(workspace.root());
    // A variable that the manifest does not declare is refused; the store's tests declare none.
    if options.instead.is_none() {
        command.envs(options.secrets.spin_environment());
    }
    Ok(command)
}

/// Spin runs the files itself at every start: each statement must be one that may run again.
fn spin_up(workspace: &Workspace, options: &Options) -> Result<Command> {
    let mut command = Command::new("spin");
    command.arg("up").arg("--state-dir").arg(&options.state);
    for file in migrations(workspace)? {
        let mut at = std::ffi::OsString::from("@");
        at.push(file);
        command.arg("--sqlite").arg(at);
    }
    command.arg("--from");
    Ok(command)
}

fn migrations(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let mut files = fs::read_dir(workspace.path("migrations"))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    files.retain(|file| file.extension() == Some(OsStr::new("sql")));
    files.sort();
    Ok(files)
}

/// Whether the real Spin is there; otherwise the host of the tests has to be built.
pub fn on_path(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Checks, before a long build, that `port` can be had.
///
/// # Errors
/// When something listens on it: says on which, and how to choose another.
pub fn check_port(port: u16, again: &str) -> Result<()> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(error) => bail!(
            "port {port} on 127.0.0.1 cannot be had ({error}); another one: PORT={} {again}",
            port.saturating_add(1)
        ),
    }
}

/// A port that nothing listens on now.
///
/// # Errors
/// When there is none.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}
