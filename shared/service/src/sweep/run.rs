//! A sweep by call, one slice, and by schedule, slice after slice.

use domain::time::Timestamp;
use http::StatusCode;
use ports::Platform;

use super::slice::{self, Swept};
use super::unmatched;
use crate::auth::Credentials;
use crate::call::Call;
use crate::deliveries::{self, Json};
use crate::http::{Problem, Reply, report};
use crate::json::to_text;
use crate::metered::{Meter, Metered};
use crate::receipts::{self, Answered, Owner, Receipt};

/// How many slices one scheduled run works through: at 50 queries an invocation on Workers Free, 3 for messages, 8 a slice and 2 to 8 a
/// round of deliveries. The rest waits for the next run.
const SLICES_MAX: usize = 3;

/// How many rounds of deliveries one run sends, of six referrals each.
const ROUNDS_MAX: usize = 3;

/// Sweeps one slice of the caller's network; the operator's is all of them.
///
/// With an idempotency key the receipt is written after the work, not with it: a sweep that is done again does nothing twice,
/// and only its counts would differ.
pub(super) async fn post<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_anyone(&call).await?;
    let key_hash = (!credentials.is_operator()).then(|| credentials.hash());
    let receipt = Receipt::of(&call);
    let mut statements = vec![credentials.statement()];
    statements.extend(slice::statements(key_hash, call.now));
    statements.push(unmatched::statement(key_hash, call.now));
    statements.extend(
        receipt
            .as_ref()
            .map(|receipt| receipt.read_for(&credentials)),
    );
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    if let Some(receipt) = &receipt
        && let Some(answered) = receipt.check(answer.first(5))?
    {
        return Reply::replay(&answered);
    }
    let rows = [answer.rows(1), answer.rows(2), answer.rows(3)];
    let swept = slice::work(&call.platform, rows, call.now).await?;
    let swept = unmatched::work(&call.platform, answer.rows(4), call.now, swept).await?;
    let sent = deliveries::work(&call.platform, &Json, key_hash, ROUNDS_MAX).await?;
    let swept = swept.with(sent);
    if let Some(receipt) = &receipt {
        let answered = Answered {
            status: StatusCode::OK.as_u16(),
            referral: None,
            answer: Some(to_text(&swept)?),
        };
        let write = receipt.write(Owner::from(&caller), &answered, call.now_milliseconds());
        match call.platform.batch(vec![write]).await {
            Ok(_) => {}
            Err(error) if receipts::is_taken(&error) => return Err(Problem::IdempotencyInFlight),
            Err(error) => return Err(Problem::from(error)),
        }
    }
    Reply::json(StatusCode::OK, &swept)
}

/// Sweeps every network, on the platform's schedule. What could not be done is due again at the next run.
pub async fn run<P: Platform>(platform: P) {
    let platform = Metered::new(platform, Meter::default());
    let mut swept = Swept::default();
    if let Err(problem) = unmatched_of_all(&platform).await {
        report(&platform, "scheduled_messages", &problem);
    }
    for _ in 0..SLICES_MAX {
        match slice_of_all(&platform).await {
            Ok(slice) => swept = swept.and(slice),
            Err(problem) => {
                report(&platform, "scheduled_sweep", &problem);
                break;
            }
        }
        if !swept.more {
            break;
        }
    }
    if let Err(problem) = deliveries::work(&platform, &Json, None, ROUNDS_MAX).await {
        report(&platform, "scheduled_deliveries", &problem);
    }
}

async fn unmatched_of_all<P: Platform>(platform: &Metered<P>) -> Result<Swept, Problem> {
    let now = Timestamp::from_millisecond(platform.now())
        .map_err(|_| Problem::internal("the clock shows no time"))?;
    let answer = platform
        .batch(vec![unmatched::statement(None, now)])
        .await?;
    unmatched::work(platform, answer.rows(0), now, Swept::default()).await
}

async fn slice_of_all<P: Platform>(platform: &Metered<P>) -> Result<Swept, Problem> {
    let now = Timestamp::from_millisecond(platform.now())
        .map_err(|_| Problem::internal("the clock shows no time"))?;
    let answer = platform.batch(slice::statements(None, now).into()).await?;
    let rows = [answer.rows(0), answer.rows(1), answer.rows(2)];
    slice::work(platform, rows, now).await
}
