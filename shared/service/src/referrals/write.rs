//! Writing a referral: the batch of the first try, and the guarded one of the next tries.
//!
//! The first try relies on the primary key of `events`: of two writers one fails and nothing of its batch stays. The next
//! tries are conditional on the version read and bring the row of the winner back, so that a try is one round trip.

use domain::event::Event;
use domain::facts::Facts;
use domain::fold::Fate;
use domain::referral::{Leg, Referral};
use domain::request::{Identifier, Recipient, Request};
use domain::status::Status;
use domain::time::Timestamp;
use ports::{Statement, Value};

use super::chain::Link;
use super::evaluate::{Clock, Evaluated};
use super::record::Record;
use super::sql;
use super::stored_documents::stored_ids;
use super::waits::Wait;
use crate::deliveries::Notice;
use crate::http::Problem;
use crate::json::{to_text, to_value};
use crate::merges;

/// What stands in `folded_until` while a retraction waits for its event: every new event is decided on all of them.
const ALWAYS_MS: i64 = (1 << 53) - 1;

/// What is written beside the events and the row.
#[derive(Debug, Clone, PartialEq)]
pub enum Extra {
    /// An id that an organisation assigned.
    Identifier {
        /// The id.
        identifier: Identifier,
        /// Who assigned it.
        organization: String,
    },
    /// An organisation whose leg was followed by another's.
    PastRecipient {
        /// The organisation.
        organization: String,
        /// How its leg ended.
        status: Status,
        /// For which service it was.
        service: Option<String>,
    },
    /// Documents that the event names.
    Documents {
        /// Their ids.
        ids: Vec<String>,
        /// Who stored them.
        organization: String,
    },
    /// How long the patient waited for a visit.
    Wait(Wait),
}

/// New events of a referral and what they make of it.
#[derive(Debug, Clone)]
pub struct Append {
    /// The referral's id.
    pub id: String,
    /// The version that was read.
    pub version_before: i64,
    /// The new links of its chain.
    pub links: Vec<Link>,
    /// How it stands after.
    pub referral: Referral,
    /// The request, where it changed.
    pub request: Option<Request>,
    /// What is worked out from that.
    pub evaluated: Evaluated,
    /// Whether the event that was asked for counts.
    pub fate: Fate,
    /// Pending events that are among the new ones.
    pub taken_in: Vec<String>,
    /// What else is written.
    pub extras: Vec<Extra>,
    /// Who is told of the new events.
    pub notices: Vec<Notice>,
    /// The time of the write.
    pub now: Timestamp,
}

