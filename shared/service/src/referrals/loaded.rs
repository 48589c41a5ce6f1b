//! What is read of a referral before an event on it is decided: its row, and its events only where the fold needs them.

use domain::decide::Known;
use domain::event::Event;
use ports::{Row, Statement, Value};

use super::record::Record;
use super::sql;
use super::stored_event::{StoredEvent, event_from_body};
use crate::http::Problem;
use crate::json::from_text;

/// Later than any event: nothing stored happened after it, unless the row says that a retraction waits for its event.
const NEVER_MS: i64 = (1 << 53) - 2;

/// How a caller names a referral.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// By our id.
    Id(String),
    /// By the placer's or filler's.
    Identifier {
        /// The assigner.
        system: String,
        /// The id.
        value: String,
    },
}

/// Which referral, and how much of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// Which.
    pub key: Key,
    /// Read the events if any of them happened at or after this; `None` where the new event comes after all of them.
    pub events_from_ms: Option<i64>,
    /// Read the request too.
    pub with_request: bool,
}

/// How many statements [`Selector::statements`] gives.
pub const STATEMENTS: usize = 3;

impl Selector {
    /// The statements that read it: the record, its events where they are needed, its pending events.
    #[must_use]
    pub fn statements(&self) -> [Statement; STATEMENTS] {
        let (id, system, value) = match &self.key {
            Key::Id(id) => (Value::from(id.as_str()), Value::Null, Value::Null),
            Key::Identifier { system, value } => {
                (Value::Null, system.as_str().into(), value.as_str().into())
            }
        };
        let from = self.events_from_ms.unwrap_or(NEVER_MS);
        [
            Statement::new(
                sql::RECORD,
                [
                    id.clone(),
                    system.clone(),
                    value.clone(),
                    self.with_request.into(),
                ],
            ),
            Statement::new(
                sql::HISTORY,
                [id.clone(), system.clone(), value.clone(), from.into()],
            ),
            Statement::new(sql::PENDING, [id, system, value]),
        ]
    }
}

/// A referral as an event on it is decided.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// Its row.
    pub record: Record,
    /// All its stored events, where the fold needs them.
    pub history: Option<Vec<StoredEvent>>,
    /// Events taken in and not chained yet, in the order in which they came.
    pub pending: Vec<Event>,
}

impl Loaded {
    /// From the rows of [`Selector::statements`]: every referral that they name.
    ///
    /// # Errors
    /// [`Problem::Internal`] when a row is not what we write.
    pub fn from_rows(
        records: &[Row],
        history: &[Row],
        pending: &[Row],
    ) -> Result<Vec<Self>, Problem> {
        records
            .iter()
            .map(|row| {
                let record = Record::from_row(row)?;
                let own = |row: &&Row| row.text("event_referral") == Some(record.id.as_str());
                let history: Vec<StoredEvent> = history
                    .iter()
                    .filter(own)
                    .map(StoredEvent::from_row)
                    .collect::<Result<_, _>>()?;
                let mut pending: Vec<Event> = pending
                    .iter()
                    .filter(own)
                    .map(|row| {
                        let body = row.text("event_body").unwrap_or_default();
                        event_from_body(&from_text(body)?)
                    })
                    .collect::<Result<_, _>>()?;
                // The chain keeps the order of arrival, and the ids of events do not sort by it.
                pending.sort_by(|one, other| {
                    (one.recorded_at, &one.id).cmp(&(other.recorded_at, &other.id))
                });
                Ok(Self {
                    history: (!history.is_empty()).then_some(history),
                    pending,
                    record,
                })
            })
            .collect()
    }

    /// What the decision rests on.
    #[must_use]
    pub fn known(&self) -> Known {
        match &self.history {
            Some(history) => {
                let stored = history.iter().map(|stored| stored.event.clone());
                Known::History(stored.chain(self.pending.iter().cloned()).collect())
            }
            None => Known::Row(
                Box::new(self.record.referral.clone()),
                self.record.request.clone().map(Box::new),
            ),
        }
    }

    /// Whether `organization` has or had a part in it.
    #[must_use]
    pub fn is_party(&self, organization: &str) -> bool {
        let referral = &self.record.referral;
        referral.referrer == organization
            || referral
                .legs
                .iter()
                .any(|leg| leg.recipient.organization() == Some(organization))
    }
}
