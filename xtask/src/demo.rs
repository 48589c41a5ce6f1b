//! The demo network of `cargo dev`: made once, before anything is served, and told at every start.

use std::{
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::{
    process,
    secrets::Secrets,
    server::{self, Runtime},
    workspace::Workspace,
};

/// Makes the demo network in the database of `state`, where it was not made before, and gives what is known of it: `keys`, and
/// `sent`, a referral that waits for an answer.
///
/// # Errors
/// When it cannot be made, or the database is in use already.
pub fn made(
    workspace: &Workspace,
    runtime: Runtime,
    state: &Path,
    secrets: &Secrets,
) -> Result<Value> {
    // Keys are shown once, when they are made.
    let remembered = state.join("demo-network.json");
    if remembered.exists() {
        let text = fs::read_to_string(&remembered)
            .with_context(|| format!("reading {}", remembered.display()))?;
        return Ok(serde_json::from_str(&text)?);
    }
    println!("making the demo network (less than a minute, once)");
    fs::create_dir_all(state).with_context(|| format!("creating {}", state.display()))?;
    let told = match runtime {
        Runtime::Spin => fill(
            workspace,
            secrets,
            &["--database".into(), spin_database(state)],
        )?,
        Runtime::Workerd => filled_d1(workspace, state, secrets)?,
    };
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&remembered)
        .and_then(|mut file| file.write_all(told.to_string().as_bytes()))
        .with_context(|| format!("writing {}", remembered.display()))?;
    Ok(told)
}

/// The file of Spin's default database: Spin's own name for it, or the one that the host of the tests is given.
fn spin_database(state: &Path) -> PathBuf {
    if server::on_path("spin") {
        state.join("sqlite_db.db")
    } else {
        state.join("spin.db")
    }
}

/// The local D1 is no file that others may write: it is made in one beside it, and its rows are copied.
fn filled_d1(workspace: &Workspace, state: &Path, secrets: &Secrets) -> Result<Value> {
    let (database, rows) = (state.join("demo.db"), state.join("demo.rows"));
    let remove = || {
        [&database, &rows]
            .into_iter()
            .filter(|file| file.exists())
            .try_for_each(fs::remove_file)
    };
    remove()?;
    let arguments = [
        "--database".into(),
        database.clone(),
        "--rows".into(),
        rows.clone(),
    ];
    let told = fill(workspace, secrets, &arguments)?;
    let mut load = process::npm_program(workspace, "node")?;
    load.arg(workspace.path("xtask/node/load.mjs"))
        .arg("--root")
        .arg(workspace.root())
        .arg("--persist")
        .arg(state)
        .arg("--rows")
        .arg(&rows);
    process::run(&mut load)?;
    remove()?;
    Ok(told)
}

fn fill(workspace: &Workspace, secrets: &Secrets, arguments: &[PathBuf]) -> Result<Value> {
    let mut program = process::cargo(workspace);
    program
        .args(["run", "--quiet", "--locked", "-p", "demo-data", "--"])
        .args(arguments)
        .envs(secrets.environment());
    Ok(serde_json::from_str(&process::output(&mut program)?)?)
}

/// What somebody who starts the server wants to know: the page, who signs in with which key, and calls to paste.
pub fn told(network: &Value, url: &str) -> String {
    let keys = network.get("keys").and_then(Value::as_array);
    let text = |value: &Value, name: &str| -> String {
        let text = value.get(name).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    let mut told =
        format!("\nThe page: {url}/worklist/\nSign in with a key of the demo network:\n");
    for key in keys.into_iter().flatten() {
        let (key, label, who) = (text(key, "key"), text(key, "label"), text(key, "who"));
        told.push_str(&format!("  {key}  {label}, {who}\n"));
    }
    let key_of = |organization: &str| {
        let mut keys = keys.into_iter().flatten();
        let key = keys.find(|key| text(key, "organization") == organization);
        key.map(|key| text(key, "key")).unwrap_or_default()
    };
    let (practice, heart) = (key_of(PRACTICE), key_of(HEART));
    let curl = |key: &str, path: &str, body: Option<Value>| {
        let data = body.map_or_else(String::new, |body| {
            format!("-H 'Content-Type: application/json' -d '{body}' ")
        });
        format!("  curl -s -w '\\n' -H 'Authorization: Bearer {key}' {data}'{url}{path}'\n")
    };
    let accepted = json!({"type": "referral.accepted", "data": {}});
    let sent = format!("/status/referrals/{}/events", text(network, "sent"));
    for (what, line) in [
        (
            "Refer a patient, as the practice",
            curl(&practice, "/intake/referrals", Some(request())),
        ),
        (
            "Accept a referral, as the heart centre",
            curl(&heart, &sent, Some(accepted)),
        ),
        (
            "Read the practice's worklist, most pressing first",
            curl(&practice, "/worklist/referrals?limit=5", None),
        ),
    ] {
        told.push_str(&format!("\n{what}:\n{line}"));
    }
    told
}

const PRACTICE: &str = "demo-riverside";
const HEART: &str = "demo-heart-centre";

/// A request that lacks nothing that its service requires.
fn request() -> Value {
    json!({
        "patient": {
            "identifier": {"system": "urn:oid:2.999.1", "value": "DEMO-1999"},
            "name": {"family": "Testington", "given": ["Nova"]},
            "birth_date": "1971-04-12",
            "phone": "+1 555 0100",
        },
        "recipient": {"organization": "demo-university", "service": "cardiology"},
        "service": {"system": "http://snomed.info/sct", "code": "183519002", "display": "Referral to cardiology service"},
        "urgency": "routine",
        "clinical_question": "Is the exertional chest pain cardiac?",
        "role": "evaluate",
        "supporting": [],
        "preparation": {"agreed": "yes", "reason": "Knows why.", "barriers": []},
        "overrides": [],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_has_the_page_each_key_and_three_whole_calls() {
        let network = json!({"sent": "ref-1", "keys": [
            {"organization": PRACTICE, "label": "Rosa", "who": "coordinator", "key": "rl_a"},
            {"organization": HEART, "label": "Desk", "who": "front desk", "key": "rl_b"},
        ]});
        let told = told(&network, "http://127.0.0.1:1");
        assert!(told.contains("http://127.0.0.1:1/worklist/\n"));
        assert!(told.contains("  rl_a  Rosa, coordinator\n  rl_b  Desk, front desk\n"));
        assert_eq!(told.matches("curl -s").count(), 3);
        assert_eq!(told.matches("Bearer rl_a").count(), 2);
        assert!(told.contains("Bearer rl_b' -H 'Content-Type: application/json' -d '{\"data\":{},\"type\":\"referral.accepted\"}' 'http://127.0.0.1:1/status/referrals/ref-1/events'"));
    }
}
