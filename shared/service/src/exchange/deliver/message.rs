//! A message as HL7 v2, with the patient's data: the receiver reads nothing more, and what it is sent is what it may see.

use domain::kind::EventKind;
use domain::payload::{Document as Named, Payload};
use domain::time::Timestamp;
use formats::hl7::{self, Answer, Delivery, Document, Envelope, Site};

use super::reading::Reading;
use crate::crypto::sha256_hex;
use crate::deliveries::{CHALLENGE, Message, Verdict};
use crate::exchange::fhir::opened::Opened;

/// What HL7 v2 is sent as.
const HL7_V2: &str = "application/hl7-v2; charset=utf-8";

/// MSH-10 has 20 characters in HL7 v2.5.1.
const CONTROL_ID_CHARS: usize = 20;

/// Who sends what concerns an endpoint alone, and what nobody else said.
const OURSELVES: &str = "referral-loop";

/// Writes it.
pub(super) fn write(reading: &Reading, message: &mut Message, now: Timestamp) {
    message.media_type = HL7_V2;
    message.is_confidential = true;
    let control_id = sha256_hex(&[message.webhook_id().as_bytes()]);
    let control_id = control_id.get(..CONTROL_ID_CHARS).unwrap_or_default();
    let receiver = message.organization.clone();
    if message.kind == CHALLENGE {
        message.body = hl7::challenge(&of_parties(reading, OURSELVES, &receiver, control_id, now));
        return;
    }
    let loaded = reading.referral(message);
    let mut is_deferred = false;
    let written = loaded.and_then(|loaded| {
        let opened = Opened::new(loaded.clone(), &receiver).ok()?;
        let stored = loaded
            .history
            .as_ref()?
            .iter()
            .find(|one| one.seq == message.seq)?;
        let shown = opened.shown();
        // What the receiver may not see in the timeline it is not sent either; that a referral was taken from it says nothing of the event.
        let is_taken_away = message.kind == EventKind::ReferralRedirected.as_str();
        let event = shown
            .events
            .iter()
            .find(|event| event.id == stored.event.id)
            .or(is_taken_away.then_some(&stored.event))?;
        let mut documents = Vec::new();
        let mut is_missing = false;
        for id in named(&event.data) {
            let Some(document) = reading.document(id) else {
                is_missing = true;
                continue;
            };
            documents.push(Document {
                title: id.to_owned(),
                ..document.clone()
            });
        }
        // What other messages have left no room for waits for the next round; what fits into none goes without it.
        is_deferred = is_missing && reading.documents_count() > documents.len();
        let other = if opened.referral.referrer == receiver {
            opened
                .referral
                .leg()
                .and_then(|leg| leg.recipient.organization())
        } else {
            Some(opened.referral.referrer.as_str())
        };
        let by = event
            .by
            .organization
            .as_deref()
            .filter(|by| *by != receiver);
        hl7::deliver(&Delivery {
            id: &opened.id,
            request: &opened.request,
            referral: &opened.referral,
            event,
            told_as: &message.kind,
            documents: &documents,
            envelope: of_parties(
                reading,
                by.or(other).unwrap_or(OURSELVES),
                &receiver,
                control_id,
                now,
            ),
        })
    });
    message.is_deferred = is_deferred;
    match written {
        Some(text) => message.body = text,
        None => message.is_silent = true,
    }
}

/// What the answer to a message makes of it; an empty one, and what is no acknowledgement, says no more than the status.
pub(super) fn verdict(body: &[u8]) -> Verdict {
    let code = |code: &str, error: Option<String>| match error {
        Some(error) => format!("hl7-{code}-{error}"),
        None => format!("hl7-{code}"),
    };
    match hl7::answer(body) {
        Some(Answer::Failed { error }) => Verdict::Failed(code("AE", error)),
        Some(Answer::Rejected { error }) => Verdict::Rejected(code("AR", error)),
        Some(Answer::Taken) | None => Verdict::Taken,
    }
}

fn of_parties<'a>(
    reading: &'a Reading,
    sender: &'a str,
    receiver: &'a str,
    control_id: &'a str,
    now: Timestamp,
) -> Envelope<'a> {
    let site = |id: &'a str| Site {
        id,
        identifiers: reading.identifiers(id),
    };
    Envelope {
        sender: site(sender),
        receiver: site(receiver),
        control_id,
        now,
    }
}

/// The stored documents that an event names.
fn named(data: &Payload) -> impl Iterator<Item = &str> {
    data.documents()
        .iter()
        .filter_map(|document| match document {
            Named::Stored(id) => Some(id.as_str()),
            Named::Linked { .. } => None,
        })
}
