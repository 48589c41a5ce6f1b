//! The tables in the source are the published ones: every row of BSeR's, every own row, every answer outside them.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that fails says where"
)]

use domain::kind::EventKind;
use domain::status::{BusinessStatus, Side, Status, TaskStatus};
use domain::transitions::{self, Actor, Next, Off, Row};

const BSER: &str = include_str!("data/bser-transitions.csv");
const OWN: &str = include_str!("data/own-transitions.csv");
const OFF_TABLE: &str = include_str!("data/off-table.csv");

fn cells(csv: &str) -> impl Iterator<Item = Vec<&str>> {
    // The free text of the last column may hold commas; no test reads beyond the columns before it.
    csv.lines()
        .skip(1)
        .map(|line| line.trim_end().splitn(12, ',').collect())
}

fn trigger(name: &str) -> EventKind {
    match name {
        "Send Referral Package" => EventKind::ReferralSent,
        "Send Acceptance" => EventKind::ReferralAccepted,
        "Send Decline" => EventKind::ReferralDeclined,
        "Send Cancelation Request" => EventKind::ReferralCancellationRequested,
        "Send Schedule Visit Information" => EventKind::AppointmentScheduled,
        "Send rescheduled visit information" => EventKind::AppointmentRescheduled,
        "Send Interim Consultation Note" => EventKind::ReferralInterimNote,
        "Send Referral Outcome" => EventKind::ReferralOutcome,
        "Send No Show Information" => EventKind::AppointmentNoShow,
        "Send appointment cancel" => EventKind::AppointmentCancelled,
        "Send Cancelation Confirmation" => EventKind::ReferralCancellationConfirmed,
        other => panic!("an unknown trigger: {other}"),
    }
}

fn actor(name: &str) -> Actor {
    match name {
        "initiator" | "referrer" => Actor::Referrer,
        "recipient" => Actor::Recipient,
        "either" => Actor::Either,
        other => panic!("an unknown actor: {other}"),
    }
}

/// The status that stands for a business status; 5.1 is the coarse form of several.
fn status_of(business: &str) -> Option<Status> {
    Some(match business {
        "2.0" => Status::Sent,
        "3.0" => Status::Accepted,
        "4.0" => Status::Declined,
        "5.1.1" => Status::Scheduled,
        "5.1.2" => Status::NoShow,
        "5.1.3" => Status::AppointmentCancelled,
        "5.1.4" => Status::Seen,
        "5.2" => Status::CancellationRequested,
        "6.0" => Status::Cancelled,
        "7.0" => Status::Completed,
        _ => return None,
    })
}

fn row(tid: u8) -> &'static Row {
    transitions::rows()
        .find(|row| row.tid == Some(tid))
        .unwrap()
}

#[test]
fn every_published_transition_is_a_row() {
    let mut rows = 0;
    for cells in cells(BSER) {
        let [tid, by, event, _, from, task, business] = cells[..] else {
            panic!("seven cells");
        };
        let row = row(tid.parse().unwrap());
        assert_eq!(row.by, actor(by), "{tid}");
        assert_eq!(row.event, trigger(event), "{tid}");
        assert_eq!(row.task, TaskStatus::parse(task).unwrap(), "{tid}");
        assert_eq!(row.business, BusinessStatus::parse(business), "{tid}");
        if !from.is_empty() && from != "5.1" {
            assert_eq!(row.from, status_of(from), "{tid}");
        }
        if business != "5.1" {
            assert_eq!(Some(row.to), status_of(business), "{tid}");
        }
        assert_eq!(row.is_coarse(), from == "5.1" || business == "5.1", "{tid}");
        rows += 1;
    }
    assert_eq!(rows, 34);
}

#[test]
fn every_own_transition_is_a_row() {
    let mut rows = 0;
    for cells in cells(OWN) {
        let [event, by, from, to, business, task, turn, ..] = cells[..] else {
            panic!("eight cells");
        };
        let row = transitions::rows()
            .find(|row| {
                row.tid.is_none()
                    && row.event.as_str() == event
                    && row.by == actor(by)
                    && row.from.map(Status::as_str) == Some(from)
            })
            .unwrap_or_else(|| panic!("no row for {event} by {by} from {from}"));
        assert_eq!(row.to.as_str(), to);
        assert_eq!(row.business.map_or("=", BusinessStatus::as_str), business);
        assert_eq!(row.task.as_str(), task);
        let next = match row.turn {
            Next::Referrer => "referrer",
            Next::Recipient => "recipient",
            Next::Nobody => "none",
            Next::Same => "=",
        };
        assert_eq!(next, turn, "{event} from {from}");
        rows += 1;
    }
    assert_eq!(
        rows,
        transitions::rows().filter(|row| row.tid.is_none()).count()
    );
}

#[test]
fn every_answer_outside_the_rows_is_the_published_one() {
    let mut rows = 0;
    for cells in cells(OFF_TABLE) {
        let [event, side, status, verdict, ..] = cells[..] else {
            panic!("five cells");
        };
        let (event, side, status) = (
            EventKind::parse(event).unwrap(),
            Side::parse(side).unwrap(),
            Status::parse(status).unwrap(),
        );
        assert_eq!(
            transitions::find(event, side, status),
            None,
            "{event:?} {status:?}"
        );
        let answer = match transitions::off_table(event, side, status) {
            Off::Parked | Off::ReportParked | Off::ParkedWhileInsisting => "parked",
            Off::Never(_) => "409",
        };
        assert_eq!(answer, verdict, "{event:?} by {side:?} in {status:?}");
        rows += 1;
    }
    assert_eq!(rows, transitions::off_table_rows().count());
}

#[test]
fn every_pair_of_event_and_status_has_one_answer_for_each_side_that_may_send_it() {
    for kind in EventKind::ALL {
        let no_rows = [EventKind::EventRetracted, EventKind::AttentionDismissed];
        if !kind.is_sent_by_callers() || no_rows.contains(kind) {
            continue;
        }
        for side in Side::ALL {
            let in_rows = |status: &Status| {
                transitions::rows()
                    .filter(|row| {
                        row.event == *kind
                            && row.from == Some(*status)
                            && row.by.is(*side)
                            && !row.is_coarse()
                    })
                    .count()
            };
            let off_rows = |status: &Status| {
                transitions::off_table_rows()
                    .filter(|row| row.event == *kind && row.side == *side && row.status == *status)
                    .count()
            };
            let sends = Status::ALL.iter().any(|status| in_rows(status) > 0);
            for status in Status::ALL.iter().filter(|_| sends) {
                assert_eq!(
                    in_rows(status) + off_rows(status),
                    1,
                    "{kind:?} by {side:?} in {status:?}"
                );
            }
        }
    }
}
