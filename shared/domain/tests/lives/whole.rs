//! Whole lives, each from just after the request to where nobody has to act any more.
//!
//! A row is `(minute, who, what, data)`. The n-th row of a life is the event `e-n`, which later rows may name.

use domain::event::Event;
use domain::kind::EventKind;
use domain::status::Side;
use domain::status::Status::{
    self, Cancelled, Closed, Completed, Declined, EnteredInError, NotCompleted,
};
use serde_json::{Value, json};

use super::event;

/// A life and how it ends.
pub struct Life {
    pub name: &'static str,
    /// What happens after the request, in the order of happening.
    pub events: Vec<Event>,
    /// The status of each leg at the end.
    pub legs: Vec<Status>,
    /// What the tables answer with 409 while something that happened before it has not come: its sender sends it again.
    pub sent_again: &'static [&'static str],
}

type Row = (i64, &'static str, &'static str, Value);

/// Who speaks: the referrer, or one of two recipients by its organisation.
const NORTH: &str = "north";
const HEART: &str = "heart";
const LUNGS: &str = "lungs";

fn life(name: &'static str, legs: &[Status], rows: Vec<Row>) -> Life {
    let events = (1..)
        .zip(rows)
        .map(|(number, (minute, who, what, data))| {
            let side = if who == NORTH {
                Side::Referrer
            } else {
                Side::Recipient
            };
            let kind = EventKind::parse(what).unwrap();
            let mut event = event(&format!("e-{number}"), kind, side, 60_000 * minute, data);
            event.by.organization = Some(who.to_owned());
            event
        })
        .collect();
    Life {
        name,
        events,
        legs: legs.to_vec(),
        sent_again: &[],
    }
}

fn report() -> Value {
    json!({"summary": "Stable angina.", "visit_on": "2026-04-01"})
}

fn read(report: &str) -> Value {
    json!({"report": report, "care_plan_changed": true})
}

fn on(day: u8) -> Value {
    json!({"start": format!("2026-04-{day:02}T10:00:00Z")})
}

fn told() -> Value {
    json!({"channel": "phone"})
}

fn to_lungs() -> Value {
    json!({"to": {"organization": "lungs", "service": "s2"}, "reason": "It is the lungs."})
}

fn slip(of: &str) -> Value {
    json!({"event": of, "reason": "The wrong patient's row."})
}

pub fn it_closes_by_the_usual_course() -> Life {
    let rows = vec![
        (1, HEART, "referral.accepted", json!({"filler": {"system": "urn:oid:1.2.4", "value": "f1"}})),
        (2, HEART, "appointment.scheduled", on(1)),
        (3, NORTH, "appointment.confirmed", json!({})),
        (4, HEART, "referral.interim_note", json!({"visit_on": "2026-04-01"})),
        (5, HEART, "referral.outcome", report()),
        (6, NORTH, "referral.acknowledged", read("e-5")),
        (7, NORTH, "patient.informed", told()),
    ];
    life("the usual course", &[Closed], rows)
}

pub fn everything_has_the_same_time() -> Life {
    let rows = vec![
        (1, HEART, "referral.accepted", json!({})),
        (1, NORTH, "barrier.raised", json!({"kind": "transport", "owner": "north", "due_at": "2026-04-01T00:00:00Z"})),
        (1, NORTH, "barrier.resolved", json!({"barrier": "e-2"})),
        (1, HEART, "appointment.scheduled", on(1)),
        (1, HEART, "referral.outcome", report()),
        (1, NORTH, "referral.acknowledged", json!({"care_plan_changed": false})),
        (1, NORTH, "patient.informed", told()),
    ];
    life("everything at the same time", &[Closed], rows)
}

pub fn the_patient_misses_a_visit_and_is_booked_again() -> Life {
    let rows = vec![
        (1, HEART, "referral.accepted", json!({})),
        (2, HEART, "appointment.scheduled", on(1)),
        (3, HEART, "appointment.no_show", json!({})),
        (4, NORTH, "patient.contacted", json!({"channel": "phone", "outcome": "reached"})),
        (5, HEART, "appointment.rescheduled", on(8)),
        (6, HEART, "appointment.rescheduled", on(9)),
        (7, HEART, "referral.interim_note", json!({})),
        (8, HEART, "referral.outcome", report()),
        (9, NORTH, "referral.acknowledged", read("e-8")),
        (10, NORTH, "patient.informed", told()),
    ];
    life("a no-show, booked again", &[Closed], rows)
}

