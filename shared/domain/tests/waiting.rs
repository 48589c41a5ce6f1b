//! The wait of a referral: what the system says of it and when, what is to be done, and what a verdict rests on.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that fails says where"
)]

mod lives;

use domain::attention::{Attention, Surroundings, attention};
use domain::chase;
use domain::event::Event;
use domain::fold::{Fate, fold};
use domain::kind::EventKind;
use domain::limits::{LimitName, clocks, deadlines};
use domain::payload::Payload;
use domain::policy::{Policy, SetBy};
use domain::referral::Referral;
use domain::status::Side;
use domain::tasks::{Task, TaskKind, tasks};
use lives::any::any_life;
use lives::shelf::{Received, Shelf};
use proptest::prelude::*;
use serde_json::{Value, json};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

fn policy(members: Value) -> Policy {
    serde_json::from_value(members).unwrap()
}

/// Every limit far away but this one, which is so long.
fn only(limit: &str, allowed: &str) -> Policy {
    let mut limits = serde_json::Map::new();
    for name in LimitName::CODES {
        let allowed = if *name == limit { allowed } else { "1000d" };
        let row = json!({"stat": allowed, "asap": allowed, "urgent": allowed, "routine": allowed});
        limits.insert((*name).to_owned(), row);
    }
    policy(json!({ "limits": limits }))
}

/// What the system said, shortly.
fn said(payloads: &[Payload]) -> Vec<String> {
    let word = |payload: &Payload| match payload {
        Payload::Overdue(it) => format!("overdue {}", it.limit.as_str()),
        Payload::Escalated(it) => format!("level {} of {}", it.level, it.limit.as_str()),
        Payload::Reminder(it) => format!("{} h before", it.before_hours),
        Payload::Expired(it) => format!("expired {}", it.event),
        Payload::Unreachable(_) => "unreachable".to_owned(),
        other => panic!("the system says no {other:?}"),
    };
    payloads.iter().map(word).collect()
}

#[track_caller]
fn add(shelf: &mut Shelf, at: i64, side: Side, kind: EventKind, data: Value) -> String {
    let id = format!("e-{}", shelf.events.len());
    let received = shelf.receive(&lives::event(&id, kind, side, at, data));
    assert_eq!(received, Received::Stored, "{kind:?}");
    id
}

fn accepted() -> Shelf {
    let mut shelf = Shelf::new();
    let kind = EventKind::ReferralAccepted;
    add(&mut shelf, MINUTE, Side::Recipient, kind, json!({}));
    shelf
}

/// Accepted, and booked at `booked` for `start`.
fn booked(booked: i64, start: i64) -> Shelf {
    let mut shelf = accepted();
    let kind = EventKind::AppointmentScheduled;
    let data = json!({"start": lives::at(start)});
    add(&mut shelf, booked, Side::Recipient, kind, data);
    shelf
}

fn call(shelf: &mut Shelf, at: i64, side: Side, outcome: &str) -> String {
    let data = json!({"channel": "phone", "outcome": outcome});
    add(shelf, at, side, EventKind::PatientContacted, data)
}

/// Looks whenever it is time to, until `until`, and gives back what was said and when.
fn live(shelf: &mut Shelf, policy: &Policy, until: i64) -> Vec<(i64, String)> {
    let mut log = Vec::new();
    let mut now = lives::at(0);
    for _ in 0..1_000 {
        for word in said(&shelf.look(policy, now)) {
            log.push((now.as_millisecond() - lives::START_MS, word));
        }
        let running = deadlines(&shelf.referral, policy);
        let Some(next) = chase::next_look(&shelf.referral, policy, &running, now) else {
            return log;
        };
        assert!(next > now, "what was said is due again");
        if next > lives::at(until) {
            return log;
        }
        now = next;
    }
    panic!("it never ends");
}

fn at_risk(referral: &Referral, policy: &Policy, now: i64) -> bool {
    let running = deadlines(referral, policy);
    let around = Surroundings::default();
    attention(referral, &running, policy, around, lives::at(now)).contains(&Attention::AtRisk)
}

