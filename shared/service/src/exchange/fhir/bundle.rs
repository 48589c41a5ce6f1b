//! `POST /fhir`: a Bundle. A transaction, a message or a document says one thing; a batch is answered entry by entry.

use domain::request::Identifier;
use formats::fhir::{self, Entry};
use formats::said::Said;
use http::StatusCode;
use ports::Platform;
use serde_json::{Value, json};

use super::gathered::{gathered, part};
use super::measures::visits::{Together, read_all, store};
use super::sent::{Read, body_of, message, warned};
use super::several::{several, together};
use super::told::waits;
use super::{answer, base, check_accept};
use crate::auth::Credentials;
use crate::call::Call;
use crate::exchange::matching::By;
use crate::exchange::outcome::{of_problem, of_result};
use crate::exchange::take::{Named, Taken, take};
use crate::http::{Fault, Problem, Reply};
use crate::ids;

/// The most entries of a batch or transaction that say something: in a batch each costs two round trips.
pub(super) const BATCH_ENTRIES_MAX: usize = 20;

/// What is answered to an entry that is none of them.
pub(super) const TAKEN_WITH_OTHERS: &str =
    "it says nothing of a referral by itself; what others refer to is taken with them";

/// Takes any Bundle.
pub(super) async fn receive<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let root = bundle_of(&call).await?;
    let kind = root.get("type").and_then(Value::as_str);
    let has_visits = matches!(kind, Some("batch" | "transaction")) && fhir::has_visits(&root);
    if has_visits && fhir::read_entries(&root).is_ok_and(|said| said.is_empty()) {
        return visits_alone(&call, &root).await;
    }
    let reply = match kind {
        Some("batch") => batch(&call, &root).await,
        Some("message") => whole(&call, &root, Form::Message).await,
        _ => whole(&call, &root, Form::Transaction).await,
    }?;
    if has_visits {
        return visits_beside(&call, &root, reply).await;
    }
    Ok(reply)
}

/// Takes a message Bundle.
pub(super) async fn process<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let root = bundle_of(&call).await?;
    whole(&call, &root, Form::Message).await
}

async fn bundle_of<P: Platform>(call: &Call<P>) -> Result<Value, Problem> {
    check_accept(call)?;
    Credentials::of_member(call)?;
    body_of(call, &["Bundle"]).await
}

/// How a Bundle is answered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Transaction,
    Message,
}

/// What was done, in the terms of an answer.
pub(super) struct Became {
    referral: Option<String>,
    version: Option<i64>,
    status: &'static str,
    outcome: Value,
}

async fn whole<P: Platform>(call: &Call<P>, root: &Value, form: Form) -> Result<Reply, Problem> {
    let kind = root.get("type").and_then(Value::as_str);
    if kind == Some("transaction")
        && let Some(entries) = several(root)
    {
        return together(call, root, entries).await;
    }
    let read = if form == Form::Message && kind != Some("message") {
        Read(Err(vec![formats::said::Fault {
            at: "Bundle.type".to_owned(),
            code: "not-supported",
            detail: "must be message".to_owned(),
        }]))
    } else {
        Read::one(root)
    };
    let message = message(call, root, &read);
    let taken = take(call, &message, &read, None).await?;
    let (status, result) = result_of(&read, taken, &message.id);
    let Some(result) = result else {
        return Ok(answer(StatusCode::ACCEPTED, &status));
    };
    let body = match form {
        Form::Transaction => transaction_response(call, root, &result),
        Form::Message => message_response(call, root, &result),
    };
    Ok(answer(StatusCode::OK, &body))
}

