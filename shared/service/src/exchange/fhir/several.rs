//! A transaction that says several things: referrals, which are made together.

use formats::fhir::{self, Entry};
use formats::said::Said;
use http::StatusCode;
use ports::Platform;
use serde_json::{Value, json};

use super::answer;
use super::bundle::{BATCH_ENTRIES_MAX, TAKEN_WITH_OTHERS, refuse, response, result_of};
use super::gathered::{gathered, part};
use super::sent::Read;
use crate::call::Call;
use crate::exchange::outcome::of_result;
use crate::exchange::together::take_together;
use crate::http::{Fault, Problem, Reply};

/// The entries of a transaction that says several things.
pub(super) fn several(root: &Value) -> Option<Vec<Entry>> {
    fhir::read_entries(root)
        .ok()
        .filter(|entries| entries.len() > 1)
}

/// Several referrals: all of them, or none.
pub(super) async fn together<P: Platform>(
    call: &Call<P>,
    root: &Value,
    entries: Vec<Entry>,
) -> Result<Reply, Problem> {
    if entries.len() > BATCH_ENTRIES_MAX {
        let detail = format!("at most {BATCH_ENTRIES_MAX} referrals are taken from a transaction");
        return refuse(call, vec![Fault::at("Bundle.entry", "too-many", detail)]).await;
    }
    let is_event = |entry: &&Entry| matches!(entry.said, Ok(Said::Event(_)));
    let events: Vec<Fault> = entries
        .iter()
        .filter(is_event)
        .map(|entry| {
            let detail = "an event that others may send at the same time is taken alone, or in a batch: a transaction holds one, or referrals";
            let at = format!("Bundle.entry[{}].resource", entry.index);
            Fault::at(at, "not-supported", detail)
        })
        .collect();
    if !events.is_empty() {
        return refuse(call, events).await;
    }
    let indexes: Vec<usize> = entries.iter().map(|entry| entry.index).collect();
    let items: Vec<_> = entries
        .into_iter()
        .map(|entry| {
            let own = gathered(root, entry.index);
            let read = Read(Ok(entry));
            (part(call, &own, &read), read)
        })
        .collect();
    let taken = take_together(call, &items).await?;
    let mut responses = Vec::new();
    for ((taken, index), (message, read)) in taken.into_iter().zip(&indexes).zip(&items) {
        if let (_, Some(result)) = result_of(read, taken, &message.id) {
            responses.push((*index, result));
        }
    }
    let entries = root.get("entry").and_then(Value::as_array);
    let answers: Vec<Value> = entries
        .into_iter()
        .flatten()
        .enumerate()
        .map(|(place, _)| {
            let own = responses.iter().find(|(index, _)| *index == place);
            match own {
                Some((_, result)) => json!({"response": response(call, "ServiceRequest", result)}),
                None => {
                    let outcome = of_result("information", "informational", TAKEN_WITH_OTHERS);
                    json!({"response": {"status": "200 OK", "outcome": outcome}})
                }
            }
        })
        .collect();
    let body = json!({
        "resourceType": "Bundle",
        "type": "transaction-response",
        "entry": answers,
    });
    Ok(answer(StatusCode::OK, &body))
}
