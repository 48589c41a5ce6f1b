//! The shelf: an event that cannot win is kept, and the next writer takes it in, in order and exactly once.
//!
//! A sweep takes pending events in too, and one may run beside these cases: they hold either way.

use domain::kind::EventKind;
use domain::status::Side;
use domain::time::SignedDuration;
use ports::{Platform, Statement};
use serde_json::json;
use service::referrals::insert_pending;
use service::status::{ATTEMPTS_MAX, Done};

use crate::check::{Outcome, equal, holds};
use crate::network::{Network, SYSTEM};
use crate::stored::Stored;
use crate::writer::{Writer, load};

const INSERT_DOCUMENT: &str = "
INSERT INTO documents (id, organization, media_type, content, created_at) VALUES (?1, ?2, 'text/plain', ?3, ?4)";

const READ_DOCUMENT: &str = "SELECT referral_id FROM documents WHERE id = ?1";

/// A writer that always sees an old version gives up after its tries; its event is kept with its receipt and not lost.
pub async fn what_cannot_win_is_shelved_and_taken_in<P: Platform>(platform: &P) -> Outcome {
    let network = Network::new(platform).await?;
    let id = network.refer("a").await?;
    let mut stale = Writer::at_arrival(network.note(&id, "stale")?)
        .with_receipt(network.receipt("stale"), network.referrer());
    let selector = stale.selector();
    let old = load(&network.platform, &selector).await?;
    stale.sees = Some(old);
    Writer::at_arrival(network.note(&id, "first")?)
        .write(&network.platform)
        .await?;
    let before = network.platform.meter().round_trips();
    let done = stale.write(&network.platform).await?;
    equal("what was done", done, Done::Shelved { version: 2 })?;
    // The read of the case, the plain try, the read after it, the guarded tries, the shelf.
    let trips = network.platform.meter().round_trips() - before;
    equal("trips", trips, u64::from(ATTEMPTS_MAX) + 4)?;
    let shelved = Stored::read(platform, &id).await?;
    equal("where it is", places(&shelved, "stale"), 1)?;
    equal("the receipts", shelved.receipts.len(), 2)?;
    let again = stale.write(&network.platform).await?;
    equal("the same call again", again, Done::Receipted)?;
    Writer::at_arrival(network.note(&id, "next")?)
        .write(&network.platform)
        .await?;
    let stored = Stored::read(platform, &id).await?;
    let chain = ["sent", "first", "stale", "next"];
    equal("the events", stored.names(), chain)?;
    equal("pending", stored.pending.len(), 0)?;
    stored.agrees()?;
    // Nothing is left to be taken in again.
    Writer::at_arrival(network.note(&id, "last")?)
        .write(&network.platform)
        .await?;
    let stored = Stored::read(platform, &id).await?;
    equal("exactly once", places(&stored, "stale"), 1)?;
    stored.agrees()
}

/// The chain has them in the order in which we learned of them, whatever their ids are.
pub async fn shelved_events_are_taken_in_in_the_order_in_which_they_came<P: Platform>(
    platform: &P,
) -> Outcome {
    let network = Network::new(platform).await?;
    let id = network.refer("a").await?;
    let mut shelf = Vec::new();
    let names = ["d", "b", "e", "a", "c"];
    for (name, second) in names.into_iter().zip(1..) {
        let mut event = network.note(&id, name)?;
        event.recorded_at = event.recorded_at.plus(SignedDuration::from_secs(second));
        // Each happened before the one that came before it, so that the fold has them the other way round.
        event.occurred_at = event
            .occurred_at
            .plus(SignedDuration::from_secs(60 - second));
        shelf.push(insert_pending(&id, &event)?);
    }
    platform.batch(shelf).await?;
    let mut event = network.note(&id, "next")?;
    event.recorded_at = event.recorded_at.plus(SignedDuration::from_secs(6));
    Writer::at_arrival(event).write(&network.platform).await?;
    let stored = Stored::read(platform, &id).await?;
    let chain = ["sent", "d", "b", "e", "a", "c", "next"];
    equal("the events", stored.names(), chain)?;
    equal("pending", stored.pending.len(), 0)?;
    stored.agrees()
}

/// The recipient's id and the documents of an event are found although it waits, and stay so.
pub async fn a_shelved_event_keeps_what_is_looked_up_beside_it<P: Platform>(
    platform: &P,
) -> Outcome {
    let network = Network::new(platform).await?;
    let id = network.refer("a").await?;
    let document = format!("doc-{}", network.scope);
    let filler = format!("filler-{}", network.scope);
    let at = network.now.as_millisecond();
    let insert = [
        document.as_str().into(),
        network.recipient().into(),
        b"text".to_vec().into(),
        at.into(),
    ];
    platform
        .batch(vec![Statement::new(INSERT_DOCUMENT, insert)])
        .await?;
    let accepted = json!({"filler": {"system": SYSTEM, "value": filler}});
    let outcome = json!({"summary": "s", "visit_on": "2026-04-01", "documents": [document]});
    let shelf = [
        (EventKind::ReferralAccepted, "accepted", accepted),
        (EventKind::ReferralOutcome, "outcome", outcome),
    ];
    for (kind, name, data) in shelf {
        let event = network.event(&id, name, kind, Side::Recipient, data)?;
        let mut writer = Writer::at_arrival(event);
        writer.sees = Some(load(&network.platform, &writer.selector()).await?);
        let note = network.note(&id, &format!("before-{name}"))?;
        Writer::at_arrival(note).write(&network.platform).await?;
        let done = writer.write(&network.platform).await?;
        holds("it is shelved", matches!(done, Done::Shelved { .. }))?;
    }
    Writer::at_arrival(network.note(&id, "next")?)
        .write(&network.platform)
        .await?;
    let stored = Stored::read(platform, &id).await?;
    equal("pending", stored.pending.len(), 0)?;
    equal("the identifiers", &*stored.identifiers, [filler])?;
    let read = Statement::new(READ_DOCUMENT, [document.into()]);
    let answer = platform.batch(vec![read]).await?;
    let belongs = answer.first(0).and_then(|row| row.text("referral_id"));
    equal("the document's referral", belongs, Some(id.as_str()))?;
    stored.agrees()
}

/// In how many places the event called `name` is.
fn places(stored: &Stored, name: &str) -> usize {
    let end = format!(".{name}");
    let pending = stored.pending.iter().filter(|id| id.ends_with(&end));
    let chained = stored.names().into_iter().filter(|it| *it == name);
    pending.count() + chained.count()
}