fn to_do(referral: &Referral, policy: &Policy, now: i64) -> Vec<Task> {
    let running = deadlines(referral, policy);
    tasks(referral, policy, &running, lives::at(now))
}

#[track_caller]
fn check_tasks(shelf: &Shelf, now: i64, want: &[(TaskKind, &str, i64)]) {
    let got: Vec<_> = to_do(&shelf.referral, &only("closed", "1000d"), now)
        .into_iter()
        .map(|task| {
            let due_at = task.due_at.as_millisecond() - lives::START_MS;
            (task.kind, task.owner, due_at)
        })
        .collect();
    let want: Vec<_> = want
        .iter()
        .map(|(kind, owner, due_at)| (*kind, (*owner).to_owned(), *due_at))
        .collect();
    assert_eq!(got, want);
}

#[test]
fn a_breach_is_told_when_the_limit_passes_and_to_the_next_level_when_it_stays() {
    let policy = only("decided", "3d");
    let log = live(&mut Shelf::new(), &policy, 30 * DAY);
    // From Monday 9:00: three days, then five business days.
    let want = [
        (3 * DAY, "overdue decided"),
        (10 * DAY, "level 2 of decided"),
    ];
    assert_eq!(log, want.map(|(at, word)| (at, word.to_owned())));
}

#[test]
fn a_network_may_have_more_levels_or_none() {
    let row = |time: &str| json!({"stat": time, "asap": time, "urgent": time, "routine": time});
    let mut several = only("decided", "3d");
    let levels = json!([
        {"after": row("1h"), "tell": "both"},
        {"after": row("1d"), "tell": "network"}
    ]);
    several.escalation = Some(serde_json::from_value(levels).unwrap());
    several.escalate_to = Some("office".to_owned());
    let mut shelf = Shelf::new();
    let log = live(&mut shelf, &several, 30 * DAY);
    let want = [
        (3 * DAY, "overdue decided"),
        (3 * DAY + HOUR, "level 2 of decided"),
        (4 * DAY, "level 3 of decided"),
    ];
    assert_eq!(log, want.map(|(at, word)| (at, word.to_owned())));
    let to: Vec<_> = shelf
        .events
        .iter()
        .filter_map(|event| match event.data.as_ref() {
            Payload::Escalated(it) => Some((it.tell.as_str(), it.to.as_deref())),
            _ => None,
        })
        .collect();
    assert_eq!(to, [("both", None), ("network", Some("office"))]);
    let mut none = only("decided", "3d");
    none.escalation = Some(Vec::new());
    let log = live(&mut Shelf::new(), &none, 30 * DAY);
    assert_eq!(log, [(3 * DAY, "overdue decided".to_owned())]);
}

#[test]
fn what_is_done_in_time_is_not_escalated() {
    let policy = only("decided", "3d");
    let mut shelf = Shelf::new();
    let look = shelf.look(&policy, lives::at(4 * DAY));
    assert_eq!(said(&look), ["overdue decided"]);
    let kind = EventKind::ReferralAccepted;
    add(&mut shelf, 5 * DAY, Side::Recipient, kind, json!({}));
    assert_eq!(shelf.look(&policy, lives::at(30 * DAY)), vec![]);
}

#[test]
fn of_the_reminders_before_a_visit_the_last_whose_time_has_come_is_given() {
    let policy = only("closed", "1000d");
    let visit = |start: i64| booked(2 * MINUTE, start);
    let cases: [(i64, &[(i64, &str)]); 3] = [
        // Booked early: each at its time.
        (
            10 * DAY,
            &[(7 * DAY, "72 h before"), (9 * DAY, "24 h before")],
        ),
        // Booked for two days from now: the first at once.
        (2 * DAY, &[(0, "72 h before"), (DAY, "24 h before")]),
        // Booked for today: the second at once, and the first never.
        (5 * HOUR, &[(0, "24 h before")]),
    ];
    for (start, want) in cases {
        let log = live(&mut visit(start), &policy, start + 3 * HOUR);
        let want: Vec<_> = want
            .iter()
            .map(|(at, word)| (*at, (*word).to_owned()))
            .collect();
        assert_eq!(log, want);
    }
    // Nobody looked in time.
    let late = visit(5 * HOUR).look(&policy, lives::at(5 * HOUR));
    assert_eq!(late, vec![]);
    // A visit whose beginning nobody knows.
    let mut unknown = accepted();
    let kind = EventKind::AppointmentScheduled;
    add(&mut unknown, 2 * MINUTE, Side::Recipient, kind, json!({}));
    assert_eq!(unknown.look(&policy, lives::at(DAY)), vec![]);
}

