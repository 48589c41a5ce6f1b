//! Parked events that a person or the sweep applies, and events that are taken back.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that fails says where"
)]

mod lives;

use domain::decide::{Known, decide};
use domain::event::{Author, Event};
use domain::fold::{Fate, fold};
use domain::guards::Refusal;
use domain::implied::apply_parked;
use domain::kind::EventKind;
use domain::status::{Side, Status};
use serde_json::json;

fn by(side: Option<Side>) -> Author {
    Author {
        organization: None,
        side,
        label: None,
    }
}

fn at_minute(minute: i64, id: &str, kind: EventKind, side: Side, choice: u8) -> Event {
    lives::event(
        id,
        kind,
        side,
        60_000 * minute,
        lives::data(kind, "", choice),
    )
}

/// Accepted, and reported twice by the same event.
fn reported_twice() -> Vec<Event> {
    vec![
        lives::sent(),
        at_minute(1, "accept", EventKind::ReferralAccepted, Side::Recipient, 1),
        at_minute(2, "first", EventKind::ReferralOutcome, Side::Recipient, 1),
        at_minute(3, "second", EventKind::ReferralOutcome, Side::Recipient, 2),
    ]
}

fn apply(events: &mut Vec<Event>, id: &str, side: Option<Side>) -> bool {
    let mut number = 0;
    let ids = || {
        number += 1;
        format!("implied-{number}-of-{id}")
    };
    match apply_parked(events, id, &by(side), lives::at(3_600_000), "api", "r", ids) {
        Some(implied) => {
            events.extend(implied);
            true
        }
        None => false,
    }
}

#[test]
fn a_second_report_that_is_applied_counts_once() {
    let mut events = reported_twice();
    assert_eq!(fold(&events).unwrap().fate("second"), Some(Fate::Parked));
    assert!(apply(&mut events, "second", None));
    let folded = fold(&events).unwrap();
    assert_eq!(folded.fate("second"), Some(Fate::Applied));
    assert!(folded.referral.parked.is_empty());
    assert_eq!(folded.referral.legs[0].reports.len(), 2);
    assert!(!apply(&mut events, "second", None), "it waits no more");
}

#[test]
fn a_retracted_report_takes_along_what_it_implied() {
    let mut events = reported_twice();
    assert!(apply(&mut events, "second", Some(Side::Recipient)));
    let data = json!({"event": "second", "reason": "wrong patient"});
    events.push(lives::event(
        "slip",
        EventKind::EventRetracted,
        Side::Recipient,
        300_000,
        data,
    ));
    let folded = fold(&events).unwrap();
    assert_eq!(folded.referral.legs[0].reports.len(), 1);
    assert_eq!(folded.fate("second"), Some(Fate::Retracted));
}

#[test]
fn a_report_after_a_decline_is_applied_by_the_referrer_only() {
    let declined = vec![
        lives::sent(),
        at_minute(
            1,
            "decline",
            EventKind::ReferralDeclined,
            Side::Recipient,
            1,
        ),
        at_minute(2, "report", EventKind::ReferralOutcome, Side::Recipient, 1),
    ];
    for side in [None, Some(Side::Recipient)] {
        assert!(
            !apply(&mut declined.clone(), "report", side),
            "{side:?} would insist in another's name"
        );
    }
    let mut events = declined;
    assert!(apply(&mut events, "report", Some(Side::Referrer)));
    let folded = fold(&events).unwrap();
    assert_eq!(folded.referral.status(), Status::Completed);
    assert_eq!(folded.referral.legs.len(), 2);
}

#[test]
fn what_was_taken_back_does_not_judge_a_late_event() {
    let events = vec![
        lives::sent(),
        at_minute(1, "slip", EventKind::ReferralAccepted, Side::Recipient, 1),
        lives::event(
            "back",
            EventKind::EventRetracted,
            Side::Recipient,
            600_000,
            json!({"event": "slip", "reason": "r"}),
        ),
    ];
    let late = at_minute(5, "late", EventKind::ReferralAccepted, Side::Recipient, 1);
    let decision = decide(Known::History(events), &late, false).unwrap();
    assert_eq!(decision.fate, Fate::Applied);
    assert_eq!(decision.referral.status(), Status::Accepted);
}

#[test]
fn the_same_urgency_again_moves_no_date() {
    let raised = |minute: i64, id: &str| {
        let data = json!({"urgency": "stat", "reason": "r"});
        lives::event(
            id,
            EventKind::ReferralUrgencyChanged,
            Side::Referrer,
            60_000 * minute,
            data,
        )
    };
    let once = fold(&[lives::sent(), raised(5, "a")]).unwrap().referral;
    let twice = fold(&[lives::sent(), raised(5, "a"), raised(9, "b")])
        .unwrap()
        .referral;
    assert_eq!(once.urgencies, twice.urgencies);
    assert_eq!(once.urgencies.len(), 2);
}

#[test]
fn an_unknown_event_is_not_retracted_by_a_caller_who_names_a_version() {
    let data = json!({"event": "nobody-knows", "reason": "r"});
    let retraction = lives::event("r", EventKind::EventRetracted, Side::Referrer, 60_000, data);
    let known = || Known::History(vec![lives::sent()]);
    assert_eq!(
        decide(known(), &retraction, true).unwrap_err(),
        Refusal::NotYet
    );
    assert_eq!(
        decide(known(), &retraction, false).unwrap().fate,
        Fate::Parked
    );
}
