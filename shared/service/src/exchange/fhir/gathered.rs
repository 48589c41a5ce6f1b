//! One entry of a Bundle with what it refers to, as a Bundle: so that each referral of several keeps what came for it, and nothing of the
//! others, which its parties may not see.

use ports::Platform;
use serde_json::{Value, json};

use super::sent::{Read, message};
use crate::call::Call;
use crate::exchange::media::FHIR_JSON;
use crate::messages::Message;

/// The entry with this index, the entries that it refers to, theirs, and Tasks that are about it.
pub(super) fn gathered(root: &Value, index: usize) -> Value {
    let entries = root.get("entry").and_then(Value::as_array);
    let entries: &[Value] = entries.map_or(&[], Vec::as_slice);
    let mut is_in = vec![false; entries.len()];
    let about = entries.iter().enumerate().filter(|(_, entry)| {
        let is_task = entry
            .pointer("/resource/resourceType")
            .and_then(Value::as_str)
            == Some("Task");
        is_task && entries.get(index).is_some_and(|one| refers(entry, one))
    });
    let mut left: Vec<usize> = about.map(|(place, _)| place).collect();
    left.push(index);
    // Each entry is taken up once.
    while let Some(next) = left.pop() {
        let (Some(seen), Some(entry)) = (is_in.get_mut(next), entries.get(next)) else {
            continue;
        };
        if std::mem::replace(seen, true) {
            continue;
        }
        let referred = entries.iter().enumerate();
        left.extend(
            referred
                .filter(|(_, other)| refers(entry, other))
                .map(|(place, _)| place),
        );
    }
    let kept: Vec<&Value> = entries
        .iter()
        .zip(&is_in)
        .filter_map(|(entry, is_in)| is_in.then_some(entry))
        .collect();
    json!({"resourceType": "Bundle", "type": root.get("type"), "entry": kept})
}

/// A part of a Bundle as a message of its own: kept as JSON.
pub(super) fn part<P: Platform>(call: &Call<P>, part: &Value, read: &Read) -> Message {
    let mut message = message(call, part, read);
    message.media_type = FHIR_JSON.to_owned();
    message.content = part.to_string().into_bytes();
    message
}

/// Whether an entry's resource refers to another entry's.
fn refers(entry: &Value, other: &Value) -> bool {
    let text = |pointer: &str| other.pointer(pointer).and_then(Value::as_str);
    let full_url = text("/fullUrl").unwrap_or_default();
    let kind = text("/resource/resourceType").unwrap_or_default();
    let id = text("/resource/id").unwrap_or_default();
    let is_named = |reference: &str| {
        if let Some((named, token)) = reference.split_once("?identifier=") {
            return named == kind && has_identifier(other, token);
        }
        (!full_url.is_empty() && reference == full_url)
            || reference.split_once('/') == Some((kind, id))
            || (reference.contains('/') && full_url.ends_with(&format!("/{reference}")))
    };
    any_reference(entry.get("resource").unwrap_or(&Value::Null), &is_named)
}

fn has_identifier(entry: &Value, token: &str) -> bool {
    let (system, value) = token.split_once('|').unwrap_or(("", token));
    let identifiers = entry
        .pointer("/resource/identifier")
        .and_then(Value::as_array);
    identifiers.into_iter().flatten().any(|identifier| {
        let text = |name: &str| {
            identifier
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        text("system") == system && text("value") == value
    })
}

/// Whether any reference within a value is such. The body was read up to a depth, so this ends.
fn any_reference(value: &Value, is_such: &impl Fn(&str) -> bool) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(name, value)| match value {
            Value::String(text) => name == "reference" && is_such(text),
            _ => any_reference(value, is_such),
        }),
        Value::Array(items) => items.iter().any(|item| any_reference(item, is_such)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_keeps_what_it_refers_to_and_nothing_of_the_others() {
        let entry = |url: &str, resource: Value| json!({"fullUrl": url, "resource": resource});
        let refer = |to: &str| json!({"reference": to});
        let root = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
            entry("urn:uuid:1", json!({"resourceType": "ServiceRequest", "subject": refer("urn:uuid:2")})),
            entry("urn:uuid:2", json!({"resourceType": "Patient", "managingOrganization": refer("Organization?identifier=urn:x|7")})),
            entry("urn:uuid:3", json!({"resourceType": "ServiceRequest", "subject": refer("https://a.example/Patient/4")})),
            entry("https://a.example/Patient/4", json!({"resourceType": "Patient", "id": "4"})),
            entry("urn:uuid:5", json!({"resourceType": "Organization", "identifier": [{"system": "urn:x", "value": "7"}]})),
            entry("urn:uuid:6", json!({"resourceType": "Task", "focus": refer("urn:uuid:3")})),
        ]});
        let urls = |index| -> Vec<String> {
            let gathered = gathered(&root, index);
            let entries = gathered["entry"].as_array().unwrap().clone();
            entries
                .iter()
                .map(|entry| entry["fullUrl"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(urls(0), ["urn:uuid:1", "urn:uuid:2", "urn:uuid:5"]);
        assert_eq!(
            urls(2),
            ["urn:uuid:3", "https://a.example/Patient/4", "urn:uuid:6"]
        );
        assert_eq!(urls(9), Vec::<String>::new());
    }
}
