//! `cargo bench-million`: fills a file to 10,000, 100,000 and 1,000,000 referrals and prints what reading costs at each size, and what
//! a write costs the sums. Fails when work grows that must not, or when a statement goes through a whole large table.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use million::asks::asks;
use million::budget::faults;
use million::costs::{Cost, cost, plan};
use million::fill::{Sums, fill};
use million::lives::moulds;
use million::store::Store;
use million::writes::writes;
use rusqlite::Connection;

const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];

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
                let (statements, answered) = store.ask(who, ask)?;
                let read = cost(&connection, &statements)?;
                costs.push(Cost { answered, ..read });
            }
        }
    }
    let connection = Connection::open(store.path())?;
    println!("Query plans at {had} referrals\n");
    for ask in &asks {
        println!("{}", ask.name);
        for statement in store.ask("south", ask)?.0 {
            for step in plan(&connection, &statement)? {
                if step.starts_with("SEARCH") || step.starts_with("SCAN") {
                    println!("    {step}");
                }
            }
        }
    }
    let mut over = Vec::new();
    println!(
        "\nSteps of SQLite's machine at {SIZES:?} referrals in the store; of the last: time, rows, bytes, time of the answer"
    );
    for (ask, costs) in asks.iter().zip(&costs) {
        for (who, costs) in ["north", "south"].iter().zip(costs) {
            print!("  {:30} {who}", ask.name);
            for cost in costs {
                print!("  {:>9}", cost.steps);
            }
            if let Some(last) = costs.last() {
                let [read, answered] =
                    [last.time, last.answered].map(|it| it.as_secs_f64() * 1000.0);
                print!(
                    "  {read:>7.1} ms  {:>6}  {:>8}  {answered:>7.1} ms",
                    last.rows, last.bytes
                );
            }
            println!();
            over.extend(faults(ask, who, costs));
        }
    }
    println!("\nWhat an event's write costs the sums");
    for write in writes(&mut Connection::open(store.path())?)? {
        println!(
            "  a sum of {:>6} bytes: {} steps, {:.2} ms",
            write.bytes,
            write.steps,
            write.time.as_secs_f64() * 1000.0
        );
    }
    for line in &over {
        eprintln!("over budget: {line}");
    }
    Ok(over.is_empty())
}
