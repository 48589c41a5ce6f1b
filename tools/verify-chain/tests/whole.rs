//! What the functions wrote is whole, in SQLite's own form and as an export; and what the program says.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by them"
)]
#![allow(dead_code, reason = "what is written serves other tests too")]

mod export;
mod written;

use std::fs;
use std::path::Path;
use std::process::Command;

use runtime::Native;
use rusqlite::Connection;
use serde_json::json;
use verify_chain::{database, verify};
use written::{file, found, lines, migrations, run, written};

#[test]
fn what_the_functions_wrote_is_whole() {
    let whole = written();
    let report = verify(&database::open(&whole.path).unwrap(), &[]).unwrap();
    assert_eq!(report.findings, []);
    assert_eq!(report.referrals, 2);
    assert!(report.events > 10, "{report:?}");
    assert_eq!(lines(&file("live.db"), &[]), [""; 0]);
}

#[test]
fn what_the_tests_of_the_store_wrote_with_their_races_and_sweeps_is_whole() {
    let path = file("suite.db");
    let platform = Native::file(&path).migrations(migrations()).open().unwrap();
    for name in store_suite::NAMES {
        let case = store_suite::run(&platform, name);
        pollster::block_on(case).unwrap().unwrap();
    }
    let report = verify(&database::open(&path).unwrap(), &[]).unwrap();
    assert_eq!(report.findings, []);
    assert!(report.referrals > 10 && report.events > 100, "{report:?}");
}

#[test]
fn a_pending_event_is_no_part_of_the_chain() {
    let short = &written().short;
    let lines = found("pending", |connection| {
        run(
            connection,
            &format!("INSERT INTO pending_events VALUES ('{short}', 'one', '{{}}')"),
        );
    });
    assert_eq!(lines, [""; 0]);
}

#[test]
fn an_export_of_d1_is_read_as_the_database_itself() {
    let whole = written();
    let path = file("export.sql");
    let connection = Connection::open(&whole.path).unwrap();
    fs::write(&path, export::dump(&connection)).unwrap();
    let report = verify(&database::open(&path).unwrap(), &[]).unwrap();
    assert_eq!((report.findings.len(), report.referrals), (0, 2));

    let changed = fs::read_to_string(&path)
        .unwrap()
        .replacen("Angina.", "Nothing.", 1);
    fs::write(&path, changed).unwrap();
    assert!(!lines(&path, &[]).is_empty());
}

/// Exit code, standard output and standard error of the program.
fn program(arguments: &[&Path]) -> (Option<i32>, String, String) {
    let program = env!("CARGO_BIN_EXE_verify-chain");
    let output = Command::new(program).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn the_program_says_what_is_wrong_by_its_lines_and_its_exit_code_and_repeats_nothing_stored() {
    let whole = &written().path;
    let (code, out, _) = program(&[whole]);
    assert_eq!(code, Some(0));
    assert!(
        out.starts_with("2 referrals, ") && out.ends_with(" 0 proofs: 0 faults\n"),
        "{out}"
    );

    let proofs = file("proofs.json");
    let known = json!([{"referral": written().short, "seq": 1, "hash": "0".repeat(64)}]);
    fs::write(&proofs, known.to_string()).unwrap();
    let (code, out, _) = program(&[whole, Path::new("--proof"), &proofs]);
    assert_eq!(code, Some(1));
    assert_eq!(out.lines().count(), 2);
    assert!(
        out.contains("seq 1: a proof has another hash of this event"),
        "{out}"
    );

    let nonsense = file("nonsense.sql");
    fs::write(&nonsense, "INSERT INTO events VALUES ('Chalmers')").unwrap();
    let outside = file("outside.db");
    let attach = file("attach.sql");
    fs::write(
        &attach,
        format!(
            "ATTACH '{0}' AS x; CREATE TABLE x.t (a); VACUUM INTO '{0}';",
            outside.display()
        ),
    )
    .unwrap();
    let empty = file("empty.sql");
    fs::write(&empty, "").unwrap();
    let cut = file("cut.sql");
    fs::write(
        &cut,
        "CREATE TABLE referrals (id); CREATE TABLE events (seq);\0",
    )
    .unwrap();
    let mistaken: [&[&Path]; 9] = [
        &[],
        &[&nonsense],
        &[&attach],
        &[&empty],
        &[&cut],
        &[Path::new("/nowhere.db")],
        &[whole, whole],
        &[Path::new("--help")],
        &[whole, Path::new("--proof"), &nonsense],
    ];
    for arguments in mistaken {
        let (code, out, said) = program(arguments);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(
            said.starts_with("error: ") && !said.contains("Chalmers"),
            "{said}"
        );
    }
    assert!(!outside.exists());
}