pub fn the_recipient_asks_and_the_referrer_answers() -> Life {
    let ecg = json!([{"kind": "lab", "code": "8601-7", "display": "ECG", "date": "2026-03-01"}]);
    let rows = vec![
        (1, HEART, "referral.info_requested", json!({"question": "Is there an ECG?"})),
        (2, HEART, "referral.info_requested", json!({"question": "Which medication?"})),
        (3, NORTH, "referral.info_supplied", json!({"question": "e-1", "supporting": ecg})),
        (4, NORTH, "referral.info_supplied", json!({"question": "e-2", "note": "Aspirin."})),
        (5, HEART, "referral.accepted", json!({})),
        (6, HEART, "referral.info_requested", json!({"question": "And since when?"})),
        (7, NORTH, "referral.info_supplied", json!({"note": "For a year."})),
        (8, HEART, "referral.outcome", report()),
        (9, NORTH, "referral.acknowledged", read("e-8")),
        (10, NORTH, "patient.informed", told()),
    ];
    life("questions and answers", &[Closed], rows)
}

pub fn the_referrer_insists_after_a_decline() -> Life {
    let rows = vec![
        (1, HEART, "referral.declined", json!({"reason": "out-of-criteria"})),
        (2, NORTH, "referral.disputed", json!({"reason": "The criteria are met."})),
        (3, HEART, "referral.accepted", json!({})),
        (4, HEART, "appointment.scheduled", on(1)),
        (5, HEART, "referral.outcome", report()),
        (6, NORTH, "referral.acknowledged", read("e-5")),
        (7, NORTH, "patient.informed", told()),
    ];
    life("declined and disputed", &[Declined, Closed], rows)
}

pub fn the_first_recipient_sends_it_on() -> Life {
    let rows = vec![
        (1, HEART, "referral.accepted", json!({})),
        (2, HEART, "referral.redirected", to_lungs()),
        (3, LUNGS, "referral.accepted", json!({})),
        (4, LUNGS, "appointment.scheduled", on(1)),
        (5, LUNGS, "referral.outcome", report()),
        (6, NORTH, "referral.acknowledged", read("e-5")),
        (7, NORTH, "patient.informed", told()),
    ];
    life("sent on", &[Declined, Closed], rows)
}

pub fn the_referrer_takes_it_to_another_recipient() -> Life {
    let rows = vec![
        (1, HEART, "referral.accepted", json!({})),
        (2, HEART, "patient.contacted", json!({"channel": "phone", "outcome": "no-answer"})),
        (3, NORTH, "referral.redirected", to_lungs()),
        (4, LUNGS, "referral.accepted", json!({})),
        (5, LUNGS, "referral.interim_note", json!({"visit_on": "2026-04-01"})),
        (6, LUNGS, "referral.outcome", report()),
        (7, NORTH, "referral.acknowledged", read("e-6")),
        (8, NORTH, "patient.informed", told()),
    ];
    life("taken elsewhere", &[NotCompleted, Closed], rows)
}

pub fn it_is_cancelled_by_agreement() -> Life {
    let rows = vec![
        (1, HEART, "referral.accepted", json!({})),
        (2, HEART, "appointment.scheduled", on(1)),
        (3, NORTH, "referral.cancellation_requested", json!({"reason": "The patient moved."})),
        (4, HEART, "referral.cancellation_confirmed", json!({})),
        (5, NORTH, "referral.acknowledged", json!({"resolution": "no-longer-needed"})),
        (6, NORTH, "patient.informed", told()),
    ];
    life("cancelled", &[Cancelled], rows)
}

pub fn a_cancellation_is_refused() -> Life {
    let rows = vec![
        (1, HEART, "referral.accepted", json!({})),
        (2, HEART, "appointment.scheduled", on(1)),
        (3, NORTH, "referral.cancellation_requested", json!({"reason": "The patient moved."})),
        (4, HEART, "referral.cancellation_refused", json!({"reason": "Seen this morning."})),
        (5, HEART, "referral.outcome", report()),
        (6, NORTH, "referral.acknowledged", read("e-5")),
        (7, NORTH, "patient.informed", told()),
    ];
    life("a cancellation refused", &[Closed], rows)
}

