//! What one write stores: the events, the row that they fold to, what is looked up beside it and the receipt, or nothing.

use domain::fold::Fate;
use domain::kind::EventKind;
use domain::status::{Side, Status};
use domain::time::SignedDuration;
use ports::{DatabaseError, Platform};
use serde_json::json;
use service::receipts::Owner;
use service::status::Done;

use crate::check::{Outcome, equal, failed};
use crate::network::{Network, SYSTEM};
use crate::stored::Stored;
use crate::writer::Writer;

/// A new referral has its row, its event, its identifier and its receipt.
pub async fn a_new_referral_is_stored_whole<P: Platform>(platform: &P) -> Outcome {
    let network = Network::new(platform).await?;
    let id = network.referral("a");
    let placer = format!("placer-{}", network.scope);
    let batch = network.new_referral(&id, Some(&placer), network.now)?;
    platform.batch(batch).await?;
    let stored = Stored::read(platform, &id).await?;
    equal("the events", stored.names(), ["sent"])?;
    equal("the identifiers", &*stored.identifiers, [placer])?;
    let receipts = [(format!("{id}-{}", network.scope), 1)];
    equal("the receipts", &*stored.receipts, receipts)?;
    stored.agrees()
}

/// A placer's identifier that is in use fails all of the second referral, and leaves the first as it is.
pub async fn a_new_referral_with_a_taken_identifier_leaves_nothing<P: Platform>(
    platform: &P,
) -> Outcome {
    let network = Network::new(platform).await?;
    let (first, second) = (network.referral("a"), network.referral("b"));
    let placer = format!("placer-{}", network.scope);
    let batch = network.new_referral(&first, Some(&placer), network.now)?;
    platform.batch(batch).await?;
    let batch = network.new_referral(&second, Some(&placer), network.now)?;
    let error = failed("the second", platform.batch(batch).await)?;
    let constraint = "referral_identifiers.system, referral_identifiers.value, referral_identifiers.organization";
    let want = DatabaseError::Conflict {
        constraint: constraint.to_owned(),
    };
    equal("the error", error, want)?;
    Stored::read(platform, &second).await?.is_nothing()?;
    let receipt = network.receipt(&second);
    let referrer = network.referrer();
    let read = receipt.read(Owner::Organization(&referrer));
    let answer = platform.batch(vec![read]).await?;
    equal("its receipt", answer.rows(0).len(), 0)?;
    Stored::read(platform, &first).await?.agrees()
}

/// An event is stored with the row that it makes, what it names, its receipt and its link of the chain.
pub async fn an_event_is_stored_with_row_receipt_and_chain<P: Platform>(platform: &P) -> Outcome {
    let network = Network::new(platform).await?;
    let id = network.refer("a").await?;
    let filler = format!("filler-{}", network.scope);
    let data = json!({"filler": {"system": SYSTEM, "value": filler}});
    let kind = EventKind::ReferralAccepted;
    let event = network.event(&id, "accepted", kind, Side::Recipient, data)?;
    let receipt = network.receipt("accept");
    let writer = Writer::new(event).with_receipt(receipt, network.recipient());
    let done = writer.write(&network.platform).await?;
    let want = Done::Stored {
        queued: false,
        version: 2,
        fate: Fate::Applied,
        status: Status::Accepted,
    };
    equal("what was done", done, want)?;
    equal("trips", network.platform.meter().round_trips(), 3)?;
    let stored = Stored::read(platform, &id).await?;
    equal("the events", stored.names(), ["sent", "accepted"])?;
    equal("the identifiers", &*stored.identifiers, [filler])?;
    let answered = |(key, version): &(String, i64)| key.starts_with("accept-") && *version == 2;
    equal(
        "its receipts",
        stored.receipts.iter().filter(|it| answered(it)).count(),
        1,
    )?;
    stored.agrees()
}

/// An event that happened before the last one makes the row anew, and is the last of the chain.
pub async fn an_event_that_came_late_takes_its_place<P: Platform>(platform: &P) -> Outcome {
    let network = Network::new(platform).await?;
    let id = network.refer("a").await?;
    let kinds = [
        (EventKind::AppointmentScheduled, "scheduled", 2),
        (EventKind::ReferralAccepted, "accepted", 1),
    ];
    for (kind, name, minute) in kinds {
        let mut event = network.event(&id, name, kind, Side::Recipient, json!({}))?;
        event.occurred_at = event.occurred_at.plus(SignedDuration::from_mins(minute));
        Writer::new(event).write(&network.platform).await?;
    }
    let stored = Stored::read(platform, &id).await?;
    let arrived = ["sent", "scheduled", "accepted"];
    equal("the events", stored.names(), arrived)?;
    let status = stored.column("status").cloned();
    equal("the status", status, Some("scheduled".into()))?;
    stored.agrees()
}

/// A call that was answered stores nothing again, whatever the referral's version is by then.
pub async fn the_same_receipt_twice_stores_nothing_twice<P: Platform>(platform: &P) -> Outcome {
    let network = Network::new(platform).await?;
    let id = network.refer("a").await?;
    let write = async |name: &str, key: &str| {
        let event = network.note(&id, name)?;
        let receipt = network.receipt(key);
        let writer = Writer::at_arrival(event).with_receipt(receipt, network.referrer());
        writer.write(&network.platform).await
    };
    write("first", "one").await?;
    equal("at once", write("again", "one").await?, Done::Receipted)?;
    write("second", "two").await?;
    equal("later", write("later", "one").await?, Done::Receipted)?;
    let stored = Stored::read(platform, &id).await?;
    equal("the events", stored.names(), ["sent", "first", "second"])?;
    // One of the referral itself and one a call.
    equal("the receipts", stored.receipts.len(), 3)?;
    stored.agrees()
}
