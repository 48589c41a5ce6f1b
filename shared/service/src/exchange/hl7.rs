//! `POST /hl7`: one HL7 v2 message, answered by its acknowledgement.
//!
//! HTTP says whether the call was one; the acknowledgement says what became of the message, with 200 also where that is AE or
//! AR. A message is acknowledged after it is stored, and never before.

use domain::time_zone::TimeZone;
use formats::hl7::{self, Header, Outcome, StatusQuestion};
use formats::said::{self, Said};
use http::StatusCode;
use ports::Platform;

use super::matching::{self, By, Found};
use super::merge;
use super::take::{Taken, take};
use super::work::{Attached, Sayable, Spoken};
use crate::auth::{Credentials, Scope};
use crate::call::Call;
use crate::http::{Access, Fault, Method, Place, Problem, ProblemKind, Reply, Route, Success};
use crate::ids;
use crate::json::to_text;
use crate::messages::{Format, Message, id_of};
use crate::worklist::reads::{self, Action};
use serde_json::json;

/// The most bytes of a message, its documents included: 1 MB.
pub(super) const MESSAGE_BYTES_MAX: usize = 1_000_000;

/// The most bytes that are looked at to tell the sender of a longer one in its own words: 4 MB.
const BODY_BYTES_MAX: usize = 4_000_000;

/// The media types of a message; the first is what answers are.
const MEDIA_TYPES: [&str; 3] = [
    "application/hl7-v2",
    "x-application/hl7-v2+er7",
    "text/plain",
];

pub(super) static MESSAGE: Route = Route {
    method: Method::Post,
    path: "/hl7",
    id: "send_hl7_message",
    summary: "Send one HL7 v2 message: a referral with referrals:write, what happened to one with events:write.",
    access: Access::Key,
    query: &[],
    request: None,
    body_bytes_max: BODY_BYTES_MAX,
    success: &[
        Success {
            status: 200,
            doc: "The acknowledgement (ACK, RRI or ORG, application/hl7-v2), which says AA, AE or AR.",
            body: None,
        },
        Success {
            status: 204,
            doc: "What was to be done is done, and the sender wants no acknowledgement (MSH-15 and MSH-16).",
            body: None,
        },
    ],
    problems: &[
        ProblemKind::ForbiddenScope,
        ProblemKind::Invalid,
        ProblemKind::TooLarge,
        ProblemKind::WrongContentType,
    ],
};

/// Takes a message.
pub(super) async fn receive<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    // Without a key nobody is told what they sent.
    let credentials = Credentials::of_member(&call)?;
    let media_type = call.media_type().unwrap_or(MEDIA_TYPES[0]).to_owned();
    if !MEDIA_TYPES.contains(&media_type.as_str()) {
        let problem = Problem::WrongContentType {
            takes: MEDIA_TYPES[0],
        };
        return Err(credentials.refused(&call, problem).await);
    }
    let bytes = call.body_bytes().clone();
    let header = hl7::header(&bytes);
    if bytes.len() > MESSAGE_BYTES_MAX {
        // What has no header has nobody to be told in its own words.
        let Ok(header) = header else {
            let problem = Problem::TooLarge {
                limit_bytes: MESSAGE_BYTES_MAX,
            };
            return Err(credentials.refused(&call, problem).await);
        };
        let outcome = Outcome::Error(vec![said::Fault {
            at: "MSH".to_owned(),
            code: "limit",
            detail: format!(
                "a message has at most {MESSAGE_BYTES_MAX} bytes, its documents included, and this one is not kept: larger documents go by address (RP)"
            ),
        }]);
        return told_to_members(&call, &header, &outcome).await;
    }
    let read = hl7::read(&bytes);
    if let (Ok(header), Ok(message)) = (&header, &read)
        && let Some(question) = &message.question
    {
        return answer_question(&call, header, question).await;
    }
    let message = Message {
        id: id_of(Format::Hl7, &essence(&bytes)),
        format: Format::Hl7,
        media_type,
        control_id: header.as_ref().ok().map(control_id),
        content: bytes.to_vec(),
        warnings: to_text(&warnings(&read))?,
        received_at: call.now,
    };
    if let (Ok(header), Ok(said)) = (&header, &read)
        && !said.merges.is_empty()
    {
        let outcome = match merge::take(&call, &message, said).await {
            Ok(merged) => Outcome::Noted(merged.said()),
            Err(problem) => refused(problem)?,
        };
        return Ok(answered(&call, header, &outcome));
    }
    let taken = take(&call, &message, &Heard { bytes: &bytes }, None).await;
    match header {
        Ok(header) => acknowledged(&call, &header, &message, taken),
        // What has no header has nobody to be acknowledged to: HTTP says what is wrong with it.
        Err(_) => Err(taken.err().unwrap_or(Problem::NotFound)),
    }
}

