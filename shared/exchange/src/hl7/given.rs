//! What a message says of a request, field by field; what it does not say is nothing.

use domain::request::{Agreed, Coding, Free, Requester, Supporting, Urgency};
use domain::time::{Date, Timestamp};

use crate::hl7::local::{self, Local};
use crate::hl7::order::Group;
use crate::hl7::reading::Reading;
use crate::hl7::{faults, members, names, parties, supporting};

/// What the letter is for, where the message has a letter and no words: ours.
const SEE_LETTER: &str = "See the letter that came with the referral.";

/// The members that are fields of the standard, and our own observations.
#[derive(Default)]
pub(crate) struct Given {
    pub service: Option<Coding>,
    pub urgency: Option<Urgency>,
    pub clinical_question: Option<String>,
    pub summary: Option<String>,
    pub supporting: Vec<Supporting>,
    pub agreed: Option<Agreed>,
    pub requester: Option<Requester>,
    pub reason: Vec<Coding>,
    pub ordered_at: Option<Timestamp>,
    pub coverage: Option<Free>,
    pub needed_by: Option<Date>,
    pub encounter: Option<Free>,
    pub locals: Vec<Local>,
}

impl Given {
    /// Reads them.
    pub fn read(reading: &mut Reading<'_, '_>, group: &Group<'_, '_>) -> Self {
        let locals = local::all(group.all("OBX"));
        let (supporting, has_letter) = supporting::read(reading, group);
        let coded = [("OBR", 31), ("ORC", 16), ("RF1", 10), ("DG1", 3)];
        let reasons: Vec<_> = coded
            .into_iter()
            .flat_map(|(name, field)| {
                group
                    .all(name)
                    .flat_map(move |segment| segment.field(field).repetitions())
            })
            .collect();
        let mut reason: Vec<Coding> = Vec::new();
        for coding in reasons.iter().filter_map(|one| names::coding(*one)) {
            if !reason
                .iter()
                .any(|one| one.system == coding.system && one.code == coding.code)
            {
                reason.push(coding);
            }
        }
        let words: Vec<String> = reasons
            .iter()
            .filter_map(|one| names::coded_text(*one))
            .collect();
        let (clinical_question, summary) = question(group, words, has_letter);
        if has_letter && clinical_question.as_deref() == Some(SEE_LETTER) {
            reading.warn(group.at("OBX", 5), "no reason in words: the letter has it");
        }
        Self {
            service: service(group),
            urgency: urgency(reading, group),
            clinical_question,
            summary,
            supporting,
            agreed: agreed(reading, group, &locals),
            requester: parties::requester(group),
            reason,
            ordered_at: ordered_at(reading, group),
            coverage: local::get(&locals, "coverage")
                .map(local::free)
                .or_else(|| coverage(group)),
            needed_by: needed_by(reading, group),
            encounter: local::get(&locals, "encounter")
                .map(local::free)
                .or_else(|| group.field("PV1", 19).value().map(Free::Text)),
            locals,
        }
    }
}

/// The question and the story: OBR-13, else a note that is marked as the reason, else the reason in words, else a note, else the
/// letter. Notes that are not the question are the story.
fn question(
    group: &Group<'_, '_>,
    mut words: Vec<String>,
    has_letter: bool,
) -> (Option<String>, Option<String>) {
    let mut notes: Vec<(bool, String)> = group
        .all("NTE")
        .filter_map(|note| {
            let kind = names::coded_text(note.field(4))
                .unwrap_or_default()
                .to_ascii_uppercase();
            let lines: Vec<String> = note
                .field(3)
                .repetitions()
                .filter_map(super::tokens::Part::text)
                .collect();
            (!lines.is_empty()).then(|| (kind.contains("REASON"), lines.join("\n")))
        })
        .collect();
    let question = group.field("OBR", 13).text().or_else(|| {
        let marked = notes.iter().position(|(is_reason, _)| *is_reason);
        if let Some(at) = marked {
            return Some(notes.remove(at).1);
        }
        if !words.is_empty() {
            return Some(words.remove(0));
        }
        if !notes.is_empty() {
            return Some(notes.remove(0).1);
        }
        has_letter.then(|| SEE_LETTER.to_owned())
    });
    let rest: Vec<String> = notes.into_iter().map(|(_, text)| text).collect();
    (question, (!rest.is_empty()).then(|| rest.join("\n")))
}

