//! Messages of partners as they came: stored with what they did, or until a person says where they belong.
//!
//! Invariant: a message is stored in the batch that does what it says, before anybody is told that it came. The same content
//! under another id of the sender's is the same message: the primary key lets one of two win.

mod sql;

use domain::time::Timestamp;
use ports::{Row, Statement, Value};

use crate::crypto::sha256_hex;
use crate::http::Problem;
use crate::receipts::{Owner, Receipt};

/// Characters of a message's id that come from its content: 128 bits.
const HASH_CHARS: usize = 32;

/// In which form a message came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// HL7 v2.
    Hl7,
    /// FHIR R4.
    Fhir,
}

impl Format {
    /// Its name, as it is stored and shown as an event's source.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hl7 => "hl7",
            Self::Fhir => "fhir",
        }
    }
}

/// After the format in the source of an event that was matched by its patient, its service and its time.
pub const BY_PATIENT: &str = "matched-by-patient";

/// The same of one that a person matched.
pub const BY_PERSON: &str = "matched-by-person";

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It did what it says.
    Applied,
    /// What it says waits until it is legal.
    Parked,
    /// It waits for a person.
    Unmatched,
    /// It could not be taken; its sender was told why.
    Refused,
    /// A person said that it belongs nowhere.
    Dismissed,
}

impl State {
    /// As it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Parked => "parked",
            Self::Unmatched => "unmatched",
            Self::Refused => "refused",
            Self::Dismissed => "dismissed",
        }
    }
}

/// A message as it came.
#[derive(Debug, Clone)]
pub struct Message {
    /// Its id: made of its content, so that the same content is the same message.
    pub id: String,
    /// In which form it came.
    pub format: Format,
    /// Its media type.
    pub media_type: String,
    /// The sender's own id of it.
    pub control_id: Option<String>,
    /// The bytes.
    pub content: Vec<u8>,
    /// JSON list: what was kept as text.
    pub warnings: String,
    /// When it came.
    pub received_at: Timestamp,
}

/// The id of a message whose content, without what changes when it is sent again, is `essence`.
#[must_use]
pub fn id_of(format: Format, essence: &[u8]) -> String {
    let hash = sha256_hex(&[format.as_str().as_bytes(), b"\n", essence]);
    let hash: String = hash.chars().take(HASH_CHARS).collect();
    format!("msg-{hash}")
}

/// The row that a write must have just made: the referral's id, and its tail.
pub type Won<'a> = Option<(&'a str, &'a str)>;

/// What is known of a message that came before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// What became of it.
    pub state: String,
    /// Why.
    pub reason: Option<String>,
    /// The referral that it is about.
    pub referral_id: Option<String>,
}

impl Seen {
    /// Whether nothing is left to do with it: sent again, it is a duplicate.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        ![State::Refused, State::Unmatched]
            .iter()
            .any(|open| open.as_str() == self.state)
    }
}

impl Message {
    /// Reads whether this message came before, by the key's hash: for [`Message::seen`].
    #[must_use]
    pub fn seen_statement(&self, key_hash: &str) -> Statement {
        Statement::new(sql::SEEN, [key_hash.into(), self.id.as_str().into()])
    }

    /// Reads whether the sender's id of it came with other content: a row when it did.
    #[must_use]
    pub fn reused_statement(&self, key_hash: &str) -> Statement {
        Statement::new(
            sql::REUSED,
            [
                key_hash.into(),
                self.control_id.clone().into(),
                self.id.as_str().into(),
            ],
        )
    }

    /// What became of it when it came before.
    #[must_use]
    pub fn seen(row: Option<&Row>) -> Option<Seen> {
        let row = row?;
        Some(Seen {
            state: row.text("seen_state")?.to_owned(),
            reason: row.text("seen_reason").map(str::to_owned),
            referral_id: row.text("seen_referral").map(str::to_owned),
        })
    }

    /// Stores that it did what it says, where the batch has just written the row that `won` names, if it names one. Of two
    /// that do so at once one fails, on `exchange_messages` or on `receipts`.
    #[must_use]
    pub fn done(
        &self,
        organization: &str,
        state: State,
        referral_id: Option<&str>,
        before: Option<&Seen>,
        won: Won<'_>,
    ) -> Vec<Statement> {
        let (won_id, won_tail) = pair(won);
        if before.is_some() {
            let settled = Settled {
                id: &self.id,
                organization,
                state,
                referral_id,
                by: None,
                note: None,
                now: self.received_at,
            };
            return settled.statements(won);
        }
        let mut statement = self.insert(sql::INSERT_IF_WON, organization, state, None, None);
        statement
            .parameters
            .extend([referral_id.map(str::to_owned).into(), won_id, won_tail]);
        vec![statement]
    }

