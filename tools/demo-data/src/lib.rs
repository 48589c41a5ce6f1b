//! The demo network of `cargo dev`: a family practice, those that it refers to, and a year of referrals between them.
//!
//! It is made through the real routers, over SQLite and on a clock that moves from a year ago to now: over HTTP alone nothing can
//! have come in before today, and there would be no trend, no wait and no breach to look at. The same seed makes the same network,
//! but for ids and keys. Nobody in it is real: families are called Testington or Mockford, phone numbers begin with 555, addresses
//! end in `.invalid` or at example.org.
//!
//! **Invariant:** it reaches the product by requests to its routers alone; tables are read only to be copied, whole.

mod calendar;
mod copy;
mod course;
mod network;
mod partners;
mod past;
mod people;
mod present;
mod story;
mod unmatched;

pub use copy::rows;
pub use network::{HEART, JOINTS, PRACTICE, UNIVERSITY};

use anyhow::Result;
use in_process::Deployment;
use runtime::NativeBuilder;
use serde_json::Value;

use partners::Partners;

/// Any would do; another makes other patients meet other fates.
const SEED: u64 = 360;

/// The deployment's own secrets.
#[derive(Debug, Clone, Copy)]
pub struct Secrets<'a> {
    /// The operator's key.
    pub admin_key: &'a str,
    /// What signing secrets are derived from.
    pub master_key: &'a str,
}

/// Fills an empty database with the network as it stands at `now_ms`, and gives what `cargo dev` prints: `keys`, each with whose
/// it is, and `sent`, the id of a referral that waits for an answer.
///
/// # Errors
/// When the product refuses something.
pub fn fill(
    database: NativeBuilder,
    secrets: Secrets<'_>,
    now_ms: i64,
) -> Result<(Deployment, Value)> {
    let (partners, database) = Partners::of(database);
    let begins_ms = past::begins(now_ms);
    let deployment =
        Deployment::with_keys(database, begins_ms, secrets.admin_key, secrets.master_key)?;
    let network = network::Network::new(&deployment)?;
    let mut dice = fastrand::Rng::with_seed(SEED);
    let mut stories = past::stories(now_ms, &mut dice);
    stories.extend(present::stories(now_ms));
    stories.iter_mut().for_each(story::Story::hear_by_phone);
    let ids = course::run(&deployment, &partners, &network, &stories, now_ms)?;
    unmatched::send(&deployment, &network, now_ms)?;
    network.announce(&deployment)?;
    network.close_one(&deployment)?;
    course::sweep(&deployment)?;
    let told = network.told(&ids)?;
    Ok((deployment, told))
}
