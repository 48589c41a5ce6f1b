//! Applying a parked event: `POST /status/parked/{id}/apply`. What must have happened before it is recorded as implied.

use domain::event::{Author, Event};
use domain::fold::{Fate, fold};
use domain::implied::apply_parked;
use domain::status::Side;
use domain::time::Timestamp;
use http::StatusCode;
use ports::{DatabaseError, Platform};
use serde_json::json;

use super::append::ATTEMPTS_MAX;
use crate::auth::Credentials;
use crate::call::Call;
use crate::deliveries::{add_to, after_answer, has_queued, notices};
use crate::http::{Problem, Reply};
use crate::ids;
use crate::receipts::{self, Answered, Owner, Receipt};
use crate::referrals::{
    Append, Evaluated, Extra, Key, Link, Loaded, STATEMENTS, Selector, append_plain,
    past_recipients, waits,
};

/// Applies a parked event at once.
pub(super) async fn apply<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let body = call.json();
    let event_id = call.parameter("id").to_owned();
    let selector = all_events_of(&event_id);
    let receipt = Receipt::of(&call);
    // Races are rare here: a person applies, and what another writer changed meanwhile is read again.
    for _ in 0..ATTEMPTS_MAX {
        let mut statements = vec![credentials.statement()];
        statements.extend(selector.statements());
        statements.extend(
            receipt
                .as_ref()
                .map(|receipt| receipt.read_for(&credentials)),
        );
        let answer = call.platform.batch(statements).await?;
        let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
        caller.check(call.route.access)?;
        let member = caller.member()?;
        if let Some(receipt) = &receipt
            && let Some(answered) = receipt.check(answer.first(STATEMENTS + 1))?
        {
            return Reply::replay(&answered);
        }
        let loaded = Loaded::from_rows(answer.rows(1), answer.rows(2), answer.rows(STATEMENTS))?
            .into_iter()
            .find(|loaded| loaded.is_party(&member.organization))
            .ok_or(Problem::NotFound)?;
        let because = match &body {
            Ok(body) => body.get("reason").and_then(serde_json::Value::as_str),
            Err(_) => None,
        };
        let Some(because) = because else {
            return Err(body.err().unwrap_or(Problem::NothingParked));
        };
        let by = Author {
            organization: Some(member.organization.clone()),
            side: side_of(&loaded, &member.organization),
            label: member.label.clone(),
        };
        let applied_by = Applying {
            by,
            source: "api",
            because,
            now: call.now,
        };
        let (append, _) = applied(&loaded, &event_id, &applied_by, || {
            ids::suffix(&call.platform)
        })?;
        let result = json!({
            "result": "applied",
            "referral": append.id,
            "version": append.version(),
            "event": event_id,
            "status": append.referral.status().as_str(),
        });
        let mut statements = append_plain(&append)?;
        if let Some(receipt) = &receipt {
            let answered = Answered {
                status: StatusCode::ACCEPTED.as_u16(),
                referral: Some((append.id.clone(), append.version())),
                answer: Some(result.to_string()),
            };
            let owner = Owner::Organization(&member.organization);
            statements.insert(0, receipt.write(owner, &answered, call.now_milliseconds()));
        }
        let queue = add_to(&mut statements, &append.notices, call.now);
        match call.platform.batch(statements).await {
            Ok(answer) => {
                after_answer(&call.platform, has_queued(&answer, queue));
                return Ok(Reply::json(StatusCode::ACCEPTED, &result)?.version(append.version()));
            }
            Err(error) if receipts::is_taken(&error) => {}
            Err(DatabaseError::Conflict { constraint }) if constraint.starts_with("events.") => {}
            Err(error) => return Err(Problem::from(error)),
        }
    }
    Err(Problem::DatabaseUnavailable)
}

fn side_of(loaded: &Loaded, organization: &str) -> Option<Side> {
    let asks = loaded.record.referral.referrer == organization;
    Some(if asks {
        Side::Referrer
    } else {
        Side::Recipient
    })
}

/// Every event of the referral to which an event belongs: an event's id begins with its referral's.
pub fn all_events_of(event_id: &str) -> Selector {
    let referral_id = event_id.split_once('.').map_or(event_id, |(id, _)| id);
    Selector {
        key: Key::Id(referral_id.to_owned()),
        events_from_ms: Some(0),
        with_request: false,
    }
}

/// Who takes the missing steps to have happened, and why.
#[derive(Debug, Clone)]
pub struct Applying<'a> {
    /// Who.
    pub by: Author,
    /// Where that came from.
    pub source: &'static str,
    /// Why.
    pub because: &'a str,
    /// When.
    pub now: Timestamp,
}

/// What is written when the parked event `event_id` is applied, and the implied events in it.
///
/// # Errors
/// [`Problem::NothingParked`] when it does not wait, [`Problem::NeverLegal`] when no steps lead to it.
pub fn applied(
    loaded: &Loaded,
    event_id: &str,
    applying: &Applying<'_>,
    mut suffix: impl FnMut() -> String,
) -> Result<(Append, Vec<Event>), Problem> {
    let record = &loaded.record;
    let stored = loaded
        .history
        .iter()
        .flatten()
        .map(|stored| stored.event.clone());
    let events: Vec<Event> = stored.chain(loaded.pending.iter().cloned()).collect();
    let is_parked = fold(&events).is_some_and(|folded| folded.fate(event_id) == Some(Fate::Parked));
    if !is_parked {
        return Err(Problem::NothingParked);
    }
    let id = || format!("{}.{}", record.id, suffix());
    let now = applying.now;
    let implied = apply_parked(
        &events,
        event_id,
        &applying.by,
        now,
        applying.source,
        applying.because,
        id,
    )
    .ok_or_else(|| Problem::NeverLegal {
        reason: "no steps lead from where the referral stood to this event".to_owned(),
    })?;
    let mut new_events = loaded.pending.clone();
    new_events.extend(implied.iter().cloned());
    let mut all = events;
    all.extend(implied.iter().cloned());
    let folded = fold(&all).ok_or(Problem::NothingParked)?;
    let links = Link::chain(&record.id, record.version, &record.tail_hash, &new_events)?;
    let mut extras = past_recipients(&record.referral, &folded.referral);
    extras.extend(
        waits(&record.referral, &folded.referral)
            .into_iter()
            .map(Extra::Wait),
    );
    let append = Append {
        id: record.id.clone(),
        version_before: record.version,
        notices: notices(
            &record.id,
            Some(&record.referral),
            &folded.referral,
            &new_events,
            &links,
        )?,
        links,
        evaluated: Evaluated::after(record, &folded.referral, now),
        extras,
        referral: folded.referral,
        request: Some(folded.request),
        fate: Fate::Applied,
        taken_in: loaded
            .pending
            .iter()
            .map(|event| event.id.clone())
            .collect(),
        now,
    };
    Ok((append, implied))
}
