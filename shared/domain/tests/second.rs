//! Where in its second an event happened whose sender tells the time by the second.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that fails says where"
)]

mod lives;

use domain::event::Event;
use domain::fold::fold;
use domain::kind::EventKind as E;
use domain::second::settled;
use domain::status::{Side, Status};

const SECOND: i64 = 1_000;

/// An event of the recipient, so many milliseconds after the referral was sent.
fn said(id: &str, kind: E, ms: i64) -> Event {
    lives::event(id, kind, Side::Recipient, ms, lives::data(kind, "", 1))
}

/// Where the referral stands when these come one after another; those whose time is in whole seconds are settled.
#[track_caller]
fn check(arriving: &[(E, i64)], want: Status) {
    let mut events = vec![lives::sent()];
    for (index, (kind, ms)) in arriving.iter().enumerate() {
        let mut event = said(&format!("e-{index}"), *kind, *ms);
        if ms % SECOND == 0 {
            event.occurred_at = settled(&fold(&events).unwrap().referral, &event);
        }
        events.push(event);
    }
    assert_eq!(
        fold(&events).unwrap().referral.status(),
        want,
        "{arriving:?}"
    );
}

#[test]
fn what_answers_something_of_its_second_comes_after_it() {
    check(
        &[(E::ReferralAccepted, 5_300), (E::ReferralOutcome, 5_000)],
        Status::Completed,
    );
    check(
        &[
            (E::ReferralAccepted, 5_000),
            (E::AppointmentScheduled, 5_000),
            (E::AppointmentNoShow, 5_000),
            (E::AppointmentRescheduled, 5_000),
            (E::AppointmentCancelled, 5_000),
        ],
        Status::AppointmentCancelled,
    );
}

#[test]
fn what_waits_for_its_second_is_met_by_it() {
    check(
        &[
            (E::AppointmentScheduled, 5_000),
            (E::ReferralAccepted, 5_000),
        ],
        Status::Scheduled,
    );
    check(
        &[
            (E::ReferralOutcome, 5_000),
            (E::AppointmentScheduled, 5_000),
            (E::ReferralAccepted, 5_000),
        ],
        Status::Completed,
    );
}

#[test]
fn what_would_not_be_legal_after_the_rest_of_its_second_stays_at_its_time() {
    check(
        &[
            (E::ReferralAccepted, 5_000),
            (E::ReferralOutcome, 5_000),
            (E::AppointmentScheduled, 5_000),
        ],
        Status::Completed,
    );
}

#[test]
fn another_second_is_left_as_it_is() {
    let mut events = vec![lives::sent(), said("a", E::ReferralAccepted, 5_999)];
    let referral = fold(&events).unwrap().referral;
    for ms in [4_000, 6_000] {
        let event = said("b", E::ReferralInterimNote, ms);
        assert_eq!(settled(&referral, &event), event.occurred_at, "{ms}");
    }
    // The last millisecond of the second is taken: what would come after it is of the next one.
    let event = said("b", E::ReferralInterimNote, 5_000);
    assert_eq!(settled(&referral, &event), event.occurred_at);
    events.pop();
    events.push(said("a", E::ReferralAccepted, 5_998));
    let referral = fold(&events).unwrap().referral;
    assert_eq!(settled(&referral, &event), lives::at(5_999));
}
