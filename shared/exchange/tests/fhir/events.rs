//! An event, written into its Task and read back, is the same event with the same words.

use domain::kind::EventKind as E;
use domain::payload::*;
use domain::transitions::{Row, rows};
use formats::fhir::{OUR_REFERRAL, read_task};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use crate::referrals::{ID, at, event, task_after};
use crate::requests::{free, instant, supporting};

fn words() -> impl Strategy<Value = String> {
    "[A-Za-zß<&][A-Za-z0-9 ß.,/<&'\n-]{0,20}[a-z?]"
}

fn visit_on() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("2026-04-01".to_owned()),
        Just("2026-04-01T10:00:00Z".to_owned())
    ]
}

fn visit() -> impl Strategy<Value = Payload> {
    (
        of(instant()),
        of(1..10_000_000_i64),
        of(free()),
        of(select(MovedBy::ALL)),
    )
        .prop_map(|(start, end, location, by)| {
            let end = start
                .zip(end)
                .map(|(start, ms)| start.plus(domain::time::SignedDuration::from_millis(ms)));
            Payload::Visit(Visit {
                start,
                end,
                location,
                by,
            })
        })
}

fn next_step() -> impl Strategy<Value = NextStep> {
    prop_oneof![
        words().prop_map(NextStep::Text),
        (words(), of(words()), of(words())).prop_map(|(what, who, when)| NextStep::Assigned {
            what,
            who,
            when
        }),
    ]
}

fn document() -> impl Strategy<Value = Document> {
    prop_oneof![
        "doc-[a-z0-9]{26}".prop_map(Document::Stored),
        (
            words(),
            of("[a-z]{4,8}/[a-z]{3,8}"),
            "https://[a-z]{3,8}\\.org/[a-z]{1,9}"
        )
            .prop_map(|(title, media_type, url)| Document::Linked {
                title,
                media_type,
                url
            }),
    ]
}

fn outcome() -> impl Strategy<Value = Payload> {
    (
        of(visit_on()),
        any::<bool>(),
        of(words()),
        vec(next_step(), 0..3),
        vec(document(), 0..3),
        of(free()),
    )
        .prop_map(
            |(visit_on, advice, summary, next_steps, documents, performer)| {
                Payload::Outcome(Outcome {
                    visit_on,
                    advice,
                    summary,
                    next_steps,
                    documents,
                    performer,
                })
            },
        )
}

