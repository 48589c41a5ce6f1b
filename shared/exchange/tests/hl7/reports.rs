//! Reports: OMG^O19 with RE, ORU^R01, MDM^T02.

use domain::kind::EventKind;
use domain::payload::Payload;
use domain::request::Free;

use crate::messages::{PID, event, faults, message, msh, text};

fn result(order_status: &str, result_status: &str) -> String {
    text(&[
        &msh("OMG^O19"),
        PID,
        &format!("ORC|RE|889342^^2.999.1.15^ISO|77^^2.999.2.9^ISO||{order_status}"),
        &format!(
            "OBR|1|889342^^2.999.1.15^ISO|77^^2.999.2.9^ISO|57133-1^^LN|||202610150930-0400||||||||||||||||||{result_status}|||||||9&Weber&Jana&&&Dr"
        ),
        "OBX|1|TX|11488-4^Consult note^LN||Migraine.\\.br\\No tumour.||||||F",
        "OBX|2|ED|11488-4^Consult note^LN||^application^pdf^Base64^JVBERi0xLjQ=||||||F",
    ])
}

#[test]
fn orc_5_and_obr_25_say_whether_it_closes_anything() {
    use EventKind as E;
    for (order_status, result_status, want) in [
        ("CM", "", Some(E::ReferralOutcome)),
        ("CM", "F", Some(E::ReferralOutcome)),
        ("CM", "C", Some(E::ReferralOutcomeAmended)),
        ("", "F", Some(E::ReferralOutcome)),
        ("", "C", Some(E::ReferralOutcomeAmended)),
        ("A", "", Some(E::ReferralInterimNote)),
        ("IP", "P", Some(E::ReferralInterimNote)),
        ("", "P", Some(E::ReferralInterimNote)),
        ("CM", "P", None),
        ("", "", None),
        ("ER", "", None),
        ("", "X", None),
    ] {
        match want {
            Some(kind) => assert_eq!(
                event(&result(order_status, result_status)).kind,
                kind,
                "{order_status} {result_status}"
            ),
            None => assert!(
                !faults(&result(order_status, result_status)).is_empty(),
                "{order_status} {result_status}"
            ),
        }
    }
}

#[test]
fn an_outcome_has_its_text_its_letter_its_visit_and_who_saw_the_patient() {
    let read = message(&result("CM", "F"));
    let Payload::Outcome(outcome) = event(&result("CM", "F")).data else {
        panic!("an outcome")
    };
    assert_eq!(outcome.summary.as_deref(), Some("Migraine.\nNo tumour."));
    assert_eq!(outcome.visit_on.as_deref(), Some("2026-10-15T13:30:00Z"));
    assert_eq!(
        outcome.performer,
        Some(Free::Text("Dr Jana Weber".to_owned()))
    );
    assert_eq!(read.documents[0].bytes, b"%PDF-1.4");
    assert_eq!(read.documents[0].title, "Consult note");
}

#[test]
fn the_parts_of_one_result_are_one_report_and_final_when_all_are() {
    let oru = |second: &str| {
        text(&[
            &msh("ORU^R01"),
            PID,
            "OBR|1|889342^^2.999.1.15^ISO|77^^2.999.2.9^ISO|1^Exam^L|||20261015||||||||||||||||||F",
            "OBX|1|NM|2951-2^Sodium^LN||140|mmol/L|||||F",
            &format!(
                "OBR|2|889342^^2.999.1.15^ISO|77^^2.999.2.9^ISO|2^More^L|||20261015||||||||||||||||||{second}"
            ),
            "OBX|1|CE|3^Finding^L||A^Normal^L||||||F",
        ])
    };
    let done = event(&oru("F"));
    let Payload::Outcome(outcome) = done.data else {
        panic!("an outcome")
    };
    assert_eq!(
        outcome.summary.as_deref(),
        Some("Sodium: 140 mmol/L\nFinding: Normal")
    );
    assert_eq!(outcome.visit_on.as_deref(), Some("2026-10-15"));
    assert_eq!(event(&oru("P")).kind, EventKind::ReferralInterimNote);
    assert_eq!(event(&oru("C")).kind, EventKind::ReferralOutcomeAmended);
}

#[test]
fn two_orders_are_two_reports_each_with_its_own_letter() {
    let oru = text(&[
        &msh("ORU^R01"),
        PID,
        "OBR|1|1^^2.999.1.15^ISO||1^Exam^L|||20261015||||||||||||||||||F",
        "OBX|1|ED|1^First^L||^^PDF^Base64^QQ==||||||F",
        "PID|2||T72^^^&2.999.1.5&ISO^MR||Other^Olga||19610101",
        "OBR|1|2^^2.999.1.15^ISO||1^Exam^L|||20261015||||||||||||||||||F",
        "OBX|1|ED|1^Second^L||^application/pdf^Base64^Qg==||||||F",
    ]);
    let read = message(&oru);
    assert_eq!(read.said.len(), 2);
    let formats::said::Said::Event(second) = &read.said[1] else {
        panic!("an event")
    };
    assert_eq!(
        second
            .patient
            .as_ref()
            .and_then(|one| one.name.as_ref())
            .map(|name| name.family.as_str()),
        Some("Other")
    );
    let documents: Vec<_> = read
        .documents
        .iter()
        .map(|one| (one.said, one.bytes.as_slice(), one.media_type.as_str()))
        .collect();
    assert_eq!(
        documents,
        [
            (0, b"A".as_slice(), "application/pdf"),
            (1, b"B".as_slice(), "application/pdf")
        ]
    );
}

#[test]
fn data_that_is_not_in_its_encoding_is_a_fault_where_it_stands() {
    let bad = result("CM", "F").replace("JVBERi0xLjQ=", "J*BERi0xLjQ=");
    let found = faults(&bad);
    assert_eq!(
        (found[0].at.as_str(), found[0].code),
        ("OBX[2]-5", "data-type")
    );
    let none = result("CM", "F").replace("^Base64^", "^Zip^");
    assert_eq!(faults(&none)[0].code, "data-type");
}

#[test]
fn an_authenticated_consult_note_is_the_outcome_and_another_letter_closes_nothing() {
    let mdm = |kind: &str, completion: &str| {
        text(&[
            &msh("MDM^T02^MDM_T02"),
            "EVN||20260930",
            PID,
            "PV1|1|O",
            &format!(
                "TXA|1|{kind}|TX|20261015||20261016||||||D5^^2.999.2.7^ISO||889342^^2.999.1.15^ISO|||{completion}"
            ),
            "OBX|1|TX|11488-4^Consult note^LN||Migraine.||||||F",
        ])
    };
    for (kind, completion, want) in [
        ("CN", "AU", EventKind::ReferralOutcome),
        ("11488-4^Consult note^LN", "LA", EventKind::ReferralOutcome),
        ("CN", "DO", EventKind::ReferralInterimNote),
        ("CN", "", EventKind::ReferralInterimNote),
        ("DS", "AU", EventKind::ReferralNote),
    ] {
        let happened = event(&mdm(kind, completion));
        assert_eq!(happened.kind, want, "{kind} {completion}");
        assert_eq!(happened.about[0].value, "889342");
    }
    assert_eq!(faults(&mdm("CN", "ZZ"))[0].at, "TXA-17");
    let Payload::Outcome(outcome) = event(&mdm("CN", "AU")).data else {
        panic!("an outcome")
    };
    assert_eq!(outcome.visit_on.as_deref(), Some("2026-10-15"));
}
