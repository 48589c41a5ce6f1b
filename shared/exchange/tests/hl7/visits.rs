//! SIU: appointments.

use domain::kind::EventKind;
use domain::payload::{MovedBy, Payload};
use domain::request::Free;

use crate::messages::{PID, event, faults, message, msh, text};

fn siu(trigger: &str, sch: &str, more: &[&str]) -> String {
    let head = msh(&format!("SIU^{trigger}^SIU_S12"));
    let mut segments = vec![head.as_str(), sch];
    segments.extend_from_slice(more);
    segments.push(PID);
    text(&segments)
}

const SCH: &str = "SCH||A5^^2.999.2.4^ISO||||||||||||||||||||||||889342^^2.999.1.15^ISO";

#[test]
fn the_referral_is_sch_26_and_never_the_appointments_own_id() {
    let booked = event(&siu(
        "S12",
        SCH,
        &[
            "TQ1|1||||||20261015093000-0400|20261015100000-0400",
            "AIL|1|A|^^^^^^^^Clinic 4",
        ],
    ));
    assert_eq!(booked.kind, EventKind::AppointmentScheduled);
    assert_eq!(booked.about.len(), 1);
    assert_eq!(booked.about[0].value, "889342");
    let Payload::Visit(visit) = booked.data else {
        panic!("a visit")
    };
    assert_eq!(
        visit.start.map(|at| at.to_string()).as_deref(),
        Some("2026-10-15T13:30:00Z")
    );
    assert_eq!(
        visit.end.map(|at| at.to_string()).as_deref(),
        Some("2026-10-15T14:00:00Z")
    );
    assert_eq!(visit.location, Some(Free::Text("Clinic 4".to_owned())));
}

#[test]
fn s13_and_s14_move_it_s15_cancels_it_and_s26_says_nobody_came() {
    let tq1 = "TQ1|1||||||20261015093000-0400";
    for (trigger, kind) in [
        ("S13", EventKind::AppointmentRescheduled),
        ("S14", EventKind::AppointmentRescheduled),
    ] {
        assert_eq!(event(&siu(trigger, SCH, &[tq1])).kind, kind);
    }
    let cancelled = event(&siu(
        "S15",
        &SCH.replacen("ISO||||", "ISO||||patient^Ill^99RLOOP", 1),
        &[],
    ));
    let Payload::VisitCancelled(data) = cancelled.data else {
        panic!("cancelled")
    };
    assert_eq!(
        (data.by, data.reason.as_deref()),
        (Some(MovedBy::Patient), Some("Ill"))
    );
    assert_eq!(
        event(&siu("S26", SCH, &[])).kind,
        EventKind::AppointmentNoShow
    );
}

#[test]
fn older_versions_have_the_start_in_sch_11_or_with_a_resource() {
    let start = |text: &str| {
        let Payload::Visit(visit) = event(text).data else {
            panic!("a visit")
        };
        (
            visit.start.map(|at| at.to_string()),
            visit.end.map(|at| at.to_string()),
        )
    };
    let old =
        "SCH||A5|||||||||^^30^20261015093000^20261015100000|||||||||||||||889342^^2.999.1.15^ISO";
    let times = (
        Some("2026-10-15T09:30:00Z".to_owned()),
        Some("2026-10-15T10:00:00Z".to_owned()),
    );
    assert_eq!(start(&siu("S12", old, &[])), times);
    let by_resource = "SCH||A5|||||||30|min||||||||||||||||889342^^2.999.1.15^ISO";
    assert_eq!(
        start(&siu("S12", by_resource, &["AIS|1|A|X|20261015093000+0000"])),
        times
    );
}

#[test]
fn a_booking_without_a_time_is_a_fault() {
    assert_eq!(faults(&siu("S12", SCH, &[]))[0].at, "TQ1-7");
    assert_eq!(
        faults(&siu("S12", SCH, &["TQ1|1||||||20261015"]))[0].code,
        "data-type"
    );
    let backwards = "TQ1|1||||||20261015093000+0000|20261015083000+0000";
    assert_eq!(faults(&siu("S12", SCH, &[backwards]))[0].code, "data-type");
}

#[test]
fn without_sch_26_it_is_about_the_patient_alone() {
    let read = message(&siu("S26", "SCH||A5^^2.999.2.4^ISO", &[]));
    let formats::said::Said::Event(happened) = &read.said[0] else {
        panic!("an event")
    };
    assert!(happened.about.is_empty());
    assert!(happened.patient.is_some());
}
