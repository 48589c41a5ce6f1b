//! `cargo verify-chain FILE [--proof FILE]`: a line for each fault, then what was looked at. Exit code 0 when all is as it was
//! written, 1 when it is not, 2 when it could not be checked.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use pico_args::Arguments;
use verify_chain::{database, proof, verify};

const USAGE: &str = "\
cargo verify-chain FILE [--proof FILE]

FILE is an SQLite database, or the SQL that `wrangler d1 export` writes.
--proof FILE has hashes that partners kept from webhooks: JSON, a list or an object a line, of {referral, seq, hash}.
";

/// The exit code when nothing can be said.
const NOT_CHECKED: u8 = 2;

fn main() -> ExitCode {
    match run(Arguments::from_env()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(NOT_CHECKED)
        }
    }
}

/// Whether everything is as it was written.
fn run(mut arguments: Arguments) -> Result<bool> {
    let path = |text: &OsStr| Ok::<_, std::convert::Infallible>(PathBuf::from(text));
    let proofs = arguments.opt_value_from_os_str("--proof", path)?;
    let Some(file) = arguments.opt_free_from_os_str(path)? else {
        bail!("which file?\n\n{USAGE}");
    };
    if !arguments.finish().is_empty() || file.as_os_str().as_encoded_bytes().starts_with(b"-") {
        bail!("one file, and no other option\n\n{USAGE}");
    }
    let proofs = match proofs {
        None => Vec::new(),
        Some(path) => {
            let named = || path.display().to_string();
            let text = std::fs::read_to_string(&path).with_context(named)?;
            proof::parse(&text).with_context(named)?
        }
    };
    let named = || file.display().to_string();
    let connection = database::open(&file).with_context(named)?;
    let report = verify(&connection, &proofs).with_context(named)?;
    for finding in &report.findings {
        println!("{finding}");
    }
    println!(
        "{} referrals, {} events, {} proofs: {} faults",
        report.referrals,
        report.events,
        proofs.len(),
        report.findings.len()
    );
    Ok(report.findings.is_empty())
}