impl Append {
    /// The version after.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.links
            .last()
            .map_or(self.version_before, |link| link.seq)
    }

    /// The last link's hash.
    #[must_use]
    pub fn tail_hash(&self) -> &str {
        self.links.last().map_or("", |link| link.hash.as_str())
    }

    /// Whether the row that came back is the one that this batch wrote.
    #[must_use]
    pub fn has_won(&self, record: &Record) -> bool {
        record.tail_hash == self.tail_hash()
    }

    fn update(&self, sql: &'static str) -> Result<Statement, Problem> {
        let row = Columns::new(&self.referral, &self.evaluated)?;
        let mut parameters: Vec<Value> = vec![
            self.id.as_str().into(),
            row.recipient,
            row.service,
            row.status,
            row.turn,
            row.urgency,
            row.attention,
            row.points,
            row.next_due_at,
            self.version().into(),
            self.tail_hash().into(),
            row.folded_until,
            self.now.as_millisecond().into(),
            row.clocks,
            row.state,
            self.request.as_ref().map(to_text).transpose()?.into(),
            self.referral.specialty.clone().into(),
        ];
        if sql == sql::UPDATE_REFERRAL_IF_AT {
            parameters.push(self.version_before.into());
        }
        Ok(Statement { sql, parameters })
    }

    fn beside(&self, guarded: bool) -> Result<Vec<Statement>, Problem> {
        let id = || Value::from(self.id.as_str());
        let tail = || Value::from(self.tail_hash());
        let mut statements = Vec::new();
        for extra in &self.extras {
            statements.push(match extra {
                Extra::Identifier {
                    identifier,
                    organization,
                } => {
                    let mut parameters = vec![
                        identifier.system.as_str().into(),
                        identifier.value.as_str().into(),
                        organization.as_str().into(),
                        id(),
                    ];
                    if guarded {
                        parameters.push(tail());
                    }
                    Statement {
                        sql: if guarded {
                            sql::INSERT_IDENTIFIER_IF_WON
                        } else {
                            sql::INSERT_IDENTIFIER
                        },
                        parameters,
                    }
                }
                Extra::PastRecipient {
                    organization,
                    status,
                    service,
                } => Statement::new(
                    sql::INSERT_PAST_RECIPIENT,
                    [
                        organization.as_str().into(),
                        id(),
                        tail(),
                        status.as_str().into(),
                        service.clone().into(),
                    ],
                ),
                Extra::Documents { ids, organization } => Statement::new(
                    sql::LINK_DOCUMENTS,
                    [
                        id(),
                        to_text(ids)?.into(),
                        organization.as_str().into(),
                        tail(),
                    ],
                ),
                Extra::Wait(wait) => wait.statement(&self.id, self.tail_hash()),
            });
        }
        if !self.taken_in.is_empty() {
            statements.push(Statement::new(
                sql::DELETE_PENDING,
                [id(), to_text(&self.taken_in)?.into(), tail()],
            ));
        }
        Ok(statements)
    }
}

/// The first try. Fails with a conflict on `events` when another writer was first.
///
/// # Errors
/// [`Problem::Internal`] when the state cannot be written as JSON.
pub fn append_plain(append: &Append) -> Result<Vec<Statement>, Problem> {
    let mut statements: Vec<Statement> = append
        .links
        .iter()
        .map(|link| {
            Statement::new(
                sql::INSERT_EVENT,
                [
                    append.id.as_str().into(),
                    link.seq.into(),
                    link.body.as_str().into(),
                    link.hash.as_str().into(),
                ],
            )
        })
        .collect();
    statements.push(append.update(sql::UPDATE_REFERRAL)?);
    statements.extend(append.beside(false)?);
    Ok(statements)
}

/// A next try: does nothing when another writer was first.
///
/// # Errors
/// As [`append_plain`].
pub fn append_guarded(append: &Append) -> Result<Vec<Statement>, Problem> {
    let mut statements = vec![append.update(sql::UPDATE_REFERRAL_IF_AT)?];
    statements.extend(append.links.iter().map(|link| {
        Statement::new(
            sql::INSERT_EVENT_IF_WON,
            [
                append.id.as_str().into(),
                link.seq.into(),
                link.body.as_str().into(),
                link.hash.as_str().into(),
                append.tail_hash().into(),
            ],
        )
    }));
    statements.extend(append.beside(true)?);
    Ok(statements)
}

/// Keeps an event for the next writer, without reading anything.
///
/// # Errors
/// [`Problem::Internal`] when the event cannot be written as JSON.
pub fn insert_pending(referral_id: &str, event: &Event) -> Result<Statement, Problem> {
    Ok(Statement::new(
        sql::INSERT_PENDING,
        [
            referral_id.into(),
            event.id.as_str().into(),
            to_text(event)?.into(),
        ],
    ))
}

