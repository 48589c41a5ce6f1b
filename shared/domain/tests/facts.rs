//! What a referral counts as: the sum of what each write adds and takes away is what the final fold counts as.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that fails says where"
)]

mod lives;

use std::collections::{BTreeMap, BTreeSet};

use domain::calendar::Calendar;
use domain::event::Event;
use domain::facts::{Facts, PARTS_OF_A_DAY, WAITS_MAX, two_figures};
use domain::fold::fold;
use domain::kind::EventKind;
use domain::status::Side;
use lives::any::any_life;
use lives::shelf::{Received, Shelf};
use proptest::prelude::*;
use serde_json::{Value, json};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

fn calendar() -> Calendar {
    Calendar::new("UTC", &[])
}

fn add(sums: &mut BTreeMap<String, i64>, facts: &Facts, sign: i64) {
    for (name, count) in facts.iter() {
        *sums.entry(name.to_owned()).or_default() += sign * i64::from(count);
    }
}

proptest! {
    #[test]
    fn the_deltas_of_a_life_in_any_order_sum_to_what_its_fold_counts_as(
        life in any_life(),
        order in any::<proptest::sample::Selector>(),
    ) {
        let mut left = life;
        let mut shelf = Shelf::new();
        let mut sums = BTreeMap::new();
        add(&mut sums, &Facts::of(&shelf.referral, &calendar()), 1);
        while !left.is_empty() {
            let next = order.select(0..left.len());
            let before = Facts::of(&shelf.referral, &calendar());
            shelf.receive(&left.swap_remove(next));
            add(&mut sums, &before, -1);
            add(&mut sums, &Facts::of(&shelf.referral, &calendar()), 1);
        }
        sums.retain(|_, count| *count != 0);
        let mut recount = BTreeMap::new();
        let folded = fold(&shelf.events).unwrap();
        add(&mut recount, &Facts::of(&folded.referral, &calendar()), 1);
        prop_assert_eq!(sums, recount);
    }
}

struct Course(Shelf);

impl Course {
    fn new() -> Self {
        Self(Shelf::new())
    }

    fn then(mut self, ms: i64, side: Side, kind: EventKind, data: Value) -> Self {
        let id = format!("e-{}", self.0.events.len());
        let event: Event = lives::event(&id, kind, side, ms, data);
        assert_eq!(self.0.receive(&event), Received::Stored, "{kind:?}");
        self
    }

    #[track_caller]
    fn counts_as(&self, wanted: &[&str]) {
        let facts = Facts::of(&self.0.referral, &calendar());
        let got: Vec<&str> = facts.iter().map(|(name, _)| name).collect();
        assert_eq!(got, wanted);
    }
}

#[test]
fn one_that_was_just_sent_is_open_and_nothing_else() {
    Course::new().counts_as(&["open:sent", "status:sent", "total"]);
}

#[test]
fn a_closed_loop_has_come_to_every_stage_with_its_waits() {
    let report = json!({"summary": "s", "visit_on": "2026-03-06T09:00:00Z", "next_steps": []});
    let acknowledged = json!({"report": "e-3", "care_plan_changed": false});
    Course::new()
        .then(
            DAY_MS / 2,
            Side::Recipient,
            EventKind::ReferralAccepted,
            json!({}),
        )
        .then(
            DAY_MS,
            Side::Recipient,
            EventKind::AppointmentScheduled,
            json!({"start": "2026-03-06T09:00:00Z"}),
        )
        .then(
            5 * DAY_MS,
            Side::Recipient,
            EventKind::ReferralOutcome,
            report,
        )
        .then(
            7 * DAY_MS,
            Side::Referrer,
            EventKind::ReferralAcknowledged,
            acknowledged,
        )
        .counts_as(&[
            "acknowledged-in-time",
            "answered",
            "answered-in-time",
            "closed",
            "completed",
            "decided",
            "decided-in-time",
            "open:closed",
            "reached:accepted",
            "reached:booked",
            "reached:closed",
            "reached:reported",
            "reached:seen",
            "status:closed",
            "to-acknowledged:20",
            "to-booked:10",
            "to-closed:70",
            "to-decision:5",
            "to-report:50",
            "to-visit:40",
            "total",
        ]);
}

