//! A Subscription out.

use domain::time::Timestamp;
use serde_json::{Map, Value, json};

use super::{BACKPORT, Content, Standing, Topic};

/// A Subscription as it stands: what was `kept` of it (nothing, for an endpoint that was made elsewhere), with what is ours to say. `error` is
/// what the last try came to.
#[must_use]
pub fn subscription(
    kept: &Value,
    id: &str,
    endpoint: &str,
    version: u64,
    last_updated: Timestamp,
    standing: Standing,
    error: Option<&str>,
) -> Value {
    let mut members: Map<String, Value> = match kept.as_object() {
        Some(kept) if !kept.is_empty() => kept.clone(),
        _ => of_endpoint(),
    };
    let mut set = |name: &str, value: Value| members.insert(name.to_owned(), value);
    set("resourceType", "Subscription".into());
    set("id", id.into());
    set(
        "meta",
        json!({
            "versionId": version.to_string(),
            "lastUpdated": last_updated.to_string(),
            "profile": [format!("{BACKPORT}backport-subscription")],
        }),
    );
    set("status", standing.as_str().into());
    if let Some(error) = error {
        set("error", error.into());
    }
    if let Some(Value::Object(channel)) = members.get_mut("channel") {
        channel.insert("endpoint".to_owned(), endpoint.into());
    }
    Value::Object(members)
}

/// What an endpoint is that says no more than its format.
fn of_endpoint() -> Map<String, Value> {
    let whole = json!({
        "reason": "An endpoint of the organisation",
        "criteria": Topic::TaskChanged.canonical(),
        "channel": {
            "type": "rest-hook",
            "payload": "application/fhir+json",
            "_payload": {
                "extension": [{
                    "url": format!("{BACKPORT}backport-payload-content"),
                    "valueCode": Content::IdOnly.as_str(),
                }],
            },
        },
    });
    match whole {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
