//! Writers of one referral at once: of those that saw one version one wins, and the others find out and lose nothing.

use domain::kind::EventKind;
use domain::status::Side;
use futures_util::future::join_all;
use ports::{DatabaseError, Platform, Statement};
use serde_json::json;
use service::receipts;
use service::referrals::{Append, Key, Record, Selector, append_guarded, append_plain};
use service::status::{Done, Fresh, append};

use crate::check::{Failure, Outcome, equal, holds};
use crate::network::{Network, SYSTEM};
use crate::stored::Stored;
use crate::writer::{Writer, load};

/// As many as write at once in the cases.
const WRITERS: usize = 16;

/// Of two batches at one version one is stored, and nothing of the other stays.
pub async fn of_two_plain_writers_one_wins<P: Platform>(platform: &P) -> Outcome {
    let network = Network::new(platform).await?;
    let id = network.refer("a").await?;
    let mut batches = Vec::new();
    for name in ["one", "two"] {
        let (writer, append) = accepting(&network, &id, name).await?;
        let mut statements: Vec<Statement> = writer.receipt(&done(&append)).into_iter().collect();
        statements.extend(append_plain(&append)?);
        batches.push(platform.batch(statements));
    }
    let outcomes = join_all(batches).await;
    let conflict = DatabaseError::Conflict {
        constraint: "events.referral_id, events.seq".to_owned(),
    };
    let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let lost = outcomes.iter().filter_map(|outcome| outcome.as_ref().err());
    equal("how many won", won, 1)?;
    equal("what the loser sees", lost.collect::<Vec<_>>(), [&conflict])?;
    let stored = Stored::read(platform, &id).await?;
    let winner = if outcomes.first().is_some_and(Result::is_ok) {
        "one"
    } else {
        "two"
    };
    equal("the events", stored.names(), ["sent", winner])?;
    let filler = format!("{winner}-{}", network.scope);
    equal("the identifiers", &*stored.identifiers, [filler])?;
    equal("the receipts", stored.receipts.len(), 2)?;
    stored.agrees()
}

/// A guarded batch that lost succeeds, writes nothing and brings the winner's row.
pub async fn a_guarded_try_that_lost_writes_nothing<P: Platform>(platform: &P) -> Outcome {
    let network = Network::new(platform).await?;
    let id = network.refer("a").await?;
    let (writer, loser) = accepting(&network, &id, "late").await?;
    Writer::at_arrival(network.note(&id, "winner")?)
        .write(&network.platform)
        .await?;
    let before = Stored::read(platform, &id).await?;
    let record = guarded(platform, &writer, &loser).await?;
    holds("it lost", !loser.has_won(&record))?;
    equal("the version that came back", record.version, 2)?;
    let tail = Some(record.tail_hash.as_str().into());
    equal("its tail", before.column("tail_hash").cloned(), tail)?;
    let after = Stored::read(platform, &id).await?;
    equal("all of it", format!("{after:?}"), format!("{before:?}"))?;
    equal("the events", after.names(), ["sent", "winner"])?;
    after.agrees()
}

/// A guarded batch that is first writes all of it and brings its own row.
pub async fn a_guarded_try_that_wins_writes_all<P: Platform>(platform: &P) -> Outcome {
    let network = Network::new(platform).await?;
    let id = network.refer("a").await?;
    let (writer, append) = accepting(&network, &id, "first").await?;
    let record = guarded(platform, &writer, &append).await?;
    holds("it won", append.has_won(&record))?;
    let stored = Stored::read(platform, &id).await?;
    equal("the events", stored.names(), ["sent", "first"])?;
    let filler = format!("first-{}", network.scope);
    equal("the identifiers", &*stored.identifiers, [filler])?;
    equal("the receipts", stored.receipts.len(), 2)?;
    stored.agrees()
}

/// All of them are stored, each once and in one chain, although all saw the same version.
pub async fn of_sixteen_writers_all_are_stored<P: Platform>(platform: &P) -> Outcome {
    let network = Network::new(platform).await?;
    let id = network.refer("a").await?;
    let outcomes = at_once(&network, &id, |name| name.to_owned()).await?;
    let mut versions: Vec<i64> = outcomes.iter().filter_map(version).collect();
    versions.sort_unstable();
    equal("the versions", versions, (2..18).collect::<Vec<_>>())?;
    let stored = Stored::read(platform, &id).await?;
    let mut names = stored.names();
    names.sort_unstable();
    let mut want: Vec<String> = (0..WRITERS).map(note_name).collect();
    want.push("sent".to_owned());
    equal("the events", names, want)?;
    equal("the receipts", stored.receipts.len(), WRITERS + 1)?;
    stored.agrees()
}

