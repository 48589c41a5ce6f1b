//! An event by signed webhook: `POST /status/webhooks/{source}`.
//!
//! The source, the referral and the receipt are read in one trip, and nothing of them is told before the signature holds.

use http::StatusCode;
use ports::Platform;
use serde_json::{Value, json};

use super::append::{Done, append};
use super::events::{
    Posted, ReceiptOwner, check_documents, destination, documents, documents_statement, offer,
    selector,
};
use super::incoming::Incoming;
use super::source::Source;
use crate::call::Call;
use crate::crypto::{Signed, sha256_hex};
use crate::http::{Problem, Reply};
use crate::receipts::{Owner, Receipt};
use crate::recipients;
use crate::referrals::{Key, Loaded, STATEMENTS};

/// Characters of the part of an event's id that comes from the `webhook-id`: 80 bits.
const ID_SUFFIX_CHARS: usize = 20;

/// Takes a webhook.
pub(super) async fn receive<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let source_id = call.parameter("source").to_owned();
    let body = call.json();
    let incoming = match &body {
        Ok(body) => Incoming::read(body, call.now).map(Some),
        Err(_) => Ok(None),
    };
    let known = incoming.as_ref().ok().and_then(Option::as_ref);
    let key = body.as_ref().ok().and_then(referral_key);
    let selector = selector(key.unwrap_or_else(|| Key::Id(String::new())), known);
    let receipt = Signed::from_headers(&call.headers)
        .ok()
        .map(|signed| receipt(&call, signed.id));
    let mut statements = vec![Source::statement(&source_id)];
    statements.extend(selector.statements());
    statements.push(recipients::statement(destination(known)));
    statements.push(documents_statement(&documents(known)));
    statements.extend(
        receipt
            .as_ref()
            .map(|receipt| receipt.read(Owner::Source(&source_id))),
    );
    let answer = call.platform.batch(statements).await?;
    let source = Source::verified(&call, answer.rows(0)).await?;
    body?;
    let incoming = incoming?.ok_or_else(|| Problem::internal("a body was read and lost"))?;
    let visible: Vec<Loaded> =
        Loaded::from_rows(answer.rows(1), answer.rows(2), answer.rows(STATEMENTS))?
            .into_iter()
            .filter(|loaded| loaded.is_party(&source.organization))
            .collect();
    // Two referrals of this organisation with one id: a person must say which.
    let [loaded] = <[Loaded; 1]>::try_from(visible).map_err(|_| Problem::NotFound)?;
    let after = STATEMENTS + 1;
    let receipt = receipt.ok_or(Problem::BadSignature)?;
    if receipt.check(answer.first(after + 2))?.is_some() {
        return duplicate(&loaded.record.id, loaded.record.version);
    }
    check_documents(
        &incoming,
        answer.rows(after + 1),
        &source.organization,
        &loaded.record.id,
    )?;
    let id_suffix = sha256_hex(&[source.id.as_bytes(), b"|", source.webhook_id.as_bytes()]);
    let posted = Posted {
        confined_to: None,
        offer: offer(&incoming, answer.first(after), &source.network)?,
        incoming,
        organization: source.organization,
        label: None,
        id_suffix: id_suffix.chars().take(ID_SUFFIX_CHARS).collect(),
        source: format!("webhook:{}", source.id),
        source_id: Some(source.webhook_id),
        if_match: None,
        now: call.now,
        receipt: Some((receipt, ReceiptOwner::Source(source.id))),
        referral_id: loaded.record.id.clone(),
    };
    let version = loaded.record.version;
    match append(&call.platform, loaded, &selector, &posted).await {
        Ok(Done::Receipted) => duplicate(&posted.referral_id, version),
        Ok(done) => {
            done.tell(&call.platform);
            Reply::json(StatusCode::ACCEPTED, &posted.answer(&done))
        }
        Err(Problem::WrongSide) => Err(Problem::WrongSideSigned),
        Err(problem) => Err(problem),
    }
}

/// A webhook is known by its id alone: a sender signs it anew on every try, and may write it a little differently.
fn receipt<P>(call: &Call<P>, webhook_id: &str) -> Receipt {
    Receipt::new(webhook_id.to_owned(), "POST", &call.path, b"")
}

fn referral_key(body: &Value) -> Option<Key> {
    let referral = body.get("data")?.get("referral")?;
    if let Some(id) = referral.as_str() {
        return Some(Key::Id(id.to_owned()));
    }
    let text = |name: &str| Some(referral.get(name)?.as_str()?.to_owned());
    Some(Key::Identifier {
        system: text("system")?,
        value: text("value")?,
    })
}

fn duplicate(referral_id: &str, version: i64) -> Result<Reply, Problem> {
    let answer = json!({"result": "duplicate", "referral": referral_id, "version": version});
    Reply::json(StatusCode::ACCEPTED, &answer)
}
