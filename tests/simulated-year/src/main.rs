//! `cargo run -p simulated-year [SEED]` prints what a year comes to, without chasing and with. Some minutes, on two
//! processors.

use anyhow::Result;
use simulated_year::parameters as p;
use simulated_year::results::live;
use simulated_year::table;
use simulated_year::year::Arm;

/// Any would do; the results of others differ by chance alone.
const SEED: u64 = 2026;

fn main() -> Result<()> {
    let seed = match std::env::args().nth(1) {
        Some(seed) => seed.parse()?,
        None => SEED,
    };
    let mut shares = vec![p::SHARE_ACTED_ON_A_DAY];
    shares.extend(p::OTHER_SHARES_ACTED_ON);
    let mut arms = vec![Arm::Without];
    arms.extend(shares.iter().map(|acted_on| Arm::With {
        acted_on: *acted_on,
    }));
    let results = live(&arms, p::REFERRALS, seed)?;
    if let [without, with, ..] = results.as_slice() {
        println!("{}\n", table::arms(without, with));
    }
    let mut years: Vec<_> = arms
        .iter()
        .map(|arm| arm.share_acted_on())
        .zip(results)
        .collect();
    years.sort_by(|one, other| one.0.total_cmp(&other.0));
    println!("{}", table::sensitivity(&years));
    Ok(())
}
