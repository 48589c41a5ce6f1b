//! What is written is read again, with the same meaning.
//!
//! All members of a request travel, but `routed`, which is our own reckoning, and the recipient, which is an organisation's id
//! here and an identifier there. Texts travel trimmed, given names after the first without spaces inside, and the name of a
//! requester with single spaces. Of a supporting item's code the code travels, since it has no system. Of an event,
//! `alternative`, stored documents' ids and the requirements of a question do not.

use std::collections::BTreeMap;

use domain::kind::EventKind;
use domain::merges::Merge;
use domain::payload::{
    Accepted, DeclineReason, Declined, Document as Listed, InfoRequested, InterimNote, MovedBy,
    NextStep, Outcome, Payload, Remark, Visit, VisitCancelled,
};
use domain::request::{
    Agreed, Coding, Free, Identifier, Name, Override, Patient, Preparation, Recipient, Request,
    Requester, Role, Scheduling, Supporting, SupportingKind, Urgency,
};
use domain::time::{Date, SignedDuration, Timestamp};
use formats::hl7::{About, Document, Envelope, Outbound, Site, read, write};
use formats::said::Said;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::strategy::{Strategy, ValueTree};

/// Words with every character that has a meaning in a message.
fn words() -> impl Strategy<Value = String> {
    "[A-Za-zäé|^~&\\\\#\"\n0-9.<>/µ€漢-]( ?[A-Za-zäé|^~&\\\\#\"\n0-9.µ€-]){0,12}"
        .prop_map(|text| text.trim().to_owned())
        .prop_filter("not empty", |text| !text.is_empty())
}

/// Words on one line.
fn line() -> impl Strategy<Value = String> {
    words()
        .prop_map(|text| {
            text.replace('\n', " ")
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        })
        .prop_filter("not empty", |text| !text.is_empty())
}

fn word() -> impl Strategy<Value = String> {
    "[A-Za-zäé|^~&\\\\'-]{1,10}"
}

fn identifier() -> impl Strategy<Value = Identifier> {
    let system = prop_oneof![
        Just("urn:oid:2.999.1.15".to_owned()),
        Just("urn:uuid:0190a1b2-0000-7000-8000-000000000001".to_owned()),
        Just("https://clinic.example/ids?a=b&c=d".to_owned()),
        Just("http://hl7.org/fhir/sid/us-npi".to_owned()),
        Just("urn:hl7v2:namespace:CLINIC_A".to_owned()),
    ];
    (system, line()).prop_map(|(system, value)| Identifier { system, value })
}

fn coding() -> impl Strategy<Value = Coding> {
    let system = prop_oneof![
        Just("http://loinc.org".to_owned()),
        Just("http://snomed.info/sct".to_owned()),
        Just("http://hl7.org/fhir/sid/icd-10-cm".to_owned()),
        Just("http://terminology.hl7.org/CodeSystem/v2-0203".to_owned()),
        Just("https://codes.example/a^b".to_owned()),
        Just("urn:oid:2.999.3".to_owned()),
    ];
    (system, word(), option::of(line())).prop_map(|(system, code, display)| Coding {
        system,
        code,
        display,
    })
}

fn date() -> impl Strategy<Value = Date> {
    (0_i64..40_000).prop_map(|days| {
        Timestamp::from_millisecond(days * 86_400_000)
            .unwrap()
            .date()
    })
}

fn instant() -> impl Strategy<Value = Timestamp> {
    (0_i64..4_000_000_000_000).prop_map(|at| Timestamp::from_millisecond(at).unwrap())
}

fn free() -> impl Strategy<Value = Free> {
    let leaf = prop_oneof![
        words().prop_map(Free::Text),
        any::<i32>().prop_map(|number| Free::Integer(i64::from(number))),
        any::<bool>().prop_map(Free::Flag),
        (-1000_i32..1000).prop_map(|number| Free::Number(f64::from(number) + 0.5)),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 1..3).prop_map(Free::List),
            proptest::collection::btree_map("[a-z]{1,5}", inner, 1..3)
                .prop_map(|members: BTreeMap<String, Free>| Free::Object(members)),
        ]
    })
}

fn code<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    proptest::sample::select(all)
}