/// Every payload that an event of this kind may have, as far as FHIR's elements carry it.
fn payload(kind: E) -> BoxedStrategy<Payload> {
    let remark = || {
        (of(words()), of(words())).prop_map(|(reason, note)| {
            Payload::Remark(Remark {
                reason,
                note,
                documents: Vec::new(),
            })
        })
    };
    match kind {
        // The filler is the leg's, and in the Task an identifier of its own.
        E::ReferralAccepted => of(free())
            .prop_map(|performer| {
                Payload::Accepted(Accepted {
                    filler: None,
                    performer,
                })
            })
            .boxed(),
        E::ReferralDeclined => (select(DeclineReason::ALL), of(words()), of(free()))
            .prop_map(|(reason, note, alternative)| {
                Payload::Declined(Declined {
                    reason,
                    note,
                    alternative,
                })
            })
            .boxed(),
        E::ReferralNotCompleted => (select(NotCompletedReason::ALL), of(words()))
            .prop_map(|(reason, note)| Payload::NotCompleted(NotCompleted { reason, note }))
            .boxed(),
        E::AppointmentScheduled | E::AppointmentRescheduled => visit().boxed(),
        E::AppointmentCancelled => (of(words()), of(select(MovedBy::ALL)))
            .prop_map(|(reason, by)| Payload::VisitCancelled(VisitCancelled { reason, by }))
            .boxed(),
        E::ReferralInterimNote => (of(words()), of(visit_on()))
            .prop_map(|(note, visit_on)| {
                Payload::InterimNote(InterimNote {
                    note,
                    visit_on,
                    documents: Vec::new(),
                })
            })
            .boxed(),
        E::ReferralOutcome | E::ReferralOutcomeAmended => outcome().boxed(),
        E::ReferralInfoRequested => (of(words()), vec("[a-z]{2,9}", 0..3))
            .prop_map(|(question, requirements)| {
                Payload::InfoRequested(InfoRequested {
                    question,
                    requirements,
                })
            })
            .boxed(),
        E::ReferralInfoSupplied => (of("e-[0-9]{1,4}"), vec(supporting(), 0..3), of(words()))
            .prop_map(|(question, supporting, note)| {
                Payload::InfoSupplied(InfoSupplied {
                    question,
                    supporting,
                    note,
                })
            })
            .boxed(),
        E::ReferralRedirected => {
            Just(r#"{"to":{"organization":"lungs","service":"s2"},"reason":"nearer"}"#)
                .prop_map(read(kind))
                .boxed()
        }
        E::ReferralCorrected => Just(r#"{"changes":{"patient":{"phone":"555"}},"reason":"typo"}"#)
            .prop_map(read(kind))
            .boxed(),
        E::PatientContacted => Just(r#"{"channel":"phone","outcome":"reached"}"#)
            .prop_map(read(kind))
            .boxed(),
        E::ReferralAcknowledged => Just(r#"{"report":"e-9","care_plan_changed":true}"#)
            .prop_map(read(kind))
            .boxed(),
        E::PatientInformed => Just(r#"{"channel":"phone"}"#).prop_map(read(kind)).boxed(),
        E::ReferralUrgencyChanged => Just(r#"{"urgency":"stat","reason":"worse"}"#)
            .prop_map(read(kind))
            .boxed(),
        E::BarrierRaised => {
            Just(r#"{"kind":"transport","owner":"o","due_at":"2026-04-01T00:00:00Z"}"#)
                .prop_map(read(kind))
                .boxed()
        }
        E::BarrierResolved => Just(r#"{"barrier":"e-3"}"#).prop_map(read(kind)).boxed(),
        E::EventRetracted => Just(r#"{"event":"e-3","reason":"slip"}"#)
            .prop_map(read(kind))
            .boxed(),
        E::AttentionDismissed => Just(r#"{"what":"at-risk","reason":"known"}"#)
            .prop_map(read(kind))
            .boxed(),
        E::PatientUnreachable => Just(r#"{"reason":"moved","note":"no forwarding address"}"#)
            .prop_map(read(kind))
            .boxed(),
        // One that names no reason is read as saying that none was given.
        E::ReferralCancellationRequested | E::ReferralEnteredInError => (words(), of(words()))
            .prop_map(|(reason, note)| {
                Payload::Remark(Remark {
                    reason: Some(reason),
                    note,
                    documents: Vec::new(),
                })
            })
            .boxed(),
        _ => remark().boxed(),
    }
}

fn read(kind: E) -> impl Fn(&str) -> Payload {
    move |json| Payload::read(kind, serde_json::from_str::<Value>(json).unwrap()).unwrap()
}

fn sendable_rows() -> Vec<&'static Row> {
    rows()
        .filter(|row| row.event.is_sent_by_callers())
        .collect()
}

fn row_and_payload() -> impl Strategy<Value = (&'static Row, Payload)> {
    select(sendable_rows()).prop_flat_map(|row| (Just(row), payload(row.event)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn an_event_written_into_its_task_reads_back_the_same((row, data) in row_and_payload()) {
        let task = task_after(row, event("e-1", row.event, data.clone(), 60));
        let read = read_task(&task)
            .map_err(|faults| TestCaseError::fail(format!("{faults:?} in {task:#}")))?;
        prop_assert_eq!(read.kind, row.event);
        prop_assert_eq!(read.data, data);
        prop_assert_eq!(read.occurred_at, Some(at(60)));
        let ours = read.about.iter().find(|one| one.system == OUR_REFERRAL);
        prop_assert_eq!(ours.map(|one| one.value.as_str()), Some(ID));
        prop_assert!(read.about.iter().any(|one| one.value == "plac-1"));
    }

    #[test]
    fn a_task_that_a_partner_read_and_moved_on_does_not_say_our_words_again((row, data) in row_and_payload()) {
        let mut task = task_after(row, event("e-1", row.event, data, 60));
        task["status"] = "accepted".into();
        task["businessStatus"]["coding"][0]["code"] = "3.0".into();
        let was_so = row.to == domain::status::Status::Accepted;
        prop_assume!(!was_so);
        let read = read_task(&task).unwrap();
        prop_assert_eq!(read.kind, E::ReferralAccepted);
        let Payload::Accepted(accepted) = read.data else { panic!("an acceptance") };
        prop_assert_eq!(accepted, Accepted { filler: None, performer: None });
    }

    #[test]
    fn a_note_that_a_partner_adds_is_read_and_ours_is_not(note in words()) {
        let row = rows().find(|row| row.event == E::ReferralInfoRequested).unwrap();
        let asked = Payload::InfoRequested(InfoRequested { question: Some("ECG?".into()), requirements: vec![] });
        let mut task = task_after(row, event("e-1", row.event, asked, 60));
        task["status"] = "rejected".into();
        task["businessStatus"]["coding"][0]["code"] = "4.0".into();
        task["note"] = serde_json::json!([{ "text": note }]);
        let read = read_task(&task).unwrap();
        let Payload::Declined(declined) = read.data else { panic!("a decline") };
        prop_assert_eq!(declined.note, Some(note));
        prop_assert_eq!(declined.reason, DeclineReason::Other);
    }
}
