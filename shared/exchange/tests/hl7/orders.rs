//! OSU^O51: ORC-1 and ORC-5 together.

use domain::kind::EventKind;
use domain::payload::{DeclineReason, Payload};
use domain::request::Free;

use crate::messages::{PID, event, faults, message, msh, status, text};

#[track_caller]
fn check(control: &str, order_status: &str, want: Option<EventKind>) {
    let text = status(&format!(
        "ORC|{control}|889342^^2.999.1.15^ISO|77^^2.999.2.9^ISO||{order_status}|||||||||||^because"
    ));
    match want {
        Some(kind) => assert_eq!(event(&text).kind, kind, "{control} {order_status}"),
        None => assert_eq!(
            faults(&text)[0].at,
            "ORC-1 and ORC-5",
            "{control} {order_status}"
        ),
    }
}

#[test]
fn the_two_codes_decide_together() {
    use EventKind as E;
    for (control, order_status, want) in [
        ("OK", "IP", Some(E::ReferralAccepted)),
        ("OK", "", Some(E::ReferralAccepted)),
        ("SC", "IP", Some(E::ReferralAccepted)),
        ("UA", "CA", Some(E::ReferralDeclined)),
        ("UA", "", Some(E::ReferralDeclined)),
        ("OC", "CA", Some(E::ReferralDeclined)),
        ("CA", "", Some(E::ReferralCancellationRequested)),
        ("CA", "CA", Some(E::ReferralCancellationRequested)),
        ("DC", "CA", Some(E::ReferralCancellationRequested)),
        ("CR", "CA", Some(E::ReferralCancellationConfirmed)),
        ("UC", "IP", Some(E::ReferralCancellationRefused)),
        ("SC", "HD", Some(E::ReferralInfoRequested)),
        ("SC", "SC", Some(E::AppointmentScheduled)),
        ("OK", "CA", None),
        ("UA", "IP", None),
        ("SC", "CA", None),
        ("SC", "CM", None),
        ("CR", "CM", None),
        ("NW", "", None),
        ("XX", "IP", None),
    ] {
        check(control, order_status, want);
    }
}

#[test]
fn an_acceptance_brings_the_recipients_id_and_name() {
    let happened = event(&status(
        "ORC|OK|889342^^2.999.1.15^ISO|77^^2.999.2.9^ISO||IP||||||||||||||9^Weber^Jana^^^Dr",
    ));
    let Payload::Accepted(data) = happened.data else {
        panic!("accepted")
    };
    let filler = data.filler.unwrap();
    assert_eq!(
        (filler.system.as_str(), filler.value.as_str()),
        ("urn:oid:2.999.2.9", "77")
    );
    assert_eq!(data.performer, Some(Free::Text("Dr Jana Weber".to_owned())));
    assert_eq!(happened.source_id.as_deref(), Some("17882"));
    assert_eq!(
        happened.occurred_at.map(|at| at.to_string()).as_deref(),
        Some("2026-09-30T15:38:34Z")
    );
    let patient = happened.patient.unwrap();
    assert_eq!(patient.identifiers[0].value, "T71");
    assert_eq!(
        patient.birth_date.map(|date| date.to_string()).as_deref(),
        Some("1958-08-17")
    );
}

#[test]
fn a_decline_has_our_code_or_its_text_is_kept_with_a_warning() {
    let decline = |reason: &str| {
        let text = status(&format!(
            "ORC|UA|889342^^2.999.1.15^ISO|||CA|||||||||||{reason}"
        ));
        let warnings = message(&text).warnings.len();
        let Payload::Declined(data) = event(&text).data else {
            panic!("declined")
        };
        (data.reason, data.note, warnings)
    };
    for reason in DeclineReason::ALL {
        assert_eq!(
            decline(&format!("{}^Words", reason.as_str())),
            (*reason, Some("Words".to_owned()), 0)
        );
    }
    assert_eq!(
        decline("^Fully booked"),
        (DeclineReason::Other, Some("Fully booked".to_owned()), 1)
    );
    assert_eq!(
        decline("X7^Fully booked^L"),
        (DeclineReason::Other, Some("Fully booked".to_owned()), 1)
    );
    assert_eq!(
        decline("X7"),
        (DeclineReason::Other, Some("X7".to_owned()), 1)
    );
    let none = "No reason was given.".to_owned();
    assert_eq!(decline(""), (DeclineReason::Other, Some(none), 1));
}

#[test]
fn a_status_that_names_nobody_is_a_fault() {
    let text = status("ORC|OK|||||").replace("PID|", "ZID|");
    assert_eq!(faults(&text)[0].code, "required-field");
}

#[test]
fn the_reason_may_stand_in_a_note_before_the_patient_or_after_the_order() {
    let orc = "ORC|UA|889342^^2.999.1.15^ISO|||CA";
    for segments in [
        [msh("OSU^O51").as_str(), "NTE|1||Fully booked", PID, orc],
        [msh("OSU^O51").as_str(), PID, orc, "NTE|1||Fully booked"],
    ] {
        let Payload::Declined(data) = event(&text(&segments)).data else {
            panic!("declined")
        };
        assert_eq!(data.note.as_deref(), Some("Fully booked"));
    }
}
