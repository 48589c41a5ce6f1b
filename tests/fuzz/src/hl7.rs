//! HL7 v2: a message is read, answered, and what it says is written and read again.

use domain::request::{External, Identifier, Recipient, Request};
use domain::time::Timestamp;
use formats::hl7::{
    About, Envelope, Message, Outbound, Outcome, Site, acknowledge, header, read, write,
};
use formats::said::{Happened, Said};

use crate::cost::{Bound, bounded};
use crate::stretch;

const READING: Bound = Bound {
    held_a_byte: 200,
    loads_a_byte: 1_000,
};

/// Holds for a message.
pub fn hl7(bytes: &[u8]) {
    let Some(message) = answered(bytes) else {
        return;
    };
    for said in &message.said {
        match said {
            Said::Referral(new) => referral(&new.request),
            Said::Event(happened) => event(happened),
        }
    }
}

/// Reads a message and answers it; the answer is a message too.
fn answered(bytes: &[u8]) -> Option<Message> {
    let message = bounded(bytes.len(), READING, || one(bytes));
    if let Some(number) = stretch::chosen(bytes) {
        for separator in *b"\r|~^&" {
            if let Some(long) = stretch::piece(bytes, separator, number) {
                bounded(long.len(), READING, || one(&long));
            }
        }
    }
    message
}

fn one(bytes: &[u8]) -> Option<Message> {
    let message = read(bytes);
    if let Ok(header) = header(bytes) {
        let outcome = match &message {
            Ok(_) => Outcome::Accepted,
            Err(faults) => Outcome::Error(faults.clone()),
        };
        if let Some(answer) = acknowledge(&header, &outcome, Timestamp::MAX, "1") {
            assert!(
                formats::hl7::header(answer.as_bytes()).is_ok(),
                "the answer cannot be read: {answer:?}"
            );
        }
    }
    message.ok()
}

/// A referral that was read is written, as either message, and is the same when it is read again.
fn referral(request: &Request) {
    for what in [Outbound::Order, Outbound::Referral] {
        let Some(text) = written(what, request) else {
            unreachable!("both have a message");
        };
        let again = match read(text.as_bytes()) {
            Ok(again) => again,
            Err(faults) => unreachable!("{faults:?} in {text}"),
        };
        let [Said::Referral(new)] = again.said.as_slice() else {
            unreachable!("not one referral: {text}");
        };
        assert_eq!(
            comparable(&new.request),
            comparable(request),
            "written as {text}"
        );
    }
}

/// An event that was read is written, where it has a message, and is the same when it is read again.
fn event(happened: &Happened) {
    let Ok(request) = serde_json::from_str::<Request>(REQUEST) else {
        unreachable!("it is a request");
    };
    let what = Outbound::Event {
        kind: happened.kind,
        data: &happened.data,
        occurred_at: happened.occurred_at.unwrap_or(Timestamp::MAX),
    };
    let Some(text) = written(what, &request) else {
        return;
    };
    let again = match read(text.as_bytes()) {
        Ok(again) => again,
        Err(faults) => unreachable!("{faults:?} in {text}"),
    };
    let [Said::Event(event)] = again.said.as_slice() else {
        unreachable!("not one event: {text}");
    };
    assert_eq!(event.kind, happened.kind, "written as {text}");
    assert_eq!(event.data, happened.data, "written as {text}");
}

/// The referral that an event is written about.
const REQUEST: &str = r#"{
    "patient": {
        "identifier": {"system": "urn:oid:1.2.3", "value": "p1"}, "name": {"family": "Rivera", "given": ["Ana"]},
        "birth_date": "1980-02-29"
    },
    "recipient": {"organization": "heart", "service": "cardiology"},
    "service": {"system": "http://snomed.info/sct", "code": "183519002"}, "urgency": "urgent",
    "clinical_question": "Is this angina?", "role": "evaluate", "preparation": {"agreed": "yes"}
}"#;

fn written(what: Outbound<'_>, request: &Request) -> Option<String> {
    let ours = Identifier {
        system: "urn:oid:2.999.9".to_owned(),
        value: "ours".to_owned(),
    };
    let about = About {
        request,
        placer: request.placer.as_ref().unwrap_or(&ours),
        filler: None,
        documents: &[],
    };
    let site = |id| Site {
        id,
        identifiers: &[],
    };
    let envelope = Envelope {
        sender: site("south"),
        receiver: site("north"),
        control_id: "1",
        now: Timestamp::MAX,
    };
    write(what, &about, &envelope)
}

/// A request without what a message does not carry, or not in its order (docs/hl7.md, "What is sent").
fn comparable(request: &Request) -> Request {
    let mut request = request.clone();
    request.recipient = Recipient::Outside {
        external: External {
            name: String::new(),
            fax: None,
            phone: None,
        },
    };
    request.routed = None;
    request.placer = None;
    request.supporting.sort_by_key(|item| format!("{item:?}"));
    request
}