/// The answer to what is not taken at all: told to whoever has a live key.
async fn told_to_members<P: Platform>(
    call: &Call<P>,
    header: &Header,
    outcome: &Outcome,
) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(call)?;
    let answer = call.platform.batch(vec![credentials.statement()]).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    Ok(answered(call, header, outcome))
}

/// A message as bytes, read in the time zone of its sender once that is known.
struct Heard<'a> {
    bytes: &'a [u8],
}

impl Sayable for Heard<'_> {
    fn say(&self, zone: Option<&TimeZone>) -> Result<Spoken, Problem> {
        let mut message = hl7::read_in(self.bytes, zone).map_err(invalid)?;
        if message.said.len() > 1 {
            return Err(one_fault(
                "MSH-9",
                "limit",
                "one referral, or one event on one, is taken from a message",
            ));
        }
        let Some(said) = message.said.pop() else {
            return Err(one_fault(
                "MSH-9",
                "message-type",
                "says nothing that is taken here",
            ));
        };
        Ok(Spoken {
            said,
            documents: message
                .documents
                .into_iter()
                .map(|document| Attached {
                    url: None,
                    media_type: document.media_type,
                    bytes: document.bytes,
                })
                .collect(),
        })
    }
}

fn one_fault(at: &str, code: &'static str, detail: &str) -> Problem {
    Problem::Invalid(vec![Fault::at(at, code, detail)])
}

pub(super) fn invalid(faults: Vec<said::Fault>) -> Problem {
    let faults = faults
        .into_iter()
        .map(|fault| Fault::at(fault.at, fault.code, fault.detail))
        .collect();
    Problem::Invalid(faults)
}

/// Everything that was kept as text, as it is stored.
fn warnings(read: &Result<hl7::Message, Vec<said::Fault>>) -> Vec<serde_json::Value> {
    let Ok(message) = read else {
        return Vec::new();
    };
    let of_said = message.said.iter().flat_map(|said| match said {
        Said::Referral(new) => &new.warnings,
        Said::Event(happened) => &happened.warnings,
    });
    message
        .warnings
        .iter()
        .chain(of_said)
        .map(|warning| json!({"at": warning.at, "detail": warning.detail}))
        .collect()
}

/// The sender's id of a message: applications of one organisation count for themselves.
fn control_id(header: &Header) -> String {
    let name = |party: &hl7::Party| {
        let first = party.identifiers.first();
        let identifier = first.map(|identifier| identifier.value.clone());
        party.text.clone().or(identifier).unwrap_or_default()
    };
    format!(
        "{}|{}|{}",
        name(&header.sending_application),
        name(&header.sending_facility),
        header.control_id
    )
}

/// The content without its time and id (MSH-7, MSH-10) and with one kind of line end: engines that send again change these.
fn essence(bytes: &[u8]) -> Vec<u8> {
    let inner = hl7::unframed(bytes);
    let separator = inner.get(3).copied().unwrap_or(b'|');
    let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let lines = inner
        .split(is_end)
        .filter(|line| !line.is_empty())
        .enumerate();
    let mut essence = Vec::with_capacity(inner.len());
    for (line_number, line) in lines {
        for (place, field) in line.split(|byte| *byte == separator).enumerate() {
            // The separator itself is MSH-1, so that MSH-7 stands at 6.
            if !(line_number == 0 && matches!(place, 6 | 9)) {
                essence.extend_from_slice(field);
            }
            essence.push(separator);
        }
        essence.push(b'\r');
    }
    essence
}

