//! Whole lives through the store: what stands in the row is what the stored events fold to.

use domain::time::SignedDuration;
use ports::Platform;
use service::http::Problem;
use service::referrals::insert_pending;
use service::status::{Done, append};

use crate::check::{Failure, Outcome, equal, holds};
use crate::life::Life;
use crate::network::Network;
use crate::stored::Stored;
use crate::writer::{Writer, load};

/// The lives that every platform lives. Change them when they have found nothing for long.
const SEEDS: [u64; 3] = [1, 2, 3];

/// How many events a life has, beside the first.
const EVENTS: usize = 50;

/// What the names of a life's events begin with.
const NAME_PREFIX: &str = "e-";

/// How often a life tries: most of what may happen is not legal at its place.
const TRIES_MAX: usize = 2_000;

/// One event in so many waits on the shelf first.
const SHELVED_ONE_IN: u64 = 10;

/// Events of all kinds, early and late, some by way of the shelf: afterwards the row is their fold.
pub async fn the_row_is_the_fold_of_the_stored_events<P: Platform>(platform: &P) -> Outcome {
    for seed in SEEDS {
        let network = Network::new(platform).await?;
        live(&network, seed).await?;
    }
    Ok(())
}

async fn live<P: Platform>(network: &Network<P>, seed: u64) -> Outcome {
    let id = network.refer("a").await?;
    let elsewhere = format!("lungs-{}", network.scope);
    let recipient = network.recipient();
    let mut life = Life::new(seed);
    let mut written = vec![format!("{id}.sent")];
    for attempt in 0..TRIES_MAX {
        if written.len() > EVENTS {
            break;
        }
        let Some(happening) = life.next([&recipient, &elsewhere], &written) else {
            continue;
        };
        let name = format!("{NAME_PREFIX}{attempt:04}");
        let (kind, side) = (happening.kind, happening.side);
        let mut event = network.event(&id, &name, kind, side, happening.data)?;
        event.occurred_at = event
            .occurred_at
            .plus(SignedDuration::from_mins(happening.minute));
        if life.below(SHELVED_ONE_IN) == 0 {
            let shelve = insert_pending(&id, &event)?;
            network.platform.batch(vec![shelve]).await?;
            written.push(event.id);
            continue;
        }
        let writer = Writer::new(event);
        let selector = writer.selector();
        let loaded = load(&network.platform, &selector).await?;
        match append(&network.platform, loaded, &selector, &writer).await {
            Ok(Done::Stored { .. }) => written.push(writer.event.id),
            Err(
                Problem::NeverLegal { .. }
                | Problem::GuardFailed { .. }
                | Problem::WrongSide
                | Problem::Invalid(_),
            ) => continue,
            Ok(_) => return Err(Failure::Case("nobody else writes".to_owned())),
            Err(problem) => return Err(problem.into()),
        }
        Stored::read(&network.platform, &id).await?.agrees()?;
    }
    equal("the events of a life", written.len(), EVENTS + 1)?;
    // What is still on the shelf comes in with the last one.
    let last = Writer::at_arrival(network.note(&id, "last")?);
    last.write(&network.platform).await?;
    let stored = Stored::read(&network.platform, &id).await?;
    equal("pending", stored.pending.len(), 0)?;
    // A sweep of another case may have found the referral late meanwhile.
    let names = stored.names();
    let own = names.iter().filter(|name| name.starts_with(NAME_PREFIX));
    equal("its events in the chain", own.count(), EVENTS)?;
    holds(
        "some came out of order",
        stored
            .fold()?
            .fates
            .iter()
            .zip(&written)
            .any(|((it, ..), id)| it != id),
    )?;
    stored.agrees()
}
