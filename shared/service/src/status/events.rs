//! An event by key: `POST /status/referrals/{id}/events`.

use domain::event::{Author, Event};
use domain::fold::Fate;
use domain::kind::EventKind;
use domain::payload::Payload;
use domain::request::Recipient;
use domain::second;
use domain::status::Side;
use domain::time::Timestamp;
use http::StatusCode;
use ports::{Platform, Statement};
use serde_json::{Value, json};

use super::append::{Done, Fresh, append};
use super::incoming::Incoming;
use super::letter;
use super::plan::{arrival, plan};
use super::speaker::speaker;
use crate::auth::{Confined, Credentials, Member};
use crate::call::Call;
use crate::http::{Fault, IfMatch, Problem, Reply};
use crate::ids;
use crate::receipts::{Answered, Owner, Receipt};
use crate::recipients::{self, Offer};
use crate::referrals::{Append, Evaluated, Key, Loaded, STATEMENTS, Selector};

/// An event whose sender is known, and all that does not change while it is tried.
pub(crate) struct Posted {
    pub(crate) incoming: Incoming,
    pub(crate) organization: String,
    pub(crate) label: Option<String>,
    /// The one leg of which it may be, where it comes by a letter's link.
    pub(crate) confined_to: Option<Confined>,
    /// The part of the event's id after the referral's: fixed before the first try.
    pub(crate) id_suffix: String,
    pub(crate) source: String,
    pub(crate) source_id: Option<String>,
    pub(crate) if_match: Option<IfMatch>,
    pub(crate) offer: Option<Offer>,
    pub(crate) now: Timestamp,
    pub(crate) receipt: Option<(Receipt, ReceiptOwner)>,
    pub(crate) referral_id: String,
}

/// Whose receipt it is.
pub(crate) enum ReceiptOwner {
    Organization(String),
    Source(String),
}

impl ReceiptOwner {
    pub(super) fn as_owner(&self) -> Owner<'_> {
        match self {
            Self::Organization(id) => Owner::Organization(id),
            Self::Source(id) => Owner::Source(id),
        }
    }
}

impl Posted {
    pub(crate) fn event_id(&self) -> String {
        format!("{}.{}", self.referral_id, self.id_suffix)
    }

    pub(crate) fn answer(&self, done: &Done) -> Value {
        let (result, version, status) = match done {
            Done::Stored {
                version,
                fate,
                status,
                ..
            } => (result_of(*fate), *version, Some(status.as_str())),
            Done::Shelved { version } => ("parked", *version, None),
            Done::Receipted => ("duplicate", 0, None),
        };
        let mut answer = json!({
            "result": result,
            "referral": self.referral_id,
            "version": version,
            "event": self.event_id(),
        });
        if let (Value::Object(members), Some(status)) = (&mut answer, status) {
            members.insert("status".to_owned(), status.into());
        }
        answer
    }
}

const fn result_of(fate: Fate) -> &'static str {
    match fate {
        Fate::Parked => "parked",
        Fate::Applied | Fate::Retracted | Fate::Expired => "applied",
    }
}

