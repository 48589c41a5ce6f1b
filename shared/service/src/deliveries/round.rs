//! Working on the outbox: rounds of a lease, the sending, and the settling. Two round trips each, whatever is sent; what a renderer
//! reads comes on top.

use futures_util::future::join_all;
use ports::Platform;

use super::address::Allowed;
use super::lease::{self, PAIRS_MAX};
use super::render::Renderer;
use super::settle::Settlement;
use super::transmit;
use crate::http::Problem;
use crate::metered::Metered;

/// What was sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Messages that were taken.
    pub delivered: u64,
    /// Messages that were not, this time.
    pub failed: u64,
    /// Whether more may be due now.
    pub more: bool,
}

/// Works on the renderer's lane of the outbox, at most `rounds` times and until nothing is due: in the network of the key with this hash, or
/// in all.
///
/// # Errors
/// [`Problem::NotConfigured`] without the master key, [`Problem::DatabaseUnavailable`]. What was leased and not settled is sent again once
/// the lease is over.
pub async fn work<P: Platform, R: Renderer<P>>(
    platform: &Metered<P>,
    renderer: &R,
    key_hash: Option<&str>,
    rounds: usize,
) -> Result<Tally, Problem> {
    let allowed = Allowed::read(platform).await;
    let mut tally = Tally::default();
    for _ in 0..rounds {
        let began_at = platform.now();
        let mut lease = lease::take(platform, R::LANE, key_hash, began_at).await?;
        if lease.pairs.is_empty() {
            tally.more = false;
            break;
        }
        renderer.render(platform, &mut lease, began_at).await?;
        let sending = lease
            .pairs
            .iter()
            .map(|pair| transmit::pair(platform, renderer, pair, allowed, began_at));
        let outcomes = join_all(sending).await;
        let now = platform.now();
        let mut settlement = Settlement::default();
        for (pair, outcomes) in lease.pairs.iter().zip(&outcomes) {
            settlement.add(platform, pair, outcomes, now);
        }
        tally.delivered = tally.delivered.saturating_add(settlement.delivered());
        tally.failed = tally.failed.saturating_add(settlement.failed());
        // What is behind a challenge that was just passed may go now.
        tally.more = lease.pairs.len() >= PAIRS_MAX || settlement.has_proven();
        let beside = renderer.settled(settlement.delivered_to(), now);
        let mut statements = settlement.statements(&lease, now);
        statements.extend(beside);
        if !statements.is_empty() {
            platform.batch(statements).await?;
        }
        if !tally.more {
            break;
        }
    }
    Ok(tally)
}
