//! The check of one referral: its events by themselves, one after the other, and against the referral's row.
//!
//! Pure: bytes in, faults out. The rules are those of `service::referrals::Link`, which writes the chain.

use domain::event::Event;
use domain::fold::fold;
use domain::referral::Referral;
use domain::request::{Recipient, Request};
use domain::status::Side;
use serde_json::Value;
use service::crypto::sha256_hex;
use service::json::from_text;
use service::referrals::{event_from_body, patient_key};

use crate::fault::{Fault, Wrong};

/// An event as it is stored; bytes, because a changed one need be no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its number.
    pub seq: i64,
    /// What the hash is of.
    pub body: Vec<u8>,
    /// The hash in hexadecimal.
    pub hash: Vec<u8>,
}

/// The referral's row: what must follow from the events. Not points, attention and deadlines, which are as of the last look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The number of stored events.
    pub version: i64,
    /// The hash of the last one.
    pub tail_hash: String,
    /// The network.
    pub network: String,
    /// The referrer.
    pub referrer: String,
    /// The organisation of the last leg.
    pub recipient: Option<String>,
    /// Its service.
    pub service: Option<String>,
    /// The service's specialty.
    pub specialty: Option<String>,
    /// By what the patient is found.
    pub patient_key: String,
    /// The status.
    pub status: String,
    /// Whose turn it is.
    pub turn: Option<String>,
    /// The urgency.
    pub urgency: String,
    /// The folded referral as JSON.
    pub state: String,
    /// The request with its corrections as JSON.
    pub request: String,
}

/// Every fault of the referral `id`; none when it is as it was written. `stored` is in the order of `seq`.
#[must_use]
pub fn check(id: &str, standing: Option<&Standing>, stored: &[Stored]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut events = Vec::new();
    let mut expected: i64 = 1;
    let mut before: Option<&Stored> = None;
    for link in stored {
        if link.seq < 1 {
            faults.push(Fault::at(link.seq, Wrong::BeforeFirst));
        } else if link.seq > expected {
            let until = link.seq.saturating_sub(1);
            faults.push(Fault::at(expected, Wrong::Missing { until }));
        }
        events.extend(check_link(id, before, link, &mut faults));
        expected = link.seq.max(0).saturating_add(1);
        before = Some(link);
    }
    match (standing, before) {
        (None, None) | (Some(_), None) => {
            faults.push(Fault::of_referral(Wrong::NoEvents));
        }
        (None, Some(_)) => faults.push(Fault::of_referral(Wrong::NoReferral)),
        (Some(standing), Some(last)) => {
            if standing.version != last.seq {
                faults.push(Fault::of_referral(Wrong::Version));
            }
            if standing.tail_hash.as_bytes() != last.hash {
                faults.push(Fault::of_referral(Wrong::Tail));
            }
            // What cannot be read is told already, and what it would have made of the referral is not known.
            if events.len() == stored.len() {
                check_fold(standing, &events, &mut faults);
            }
        }
    }
    faults
}

/// One event against the one before it; the event, where its body is one.
fn check_link(
    id: &str,
    before: Option<&Stored>,
    link: &Stored,
    faults: &mut Vec<Fault>,
) -> Option<Event> {
    let mut fault = |wrong| faults.push(Fault::at(link.seq, wrong));
    if sha256_hex(&[&link.body]).as_bytes() != link.hash {
        fault(Wrong::Hash);
    }
    let body = std::str::from_utf8(&link.body).ok();
    let parsed = body.and_then(|text| serde_json::from_str::<Value>(text).ok());
    let (Some(text), Some(body)) = (body, parsed) else {
        fault(Wrong::NotAnEvent);
        return None;
    };
    let canonical = body.to_string();
    if canonical != text {
        fault(Wrong::NotCanonical);
    }
    let member = |name: &str| body.get(name).and_then(Value::as_str);
    if member("referral") != Some(id) {
        fault(Wrong::OtherReferral);
    }
    if body.get("seq").and_then(Value::as_i64) != Some(link.seq) {
        fault(Wrong::OtherSeq);
    }
    let previous = before.map_or(&[][..], |before| &before.hash);
    if member("previous_hash").map(str::as_bytes) != Some(previous) {
        fault(Wrong::BrokenLink);
    }
    let event = event_from_body(&body).ok();
    if event.is_none() {
        fault(Wrong::NotAnEvent);
    }
    event
}

/// The row against what the events fold to.
fn check_fold(standing: &Standing, events: &[Event], faults: &mut Vec<Fault>) {
    let Some(folded) = fold(events) else {
        faults.push(Fault::of_referral(Wrong::NotFolded));
        return;
    };
    let referral = &folded.referral;
    let recipient = referral.leg().map(|leg| &leg.recipient);
    let patient = patient_key(&folded.request.patient.identifier);
    let texts: [(&str, Option<&str>, Option<&str>); 9] = [
        ("network", some(&standing.network), some(&referral.network)),
        (
            "referrer",
            some(&standing.referrer),
            some(&referral.referrer),
        ),
        (
            "recipient",
            standing.recipient.as_deref(),
            recipient.and_then(Recipient::organization),
        ),
        (
            "service",
            standing.service.as_deref(),
            recipient.and_then(Recipient::service),
        ),
        (
            "specialty",
            standing.specialty.as_deref(),
            referral.specialty.as_deref(),
        ),
        ("patient_key", some(&standing.patient_key), some(&patient)),
        (
            "status",
            some(&standing.status),
            Some(referral.status().as_str()),
        ),
        (
            "turn",
            standing.turn.as_deref(),
            referral.turn.map(Side::as_str),
        ),
        (
            "urgency",
            some(&standing.urgency),
            Some(referral.urgency().as_str()),
        ),
    ];
    let texts = texts.map(|(name, stored, folded)| (name, stored == folded));
    // By what they mean, not as texts: a later version may write a member that an earlier one left out.
    let documents = [
        (
            "state",
            from_text::<Referral>(&standing.state).is_ok_and(|state| state == *referral),
        ),
        (
            "request",
            from_text::<Request>(&standing.request).is_ok_and(|request| request == folded.request),
        ),
    ];
    for (name, is_right) in texts.into_iter().chain(documents) {
        if !is_right {
            faults.push(Fault::of_referral(Wrong::Column(name)));
        }
    }
}

fn some(text: &str) -> Option<&str> {
    Some(text)
}