    /// Stores that it was refused, or waits for a person; `event` is what it says.
    #[must_use]
    pub fn kept(
        &self,
        organization: &str,
        state: State,
        reason: &str,
        event: Option<String>,
    ) -> Statement {
        self.insert(sql::KEEP, organization, state, Some(reason), event)
    }

    /// Written beside a message that waits for a person: it is chased.
    #[must_use]
    pub fn chase(&self, organization: &str) -> Statement {
        Statement::new(
            sql::CHASE,
            [
                organization.into(),
                self.id.as_str().into(),
                self.received_at.as_millisecond().into(),
            ],
        )
    }

    fn insert(
        &self,
        sql: &'static str,
        organization: &str,
        state: State,
        reason: Option<&str>,
        event: Option<String>,
    ) -> Statement {
        Statement::new(
            sql,
            [
                self.id.as_str().into(),
                organization.into(),
                self.format.as_str().into(),
                self.media_type.as_str().into(),
                self.control_id.clone().into(),
                self.received_at.as_millisecond().into(),
                Value::Blob(self.content.clone()),
                state.as_str().into(),
                reason.map(str::to_owned).into(),
                self.warnings.as_str().into(),
                event.into(),
            ],
        )
    }
}

/// What is written when a message that was kept has found its end.
#[derive(Debug, Clone, Copy)]
pub struct Settled<'a> {
    /// The message.
    pub id: &'a str,
    /// Whose it is.
    pub organization: &'a str,
    /// What became of it.
    pub state: State,
    /// The referral that it is about.
    pub referral_id: Option<&'a str>,
    /// Who said so, where a person did.
    pub by: Option<&'a str>,
    /// Why.
    pub note: Option<&'a str>,
    /// When.
    pub now: Timestamp,
}

impl Settled<'_> {
    /// The statements: of two batches that settle one message, one fails on `receipts`.
    #[must_use]
    pub fn statements(&self, won: Won<'_>) -> Vec<Statement> {
        let (won_id, won_tail) = pair(won);
        let text = |text: Option<&str>| Value::from(text.map(str::to_owned));
        let lock = Receipt::new(format!("message:{}", self.id), "", "", b"");
        let answered = crate::receipts::Answered {
            status: 202,
            referral: None,
            answer: None,
        };
        let now_ms = self.now.as_millisecond();
        let lock = lock.write(Owner::Organization(self.organization), &answered, now_ms);
        let lock = match won {
            Some((id, tail_hash)) => crate::receipts::only_if_won(lock, id, tail_hash),
            None => lock,
        };
        let settle = Statement::new(
            sql::SETTLE,
            [
                self.id.into(),
                self.organization.into(),
                self.state.as_str().into(),
                text(self.referral_id),
                text(self.by),
                now_ms.into(),
                text(self.note),
                won_id.clone(),
                won_tail.clone(),
            ],
        );
        let chased = Statement::new(
            sql::CHASED,
            [self.organization.into(), self.id.into(), won_id, won_tail],
        );
        vec![lock, settle, chased]
    }
}

fn pair(won: Won<'_>) -> (Value, Value) {
    won.map_or((Value::Null, Value::Null), |(id, tail_hash)| {
        (id.into(), tail_hash.into())
    })
}

/// A message that waits for a person.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// The message.
    pub id: String,
    /// Its format: the source of the event that it says.
    pub format: String,
    /// Whether it waits still.
    pub is_open: bool,
    /// JSON: the event that it says.
    pub event: String,
    /// When it came.
    pub received_at: Timestamp,
}

/// Reads one message of the organisation whose key has this hash, for [`Waiting::from_row`].
#[must_use]
pub fn waiting_statement(key_hash: &str, id: &str) -> Statement {
    Statement::new(sql::WAITING, [key_hash.into(), id.into()])
}

impl Waiting {
    /// From the row of [`waiting_statement`].
    ///
    /// # Errors
    /// [`Problem::NotFound`] without one.
    pub fn from_row(row: Option<&Row>) -> Result<Self, Problem> {
        let row = row.ok_or(Problem::NotFound)?;
        let at = row.integer("message_received_at").unwrap_or_default();
        Ok(Self {
            id: row.text("message_id").unwrap_or_default().to_owned(),
            format: row.text("message_format").unwrap_or_default().to_owned(),
            is_open: row.text("message_state") == Some(State::Unmatched.as_str()),
            event: row.text("message_event").unwrap_or("{}").to_owned(),
            received_at: Timestamp::from_millisecond(at)
                .map_err(|_| Problem::internal("a message came at no time"))?,
        })
    }
}