pub fn a_refused_cancellation_is_taken_back() -> Life {
    let rows = vec![
        (1, HEART, "referral.accepted", json!({})),
        (2, HEART, "appointment.scheduled", on(1)),
        (3, NORTH, "referral.cancellation_requested", json!({"reason": "The patient moved."})),
        (4, HEART, "referral.cancellation_refused", json!({"reason": "It is tomorrow."})),
        (5, NORTH, "event.retracted", slip("e-3")),
        (6, HEART, "appointment.rescheduled", on(2)),
        (7, HEART, "referral.outcome", report()),
        (8, NORTH, "referral.acknowledged", read("e-7")),
        (9, NORTH, "patient.informed", told()),
    ];
    // Nothing is booked while a cancellation is asked for.
    let sent_again = &["e-6"];
    Life { sent_again, ..life("a refused cancellation taken back", &[Closed], rows) }
}

pub fn the_patient_is_lost_and_found() -> Life {
    let rows = vec![
        (1, HEART, "patient.contacted", json!({"channel": "phone", "outcome": "no-answer"})),
        (2, HEART, "patient.unreachable", json!({})),
        (3, NORTH, "referral.corrected", json!({"changes": {"patient": {"phone": "555"}}, "reason": "A digit."})),
        (4, NORTH, "patient.contacted", json!({"channel": "letter", "outcome": "reached"})),
        (5, HEART, "referral.accepted", json!({})),
        (6, HEART, "appointment.scheduled", on(1)),
        (7, HEART, "referral.outcome", report()),
        (8, NORTH, "patient.informed", told()),
        (9, NORTH, "referral.acknowledged", read("e-7")),
    ];
    life("lost and found", &[Closed], rows)
}

/// What follows rests on the second booking alone, and would rest on the first if that still stood.
pub fn a_visit_was_booked_by_mistake() -> Life {
    let rows = vec![
        (1, HEART, "referral.accepted", json!({})),
        (2, HEART, "appointment.scheduled", on(1)),
        (3, HEART, "event.retracted", slip("e-2")),
        (4, HEART, "appointment.scheduled", on(8)),
        (5, HEART, "appointment.no_show", json!({})),
        (6, HEART, "appointment.scheduled", on(15)),
        (7, HEART, "referral.outcome", report()),
        (8, NORTH, "referral.acknowledged", read("e-7")),
        (9, NORTH, "patient.informed", told()),
    ];
    life("booked by mistake", &[Closed], rows)
}

pub fn a_referral_was_declined_by_mistake() -> Life {
    let rows = vec![
        (1, HEART, "referral.declined", json!({"reason": "capacity"})),
        (2, HEART, "event.retracted", slip("e-1")),
        (3, HEART, "referral.accepted", json!({})),
        (4, HEART, "appointment.scheduled", on(1)),
        (5, HEART, "referral.outcome", report()),
        (6, NORTH, "referral.acknowledged", read("e-5")),
        (7, NORTH, "patient.informed", told()),
    ];
    life("declined by mistake", &[Closed], rows)
}

/// Each takes its slip back while the referral is with it; of the second nothing is known before it was sent on.
pub fn both_recipients_take_a_slip_back() -> Life {
    let rows = vec![
        (1, HEART, "referral.accepted", json!({})),
        (2, HEART, "event.retracted", slip("e-1")),
        (3, HEART, "referral.redirected", to_lungs()),
        (4, LUNGS, "referral.declined", json!({"reason": "duplicate"})),
        (5, LUNGS, "event.retracted", slip("e-4")),
        (6, LUNGS, "referral.accepted", json!({})),
        (7, LUNGS, "referral.outcome", report()),
        (8, NORTH, "referral.acknowledged", read("e-7")),
        (9, NORTH, "patient.informed", told()),
    ];
    life("two slips", &[Declined, Closed], rows)
}