/// Keeps an event for the next writer, with what is looked up beside it: that does not wait, because whoever takes the event
/// in knows its place in the fold and not what it names. `append` is how the event was tried last.
///
/// # Errors
/// As [`insert_pending`].
pub fn shelve_event(append: &Append, event: &Event) -> Result<Vec<Statement>, Problem> {
    let mut statements = vec![insert_pending(&append.id, event)?];
    for extra in &append.extras {
        match extra {
            Extra::Identifier {
                identifier,
                organization,
            } => statements.push(Statement::new(
                sql::INSERT_IDENTIFIER,
                [
                    identifier.system.as_str().into(),
                    identifier.value.as_str().into(),
                    organization.as_str().into(),
                    append.id.as_str().into(),
                ],
            )),
            Extra::Documents { ids, organization } => statements.push(Statement::new(
                sql::LINK_DOCUMENTS_AT_ONCE,
                [
                    append.id.as_str().into(),
                    to_text(ids)?.into(),
                    organization.as_str().into(),
                ],
            )),
            // Follows from the fold: who takes the event in finds it.
            Extra::PastRecipient { .. } | Extra::Wait(_) => {}
        }
    }
    Ok(statements)
}

/// The organisations whose leg was followed by another's, as far as `after` has it otherwise than `before`: an event that came late may
/// put a leg between two others.
#[must_use]
pub fn past_recipients(before: &Referral, after: &Referral) -> Vec<Extra> {
    let known = followed(before);
    followed(after)
        .into_iter()
        .filter(|leg| !known.contains(leg))
        .collect()
}

/// The legs that another one followed, of organisations that do not have the referral now.
fn followed(referral: &Referral) -> Vec<Extra> {
    let (_, followed) = referral.legs.split_last().unzip();
    followed
        .into_iter()
        .flatten()
        .filter_map(|leg: &Leg| {
            let organization = leg.recipient.organization()?;
            (Some(organization) != referral.recipient()).then(|| Extra::PastRecipient {
                organization: organization.to_owned(),
                status: leg.status,
                service: leg.recipient.service().map(str::to_owned),
            })
        })
        .collect()
}

/// A new referral.
#[derive(Debug, Clone)]
pub struct NewReferral<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its first links.
    pub links: &'a [Link],
    /// How it stands.
    pub referral: &'a Referral,
    /// The request.
    pub request: &'a Request,
    /// What is worked out from that.
    pub evaluated: &'a Evaluated,
    /// The time of the write.
    pub now: Timestamp,
}

impl NewReferral<'_> {
    /// The statements that store it.
    ///
    /// # Errors
    /// As [`append_plain`].
    pub fn statements(&self) -> Result<Vec<Statement>, Problem> {
        let row = Columns::new(self.referral, self.evaluated)?;
        let last = self.links.last();
        let patient = &self.request.patient.identifier;
        let mut statements = vec![
            Statement::new(
                sql::INSERT_REFERRAL,
                [
                    self.id.into(),
                    self.referral.network.as_str().into(),
                    self.referral.referrer.as_str().into(),
                    row.recipient,
                    row.service,
                    self.referral.specialty.clone().into(),
                    patient_key(patient).into(),
                    row.status,
                    row.turn,
                    row.urgency,
                    row.attention,
                    row.points,
                    row.next_due_at,
                    last.map_or(0, |link| link.seq).into(),
                    last.map_or("", |link| link.hash.as_str()).into(),
                    row.folded_until,
                    self.now.as_millisecond().into(),
                    row.clocks,
                    row.state,
                    to_text(self.request)?.into(),
                ],
            ),
            merges::leave(&self.referral.referrer, patient),
        ];
        statements.extend(self.links.iter().map(|link| {
            Statement::new(
                sql::INSERT_EVENT,
                [
                    self.id.into(),
                    link.seq.into(),
                    link.body.as_str().into(),
                    link.hash.as_str().into(),
                ],
            )
        }));
        if let Some(placer) = &self.request.placer {
            statements.push(Statement::new(
                sql::INSERT_IDENTIFIER,
                [
                    placer.system.as_str().into(),
                    placer.value.as_str().into(),
                    self.referral.referrer.as_str().into(),
                    self.id.into(),
                ],
            ));
        }
        let documents = stored_ids(&self.request.supporting);
        if !documents.is_empty() {
            statements.push(Statement::new(
                sql::LINK_DOCUMENTS_AT_ONCE,
                [
                    self.id.into(),
                    to_text(&documents)?.into(),
                    self.referral.referrer.as_str().into(),
                ],
            ));
        }
        Ok(statements)
    }
}

