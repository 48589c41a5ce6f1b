//! Deliveries in the receiver's format: notifications of FHIR Subscriptions, and HL7 v2 messages. The one function that links the formats
//! writes them: after its own answers, on its own schedule, and when it is called.
//!
//! Invariant: the outbox, its order, signatures, tries and dead letters are those of every delivery ([`crate::deliveries`]); here is only
//! what is sent.

mod message;
mod notification;
mod reading;
mod sql;

use domain::time::Timestamp;
use http::StatusCode;
use ports::{Outgoing, Platform, SendError, Statement};
use serde_json::{Value, json};

use crate::auth::{Credentials, Scope};
use crate::call::Call;
use crate::deliveries::{
    self, CHALLENGE, Format, Json, Lane, Lease, Message, ROUNDS_AFTER_ANSWER as JSON_ROUNDS,
    Renderer, Tally, Verdict,
};
use crate::http::{Access, Field, Method, Object, Problem, Reply, Route, Shape, Success, report};
use crate::metered::{Meter, Metered};
use crate::receipts::{self, Answered, Owner, Receipt};
use crate::status::Done;

use reading::Reading;

/// The type of what a Subscription is sent where nothing happened.
pub(super) const HEARTBEAT: &str = "subscription.heartbeat";

/// How many rounds one run sends, of six referrals each: at 50 queries an invocation on Workers Free, 5 to look what is due and 11 to 19 a
/// round. The rest waits for the next run.
const ROUNDS_MAX: usize = 2;

/// How many of these rounds follow an answer, beside those of JSON.
const ROUNDS_AFTER_ANSWER: usize = 1;

const COUNT: Shape = Shape::Integer {
    min: 0,
    max: i64::MAX,
};

pub(super) static DELIVER: Route = Route {
    method: Method::Post,
    path: "/fhir/$deliver",
    id: "deliver_formats",
    summary: "Send what is due to endpoints that take FHIR or HL7 v2: what the schedule does, for platforms that have none.",
    access: Access::Scope(Scope::SweepRun),
    query: &[],
    request: None,
    body_bytes_max: 1_024,
    success: &[Success {
        status: 200,
        doc: "What it did. Where more is true, call it again.",
        body: Some(Shape::Object(&Object {
            name: "Delivered",
            fields: &[
                Field::required("delivered", COUNT, "Messages delivered."),
                Field::required("delivery_failed", COUNT, "Messages that could not be."),
                Field::required("more", Shape::Boolean, "Whether more may be due now."),
            ],
        })),
    }],
    problems: &[],
};

/// Sends what is due in the caller's network.
pub(super) async fn post<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let receipt = Receipt::of(&call);
    let mut statements = vec![credentials.statement()];
    statements.extend(
        receipt
            .as_ref()
            .map(|receipt| receipt.read_for(&credentials)),
    );
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    if let Some(receipt) = &receipt
        && let Some(answered) = receipt.check(answer.first(1))?
    {
        return Reply::replay(&answered);
    }
    let tally = due(&call.platform, Some(credentials.hash())).await?;
    let shown = json!({
        "delivered": tally.delivered,
        "delivery_failed": tally.failed,
        "more": tally.more,
    });
    if let Some(receipt) = &receipt {
        let answered = Answered {
            status: StatusCode::OK.as_u16(),
            referral: None,
            answer: Some(shown.to_string()),
        };
        let write = receipt.write(Owner::from(&caller), &answered, call.now_milliseconds());
        match call.platform.batch(vec![write]).await {
            Err(error) if receipts::is_taken(&error) => return Err(Problem::IdempotencyInFlight),
            written => written.map(|_| ())?,
        }
    }
    Reply::json(StatusCode::OK, &shown)
}

/// Sends what is due in every network, on the platform's schedule.
pub async fn run<P: Platform>(platform: P) {
    let platform = Metered::new(platform, Meter::default());
    if let Err(problem) = due(&platform, None).await {
        report(&platform, "scheduled_formats", &problem);
    }
}

async fn due<P: Platform>(platform: &Metered<P>, key_hash: Option<&str>) -> Result<Tally, Problem> {
    let look = [
        sql::END,
        sql::ENDED,
        sql::DROP_ENDED,
        sql::BEAT,
        sql::LOOK_AGAIN,
    ]
    .map(|sql| {
        Statement::new(
            sql,
            [platform.now().into(), key_hash.map(str::to_owned).into()],
        )
    });
    platform.batch(look.into()).await?;
    deliveries::work(platform, &Formats, key_hash, ROUNDS_MAX).await
}

/// Lets the whole outbox be worked on after the answer, where something was put into it.
pub(super) fn after_answer<P: Platform>(platform: &Metered<P>, has_queued: bool) {
    if !has_queued {
        return;
    }
    let working = platform.clone();
    platform.after(async move {
        let json = deliveries::work(&working, &Json, None, JSON_ROUNDS).await;
        let formats = deliveries::work(&working, &Formats, None, ROUNDS_AFTER_ANSWER).await;
        for problem in [json.err(), formats.err()].into_iter().flatten() {
            report(&working, "deliveries", &problem);
        }
    });
}

/// Lets what was queued with an event be sent after the answer.
pub(super) fn tell<P: Platform>(platform: &Metered<P>, done: &Done) {
    after_answer(platform, matches!(done, Done::Stored { queued: true, .. }));
}

/// How much of the answer to an HL7 v2 message is read: an acknowledgement with every error that a person reads.
const ANSWER_BYTES_MAX: usize = 65_536;

/// FHIR and HL7 v2, as each endpoint takes them.
struct Formats;

impl<P: Platform> Renderer<P> for Formats {
    const LANE: Lane = Lane::Formats;

    async fn render(
        &self,
        platform: &Metered<P>,
        lease: &mut Lease,
        now: i64,
    ) -> Result<(), Problem> {
        let now = Timestamp::from_millisecond(now)
            .map_err(|_| Problem::internal("the clock shows no time"))?;
        let reading = Reading::of(platform, lease).await?;
        for message in lease.pairs.iter_mut().flat_map(|pair| &mut pair.messages) {
            match reading.format(message) {
                Some(Format::Fhir) => notification::write(platform, &reading, message, now),
                Some(Format::Hl7) => message::write(&reading, message, now),
                // The endpoint was removed meanwhile.
                Some(Format::Json) | None => message.is_silent = true,
            }
        }
        Ok(())
    }

    async fn send(
        &self,
        platform: &Metered<P>,
        message: &Message,
        request: Outgoing,
    ) -> Result<(ports::Answered, Verdict), SendError> {
        // A challenge is passed by the status alone, as in every format: an engine need not know the message.
        if !message.is_confidential || message.kind == CHALLENGE {
            return Ok((platform.send(request).await?, Verdict::Taken));
        }
        let (answered, body) = platform.send_and_read(request, ANSWER_BYTES_MAX).await?;
        Ok((answered, message::verdict(&body)))
    }

    fn settled(&self, delivered: &[Value], now: i64) -> Option<Statement> {
        (!delivered.is_empty()).then(|| {
            let list = Value::from(delivered.to_vec()).to_string();
            Statement::new(sql::HEARD, [list.into(), now.into()])
        })
    }
}
