//! Storing an event against other writers: the plain try, the guarded ones, and the shelf for what cannot win.
//!
//! Measured: a guarded batch first would cost every event for the sake of the few that race; plain retries with 16 writers
//! on one referral gave up on 2 to 10% after 24 tries. So the first try is plain, the next ones are guarded and bring the
//! winner's row back, and what cannot win in [`ATTEMPTS_MAX`] tries is kept for the next writer.

use domain::event::Event;
use domain::fold::Fate;
use ports::{DatabaseError, Platform, Statement};

use crate::deliveries::{add_to, after_answer, has_queued};
use crate::http::Problem;
use crate::metered::Metered;
use crate::receipts;
use crate::referrals::{
    Append, Key, Loaded, STATEMENTS, Selector, append_guarded, append_plain, shelve_event,
};

/// How often an event is tried before it is kept for the next writer.
pub const ATTEMPTS_MAX: u32 = 16;

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// Stored, and counted or parked.
    Stored {
        /// The version after.
        version: i64,
        /// Whether it counts.
        fate: Fate,
        /// Where the referral stands.
        status: domain::status::Status,
        /// Whether somebody is to be told.
        queued: bool,
    },
    /// Kept for the next writer; the version is the last one seen.
    Shelved {
        /// The last version seen.
        version: i64,
    },
    /// Another call with the same idempotency key, `webhook-id` or message was first.
    Receipted,
}

impl Done {
    /// Lets what was queued with the event be sent after the answer.
    pub fn tell<P: Platform>(&self, platform: &Metered<P>) {
        after_answer(platform, matches!(self, Self::Stored { queued: true, .. }));
    }
}

/// What a try needs of the event.
pub trait Fresh: Send + Sync {
    /// The event as it is written where the referral stands so, with all that is written beside it.
    ///
    /// # Errors
    /// The problem that is the caller's answer.
    fn plan(&self, loaded: &Loaded) -> Result<(Event, Append), Problem>;

    /// The receipt of the call, given what became of the event.
    fn receipt(&self, done: &Done) -> Option<Statement>;

    /// What is written beside the event: the receipt, and whatever keeps what came. Each takes effect only where the batch has
    /// just written the referral's row, if `won` gives its id and tail.
    fn beside(&self, done: &Done, won: Option<(&str, &str)>) -> Vec<Statement> {
        let receipt = self.receipt(done).map(|receipt| match won {
            Some((id, tail_hash)) => receipts::only_if_won(receipt, id, tail_hash),
            None => receipt,
        });
        receipt.into_iter().collect()
    }
}

/// Stores an event on a referral that was read as `loaded`. `again` reads it anew.
///
/// # Errors
/// What `fresh` says; [`Problem::Taken`] when an id is in use; [`Problem::DatabaseUnavailable`].
pub async fn append<P: Platform>(
    platform: &Metered<P>,
    loaded: Loaded,
    again: &Selector,
    fresh: &impl Fresh,
) -> Result<Done, Problem> {
    let (_, first) = fresh.plan(&loaded)?;
    let mut statements = fresh.beside(&stored(&first, false), None);
    statements.extend(append_plain(&first)?);
    let queue = add_to(&mut statements, &first.notices, first.now);
    match platform.batch(statements).await {
        Ok(answer) => return Ok(stored(&first, has_queued(&answer, queue))),
        Err(error) => match lost(error)? {
            Lost::Receipt => return Ok(Done::Receipted),
            Lost::Race => {}
        },
    }
    // By its own id: of two referrals with one identifier the race stays on the one that was read.
    let again = Selector {
        key: Key::Id(loaded.record.id),
        ..again.clone()
    };
    race(platform, &again, fresh).await
}

fn stored(append: &Append, queued: bool) -> Done {
    Done::Stored {
        version: append.version(),
        fate: append.fate,
        status: append.referral.status(),
        queued,
    }
}

enum Lost {
    Race,
    Receipt,
}

fn lost(error: DatabaseError) -> Result<Lost, Problem> {
    match &error {
        _ if receipts::is_taken(&error) => Ok(Lost::Receipt),
        DatabaseError::Conflict { constraint } if constraint.starts_with("exchange_messages.") => {
            Ok(Lost::Receipt)
        }
        DatabaseError::Conflict { constraint } if constraint.starts_with("events.") => {
            Ok(Lost::Race)
        }
        DatabaseError::Conflict { constraint }
            if constraint.starts_with("referral_identifiers.") =>
        {
            Err(Problem::Taken {
                what: "the filler's identifier",
            })
        }
        _ => Err(Problem::from(error)),
    }
}

/// The next tries: each reads the winner's row and, from the second on, writes in the same trip.
async fn race<P: Platform>(
    platform: &Metered<P>,
    again: &Selector,
    fresh: &impl Fresh,
) -> Result<Done, Problem> {
    let mut next: Option<Append> = None;
    let mut seen: Option<(Event, i64)> = None;
    for _ in 0..=ATTEMPTS_MAX {
        let mut statements = Vec::new();
        let mut queue = None;
        if let Some(append) = &next {
            statements.extend(append_guarded(append)?);
            let won = (append.id.as_str(), append.tail_hash());
            statements.extend(fresh.beside(&stored(append, false), Some(won)));
            queue = add_to(&mut statements, &append.notices, append.now);
        }
        let skipped = statements.len();
        statements.extend(again.statements());
        let answer = match platform.batch(statements).await {
            Ok(answer) => answer,
            Err(error) => match lost(error)? {
                Lost::Receipt => return Ok(Done::Receipted),
                Lost::Race => continue,
            },
        };
        let [records, history, pending] =
            [0, 1, STATEMENTS - 1].map(|index| answer.rows(skipped + index));
        let loaded = Loaded::from_rows(records, history, pending)?
            .pop()
            .ok_or(Problem::NotFound)?;
        if let Some(append) = next.take().filter(|append| append.has_won(&loaded.record)) {
            return Ok(stored(&append, has_queued(&answer, queue)));
        }
        let (event, append) = fresh.plan(&loaded)?;
        seen = Some((event, loaded.record.version));
        next = Some(append);
    }
    shelve(platform, next, seen, fresh).await
}

/// Keeps the event where the next writer finds it: unconditional, so that it cannot lose again.
async fn shelve<P: Platform>(
    platform: &Metered<P>,
    next: Option<Append>,
    seen: Option<(Event, i64)>,
    fresh: &impl Fresh,
) -> Result<Done, Problem> {
    let (Some(append), Some((event, version))) = (next, seen) else {
        return Err(Problem::DatabaseUnavailable);
    };
    let shelved = Done::Shelved { version };
    let mut statements = fresh.beside(&shelved, None);
    statements.extend(shelve_event(&append, &event)?);
    match platform.batch(statements).await {
        Ok(_) => Ok(shelved),
        Err(error) => match lost(error)? {
            Lost::Receipt => Ok(Done::Receipted),
            Lost::Race => Err(Problem::DatabaseUnavailable),
        },
    }
}