/// The result of what was taken; `None` with an OperationOutcome where it waits.
pub(super) fn result_of(read: &Read, taken: Taken, id: &str) -> (Value, Option<Became>) {
    let result = match taken {
        Taken::Created(created) => Became {
            referral: Some(created.record.id.clone()),
            version: Some(created.record.version),
            status: "201 Created",
            outcome: warned(read),
        },
        Taken::Told {
            answer: told,
            by,
            referral,
            version,
        } => {
            if told.get("result").and_then(Value::as_str) == Some("parked") {
                let text = "it is not legal yet, and counts as soon as it is";
                return (of_result("information", "informational", text), None);
            }
            Became {
                referral: Some(referral),
                version: Some(version),
                status: "200 OK",
                outcome: match by {
                    By::Id => warned(read),
                    By::Patient => with_how(warned(read)),
                },
            }
        }
        Taken::Repeated(seen) => Became {
            referral: seen.referral_id,
            version: None,
            status: if matches!(
                &read.0,
                Ok(Entry {
                    said: Ok(Said::Referral(_)),
                    ..
                })
            ) {
                "201 Created"
            } else {
                "200 OK"
            },
            outcome: warned(read),
        },
        Taken::Duplicate(seen) => Became {
            referral: seen.referral_id,
            version: None,
            status: "200 OK",
            outcome: of_result("information", "duplicate", "it was taken before"),
        },
        Taken::Unmatched(why) => return (waits(why, id), None),
    };
    (Value::Null, Some(result))
}

/// An OperationOutcome that says too that no id named the referral.
fn with_how(mut outcome: Value) -> Value {
    let text = "matched_by patient: no id names the referral, and it is the only one of this patient that fits";
    let how = of_result("information", "informational", text);
    let issue = how.pointer("/issue/0").cloned();
    if let Some(issues) = outcome.get_mut("issue").and_then(Value::as_array_mut) {
        issues.extend(issue);
    }
    outcome
}

/// An answer for each entry: the ServiceRequest, the Task and the Patient have an address of their own; what they refer to is
/// kept with the message.
fn transaction_response<P: Platform>(call: &Call<P>, root: &Value, result: &Became) -> Value {
    let entries = root.get("entry").and_then(Value::as_array);
    let entries: Vec<Value> = entries
        .into_iter()
        .flatten()
        .map(|entry| {
            let kind = entry
                .pointer("/resource/resourceType")
                .and_then(Value::as_str)
                .unwrap_or_default();
            json!({"response": response(call, kind, result)})
        })
        .collect();
    json!({
        "resourceType": "Bundle",
        "type": "transaction-response",
        "entry": entries,
    })
}

pub(super) fn response<P: Platform>(call: &Call<P>, kind: &str, result: &Became) -> Value {
    let (Some(id), true) = (
        &result.referral,
        matches!(kind, "ServiceRequest" | "Task" | "Patient"),
    ) else {
        let text = "kept with the message; it has no address of its own";
        return json!({"status": "200 OK", "outcome": of_result("information", "informational", text)});
    };
    let mut response = json!({
        "status": result.status,
        "location": format!("{}/{kind}/{id}", base(call)),
        "outcome": result.outcome,
    });
    if let (Value::Object(members), Some(version)) = (&mut response, result.version) {
        members.insert("etag".to_owned(), format!("W/\"{version}\"").into());
        let now = call.now.to_string();
        members.insert("lastModified".to_owned(), now.into());
    }
    response
}

/// A message that answers a message.
fn message_response<P: Platform>(call: &Call<P>, root: &Value, result: &Became) -> Value {
    let header = root.pointer("/entry/0/resource");
    let member = |name: &str| header.and_then(|header| header.get(name)).cloned();
    let sender = header
        .and_then(|header| header.pointer("/source/endpoint"))
        .cloned()
        .unwrap_or_default();
    let uuid = ids::uuid(&call.platform);
    let outcome_uuid = ids::uuid(&call.platform);
    let mut answering = json!({
        "resourceType": "MessageHeader",
        "id": uuid,
        "source": {"name": "Referral Loop", "endpoint": base(call)},
        "response": {
            "identifier": member("id").unwrap_or_else(|| "unknown".into()),
            "code": "ok",
            "details": {"reference": format!("urn:uuid:{outcome_uuid}")},
        },
    });
    if let Value::Object(members) = &mut answering {
        for name in ["eventCoding", "eventUri"] {
            if let Some(event) = member(name) {
                members.insert(name.to_owned(), event);
            }
        }
        // BSeR wants one destination with its receiver, a sender and one focus: who sent and who received change places.
        let party = |at: &str| root.pointer(&format!("/entry/0/resource{at}")).cloned();
        let unknown = || json!({"display": "unknown"});
        let receiver = absolute(root, party("/sender").unwrap_or_else(unknown));
        let answers = absolute(
            root,
            party("/destination/0/receiver").unwrap_or_else(unknown),
        );
        if sender.is_string() {
            let destination = json!([{"endpoint": sender, "receiver": receiver}]);
            members.insert("destination".to_owned(), destination);
        }
        members.insert("sender".to_owned(), answers);
        if let Some(id) = &result.referral {
            let focus = json!([{"reference": format!("{}/Task/{id}", base(call))}]);
            members.insert("focus".to_owned(), focus);
        }
    }
    json!({
        "resourceType": "Bundle",
        "type": "message",
        "timestamp": call.now.to_string(),
        "entry": [
            {"fullUrl": format!("urn:uuid:{uuid}"), "resource": answering},
            {"fullUrl": format!("urn:uuid:{outcome_uuid}"), "resource": result.outcome},
        ],
    })
}