impl Fresh for Posted {
    fn plan(&self, loaded: &Loaded) -> Result<(Event, Append), Problem> {
        let record = &loaded.record;
        if let Some(if_match) = &self.if_match
            && !if_match.accepts(record.version)
        {
            return Err(Problem::VersionMismatch {
                version: record.version,
            });
        }
        let mut incoming = self.incoming.clone();
        let (side, organization) = match &self.confined_to {
            Some(confined) => {
                letter::is_present(record, confined)?;
                let (organization, reported_by) = letter::author(record);
                incoming.reported_by = reported_by;
                (Side::Recipient, organization)
            }
            None => {
                let side = speaker(
                    record,
                    &self.organization,
                    self.incoming.kind,
                    self.incoming.speaks_as,
                    self.incoming.reported_by,
                )?;
                (side, Some(self.organization.clone()))
            }
        };
        match &mut incoming.data {
            // The version that the caller named says which report it read.
            Payload::Acknowledged(acknowledged)
                if matches!(self.if_match, Some(IfMatch::Versions(_))) =>
            {
                let newest = record
                    .referral
                    .newest_report()
                    .map(|report| report.id.clone());
                acknowledged.report = acknowledged.report.take().or(newest);
            }
            Payload::Redirected(redirected) => {
                if let Some(offer) = &self.offer {
                    redirected.to = offer.recipient.clone();
                    redirected.requirements.clone_from(&offer.requirements);
                    redirected.specialty.clone_from(&offer.specialty);
                }
            }
            _ => {}
        }
        let occurred_at = incoming
            .occurred_at
            .unwrap_or_else(|| arrival(&record.referral, self.now));
        let is_by_the_second = incoming.is_by_the_second;
        let mut event = incoming.into_event(
            self.event_id(),
            Author {
                organization,
                side: Some(side),
                label: self.label.clone(),
            },
            occurred_at,
            self.now,
            self.source.clone(),
            self.source_id.clone(),
        );
        if is_by_the_second {
            event.occurred_at = second::settled(&record.referral, &event);
        }
        let mut append = plan(loaded, &event, self.if_match.is_some(), self.now)?;
        let recipient = append.referral.leg().map(|leg| &leg.recipient);
        if let Some(offer) = &self.offer
            && recipient == Some(&offer.recipient)
        {
            let mut policy = record.policy.clone();
            policy.service.clone_from(&offer.limits);
            append.evaluated = Evaluated::new(&append.referral, &policy, record.around, self.now);
        }
        Ok((event, append))
    }

    fn receipt(&self, done: &Done) -> Option<Statement> {
        let (receipt, owner) = self.receipt.as_ref()?;
        let answer = self.answer(done);
        let version = answer.get("version").and_then(Value::as_i64)?;
        let answered = Answered {
            status: StatusCode::ACCEPTED.as_u16(),
            referral: Some((self.referral_id.clone(), version)),
            answer: Some(answer.to_string()),
        };
        Some(receipt.write(owner.as_owner(), &answered, self.now.as_millisecond()))
    }
}

/// What the read batch of an event selects.
pub(crate) fn selector(key: Key, incoming: Option<&Incoming>) -> Selector {
    let is_one_of = |kinds: &[EventKind]| incoming.is_some_and(|event| kinds.contains(&event.kind));
    let needs_all = is_one_of(&[
        EventKind::EventRetracted,
        EventKind::ReferralCancellationRefused,
    ]);
    let occurred = incoming.and_then(|event| event.occurred_at);
    Selector {
        key,
        events_from_ms: if needs_all {
            Some(0)
        } else {
            occurred.map(Timestamp::as_millisecond)
        },
        with_request: is_one_of(&[
            EventKind::ReferralAccepted,
            EventKind::ReferralCorrected,
            EventKind::ReferralRedirected,
        ]),
    }
}

/// Where a redirect goes.
pub(crate) fn destination(incoming: Option<&Incoming>) -> Option<&Recipient> {
    match incoming.map(|incoming| &incoming.data) {
        Some(Payload::Redirected(redirected)) => Some(&redirected.to),
        _ => None,
    }
}

/// The offer of a redirect's new recipient.
pub(crate) fn offer(
    incoming: &Incoming,
    row: Option<&ports::Row>,
    network: &str,
) -> Result<Option<Offer>, Problem> {
    match destination(Some(incoming)) {
        Some(to) => Offer::from_row(to.clone(), row, network, "/data/to").map(Some),
        None => Ok(None),
    }
}

/// The ids of stored documents that the event names; each must be the sender's.
pub(crate) fn documents(incoming: Option<&Incoming>) -> Vec<String> {
    let named = incoming.map(|incoming| incoming.data.documents());
    named
        .unwrap_or_default()
        .iter()
        .filter_map(|document| match document {
            domain::payload::Document::Stored(id) => Some(id.clone()),
            domain::payload::Document::Linked { .. } => None,
        })
        .collect()
}

