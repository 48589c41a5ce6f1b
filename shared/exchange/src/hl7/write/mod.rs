//! What we send: 2.5.1 after IHE 360X, the usual separators, every value escaped, UTF-8.

use domain::kind::EventKind;
use domain::payload::Payload;
use domain::request::{Identifier, Request};
use domain::time::Timestamp;

use crate::hl7::document::Document;
use crate::hl7::escape::encode;
use crate::hl7::times;

mod delivery;
mod event;
mod fields;
mod referral;

pub use delivery::{Delivery, challenge, deliver};
pub(crate) use fields::entity;

/// The version that is written, which is 360X's.
pub const VERSION: &str = "2.5.1";

/// What a message is to say.
#[derive(Debug, Clone, Copy)]
pub enum Outbound<'a> {
    /// The referral, as OMG^O19.
    Order,
    /// The referral, as REF^I12.
    Referral,
    /// What it says after a correction, as REF^I13.
    Correction,
    /// It is taken away from the receiver, as REF^I14.
    Withdrawal,
    /// Something that happened to it.
    Event {
        /// What.
        kind: EventKind,
        /// What it says.
        data: &'a Payload,
        /// When it happened.
        occurred_at: Timestamp,
    },
}

/// Which referral it is about.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The request.
    pub request: &'a Request,
    /// The referrer's id of it, or ours where it gave none.
    pub placer: &'a Identifier,
    /// The recipient's id.
    pub filler: Option<&'a Identifier>,
    /// Documents that travel in the message.
    pub documents: &'a [Document],
}

/// An organisation that sends or receives.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// Our id of it.
    pub id: &'a str,
    /// Its identifiers; an OID among them names it in MSH.
    pub identifiers: &'a [Identifier],
}

/// Who sends it to whom, when and under which id.
#[derive(Debug, Clone, Copy)]
pub struct Envelope<'a> {
    /// Who sends it.
    pub sender: Site<'a>,
    /// Who receives it.
    pub receiver: Site<'a>,
    /// MSH-10; the same when it is sent again.
    pub control_id: &'a str,
    /// MSH-7.
    pub now: Timestamp,
}

/// The message; nothing for a kind of event that HL7 v2 has no message for.
#[must_use]
pub fn write(what: Outbound<'_>, about: &About<'_>, envelope: &Envelope<'_>) -> Option<String> {
    let (message_type, segments) = match what {
        Outbound::Order => ("OMG^O19^OMG_O19", referral::order(about)),
        Outbound::Referral => ("REF^I12^REF_I12", referral::referral(about, envelope)),
        Outbound::Correction => ("REF^I13^REF_I12", referral::referral(about, envelope)),
        Outbound::Withdrawal => ("REF^I14^REF_I12", referral::referral(about, envelope)),
        Outbound::Event {
            kind: EventKind::ReferralNote,
            data: Payload::Remark(remark),
            occurred_at,
        } => (
            "MDM^T02^MDM_T02",
            event::note(remark, occurred_at, about, envelope.control_id),
        ),
        Outbound::Event {
            kind: EventKind::PatientMerged,
            data: Payload::Merged(merge),
            occurred_at,
        } => (
            "ADT^A40^ADT_A39",
            event::merge(merge, occurred_at, &about.request.patient),
        ),
        Outbound::Event {
            kind,
            data,
            occurred_at,
        } => event::segments(kind, data, occurred_at, about)?,
    };
    let mut message = msh(message_type, envelope);
    message.push('\r');
    for segment in segments {
        message.push_str(&segment);
        message.push('\r');
    }
    Some(message)
}

/// What 360X has a profile of says so (MSH-21).
const OF_360X: [&str; 3] = ["OMG", "OSU", "SIU"];

/// 360X wants no acknowledgement: the answer over HTTP says that it arrived.
fn msh(message_type: &str, envelope: &Envelope<'_>) -> String {
    let profile = if OF_360X.iter().any(|of| message_type.starts_with(of)) {
        "|||360X"
    } else {
        ""
    };
    format!(
        "MSH|^~\\&||{}||{}|{}||{message_type}|{}|P|{VERSION}|||NE|NE||UNICODE UTF-8{profile}",
        fields::site(&envelope.sender),
        fields::site(&envelope.receiver),
        times::written(envelope.now),
        encode(envelope.control_id),
    )
}