#[test]
fn a_visit_that_is_moved_has_its_own_reminders() {
    let policy = policy(json!({"reminders": [24]}));
    let mut shelf = booked(2 * MINUTE, DAY);
    let look = shelf.look(&policy, lives::at(3 * MINUTE));
    assert_eq!(said(&look), ["24 h before"]);
    let moved = |to: i64| json!({"start": lives::at(to)});
    let kind = EventKind::AppointmentRescheduled;
    add(&mut shelf, HOUR, Side::Recipient, kind, moved(3 * DAY));
    assert_eq!(shelf.look(&policy, lives::at(2 * HOUR)), vec![]);
    let look = shelf.look(&policy, lives::at(2 * DAY));
    assert_eq!(said(&look), ["24 h before"]);
    // Back to the first date, of which the patient was reminded.
    let kind = EventKind::AppointmentRescheduled;
    add(
        &mut shelf,
        2 * DAY + HOUR,
        Side::Recipient,
        kind,
        moved(DAY),
    );
    assert_eq!(shelf.look(&policy, lives::at(2 * DAY + 2 * HOUR)), vec![]);
}

#[test]
fn a_parked_event_expires_and_never_counts_whatever_comes_later() {
    let policy = only("closed", "1000d");
    let mut shelf = Shelf::new();
    let kind = EventKind::AppointmentScheduled;
    let data = json!({"start": lives::at(3 * DAY)});
    let early = add(&mut shelf, 2 * HOUR, Side::Recipient, kind, data);
    assert_eq!(shelf.referral.parked.len(), 1);
    let wait = 2 * HOUR + 30 * DAY;
    assert_eq!(shelf.look(&policy, lives::at(wait - 1)), vec![]);
    let look = shelf.look(&policy, lives::at(wait));
    assert_eq!(said(&look), [format!("expired {early}")]);
    assert!(shelf.referral.parked.is_empty());
    // The acceptance that it waited for comes after all.
    let kind = EventKind::ReferralAccepted;
    add(&mut shelf, HOUR, Side::Recipient, kind, json!({}));
    assert_eq!(shelf.referral.visit_start(), None);
    let mut events = shelf.events.clone();
    events.reverse();
    let folded = fold(&events).unwrap();
    assert_eq!(folded.fate(&early), Some(Fate::Expired));
    assert_eq!(folded.referral, shelf.referral);
}

#[test]
fn a_report_never_expires() {
    let policy = policy(json!({"parked_days": 1}));
    let mut shelf = Shelf::new();
    let kind = EventKind::ReferralOutcome;
    let data = json!({"summary": "s", "visit_on": "2026-03-02"});
    let report = add(&mut shelf, HOUR, Side::Recipient, kind, data);
    let look = shelf.look(&policy, lives::at(400 * DAY));
    assert!(said(&look).iter().all(|word| !word.contains("expired")));
    assert_eq!(shelf.referral.report_waiting().unwrap().id, report);
    // Nor when somebody says so.
    let expired = Event::by_system(
        "x".to_owned(),
        chase::Due {
            kind: EventKind::EventExpired,
            data: Payload::read(EventKind::EventExpired, json!({"event": report})).unwrap(),
        },
        lives::at(500 * DAY),
        lives::at(500 * DAY),
        "sweep",
    );
    shelf.referral.step(&expired, None).unwrap();
    shelf.events.push(expired);
    assert_eq!(shelf.referral.parked.len(), 1);
    assert_eq!(fold(&shelf.events).unwrap().referral, shelf.referral);
}

