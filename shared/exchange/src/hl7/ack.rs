//! Acknowledgements: ACK, RRI and ORG, in original and enhanced mode (HL7 v2 chapter 2, acknowledgement mode).
//!
//! One answer goes back over HTTP. Where both kinds are wanted it is the application's, which says all that the accept
//! acknowledgement would: the message is stored by then.

use domain::request::Identifier;
use domain::status::Status;
use domain::time::Timestamp;

use crate::hl7::escape::encode;
use crate::hl7::faults;
use crate::hl7::header::Header;
use crate::hl7::times;
use crate::hl7::write;
use crate::said::Fault;

/// Faults that one answer names; ours, an answer is read by a person.
const ERRORS_MAX: usize = 50;

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Taken.
    Accepted,
    /// Taken, and what was done is told (MSA-3).
    Noted(String),
    /// Its content is wrong: sending it again will not help.
    Error(Vec<Fault>),
    /// It cannot be processed, for a reason that is not in its content, or is of no kind that is taken here.
    Rejected(Vec<Fault>),
}

/// The answer to a message; nothing where its sender wants none.
#[must_use]
pub fn acknowledge(
    header: &Header,
    outcome: &Outcome,
    now: Timestamp,
    control_id: &str,
) -> Option<String> {
    let code = code(header, outcome)?;
    let mut segments = Vec::new();
    let is_application = code.starts_with('A');
    let answer = match (header.message_type.as_str(), outcome) {
        ("REF", Outcome::Accepted | Outcome::Noted(_))
            if is_application && !header.echo.segments.is_empty() =>
        {
            "RRI"
        }
        ("OMG", _) if is_application => "ORG",
        _ => "ACK",
    };
    segments.push(msh(header, answer, now, control_id));
    segments.push(msa(header, code, outcome));
    segments.extend(errors(header, outcome));
    if answer == "RRI" {
        segments.push(rf1("P", &header.echo.placer, &header.echo.filler));
        segments.extend(header.echo.segments.iter().cloned());
    }
    Some(joined(&segments))
}

/// The answer to a question for the status (REF^I15): RRI^I15 with RF1-1.
#[must_use]
pub fn answer_status(
    header: &Header,
    status: Status,
    placer: Option<&Identifier>,
    filler: Option<&Identifier>,
    now: Timestamp,
    control_id: &str,
) -> Option<String> {
    let code = code(header, &Outcome::Accepted)?;
    if !code.starts_with('A') {
        return acknowledge(header, &Outcome::Accepted, now, control_id);
    }
    let id =
        |id: Option<&Identifier>, echoed: &str| id.map_or_else(|| echoed.to_owned(), write::entity);
    let mut segments = vec![
        msh(header, "RRI", now, control_id),
        msa(header, code, &Outcome::Accepted),
        rf1(
            referral_status(status),
            &id(placer, &header.echo.placer),
            &id(filler, &header.echo.filler),
        ),
    ];
    segments.extend(header.echo.segments.iter().cloned());
    Some(joined(&segments))
}

/// Table 0283.
#[must_use]
pub(crate) const fn referral_status(status: Status) -> &'static str {
    match status {
        Status::Sent | Status::InfoRequested => "P",
        Status::Declined => "R",
        Status::Cancelled | Status::NotCompleted | Status::EnteredInError => "E",
        _ => "A",
    }
}

/// AA, AE, AR, CA, CE or CR, or nothing (table 0008).
fn code(header: &Header, outcome: &Outcome) -> Option<&'static str> {
    let is_original = header.accept_ack.is_none() && header.application_ack.is_none();
    let is_accepted = matches!(outcome, Outcome::Accepted | Outcome::Noted(_));
    let (application, accept) = match outcome {
        Outcome::Accepted | Outcome::Noted(_) => ("AA", "CA"),
        Outcome::Error(_) => ("AE", "CE"),
        Outcome::Rejected(_) => ("AR", "CR"),
    };
    let wants = |condition: Option<&str>| match condition {
        Some("AL") => true,
        Some("SU") => is_accepted,
        Some("ER") => !is_accepted,
        _ => false,
    };
    if is_original || wants(header.application_ack.as_deref()) {
        Some(application)
    } else {
        wants(header.accept_ack.as_deref()).then_some(accept)
    }
}

fn joined(segments: &[String]) -> String {
    let mut message = segments.join("\r");
    message.push('\r');
    message
}