/// One is stored; the others are told that it was.
pub async fn of_sixteen_calls_with_one_receipt_one_is_stored<P: Platform>(platform: &P) -> Outcome {
    let network = Network::new(platform).await?;
    let id = network.refer("a").await?;
    let outcomes = at_once(&network, &id, |_| "the key".to_owned()).await?;
    equal("stored", outcomes.iter().filter_map(version).count(), 1)?;
    let receipted = outcomes.iter().filter(|done| **done == Done::Receipted);
    equal("receipted", receipted.count(), WRITERS - 1)?;
    let stored = Stored::read(platform, &id).await?;
    equal("the events", stored.names().len(), 2)?;
    equal("the receipts", stored.receipts.len(), 2)?;
    stored.agrees()
}

/// Two organisations may give two referrals one number: the loser of a race stays on the referral that it read.
pub async fn a_race_stays_on_the_referral_that_was_read<P: Platform>(platform: &P) -> Outcome {
    let ours = Network::new(platform).await?;
    let other = Network::new(platform).await?;
    // Whichever of the two is read first by the number: each has its turn as the one that is meant.
    for (name, network, away) in [("a", &ours, &other), ("b", &other, &ours)] {
        let (id, elsewhere) = (network.referral(name), away.referral(name));
        let placer = format!("shared-{}-{name}", ours.scope);
        for (network, id) in [(network, &id), (away, &elsewhere)] {
            let batch = network.new_referral(id, Some(&placer), network.now)?;
            platform.batch(batch).await?;
        }
        let writer = Writer::at_arrival(network.note(&id, "late")?);
        let loaded = load(&network.platform, &writer.selector()).await?;
        Writer::at_arrival(network.note(&id, "winner")?)
            .write(&network.platform)
            .await?;
        let by_number = Selector {
            key: Key::Identifier {
                system: SYSTEM.to_owned(),
                value: placer,
            },
            ..writer.selector()
        };
        append(&network.platform, loaded, &by_number, &writer).await?;
        let stored = Stored::read(platform, &id).await?;
        equal("the events", stored.names(), ["sent", "winner", "late"])?;
        stored.agrees()?;
        let stored = Stored::read(platform, &elsewhere).await?;
        equal("the other's events", stored.names(), ["sent"])?;
    }
    Ok(())
}

/// An acceptance with an id of the recipient's and a receipt, planned on the referral as it stands.
async fn accepting<P: Platform>(
    network: &Network<P>,
    id: &str,
    name: &str,
) -> Result<(Writer, Append), Failure> {
    let filler = format!("{name}-{}", network.scope);
    let data = json!({"filler": {"system": SYSTEM, "value": filler}});
    let kind = EventKind::ReferralAccepted;
    let event = network.event(id, name, kind, Side::Recipient, data)?;
    let writer = Writer::at_arrival(event).with_receipt(network.receipt(name), network.recipient());
    let loaded = load(&network.platform, &writer.selector()).await?;
    let (_, append) = writer.plan(&loaded)?;
    Ok((writer, append))
}

fn done(append: &Append) -> Done {
    Done::Stored {
        queued: false,
        version: append.version(),
        fate: append.fate,
        status: append.referral.status(),
    }
}

/// One guarded try, as the service makes it: the row that it brings back.
async fn guarded<P: Platform>(
    platform: &P,
    writer: &Writer,
    append: &Append,
) -> Result<Record, Failure> {
    let mut statements = append_guarded(append)?;
    let receipt = writer.receipt(&done(append));
    statements.extend(
        receipt.map(|receipt| receipts::only_if_won(receipt, &append.id, append.tail_hash())),
    );
    let written = statements.len();
    statements.extend(writer.selector().statements());
    let answer = platform.batch(statements).await?;
    let row = answer.first(written);
    let row = row.ok_or_else(|| Failure::Case("no row came back".to_owned()))?;
    Ok(Record::from_row(row)?)
}

/// Sixteen notes, all on what was read before the first of them; `key` names the receipt of each.
async fn at_once<P: Platform>(
    network: &Network<P>,
    id: &str,
    key: impl Fn(&str) -> String,
) -> Result<Vec<Done>, Failure> {
    let mut writers = Vec::new();
    for index in 0..WRITERS {
        let name = note_name(index);
        let receipt = network.receipt(&key(&name));
        let event = network.note(id, &name)?;
        let writer = Writer::at_arrival(event).with_receipt(receipt, network.referrer());
        let loaded = load(&network.platform, &writer.selector()).await?;
        writers.push((writer, loaded));
    }
    let selectors: Vec<_> = writers.iter().map(|(it, _)| it.selector()).collect();
    let writes = writers
        .iter()
        .zip(&selectors)
        .map(|((writer, loaded), selector)| {
            append(&network.platform, loaded.clone(), selector, writer)
        });
    let outcomes = join_all(writes).await;
    Ok(outcomes.into_iter().collect::<Result<_, _>>()?)
}

fn note_name(index: usize) -> String {
    format!("note-{index:02}")
}

fn version(done: &Done) -> Option<i64> {
    match done {
        Done::Stored { version, .. } => Some(*version),
        Done::Shelved { .. } | Done::Receipted => None,
    }
}
