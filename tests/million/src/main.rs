//! `cargo bench-million`: fills a file to 10,000, 100,000 and 1,000,000 referrals and prints what reading costs at each size.
//! Fails when work grows that must not, or when a statement goes through a whole large table.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use million::asks::{Growth, asks};
use million::costs::{Cost, cost, plan};
use million::fill::{Sums, fill};
use million::lives::moulds;
use million::store::Store;
use rusqlite::Connection;

const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];

/// How much the work of what must not grow may differ, in percent: pages hold other rows.
const MORE_MAX_PERCENT: i64 = 25;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<bool> {
    let mut arguments = std::env::args_os().skip(1);
    let folder = arguments.next().map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/million"),
        PathBuf::from,
    );
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let store = Store::new(&folder.join("million.sqlite"))?;
    let moulds = moulds(&store)?;
    let asks = asks();
    let mut costs: Vec<[Vec<Cost>; 2]> = vec![<[Vec<Cost>; 2]>::default(); asks.len()];
    let mut had = 0;
    for size in SIZES {
        eprintln!("filling to {size}");
        fill(store.path(), &moulds, had, size, Sums::MadeAfter)?;
        had = size;
        let connection = Connection::open(store.path())?;
        for (ask, costs) in asks.iter().zip(&mut costs) {
            for (who, costs) in ["north", "south"].iter().zip(costs) {
                let statements = store.ask(who, ask)?;
                costs.push(cost(&connection, &statements)?);
            }
        }
    }
    let connection = Connection::open(store.path())?;
    println!("Query plans at {had} referrals\n");
    for ask in &asks {
        println!("{}", ask.name);
        for statement in store.ask("south", ask)? {
            for step in plan(&connection, &statement)? {
                if step.starts_with("SEARCH") || step.starts_with("SCAN") {
                    println!("    {step}");
                }
            }
        }
    }
    let mut over = Vec::new();
    println!("\nSteps of SQLite's machine (time) at {SIZES:?} referrals in the store");
    for (ask, costs) in asks.iter().zip(&costs) {
        for (who, costs) in ["north", "south"].iter().zip(costs) {
            print!("  {:30} {who}", ask.name);
            for cost in costs {
                let time = format!("({:.1} ms)", cost.time.as_secs_f64() * 1000.0);
                print!("  {:>10} {time:>12}", cost.steps);
            }
            println!();
            over.extend(faults(ask.name, who, ask.grows_with, costs)?);
        }
    }
    for line in &over {
        eprintln!("over budget: {line}");
    }
    Ok(over.is_empty())
}

fn faults(name: &str, who: &str, growth: Growth, costs: &[Cost]) -> Result<Vec<String>> {
    let first = costs.first().context("a first size")?;
    let mut faults = Vec::new();
    for cost in costs {
        faults.extend(cost.scans.iter().map(|step| format!("{name}: {step}")));
        let is_grown = cost.steps * 100 > first.steps * (100 + MORE_MAX_PERCENT);
        if is_grown && (who == "north" || growth == Growth::Nothing) {
            faults.push(format!(
                "{name}, {who}: {} steps, then {}",
                first.steps, cost.steps
            ));
        }
    }
    faults.dedup();
    Ok(faults)
}
