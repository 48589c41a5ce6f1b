//! A Subscription in: what is asked for, and every reason why it cannot be had.

use domain::time::Timestamp;
use serde_json::{Map, Value, json};

use super::super::read::Node;
use super::{BACKPORT, Content, Standing, Topic};
use crate::said::Fault;

/// The most seconds between two heartbeats. Ours: a month, as long as a key may go unused before somebody asks.
const HEARTBEAT_SECONDS_MAX: u64 = 31 * 24 * 60 * 60;

/// How long a receiver may take to answer, in seconds: what the outbox gives every endpoint.
const TIMEOUT_SECONDS: u64 = 10;

/// The members of a Subscription that are ours to say, or are kept otherwise.
const OURS: &[&str] = &["id", "meta", "status", "error", "text", "implicitRules"];

/// A Subscription as it was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Subscription {
    /// What it is for.
    pub topic: Topic,
    /// How much its notifications say.
    pub content: Content,
    /// Where they go.
    pub endpoint: String,
    /// When it ends.
    pub end: Option<Timestamp>,
    /// After how much silence a heartbeat is wanted, in seconds.
    pub heartbeat_seconds: Option<u64>,
    /// Whether it is to be off.
    pub is_off: bool,
    /// The resource, to be kept: without what is ours to say, and with what we do where it asked for something else.
    pub kept: Value,
}

/// Reads a Subscription.
///
/// # Errors
/// Every fault: what is missing, and what we do not do.
pub fn read_subscription(root: &Value) -> Result<Subscription, Vec<Fault>> {
    let node = Node {
        value: root,
        at: "Subscription".to_owned(),
        home: 0,
    };
    let mut faults = Faults(Vec::new());
    for name in ["modifierExtension", "implicitRules"] {
        if root.get(name).is_some() {
            faults.add(
                node.path(name),
                "not-supported",
                "changes the meaning in a way that is not known here",
            );
        }
    }
    let status = node.text("status");
    if !matches!(status, Some("requested" | "active" | "off")) {
        faults.add(
            node.path("status"),
            "code-invalid",
            "must be requested, or off",
        );
    }
    if node.text("reason").is_none() {
        faults.add(node.path("reason"), "required", "is required");
    }
    let topic = faults.topic(&node);
    let end = node.text("end").and_then(|text| {
        let end = text.parse::<Timestamp>();
        if end.is_err() {
            faults.add(node.path("end"), "value", "must be an instant");
        }
        end.ok()
    });
    let empty = json!({});
    let channel = node.child("channel").unwrap_or_else(|| {
        faults.add(node.path("channel"), "required", "is required");
        Node {
            value: &empty,
            at: node.path("channel"),
            home: 0,
        }
    });
    let content = faults.channel(&channel);
    let heartbeat_seconds = faults.heartbeat(&channel);
    if !faults.0.is_empty() {
        return Err(faults.0);
    }
    let (Some(topic), Some(content)) = (topic, content) else {
        return Err(faults.0);
    };
    Ok(Subscription {
        topic,
        content,
        endpoint: channel.text("endpoint").unwrap_or_default().to_owned(),
        end,
        heartbeat_seconds,
        is_off: status == Some(Standing::Off.as_str()),
        kept: kept(root),
    })
}

/// The topic and the content of a Subscription as it is kept; the default of an endpoint that was made elsewhere.
#[must_use]
pub fn read_kept(kept: &Value) -> (Topic, Content) {
    let topic = kept.get("criteria").and_then(Value::as_str);
    let node = Node {
        value: kept,
        at: String::new(),
        home: 0,
    };
    let code = node
        .child("channel")
        .and_then(|channel| channel.child("_payload"))
        .and_then(|beside| backport(&beside, "backport-payload-content"))
        .and_then(|extension| extension.text("valueCode"));
    (
        topic.and_then(Topic::parse).unwrap_or(Topic::TaskChanged),
        if code == Some(Content::Empty.as_str()) {
            Content::Empty
        } else {
            Content::IdOnly
        },
    )
}

struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, at: String, code: &'static str, detail: &str) {
        self.0.push(Fault {
            at,
            code,
            detail: detail.to_owned(),
        });
    }

    fn topic(&mut self, node: &Node<'_>) -> Option<Topic> {
        let at = node.path("criteria");
        if node
            .child("_criteria")
            .is_some_and(|beside| beside.child("extension").is_some())
        {
            let detail = "no filter is applied here: a Subscription is told of every event that concerns its organisation";
            self.add(node.path("criteria.extension"), "not-supported", detail);
        }
        let Some(criteria) = node.text("criteria") else {
            self.add(at, "required", "is required: the canonical URL of a topic");
            return None;
        };
        let topic = Topic::parse(criteria);
        if topic.is_none() {
            let [one, other] = Topic::ALL.map(Topic::canonical);
            let detail = format!("must be the canonical URL of a topic: {one} or {other}");
            self.add(at, "not-supported", &detail);
        }
        topic
    }

    fn channel(&mut self, channel: &Node<'_>) -> Option<Content> {
        if channel.child("header").is_some() {
            let detail = "no secret of a receiver is stored here: verify the signature of each notification instead (Standard Webhooks; its \
                secret is shown when the endpoint of this id is rotated)";
            self.add(channel.path("header"), "not-supported", detail);
        }
        if channel.text("type") != Some("rest-hook") {
            self.add(channel.path("type"), "not-supported", "must be rest-hook");
        }
        if channel.text("endpoint").is_none() {
            self.add(channel.path("endpoint"), "required", "is required");
        }
        let payload = channel
            .text("payload")
            .map(|media| media.split(';').next().unwrap_or(media).trim());
        let beside = channel.child("_payload");
        let extension = beside
            .as_ref()
            .and_then(|beside| backport(beside, "backport-payload-content"));
        let code = extension.as_ref().and_then(|one| one.text("valueCode"));
        let at = channel.path("payload");
        match payload {
            Some("application/fhir+json") => {}
            None if code == Some(Content::Empty.as_str()) => {}
            _ => self.add(at.clone(), "not-supported", "must be application/fhir+json"),
        }
        match code {
            Some("id-only") => Some(Content::IdOnly),
            Some("empty") => Some(Content::Empty),
            Some("full-resource") => {
                let detail = "nothing of a patient is pushed: take id-only, and read what it names";
                self.add(format!("{at}.extension"), "not-supported", detail);
                None
            }
            _ => {
                let detail = "must say by the extension backport-payload-content what is wanted: id-only or empty";
                self.add(format!("{at}.extension"), "required", detail);
                None
            }
        }
    }

    fn heartbeat(&mut self, channel: &Node<'_>) -> Option<u64> {
        let extension = backport(channel, "backport-heartbeat-period")?;
        let seconds = extension
            .value
            .get("valueUnsignedInt")
            .and_then(Value::as_u64);
        let seconds = seconds.filter(|seconds| (1..=HEARTBEAT_SECONDS_MAX).contains(seconds));
        if seconds.is_none() {
            let detail = format!("must be a number of seconds from 1 to {HEARTBEAT_SECONDS_MAX}");
            self.add(extension.path("valueUnsignedInt"), "value", &detail);
        }
        seconds
    }
}

/// One of the guide's extensions.
fn backport<'a>(node: &Node<'a>, name: &str) -> Option<Node<'a>> {
    node.items("extension")
        .into_iter()
        .find(|one| one.text("url").and_then(|url| url.strip_prefix(BACKPORT)) == Some(name))
}

/// The resource as it is kept. A timeout and a number of events asked for become those that a receiver gets.
fn kept(root: &Value) -> Value {
    let mut members: Map<String, Value> = root.as_object().cloned().unwrap_or_default();
    members.retain(|name, _| !OURS.contains(&name.as_str()));
    let mut kept = Value::Object(members);
    if let Some(Value::Array(extensions)) = kept.pointer_mut("/channel/extension") {
        for extension in extensions {
            let url = extension
                .get("url")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let own = match url.strip_prefix(BACKPORT) {
                Some("backport-timeout") => {
                    json!({"url": url, "valueUnsignedInt": TIMEOUT_SECONDS})
                }
                Some("backport-max-count") => json!({"url": url, "valuePositiveInt": 1}),
                _ => continue,
            };
            *extension = own;
        }
    }
    kept
}