fn supporting() -> impl Strategy<Value = Supporting> {
    (
        code(SupportingKind::ALL),
        option::of(word()),
        line(),
        date(),
        option::of(free()),
        option::of(Just("https://files.example/1?a=b&c=d|e".to_owned())),
    )
        .prop_map(|(kind, code, display, date, value, url)| Supporting {
            kind,
            code,
            display,
            date,
            value,
            url,
        })
}

prop_compose! {
    fn patient()(
        identifier in identifier(), family in line(), first in line(), further in vec(word(), 0..3), birth_date in date(),
        phone in option::of("[+0-9][0-9 ]{3,8}[0-9]"), email in option::of(Just("a.b@example.org".to_owned())),
        language in option::of(Just("de-AT".to_owned())), contact_by in option::of(line()),
    ) -> Patient {
        let given = std::iter::once(first).chain(further).collect();
        Patient { identifier, name: Name { family, given }, birth_date, phone, email, language, contact_by }
    }
}

prop_compose! {
    fn request()(
        patient in patient(), service in coding(), urgency in code(Urgency::ALL), clinical_question in words(), role in code(Role::ALL),
        summary in option::of(words()), supporting in vec(supporting(), 0..4),
        preparation in (code(Agreed::ALL), option::of(words()), vec(words(), 0..3)),
        requester in option::of((option::of(identifier()), line(), option::of("[0-9][0-9 ]{3,8}[0-9]"))),
        reason in vec(coding(), 0..3),
        more in (option::of(words()), option::of(instant()), option::of(any::<bool>()), option::of(code(Scheduling::ALL)), vec(code(SupportingKind::ALL), 0..3)),
        rest in (option::of(free()), option::of(date()), identifier(), option::of(free()), option::of(line()), vec((word(), words()), 0..3)),
    ) -> Request {
        let (agreed, agreed_reason, barriers) = preparation;
        let (urgency_reason, ordered_at, ordered_by_telehealth, scheduling, none_known) = more;
        let (coverage, needed_by, placer, encounter, follows, overrides) = rest;
        Request {
            patient,
            recipient: Recipient::Member { organization: "north".to_owned(), service: Some("cardiology".to_owned()) },
            service, urgency, clinical_question, role, summary, supporting,
            preparation: Preparation { agreed, reason: agreed_reason, barriers },
            requester: requester.map(|(identifier, name, phone)| Requester { identifier, name, phone }),
            reason, urgency_reason, ordered_at, ordered_by_telehealth, scheduling, none_known, coverage, needed_by,
            placer: Some(placer), encounter, follows,
            overrides: overrides.into_iter().map(|(requirement, reason)| Override { requirement, reason }).collect(),
            routed: None,
        }
    }
}

const NOW: i64 = 1_790_000_000_000;

fn send(
    what: Outbound<'_>,
    request: &Request,
    filler: Option<&Identifier>,
    documents: &[Document],
) -> Option<String> {
    let oid = [Identifier {
        system: "urn:ietf:rfc:3986".to_owned(),
        value: "urn:oid:2.999.7".to_owned(),
    }];
    let about = About {
        request,
        placer: request.placer.as_ref().unwrap(),
        filler,
        documents,
    };
    let envelope = Envelope {
        sender: Site {
            id: "south",
            identifiers: &oid,
        },
        receiver: Site {
            id: "north",
            identifiers: &[],
        },
        control_id: "C1",
        now: Timestamp::from_millisecond(NOW).unwrap(),
    };
    write(what, &about, &envelope)
}

/// The order of supporting items and of equal reasons is not kept.
fn comparable(mut request: Request) -> Request {
    request.supporting.sort_by_key(|item| format!("{item:?}"));
    let mut reasons: Vec<Coding> = Vec::new();
    for coding in request.reason {
        if !reasons
            .iter()
            .any(|one| one.system == coding.system && one.code == coding.code)
        {
            reasons.push(coding);
        }
    }
    request.reason = reasons;
    request
}

fn check_referral(what: Outbound<'_>, request: &Request) -> Result<(), TestCaseError> {
    let text = send(what, request, None, &[]).unwrap();
    let message = read(text.as_bytes())
        .map_err(|faults| TestCaseError::fail(format!("{faults:?}\n{text}")))?;
    let [Said::Referral(new)] = message.said.as_slice() else {
        return Err(TestCaseError::fail(format!("{:?}", message.said)));
    };
    prop_assert_eq!(
        comparable(new.request.clone()),
        comparable(request.clone()),
        "{}",
        text
    );
    prop_assert_eq!(new.recipient.service.as_deref(), Some("cardiology"));
    prop_assert_eq!(
        new.sender.as_ref().and_then(|party| party.id.as_deref()),
        Some("south")
    );
    Ok(())
}

