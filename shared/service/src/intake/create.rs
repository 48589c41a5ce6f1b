//! `POST /intake/referrals`: two round trips, one to read all that the decision needs, one to write.

use domain::time::Timestamp;
use http::StatusCode;
use ports::{DatabaseError, Platform};

use super::reading::{self, Came, Prepared};
use crate::auth::Credentials;
use crate::call::Call;
use crate::deliveries::{add_to, after_answer, has_queued, notices};
use crate::http::{Problem, Reply};
use crate::ids;
use crate::receipts::{self, Answered, Owner, Receipt};
use crate::referrals::{Evaluated, NewReferral, Record, StoredEvent, Viewer, view};

/// Takes a referral in.
pub(super) async fn create<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let asked = reading::asked(&call);
    let receipt = Receipt::of(&call);
    let mut statements = reading::statements(&credentials, asked.as_ref().ok());
    statements.extend(
        receipt
            .as_ref()
            .map(|receipt| receipt.read_for(&credentials)),
    );
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let member = caller.member()?;
    let owner = Owner::Organization(&member.organization);
    if let Some(receipt) = &receipt
        && let Some(answered) = receipt.check(answer.first(reading::STATEMENTS))?
    {
        return first_answer(&call, &answered).await;
    }
    let id = ids::new_id("ref", &call.platform);
    let suffix = ids::suffix(&call.platform);
    let prepared = Prepared::new(
        asked?,
        member,
        &answer,
        &id,
        &suffix,
        Came::AS_JSON,
        call.now,
    )?;
    let links = prepared.links(&id)?;
    let (version, tail_hash) = links
        .last()
        .map(|link| (link.seq, link.hash.clone()))
        .unwrap_or_default();
    let record = prepared.record(&id, &tail_hash);
    let mut statements = Vec::new();
    if let Some(receipt) = &receipt {
        let answered = Answered {
            status: StatusCode::CREATED.as_u16(),
            referral: Some((id.clone(), version)),
            answer: None,
        };
        statements.push(receipt.write(owner, &answered, call.now_milliseconds()));
    }
    statements.extend(
        NewReferral {
            id: &id,
            links: &links,
            referral: &prepared.referral,
            request: &prepared.request,
            evaluated: &prepared.evaluated,
            now: call.now,
        }
        .statements()?,
    );
    let told = notices(&id, None, &prepared.referral, &prepared.events, &links)?;
    let queue = add_to(&mut statements, &told, call.now);
    match call.platform.batch(statements).await {
        Ok(answer) => {
            after_answer(&call.platform, has_queued(&answer, queue));
            created(&record, &prepared.request, call.now)
        }
        Err(error) if receipts::is_taken(&error) => {
            let receipt = receipt.ok_or(Problem::IdempotencyInFlight)?;
            let answer = call.platform.batch(vec![receipt.read(owner)]).await?;
            match receipt.check(answer.first(0))? {
                Some(answered) => first_answer(&call, &answered).await,
                None => Err(Problem::IdempotencyInFlight),
            }
        }
        Err(DatabaseError::Conflict { constraint })
            if constraint.starts_with("referral_identifiers.") =>
        {
            Err(Problem::Taken {
                what: "the placer's identifier",
            })
        }
        Err(error) => Err(Problem::from(error)),
    }
}

fn created(
    record: &Record,
    request: &domain::request::Request,
    now: Timestamp,
) -> Result<Reply, Problem> {
    let body = view(record, request, Viewer::Whole, now)?;
    Ok(Reply::json(StatusCode::CREATED, &body)?
        .location(&format!("/worklist/referrals/{}", record.id))
        .version(record.version))
}

/// Builds the first answer again: the referral as its first event made it, as of then.
async fn first_answer<P: Platform>(call: &Call<P>, answered: &Answered) -> Result<Reply, Problem> {
    let (id, seq) = answered
        .referral
        .as_ref()
        .ok_or_else(|| Problem::internal("a receipt of intake names no referral"))?;
    let statement = ports::Statement::new(
        "SELECT e.seq AS event_seq, e.body AS event_body, e.hash AS event_hash, n.policy,
  s.document ->> '$.limits' AS service_limits
FROM events e JOIN referrals f ON f.id = e.referral_id LEFT JOIN networks n ON n.id = f.network
LEFT JOIN services s ON s.organization_id = f.recipient AND s.id = f.service
WHERE e.referral_id = ?1 AND e.seq <= ?2 ORDER BY e.seq",
        [id.as_str().into(), (*seq).into()],
    );
    let answer = call.platform.batch(vec![statement]).await?;
    let stored: Vec<StoredEvent> = answer
        .rows(0)
        .iter()
        .map(StoredEvent::from_row)
        .collect::<Result<_, _>>()?;
    let events: Vec<_> = stored.iter().map(|stored| stored.event.clone()).collect();
    let folded = domain::fold::fold(&events)
        .ok_or_else(|| Problem::internal("a receipt's referral has no events"))?;
    let then = stored
        .last()
        .map_or(call.now, |stored| stored.event.recorded_at);
    let policy = reading::policy(answer.first(0))?;
    let evaluated = Evaluated::new(&folded.referral, &policy, Default::default(), then);
    let prepared = Prepared {
        events,
        referral: folded.referral,
        request: folded.request,
        evaluated,
        policy,
    };
    created(&prepared.record(id, ""), &prepared.request, then)
}
