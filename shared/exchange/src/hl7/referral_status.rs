//! REF and RRI, I12 to I15: by the status of the referral, RF1-1 (HL7 v2 chapter 11; table 0283).

use domain::kind::EventKind;
use domain::payload::{Accepted, NotCompleted, NotCompletedReason, Payload, Remark};
use domain::request::Identifier;

use crate::hl7::StatusQuestion;
use crate::hl7::order::Group;
use crate::hl7::reading::{Reading, Side};
use crate::hl7::{faults, patient, reason, referral};
use crate::said::PatientName;

/// Reads them. A REF goes from the referrer with a request, and from the recipient with a status; an RRI answers one.
pub(crate) fn read(reading: &mut Reading<'_, '_>) {
    let group = Group::whole(reading.tokens);
    let status = group.field("RF1", 1).value().unwrap_or_default();
    let (message_type, trigger) = (
        reading.header.message_type.clone(),
        reading.header.trigger.clone(),
    );
    match (message_type.as_str(), trigger.as_str(), status.as_str()) {
        ("REF", "I12", "" | "P") => referral::from_referral(reading, &group),
        ("REF" | "RRI", "I12", "A") => accepted(reading, &group),
        ("REF" | "RRI", "I12", "R") => declined(reading, &group),
        ("REF" | "RRI", "I12", "E") => expired(reading, &group),
        ("REF", "I13", "" | "P" | "A") => referral::correction(reading, &group),
        ("REF", "I14", _) => {
            cancellation(reading, &group, EventKind::ReferralCancellationRequested)
        }
        ("RRI", "I14", "A") => {
            cancellation(reading, &group, EventKind::ReferralCancellationConfirmed)
        }
        ("RRI", "I14", "R") => {
            cancellation(reading, &group, EventKind::ReferralCancellationRefused)
        }
        ("REF", "I15", _) => question(reading, &group),
        ("RRI", "I12", "" | "P") | ("RRI", "I13" | "I14" | "I15", "" | "A" | "P" | "R" | "E") => {
            reading.warn(
                group.at("RF1", 1),
                "an answer that decides nothing: only kept",
            );
        }
        _ => reading.fault(
            group.at("RF1", 1),
            faults::TABLE,
            "a referral status that is read here is P, A, R or E",
        ),
    }
}

/// Both ids: RF1-6 is the referrer's, RF1-11 the other side's.
fn ids(
    reading: &mut Reading<'_, '_>,
    group: &Group<'_, '_>,
    from_recipient: bool,
) -> (Option<Identifier>, Option<Identifier>) {
    let (referrer, recipient) = if from_recipient {
        (Side::Receiver, Side::Sender)
    } else {
        (Side::Sender, Side::Receiver)
    };
    let placer = reading.entity(group.at("RF1", 6), group.field("RF1", 6), referrer);
    let filler = reading.entity(group.at("RF1", 11), group.field("RF1", 11), recipient);
    (placer, filler)
}

fn who(
    reading: &mut Reading<'_, '_>,
    group: &Group<'_, '_>,
    from_recipient: bool,
) -> (Vec<Identifier>, Option<PatientName>) {
    let (placer, filler) = ids(reading, group, from_recipient);
    (
        placer.into_iter().chain(filler).collect(),
        reading.patient(group.first("PID")),
    )
}

fn say(
    reading: &mut Reading<'_, '_>,
    group: &Group<'_, '_>,
    from_recipient: bool,
    kind: EventKind,
    data: Payload,
) {
    let (about, patient) = who(reading, group, from_recipient);
    let when = group.field("MSH", 7).value();
    reading.happened(kind, data, when, about, patient);
}

fn accepted(reading: &mut Reading<'_, '_>, group: &Group<'_, '_>) {
    let filler = reading.entity(group.at("RF1", 11), group.field("RF1", 11), Side::Sender);
    let seen_by = group
        .all("PRD")
        .find(|prd| prd.field(1).part(1).as_deref() == Some("RT"));
    let performer = seen_by
        .and_then(|prd| patient::readable(prd.field(2), 1, 5))
        .map(domain::request::Free::Text);
    say(
        reading,
        group,
        true,
        EventKind::ReferralAccepted,
        Payload::Accepted(Accepted { filler, performer }),
    );
}

fn declined(reading: &mut Reading<'_, '_>, group: &Group<'_, '_>) {
    let decline = reason::decline(
        reading,
        group.at("RF1", 10),
        group.field("RF1", 10),
        group.notes(),
    );
    say(
        reading,
        group,
        true,
        EventKind::ReferralDeclined,
        Payload::Declined(decline),
    );
}

/// The standard's word is that it is no longer valid: it ended without an outcome, and the need is still open.
fn expired(reading: &mut Reading<'_, '_>, group: &Group<'_, '_>) {
    reading.warn(
        group.at("RF1", 1),
        "expired: taken as not completed, for another reason",
    );
    let note =
        reason::text(group.field("RF1", 10), group.notes()).or_else(|| Some("expired".to_owned()));
    let data = Payload::NotCompleted(NotCompleted {
        reason: NotCompletedReason::Other,
        note,
    });
    say(reading, group, true, EventKind::ReferralNotCompleted, data);
}

fn cancellation(reading: &mut Reading<'_, '_>, group: &Group<'_, '_>, kind: EventKind) {
    let (why, notes) = (group.field("RF1", 10), group.notes());
    let reason = match kind {
        EventKind::ReferralCancellationConfirmed => reason::text(why, notes),
        _ => Some(reason::needed(reading, group.at("RF1", 10), why, notes)),
    };
    let from_recipient = kind != EventKind::ReferralCancellationRequested;
    say(
        reading,
        group,
        from_recipient,
        kind,
        Payload::Remark(Remark {
            reason,
            note: None,
            documents: Vec::new(),
        }),
    );
}

fn question(reading: &mut Reading<'_, '_>, group: &Group<'_, '_>) {
    let (about, patient) = who(reading, group, false);
    if about.is_empty() {
        reading.fault(
            group.at("RF1", 6),
            faults::REQUIRED,
            "which referral is asked about?",
        );
        return;
    }
    reading.question = Some(StatusQuestion {
        about,
        patient: patient.unwrap_or_default(),
    });
}
