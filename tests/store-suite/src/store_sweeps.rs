//! The sweep as a writer among others: it takes in what is pending, and gives way to who was faster.

use domain::kind::EventKind;
use domain::status::Side;
use domain::time::SignedDuration;
use domain::time::Timestamp;
use ports::Platform;
use serde_json::json;
use service::referrals::{append_plain, insert_pending};
use service::status::Fresh;
use service::sweep;

use crate::check::{Failure, Outcome, equal, holds};
use crate::meanwhile::Meanwhile;
use crate::network::Network;
use crate::stored::Stored;
use crate::writer::{Writer, load};

/// How often a case sweeps before it takes its referral to be forgotten: others may be due before it.
const SWEEPS_MAX: usize = 20;

/// How long ago the overdue referrals of the cases were sent.
const SENT_BEFORE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Pending events of every kind that changes something beside the status are folded in, and the row says so.
pub async fn a_sweep_takes_pending_events_in<P: Platform>(platform: &P) -> Outcome {
    let network = Network::new(platform).await?;
    let id = network.refer("a").await?;
    let elsewhere = format!("lungs-{}", network.scope);
    let pending = [
        (
            EventKind::ReferralCorrected,
            Side::Referrer,
            json!({"changes": {"clinical_question": "Is it the heart?"}, "reason": "typo"}),
        ),
        (
            EventKind::ReferralUrgencyChanged,
            Side::Referrer,
            json!({"urgency": "urgent", "reason": "worse"}),
        ),
        (
            EventKind::ReferralRedirected,
            Side::Recipient,
            json!({"to": {"organization": elsewhere, "service": "lungs"}, "reason": "wrong organ"}),
        ),
    ];
    let mut shelf = Vec::new();
    for ((kind, side, data), second) in pending.into_iter().zip(1..) {
        let mut event = network.event(&id, kind.as_str(), kind, side, data)?;
        event.occurred_at = event.occurred_at.plus(SignedDuration::from_secs(second));
        event.recorded_at = event.occurred_at;
        shelf.push(insert_pending(&id, &event)?);
    }
    platform.batch(shelf).await?;
    let stored = swept(platform, &id).await?;
    let chain = [
        "sent",
        "referral.corrected",
        "referral.urgency_changed",
        "referral.redirected",
    ];
    equal("the events", stored.names(), chain)?;
    stored.agrees()?;
    equal(
        "who had it",
        &*stored.past_recipients,
        [network.recipient()],
    )?;
    // Sweeping again finds nothing more of it.
    sweep::run(platform.clone()).await;
    let again = Stored::read(platform, &id).await?;
    equal("the events after", again.names(), chain)
}

/// A referral that moved between the sweep's read and its write keeps what moved it; the others of the slice are written.
pub async fn a_referral_that_moved_drops_out_of_its_slice<P: Platform>(platform: &P) -> Outcome {
    // Another sweep may come first; then there is nothing to see.
    for _ in 0..SWEEPS_MAX {
        let network = Network::new(platform).await?;
        let sent_at = network.now.plus(-SENT_BEFORE);
        let ids = ["a", "b", "c"].map(|name| network.referral(name));
        let [first, moving, last] = &ids;
        for id in &ids {
            let batch = network.new_referral(id, None, sent_at)?;
            platform.batch(batch).await?;
        }
        let writer = Writer::at_arrival(network.note(moving, "moved")?);
        let loaded = load(platform, &writer.selector()).await?;
        let (_, append) = writer.plan(&loaded)?;
        let meanwhile = Meanwhile::new(platform.clone(), moving, append_plain(&append)?);
        sweep::run(meanwhile.clone()).await;
        if !meanwhile.has_happened() {
            continue;
        }
        for id in [first, last] {
            let stored = Stored::read(platform, id).await?;
            holds("it was found late", stored.names().len() > 1)?;
            stored.agrees()?;
        }
        let stored = Stored::read(platform, moving).await?;
        equal("what moved it", stored.names().get(1), Some(&"moved"))?;
        stored.agrees()?;
        // It is still due, and the next sweep finds it late.
        let due_at = stored.column("next_due_at").cloned();
        let now = Timestamp::from_millisecond(platform.now())?.as_millisecond();
        let is_due = matches!(due_at, Some(ports::Value::Integer(at)) if at <= now);
        holds("it is due or done", is_due || stored.names().len() > 2)?;
        sweep::run(platform.clone()).await;
        let stored = Stored::read(platform, moving).await?;
        holds("it was found late after", stored.names().len() > 2)?;
        return stored.agrees();
    }
    Err(Failure::Case("no sweep read the referral".to_owned()))
}

/// Sweeps until nothing of `id` is pending.
async fn swept<P: Platform>(platform: &P, id: &str) -> Result<Stored, Failure> {
    for _ in 0..SWEEPS_MAX {
        sweep::run(platform.clone()).await;
        let stored = Stored::read(platform, id).await?;
        if stored.pending.is_empty() {
            return Ok(stored);
        }
    }
    Err(Failure::Case("a pending event was not swept".to_owned()))
}