/// A Reference of the message that came, as it is meant outside of it: against the base of the MessageHeader's `fullUrl`.
fn absolute(root: &Value, mut reference: Value) -> Value {
    let url = root.pointer("/entry/0/fullUrl").and_then(Value::as_str);
    let base = url.and_then(|url| url.split_once("/MessageHeader/"));
    if let (Some((base, _)), Some(Value::String(text))) = (base, reference.get_mut("reference"))
        && !text.contains(':')
    {
        text.insert_str(0, &format!("{base}/"));
    }
    reference
}

/// Does every entry by itself, and answers each.
async fn batch<P: Platform>(call: &Call<P>, root: &Value) -> Result<Reply, Problem> {
    let read = fhir::read_entries(root);
    let said = match read {
        Ok(said) if said.len() <= BATCH_ENTRIES_MAX => said,
        Ok(_) => {
            let detail =
                format!("at most {BATCH_ENTRIES_MAX} referrals and events are taken from a batch");
            return refuse(call, vec![Fault::at("Bundle.entry", "too-many", detail)]).await;
        }
        Err(faults) => {
            let faults = faults
                .into_iter()
                .map(|fault| Fault::at(fault.at, fault.code, fault.detail))
                .collect();
            return refuse(call, faults).await;
        }
    };
    if call.idempotency_key.is_some() {
        let detail =
            "a batch takes no Idempotency-Key: the same entry again is a duplicate by itself";
        return refuse(
            call,
            vec![Fault::at("Bundle.type", "not-supported", detail)],
        )
        .await;
    }
    let entries = root.get("entry").and_then(Value::as_array);
    let entries: &[Value] = entries.map_or(&[], Vec::as_slice);
    let mut answers = Vec::with_capacity(entries.len());
    if said.is_empty() {
        return refuse(
            call,
            vec![Fault::at(
                "Bundle.entry",
                "required",
                "says nothing of a referral",
            )],
        )
        .await;
    }
    let mut said = said.into_iter().peekable();
    for (index, entry) in entries.iter().enumerate() {
        let resource = entry.get("resource").unwrap_or(&Value::Null);
        let kind = resource
            .get("resourceType")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let response = match said.next_if(|one| one.index == index) {
            Some(one) => one_of_batch(call, root, entry, kind, one).await?,
            None => {
                let outcome = of_result("information", "informational", TAKEN_WITH_OTHERS);
                json!({"status": "200 OK", "outcome": outcome})
            }
        };
        answers.push(json!({"response": response}));
    }
    let body = json!({
        "resourceType": "Bundle",
        "type": "batch-response",
        "entry": answers,
    });
    Ok(answer(StatusCode::OK, &body))
}

/// Refuses a batch as a whole, once it is known who sent it.
pub(super) async fn refuse<P: Platform>(
    call: &Call<P>,
    faults: Vec<Fault>,
) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(call)?;
    let answer = call.platform.batch(vec![credentials.statement()]).await?;
    credentials.caller(answer.first(0), call.now_milliseconds())?;
    Err(Problem::Invalid(faults))
}