/// By what a patient is found: the assigner and the id together.
#[must_use]
pub fn patient_key(identifier: &Identifier) -> String {
    format!("{}|{}", identifier.system, identifier.value)
}

/// The columns that follow from the fold.
struct Columns {
    recipient: Value,
    service: Value,
    status: Value,
    turn: Value,
    urgency: Value,
    attention: Value,
    points: Value,
    next_due_at: Value,
    folded_until: Value,
    clocks: Value,
    state: Value,
}

impl Columns {
    fn new(referral: &Referral, evaluated: &Evaluated) -> Result<Self, Problem> {
        let recipient = referral.leg().map(|leg| &leg.recipient);
        let folded_until = if referral.awaited_retractions.is_empty() {
            referral.last.at
        } else {
            ALWAYS_MS
        };
        Ok(Self {
            recipient: recipient.and_then(Recipient::organization).into(),
            service: recipient.and_then(Recipient::service).into(),
            status: referral.status().as_str().into(),
            turn: referral.turn.map(domain::status::Side::as_str).into(),
            urgency: referral.urgency().as_str().into(),
            attention: to_text(&evaluated.attention)?.into(),
            points: sorted_by(referral, evaluated).into(),
            next_due_at: evaluated.next_due_at.map(Timestamp::as_millisecond).into(),
            folded_until: folded_until.into(),
            clocks: to_text(&Clock::stored(&evaluated.clocks))?.into(),
            state: state(referral, &evaluated.facts)?.into(),
        })
    }
}

/// What a referral is sorted by that is over and has nothing to look at: it comes after all others, so that a list of what is open
/// ends before it, however many of them there are.
pub const POINTS_OVER: i64 = -1;

/// By what lists sort it, the highest first.
fn sorted_by(referral: &Referral, evaluated: &Evaluated) -> i64 {
    if referral.is_finished() && evaluated.attention.is_empty() {
        POINTS_OVER
    } else {
        evaluated.priority.points
    }
}

/// The folded referral with what it counts as in the measures: the triggers on the table keep the sums by it.
fn state(referral: &Referral, facts: &Facts) -> Result<String, Problem> {
    let mut state = to_value(referral)?;
    if let serde_json::Value::Object(members) = &mut state {
        let facts: serde_json::Map<_, _> = facts
            .iter()
            .map(|(name, count)| (name.to_owned(), count.into()))
            .collect();
        members.insert("facts".to_owned(), facts.into());
    }
    Ok(state.to_string())
}

/// The columns that follow from the fold, by name: for a statement that writes many rows at once.
///
/// # Errors
/// As [`append_plain`].
pub fn columns(referral: &Referral, evaluated: &Evaluated) -> Result<serde_json::Value, Problem> {
    let row = Columns::new(referral, evaluated)?;
    let named = [
        ("specialty", referral.specialty.clone().into()),
        ("recipient", row.recipient),
        ("service", row.service),
        ("status", row.status),
        ("turn", row.turn),
        ("urgency", row.urgency),
        ("attention", row.attention),
        ("points", row.points),
        ("next_due_at", row.next_due_at),
        ("folded_until", row.folded_until),
        ("clocks", row.clocks),
        ("state", row.state),
    ];
    let members = named.map(|(name, value)| {
        let value = match value {
            Value::Integer(number) => number.into(),
            Value::Text(text) => text.into(),
            Value::Null | Value::Real(_) | Value::Blob(_) => serde_json::Value::Null,
        };
        (name.to_owned(), value)
    });
    Ok(members.into_iter().collect())
}
