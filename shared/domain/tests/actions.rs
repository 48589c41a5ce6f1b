//! What a person is offered: in every status for each side, in the order in which it is needed, and never what is refused.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that fails says where"
)]

mod lives;

use domain::actions::{Action, Place, Speaker, actions, example, retractable};
use domain::attention::Attention;
use domain::decide::{Known, decide};
use domain::event::{Author, Event};
use domain::fold::{Fate, fold};
use domain::guards::judge;
use domain::kind::EventKind;
use domain::referral::Referral;
use domain::status::{Side, Status};
use lives::any::any_life;
use lives::{at, data, event, sent};
use proptest::prelude::*;

/// The shortest way from the request to a status.
fn way_to(status: Status) -> Vec<(Side, EventKind)> {
    use EventKind as E;
    use Side::{Recipient, Referrer};
    let accepted = (Recipient, E::ReferralAccepted);
    let scheduled = (Recipient, E::AppointmentScheduled);
    let outcome = (Recipient, E::ReferralOutcome);
    let asked = (Referrer, E::ReferralCancellationRequested);
    match status {
        Status::Sent => vec![],
        Status::InfoRequested => vec![(Recipient, E::ReferralInfoRequested)],
        Status::Accepted => vec![accepted],
        Status::Scheduled => vec![accepted, scheduled],
        Status::NoShow => vec![accepted, scheduled, (Recipient, E::AppointmentNoShow)],
        Status::AppointmentCancelled => {
            vec![accepted, scheduled, (Recipient, E::AppointmentCancelled)]
        }
        Status::Seen => vec![accepted, (Recipient, E::ReferralInterimNote)],
        Status::CancellationRequested => vec![asked],
        Status::Cancelled => vec![asked, (Recipient, E::ReferralCancellationConfirmed)],
        Status::Declined => vec![(Recipient, E::ReferralDeclined)],
        Status::NotCompleted => vec![(Recipient, E::ReferralNotCompleted)],
        Status::Completed => vec![accepted, outcome],
        Status::Closed => vec![accepted, outcome, (Referrer, E::ReferralAcknowledged)],
        Status::EnteredInError => vec![(Referrer, E::ReferralEnteredInError)],
    }
}

fn life_to(status: Status) -> Vec<Event> {
    let mut events = vec![sent()];
    for (index, (side, kind)) in (1..).zip(way_to(status)) {
        let data = data(kind, &format!("e-{}", index - 1), 2);
        events.push(event(
            &format!("e-{index}"),
            kind,
            side,
            60_000 * index,
            data,
        ));
    }
    events
}

fn referral_in(status: Status) -> Referral {
    let referral = fold(&life_to(status)).unwrap().referral;
    assert_eq!(referral.status(), status);
    referral
}

fn speaker(referral: &Referral, side: Side) -> Speaker<'_> {
    Speaker {
        side,
        organization: match side {
            Side::Referrer => &referral.referrer,
            Side::Recipient => referral.recipient().unwrap_or("nobody"),
        },
        records: false,
    }
}

fn at_place(actions: &[Action], place: Place) -> Vec<&'static str> {
    actions
        .iter()
        .filter(|action| action.place == place)
        .map(|action| action.event.as_str())
        .collect()
}

#[track_caller]
fn check(status: Status, side: Side, next: &[&str], away: &[&str]) {
    let referral = referral_in(status);
    let found = actions(&referral, speaker(&referral, side), &[]);
    assert_eq!(at_place(&found, Place::Next), next, "{status:?} {side:?}");
    assert_eq!(at_place(&found, Place::Away), away, "{status:?} {side:?}");
}

#[test]
fn a_recipient_is_shown_what_comes_next_in_every_status() {
    use Status::*;
    let decide = [
        "referral.accepted",
        "referral.info_requested",
        "referral.declined",
    ];
    let away = ["referral.redirected", "referral.not_completed"];
    let leave = [
        "referral.declined",
        "referral.redirected",
        "referral.not_completed",
    ];
    let check = |status, next: &[&str], away: &[&str]| check(status, Side::Recipient, next, away);
    check(Sent, &decide, &away);
    check(InfoRequested, &decide, &away);
    let book = [
        "appointment.scheduled",
        "referral.interim_note",
        "referral.outcome",
        "referral.info_requested",
    ];
    check(Accepted, &book, &leave);
    let visit = [
        "referral.outcome",
        "referral.interim_note",
        "appointment.no_show",
        "appointment.rescheduled",
        "appointment.cancelled",
        "appointment.confirmed",
    ];
    check(Scheduled, &visit, &leave);
    check(
        NoShow,
        &["appointment.rescheduled", "appointment.cancelled"],
        &leave,
    );
    check(AppointmentCancelled, &["appointment.scheduled"], &away);
    let report = [
        "referral.outcome",
        "referral.interim_note",
        "appointment.scheduled",
    ];
    check(Seen, &report, &["referral.declined"]);
    let answer = [
        "referral.cancellation_confirmed",
        "referral.cancellation_refused",
        "referral.outcome",
    ];
    check(CancellationRequested, &answer, &["referral.not_completed"]);
    check(Completed, &["referral.outcome_amended"], &[]);
    check(Closed, &["referral.outcome_amended"], &[]);
    for ended in [Cancelled, Declined, NotCompleted, EnteredInError] {
        check(ended, &[], &[]);
    }
}