fn visit_on() -> impl Strategy<Value = Option<String>> {
    option::of(prop_oneof![
        instant().prop_map(|at| at.to_string()),
        date().prop_map(|date| date.to_string())
    ])
}

/// One that names no reason is read as saying that none was given, but for a confirmation, which needs none.
fn reasoned() -> impl Strategy<Value = Payload> {
    words().prop_map(|reason| {
        Payload::Remark(Remark {
            reason: Some(reason),
            note: None,
            documents: Vec::new(),
        })
    })
}

fn remark() -> impl Strategy<Value = Payload> {
    option::of(words()).prop_map(|reason| {
        Payload::Remark(Remark {
            reason,
            note: None,
            documents: Vec::new(),
        })
    })
}

fn step() -> impl Strategy<Value = NextStep> {
    prop_oneof![
        words().prop_map(NextStep::Text),
        (words(), option::of(words()), option::of(words()))
            .prop_map(|(what, who, when)| NextStep::Assigned { what, who, when }),
    ]
}

fn links() -> impl Strategy<Value = Vec<Listed>> {
    let link =
        (line(), option::of(Just("application/pdf".to_owned()))).prop_map(|(title, media_type)| {
            Listed::Linked {
                title,
                media_type,
                url: "https://x.example/?a=1&b=|".to_owned(),
            }
        });
    vec(link, 0..3)
}

