//! Subscriptions and notifications, as values: what is kept, what is written, and both in XML.

use formats::fhir::subscription::{
    Content, Notification, Notified, Purpose, Standing, Topic, notification, read_kept,
    read_subscription, subscription,
};
use formats::fhir::{from_xml, to_xml};
use serde_json::{Value, json};

const BACKPORT: &str = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition";

fn asked() -> Value {
    json!({
        "resourceType": "Subscription",
        "id": "theirs",
        "meta": {"versionId": "7"},
        "status": "requested",
        "error": "not ours to say",
        "reason": "Referrals to us",
        "end": "2036-01-01T00:00:00Z",
        "criteria": "urn:referral-loop:topic:referral-changed|1.0",
        "contact": [{"system": "phone", "value": "555-0100"}],
        "channel": {
            "extension": [
                {"url": format!("{BACKPORT}/backport-heartbeat-period"), "valueUnsignedInt": 3600},
                {"url": format!("{BACKPORT}/backport-timeout"), "valueUnsignedInt": 60},
                {"url": format!("{BACKPORT}/backport-max-count"), "valuePositiveInt": 20},
            ],
            "type": "rest-hook",
            "endpoint": "https://ehr.example/hook",
            "payload": "application/fhir+json",
            "_payload": {"extension": [{"url": format!("{BACKPORT}/backport-payload-content"), "valueCode": "empty"}]},
        },
    })
}

#[test]
fn what_is_asked_for_is_kept_and_what_we_do_instead_is_said() {
    let read = read_subscription(&asked()).unwrap();
    assert_eq!(
        (
            read.topic,
            read.content,
            read.heartbeat_seconds,
            read.is_off
        ),
        (Topic::ReferralChanged, Content::Empty, Some(3_600), false)
    );
    assert_eq!(read_kept(&read.kept), (read.topic, read.content));
    let now = "2026-03-02T09:00:00Z".parse().unwrap();
    let shown = subscription(
        &read.kept,
        "end-1",
        &read.endpoint,
        3,
        now,
        Standing::Error,
        Some("failing"),
    );
    assert_eq!(
        (
            &shown["id"],
            &shown["meta"]["versionId"],
            &shown["status"],
            &shown["error"]
        ),
        (
            &json!("end-1"),
            &json!("3"),
            &json!("error"),
            &json!("failing")
        )
    );
    assert_eq!(shown["contact"], asked()["contact"]);
    let extensions = &shown["channel"]["extension"];
    assert_eq!(extensions[0], asked()["channel"]["extension"][0]);
    assert_eq!(extensions[1]["valueUnsignedInt"], 10);
    assert_eq!(extensions[2]["valuePositiveInt"], 1);
    // It can be put back, in either syntax.
    let mut back = shown;
    back["status"] = json!("active");
    assert_eq!(from_xml(&to_xml(&back)).unwrap(), back);
    assert_eq!(read_subscription(&back).unwrap().kept, read.kept);
}

#[test]
fn every_fault_of_a_subscription_is_told_at_once() {
    let faults = read_subscription(&json!({"resourceType": "Subscription"})).unwrap_err();
    let places: Vec<&str> = faults.iter().map(|fault| fault.at.as_str()).collect();
    assert_eq!(
        places,
        [
            "Subscription.status",
            "Subscription.reason",
            "Subscription.criteria",
            "Subscription.channel",
            "Subscription.channel.type",
            "Subscription.channel.endpoint",
            "Subscription.channel.payload",
            "Subscription.channel.payload.extension",
        ]
    );
}

#[test]
fn a_notification_reads_the_same_in_xml() {
    let at = "2026-03-02T09:00:00Z".parse().unwrap();
    let said = Notification {
        base: "https://loop.example/fhir",
        subscription: "end-1",
        topic: Topic::TaskChanged,
        content: Content::IdOnly,
        standing: Standing::Active,
        purpose: Purpose::Event,
        events: 7,
        event: Some(Notified {
            number: 7,
            at,
            focus: "ref-1-2".to_owned(),
        }),
    };
    let bundle = notification(&said, at, "b", "s");
    assert_eq!(
        bundle["entry"][1]["fullUrl"],
        "https://loop.example/fhir/Task/ref-1-2"
    );
    assert_eq!(from_xml(&to_xml(&bundle)).unwrap(), bundle);
    let quiet = notification(
        &Notification {
            content: Content::Empty,
            ..said
        },
        at,
        "b",
        "s",
    );
    assert_eq!(quiet["entry"].as_array().unwrap().len(), 1);
    assert!(!quiet.to_string().contains("ref-1"));
}
