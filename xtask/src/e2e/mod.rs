//! `cargo e2e`: the built functions, on every runtime, over HTTP. Its last line is the total over everything.

mod suites;
mod tally;

use std::{ffi::OsString, fs, path::PathBuf, process::ExitCode};

use anyhow::{Context, Result, bail};

use crate::{
    browser,
    build::{self, Platform},
    npm, process,
    secrets::Secrets,
    server::{self, Instead, Options, Runtime, Server},
    workspace::{STORE_FUNCTION, Workspace},
};
use suites::NodeTests;
use tally::Tally;

/// The test that kills the runtime, in tests/kill.
const KILL_TEST: &str = "kill.test.mjs";
/// 50 kills take about three minutes, the last deliveries one or two; a slow machine takes longer.
const KILL_MILLISECONDS_MAX: u32 = 900_000;

/// Builds everything, then runs every suite; `only` restricts the runtimes, `filters` the files of the black-box and browser
/// suites (and leaves the other suites out).
///
/// # Errors
/// When something cannot be built or started. A test that failed is no error here: the exit code tells.
pub fn run(workspace: &Workspace, only: Option<Runtime>, filters: &[String]) -> Result<ExitCode> {
    npm::ensure(workspace)?;
    let files = suites::test_files(workspace, "tests/black-box", filters)?;
    let views = suites::test_files(workspace, "tests/browser", filters)?;
    let kills = suites::is_chosen(KILL_TEST, filters);
    if files.is_empty() && views.is_empty() && !kills {
        bail!("no test is named like {}", filters.join(" or "));
    }
    let runtimes: Vec<Runtime> = Runtime::ALL
        .into_iter()
        .filter(|runtime| only.is_none_or(|only| only == *runtime))
        .collect();
    let everything = filters.is_empty();
    // Before the long builds: a browser that is missing is told at once.
    let browser = match views.is_empty() {
        true => Vec::new(),
        false => browser::environment(workspace)?,
    };
    for runtime in &runtimes {
        build_for(workspace, *runtime)?;
    }

    let mut total = Tally::default();
    let mut add = |suite: &str, result: Result<Tally>| {
        // A suite that could not even start is a failure among others: the total comes all the same.
        let tally = result.unwrap_or_else(|error| {
            println!("{suite}: {error:#}");
            Tally::one(false)
        });
        println!("\n== {suite}: {tally}\n");
        total += tally;
    };
    if everything {
        add(
            "store, native",
            suites::cargo(workspace, &["--package", "store-suite"]),
        );
    }
    for runtime in runtimes {
        let name = runtime.name();
        if everything {
            add(&format!("store, {name}"), store(workspace, runtime));
        }
        if !files.is_empty() {
            add(
                &format!("black-box, {name}"),
                black_box(workspace, runtime, &files),
            );
        }
        if !views.is_empty() {
            let result = in_browser(workspace, runtime, &views, &browser);
            add(&format!("browser, {name}"), result);
        }
        if kills {
            add(&format!("kill, {name}"), kill(workspace, runtime));
        }
        if everything && runtime == Runtime::Workerd {
            add("wrangler", suites::dry_runs(workspace));
        }
    }

    // The last line, whatever happened: nothing may be printed after it.
    println!("{total}");
    Ok(if total.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The product as it is deployed, and the function that carries the store's tests.
fn build_for(workspace: &Workspace, runtime: Runtime) -> Result<()> {
    let mut names = match runtime {
        Runtime::Workerd => workspace.workers()?,
        Runtime::Spin => workspace.functions()?,
    };
    names.push(STORE_FUNCTION.to_owned());
    match runtime {
        Runtime::Workerd => build::run(workspace, Platform::Workers, &names),
        Runtime::Spin => {
            build::run(workspace, Platform::Spin, &names)?;
            build::spin::host(workspace)
        }
    }
}

fn black_box(workspace: &Workspace, runtime: Runtime, files: &[PathBuf]) -> Result<Tally> {
    let run = Run::new(workspace, &format!("black-box-{}", runtime.name()))?;
    let server = run.serve(workspace, runtime, None)?;
    run.test(workspace, &server, files, Vec::new())
}

/// The page, as people use it.
fn in_browser(
    workspace: &Workspace,
    runtime: Runtime,
    files: &[PathBuf],
    browser: &[(String, OsString)],
) -> Result<Tally> {
    let run = Run::new(workspace, &format!("browser-{}", runtime.name()))?;
    let server = run.serve(workspace, runtime, None)?;
    run.test(workspace, &server, files, browser.to_vec())
}

fn store(workspace: &Workspace, runtime: Runtime) -> Result<Tally> {
    let run = Run::new(workspace, &format!("store-{}", runtime.name()))?;
    let instead = Instead {
        wrangler: workspace.wrangler_toml(STORE_FUNCTION),
        spin: workspace.path("tests/spin-store.toml"),
    };
    let server = run.serve(workspace, runtime, Some(instead))?;
    let files = [workspace.path("xtask/node/store-suite.test.mjs")];
    run.test(workspace, &server, &files, Vec::new())
}

/// The runtime is killed under load, again and again: the test starts and kills the server itself.
fn kill(workspace: &Workspace, runtime: Runtime) -> Result<Tally> {
    let run = Run::new(workspace, &format!("kill-{}", runtime.name()))?;
    let options = run.options(runtime, None)?;
    fs::create_dir_all(&options.state)
        .with_context(|| format!("creating {}", options.state.display()))?;
    let command = server::command(workspace, &options)?;
    suites::node(
        workspace,
        NodeTests {
            files: &[workspace.path(format!("tests/kill/{KILL_TEST}"))],
            report: &run.report(),
            milliseconds_max: KILL_MILLISECONDS_MAX,
            environment: [
                ("BASE_URL", options.url()),
                ("ADMIN_KEY", run.secrets.admin_key.clone()),
                ("KILL_SERVER", process::as_json(&command).to_string()),
            ]
            .map(|(name, value)| (name.to_owned(), value.into()))
            .into(),
        },
    )
}

/// A deployment that lives as long as one suite, with a state that nothing was in before.
struct Run {
    folder: PathBuf,
    secrets: Secrets,
}

impl Run {
    fn new(workspace: &Workspace, name: &str) -> Result<Self> {
        let folder = workspace.target().join("e2e").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)
                .with_context(|| format!("removing {}", folder.display()))?;
        }
        fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
        Ok(Self {
            folder,
            secrets: Secrets::fresh()?,
        })
    }

    fn options(&self, runtime: Runtime, instead: Option<Instead>) -> Result<Options<'_>> {
        Ok(Options {
            runtime,
            port: server::free_port()?,
            state: self.folder.join("state"),
            secrets: &self.secrets,
            cron_seconds: None,
            instead,
        })
    }

    fn serve(
        &self,
        workspace: &Workspace,
        runtime: Runtime,
        instead: Option<Instead>,
    ) -> Result<Server> {
        println!("== serving on {}", runtime.name());
        Server::start(workspace, &self.options(runtime, instead)?)
    }

    /// Runs JavaScript tests against `server`.
    fn test(
        &self,
        workspace: &Workspace,
        server: &Server,
        files: &[PathBuf],
        mut environment: Vec<(String, OsString)>,
    ) -> Result<Tally> {
        let mut tell = |name: &str, value: String| {
            environment.push((name.to_owned(), value.into()));
        };
        tell("BASE_URL", server.url.clone());
        tell("ADMIN_KEY", self.secrets.admin_key.clone());
        if let Some(control) = &server.control {
            tell("SCHEDULED_URL", format!("{control}/scheduled"));
        }
        suites::node(
            workspace,
            NodeTests {
                files,
                report: &self.report(),
                milliseconds_max: suites::TEST_MILLISECONDS_MAX,
                environment,
            },
        )
    }

    fn report(&self) -> PathBuf {
        self.folder.join("report.tap")
    }
}
