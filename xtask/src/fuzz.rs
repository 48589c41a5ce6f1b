//! `cargo fuzz-parsers`: libFuzzer on stable Rust, for so many seconds a target.
//!
//! cargo-fuzz does the same with a nightly compiler's sanitizers, which find faults of unsafe code; this repository's has none. What it
//! needs besides, coverage counters, a stable compiler can put in.

use std::{env, fs, path::Path, process::Command};

use anyhow::{Context, Result, bail};

use crate::{process, workspace::Workspace};

/// The targets, each a program `fuzz-…`, and where its seeds are.
const TARGETS: [(&str, &[&str]); 3] = [
    ("hl7", &["tests/fuzz/seeds/hl7"]),
    (
        "fhir-json",
        &["tests/fuzz/seeds/fhir-json", "shared/exchange/tests/data"],
    ),
    ("fhir-xml", &["tests/fuzz/seeds/fhir-xml"]),
];

/// Enough to try each seed with some thousand changes.
const SECONDS: u32 = 30;
/// An input that takes longer hangs: what libFuzzer cannot count in loads.
const SECONDS_AN_INPUT_MAX: u32 = 20;
/// Longer ones are made out of these by repeating (tests/fuzz/src/stretch.rs).
const INPUT_BYTES_MAX: u32 = 16 * 1024;

/// What makes the compiler put the counters in: an edge's for coverage, comparisons' operands for what to try next, and loads' for
/// the bound on time.
const COUNTERS: [&str; 6] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-sanitizer-coverage-trace-loads",
];

/// Fuzzes each of `targets`, all of them where none is named.
///
/// # Errors
/// When a target cannot be built, or finds something: then its input is in `target/fuzz/found`.
pub fn run(
    workspace: &Workspace,
    seconds: Option<u32>,
    runs: Option<u32>,
    targets: &[String],
) -> Result<()> {
    if let Some(unknown) = targets
        .iter()
        .find(|name| TARGETS.iter().all(|(known, _)| known != name))
    {
        bail!("{unknown} is no target: hl7, fhir-json or fhir-xml");
    }
    if !is_there(&compiler()) {
        // The same as for the tests that need Python: said here, a failure where everything must have been tried.
        let missing = "no C++ compiler, which libFuzzer is built with: install g++ or clang";
        if env::var("CI").is_ok_and(|ci| ci == "true") {
            bail!(missing);
        }
        println!("fuzzing is left out: {missing}");
        return Ok(());
    }
    let host = host(workspace)?;
    build(workspace, &host)?;
    let seconds = seconds.unwrap_or(SECONDS);
    for (target, seeds) in TARGETS {
        if targets.is_empty() || targets.iter().any(|name| name == target) {
            fuzz(workspace, &host, target, seeds, seconds, runs)?;
        }
    }
    Ok(())
}

/// The compiler that the crate cc would choose.
fn compiler() -> String {
    env::var("CXX").unwrap_or_else(|_| "c++".to_owned())
}

fn is_there(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version");
    command.output().is_ok_and(|output| output.status.success())
}

/// The machine's own target. It is named in the build, so that what runs at build time is compiled without counters.
fn host(workspace: &Workspace) -> Result<String> {
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.arg("-vV").current_dir(workspace.root());
    process::output(&mut rustc)?
        .lines()
        .find_map(|line| line.strip_prefix("host: ").map(ToOwned::to_owned))
        .context("rustc -vV names no host")
}

fn build(workspace: &Workspace, host: &str) -> Result<()> {
    eprintln!("fuzz: building with coverage counters (2 minutes the first time)");
    let mut cargo = process::cargo(workspace);
    cargo
        .args(["build", "--locked", "--quiet", "--profile", "fuzz"])
        .args(["--package", "fuzz", "--bins", "--features", "libfuzzer"])
        .args(["--target", host])
        .env("CARGO_ENCODED_RUSTFLAGS", COUNTERS.join("\u{1f}"))
        .env_remove("RUSTFLAGS");
    process::run(&mut cargo)
}

fn fuzz(
    workspace: &Workspace,
    host: &str,
    target: &str,
    seeds: &[&str],
    seconds: u32,
    runs: Option<u32>,
) -> Result<()> {
    println!("== fuzzing {target} for {seconds} s");
    let folder = workspace.target().join("fuzz");
    let corpus = folder.join("corpus").join(target);
    let found = folder.join("found");
    for folder in [&corpus, &found] {
        fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    }
    let programs = workspace.target().join(host).join("fuzz");
    let mut fuzzer = Command::new(programs.join(format!("fuzz-{target}")));
    fuzzer
        .current_dir(workspace.root())
        .env("RUST_BACKTRACE", "0")
        .arg(format!("-max_total_time={seconds}"))
        // What is new is kept in the corpus, so that a later run goes on from there; a clean clone tries the same bytes each time.
        .arg("-seed=1")
        .args(runs.map(|runs| format!("-runs={runs}")))
        .arg(format!("-timeout={SECONDS_AN_INPUT_MAX}"))
        .arg(format!("-max_len={INPUT_BYTES_MAX}"))
        .arg(format!("-artifact_prefix={}/{target}-", found.display()))
        .args(dictionary(workspace, target))
        .args(["-print_final_stats=1", "-verbosity=0"])
        // What is new goes into the first folder.
        .arg(corpus)
        .args(seeds.iter().map(|seeds| workspace.path(seeds)));
    process::run(&mut fuzzer).with_context(|| {
        format!(
            "{target}: when it is mended, keep the input from {} in {}",
            found.display(),
            seeds.first().unwrap_or(&"")
        )
    })
}

fn dictionary(workspace: &Workspace, target: &str) -> Option<String> {
    let words = workspace.path(Path::new("tests/fuzz/words").join(format!("{target}.dict")));
    words
        .is_file()
        .then(|| format!("-dict={}", words.display()))
}
