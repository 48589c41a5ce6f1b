//! What comes in as a Task: an event, as the Task that it leads to.

use domain::request::Identifier;
use formats::fhir::{self, Entry};
use formats::said::Said;
use http::StatusCode;
use ports::Platform;
use serde_json::Value;

use super::opened::open;
use super::sent::{Read, body_of, message};
use super::{answer, check_accept, versioned};
use crate::auth::Credentials;
use crate::call::Call;
use crate::exchange::outcome::of_result;
use crate::exchange::take::{Named, Taken, take};
use crate::http::{Problem, Reply};
use crate::ids;
use crate::messages::{Format, id_of};

/// Says what has happened to a referral.
pub(super) async fn update<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    check_accept(&call)?;
    Credentials::of_member(&call)?;
    let root = body_of(&call, &["Task"]).await?;
    let id = call.parameter("id").to_owned();
    let (referral, leg) = fhir::leg_of(&id);
    let named = Named {
        referral: referral.to_owned(),
        leg,
    };
    if fhir::was_read_here(&root)
        && let Some(reply) = unchanged(&call, &root, referral, leg).await?
    {
        return Ok(reply);
    }
    let mut read = Read::one(&root);
    let mut is_other = false;
    if let Ok(Entry {
        said: Ok(Said::Event(happened)),
        ..
    }) = &mut read.0
    {
        is_other = root.get("id").and_then(Value::as_str) != Some(id.as_str());
        // The path says which: another id in the resource that is not known yet is no hint of another referral.
        let own = Identifier {
            system: fhir::OUR_REFERRAL.to_owned(),
            value: referral.to_owned(),
        };
        if !happened.about.contains(&own) {
            happened.about.push(own);
        }
    }
    if is_other {
        read = Read(Err(vec![formats::said::Fault {
            at: "Task.id".to_owned(),
            code: "value",
            detail: "must be the id of the path".to_owned(),
        }]));
    }
    let mut message = message(&call, &root, &read);
    // The same Task again may be another visit missed: only the sender knows, and says so by If-Match or Idempotency-Key.
    message.id = match &call.idempotency_key {
        Some(key) => id_of(
            Format::Fhir,
            format!("{id}|{key}|{}", message.id).as_bytes(),
        ),
        None => ids::new_id("msg", &call.platform),
    };
    match take(&call, &message, &read, Some(&named)).await? {
        Taken::Told { answer: told, .. } => {
            if told.get("result").and_then(Value::as_str) == Some("parked") {
                let text = "it is not legal yet, and counts as soon as it is";
                let outcome = of_result("information", "informational", text);
                return Ok(answer(StatusCode::ACCEPTED, &outcome));
            }
            task_now(&call, referral, leg).await
        }
        Taken::Duplicate(_) | Taken::Repeated(_) => task_now(&call, referral, leg).await,
        Taken::Unmatched(why) => Ok(answer(StatusCode::ACCEPTED, &waits(why, &message.id))),
        Taken::Created(_) => Err(Problem::internal("a Task was taken as a referral")),
    }
}

/// The answer to a Task that says what it says already: nothing has happened. One with an `If-Match` that has not the version is refused as any.
async fn unchanged<P: Platform>(
    call: &Call<P>,
    root: &Value,
    referral: &str,
    leg: u32,
) -> Result<Option<Reply>, Problem> {
    // Who has no part in it, or may only say what happened, is answered as for any Task.
    let opened = match open(call, referral).await {
        Err(Problem::NotFound | Problem::ForbiddenScope { .. }) => return Ok(None),
        opened => opened?,
    };
    let Ok(leg) = opened.leg(leg) else {
        return Ok(None);
    };
    let stands = fhir::task(&opened.shown(), leg);
    let is_current = call
        .if_match
        .as_ref()
        .is_none_or(|if_match| if_match.accepts(opened.version));
    Ok((is_current && fhir::is_unchanged(root, &stands))
        .then(|| versioned(answer(StatusCode::OK, &stands), opened.version)))
}

async fn task_now<P: Platform>(call: &Call<P>, id: &str, leg: u32) -> Result<Reply, Problem> {
    let opened = open(call, id).await?;
    let resource = fhir::task(&opened.shown(), opened.leg(leg)?);
    Ok(versioned(answer(StatusCode::OK, &resource), opened.version))
}

/// That a message waits for a person.
pub(super) fn waits(why: &str, id: &str) -> Value {
    let text = format!(
        "it fits no referral for certain ({why}), and is kept as {id} until a person says where it belongs"
    );
    of_result("warning", "not-found", &text)
}
