//! SIU: the appointment of a referral (HL7 v2 chapter 10; IHE 360X appointment and no-show notifications).
//!
//! SCH-26 is the referral; SCH-1 and SCH-2 are the appointment's own ids, and never taken for it.

use domain::kind::EventKind;
use domain::payload::{MovedBy, Payload, Remark, Visit, VisitCancelled};
use domain::request::Free;
use domain::time::{SignedDuration, Timestamp};

use crate::hl7::faults;
use crate::hl7::names;
use crate::hl7::order::Group;
use crate::hl7::reading::{Reading, Side};

/// Reads S12, S13, S14, S15 and S26.
pub(crate) fn read(reading: &mut Reading<'_, '_>) {
    let group = Group::whole(reading.tokens);
    let Some(sch) = group.first("SCH") else {
        reading.fault("SCH", faults::SEGMENT, "an appointment has a SCH segment");
        return;
    };
    let placer = reading.entity(sch.at(26), sch.field(26), Side::Receiver);
    let filler = reading.entity(sch.at(27), sch.field(27), Side::Sender);
    let patient = reading.patient(group.first("PID"));
    let why = sch.field(6);
    let by = moved_by(why.part(1));
    let reason = names::coded_text(why).filter(|text| moved_by(Some(text.clone())).is_none());
    let (kind, data) = match reading.header.trigger.as_str() {
        "S15" => (
            EventKind::AppointmentCancelled,
            Payload::VisitCancelled(VisitCancelled { reason, by }),
        ),
        "S26" => (
            EventKind::AppointmentNoShow,
            Payload::Remark(Remark {
                reason,
                note: group.notes(),
                documents: Vec::new(),
            }),
        ),
        trigger => {
            let kind = if trigger == "S12" {
                EventKind::AppointmentScheduled
            } else {
                EventKind::AppointmentRescheduled
            };
            let Some((start, end)) = times(reading, &group) else {
                return;
            };
            (
                kind,
                Payload::Visit(Visit {
                    start: Some(start),
                    end,
                    location: location(&group),
                    // A first appointment was moved by nobody.
                    by: by.filter(|_| kind == EventKind::AppointmentRescheduled),
                }),
            )
        }
    };
    let when = group.field("MSH", 7).value();
    reading.happened(
        kind,
        data,
        when,
        placer.into_iter().chain(filler).collect(),
        patient,
    );
}

/// Who moved or cancelled it, where SCH-6 has our code for that.
fn moved_by(code: Option<String>) -> Option<MovedBy> {
    MovedBy::parse(&code?.to_ascii_lowercase())
}

/// Start and end: TQ1-7 and 8 (360X), SCH-11.4 and 5 (until 2.5), else the start of a resource and its duration.
fn times(
    reading: &mut Reading<'_, '_>,
    group: &Group<'_, '_>,
) -> Option<(Timestamp, Option<Timestamp>)> {
    let sources = [
        ("TQ1", 7, 1),
        ("SCH", 11, 4),
        ("AIS", 4, 1),
        ("AIL", 6, 1),
        ("AIP", 6, 1),
        ("AIG", 8, 1),
    ];
    let source = sources
        .into_iter()
        .find(|(name, field, component)| group.field(name, *field).part(*component).is_some());
    let Some((name, field, component)) = source else {
        reading.fault(
            "TQ1-7",
            faults::REQUIRED,
            "the appointment has no start (TQ1-7, SCH-11.4 or AIS-4)",
        );
        return None;
    };
    let start = reading.instant(
        group.at(name, field),
        group.field(name, field).part(component),
    );
    let Some(start) = start else {
        reading.fault(
            group.at(name, field),
            faults::DATA_TYPE,
            "the appointment's start needs a time of day",
        );
        return None;
    };
    let end = match name {
        "TQ1" => reading.instant(group.at(name, 8), group.field(name, 8).value()),
        "SCH" => reading.instant(group.at(name, 11), group.field(name, 11).part(5)),
        _ => None,
    };
    let minutes =
        || duration_minutes(group).map(|minutes| start.plus(SignedDuration::from_mins(minutes)));
    let end = end.or_else(minutes);
    if end.is_some_and(|end| end < start) {
        reading.fault(
            group.at(name, field),
            faults::DATA_TYPE,
            "the appointment ends before it starts",
        );
        return None;
    }
    Some((start, end))
}

/// SCH-9 and its unit, SCH-10, where that is minutes or hours.
fn duration_minutes(group: &Group<'_, '_>) -> Option<i64> {
    let number: i64 = group.field("SCH", 9).value()?.parse().ok()?;
    let unit = group.field("SCH", 10).value()?.to_ascii_lowercase();
    let minutes = match unit.as_str() {
        "m" | "min" | "minute" | "minutes" => number,
        "h" | "hr" | "hour" | "hours" => number.saturating_mul(60),
        _ => return None,
    };
    (0..=60 * 24 * 31).contains(&minutes).then_some(minutes)
}

/// Where: the location's description (AIL-3.9), else its parts; with the room's name and no more, still a place to go to.
fn location(group: &Group<'_, '_>) -> Option<Free> {
    let place = group.field("AIL", 3);
    let parts = || {
        let parts: Vec<String> = [4, 7, 8, 1, 2, 3]
            .into_iter()
            .filter_map(|component| place.part(component))
            .collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    };
    place.part(9).or_else(parts).map(Free::Text)
}
