//! The course of a referral against its limits: what ran, until when it might, what ended it, and how late.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that fails says where"
)]

mod lives;

use domain::course::{Run, course};
use domain::event::Event;
use domain::fold::fold;
use domain::kind::EventKind as E;
use domain::limits::{LimitName, clocks};
use domain::policy::Policy;
use domain::status::Side::{Recipient, Referrer};
use domain::time::Timestamp;
use lives::any::any_life;
use lives::{at, data, event, sent};
use proptest::prelude::*;
use serde_json::json;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

fn of(events: &[Event]) -> Vec<Run> {
    let policy = Policy::default();
    let folded = fold(events).unwrap();
    let recipient = folded.referral.leg().map(|leg| leg.recipient.clone());
    course(events, &policy, recipient.as_ref())
}

fn run(events: &[Event], limit: LimitName) -> Vec<Run> {
    let all = of(events).into_iter();
    all.filter(|run| run.limit == limit).collect()
}

/// What ended each run of a limit: when, by which event, and how many hours late.
fn ended(events: &[Event], limit: LimitName, now: Timestamp) -> Vec<(Option<E>, i64)> {
    let hours = |run: &Run| run.late_by(now).map_or(0, |late| late.as_secs() / 3_600);
    let runs = run(events, limit);
    runs.iter()
        .map(|run| (run.ended.map(|(_, by)| by), hours(run)))
        .collect()
}

fn life() -> Vec<Event> {
    let accepted = event("a", E::ReferralAccepted, Recipient, 8 * DAY_MS, json!({}));
    let booked = data(E::AppointmentScheduled, "", 0);
    let booked = event("b", E::AppointmentScheduled, Recipient, 9 * DAY_MS, booked);
    let seen = data(E::ReferralOutcome, "", 1);
    let report = event("c", E::ReferralOutcome, Recipient, 31 * DAY_MS, seen);
    vec![sent(), accepted, booked, report]
}

#[test]
fn each_limit_says_what_ended_it_and_how_late_that_was() {
    let events = life();
    let now = at(32 * DAY_MS);
    // Sent on a Monday with 5 business days: due the Monday after, decided a day later.
    assert_eq!(
        ended(&events, LimitName::Decided, now),
        [(Some(E::ReferralAccepted), 24)]
    );
    assert_eq!(
        ended(&events, LimitName::Scheduled, now),
        [(Some(E::AppointmentScheduled), 0)]
    );
    assert_eq!(
        ended(&events, LimitName::Acknowledged, now),
        [(None, 0)],
        "it runs"
    );
    assert_eq!(
        ended(&events, LimitName::Acknowledged, at(40 * DAY_MS)),
        [(None, 2 * 24)]
    );
    let whole = run(&events, LimitName::Closed);
    assert_eq!(whole.len(), 1);
    assert_eq!((whole[0].leg, whole[0].ended), (None, None));
}

#[test]
fn a_clock_that_stands_still_has_no_end_and_goes_on_after_the_answer() {
    let asked = data(E::ReferralInfoRequested, "", 1);
    let asked = event("q", E::ReferralInfoRequested, Recipient, DAY_MS, asked);
    let mut events = vec![sent(), asked];
    let decided = run(&events, LimitName::Decided);
    assert_eq!((decided[0].due_at, decided[0].ended), (None, None));
    assert_eq!(decided[0].late_by(at(90 * DAY_MS)), None);
    let answer = json!({"note": "there"});
    events.push(event(
        "r",
        E::ReferralInfoSupplied,
        Referrer,
        2 * DAY_MS,
        answer,
    ));
    let decided = run(&events, LimitName::Decided);
    assert_eq!(decided.len(), 1);
    assert_eq!(decided[0].due_at, Some(at(8 * DAY_MS)));
    assert_eq!(
        ended(&events, LimitName::InfoSupplied, at(3 * DAY_MS)),
        [(Some(E::ReferralInfoSupplied), 0)]
    );
}

#[test]
fn another_leg_has_limits_of_its_own_and_the_whole_way_goes_on() {
    let declined = data(E::ReferralDeclined, "", 0);
    let on = data(E::ReferralRedirected, "", 0);
    let events = vec![
        sent(),
        event("d", E::ReferralDeclined, Recipient, DAY_MS, declined),
        event("e", E::ReferralRedirected, Referrer, 2 * DAY_MS, on),
    ];
    let decided = run(&events, LimitName::Decided);
    let legs: Vec<_> = decided.iter().map(|run| (run.leg, run.since)).collect();
    assert_eq!(legs, [(Some(1), at(0)), (Some(2), at(2 * DAY_MS))]);
    let seen = run(&events, LimitName::Seen);
    assert_eq!(seen.len(), 1, "it goes on where it was");
    assert_eq!((seen[0].since, seen[0].ended), (at(0), None));
}

#[test]
fn a_visit_that_was_moved_leaves_no_limit_behind() {
    let mut events = life();
    events.pop();
    let moved = data(E::AppointmentRescheduled, "", 3);
    events.push(event(
        "m",
        E::AppointmentRescheduled,
        Recipient,
        10 * DAY_MS,
        moved,
    ));
    let said = run(&events, LimitName::VisitSaid);
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].since, "2026-04-04T10:00:00Z".parse().unwrap());
}

proptest! {
    #[test]
    fn what_still_runs_is_what_runs_on_the_referral(life in any_life()) {
        let mut events = vec![sent()];
        events.extend(life);
        let referral = fold(&events).unwrap().referral;
        let runs = of(&events);
        let open: Vec<_> = runs.iter().filter(|run| run.ended.is_none()).collect();
        let clocks = clocks(&referral, &Policy::default());
        prop_assert_eq!(open.len(), clocks.running.len() + clocks.stopped.len());
        for deadline in &clocks.running {
            prop_assert!(open.iter().any(|run| run.limit == deadline.limit
                && run.since == deadline.since && run.due_at == Some(deadline.due_at)));
        }
        for run in &runs {
            prop_assert!(run.ended.is_none_or(|(at, _)| at >= run.since));
        }
    }
}