#[test]
fn a_retraction_whose_event_never_came_expires_and_takes_nothing_back() {
    let policy = only("closed", "1000d");
    let mut shelf = Shelf::new();
    let kind = EventKind::EventRetracted;
    let data = json!({"event": "late", "reason": "slip"});
    add(&mut shelf, HOUR, Side::Recipient, kind, data);
    assert_eq!(shelf.referral.awaited_retractions, ["late"]);
    shelf.look(&policy, lives::at(40 * DAY));
    assert!(shelf.referral.awaited_retractions.is_empty());
    let kind = EventKind::ReferralAccepted;
    let late = lives::event("late", kind, Side::Recipient, 41 * DAY, json!({}));
    assert_eq!(shelf.receive(&late), Received::Stored);
    let folded = fold(&shelf.events).unwrap();
    assert_eq!(folded.fate("late"), Some(Fate::Applied));
    assert_eq!(folded.referral, shelf.referral);
}

#[test]
fn after_so_many_failed_attempts_in_a_row_the_patient_is_unreachable() {
    let policy = only("closed", "1000d");
    let mut shelf = accepted();
    for hour in 1..=2 {
        call(&mut shelf, hour * HOUR, Side::Recipient, "no-answer");
        assert_eq!(chase::at_once(&shelf.referral, &policy), None);
    }
    call(&mut shelf, 3 * HOUR, Side::Recipient, "wrong-number");
    assert!(chase::at_once(&shelf.referral, &policy).is_some());
    let look = shelf.look(&policy, lives::at(4 * HOUR));
    assert_eq!(said(&look), ["unreachable"]);
    assert!(shelf.referral.unreachable);
    assert_eq!(shelf.referral.turn, Some(Side::Referrer));
    assert_eq!(chase::at_once(&shelf.referral, &policy), None);
    check_tasks(
        &shelf,
        5 * HOUR,
        &[(TaskKind::FindPatient, "referrer", 4 * HOUR + DAY)],
    );
    // That somebody spoke with the patient between the attempts is told late: they were not so many in a row.
    call(&mut shelf, 2 * HOUR + MINUTE, Side::Referrer, "reached");
    assert!(!shelf.referral.unreachable);
    assert_eq!(shelf.referral.failed_contacts, 1);
    assert_eq!(shelf.referral.turn, Some(Side::Recipient));
    assert!(shelf.referral.parked.is_empty());
}

#[test]
fn of_the_attempts_to_reach_the_patient_the_newest_are_kept() {
    let mut shelf = accepted();
    for hour in 1..=25 {
        call(&mut shelf, hour * HOUR, Side::Recipient, "no-answer");
    }
    let contacts = &shelf.referral.contacts;
    assert_eq!(contacts.len(), domain::referral::CONTACTS_MAX);
    assert_eq!(contacts.last().unwrap().at, lives::at(25 * HOUR));
    assert_eq!(shelf.referral.failed_contacts, 25);
}

#[test]
fn the_patient_is_asked_once_half_of_the_stage_is_used_unless_somebody_has() {
    let policy = only("scheduled", "10d");
    let mut shelf = accepted();
    let half = MINUTE + 5 * DAY;
    assert_eq!(to_do(&shelf.referral, &policy, half - 1), vec![]);
    let asked = to_do(&shelf.referral, &policy, half);
    let [task] = &asked[..] else {
        panic!("{asked:?}")
    };
    assert_eq!(
        (task.kind, task.owner.as_str()),
        (TaskKind::CheckIn, "recipient")
    );
    assert_eq!(
        (task.due_at, task.because),
        (lives::at(half), Some("scheduled"))
    );
    let later = to_do(&shelf.referral, &policy, half + DAY);
    assert_eq!(later[0].id, task.id);
    call(&mut shelf, half + HOUR, Side::Recipient, "reached");
    assert_eq!(to_do(&shelf.referral, &policy, half + DAY), vec![]);
}

