//! What a contributor types. `cargo xtask help` lists it.

mod bench;
mod browser;
mod build;
mod cloudflare;
mod demo;
mod dev;
mod e2e;
mod fuzz;
mod interrupt;
mod layers;
mod lint;
mod npm;
mod process;
mod schedule;
mod screenshots;
mod secrets;
mod server;
mod tools;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};
use pico_args::Arguments;

use crate::{build::Platform, server::Runtime, workspace::Workspace};

const HELP: &str = "\
cargo dev [--runtime workerd|spin]    the functions on this machine, with a demo network; PORT=8787
cargo e2e [--runtime workerd|spin] [FILTER…]
                                      every black-box and browser test, on every runtime
cargo fuzz-parsers [--seconds N] [--runs N] [TARGET…]
                                      bytes that the parsers of FHIR and HL7 v2 cannot stand; N: 30 each
cargo bench-loop [page]               sizes, round trips, requests a second, the page on a slow line; or that alone
cargo verify-chain FILE [--proof FILE]
                                      whether a row of an exported database was changed, removed or inserted

cargo xtask build [workers|spin|all] [NAME…]
cargo xtask wrangler …                wrangler, on the Node that it needs
cargo xtask database-id ID            writes the D1 database's id into every wrangler.toml
cargo xtask check                     who may depend on whom
cargo xtask screenshots               takes the pictures of the README anew
cargo xtask lint                      formatting, clippy on three targets, licences
";

fn main() -> ExitCode {
    match dispatch(Arguments::from_env()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(mut arguments: Arguments) -> Result<ExitCode> {
    interrupt::install()?;
    let workspace = Workspace::find()?;
    match arguments.subcommand()?.as_deref() {
        Some("dev") => {
            let runtime = runtime(&mut arguments)?.unwrap_or(Runtime::Workerd);
            nothing_left(arguments)?;
            dev::run(&workspace, runtime)?;
        }
        Some("e2e") => {
            let only = runtime(&mut arguments)?;
            return e2e::run(&workspace, only, &names(arguments)?);
        }
        Some("fuzz-parsers") => {
            let seconds = arguments.opt_value_from_str("--seconds")?;
            let runs = arguments.opt_value_from_str("--runs")?;
            fuzz::run(&workspace, seconds, runs, &names(arguments)?)?;
        }
        Some("bench-loop") => {
            let what = match arguments.subcommand()?.as_deref() {
                None => bench::What::All,
                Some("page") => bench::What::Page,
                Some(other) => bail!("bench-loop what: all, or page alone? not {other}"),
            };
            nothing_left(arguments)?;
            return bench::run(&workspace, what);
        }
        Some("build") => {
            let platform = platform(arguments.subcommand()?.as_deref())?;
            build::run(&workspace, platform, &names(arguments)?)?;
        }
        Some("wrangler") => {
            npm::ensure(&workspace)?;
            let mut wrangler = process::npm_program(&workspace, "wrangler")?;
            process::run(wrangler.args(arguments.finish()))?;
        }
        Some("database-id") => {
            let id: String = arguments.free_from_str()?;
            cloudflare::set_database_id(&workspace, &id)?;
        }
        Some("check") => {
            nothing_left(arguments)?;
            layers::check(&workspace)?;
        }
        Some("lint") => {
            nothing_left(arguments)?;
            lint::run(&workspace)?;
        }
        Some("screenshots") => {
            nothing_left(arguments)?;
            screenshots::run(&workspace)?;
        }
        Some("help") | None => print!("{HELP}"),
        Some(other) => bail!("unknown command {other}\n\n{HELP}"),
    }
    Ok(ExitCode::SUCCESS)
}

fn platform(name: Option<&str>) -> Result<Platform> {
    match name {
        Some("workers") => Ok(Platform::Workers),
        Some("spin") => Ok(Platform::Spin),
        Some("all") | None => Ok(Platform::All),
        Some(other) => bail!("build what: workers, spin or all? not {other}"),
    }
}

fn runtime(arguments: &mut Arguments) -> Result<Option<Runtime>> {
    let name: Option<String> = arguments.opt_value_from_str("--runtime")?;
    match name.as_deref() {
        None => Ok(None),
        Some(name) => match Runtime::ALL.into_iter().find(|known| known.name() == name) {
            Some(runtime) => Ok(Some(runtime)),
            None => bail!("--runtime {name}: workerd or spin"),
        },
    }
}

fn nothing_left(arguments: Arguments) -> Result<()> {
    match names(arguments)?.first() {
        None => Ok(()),
        Some(name) => bail!("{name} is one too many\n\n{HELP}"),
    }
}

/// What is left on the command line, which must be names and no options.
fn names(arguments: Arguments) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for argument in arguments.finish() {
        let name = argument.to_string_lossy().into_owned();
        if name.starts_with('-') {
            bail!("unknown option {name}\n\n{HELP}");
        }
        names.push(name);
    }
    Ok(names)
}