#[test]
fn a_referrer_is_shown_what_comes_next_in_every_status() {
    use Status::*;
    let wrong = "referral.entered_in_error";
    let leave = [
        "referral.cancellation_requested",
        "referral.redirected",
        "referral.not_completed",
        wrong,
    ];
    let check = |status, next: &[&str], away: &[&str]| check(status, Side::Referrer, next, away);
    check(Sent, &[], &leave);
    check(InfoRequested, &["referral.info_supplied"], &leave);
    check(Accepted, &[], &leave);
    let kept = [leave[0], leave[2], wrong];
    check(Scheduled, &["appointment.confirmed"], &kept);
    check(NoShow, &[], &leave);
    check(AppointmentCancelled, &[], &leave);
    check(Seen, &[], &kept);
    check(CancellationRequested, &[], &leave[1..]);
    let told = ["referral.acknowledged", "patient.informed"];
    check(Completed, &told, &[wrong]);
    check(Closed, &["patient.informed"], &[wrong]);
    let declined = [
        "referral.redirected",
        "referral.disputed",
        "referral.acknowledged",
        "patient.informed",
    ];
    check(Declined, &declined, &[wrong]);
    let ended = [
        "referral.acknowledged",
        "patient.informed",
        "referral.redirected",
    ];
    check(Cancelled, &ended, &[wrong]);
    check(NotCompleted, &ended, &[wrong]);
    check(EnteredInError, &[], &[]);
}

#[test]
fn an_acknowledgement_asks_for_what_becomes_of_the_need_only_where_there_is_no_report() {
    let required = |status| {
        let referral = referral_in(status);
        let found = actions(&referral, speaker(&referral, Side::Referrer), &[]);
        let action = found
            .iter()
            .find(|action| action.event == EventKind::ReferralAcknowledged)
            .unwrap();
        let required = action.asks.iter().filter(|asked| asked.required);
        required.map(|asked| asked.member).collect::<Vec<_>>()
    };
    assert_eq!(required(Status::Completed), ["care_plan_changed"]);
    assert_eq!(required(Status::Declined), ["resolution"]);
}

#[test]
fn what_is_on_the_attention_list_may_be_taken_off_it_and_nothing_else() {
    let referral = referral_in(Status::Sent);
    let offered = |attention: &[Attention]| {
        actions(&referral, speaker(&referral, Side::Referrer), attention)
            .iter()
            .any(|action| action.event == EventKind::AttentionDismissed)
    };
    assert!(offered(&[Attention::Overdue, Attention::AtRisk]));
    assert!(!offered(&[Attention::Overdue]));
}

#[test]
fn what_an_office_without_software_said_can_be_recorded_for_it() {
    let referral = referral_in(Status::Sent);
    let by_phone = Speaker {
        side: Side::Recipient,
        organization: "north",
        records: true,
    };
    let found = actions(&referral, by_phone, &[]);
    assert_eq!(
        at_place(&found, Place::Next),
        [
            "referral.accepted",
            "referral.info_requested",
            "referral.declined"
        ]
    );
    let unheard = Speaker {
        records: false,
        ..by_phone
    };
    assert_eq!(actions(&referral, unheard, &[]), []);
}

#[test]
fn a_slip_can_be_taken_back_by_who_made_it_while_nothing_rests_on_it() {
    let events = life_to(Status::Scheduled);
    let author = |side, organization: &str| Author {
        organization: Some(organization.to_owned()),
        side: Some(side),
        label: None,
    };
    let heart = author(Side::Recipient, "heart");
    assert_eq!(retractable(&events, &heart, at(900_000)), ["e-2"]);
    let north = author(Side::Referrer, "north");
    assert_eq!(retractable(&events, &north, at(900_000)), [""; 0]);
}

proptest! {
    /// Both ways, so that the list neither offers what is refused nor hides what is legal.
    #[test]
    fn what_is_offered_is_what_is_accepted(life in any_life()) {
        let mut events = vec![sent()];
        events.extend(life);
        let referral = fold(&events).unwrap().referral;
        let attention = [Attention::PossibleDuplicate];
        for side in Side::ALL.iter().copied() {
            let speaker = speaker(&referral, side);
            let offered = actions(&referral, speaker, &attention);
            for kind in EventKind::ALL.iter().copied() {
                let Some(mut event) = example(&referral, kind, speaker, &attention) else {
                    continue;
                };
                event.occurred_at = at(100_000_000);
                event.recorded_at = event.occurred_at;
                let is_offered = offered.iter().any(|action| action.event == kind);
                prop_assert!(!is_offered || judge(&referral, &event).is_ok());
                let decided = decide(Known::History(events.clone()), &event, true);
                let applied = decided.is_ok_and(|decision| decision.fate == Fate::Applied);
                prop_assert!(!is_offered || applied, "{kind:?} by {side:?} was offered");
                let without_use = [
                    EventKind::BarrierResolved,
                    EventKind::PatientUnreachable,
                    EventKind::PatientInformed,
                    EventKind::ReferralAcknowledged,
                ];
                prop_assert!(is_offered || !applied || without_use.contains(&kind), "{kind:?} by {side:?} was not offered");
            }
        }
    }
}