#[test]
fn before_a_visit_that_is_far_away_the_patient_is_asked_half_way() {
    let long = booked(2 * MINUTE, 2 * MINUTE + 20 * DAY);
    check_tasks(&long, 10 * DAY, &[]);
    let half = 2 * MINUTE + 10 * DAY;
    check_tasks(&long, half, &[(TaskKind::CheckIn, "recipient", half)]);
    check_tasks(&long, 21 * DAY, &[]);
    let short = booked(2 * MINUTE, 2 * MINUTE + 7 * DAY);
    check_tasks(&short, 6 * DAY, &[]);
}

#[test]
fn what_is_to_be_done_follows_from_what_was_said() {
    let outcomes = [
        ("no-answer", TaskKind::TryAgain, "recipient", HOUR + DAY),
        ("resolved", TaskKind::ConfirmEnd, "referrer", HOUR + DAY),
        ("disagrees", TaskKind::ConfirmEnd, "referrer", HOUR + DAY),
        ("worse", TaskKind::RaiseUrgency, "referrer", HOUR),
    ];
    for (outcome, kind, owner, due_at) in outcomes {
        let mut shelf = accepted();
        call(&mut shelf, HOUR, Side::Recipient, outcome);
        check_tasks(&shelf, 2 * HOUR, &[(kind, owner, due_at)]);
        // It ends nothing.
        assert!(!shelf.referral.status().is_ended(), "{outcome}");
        call(&mut shelf, 3 * HOUR, Side::Referrer, "reached");
        check_tasks(&shelf, 4 * HOUR, &[]);
    }
    let mut worse = accepted();
    call(&mut worse, HOUR, Side::Recipient, "worse");
    let data = json!({"urgency": "urgent", "reason": "worse"});
    let kind = EventKind::ReferralUrgencyChanged;
    add(&mut worse, 2 * HOUR, Side::Referrer, kind, data);
    check_tasks(&worse, 3 * HOUR, &[]);
}

/// An urgent referral that went through without a required item.
fn without_its_bnp() -> Shelf {
    let mut sent = lives::sent();
    let mut data = serde_json::to_value(sent.data.as_ref()).unwrap();
    data["request"]["urgency"] = json!("urgent");
    data["request"]["overrides"] = json!([]);
    sent.data = Payload::read(sent.kind, data).unwrap().into();
    Shelf::of(sent)
}

#[test]
fn what_a_referral_went_through_without_is_due_until_it_comes_or_the_patient_is_seen() {
    let owed = |shelf: &Shelf| -> Vec<Vec<String>> {
        let tasks = to_do(&shelf.referral, &Policy::default(), HOUR);
        tasks.into_iter().map(|task| task.requirements).collect()
    };
    let is_due = |shelf: &Shelf| {
        deadlines(&shelf.referral, &Policy::default())
            .iter()
            .any(|deadline| deadline.limit == LimitName::InfoSupplied)
    };
    let shelf = without_its_bnp();
    assert_eq!(owed(&shelf), [["bnp"]]);
    assert!(is_due(&shelf));
    let mut passed = without_its_bnp();
    let said = live(&mut passed, &only("info-supplied", "1h"), 2 * HOUR);
    assert_eq!(said, [(HOUR, "overdue info-supplied".to_owned())]);
    let bnp = json!([{"kind": "lab", "display": "BNP", "date": "2026-03-01"}]);
    for (side, kind, data) in [
        (
            Side::Referrer,
            EventKind::ReferralInfoSupplied,
            json!({"supporting": bnp}),
        ),
        (
            Side::Recipient,
            EventKind::ReferralDeclined,
            json!({"reason": "capacity"}),
        ),
    ] {
        let mut shelf = without_its_bnp();
        add(&mut shelf, MINUTE, side, kind, data);
        assert_eq!(owed(&shelf), [[""; 0]; 0], "{kind:?}");
        assert!(!is_due(&shelf), "{kind:?}");
    }
    let mut seen = without_its_bnp();
    add(
        &mut seen,
        MINUTE,
        Side::Recipient,
        EventKind::ReferralAccepted,
        json!({}),
    );
    assert_eq!(owed(&seen), [["bnp"]]);
    let kind = EventKind::ReferralInterimNote;
    add(
        &mut seen,
        2 * MINUTE,
        Side::Recipient,
        kind,
        json!({"note": "Seen."}),
    );
    assert!(!is_due(&seen));
}