pub fn the_report_is_amended() -> Life {
    let rows = vec![
        (1, HEART, "referral.accepted", json!({})),
        (2, HEART, "referral.outcome", report()),
        (3, NORTH, "referral.acknowledged", read("e-2")),
        (4, NORTH, "patient.informed", told()),
        (5, HEART, "referral.outcome_amended", report()),
        (6, NORTH, "referral.acknowledged", read("e-5")),
        (7, NORTH, "patient.informed", told()),
    ];
    life("amended", &[Closed], rows)
}

pub fn advice_is_taken() -> Life {
    let rows = vec![
        (1, HEART, "referral.accepted", json!({})),
        (2, HEART, "referral.outcome", json!({"advice": true, "summary": "Treat it so."})),
        (3, HEART, "referral.note", json!({"note": "Call us when it gets worse."})),
        (4, NORTH, "patient.informed", told()),
        (5, NORTH, "referral.acknowledged", read("e-2")),
    ];
    life("advice", &[Closed], rows)
}

pub fn advice_in_place_of_a_visit_is_disputed() -> Life {
    let rows = vec![
        (1, HEART, "referral.accepted", json!({})),
        (2, HEART, "referral.outcome", json!({"advice": true, "summary": "Treat it so."})),
        (3, NORTH, "referral.disputed", json!({"reason": "That was tried."})),
        (4, HEART, "referral.accepted", json!({})),
        (5, HEART, "referral.outcome", report()),
        (6, NORTH, "referral.acknowledged", read("e-5")),
        (7, NORTH, "patient.informed", told()),
    ];
    // A second acceptance, as long as the dispute between them has not come.
    let sent_again = &["e-4"];
    Life { sent_again, ..life("advice disputed", &[Completed, Closed], rows) }
}

pub fn it_is_not_completed() -> Life {
    let rows = vec![
        (1, HEART, "referral.accepted", json!({})),
        (2, HEART, "appointment.scheduled", on(1)),
        (3, HEART, "appointment.no_show", json!({})),
        (4, HEART, "referral.not_completed", json!({"reason": "resolved"})),
        (5, NORTH, "referral.acknowledged", json!({"resolution": "no-longer-needed"})),
    ];
    life("not completed", &[NotCompleted], rows)
}

pub fn the_request_changes_on_the_way() -> Life {
    let rows = vec![
        (1, NORTH, "referral.urgency_changed", json!({"urgency": "urgent", "reason": "It is worse."})),
        (2, HEART, "referral.corrected", json!({"changes": {"patient": {"phone": "555"}}, "reason": "A digit."})),
        (3, HEART, "referral.urgency_changed", json!({"urgency": "routine", "reason": "It is stable."})),
        (4, HEART, "referral.accepted", json!({})),
        (5, NORTH, "referral.corrected", json!({"changes": {"clinical_question": "An infarct?"}, "reason": "Haste."})),
        (6, NORTH, "referral.urgency_changed", json!({"urgency": "routine", "reason": "Agreed."})),
        (7, HEART, "referral.outcome", report()),
        (8, NORTH, "referral.acknowledged", read("e-7")),
        (9, NORTH, "patient.informed", told()),
    ];
    life("changed on the way", &[Closed], rows)
}

/// BSeR's 5.1: a booking without a date, then a note.
pub fn a_partner_sends_no_finer_status() -> Life {
    let rows = vec![
        (1, HEART, "referral.accepted", json!({})),
        (2, HEART, "appointment.scheduled", json!({})),
        (3, HEART, "referral.interim_note", json!({})),
        (4, HEART, "referral.outcome", report()),
        (5, NORTH, "referral.acknowledged", read("e-4")),
        (6, NORTH, "patient.informed", told()),
    ];
    life("5.1", &[Closed], rows)
}

pub fn it_was_the_wrong_patient() -> Life {
    let rows = vec![
        (1, HEART, "referral.accepted", json!({})),
        (2, HEART, "appointment.scheduled", on(1)),
        (3, HEART, "appointment.cancelled", json!({"by": "recipient"})),
        (4, HEART, "appointment.scheduled", on(8)),
        (5, NORTH, "referral.entered_in_error", json!({"reason": "Another patient."})),
    ];
    life("the wrong patient", &[EnteredInError], rows)
}