/// Checks that every document that is named is there and the sender's.
pub(crate) fn check_documents(
    incoming: &Incoming,
    rows: &[ports::Row],
    organization: &str,
    referral_id: &str,
) -> Result<(), Problem> {
    let is_own = |id: &String| {
        rows.iter().any(|row| {
            row.text("document_id") == Some(id.as_str())
                && row.text("document_organization") == Some(organization)
                && row
                    .text("document_referral")
                    .is_none_or(|linked| linked == referral_id)
        })
    };
    let faults = documents(Some(incoming))
        .iter()
        .filter(|id| !is_own(id))
        .map(|_| {
            Fault::at(
                "/data/documents",
                "unknown",
                "must name documents stored before, for no other referral",
            )
        })
        .collect();
    Problem::unless_empty(faults)
}

/// By the primary key.
pub(crate) fn documents_statement(ids: &[String]) -> Statement {
    Statement::new(
        "SELECT id AS document_id, organization AS document_organization, referral_id AS document_referral FROM documents
WHERE id IN (SELECT value FROM json_each(?1))",
        [serde_json::Value::from(ids.to_vec()).to_string().into()],
    )
}

/// Takes an event by key.
pub(super) async fn post<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let incoming = call.json().and_then(|body| Incoming::read(&body, call.now));
    let selector = selector(
        Key::Id(call.parameter("id").to_owned()),
        incoming.as_ref().ok(),
    );
    let receipt = Receipt::of(&call);
    let mut statements = vec![credentials.statement()];
    statements.extend(selector.statements());
    statements.push(recipients::statement(destination(incoming.as_ref().ok())));
    statements.push(documents_statement(&documents(incoming.as_ref().ok())));
    statements.extend(
        receipt
            .as_ref()
            .map(|receipt| receipt.read_for(&credentials)),
    );
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let member: &Member = caller.member()?;
    let loaded = Loaded::from_rows(answer.rows(1), answer.rows(2), answer.rows(STATEMENTS))?
        .into_iter()
        .find(|loaded| loaded.is_party(&member.organization));
    letter::may_say(member, call.parameter("id"), incoming.as_ref().ok())?;
    let after = STATEMENTS + 1;
    if let Some(receipt) = &receipt
        && let Some(answered) = receipt.check(answer.first(after + 2))?
    {
        return Reply::replay(&answered);
    }
    let loaded = loaded.ok_or(Problem::NotFound)?;
    let incoming = incoming?;
    check_documents(
        &incoming,
        answer.rows(after + 1),
        &member.organization,
        &loaded.record.id,
    )?;
    let posted = Posted {
        offer: offer(&incoming, answer.first(after), &member.network)?,
        incoming,
        organization: member.organization.clone(),
        label: member.label.clone(),
        id_suffix: ids::suffix(&call.platform),
        source: if member.confined_to.is_some() {
            letter::SOURCE
        } else {
            "api"
        }
        .to_owned(),
        confined_to: member.confined_to.clone(),
        source_id: None,
        if_match: call.if_match.clone(),
        now: call.now,
        receipt: receipt.map(|receipt| {
            (
                receipt,
                ReceiptOwner::Organization(member.organization.clone()),
            )
        }),
        referral_id: loaded.record.id.clone(),
    };
    match append(&call.platform, loaded, &selector, &posted).await? {
        Done::Receipted => first_answer(&call, &posted).await,
        done => {
            done.tell(&call.platform);
            let reply = Reply::json(StatusCode::ACCEPTED, &posted.answer(&done))?;
            Ok(match done {
                Done::Stored { version, .. } => reply.version(version),
                _ => reply,
            })
        }
    }
}

/// The answer that the other call with the same key got.
async fn first_answer<P: Platform>(call: &Call<P>, posted: &Posted) -> Result<Reply, Problem> {
    let Some((receipt, owner)) = &posted.receipt else {
        return Err(Problem::IdempotencyInFlight);
    };
    let answer = call
        .platform
        .batch(vec![receipt.read(owner.as_owner())])
        .await?;
    match receipt.check(answer.first(0))? {
        Some(answered) => Reply::replay(&answered),
        None => Err(Problem::IdempotencyInFlight),
    }
}
