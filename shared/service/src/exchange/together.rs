//! Several referrals of one transaction: all of them, or none, in one batch.

use domain::time_zone::TimeZone;
use ports::{Answer, DatabaseError, Platform, Statement};

use super::deliver;
use super::take::{Context, Taken, is_told};
use super::work::{Sayable, Work};
use crate::auth::{Credentials, Scope};
use crate::call::Call;
use crate::deliveries::{add_to, has_queued};
use crate::http::{Fault, Problem};
use crate::messages::{Message, State};
use crate::receipts::{self, Receipt};

/// Makes the referrals that these messages ask for. What came before is answered as it was. Nothing is made where one of them cannot be.
///
/// # Errors
/// The problem of the first that cannot be made; every fault of those that cannot be read.
pub(super) async fn take_together<P: Platform>(
    call: &Call<P>,
    items: &[(Message, impl Sayable)],
) -> Result<Vec<Taken>, Problem> {
    let credentials = Credentials::of_member(call)?;
    let works = works(call, items, None);
    let receipt = Receipt::of(call);
    let mut statements = vec![credentials.statement()];
    statements.extend(receipt.as_ref().map(|it| it.read_for(&credentials)));
    let mut from = Vec::new();
    if let Ok(works) = &works {
        for (work, (message, _)) in works.iter().zip(items) {
            from.push(statements.len());
            statements.push(message.seen_statement(credentials.hash()));
            statements.extend(work.statements(&credentials));
        }
    }
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    let member = caller.member()?;
    if !member.has(Scope::ReferralsWrite) {
        let needs = Some(Scope::ReferralsWrite);
        return Err(Problem::ForbiddenScope { needs });
    }
    let receipted = match &receipt {
        Some(receipt) => receipt.check(answer.first(1))?,
        None => None,
    };
    let mut writes = Vec::new();
    let mut queues = Vec::new();
    let mut taken = Vec::new();
    let mut receipt = receipt;
    let make = || -> Result<(), Problem> {
        for ((work, (message, _)), from) in works?.into_iter().zip(items).zip(&from) {
            let before = Message::seen(answer.first(*from));
            if let Some(seen) = before.as_ref().filter(|seen| seen.is_settled()) {
                taken.push(match receipted {
                    Some(_) => Taken::Repeated(seen.clone()),
                    None => Taken::Duplicate(seen.clone()),
                });
                continue;
            }
            let Work::Refer { asked, party } = work else {
                return Err(Problem::internal(
                    "an event is in a transaction of referrals",
                ));
            };
            let context = Context {
                call,
                message,
                member,
                before,
                // One for the whole: it goes with the first.
                receipt: receipt.take(),
                named: None,
            };
            let rows = answer
                .results
                .get(from.saturating_add(1)..)
                .unwrap_or_default();
            let own = Answer {
                results: rows.to_vec(),
                ..Answer::default()
            };
            let (statements, told, created) = context.referral(*asked, &party, &own)?;
            writes.extend(statements);
            queues.push(add_to(&mut writes, &told, call.now));
            taken.push(Taken::Created(Box::new(created)));
        }
        Ok(())
    };
    let outcome = make();
    let refused = match outcome {
        Ok(()) if writes.is_empty() => return Ok(taken),
        Ok(()) => match call.platform.batch(writes).await {
            Ok(answer) => {
                let is_told = queues.iter().any(|queue| has_queued(&answer, *queue));
                deliver::after_answer(&call.platform, is_told);
                return Ok(taken);
            }
            Err(error) => lost(error),
        },
        Err(problem) => problem,
    };
    if is_told(&refused) {
        let organization = &member.organization;
        let kept: Vec<Statement> = items
            .iter()
            .map(|(message, _)| message.kept(organization, State::Refused, refused.code(), None))
            .collect();
        call.platform.batch(kept).await?;
    }
    Err(refused)
}

/// What each asks for, or every fault of all.
fn works<P: Platform>(
    call: &Call<P>,
    items: &[(Message, impl Sayable)],
    zone: Option<&TimeZone>,
) -> Result<Vec<Work>, Problem> {
    let mut works = Vec::new();
    let mut faults = Vec::new();
    for (place, (message, sayable)) in items.iter().enumerate() {
        let earlier = items.iter().take(place);
        if earlier.clone().any(|(other, _)| other.id == message.id) {
            let detail = "says the same as another entry";
            faults.push(Fault::at("Bundle.entry", "duplicate", detail));
        }
        match Work::of(sayable, zone, call) {
            Ok(work) => works.push(work),
            Err(Problem::Invalid(found)) => faults.extend(found),
            Err(problem) => return Err(problem),
        }
    }
    Problem::unless_empty(faults)?;
    Ok(works)
}

/// Another call was first with one of them.
fn lost(error: DatabaseError) -> Problem {
    match &error {
        DatabaseError::Conflict { constraint }
            if constraint.starts_with("referral_identifiers.") =>
        {
            Problem::Taken {
                what: "the placer's identifier",
            }
        }
        DatabaseError::Conflict { constraint } if constraint.starts_with("exchange_messages.") => {
            Problem::IdempotencyInFlight
        }
        _ if receipts::is_taken(&error) => Problem::IdempotencyInFlight,
        _ => Problem::from(error),
    }
}
