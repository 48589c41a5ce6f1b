//! What a partner is told: that something happened, to which referral, and where its proof stands in the chain. Never the patient's
//! name nor any clinical text: the receiver reads the rest with its key, and that read is audited.

use domain::event::Event;
use domain::kind::EventKind;
use domain::notices::{Hears, hearers};
use domain::payload::Payload;
use domain::referral::Referral;
use domain::request::{Identifier, Urgency};
use domain::status::Status;
use domain::time::Timestamp;
use ports::{Statement, Value as Sql};
use serde_json::{Map, Value, json};

use super::sql;
use crate::http::Problem;
use crate::json::to_value;
use crate::referrals::Link;

/// The type of the message that a new endpoint must take before it is sent anything else.
pub const CHALLENGE: &str = "endpoint.challenge";

/// The type of the message that tells an organisation that another endpoint of its own was switched off.
pub const ENDPOINT_DISABLED: &str = "endpoint.disabled";

/// The type of the message that tells an organisation that something which it sent fits no referral and waits for too long.
pub const MESSAGE_OVERDUE: &str = "message.overdue";

/// The type of the message that tells the next level of it.
pub const MESSAGE_ESCALATED: &str = "message.escalated";

/// One organisation's news of one event: a row of the outbox for each of its endpoints that wants it.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice(Value);

/// What is told of `events` (each with its link), which made `after` of `before`.
///
/// # Errors
/// [`Problem::Internal`] when something of it cannot be written as JSON.
pub fn notices(
    referral_id: &str,
    before: Option<&Referral>,
    after: &Referral,
    events: &[Event],
    links: &[Link],
) -> Result<Vec<Notice>, Problem> {
    let tail = links.last().map_or("", |link| link.hash.as_str());
    let express = matches!(after.urgency(), Urgency::Stat | Urgency::Asap);
    let mut notices = Vec::new();
    for (event, link) in events.iter().zip(links) {
        for hears in hearers(event, before, after) {
            let told_as = hears.told_as.as_str();
            let body = json!({
                "type": told_as,
                "timestamp": event.recorded_at.to_string(),
                "data": {
                    "referral": standing(referral_id, after, hears, link.seq)?,
                    "event": thin(event, told_as, after, link),
                },
            });
            notices.push(Notice(json!({
                "to": hears.organization,
                "referral": referral_id,
                "seq": link.seq,
                "event": event.id,
                "type": told_as,
                "body": body.to_string(),
                "express": i32::from(express),
                "tail": tail,
            })));
        }
    }
    Ok(notices)
}

/// The statement that queues them, where there is something: only for a referral whose row has our tail, and once however often it
/// runs. It returns a row for each message queued.
pub(super) fn queue(notices: &[Notice], now: Timestamp) -> Option<Statement> {
    let list: Vec<Value> = notices.iter().map(|notice| notice.0.clone()).collect();
    (!list.is_empty()).then(|| {
        let list = Value::Array(list).to_string();
        Statement::new(sql::QUEUE, [list.into(), now.as_millisecond().into()])
    })
}

/// How the referral stands for the organisation: a recipient's status is its own leg's.
fn standing(
    referral_id: &str,
    referral: &Referral,
    hears: Hears<'_>,
    version: i64,
) -> Result<Value, Problem> {
    let organization = hears.organization;
    let asks = referral.referrer == organization;
    let leg = referral
        .legs
        .iter()
        .rev()
        .find(|leg| asks || leg.recipient.organization() == Some(organization));
    let mut members = Map::new();
    members.insert("id".to_owned(), referral_id.into());
    members.insert("version".to_owned(), version.into());
    let status = match leg {
        Some(leg) => leg.status,
        // An event that came late took its leg away.
        None if hears.told_as == EventKind::ReferralRedirected => Status::NotCompleted,
        // The network's office.
        None => referral.status(),
    };
    members.insert("status".to_owned(), status.as_str().into());
    let mut identify = |name: &str, identifier: Option<&Identifier>| -> Result<(), Problem> {
        if let Some(identifier) = identifier {
            members.insert(name.to_owned(), to_value(identifier)?);
        }
        Ok(())
    };
    identify("placer", referral.placer.as_ref())?;
    identify("filler", leg.and_then(|leg| leg.filler.as_ref()))?;
    Ok(Value::Object(members))
}

/// The event without what it says, but for codes and times that say what to do next.
fn thin(event: &Event, told_as: &str, after: &Referral, link: &Link) -> Value {
    let parked = after.parked.iter().any(|parked| parked.id == event.id);
    let mut members = Map::new();
    let mut set = |name: &str, value: Value| {
        members.insert(name.to_owned(), value);
    };
    set("id", event.id.as_str().into());
    set("type", told_as.into());
    set("seq", link.seq.into());
    set("hash", link.hash.as_str().into());
    set("occurred_at", event.occurred_at.to_string().into());
    set("recorded_at", event.recorded_at.to_string().into());
    set("result", if parked { "parked" } else { "applied" }.into());
    if let Some(side) = event.by.side {
        set("by", side.as_str().into());
    }
    match event.data.as_ref() {
        Payload::Overdue(overdue) => {
            set("limit", overdue.limit.as_str().into());
            set("due_at", overdue.due_at.to_string().into());
        }
        Payload::Escalated(escalated) => {
            set("limit", escalated.limit.as_str().into());
            set("due_at", escalated.due_at.to_string().into());
            set("level", escalated.level.into());
        }
        Payload::Reminder(reminder) => {
            set("start", reminder.start.to_string().into());
            set("before_hours", reminder.before_hours.into());
        }
        Payload::Expired(expired) => set("event", expired.event.as_str().into()),
        _ => {}
    }
    Value::Object(members)
}

/// Queues the challenge of an endpoint, which was not proven yet or must be proven anew.
#[must_use]
pub fn challenge(organization: &str, endpoint: &str, now: Timestamp) -> [Statement; 2] {
    let body = json!({
        "type": CHALLENGE,
        "timestamp": now.to_string(),
        "data": {"organization": organization, "endpoint": endpoint},
    });
    let at = Sql::from(now.as_millisecond());
    [
        Statement::new(sql::FORGET_CHALLENGES, [endpoint.into()]),
        Statement::new(
            sql::QUEUE_CHALLENGE,
            [
                endpoint.into(),
                at,
                organization.into(),
                format!("{CHALLENGE}.{}", now.as_millisecond()).into(),
                CHALLENGE.into(),
                body.to_string().into(),
            ],
        ),
    ]
}
