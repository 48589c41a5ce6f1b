//! The offices: their organisations, keys, services and senders of webhooks, made through the directory.

use anyhow::{Context, Result};
use in_process::Deployment;
use serde_json::{Value, json};

use crate::parameters as p;

/// An office.
#[derive(Debug, Clone)]
pub struct Office {
    /// Its organisation.
    pub id: String,
    /// The key of its people.
    pub key: String,
    /// The id and the secret of its system's webhooks; referrers have none.
    pub source: (String, String),
    /// Whether it never looks at its worklist.
    pub never_looks: bool,
}

/// The id of every recipient's only service.
pub const SERVICE: &str = "cardiology";

/// Everybody who takes part.
#[derive(Debug)]
pub struct Network {
    /// Who refers.
    pub referrers: Vec<Office>,
    /// To whom.
    pub recipients: Vec<Office>,
}

impl Network {
    /// Makes the network.
    ///
    /// # Errors
    /// When the directory refuses something.
    pub fn new(deployment: &Deployment) -> Result<Self> {
        let referrers = (0..p::REFERRERS)
            .map(|number| office(deployment, &format!("referrer-{number}"), "referrer", false))
            .collect::<Result<_>>()?;
        let recipients = (0..p::RECIPIENTS)
            .map(|number| {
                let never_looks = number < p::OFFICES_THAT_NEVER_LOOK;
                office(
                    deployment,
                    &format!("recipient-{number}"),
                    "recipient",
                    never_looks,
                )
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            referrers,
            recipients,
        })
    }
}

fn office(deployment: &Deployment, id: &str, role: &str, never_looks: bool) -> Result<Office> {
    let make = |path: &str, body: Value| -> Result<Value> {
        deployment
            .call("POST", path, deployment.admin_key(), Some(&body))?
            .expect(&[201])
    };
    let organization = json!({"id": id, "name": id, "network": "valley", "roles": [role]});
    make("/directory/organizations", organization)?;
    let path = format!("/directory/organizations/{id}");
    let scopes = json!({"scopes": ["referrals:write", "referrals:read", "events:write"]});
    let key = make(&format!("{path}/keys"), scopes)?;
    let source = make(&format!("{path}/sources"), json!({"name": "chart"}))?;
    if role == "recipient" {
        let service = json!({
            "id": SERVICE, "specialty": "cardiology", "urgencies": ["routine", "urgent", "asap", "stat"],
            "codes": [{"system": "http://snomed.info/sct", "code": "183519002"}],
            "locations": ["Main Street 1"], "languages": ["en"], "requirements": [],
        });
        make(&format!("{path}/services"), service)?;
    }
    Ok(Office {
        id: id.to_owned(),
        key: text(&key, "key")?,
        source: (text(&source, "id")?, text(&source, "secret")?),
        never_looks,
    })
}

/// A text member of an answer.
///
/// # Errors
/// When it has none of this name.
pub fn text(body: &Value, name: &str) -> Result<String> {
    let value = body.get(name).and_then(Value::as_str);
    Ok(value
        .with_context(|| format!("no {name} in {body}"))?
        .to_owned())
}