fn acknowledged<P: Platform>(
    call: &Call<P>,
    header: &Header,
    message: &Message,
    taken: Result<Taken, Problem>,
) -> Result<Reply, Problem> {
    let outcome = match taken {
        Ok(Taken::Told {
            by: By::Patient,
            referral,
            ..
        }) => Outcome::Noted(format!("matched_by patient: {referral}")),
        Ok(Taken::Created(_) | Taken::Told { .. } | Taken::Duplicate(_) | Taken::Repeated(_)) => {
            Outcome::Accepted
        }
        Ok(Taken::Unmatched(why)) => Outcome::Error(vec![said::Fault {
            at: "MSH-9".to_owned(),
            code: "not-found",
            detail: format!(
                "it fits no referral for certain ({why}), and is kept as {} until a person says where it belongs",
                message.id
            ),
        }]),
        Err(problem) => refused(problem)?,
    };
    Ok(answered(call, header, &outcome))
}

fn answered<P: Platform>(call: &Call<P>, header: &Header, outcome: &Outcome) -> Reply {
    let control_id = ids::new_id("ack", &call.platform);
    reply(hl7::acknowledge(
        header,
        outcome,
        call.now,
        control_id.trim_start_matches("ack-"),
    ))
}

fn reply(answer: Option<String>) -> Reply {
    match answer {
        Some(text) => Reply::bytes(StatusCode::OK, MEDIA_TYPES[0], text),
        None => Reply::empty(StatusCode::NO_CONTENT),
    }
}

/// A problem of the message as its acknowledgement says it; one of the call stays a problem.
fn refused(problem: Problem) -> Result<Outcome, Problem> {
    let one = |at: &str, code: &'static str, problem: &Problem| {
        vec![said::Fault {
            at: at.to_owned(),
            code,
            detail: problem.to_string(),
        }]
    };
    Ok(match problem.kind() {
        ProblemKind::Unauthorized
        | ProblemKind::ForbiddenScope
        | ProblemKind::NotConfigured
        | ProblemKind::DatabaseUnavailable
        | ProblemKind::Internal
        | ProblemKind::IdempotencyInFlight => return Err(problem),
        ProblemKind::Taken | ProblemKind::IdempotencyMismatch => {
            Outcome::Error(one("MSH-10", "duplicate", &problem))
        }
        _ => match problem {
            Problem::Invalid(faults) => of_faults(faults),
            Problem::RequirementsMissing(items) => Outcome::Error(
                items
                    .iter()
                    .map(|item| said::Fault {
                        at: "OBX".to_owned(),
                        code: "required-field",
                        detail: item
                            .get("detail")
                            .and_then(serde_json::Value::as_str)
                            .unwrap_or_default()
                            .to_owned(),
                    })
                    .collect(),
            ),
            problem => Outcome::Error(one("MSH-9", problem.code(), &problem)),
        },
    })
}

/// Members of a referral as the JSON doors name them, with the field that they come from.
const LOCATIONS: &[(&str, &str)] = &[
    ("/patient/identifier", "PID-3"),
    ("/patient/name", "PID-5"),
    ("/patient/birth_date", "PID-7"),
    ("/patient/phone", "PID-13"),
    ("/patient", "PID"),
    ("/recipient", "MSH-6"),
    ("/service", "OBR-4"),
    ("/urgency", "TQ1-9"),
    ("/clinical_question", "OBR-31"),
    ("/reason", "OBR-31"),
    ("/supporting", "OBX"),
    ("/requester", "ORC-12"),
    ("/placer", "ORC-2"),
    ("/needed_by", "TQ1-8"),
    ("/data/start", "TQ1-7"),
    ("/data/end", "TQ1-8"),
    ("/data/filler", "ORC-3"),
    ("/data/reason", "ORC-16"),
    ("/data/summary", "OBX-5"),
    ("/data/visit_on", "OBR-7"),
    ("/data", "ORC"),
];