#[test]
fn barriers_questions_and_unconfirmed_visits_are_tasks() {
    let mut shelf = booked(2 * MINUTE, 2 * DAY);
    let kind = EventKind::BarrierRaised;
    let data = json!({"kind": "transport", "owner": "volunteers", "due_at": lives::at(DAY)});
    let barrier = add(&mut shelf, HOUR, Side::Referrer, kind, data);
    let kind = EventKind::ReferralInfoRequested;
    let data = json!({"question": "BNP?", "requirements": ["bnp"]});
    add(&mut shelf, HOUR, Side::Recipient, kind, data);
    shelf.look(&only("closed", "1000d"), lives::at(2 * HOUR));
    check_tasks(
        &shelf,
        3 * HOUR,
        &[
            (TaskKind::Barrier, "volunteers", DAY),
            (TaskKind::ConfirmVisit, "recipient", 2 * DAY),
            (TaskKind::SupplyInformation, "referrer", HOUR + 1000 * DAY),
        ],
    );
    let supply = to_do(&shelf.referral, &Policy::default(), 3 * HOUR)
        .into_iter()
        .find(|task| task.kind == TaskKind::SupplyInformation);
    assert_eq!(supply.unwrap().requirements, ["bnp"]);
    for (kind, data) in [
        (EventKind::BarrierResolved, json!({ "barrier": barrier })),
        (EventKind::AppointmentConfirmed, json!({})),
        (EventKind::ReferralInfoSupplied, json!({"note": "n"})),
    ] {
        add(&mut shelf, 4 * HOUR, Side::Referrer, kind, data);
    }
    check_tasks(&shelf, 5 * HOUR, &[]);
}

#[test]
fn a_stage_is_at_risk_when_most_of_its_limit_is_used_until_somebody_says_that_it_is_known() {
    let policy = only("scheduled", "10d");
    let mut shelf = accepted();
    let most = MINUTE + 15 * DAY / 2;
    for (now, want) in [
        (most - 1, false),
        (most, true),
        (MINUTE + 10 * DAY - 1, true),
        (MINUTE + 10 * DAY, false),
    ] {
        assert_eq!(at_risk(&shelf.referral, &policy, now), want, "{now}");
    }
    let dismiss = |shelf: &mut Shelf, at: i64| {
        let data = json!({"what": "at-risk", "reason": "a slot was promised"});
        add(
            shelf,
            at,
            Side::Referrer,
            EventKind::AttentionDismissed,
            data,
        );
    };
    dismiss(&mut shelf, most + HOUR);
    assert!(!at_risk(&shelf.referral, &policy, most + DAY));
    // In the next stage it counts again.
    call(&mut shelf, most + DAY, Side::Recipient, "worse");
    assert!(!at_risk(&shelf.referral, &policy, most + DAY));
    let kind = EventKind::AppointmentScheduled;
    let data = json!({"start": lives::at(20 * DAY)});
    add(&mut shelf, most + DAY + HOUR, Side::Recipient, kind, data);
    assert!(at_risk(&shelf.referral, &policy, most + 2 * DAY));
    dismiss(&mut shelf, most + 2 * DAY);
    assert!(!at_risk(&shelf.referral, &policy, most + 2 * DAY));
}

#[test]
fn a_barrier_past_its_date_is_a_risk() {
    let policy = only("closed", "1000d");
    let mut shelf = accepted();
    let kind = EventKind::BarrierRaised;
    let data = json!({"kind": "insurance", "owner": "o", "due_at": lives::at(DAY)});
    add(&mut shelf, HOUR, Side::Recipient, kind, data);
    let running = deadlines(&shelf.referral, &policy);
    let now = lives::at(2 * HOUR);
    let look = chase::next_look(&shelf.referral, &policy, &running, now);
    assert_eq!(look, Some(lives::at(DAY)));
    assert!(!at_risk(&shelf.referral, &policy, DAY - 1));
    assert!(at_risk(&shelf.referral, &policy, DAY));
}

