//! What partners kept: the hash of an event as a webhook told it, which whoever holds the database cannot change.
//!
//! A file of JSON: a list, or an object a line. Each is `{"referral", "seq" (or "version"), "hash"}`, or a webhook's body as it
//! came, `{"data": {"referral": {"id"}, "event": {"seq", "hash"}}}`.

use anyhow::{Context, Result};
use serde_json::Value;

/// That the event `seq` of a referral had this hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The referral's id.
    pub referral: String,
    /// The event's number.
    pub seq: i64,
    /// Its hash in hexadecimal.
    pub hash: String,
}

/// The proofs of a file's text.
///
/// # Errors
/// When something in it is no proof: says which, by its place and without its text.
pub fn parse(text: &str) -> Result<Vec<Proof>> {
    if let Ok(Value::Array(items)) = serde_json::from_str(text) {
        return items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                let number = index.saturating_add(1);
                proof(item).with_context(|| format!("item {number} is no proof"))
            })
            .collect();
    }
    if let Ok(whole) = serde_json::from_str::<Value>(text) {
        return Ok(vec![proof(&whole).context("the file is no proof")?]);
    }
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(index, line)| {
            let item = serde_json::from_str(line).unwrap_or_default();
            let number = index.saturating_add(1);
            proof(&item).with_context(|| format!("line {number} is no proof"))
        })
        .collect()
}

fn proof(value: &Value) -> Option<Proof> {
    let data = value.get("data").unwrap_or(value);
    let event = data.get("event").unwrap_or(data);
    let referral = data.get("referral")?;
    let referral = referral.get("id").unwrap_or(referral);
    let seq = event.get("seq").or_else(|| event.get("version"))?;
    Some(Proof {
        referral: referral.as_str()?.to_owned(),
        seq: seq.as_i64()?,
        hash: event.get("hash")?.as_str()?.to_ascii_lowercase(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by them")]

    use super::*;

    fn wanted(seq: i64) -> Proof {
        Proof {
            referral: "ref-1".to_owned(),
            seq,
            hash: "ab".to_owned(),
        }
    }

    #[test]
    fn proofs_come_as_a_list_as_lines_and_as_webhooks() {
        let list = r#"[{"referral": "ref-1", "seq": 1, "hash": "ab"},
            {"referral": "ref-1", "version": 2, "hash": "AB"}]"#;
        assert_eq!(parse(list).unwrap(), [wanted(1), wanted(2)]);
        let lines = r#"{"referral": "ref-1", "seq": 1, "hash": "ab"}

{"type": "referral.accepted", "data": {"referral": {"id": "ref-1", "version": 5}, "event": {"seq": 2, "hash": "ab"}}}
"#;
        assert_eq!(parse(lines).unwrap(), [wanted(1), wanted(2)]);
        let one = r#"{"referral": "ref-1", "seq": 1, "hash": "ab"}"#;
        assert_eq!(parse(one).unwrap(), [wanted(1)]);
        assert_eq!(parse("").unwrap(), []);
    }

    #[test]
    fn what_is_no_proof_is_named_by_its_place() {
        let said = |text: &str| parse(text).unwrap_err().to_string();
        assert_eq!(
            said("[{\"referral\": \"ref-1\", \"seq\": 1}]"),
            "item 1 is no proof"
        );
        assert_eq!(said("{\"referral\": \"ref-1\"}"), "the file is no proof");
        let second = "{\"referral\": \"ref-1\", \"seq\": 1, \"hash\": \"ab\"}\nsecret";
        assert_eq!(said(second), "line 2 is no proof");
    }
}
