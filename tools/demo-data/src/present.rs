//! Today: a referral in each place of its life, and each thing that a person should look at.

use serde_json::{Value, json};

use crate::calendar::{DAY_MS, HOUR_MS, day, instant};
use crate::network::{OPHTHALMOLOGY, ORTHOPAEDICS, RHEUMATOLOGY, UNIVERSITY_CARDIOLOGY};
use crate::people::Patient;
use crate::story::Story;

const URGENT: &str = "urgent";

/// All of them.
pub fn stories(now_ms: i64) -> Vec<Story> {
    let mut patients = (0..).map(Patient);
    let mut days_ago = |days: i64| {
        let patient = patients.next().unwrap_or(Patient(0));
        Story::new(now_ms - days * DAY_MS - 2 * HOUR_MS, &patient)
    };
    let urgency = |code: &str, reason: &str| json!({"urgency": code, "urgency_reason": reason});
    let mut stories = vec![
        // Waiting for an answer: new, incomplete, urgent, and for much too long.
        days_ago(0).named("sent"),
        days_ago(1).with(json!({
            "supporting": [], "none_known": [], "reason": [], "scheduling": null,
            "preparation": {"agreed": "undecided", "barriers": ["transport", "cost"]},
            "overrides": [
                {"requirement": "creatinine", "reason": "The laboratory is closed until Monday."},
                {"requirement": "ecg", "reason": "Follows by fax today."},
            ],
        })),
        days_ago(1).with(urgency(URGENT, "Chest pain at rest since yesterday.")),
        days_ago(0).with(urgency("stat", "Breathless at rest, oxygen saturation 91 %.")),
        days_ago(3).to(&UNIVERSITY_CARDIOLOGY).with(urgency("asap", "Worse from day to day.")),
        days_ago(13),
        days_ago(16).to(&ORTHOPAEDICS),
        days_ago(5).to(&RHEUMATOLOGY),
        days_ago(2).to(&OPHTHALMOLOGY),
        days_ago(2).with(json!({"recipient": {"external": {"name": "Dr Nobody's Skin Clinic", "fax": "+1 555 0190", "phone": "+1 555 0191"}},
            "service": {"system": "http://snomed.info/sct", "code": "183518005", "display": "Referral to dermatology service"},
            "clinical_question": "A pigmented spot that has grown: is it malignant?"})),
        // Information: asked for, late, and given.
        days_ago(3).asked(30),
        days_ago(15).they(20, "referral.info_requested", json!({"question": "Please send the report of the last echocardiogram."})),
        days_ago(4)
            .they(20, "referral.info_requested", json!({"question": "Is the patient anticoagulated?"}))
            .we(40, "referral.info_supplied", json!({"supporting": [], "note": "Apixaban 5 mg twice a day."})),
        // Accepted, and then nobody books.
        days_ago(4).accepted(30),
        days_ago(24).accepted(20),
        days_ago(6).to(&OPHTHALMOLOGY).accepted(30),
        // A visit ahead, moved twice, confirmed, and tomorrow.
        days_ago(9).accepted(20).booked(20, 21),
        days_ago(8).accepted(20).booked(30, 6).we(40, "appointment.confirmed", json!({})),
        moved_twice(days_ago(20), now_ms),
        days_ago(10).to(&ORTHOPAEDICS).accepted(30).booked(20, 12)
            .we(30, "barrier.raised", json!({"kind": "transport", "owner": "referrer", "due_at": instant(now_ms + 2 * DAY_MS), "note": "No bus on that day."})),
        // Did not come, cancelled the visit, cannot be reached.
        days_ago(20).accepted(30).booked(20, 14).they(15 * 24, "appointment.no_show", json!({})),
        days_ago(15).accepted(30).booked(20, 16).they(100, "appointment.cancelled", json!({"reason": "Unwell.", "by": "patient"})),
        unreachable(days_ago(12).accepted(20)),
        // Seen, and the report is late.
        days_ago(45).accepted(40).booked(20, 10)
            .they(11 * 24, "referral.interim_note", json!({"note": "Seen; echocardiogram next week.", "visit_on": day(now_ms - 32 * DAY_MS)})),
        // A report that nobody has read, one that was read and the patient was not told, one that was amended.
        days_ago(40).accepted(30).booked(20, 20).reported(24 * 32, 10),
        days_ago(33).to(&ORTHOPAEDICS).accepted(30).booked(20, 14).reported(24 * 20, 3),
        days_ago(28).with(urgency(URGENT, "Fainted twice.")).accepted(10).booked(10, 3).reported(24 * 26, 22),
        days_ago(30).accepted(30).booked(20, 12).reported(24 * 14, 1).read(20),
        days_ago(38).accepted(30).booked(20, 12).reported(24 * 14, 1).read(20).told(10)
            .they(24 * 20, "referral.outcome_amended", json!({"visit_on": day(now_ms - 26 * DAY_MS), "summary": "The echocardiogram was read anew: mild stenosis.",
                "next_steps": ["Echocardiogram in a year"], "documents": []})),
        // Closed the other day.
        days_ago(26).accepted(10).booked(10, 8).reported(24 * 10, 1).read(10).told(2),
        // Declined: to be dealt with, insisted on, and sent elsewhere.
        days_ago(4).they(40, "referral.declined", json!({"reason": "capacity", "note": "No capacity this quarter."})),
        days_ago(8).they(20, "referral.declined", json!({"reason": "insufficient-information", "note": "No ECG."}))
            .we(50, "referral.disputed", json!({"reason": "The ECG was attached; please look again."})),
        days_ago(5).redirected(20),
        // On the way to an end, and ended.
        days_ago(6).we(30, "referral.cancellation_requested", json!({"reason": "The patient wants to wait."})),
        days_ago(9).cancelled(30),
        days_ago(14).accepted(30).they(100, "referral.not_completed", json!({"reason": "insurance"})),
        days_ago(3).named("error").we(2, "referral.entered_in_error", json!({"reason": "Entered for the wrong patient."})),
        // What waits for its place: a visit that was missed before it was booked, and a report before an answer.
        days_ago(2).they(30, "appointment.no_show", json!({})),
        days_ago(1).with(urgency(URGENT, "New murmur.")).reported(24, 0),
        // The urgency is raised by the other side, a barrier is gone, a question is asked in between.
        days_ago(5).accepted(20).they(30, "referral.urgency_changed", json!({"urgency": URGENT, "reason": "The troponin is borderline."})),
        days_ago(6).accepted(20).booked(20, 9).they(10, "referral.note", json!({"note": "Please bring the old ECGs."})),
    ];
    // The same patient, for the same, twice.
    let twin = Patient(0);
    stories.push(
        Story::new(now_ms - 3 * HOUR_MS / 2, &twin)
            .with(json!({"clinical_question": "Chest pain: please see soon."})),
    );
    stories
}

fn moved_twice(story: Story, now_ms: i64) -> Story {
    let to = |days: i64, by: &str| -> Value {
        json!({"start": instant(now_ms + days * DAY_MS), "by": by})
    };
    story
        .accepted(20)
        .booked(20, 10)
        .they(60, "appointment.rescheduled", to(4, "patient"))
        .they(60, "appointment.rescheduled", to(9, "recipient"))
}

fn unreachable(story: Story) -> Story {
    let no_answer = || json!({"channel": "phone", "outcome": "no-answer"});
    story
        .they(24, "patient.contacted", no_answer())
        .they(24, "patient.contacted", no_answer())
        .they(48, "patient.contacted", no_answer())
}