#[test]
fn a_services_limit_wins_over_the_networks_and_that_over_the_default() {
    let row = |time: &str| json!({"stat": time, "asap": time, "urgent": time, "routine": time});
    let mut policy = policy(json!({"limits": {"seen": row("20d"), "decided": row("2d")}}));
    policy.service = serde_json::from_value(json!({"seen": row("14d")})).unwrap();
    let shelf = Shelf::new();
    let running = deadlines(&shelf.referral, &policy);
    let got = |limit: LimitName| {
        let deadline = running.iter().find(|it| it.limit == limit).unwrap();
        let due_at = deadline.due_at.as_millisecond() - lives::START_MS;
        (due_at, deadline.terms.set_by)
    };
    assert_eq!(got(LimitName::Seen), (14 * DAY, SetBy::Service));
    assert_eq!(got(LimitName::Decided), (2 * DAY, SetBy::Network));
    assert_eq!(got(LimitName::Closed), (90 * DAY, SetBy::Default));
}

#[test]
fn a_clock_that_stands_still_shows_and_is_not_due() {
    let policy = only("scheduled", "10d");
    let mut shelf = accepted();
    let kind = EventKind::ReferralInfoRequested;
    let data = json!({"question": "Which dose?"});
    add(&mut shelf, DAY, Side::Recipient, kind, data);
    let clocks = clocks(&shelf.referral, &policy);
    let names = |limits: Vec<LimitName>| {
        let names: Vec<_> = limits.into_iter().map(LimitName::as_str).collect();
        names
    };
    let stopped = clocks.stopped.iter().map(|it| it.limit).collect();
    assert_eq!(names(stopped), ["scheduled"]);
    let running = clocks.running.iter().map(|it| it.limit).collect();
    assert_eq!(names(running), ["seen", "closed", "info-supplied"]);
    assert_eq!(shelf.look(&policy, lives::at(30 * DAY)), vec![]);
    let kind = EventKind::ReferralInfoSupplied;
    let data = json!({"note": "5 mg"});
    add(&mut shelf, 31 * DAY, Side::Referrer, kind, data);
    let running = deadlines(&shelf.referral, &policy);
    assert_eq!(running[0].due_at, lives::at(MINUTE + 40 * DAY));
}

#[test]
fn a_checklist_is_checked_again_when_the_recipient_accepts() {
    let met = |shelf: &Shelf| {
        let checks = shelf.referral.checks.iter();
        checks
            .map(|check| (check.id.clone(), check.met))
            .collect::<Vec<_>>()
    };
    let ecg = |met: bool| vec![("ecg".to_owned(), met), ("bnp".to_owned(), false)];
    let mut shelf = Shelf::new();
    assert_eq!(met(&shelf), ecg(true));
    // The ECG is of 28 February and may be 20 days old.
    let kind = EventKind::ReferralAccepted;
    add(&mut shelf, 18 * DAY, Side::Recipient, kind, json!({}));
    assert_eq!(met(&shelf), ecg(true));
    let mut shelf = Shelf::new();
    add(&mut shelf, 19 * DAY, Side::Recipient, kind, json!({}));
    assert_eq!(met(&shelf), ecg(false));
    assert_eq!(fold(&shelf.events).unwrap().referral, shelf.referral);
}

