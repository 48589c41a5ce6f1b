//! Properties of whole lives: no sequence of events leaves the tables, what is stored folds to what stands in the row,
//! an event twice changes nothing, and the order of arrival does not matter.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that fails says where"
)]

mod lives;

use domain::chase;
use domain::fold::{Fate, fold};
use domain::guards::Refusal;
use domain::kind::EventKind;
use domain::limits::deadlines;
use domain::policy::Policy;
use domain::referral::Referral;
use domain::status::{Side, Status, TaskStatus};
use domain::time::SignedDuration;
use domain::transitions;
use lives::any::any_life;
use lives::shelf::{Received, Shelf};
use proptest::prelude::*;

/// Every status with the business and Task status that some row gives it.
fn is_in_the_tables(referral: &Referral) -> bool {
    referral.legs.iter().all(|leg| {
        let listed = transitions::rows().any(|row| {
            row.to == leg.status
                && row.task == leg.task_status
                && row
                    .business
                    .is_none_or(|business| business == leg.business_status)
        });
        // A leg that a redirect ended is not a row's end state of its own event.
        let pulled = leg.status == Status::NotCompleted && leg.task_status == TaskStatus::Failed;
        listed || pulled
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_sequence_of_events_leaves_the_tables(life in any_life()) {
        let mut shelf = Shelf::new();
        for event in &life {
            shelf.receive(event);
            prop_assert!(is_in_the_tables(&shelf.referral), "{:?}", shelf.referral);
        }
    }

    #[test]
    fn what_is_stored_folds_to_what_stands_in_the_row(life in any_life()) {
        let mut shelf = Shelf::new();
        for event in &life {
            shelf.receive(event);
        }
        let folded = fold(&shelf.events).unwrap();
        prop_assert_eq!(folded.referral, shelf.referral);
        prop_assert_eq!(folded.request, shelf.request);
    }

    #[test]
    fn so_it_does_with_sweeps_between(life in any_life(), days in prop::collection::vec(0..60i64, 14)) {
        let policy = Policy::default();
        let mut shelf = Shelf::new();
        for (event, day) in life.iter().zip(days) {
            shelf.receive(event);
            let now = event.recorded_at.plus(SignedDuration::from_hours(24 * day));
            shelf.look(&policy, now);
            let said_again = shelf.look(&policy, now);
            prop_assert_eq!(said_again, vec![]);
        }
        let folded = fold(&shelf.events).unwrap();
        prop_assert_eq!(folded.referral, shelf.referral);
        prop_assert_eq!(folded.request, shelf.request);
    }

    #[test]
    fn an_event_twice_changes_nothing(life in any_life(), again in any::<prop::sample::Index>()) {
        let mut shelf = Shelf::new();
        for event in &life {
            shelf.receive(event);
        }
        let before = shelf.referral.clone();
        let event = shelf.events[again.index(shelf.events.len())].clone();
        prop_assert_eq!(shelf.receive(&event), Received::Again);
        prop_assert_eq!(&shelf.referral, &before);
        let mut doubled = shelf.events.clone();
        doubled.push(event);
        prop_assert_eq!(fold(&doubled).unwrap().referral, before);
    }

    #[test]
    fn the_order_of_arrival_does_not_matter(
        life in any_life(),
        order in any::<proptest::sample::Selector>(),
    ) {
        let mut events = vec![lives::sent()];
        events.extend(life);
        let expected = fold(&events).unwrap().referral;
        let mut shuffled = Vec::new();
        let mut left = events;
        while !left.is_empty() {
            let next = order.select(0..left.len());
            shuffled.push(left.swap_remove(next));
        }
        let folded = fold(&shuffled).unwrap().referral;
        // The lists of waiting events are in the order of the fold, too.
        prop_assert_eq!(folded, expected);
    }

    #[test]
    fn whoever_is_open_has_a_turn_and_a_time_to_be_looked_at(life in any_life()) {
        let mut shelf = Shelf::new();
        for event in &life {
            shelf.receive(event);
        }
        let policy = Policy::default();
        let now = lives::at(3_600_000);
        let running = deadlines(&shelf.referral, &policy);
        let look = chase::next_look(&shelf.referral, &policy, &running, now);
        prop_assert!(shelf.referral.is_finished() || look.is_some());
    }
}

#[track_caller]
fn step(shelf: &mut Shelf, minute: i64, side: Side, kind: EventKind, choice: u8) {
    let id = format!("e-{}", shelf.events.len());
    let report = shelf
        .referral
        .newest_report()
        .map_or(String::new(), |it| it.id.clone());
    let data = lives::data(kind, &report, choice);
    let event = lives::event(&id, kind, side, 60_000 * minute, data);
    assert_eq!(shelf.receive(&event), Received::Stored, "{kind:?}");
    let folded = fold(&shelf.events).unwrap();
    assert_eq!(folded.fate(&id), Some(Fate::Applied), "{kind:?} was parked");
}

#[test]
fn a_referral_goes_all_the_way_round() {
    let mut shelf = Shelf::new();
    let course = [
        (
            Side::Recipient,
            EventKind::ReferralAccepted,
            Status::Accepted,
        ),
        (
            Side::Recipient,
            EventKind::AppointmentScheduled,
            Status::Scheduled,
        ),
        (
            Side::Recipient,
            EventKind::ReferralInterimNote,
            Status::Seen,
        ),
        (
            Side::Recipient,
            EventKind::ReferralOutcome,
            Status::Completed,
        ),
        (
            Side::Referrer,
            EventKind::ReferralAcknowledged,
            Status::Closed,
        ),
        (Side::Referrer, EventKind::PatientInformed, Status::Closed),
    ];
    for (minute, (side, kind, status)) in (1..).zip(course) {
        step(&mut shelf, minute, side, kind, 2);
        assert_eq!(shelf.referral.status(), status);
    }
    assert_eq!(shelf.referral.turn, None);
    let closure = &shelf.referral.closure;
    assert!(closure.report_received_at < closure.acknowledged_at);
    assert!(closure.acknowledged_at < closure.patient_informed_at);
}

#[test]
fn an_outcome_that_comes_before_the_acceptance_counts_once_that_is_here() {
    let mut shelf = Shelf::new();
    let late = lives::event(
        "late",
        EventKind::ReferralOutcome,
        Side::Recipient,
        120_000,
        lives::data(EventKind::ReferralOutcome, "", 1),
    );
    assert_eq!(shelf.receive(&late), Received::Stored);
    assert_eq!(shelf.referral.status(), Status::Sent);
    assert_eq!(shelf.referral.parked.len(), 1);
    assert!(shelf.referral.closure.report_received_at.is_some());
    assert_eq!(shelf.referral.closure.matched_at, None);
    step(
        &mut shelf,
        1,
        Side::Recipient,
        EventKind::ReferralAccepted,
        0,
    );
    assert_eq!(shelf.referral.status(), Status::Completed);
    assert!(shelf.referral.parked.is_empty());
}

/// Receives an event of this number, minute and data, and asserts what becomes of it.
#[track_caller]
fn receives(
    shelf: &mut Shelf,
    (id, minute): (&str, i64),
    side: Side,
    kind: EventKind,
    data: serde_json::Value,
    fate: Fate,
) {
    let event = lives::event(id, kind, side, 60_000 * minute, data);
    assert_eq!(shelf.receive(&event), Received::Stored, "{id}");
    let folded = fold(&shelf.events).unwrap();
    assert_eq!(folded.fate(id), Some(fate), "{id}");
}

#[test]
fn an_acknowledgement_waits_for_the_report_that_it_names() {
    use EventKind as E;
    let mut shelf = Shelf::new();
    let report = || serde_json::json!({"summary": "s", "visit_on": "2026-04-01"});
    let read = |id: &str| serde_json::json!({"report": id, "care_plan_changed": true});
    let (heart, north) = (Side::Recipient, Side::Referrer);
    let blank = serde_json::json!({});
    receives(
        &mut shelf,
        ("accepted", 1),
        heart,
        E::ReferralAccepted,
        blank,
        Fate::Applied,
    );
    receives(
        &mut shelf,
        ("first", 2),
        heart,
        E::ReferralOutcome,
        report(),
        Fate::Applied,
    );
    receives(
        &mut shelf,
        ("read", 4),
        north,
        E::ReferralAcknowledged,
        read("second"),
        Fate::Parked,
    );
    receives(
        &mut shelf,
        ("second", 3),
        heart,
        E::ReferralOutcomeAmended,
        report(),
        Fate::Applied,
    );
    assert_eq!(shelf.referral.status(), Status::Closed);
    assert!(shelf.referral.parked.is_empty());
    // The one that was replaced is known: whoever read that has to read again.
    let data = read("first");
    let stale = lives::event("stale", E::ReferralAcknowledged, north, 210_000, data);
    assert!(matches!(
        shelf.receive(&stale),
        Received::Refused(Refusal::Guard { .. })
    ));
}

#[test]
fn a_retraction_is_refused_for_what_rests_on_its_event_and_not_for_what_came_after_it() {
    use EventKind as E;
    let heart = Side::Recipient;
    let slip = || serde_json::json!({"event": "booked", "reason": "slip"});
    let blank = || serde_json::json!({});
    let mut shelf = Shelf::new();
    receives(
        &mut shelf,
        ("accepted", 1),
        heart,
        E::ReferralAccepted,
        blank(),
        Fate::Applied,
    );
    receives(
        &mut shelf,
        ("booked", 2),
        heart,
        E::AppointmentScheduled,
        blank(),
        Fate::Applied,
    );
    receives(
        &mut shelf,
        ("missed", 5),
        heart,
        E::AppointmentNoShow,
        blank(),
        Fate::Applied,
    );
    let late = lives::event("late", E::EventRetracted, heart, 360_000, slip());
    assert!(matches!(
        shelf.receive(&late),
        Received::Refused(Refusal::Guard { .. })
    ));
    receives(
        &mut shelf,
        ("undone", 3),
        heart,
        E::EventRetracted,
        slip(),
        Fate::Applied,
    );
    assert_eq!(shelf.referral.status(), Status::Accepted);
    receives(
        &mut shelf,
        ("again", 4),
        heart,
        E::AppointmentScheduled,
        blank(),
        Fate::Applied,
    );
    assert_eq!(shelf.referral.status(), Status::NoShow);
}

#[test]
fn a_retraction_that_comes_before_its_event_is_judged_by_who_had_the_referral_then() {
    use EventKind as E;
    let mut shelf = Shelf::new();
    let heart = Side::Recipient;
    let to = serde_json::json!({"to": {"organization": "lungs", "service": "s2"}, "reason": "r"});
    receives(
        &mut shelf,
        ("sent-on", 3),
        heart,
        E::ReferralRedirected,
        to,
        Fate::Applied,
    );
    let slip = serde_json::json!({"event": "slip", "reason": "r"});
    receives(
        &mut shelf,
        ("undone", 2),
        heart,
        E::EventRetracted,
        slip.clone(),
        Fate::Parked,
    );
    let late = lives::event("late", E::EventRetracted, heart, 240_000, slip);
    assert!(matches!(
        shelf.receive(&late),
        Received::Refused(Refusal::Never { .. })
    ));
    let decline = serde_json::json!({"reason": "capacity"});
    receives(
        &mut shelf,
        ("slip", 1),
        heart,
        E::ReferralDeclined,
        decline,
        Fate::Retracted,
    );
    assert!(shelf.referral.parked.is_empty());
}
