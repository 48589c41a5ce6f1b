//! All that is stored of a referral, and whether it agrees with itself.

use domain::event::Event;
use domain::fold::{Folded, fold};
use domain::policy::Policy;
use domain::time::Timestamp;
use ports::{Platform, Row, Statement, Value};
use service::crypto::sha256_hex;
use service::json::to_value;
use service::referrals::{Evaluated, StoredEvent, columns};

use crate::check::{Failure, Outcome, equal, holds};
use crate::network::around;

const ROW: &str = "SELECT * FROM referrals WHERE id = ?1";

const EVENTS: &str = "
SELECT seq AS event_seq, body AS event_body, hash AS event_hash FROM events WHERE referral_id = ?1 ORDER BY seq";

const PENDING: &str = "SELECT id FROM pending_events WHERE referral_id = ?1 ORDER BY id";

const IDENTIFIERS: &str =
    "SELECT value AS id FROM referral_identifiers WHERE referral_id = ?1 ORDER BY value";

const RECEIPTS: &str = "SELECT key AS id, seq FROM receipts WHERE referral_id = ?1 ORDER BY key";

const PAST_RECIPIENTS: &str = "
SELECT organization AS id FROM past_recipients WHERE referral_id = ?1 ORDER BY organization";

/// What is stored under a referral's id.
#[derive(Debug)]
pub struct Stored {
    id: String,
    row: Option<Row>,
    bodies: Vec<(i64, String, String)>,
    events: Vec<StoredEvent>,
    /// Ids of events that nobody has taken in yet.
    pub pending: Vec<String>,
    /// Values of placer and filler ids.
    pub identifiers: Vec<String>,
    /// Keys of receipts that name it, with the version that they answered.
    pub receipts: Vec<(String, i64)>,
    /// Organisations whose leg was followed by another's.
    pub past_recipients: Vec<String>,
}

impl Stored {
    /// Reads it all, as of one instant.
    pub async fn read<P: Platform>(platform: &P, id: &str) -> Result<Self, Failure> {
        let statements = [ROW, EVENTS, PENDING, IDENTIFIERS, RECEIPTS, PAST_RECIPIENTS]
            .map(|sql| Statement::new(sql, [id.into()]));
        let answer = platform.batch(statements.into()).await?;
        let text = |row: &Row, column| row.text(column).unwrap_or_default().to_owned();
        let ids = |index| {
            let rows = answer.rows(index).iter();
            rows.map(|row| text(row, "id")).collect::<Vec<_>>()
        };
        let events = answer.rows(1).iter();
        Ok(Self {
            id: id.to_owned(),
            row: answer.first(0).cloned(),
            bodies: events
                .clone()
                .map(|row| {
                    let seq = row.integer("event_seq").unwrap_or_default();
                    (seq, text(row, "event_body"), text(row, "event_hash"))
                })
                .collect(),
            events: events
                .map(StoredEvent::from_row)
                .collect::<Result<_, _>>()?,
            pending: ids(2),
            identifiers: ids(3),
            receipts: answer
                .rows(4)
                .iter()
                .map(|row| (text(row, "id"), row.integer("seq").unwrap_or_default()))
                .collect(),
            past_recipients: ids(5),
        })
    }

    /// Fails unless there is nothing of it.
    pub fn is_nothing(&self) -> Outcome {
        holds("no row", self.row.is_none())?;
        equal("events", self.bodies.len(), 0)?;
        equal("pending events", self.pending.len(), 0)?;
        equal("identifiers", self.identifiers.len(), 0)?;
        equal("receipts", self.receipts.len(), 0)
    }

    /// The number of stored events, as the row tells it.
    pub fn version(&self) -> Option<i64> {
        self.column("version").and_then(integer)
    }

    /// A column of the row.
    pub fn column(&self, name: &str) -> Option<&Value> {
        self.row.as_ref().map(|row| row.value(name))
    }

    /// The names of its events in the order of the chain: their ids without the referral's.
    pub fn names(&self) -> Vec<&str> {
        self.events
            .iter()
            .map(|stored| {
                let id = stored.event.id.as_str();
                id.split_once('.').map_or(id, |(_, name)| name)
            })
            .collect()
    }

    /// The fold of its events, without those that are pending.
    pub fn fold(&self) -> Result<Folded, Failure> {
        let events: Vec<Event> = self.events.iter().map(|it| it.event.clone()).collect();
        fold(&events).ok_or_else(|| Failure::Case("there is no first event".to_owned()))
    }

    /// Fails unless the events are a chain without a gap, and the row is what they fold to.
    pub fn agrees(&self) -> Outcome {
        self.is_a_chain()?;
        self.is_the_fold()
    }

    fn is_a_chain(&self) -> Outcome {
        let mut previous = String::new();
        for (want, ((seq, body, hash), event)) in
            (1_i64..).zip(self.bodies.iter().zip(&self.events))
        {
            equal("the number of an event", *seq, want)?;
            equal("its hash", hash, &sha256_hex(&[body.as_bytes()]))?;
            equal("its canonical text", body, &event.body.to_string())?;
            let member = |name| event.body.get(name).cloned().unwrap_or_default();
            equal("its seq", member("seq").as_i64(), Some(want))?;
            equal("its referral", member("referral").as_str(), Some(&*self.id))?;
            equal(
                "the hash before",
                member("previous_hash").as_str(),
                Some(&*previous),
            )?;
            previous.clone_from(hash);
        }
        let count = i64::try_from(self.bodies.len()).unwrap_or(i64::MAX);
        equal("the version", self.version(), Some(count))?;
        equal(
            "the tail",
            self.column("tail_hash"),
            Some(&Value::from(previous)),
        )
    }

    fn is_the_fold(&self) -> Outcome {
        let folded = self.fold()?;
        let updated_at = self.column("updated_at").and_then(integer);
        let then = Timestamp::from_millisecond(updated_at.unwrap_or_default())?;
        let evaluated = Evaluated::new(&folded.referral, &Policy::default(), around(), then);
        let mut want = columns(&folded.referral, &evaluated)?;
        if let serde_json::Value::Object(members) = &mut want {
            let request = to_value(&folded.request)?.to_string();
            members.insert("request".to_owned(), request.into());
        }
        for (name, want) in want.as_object().into_iter().flatten() {
            let got = match self.column(name) {
                Some(Value::Integer(number)) => (*number).into(),
                Some(Value::Text(text)) => text.as_str().into(),
                _ => serde_json::Value::Null,
            };
            // Due at once: it went to another recipient, whose service's limits the sweep reads.
            let is_due_at_once = name == "next_due_at" && got.as_i64() == updated_at;
            if !is_due_at_once {
                equal(&format!("the column {name}"), &got, want)?;
            }
        }
        if folded.referral.awaited_retractions.is_empty() {
            let events = self.events.iter().map(|it| &it.event);
            let last = events.map(|it| it.occurred_at.as_millisecond()).max();
            let got = self.column("folded_until").and_then(integer);
            equal("the last time of the fold", got, last)?;
        }
        Ok(())
    }
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(number) => Some(*number),
        _ => None,
    }
}