#[test]
fn on_an_overridden_requirement_the_recipient_insists_once() {
    let mut shelf = Shelf::new();
    assert!(shelf.referral.is_overridden("bnp"));
    let ask = |shelf: &mut Shelf, id: &str, at: i64, requirement: &str| {
        let data = json!({"question": "Please.", "requirements": [requirement]});
        let kind = EventKind::ReferralInfoRequested;
        shelf.receive(&lives::event(id, kind, Side::Recipient, at, data)) == Received::Stored
    };
    assert!(ask(&mut shelf, "a", HOUR, "bnp"));
    assert_eq!(shelf.referral.insisted, ["bnp"]);
    let kind = EventKind::ReferralInfoSupplied;
    let data = json!({"note": "It is not done here."});
    add(&mut shelf, 2 * HOUR, Side::Referrer, kind, data);
    assert!(!ask(&mut shelf, "b", 3 * HOUR, "bnp"));
    // What nobody overrode may be asked for again.
    assert!(ask(&mut shelf, "c", 4 * HOUR, "ecg"));
    assert!(ask(&mut shelf, "d", 5 * HOUR, "ecg"));
    assert_eq!(shelf.referral.insisted, ["bnp"]);
}

#[test]
fn a_decline_for_want_of_information_says_what_was_missing_and_a_dispute_keeps_both_texts() {
    let mut shelf = Shelf::new();
    let kind = EventKind::ReferralDeclined;
    let data = json!({"reason": "insufficient-information", "note": "No BNP."});
    add(&mut shelf, HOUR, Side::Recipient, kind, data);
    let kind = EventKind::ReferralDisputed;
    let data = json!({"reason": "It changes nothing."});
    add(&mut shelf, 2 * HOUR, Side::Referrer, kind, data);
    let [declined, insisted] = &shelf.referral.legs[..] else {
        panic!("two legs");
    };
    assert_eq!(declined.end_note.as_deref(), Some("No BNP."));
    assert_eq!(declined.missing[0], "bnp");
    assert!(declined.missing.iter().any(|item| item == "who-calls"));
    let reason = insisted.dispute_reason.as_deref();
    assert_eq!(reason, Some("It changes nothing."));
}

#[test]
fn a_report_is_acknowledged_with_whether_the_care_plan_changes() {
    let mut shelf = accepted();
    let kind = EventKind::ReferralOutcome;
    let steps = json!(["rest", {"what": "beta blocker", "who": "Dr Ada"}, {"what": "ECG"}]);
    let data = json!({"summary": "s", "visit_on": "2026-03-02", "next_steps": steps});
    add(&mut shelf, HOUR, Side::Recipient, kind, data);
    assert_eq!(shelf.referral.newest_report().unwrap().steps_unassigned, 2);
    let kind = EventKind::ReferralAcknowledged;
    let bare = json!({"resolution": "managed-here"});
    let bare = lives::event("bare", kind, Side::Referrer, 2 * HOUR, bare);
    assert!(matches!(shelf.receive(&bare), Received::Refused(_)));
    let whole = json!({"care_plan_changed": false});
    add(&mut shelf, 2 * HOUR, Side::Referrer, kind, whole);
}

#[test]
fn a_row_of_before_can_be_read() {
    let shelf = booked(2 * MINUTE, DAY);
    let mut row = serde_json::to_value(&shelf.referral).unwrap();
    let members = row.as_object_mut().unwrap();
    for new in [
        "contacts",
        "reached_at",
        "escalations",
        "reminders",
        "insisted",
        "risk_dismissed_at",
        "unreachable_since",
    ] {
        members.remove(new);
    }
    let read: Referral = serde_json::from_value(row).unwrap();
    assert_eq!(read, shelf.referral);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn each_is_said_once_and_at_its_time(life in any_life()) {
        let mut shelf = Shelf::new();
        for event in &life {
            shelf.receive(event);
        }
        let log = live(&mut shelf, &Policy::default(), 200 * DAY);
        let said: std::collections::HashSet<_> = shelf
            .events
            .iter()
            .filter(|event| event.by.side.is_none())
            .map(|event| format!("{:?}", event.data))
            .collect();
        prop_assert_eq!(said.len(), log.len());
        // Whoever looks late finds the same limits passed.
        let mut late = Shelf::new();
        for event in &life {
            late.receive(event);
        }
        late.look(&Policy::default(), lives::at(200 * DAY));
        prop_assert_eq!(late.referral.breaches.len(), shelf.referral.breaches.len());
    }
}