/// The place of a fault in the message: as the mapping says it; of a member of ours, where that comes from.
fn location(at: &str) -> String {
    if !at.starts_with('/') {
        return at.to_owned();
    }
    LOCATIONS
        .iter()
        .find(|(prefix, _)| at.starts_with(prefix))
        .map_or("MSH", |(_, location)| location)
        .to_owned()
}

/// A message of a kind that is not taken here is rejected; one with faults is an error.
fn of_faults(faults: Vec<Fault>) -> Outcome {
    let faults: Vec<said::Fault> = faults
        .into_iter()
        .map(|fault| said::Fault {
            at: match fault.place {
                Place::Body(at) => location(&at),
                Place::Query(name) => name.to_owned(),
            },
            code: match fault.code {
                "unknown" => "unknown-key",
                "required" => hl7::faults::REQUIRED,
                code => code,
            },
            detail: fault.detail,
        })
        .collect();
    let is_rejected = faults.iter().any(|fault| {
        [
            hl7::faults::MESSAGE_TYPE,
            hl7::faults::EVENT,
            hl7::faults::VERSION,
        ]
        .contains(&fault.code)
    });
    if is_rejected {
        Outcome::Rejected(faults)
    } else {
        Outcome::Error(faults)
    }
}

/// Answers a question for the status (REF^I15). It is a read: nothing is stored but that it was read.
async fn answer_question<P: Platform>(
    call: &Call<P>,
    header: &Header,
    question: &StatusQuestion,
) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(call)?;
    let mut statements = vec![credentials.statement()];
    statements.extend(matching::statements(
        credentials.hash(),
        &question.about,
        Some(&question.patient),
        // What is asked is read to the sender: never by the patient alone.
        None,
        None,
    ));
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(Access::Scope(Scope::ReferralsRead))?;
    let organization = caller.member()?.organization.clone();
    let control_id = ids::new_id("ack", &call.platform);
    let control_id = control_id.trim_start_matches("ack-");
    let said = matching::Said {
        about: &question.about,
        patient: Some(&question.patient),
        service: None,
    };
    let loaded = match Found::from_rows(&answer, 1)?.choose(&said) {
        Ok((loaded, _)) => loaded,
        Err(why) => {
            let fault = said::Fault {
                at: "RF1-6".to_owned(),
                code: "not-found",
                detail: format!("it fits no referral for certain ({})", why.as_str()),
            };
            let outcome = Outcome::Error(vec![fault]);
            return Ok(reply(hl7::acknowledge(
                header, &outcome, call.now, control_id,
            )));
        }
    };
    let record = &loaded.record;
    reads::record_page(call, &credentials, Action::Read, &[record.id.as_str()]).await?;
    // A recipient is told of its own leg.
    let own_leg = record
        .referral
        .legs
        .iter()
        .rev()
        .find(|leg| leg.recipient.organization() == Some(organization.as_str()));
    let last = record.referral.leg();
    let leg = if record.referral.referrer == organization {
        last
    } else {
        own_leg
    };
    let leg = leg.ok_or(Problem::NotFound)?;
    let placer = record
        .request
        .as_ref()
        .and_then(|request| request.placer.as_ref());
    Ok(reply(hl7::answer_status(
        header,
        leg.status,
        placer,
        leg.filler.as_ref(),
        call.now,
        control_id,
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &[u8] = b"MSH|^~\\&|A|N|B|H|20260302090000||OSU^O51|1|P|2.5.1\rORC|OK|7\r";

    #[test]
    fn what_changes_when_a_message_is_sent_again_is_not_its_content() {
        let again =
            b"\x0bMSH|^~\\&|A|N|B|H|20260302090500||OSU^O51|2|P|2.5.1\r\nORC|OK|7\r\n\x1c\r";
        assert_eq!(essence(MESSAGE), essence(again));
    }

    #[test]
    fn other_content_is_another_message() {
        let other = b"MSH|^~\\&|A|N|B|H|20260302090000||OSU^O51|1|P|2.5.1\rORC|OK|8\r";
        assert_ne!(essence(MESSAGE), essence(other));
        let moved = b"MSH|^~\\&|A|N|B|H|20260302090000||OSU^O51|1|P|2.5.1\rORC|OK||7\r";
        assert_ne!(essence(MESSAGE), essence(moved));
    }
}
