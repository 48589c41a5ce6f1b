//! The year before: referrals that went as most do. What was begun lately is still under way.

use fastrand::Rng;
use serde_json::json;

use crate::calendar::{DAY_MS, HOUR_MS};
use crate::network::{
    CARDIOLOGY, OPHTHALMOLOGY, ORTHOPAEDICS, RHEUMATOLOGY, UNIVERSITY, UNIVERSITY_CARDIOLOGY,
};
use crate::people::Patient;
use crate::story::{Offer, Story};

/// How many a month, from the first month to the last: the network grows.
const A_MONTH: [usize; 12] = [12, 14, 13, 16, 18, 17, 19, 22, 20, 24, 25, 26];
/// A month, in days.
const MONTH_DAYS: i64 = 30;
/// Nothing of the past is sent in the last days: these are the present's.
const UNTIL_DAYS: i64 = 5;

/// When the year begins.
pub const fn begins(now_ms: i64) -> i64 {
    now_ms - (12 * MONTH_DAYS + UNTIL_DAYS + 1) * DAY_MS
}

/// All of them.
pub fn stories(now_ms: i64, dice: &mut Rng) -> Vec<Story> {
    let mut stories = Vec::new();
    let mut start_ms = begins(now_ms) + DAY_MS;
    for count in A_MONTH {
        for _ in 0..count {
            let sent_ms = start_ms + dice.i64(0..MONTH_DAYS * 24) * HOUR_MS;
            let patient = Patient(100 + stories.len());
            stories.push(fate(story(sent_ms, &patient, dice), dice));
        }
        start_ms += MONTH_DAYS * DAY_MS;
    }
    stories
}

fn story(sent_ms: i64, patient: &Patient, dice: &mut Rng) -> Story {
    let offer: &Offer = match dice.u8(0..100) {
        0..45 => &CARDIOLOGY,
        45..62 => &UNIVERSITY_CARDIOLOGY,
        62..80 => &ORTHOPAEDICS,
        80..90 => &OPHTHALMOLOGY,
        _ => &RHEUMATOLOGY,
    };
    let story = Story::new(sent_ms, patient).to(offer);
    match dice.u8(0..100) {
        0..76 => story,
        76..92 => story.with(
            json!({"urgency": "urgent", "urgency_reason": "Symptoms at rest since last week."}),
        ),
        92..98 => {
            story.with(json!({"urgency": "asap", "urgency_reason": "Worse from day to day."}))
        }
        _ => {
            story.with(json!({"urgency": "stat", "urgency_reason": "Cannot wait until tomorrow."}))
        }
    }
}

/// What becomes of it: as often as published studies of referrals say, more or less.
fn fate(story: Story, dice: &mut Rng) -> Story {
    let is_soon = story.body.get("urgency") != Some(&json!("routine"));
    let wait_days = dice.i64(if is_soon { 1..3 } else { 4..23 });
    let decided = dice.i64(if is_soon { 2..20 } else { 2..110 });
    match dice.u8(0..100) {
        // Nobody answers for long.
        0..6 => seen(story.accepted(decided + 240), wait_days, dice),
        6..13 => declined(story, decided, dice),
        13..17 if story.recipient != UNIVERSITY => {
            let story = story.redirected(decided).accepted(30);
            seen(story, wait_days, dice)
        }
        17..21 => not_completed(story.accepted(decided), dice),
        21..25 => story.cancelled(decided).dealt_with("no-longer-needed"),
        25..35 => {
            let missed = story.accepted(decided).booked(20, wait_days);
            let missed = missed.they(wait_days * 24 + 1, "appointment.no_show", json!({}));
            seen(missed, 10, dice)
        }
        35..41 => {
            let answered = story.asked(decided).answered(dice.i64(5..90));
            seen(answered.accepted(20), wait_days, dice)
        }
        41..45 => advised(story.accepted(decided)),
        _ => seen(story.accepted(decided), wait_days, dice),
    }
}

/// Advice in place of a visit.
fn advised(story: Story) -> Story {
    let data = json!({
        "advice": true,
        "summary": "No visit is needed: repeat the laboratory in three months and raise the dose if it is unchanged.",
        "next_steps": ["Laboratory in three months"],
        "documents": [],
    });
    let story = story.with(json!({"role": "advise"}));
    story.they(40, "referral.outcome", data).read(20).told(5)
}

/// Booked, seen, reported, read, and the patient told: the last two now and then late.
fn seen(story: Story, wait_days: i64, dice: &mut Rng) -> Story {
    let writes_hours = dice.i64(4..140);
    let story = story
        .booked(dice.i64(2..50), wait_days)
        .reported(wait_days * 24 + writes_hours, writes_hours / 24);
    match dice.u8(0..100) {
        0..5 => story.read(dice.i64(300..700)).told(30),
        5..15 => story.read(dice.i64(100..200)).told(30),
        15..20 => story.read(dice.i64(2..60)).told(dice.i64(200..500)),
        _ => story.read(dice.i64(2..60)).told(dice.i64(1..50)),
    }
}

fn not_completed(story: Story, dice: &mut Rng) -> Story {
    let reasons = [
        "no-time",
        "no-transport",
        "resolved",
        "cost",
        "seen-elsewhere",
    ];
    let reason = dice.choice(reasons).unwrap_or("other");
    story
        .they(70, "referral.not_completed", json!({"reason": reason}))
        .dealt_with("patient-declined")
}

fn declined(story: Story, decided: i64, dice: &mut Rng) -> Story {
    let answers = [
        ("capacity", "Fully booked this quarter."),
        (
            "insufficient-information",
            "Please send the results named in our requirements.",
        ),
        (
            "out-of-criteria",
            "Below our threshold: please treat and watch.",
        ),
        ("wrong-service", "This is for another specialty."),
    ];
    let (reason, note) = dice.choice(answers).unwrap_or(("other", "."));
    story
        .they(
            decided,
            "referral.declined",
            json!({"reason": reason, "note": note}),
        )
        .dealt_with("managed-here")
}
