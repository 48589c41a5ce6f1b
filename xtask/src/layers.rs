//! `cargo xtask check`: who may depend on whom. Layers look down only; the picture in ARCHITECTURE.md is this table.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{process, workspace::Workspace};

/// A crate, or every crate below a folder, and the crates of this repository that it may depend on.
const LAYERS: [(&str, &[&str]); 13] = [
    ("functions/gateway", &[]),
    ("functions/", &["runtime", "service"]),
    ("shared/service", &["domain", "ports", "formats"]),
    ("shared/exchange", &["domain"]),
    ("shared/runtime", &["ports"]),
    ("shared/domain", &[]),
    ("shared/ports", &[]),
    (
        "tests/",
        &[
            "domain",
            "ports",
            "runtime",
            "service",
            "formats",
            "in-process",
            "store-suite",
        ],
    ),
    (
        "bench/",
        &["domain", "ports", "runtime", "service", "formats"],
    ),
    ("tools/in-process", &["ports", "runtime", "service"]),
    (
        "tools/demo-data",
        &["domain", "in-process", "ports", "runtime"],
    ),
    ("tools/", &["domain", "formats", "service"]),
    ("xtask", &[]),
];

/// The platforms' own crates, and where they may be named.
const PLATFORM_CRATES: [&str; 2] = ["worker", "spin-sdk"];
const PLATFORM_FOLDERS: [&str; 3] = ["functions/", "shared/runtime", "tests/"];

/// Checks every edge between the crates of this repository, and every edge to a platform's crate.
///
/// # Errors
/// When an edge is not in the table: names each of them.
pub fn check(workspace: &Workspace) -> Result<()> {
    let mut cargo = process::cargo(workspace);
    cargo.args(["metadata", "--format-version=1", "--no-deps", "--locked"]);
    let metadata: Value = serde_json::from_str(&process::output(&mut cargo)?)?;
    let crates = crates(workspace, &metadata)?;
    let faults = faults(&crates)?;
    if !faults.is_empty() {
        bail!("layers look down only:\n  {}", faults.join("\n  "));
    }
    println!("layers: {} crates, every edge looks down", crates.len());
    Ok(())
}

/// Each crate's folder and what it depends on; what only its tests depend on is left out.
type Crates = BTreeMap<String, (String, Vec<String>)>;

fn crates(workspace: &Workspace, metadata: &Value) -> Result<Crates> {
    let mut crates = Crates::new();
    for package in array(metadata, "packages")? {
        let folder = Path::new(text(package, "manifest_path")?)
            .parent()
            .and_then(|folder| folder.strip_prefix(workspace.root()).ok())
            .context("a package outside of the repository")?;
        let mut dependencies = Vec::new();
        for dependency in array(package, "dependencies")? {
            if dependency.get("kind").and_then(Value::as_str) != Some("dev") {
                dependencies.push(text(dependency, "name")?.to_owned());
            }
        }
        let name = text(package, "name")?.to_owned();
        crates.insert(name, (folder.to_string_lossy().into_owned(), dependencies));
    }
    Ok(crates)
}

fn faults(crates: &Crates) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    for (name, (folder, dependencies)) in crates {
        let Some((_, allowed)) = LAYERS.iter().find(|(layer, _)| is_in(folder, layer)) else {
            bail!("{folder} is in no layer: add it to the table in xtask/src/layers.rs");
        };
        for dependency in dependencies {
            let is_ours = crates.contains_key(dependency);
            let is_platform = PLATFORM_CRATES.contains(&dependency.as_str());
            let may = if is_ours {
                allowed.contains(&dependency.as_str())
            } else {
                !is_platform || PLATFORM_FOLDERS.iter().any(|layer| is_in(folder, layer))
            };
            if !may {
                faults.push(format!("{name} may not depend on {dependency}"));
            }
        }
    }
    Ok(faults)
}

/// A layer that ends in a slash is every crate below that folder.
fn is_in(folder: &str, layer: &str) -> bool {
    folder == layer || (layer.ends_with('/') && folder.starts_with(layer))
}

fn array<'a>(value: &'a Value, key: &str) -> Result<&'a Vec<Value>> {
    value
        .get(key)
        .and_then(Value::as_array)
        .with_context(|| format!("cargo metadata has no {key}"))
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str> {
    value
        .get(key)
        .and_then(Value::as_str)
        .with_context(|| format!("cargo metadata has no {key}"))
}

#[cfg(test)]
mod tests {
    use super::{Crates, faults};

    fn crates(edges: &[(&str, &str, &[&str])]) -> Crates {
        edges
            .iter()
            .map(|(name, folder, dependencies)| {
                let dependencies = dependencies.iter().map(|&name| name.to_owned()).collect();
                ((*name).to_owned(), ((*folder).to_owned(), dependencies))
            })
            .collect()
    }

    #[test]
    fn an_edge_that_looks_up_is_named() {
        let crates = crates(&[
            ("domain", "shared/domain", &["service", "serde"]),
            ("service", "shared/service", &["domain"]),
        ]);
        let want = vec!["domain may not depend on service".to_owned()];
        assert_eq!(faults(&crates).unwrap(), want);
    }

    #[test]
    fn a_platforms_crate_above_runtime_is_named() {
        let crates = crates(&[
            ("intake", "functions/intake", &["worker", "spin-sdk"]),
            ("service", "shared/service", &["worker"]),
        ]);
        let want = vec!["service may not depend on worker".to_owned()];
        assert_eq!(faults(&crates).unwrap(), want);
    }

    #[test]
    fn a_crate_in_no_layer_is_an_error() {
        assert!(faults(&crates(&[("other", "shared/other", &[])])).is_err());
    }
}