/// Encounters and Procedures, and what they refer to, with nothing of a referral: of a transaction all or none.
async fn visits_alone<P: Platform>(call: &Call<P>, root: &Value) -> Result<Reply, Problem> {
    let is_batch = root.get("type").and_then(Value::as_str) == Some("batch");
    if call.idempotency_key.is_some() {
        let detail = "Encounters and Procedures take no Idempotency-Key: the same again is the same by itself";
        let fault = Fault::at("Bundle.type", "not-supported", detail);
        return refuse(call, vec![fault]).await;
    }
    let visits = match read_all(root, None) {
        Ok(visits) => visits,
        Err(Problem::Invalid(faults)) => return refuse(call, faults).await,
        Err(problem) => return Err(problem),
    };
    let (together, kind) = if is_batch {
        (Together::Each, "batch-response")
    } else {
        let faults: Vec<Fault> = visits
            .refused
            .iter()
            .flat_map(|one| one.1.clone())
            .collect();
        if !faults.is_empty() {
            return refuse(call, faults).await;
        }
        (Together::AllOrNone, "transaction-response")
    };
    let credentials = Credentials::of_member(call)?;
    let done = store(call, &credentials, visits, together, None).await?;
    let count = root
        .get("entry")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    let outcome = of_result("information", "informational", TAKEN_WITH_OTHERS);
    let mut answers = vec![json!({"response": {"status": "200 OK", "outcome": outcome}}); count];
    let mut put = |index: usize, response: Value| {
        if let Some(answer) = answers.get_mut(index) {
            *answer = json!({ "response": response });
        }
    };
    for one in &done.stored {
        put(one.index, one.response(call));
    }
    for (index, faults) in done.refused {
        let outcome = of_problem(&Problem::Invalid(faults).to_json());
        put(
            index,
            json!({"status": "422 Unprocessable Content", "outcome": outcome}),
        );
    }
    let body = json!({"resourceType": "Bundle", "type": kind, "entry": answers});
    Ok(answer(StatusCode::OK, &body))
}

/// Encounters and Procedures that came with a referral or an event: kept with the message in any case, and for the measures where they
/// can be and the key may send them. What is wrong with one of them does not hold up the rest.
async fn visits_beside<P: Platform>(
    call: &Call<P>,
    root: &Value,
    reply: Reply,
) -> Result<Reply, Problem> {
    let Ok(visits) = read_all(root, None) else {
        return Ok(reply);
    };
    let credentials = Credentials::of_member(call)?;
    let done = match store(call, &credentials, visits, Together::Each, None).await {
        Ok(done) => done,
        Err(Problem::ForbiddenScope { .. }) => return Ok(reply),
        Err(problem) => return Err(problem),
    };
    Ok(reply.changed(|body| {
        for one in &done.stored {
            if let Some(response) = body.pointer_mut(&format!("/entry/{}/response", one.index)) {
                *response = one.response(call);
            }
        }
    }))
}

async fn one_of_batch<P: Platform>(
    call: &Call<P>,
    root: &Value,
    entry: &Value,
    kind: &str,
    mut said: Entry,
) -> Result<Value, Problem> {
    let url = entry.pointer("/request/url").and_then(Value::as_str);
    let named = url
        .and_then(|url| url.strip_prefix("Task/"))
        .map(fhir::leg_of)
        .map(|(referral, leg)| Named {
            referral: referral.to_owned(),
            leg,
        });
    if let (Ok(Said::Event(happened)), Some(named)) = (&mut said.said, &named) {
        let own = Identifier {
            system: fhir::OUR_REFERRAL.to_owned(),
            value: named.referral.clone(),
        };
        if !happened.about.contains(&own) {
            happened.about.push(own);
        }
    }
    let own = gathered(root, said.index);
    let read = Read(Ok(said));
    let mut message = part(call, &own, &read);
    if named.is_some() {
        // As for PUT: the same Task again may be another visit missed.
        message.id = ids::new_id("msg", &call.platform);
    }
    match take(call, &message, &read, named.as_ref()).await {
        Ok(taken) => {
            let (waiting, result) = result_of(&read, taken, &message.id);
            Ok(match result {
                Some(result) => response(call, kind, &result),
                None => json!({"status": "202 Accepted", "outcome": waiting}),
            })
        }
        // A fault of ours ends the batch; one of the entry is the entry's answer.
        Err(
            problem @ (Problem::Unauthorized { .. }
            | Problem::DatabaseUnavailable
            | Problem::Internal(_)
            | Problem::NotConfigured(_)),
        ) => Err(problem),
        Err(problem) => {
            let row = problem.kind().row();
            let status = format!("{} {}", row.status, row.title);
            Ok(json!({"status": status, "outcome": of_problem(&problem.to_json())}))
        }
    }
}
