//! `cargo mllp --to URL --spool FOLDER`: takes HL7 v2 over MLLP and hands it on to the exchange function.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use mllp::relay::Target;
use mllp::serve::{Mode, run};
use mllp::spool::Spool;
use pico_args::Arguments;

const USAGE: &str = "\
cargo mllp --to URL --spool FOLDER [--listen ADDRESS] [--answer function|stored]

--to URL        where the exchange function is; messages go to URL/hl7
--spool FOLDER  where messages are kept until the function has them
--listen        127.0.0.1:2575 without it; MLLP has no encryption of its own, so keep it to this machine or a VPN
--answer        `function` (without it): the sender hears what the function says, when it says it;
                `stored`: the sender hears CA (or AA) as soon as the message is on disk
The key is read from the environment variable REFERRAL_LOOP_KEY (scopes referrals:write and events:write).
";

/// MLLP's registered port.
const LISTEN: &str = "127.0.0.1:2575";

fn main() -> ExitCode {
    match start(Arguments::from_env()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(mut arguments: Arguments) -> Result<()> {
    let to: Option<String> = arguments.opt_value_from_str("--to")?;
    let spool: Option<PathBuf> = arguments.opt_value_from_str("--spool")?;
    let listen: Option<String> = arguments.opt_value_from_str("--listen")?;
    let answer: Option<String> = arguments.opt_value_from_str("--answer")?;
    let mode = match answer.as_deref() {
        None | Some("function") => Mode::Function,
        Some("stored") => Mode::Stored,
        Some(_) => bail!("--answer is `function` or `stored`\n\n{USAGE}"),
    };
    let (Some(to), Some(spool)) = (to, spool) else {
        bail!("where to, and which spool?\n\n{USAGE}");
    };
    if !arguments.finish().is_empty() {
        bail!("an option too many\n\n{USAGE}");
    }
    let key = std::env::var("REFERRAL_LOOP_KEY").context("REFERRAL_LOOP_KEY holds the key")?;
    let spool = Spool::open(&spool).with_context(|| spool.display().to_string())?;
    let waiting = spool.waiting()?.len();
    let address = listen.as_deref().unwrap_or(LISTEN);
    let listener =
        TcpListener::bind(address).with_context(|| format!("cannot listen on {address}"))?;
    println!(
        "listening on {}, {waiting} messages wait",
        listener.local_addr()?
    );
    run(&listener, spool, Target::new(&to, &key), mode)?;
    Ok(())
}