/// Sender and receiver change places; nothing is wanted in return.
fn msh(header: &Header, answer: &str, now: Timestamp, control_id: &str) -> String {
    let structure = match answer {
        "RRI" => "RRI_I12",
        "ORG" => "ORG_O20",
        _ => "ACK",
    };
    let trigger = if answer == "ORG" {
        "O20"
    } else {
        header.trigger.as_str()
    };
    let message_type = if header.version == "2.3" || trigger.is_empty() {
        if answer == "ACK" {
            "ACK".to_owned()
        } else {
            format!("{answer}^{}", encode(trigger))
        }
    } else {
        format!("{answer}^{}^{structure}", encode(trigger))
    };
    let version = if header.version.is_empty() {
        write::VERSION
    } else {
        &header.version
    };
    let is_enhanced = header.accept_ack.is_some() || header.application_ack.is_some();
    let no_more = if is_enhanced { "NE|NE" } else { "|" };
    [
        "MSH|^~\\&",
        &header.receiving_application.raw,
        &header.receiving_facility.raw,
        &header.sending_application.raw,
        &header.sending_facility.raw,
        &times::written(now),
        "",
        &message_type,
        &encode(control_id),
        &encode(&header.processing_id),
        &encode(version),
        "",
        "",
        no_more,
        "",
        "UNICODE UTF-8",
    ]
    .join("|")
}

/// MSA-3, a text, was withdrawn with 2.7; ERR says the same.
fn msa(header: &Header, code: &str, outcome: &Outcome) -> String {
    let has_text = !matches!(header.version.get(..3), Some("2.7" | "2.8"));
    let text = match outcome {
        _ if !has_text => "",
        Outcome::Accepted => "",
        Outcome::Noted(done) => done,
        Outcome::Error(faults) | Outcome::Rejected(faults) => {
            faults.first().map_or("", |fault| fault.detail.as_str())
        }
    };
    format!("MSA|{code}|{}|{}", encode(&header.control_id), encode(text))
        .trim_end_matches('|')
        .to_owned()
}

/// ERR-2 to 5 and 8 since 2.5, a segment for each fault; before it one segment, whose ERR-1 repeats.
fn errors(header: &Header, outcome: &Outcome) -> Vec<String> {
    let faults = match outcome {
        Outcome::Accepted | Outcome::Noted(_) => return Vec::new(),
        Outcome::Error(faults) | Outcome::Rejected(faults) => faults,
    };
    let is_before_2_5 = matches!(header.version.get(..3), Some("2.3" | "2.4"));
    let one = |fault: &Fault| {
        let (code, text) = faults::in_table_0357(fault.code);
        let (segment, sequence, field, component) = location(&fault.at);
        if is_before_2_5 {
            return format!("{segment}^{sequence}^{field}^{code}&{text}&HL70357");
        }
        let place = match (field, component) {
            ("", _) => format!("{segment}^{sequence}"),
            (_, "") => format!("{segment}^{sequence}^{field}"),
            _ => format!("{segment}^{sequence}^{field}^1^{component}"),
        };
        format!(
            "ERR||{place}|{code}^{text}^HL70357|E|{}|||{}",
            encode(fault.code),
            encode(&format!("{}: {}", fault.at, fault.detail))
        )
    };
    let all: Vec<String> = faults.iter().take(ERRORS_MAX).map(one).collect();
    if is_before_2_5 && !all.is_empty() {
        return vec![format!("ERR|{}", all.join("~"))];
    }
    all
}

/// `OBX[2]-5.1` as segment, sequence, field and component; the first where a fault names two.
fn location(at: &str) -> (&str, &str, &str, &str) {
    let first = at.split([' ', ',']).next().unwrap_or(at);
    let (segment, place) = first.split_once('-').unwrap_or((first, ""));
    let (name, sequence) = segment.split_once('[').unwrap_or((segment, "1]"));
    let (field, component) = place.split_once('.').unwrap_or((place, ""));
    let is_name = name.len() == 3 && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_name {
        return ("MSH", "1", "", "");
    }
    let field = if digits(field) { field } else { "" };
    let component = if digits(component) { component } else { "" };
    (name, sequence.trim_end_matches(']'), field, component)
}

fn rf1(status: &str, placer: &str, filler: &str) -> String {
    format!("RF1|{status}^^HL70283|||||{placer}|||||{filler}")
        .trim_end_matches('|')
        .to_owned()
}
