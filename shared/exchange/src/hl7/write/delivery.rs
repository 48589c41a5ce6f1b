//! What an HL7 v2 endpoint is sent of an event.

use domain::event::Event;
use domain::kind::EventKind;
use domain::referral::Referral;
use domain::request::{Identifier, Request};

use super::{About, Envelope, Outbound, VERSION, fields, write};
use crate::hl7::document::Document;
use crate::hl7::escape::encode;
use crate::hl7::times;

/// What is told to whom: all that a delivery is written from.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// The referral's id: the placer's where the referrer gave none.
    pub id: &'a str,
    /// What was asked.
    pub request: &'a Request,
    /// The referral as the receiver may see it: a recipient has its own legs alone.
    pub referral: &'a Referral,
    /// What is told of.
    pub event: &'a Event,
    /// The type under which it is told.
    pub told_as: &'a str,
    /// Stored documents that the event names.
    pub documents: &'a [Document],
    /// Who sends it to whom.
    pub envelope: Envelope<'a>,
}

/// The message; `None` where HL7 v2 has none for it.
#[must_use]
pub fn deliver(delivery: &Delivery<'_>) -> Option<String> {
    let own = Identifier {
        system: crate::fhir::OUR_REFERRAL.to_owned(),
        value: delivery.id.to_owned(),
    };
    let leg = delivery.referral.leg();
    let about = About {
        request: delivery.request,
        placer: delivery.referral.placer.as_ref().unwrap_or(&own),
        filler: leg.and_then(|leg| leg.filler.as_ref()),
        documents: delivery.documents,
    };
    let event = delivery.event;
    let to_recipient = delivery.envelope.receiver.id != delivery.referral.referrer;
    let is_told_as = |kind: EventKind| delivery.told_as == kind.as_str();
    let what = if is_told_as(EventKind::ReferralSent) {
        Outbound::Referral
    } else if is_told_as(EventKind::ReferralRedirected) && to_recipient {
        Outbound::Withdrawal
    } else if event.kind == EventKind::ReferralCorrected && to_recipient {
        Outbound::Correction
    } else {
        Outbound::Event {
            kind: event.kind,
            data: &event.data,
            occurred_at: event.occurred_at,
        }
    };
    write(what, &about, &delivery.envelope)
}

/// The first message to an endpoint, without any patient: NMD^N02 (HL7 v2.5.1, chapter 14), the system clock.
#[must_use]
pub fn challenge(envelope: &Envelope<'_>) -> String {
    let now = times::written(envelope.now);
    format!(
        "MSH|^~\\&||{}||{}|{now}||NMD^N02^NMD_N02|{}|P|{VERSION}|||NE|NE||UNICODE UTF-8\rNCK|{now}\r",
        fields::site(&envelope.sender),
        fields::site(&envelope.receiver),
        encode(envelope.control_id),
    )
}
