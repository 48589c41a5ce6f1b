//! `spin-host`: serves the components of a `spin.toml`, for tests. What it does is in the library.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use spin_host::manifest::Manifest;
use spin_host::options::{HELP, Options};
use spin_host::{App, migrations, serve, settings};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("spin-host: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let Some(options) = Options::parse(std::env::args().skip(1), std::env::vars())? else {
        print!("{HELP}");
        return Ok(());
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let result = runtime.block_on(host(options));
    // Requests may be under way: the process ends with them, and takes none of them for one that panicked.
    std::mem::forget(runtime);
    result
}

/// Serves until it is told to stop, which it can be from the first moment: compiling may take a while.
async fn host(options: Options) -> anyhow::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let stop_with_stdin = options.stop_with_stdin;
    tokio::select! {
        served = prepare_and_serve(options) => served,
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
        () = stdin_closed(), if stop_with_stdin => Ok(()),
    }
}

async fn prepare_and_serve(options: Options) -> anyhow::Result<()> {
    let listen = options.listen;
    let app = tokio::task::spawn_blocking(move || prepare(options)).await??;
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("cannot listen on {listen}"))?;
    println!("listening on http://{}", listener.local_addr()?);
    serve(listener, Arc::new(app)).await?;
    Ok(())
}

fn prepare(options: Options) -> anyhow::Result<App> {
    let manifest = Manifest::read(&options.manifest)?;
    let folder = match options.manifest.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let database = options
        .sqlite
        .unwrap_or_else(|| folder.join(".spin/sqlite_db.db"));
    let cache = options
        .cache
        .unwrap_or_else(|| folder.join("target/spin-host-cache"));
    let settings = settings::resolve(&manifest, folder, &options.variables, &database)?;
    make_folder_of(&database)?;
    migrations::apply(&database, options.migrations.as_deref())?;
    App::load(&manifest, settings, &absolute(&cache)?)
}

async fn stdin_closed() {
    let mut ignored = [0; 1024];
    while matches!(tokio::io::stdin().read(&mut ignored).await, Ok(1..)) {}
}

fn make_folder_of(file: &Path) -> anyhow::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
    }
    Ok(())
}

/// The cache wants an absolute path, and a folder that is there.
fn absolute(folder: &Path) -> anyhow::Result<PathBuf> {
    std::fs::create_dir_all(folder).with_context(|| format!("{}", folder.display()))?;
    Ok(folder.canonicalize()?)
}
