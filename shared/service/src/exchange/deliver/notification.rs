//! A message as a notification of a FHIR Subscription: which resource changed, and nothing of it.

use domain::time::Timestamp;
use formats::fhir::subscription::{
    Notification, Notified, Purpose, Standing, Topic, notification, read_kept,
};
use formats::fhir::task_id;
use ports::Platform;
use serde_json::Value;

use super::HEARTBEAT;
use super::reading::Reading;
use crate::deliveries::{CHALLENGE, Message};
use crate::exchange::media::FHIR_JSON;
use crate::ids;
use crate::metered::Metered;

/// Writes it.
pub(super) fn write<P: Platform>(
    platform: &Metered<P>,
    reading: &Reading,
    message: &mut Message,
    now: Timestamp,
) {
    let told = reading.subscription(message);
    let Some(told) = told.filter(|told| told.ends_at.is_none_or(|end| end > now.as_millisecond()))
    else {
        message.is_silent = true;
        return;
    };
    let (topic, content) = read_kept(&told.kept);
    let (standing, purpose) = match message.kind.as_str() {
        CHALLENGE => (Standing::Requested, Purpose::Handshake),
        HEARTBEAT => (Standing::Active, Purpose::Heartbeat),
        _ => (Standing::Active, Purpose::Event),
    };
    let event = (purpose == Purpose::Event).then(|| notified(reading, message, topic, now));
    let said = Notification {
        base: &told.base,
        subscription: &message.endpoint,
        topic,
        content,
        standing,
        purpose,
        events: told.events,
        event,
    };
    let [bundle_id, status_id] = [(); 2].map(|()| ids::uuid(platform));
    message.body = notification(&said, now, &bundle_id, &status_id).to_string();
    message.media_type = FHIR_JSON;
}

fn notified(reading: &Reading, message: &Message, topic: Topic, now: Timestamp) -> Notified {
    let body: Value = serde_json::from_str(&message.body).unwrap_or_default();
    let at = body.get("timestamp").and_then(Value::as_str);
    Notified {
        number: reading.number(message, &body),
        at: at.and_then(|at| at.parse().ok()).unwrap_or(now),
        focus: match topic {
            Topic::TaskChanged => task_id(&message.referral, reading.leg(message).unwrap_or(1)),
            Topic::ReferralChanged => message.referral.clone(),
        },
    }
}
