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

mod shelf;

use domain::chase;
use domain::fold::{Fate, fold};
use domain::kind::EventKind;
use domain::limits::deadlines;
use domain::policy::Policy;
use domain::referral::Referral;
use domain::status::{Side, Status, TaskStatus};
use domain::time::SignedDuration;
use domain::transitions;
use proptest::prelude::*;
use shelf::{Shelf, any_life};

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
        prop_assert!(!shelf.receive(&event));
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
    assert!(shelf.receive(&event), "{kind:?} was refused");
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
    assert!(shelf.receive(&late));
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