/// OBR-4; in REF the type of referral, or the procedure.
fn service(group: &Group<'_, '_>) -> Option<Coding> {
    [("OBR", 4), ("RF1", 3), ("PR1", 3)]
        .into_iter()
        .find_map(|(name, field)| names::coding(group.field(name, field)))
}

/// TQ1-9, OBR-27.6, OBR-5 or ORC-7.6 (table 0485), RF1-2 (table 0280); none is routine, as the standard has it.
fn urgency(reading: &mut Reading<'_, '_>, group: &Group<'_, '_>) -> Option<Urgency> {
    let sources = [
        ("TQ1", 9, 1),
        ("RF1", 2, 1),
        ("OBR", 27, 6),
        ("ORC", 7, 6),
        ("OBR", 5, 1),
    ];
    let (name, field, code) = sources.into_iter().find_map(|(name, field, component)| {
        Some((name, field, group.field(name, field).part(component)?))
    })?;
    let urgency = match code.to_ascii_uppercase().as_str() {
        "S" | "STAT" => Urgency::Stat,
        "A" | "ASAP" => Urgency::Asap,
        "U" | "UR" | "URGENT" => Urgency::Urgent,
        "R" | "ROUTINE" => Urgency::Routine,
        _ => {
            reading.fault(
                group.at(name, field),
                faults::TABLE,
                "a priority that is read here is S, A, U or R",
            );
            return None;
        }
    };
    Some(urgency)
}

/// TQ1-8; before 2.5 the end of OBR-27 or ORC-7; in REF the expiry, which England sends as the breach date.
fn needed_by(reading: &mut Reading<'_, '_>, group: &Group<'_, '_>) -> Option<Date> {
    let sources = [("TQ1", 8, 1), ("OBR", 27, 5), ("ORC", 7, 5), ("RF1", 8, 1)];
    let (name, field, text) = sources.into_iter().find_map(|(name, field, component)| {
        Some((name, field, group.field(name, field).part(component)?))
    })?;
    reading.date(group.at(name, field), Some(text))
}

/// ORC-9; RF1-7 or RF1-9, the dates of a referral, where they have a time.
fn ordered_at(reading: &Reading<'_, '_>, group: &Group<'_, '_>) -> Option<Timestamp> {
    let sources = [("ORC", 9), ("RF1", 9), ("RF1", 7)];
    sources
        .into_iter()
        .find_map(|(name, field)| reading.happened_at(group.field(name, field).value()))
}

/// CON-11 (table 0498), else our own.
fn agreed(
    reading: &mut Reading<'_, '_>,
    group: &Group<'_, '_>,
    locals: &[Local],
) -> Option<Agreed> {
    if let Some(own) = members::coded(reading, locals, "agreed", Agreed::parse) {
        return Some(own);
    }
    let code = group.field("CON", 11).value()?;
    match code.as_str() {
        "A" | "L" => Some(Agreed::Yes),
        "R" | "X" => Some(Agreed::No),
        "P" => Some(Agreed::Undecided),
        _ => {
            reading.warn(
                group.at("CON", 11),
                "a consent status that is not read: taken as undecided",
            );
            Some(Agreed::Undecided)
        }
    }
}

/// IN1: plan, company, group and policy number, as they are given.
fn coverage(group: &Group<'_, '_>) -> Option<Free> {
    let in1 = group.first("IN1")?;
    let plan = names::coded_text(in1.field(2));
    let members = [
        ("plan", plan),
        ("company_id", in1.field(3).value()),
        ("company", in1.field(4).value()),
        ("group_number", in1.field(8).value()),
        ("policy_number", in1.field(36).value()),
    ];
    let given: std::collections::BTreeMap<String, Free> = members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), Free::Text(value?))))
        .collect();
    (!given.is_empty()).then_some(Free::Object(given))
}