fn outcome() -> impl Strategy<Value = Payload> {
    (
        visit_on(),
        any::<bool>(),
        option::of(words()),
        vec(step(), 0..3),
        links(),
        option::of(free()),
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

fn visit() -> impl Strategy<Value = Visit> {
    (
        instant(),
        option::of(0_i64..600),
        option::of(line()),
        option::of(code(MovedBy::ALL)),
    )
        .prop_map(|(start, minutes, place, by)| Visit {
            start: Some(start),
            end: minutes.map(|minutes| start.plus(SignedDuration::from_mins(minutes))),
            location: place.map(Free::Text),
            by,
        })
}

fn event() -> impl Strategy<Value = (EventKind, Payload)> {
    use EventKind as E;
    prop_oneof![
        (option::of(identifier()), option::of(line())).prop_map(|(filler, performer)| {
            (
                E::ReferralAccepted,
                Payload::Accepted(Accepted {
                    filler,
                    performer: performer.map(Free::Text),
                }),
            )
        }),
        (code(DeclineReason::ALL), option::of(words())).prop_map(|(reason, note)| {
            (
                E::ReferralDeclined,
                Payload::Declined(Declined {
                    reason,
                    note,
                    alternative: None,
                }),
            )
        }),
        reasoned().prop_map(|data| (E::ReferralCancellationRequested, data)),
        remark().prop_map(|data| (E::ReferralCancellationConfirmed, data)),
        reasoned().prop_map(|data| (E::ReferralCancellationRefused, data)),
        words().prop_map(|question| {
            (
                E::ReferralInfoRequested,
                Payload::InfoRequested(InfoRequested {
                    question: Some(question),
                    requirements: vec![],
                }),
            )
        }),
        visit().prop_map(|visit| (
            E::AppointmentScheduled,
            Payload::Visit(Visit { by: None, ..visit })
        )),
        visit().prop_map(|visit| (E::AppointmentRescheduled, Payload::Visit(visit))),
        (option::of(words()), option::of(code(MovedBy::ALL))).prop_map(|(reason, by)| {
            (
                E::AppointmentCancelled,
                Payload::VisitCancelled(VisitCancelled { reason, by }),
            )
        }),
        (option::of(words()), option::of(words())).prop_map(|(reason, note)| {
            (
                E::AppointmentNoShow,
                Payload::Remark(Remark {
                    reason,
                    note,
                    documents: Vec::new(),
                }),
            )
        }),
        (option::of(words()), visit_on(), links()).prop_map(|(note, visit_on, documents)| {
            (
                E::ReferralInterimNote,
                Payload::InterimNote(InterimNote {
                    note,
                    visit_on,
                    documents,
                }),
            )
        }),
        (words(), links()).prop_map(|(note, documents)| {
            (
                E::ReferralNote,
                Payload::Remark(Remark {
                    reason: None,
                    note: Some(note),
                    documents,
                }),
            )
        }),
        outcome().prop_map(|data| (E::ReferralOutcome, data)),
        outcome().prop_map(|data| (E::ReferralOutcomeAmended, data)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_referral_as_an_order_is_the_same_referral(request in request()) {
        check_referral(Outbound::Order, &request)?;
    }

    #[test]
    fn a_referral_as_ref_i12_is_the_same_referral(request in request()) {
        check_referral(Outbound::Referral, &request)?;
    }

    #[test]
    fn an_event_is_the_same_event(request in request(), (kind, data) in event(), at in instant(), filler in option::of(identifier())) {
        let text = send(Outbound::Event { kind, data: &data, occurred_at: at }, &request, filler.as_ref(), &[]).unwrap();
        let message = read(text.as_bytes()).map_err(|faults| TestCaseError::fail(format!("{faults:?}\n{text}")))?;
        let [Said::Event(read)] = message.said.as_slice() else {
            return Err(TestCaseError::fail(format!("{:?}", message.said)));
        };
        prop_assert_eq!(read.kind, kind);
        let mut want = data.clone();
        if let Payload::Accepted(accepted) = &mut want {
            accepted.filler = accepted.filler.take().or(filler.clone());
        }
        prop_assert_eq!(&read.data, &want, "{}", text);
        prop_assert!(read.about.contains(request.placer.as_ref().unwrap()), "{}", text);
        if !matches!(kind, EventKind::ReferralAccepted) && let Some(filler) = &filler {
            prop_assert!(read.about.contains(filler), "{}", text);
        }
        let patient = read.patient.as_ref().unwrap();
        prop_assert_eq!(patient.identifiers.as_slice(), std::slice::from_ref(&request.patient.identifier));
        prop_assert_eq!(patient.name.as_ref(), Some(&request.patient.name));
        prop_assert_eq!(patient.birth_date, Some(request.patient.birth_date));
    }

    #[test]
    fn a_merge_is_the_same_merge(request in request(), from in words(), at in instant()) {
        let to = request.patient.identifier.clone();
        let merge = Merge { from: Identifier { value: from, ..to.clone() }, to };
        let data = Payload::Merged(merge.clone());
        let what = Outbound::Event { kind: EventKind::PatientMerged, data: &data, occurred_at: at };
        let text = send(what, &request, None, &[]).unwrap();
        let message = read(text.as_bytes()).unwrap();
        prop_assert_eq!(message.merges.as_slice(), &[merge]);
        prop_assert_eq!(message.merged_at, Some(at));
    }

    #[test]
    fn a_document_is_the_same_document(request in request(), title in line(), bytes in vec(any::<u8>(), 1..200)) {
        let document = Document { title, media_type: "application/pdf".to_owned(), bytes, when: Some("20260101".to_owned()), said: 0 };
        let data = Payload::InterimNote(InterimNote { note: None, visit_on: None, documents: Vec::new() });
        let at = Timestamp::from_millisecond(NOW).unwrap();
        let what = Outbound::Event { kind: EventKind::ReferralInterimNote, data: &data, occurred_at: at };
        let text = send(what, &request, None, std::slice::from_ref(&document)).unwrap();
        prop_assert_eq!(read(text.as_bytes()).unwrap().documents, vec![document]);
    }
}

#[test]
fn kinds_that_have_no_message_are_not_sent() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let request = request().new_tree(&mut runner).unwrap().current();
    let at = Timestamp::from_millisecond(NOW).unwrap();
    let data = Payload::Remark(Remark {
        reason: None,
        note: None,
        documents: Vec::new(),
    });
    for kind in [
        EventKind::PatientUnreachable,
        EventKind::ReferralDisputed,
        EventKind::ReferralEnteredInError,
    ] {
        assert_eq!(
            send(
                Outbound::Event {
                    kind,
                    data: &data,
                    occurred_at: at
                },
                &request,
                None,
                &[]
            ),
            None,
            "{kind:?}"
        );
    }
}
