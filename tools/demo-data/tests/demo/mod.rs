//! The demo network, made once for a file of tests.

#![allow(dead_code, reason = "each file of tests uses its part of it")]

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use demo_data::{Secrets, fill};
use in_process::Deployment;
use runtime::Native;
use serde_json::Value;

/// Tuesday 2026-03-17, 18:00 UTC.
pub const NOW_MS: i64 = 1_773_770_400_000;

/// Its database: of each file of tests, because they run at once.
pub const FILE: &str = concat!("demo-", env!("CARGO_CRATE_NAME"), ".db");

pub struct Demo {
    pub deployment: Deployment,
    pub told: Value,
}

/// Made once: it takes some seconds.
pub static DEMO: LazyLock<Demo> = LazyLock::new(|| {
    let database = Native::file(database(FILE));
    let secrets = Secrets {
        admin_key: "admin",
        master_key: "master",
    };
    let (deployment, told) = fill(database, secrets, NOW_MS).unwrap();
    Demo { deployment, told }
});

/// Where a database is to be that was not there before.
pub fn database(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    for left in [
        path.clone(),
        path.with_extension("db-wal"),
        path.with_extension("db-shm"),
    ] {
        let _ = std::fs::remove_file(left);
    }
    path
}

impl Demo {
    pub fn key(&self, organization: &str) -> &str {
        let mut keys = self.told["keys"].as_array().unwrap().iter();
        let key = keys.find(|key| key["organization"] == organization);
        key.unwrap()["key"].as_str().unwrap()
    }

    #[track_caller]
    pub fn get(&self, path: &str, key: &str) -> Value {
        let answer = self.deployment.call("GET", path, key, None).unwrap();
        answer.expect(&[200]).unwrap()
    }

    /// Every referral that an organisation sees.
    pub fn referrals(&self, organization: &str) -> Vec<Value> {
        let mut all = Vec::new();
        let mut path = "/worklist/referrals?limit=200".to_owned();
        loop {
            let page = self.get(&path, self.key(organization));
            all.extend(page["items"].as_array().unwrap().clone());
            match page["next"].as_str() {
                Some(next) => path = format!("/worklist/referrals?limit=200&cursor={next}"),
                None => return all,
            }
        }
    }
}
