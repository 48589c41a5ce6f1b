//! A request, written as FHIR and read back, means the same.

use domain::request::{
    Agreed, Coding, External, Free, Identifier, Name, Override, Patient, Preparation, Recipient,
    Request, Requester, Role, Scheduling, Supporting, SupportingKind, Urgency,
};
use domain::time::{Date, Timestamp};
use formats::fhir::{order, read_service_request};
use proptest::collection::{btree_map, vec};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

/// Text as a person types it: something, and no white space around it.
fn words() -> impl Strategy<Value = String> {
    "[A-Za-zäß\"<&'][A-Za-z0-9 äß.,:|#/\"<&'\\\\\n-]{0,20}[a-z?]"
}

fn id() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9-]{1,12}[a-z]"
}

fn identifier() -> impl Strategy<Value = Identifier> {
    ("urn:oid:[12]\\.[1-9]{1,6}", id()).prop_map(|(system, value)| Identifier { system, value })
}

fn coding() -> impl Strategy<Value = Coding> {
    (
        "https?://[a-z]{3,8}\\.org/[a-z]{2,5}",
        "[A-Z0-9-]{2,8}",
        of(words()),
    )
        .prop_map(|(system, code, display)| Coding {
            system,
            code,
            display,
        })
}

pub fn free() -> impl Strategy<Value = Free> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Free::Flag),
        any::<i64>().prop_map(Free::Integer),
        any::<i16>().prop_map(|eighths| Free::Number(f64::from(eighths) / 8.0)),
        words().prop_map(Free::Text),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Free::List),
            btree_map("[a-z]{1,6}", inner, 0..4).prop_map(Free::Object),
        ]
    })
}

fn coverage() -> impl Strategy<Value = Free> {
    let resource = || {
        words().prop_map(|payor| {
            let text = |text: &str| Free::Text(text.to_owned());
            let payor = Free::Object([("display".to_owned(), Free::Text(payor))].into());
            Free::Object(
                [
                    ("resourceType".to_owned(), text("Coverage")),
                    ("status".to_owned(), text("active")),
                    ("payor".to_owned(), Free::List(vec![payor])),
                ]
                .into(),
            )
        })
    };
    prop_oneof![
        free(),
        resource(),
        vec(resource(), 2..4).prop_map(Free::List)
    ]
}

fn date() -> impl Strategy<Value = Date> {
    (2000..2090_u16, 1..=12_u8, 1..=28_u8)
        .prop_map(|(year, month, day)| format!("{year}-{month:02}-{day:02}").parse().unwrap())
}

pub fn instant() -> impl Strategy<Value = Timestamp> {
    (0..4_000_000_000_000_i64).prop_map(|ms| Timestamp::from_millisecond(ms).unwrap())
}

pub fn supporting() -> impl Strategy<Value = Supporting> {
    (
        select(SupportingKind::ALL),
        of("[0-9]{4,5}-[0-9]|[A-Z]{3}[0-9]{2}"),
        words(),
        date(),
        of(free()),
        of("https://[a-z]{3,8}\\.org/[a-z0-9]{1,9}"),
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

fn patient() -> impl Strategy<Value = Patient> {
    (
        identifier(),
        (words(), vec(words(), 0..3)),
        date(),
        of("\\+?[0-9]{5,12}"),
        of("[a-z]{1,8}@[a-z]{1,8}\\.org"),
        of("[a-z]{2}(-[A-Z]{2})?"),
        of(words()),
    )
        .prop_map(
            |(identifier, (family, given), birth_date, phone, email, language, contact_by)| {
                Patient {
                    identifier,
                    name: Name { family, given },
                    birth_date,
                    phone,
                    email,
                    language,
                    contact_by,
                }
            },
        )
}

fn recipient() -> impl Strategy<Value = Recipient> {
    prop_oneof![
        (id(), of(id())).prop_map(|(organization, service)| Recipient::Member {
            organization,
            service
        }),
        (words(), of("[0-9]{5,9}"), of("[0-9]{5,9}")).prop_map(|(name, fax, phone)| {
            Recipient::Outside {
                external: External { name, fax, phone },
            }
        }),
    ]
}

fn requester() -> impl Strategy<Value = Requester> {
    (of(identifier()), words(), of("[0-9]{5,9}")).prop_map(|(identifier, name, phone)| Requester {
        identifier,
        name,
        phone,
    })
}

pub fn request() -> impl Strategy<Value = Request> {
    let first = (
        patient(),
        recipient(),
        coding(),
        select(Urgency::ALL),
        words(),
        select(Role::ALL),
        of(words()),
        vec(supporting(), 0..4),
        (select(Agreed::ALL), of(words()), vec(words(), 0..3)),
        of(requester()),
    );
    let second = (
        vec(coding(), 0..3),
        of(words()),
        of(instant()),
        of(any::<bool>()),
        of(select(Scheduling::ALL)),
        proptest::sample::subsequence(SupportingKind::ALL, 0..4),
        of(coverage()),
        of(date()),
        of(identifier()),
        (of(free()), of(id()), vec((id(), words()), 0..3), of(free())),
    );
    (first, second).prop_map(|(first, second)| {
        let (
            patient,
            recipient,
            service,
            urgency,
            clinical_question,
            role,
            summary,
            supporting,
            prepared,
            requester,
        ) = first;
        let (
            reason,
            urgency_reason,
            ordered_at,
            ordered_by_telehealth,
            scheduling,
            none_known,
            coverage,
            needed_by,
            placer,
            rest,
        ) = second;
        let (encounter, follows, overrides, routed) = rest;
        let (agreed, agreed_reason, barriers) = prepared;
        Request {
            patient,
            recipient,
            service,
            urgency,
            clinical_question,
            role,
            summary,
            supporting,
            preparation: Preparation {
                agreed,
                reason: agreed_reason,
                barriers,
            },
            requester,
            reason,
            urgency_reason,
            ordered_at,
            ordered_by_telehealth,
            scheduling,
            none_known,
            coverage,
            needed_by,
            placer,
            encounter,
            follows,
            overrides: overrides
                .into_iter()
                .map(|(requirement, reason)| Override {
                    requirement,
                    reason,
                })
                .collect(),
            routed,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_request_written_as_fhir_reads_back_the_same(request in request()) {
        let written = order(&request, Some("north"));
        let read = read_service_request(&written, &[]).map_err(|faults| {
            TestCaseError::fail(format!("{faults:?} in {written:#}"))
        })?;
        prop_assert_eq!(&read.request, &request);
        prop_assert_eq!(read.sender.and_then(|sender| sender.id), Some("north".to_owned()));
        prop_assert_eq!(read.warnings, vec![]);
        prop_assert_eq!(read.recipient.id.as_deref(), request.recipient.organization());
    }
}