#[test]
fn a_visit_that_was_cancelled_was_booked_all_the_same() {
    Course::new()
        .then(
            DAY_MS,
            Side::Recipient,
            EventKind::ReferralAccepted,
            json!({}),
        )
        .then(
            2 * DAY_MS,
            Side::Recipient,
            EventKind::AppointmentScheduled,
            json!({"start": "2026-03-20T09:00:00Z"}),
        )
        .then(
            3 * DAY_MS,
            Side::Recipient,
            EventKind::AppointmentCancelled,
            json!({}),
        )
        .counts_as(&[
            "answered",
            "answered-in-time",
            "decided",
            "decided-in-time",
            "open:appointment-cancelled",
            "reached:accepted",
            "reached:booked",
            "status:appointment-cancelled",
            "to-decision:10",
            "total",
        ]);
}

#[test]
fn a_decline_and_the_dispute_after_it_count_beside_each_other() {
    Course::new()
        .then(
            4 * DAY_MS,
            Side::Recipient,
            EventKind::ReferralDeclined,
            json!({"reason": "capacity"}),
        )
        .then(
            5 * DAY_MS,
            Side::Referrer,
            EventKind::ReferralDisputed,
            json!({"reason": "r"}),
        )
        .counts_as(&[
            "answered",
            "decided",
            "decided-in-time",
            "declined:capacity",
            "disputed",
            "open:sent",
            "status:sent",
            "to-decision:40",
            "total",
        ]);
}

#[test]
fn advice_in_place_of_a_visit_is_a_closure_of_its_own() {
    let advice = json!({"summary": "s", "advice": true, "next_steps": []});
    let acknowledged = json!({"report": "e-2", "care_plan_changed": false});
    // Advice is an outcome like others: it follows an acceptance (row 09), and waits for one that is missing.
    let course = Course::new()
        .then(
            DAY_MS / 2,
            Side::Recipient,
            EventKind::ReferralAccepted,
            json!({}),
        )
        .then(DAY_MS, Side::Recipient, EventKind::ReferralOutcome, advice)
        .then(
            DAY_MS,
            Side::Referrer,
            EventKind::ReferralAcknowledged,
            acknowledged,
        );
    let facts = Facts::of(&course.0.referral, &calendar());
    let names: Vec<&str> = facts.iter().map(|(name, _)| name).collect();
    assert!(names.contains(&"closed-by-advice"), "{names:?}");
    assert!(!names.contains(&"reached:seen"), "{names:?}");
}

#[test]
fn what_was_entered_in_error_counts_as_nothing() {
    Course::new()
        .then(
            MINUTE_MS,
            Side::Referrer,
            EventKind::ReferralEnteredInError,
            json!({"reason": "test"}),
        )
        .counts_as(&[]);
}

#[test]
fn a_wait_is_counted_by_its_first_two_figures_and_rounded_down() {
    let part_ms = DAY_MS / i64::from(PARTS_OF_A_DAY);
    for (ms, want) in [
        (part_ms - 1, 0),
        (part_ms, 1),
        (12 * part_ms, 12),
        (100 * part_ms - 1, 99),
        (100 * part_ms, 100),
        (110 * part_ms - 1, 100),
        (110 * part_ms, 110),
        (1_000 * part_ms - 1, 990),
        (1_000 * part_ms, 1_000),
        (1_100 * part_ms - 1, 1_000),
        (10_000 * part_ms - 1, 9_900),
        (20_000 * DAY_MS, 10_000),
    ] {
        let course =
            Course::new().then(ms, Side::Recipient, EventKind::ReferralAccepted, json!({}));
        let facts = Facts::of(&course.0.referral, &calendar());
        let name = format!("to-decision:{want}");
        assert!(
            facts.iter().any(|(known, _)| known == name),
            "{ms} {facts:?}"
        );
    }
}

#[test]
fn no_more_waits_are_told_apart_than_are_said_and_whole_days_are_exact() {
    let parts = 0..20_000 * PARTS_OF_A_DAY;
    let told_apart: BTreeSet<u32> = parts.map(two_figures).collect();
    assert_eq!(told_apart.len(), WAITS_MAX);
    for day in 1..100 {
        let border = day * PARTS_OF_A_DAY;
        assert_eq!(two_figures(border), border);
        assert!(two_figures(border - 1) < border);
    }
    // What is told apart is not told apart once more: a sum may be read as if it were counted now.
    assert!(told_apart.iter().all(|parts| two_figures(*parts) == *parts));
}
