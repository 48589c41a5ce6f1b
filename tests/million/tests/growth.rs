//! The small form of the benchmark: with four times as many referrals in the store, reading is no more work.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by them"
)]

use std::path::PathBuf;

use million::asks::asks;
use million::budget::faults;
use million::costs::{Cost, cost};
use million::fill::{Sums, fill};
use million::lives::moulds;
use million::store::Store;
use million::writes::writes;
use rusqlite::Connection;

const SMALL: usize = 8_000;
const LARGE: usize = 32_000;

/// An empty folder for one test.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).unwrap();
    }
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn work_does_not_grow_with_the_store_and_no_large_table_is_gone_through() {
    let store = Store::new(&folder("growth").join("store.sqlite")).unwrap();
    let moulds = moulds(&store).unwrap();
    let costs = |had, size| -> Vec<[Cost; 2]> {
        fill(store.path(), &moulds, had, size, Sums::MadeAfter).unwrap();
        let connection = Connection::open(store.path()).unwrap();
        let of = |who: &str, ask| cost(&connection, &store.ask(who, ask).unwrap().0).unwrap();
        asks()
            .iter()
            .map(|ask| ["north", "south"].map(|who| of(who, ask)))
            .collect()
    };
    let small = costs(0, SMALL);
    let large = costs(SMALL, LARGE);
    let mut over = Vec::new();
    for (ask, (small, large)) in asks().iter().zip(small.iter().zip(&large)) {
        for (who, (small, large)) in ["north", "south"].iter().zip(small.iter().zip(large)) {
            over.extend(faults(ask, who, &[small.clone(), large.clone()]));
        }
    }
    assert_eq!(over, Vec::<String>::new());
}

#[test]
fn a_write_is_the_same_work_however_much_is_in_its_sum() {
    let store = Store::new(&folder("writes").join("store.sqlite")).unwrap();
    let moulds = moulds(&store).unwrap();
    fill(store.path(), &moulds, 0, 600, Sums::Kept).unwrap();
    let [small, large] = writes(&mut Connection::open(store.path()).unwrap()).unwrap();
    assert!(
        small.steps > 0 && large.bytes > 20 * small.bytes,
        "{small:?} {large:?}"
    );
    assert!(large.steps < small.steps + 100, "{small:?} {large:?}");
}

#[test]
fn sums_made_in_one_go_are_those_that_the_triggers_keep() {
    let sums = |name: &str, how| -> Vec<(String, String, String, String, String)> {
        let store = Store::new(&folder(name).join("store.sqlite")).unwrap();
        let moulds = moulds(&store).unwrap();
        fill(store.path(), &moulds, 0, 600, how).unwrap();
        let connection = Connection::open(store.path()).unwrap();
        // Counters in the order of their names: an object has none.
        let mut rows = connection
            .prepare(
                "SELECT t.referrer, t.month, t.recipient, t.urgency,
  (SELECT group_concat(key || '=' || value) FROM (SELECT key, value FROM json_each(t.counts) ORDER BY key))
FROM tallies t ORDER BY 1, 2, 3, 4",
            )
            .unwrap();
        let rows = rows.query_map([], |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
            ))
        });
        rows.unwrap().map(Result::unwrap).collect()
    };
    let kept = sums("kept", Sums::Kept);
    assert!(kept.len() > 100, "{}", kept.len());
    assert_eq!(kept, sums("made", Sums::MadeAfter));
}
