//! OSU^O51: what became of an order, by ORC-1 and ORC-5 together (tables 0119 and 0038).
//!
//! A pair that contradicts itself, or could be two things, is a fault: a decline that is read as a cancellation closes the
//! wrong door.

use domain::kind::EventKind;
use domain::payload::{Accepted, InfoRequested, Payload, Remark, Visit};
use domain::request::Free;

use crate::hl7::order::{self, Group};
use crate::hl7::reading::Reading;
use crate::hl7::{faults, patient, reason};

/// What ORC-1 and ORC-5 say together; nothing where no row has the pair.
#[must_use]
pub(crate) fn kind(control: &str, status: &str) -> Option<EventKind> {
    Some(match (control, status) {
        ("OK", "" | "IP" | "SC" | "A") | ("SC", "IP") => EventKind::ReferralAccepted,
        ("UA", "" | "CA" | "DC" | "ER") | ("OC", "" | "CA" | "DC") => EventKind::ReferralDeclined,
        ("CA" | "DC", "" | "CA" | "DC" | "IP" | "SC" | "A") => {
            EventKind::ReferralCancellationRequested
        }
        ("CR" | "DR", "" | "CA" | "DC") => EventKind::ReferralCancellationConfirmed,
        ("UC" | "UD", "" | "IP" | "SC" | "A" | "CM" | "ER") => {
            EventKind::ReferralCancellationRefused
        }
        ("SC", "HD") | ("OH", "" | "HD") => EventKind::ReferralInfoRequested,
        ("SC", "SC") => EventKind::AppointmentScheduled,
        _ => return None,
    })
}

/// When it happened: ORC-9, else the message's time.
pub(crate) fn when(group: &Group<'_, '_>) -> Option<String> {
    group
        .field("ORC", 9)
        .value()
        .or_else(|| group.field("MSH", 7).value())
}

/// Reads OSU^O51.
pub(crate) fn read(reading: &mut Reading<'_, '_>) {
    let groups = order::groups(reading);
    if groups.is_empty() {
        reading.fault("ORC", faults::SEGMENT, "a status has an ORC segment");
    }
    for group in &groups {
        one(reading, group);
    }
}

fn one(reading: &mut Reading<'_, '_>, group: &Group<'_, '_>) {
    let control = group.field("ORC", 1).value().unwrap_or_default();
    let status = group.field("ORC", 5).value().unwrap_or_default();
    let Some(kind) = kind(&control, &status) else {
        let at = format!("{} and {}", group.at("ORC", 1), group.at("ORC", 5));
        let code = if control.is_empty() {
            faults::REQUIRED
        } else {
            faults::TABLE
        };
        reading.fault(
            at,
            code,
            "this order control with this order status has no meaning here",
        );
        return;
    };
    let sent_by_filler = kind != EventKind::ReferralCancellationRequested;
    let (placer, filler) = reading.order_ids(group, sent_by_filler);
    let patient = reading.patient(group.first("PID"));
    let notes = group.notes().or_else(|| notes_before(group));
    let why = group.field("ORC", 16);
    let at = group.at("ORC", 16);
    let data = match kind {
        EventKind::ReferralAccepted => Payload::Accepted(Accepted {
            filler: filler.clone(),
            performer: performer(group),
        }),
        EventKind::ReferralDeclined => Payload::Declined(reason::decline(reading, at, why, notes)),
        EventKind::ReferralInfoRequested => {
            let question = reason::text(why, notes);
            if question.is_none() {
                reading.fault(
                    at,
                    faults::REQUIRED,
                    "on hold, and nothing says what is asked",
                );
            }
            Payload::InfoRequested(InfoRequested {
                question,
                requirements: Vec::new(),
            })
        }
        EventKind::AppointmentScheduled => {
            reading.warn(
                group.at("ORC", 5),
                "scheduled, without a date: SIU^S12 would give it",
            );
            Payload::Visit(Visit {
                start: None,
                end: None,
                location: None,
                by: None,
            })
        }
        _ => {
            let reason = match kind {
                EventKind::ReferralCancellationConfirmed => reason::text(why, notes),
                _ => Some(reason::needed(reading, at, why, notes)),
            };
            Payload::Remark(Remark {
                reason,
                note: None,
                documents: Vec::new(),
            })
        }
    };
    let about = placer.into_iter().chain(filler).collect();
    reading.happened(kind, data, when(group), about, patient);
}

/// OSU has its notes before the patient.
fn notes_before(group: &Group<'_, '_>) -> Option<String> {
    let lines: Vec<String> = group
        .all("NTE")
        .filter_map(|note| note.field(3).text())
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Who will see the patient: ORC-19.
fn performer(group: &Group<'_, '_>) -> Option<Free> {
    patient::readable(group.field("ORC", 19), 2, 6).map(Free::Text)
}
