//! Webhooks to partners: the outbox, how it is worked on, and when it is tried again.
//!
//! Invariant: what is sent was stored before, because a row of the outbox is written in the batch that writes its event; and
//! what was stored is sent at least once, always under one `webhook-id`. For one endpoint and one referral it goes in order:
//! a lease covers the pair, taken in one batch and settled in one, by whoever works on the outbox (a request after its answer,
//! or the sweep). Source of the format: Standard Webhooks 1.0.0.

mod address;
mod format;
mod lease;
mod notice;
mod render;
mod round;
mod schedule;
mod settle;
mod sql;
mod transmit;

use domain::time::Timestamp;
use ports::{Answer, Platform, Statement};

pub use address::{Allowed, Fault as AddressFault, check as check_address, check_confidential};
pub use format::{Format, forget_format, of_new_endpoint};
pub use lease::{Lease, Message};
pub use notice::{
    CHALLENGE, ENDPOINT_DISABLED, MESSAGE_ESCALATED, MESSAGE_OVERDUE, Notice, challenge, notices,
};
pub use render::{Json, Lane, Renderer, Verdict};
pub use round::{Tally, work};
pub use schedule::{ATTEMPTS_MAX, RETRY_SECONDS};

use crate::http::report;
use crate::metered::Metered;

/// Rounds after an answer: a second one only where the first was full or passed a challenge. The sweep does the rest.
pub const ROUNDS_AFTER_ANSWER: usize = 2;

/// Lets the outbox be worked on after the answer, where something was put into it.
pub fn after_answer<P: Platform>(platform: &Metered<P>, has_queued: bool) {
    if !has_queued {
        return;
    }
    let working = platform.clone();
    platform.after(async move {
        if let Err(problem) = work(&working, &Json, None, ROUNDS_AFTER_ANSWER).await {
            report(&working, "deliveries", &problem);
        }
    });
}

/// Adds the statement that queues `notices` to a batch, and says which one it is.
pub fn add_to(
    statements: &mut Vec<Statement>,
    notices: &[Notice],
    now: Timestamp,
) -> Option<usize> {
    let queue = notice::queue(notices, now)?;
    statements.push(queue);
    statements.len().checked_sub(1)
}

/// Whether the statement of [`add_to`] put something into the outbox.
#[must_use]
pub fn has_queued(answer: &Answer, queue: Option<usize>) -> bool {
    queue.is_some_and(|index| !answer.rows(index).is_empty())
}
