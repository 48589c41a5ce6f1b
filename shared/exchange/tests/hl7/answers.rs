//! Acknowledgements.

use domain::status::Status;
use domain::time::Timestamp;
use formats::hl7::{Outcome, acknowledge, answer_status, header};
use formats::said::Fault;

use crate::messages::{PID, msh, request, status, text};

fn now() -> Timestamp {
    "2026-10-01T08:00:00Z".parse().unwrap()
}

fn fault() -> Fault {
    Fault {
        at: "OBX[2]-5.1".to_owned(),
        code: "data-type",
        detail: "not a number | at all".to_owned(),
    }
}

/// The answer to a message that wants `accept` (MSH-15) and `application` (MSH-16).
fn answer(message: &str, accept: &str, application: &str, outcome: &Outcome) -> Option<String> {
    let text = message.replacen("|NE|NE|", &format!("|{accept}|{application}|"), 1);
    acknowledge(&header(text.as_bytes()).unwrap(), outcome, now(), "ACK1")
}

fn code(answer: Option<String>) -> Option<String> {
    answer.map(|answer| {
        answer
            .split('\r')
            .find_map(|line| line.strip_prefix("MSA|"))
            .unwrap()
            .get(..2)
            .unwrap()
            .to_owned()
    })
}

#[test]
fn what_is_wanted_is_what_is_answered() {
    let outcomes = [
        Outcome::Accepted,
        Outcome::Error(vec![fault()]),
        Outcome::Rejected(vec![fault()]),
    ];
    for (accept, application, want) in [
        ("", "", [Some("AA"), Some("AE"), Some("AR")]),
        ("NE", "NE", [None, None, None]),
        ("AL", "NE", [Some("CA"), Some("CE"), Some("CR")]),
        ("AL", "", [Some("CA"), Some("CE"), Some("CR")]),
        ("NE", "AL", [Some("AA"), Some("AE"), Some("AR")]),
        ("AL", "AL", [Some("AA"), Some("AE"), Some("AR")]),
        ("ER", "NE", [None, Some("CE"), Some("CR")]),
        ("SU", "NE", [Some("CA"), None, None]),
        ("NE", "ER", [None, Some("AE"), Some("AR")]),
        ("AL", "ER", [Some("CA"), Some("AE"), Some("AR")]),
        ("NE", "SU", [Some("AA"), None, None]),
    ] {
        for (outcome, want) in outcomes.iter().zip(want) {
            let got = code(answer(
                &status("ORC|OK|1^^2.999.1^ISO"),
                accept,
                application,
                outcome,
            ));
            assert_eq!(got.as_deref(), want, "{accept} {application} {outcome:?}");
        }
    }
}

#[test]
fn an_acknowledgement_goes_back_where_the_message_came_from() {
    let message = status("ORC|OK|1^^2.999.1^ISO").replacen(
        "MSH|^~\\&||^2.999.1^ISO||",
        "MSH|^~\\&|EMR|^2.999.1^ISO|HUB|",
        1,
    );
    assert_eq!(
        answer(&message, "", "", &Outcome::Accepted).unwrap(),
        "MSH|^~\\&|HUB|^2.999.2^ISO|EMR|^2.999.1^ISO|20261001080000+0000||ACK^O51^ACK|ACK1|P|2.5.1|||||\
         |UNICODE UTF-8\rMSA|AA|17882\r"
    );
}

#[test]
fn a_fault_is_named_where_it_stood() {
    let answer = answer(
        &status("ORC|OK|1^^2.999.1^ISO"),
        "",
        "",
        &Outcome::Error(vec![fault()]),
    )
    .unwrap();
    assert!(
        answer.contains("\rMSA|AE|17882|not a number \\F\\ at all\r"),
        "{answer}"
    );
    assert!(
        answer.contains("\rERR||OBX^2^5^1^1|102^Data type error^HL70357|E|data-type|||OBX[2]-5.1: not a number \\F\\ at all\r"),
        "{answer}"
    );
    let old = status("ORC|OK|1^^2.999.1^ISO").replacen("2.5.1", "2.3", 1);
    let answer = self::answer(&old, "", "", &Outcome::Error(vec![fault()])).unwrap();
    assert!(answer.contains("||ACK|ACK1|P|2.3|"), "{answer}");
    assert!(
        answer.contains("\rERR|OBX^2^5^102&Data type error&HL70357\r"),
        "{answer}"
    );
}

#[test]
fn a_request_is_answered_by_its_own_response() {
    let order = answer(&request(), "", "", &Outcome::Accepted).unwrap();
    assert!(order.contains("|ORG^O20^ORG_O20|"), "{order}");
    assert!(!order.contains("\rORC|"), "received is not accepted");
    let referral = text(&[
        &msh("REF^I12^REF_I12"),
        "RF1|P|R||||15^^2.999.1.15^ISO",
        "PRD|RP|Foo^Doctor",
        PID,
    ]);
    let response = answer(&referral, "NE", "AL", &Outcome::Accepted).unwrap();
    assert!(response.contains("|RRI^I12^RRI_I12|"), "{response}");
    let names: Vec<&str> = response
        .split('\r')
        .filter_map(|line| line.get(..3))
        .collect();
    assert_eq!(names, ["MSH", "MSA", "RF1", "PRD", "PID"]);
    assert!(
        response.contains("\rRF1|P^^HL70283|||||15^^2.999.1.15^ISO\r"),
        "{response}"
    );
}

#[test]
fn an_answer_repeats_what_came_in_the_usual_separators() {
    let referral = text(&[
        &msh("REF^I12^REF_I12"),
        "RF1|P|R||||1\\F\\5^^2.999.1.15^ISO",
        "PRD|RP|Foo^Doctor",
        PID,
    ]);
    let usual = answer(&referral, "NE", "AL", &Outcome::Accepted).unwrap();
    let other: String = referral
        .chars()
        .map(|letter| match letter {
            '|' => '#',
            '#' => '|',
            '^' => '!',
            '\\' => '/',
            same => same,
        })
        .collect();
    let header = header(other.replacen("#NE#NE#", "#NE#AL#", 1).as_bytes()).unwrap();
    assert_eq!(
        acknowledge(&header, &Outcome::Accepted, now(), "ACK1").unwrap(),
        usual
    );
}

#[test]
fn a_question_for_the_status_is_answered_with_rf1_1() {
    let asked =
        text(&[&msh("REF^I15"), "RF1||||||15^^2.999.1.15^ISO", PID]).replacen("|NE|NE|", "|||", 1);
    let header = header(asked.as_bytes()).unwrap();
    for (status, code) in [
        (Status::Sent, "P"),
        (Status::Scheduled, "A"),
        (Status::Declined, "R"),
        (Status::NotCompleted, "E"),
    ] {
        let answer = answer_status(&header, status, None, None, now(), "ACK1").unwrap();
        assert!(
            answer.contains(&format!("\rRF1|{code}^^HL70283|||||15^^2.999.1.15^ISO\r")),
            "{answer}"
        );
    }
}
