//! A new referral, and the correction of one: what OMG^O19 and REF^I12 say of the request.

use domain::kind::EventKind;
use domain::payload::{Corrected, Payload};
use domain::request::{
    Agreed, Coding, External, Free, Identifier, Override, PatientChanges, Preparation, Recipient,
    Request, RequestChanges, Requester, Role, Scheduling, Supporting, SupportingKind, Urgency,
};
use domain::time::{Date, Timestamp};

use crate::hl7::local::{self, Local};
use crate::hl7::order::Group;
use crate::hl7::order_status;
use crate::hl7::reading::{Reading, Side};
use crate::hl7::tokens::Segment;
use crate::hl7::{faults, names, patient, supporting};
use crate::said::{NewReferral, PartyName, Said};

/// What the letter is for, where the message has a letter and no words: ours.
const SEE_LETTER: &str = "See the letter that came with the referral.";

/// LOINC's referral note, which names no service in particular; 360X sends it as OBR-4.
const REFERRAL_NOTE: &str = "57133-1";

/// What a message says of a request; what it does not say is nothing.
#[derive(Default)]
struct Given {
    service: Option<Coding>,
    urgency: Option<Urgency>,
    clinical_question: Option<String>,
    summary: Option<String>,
    supporting: Vec<Supporting>,
    agreed: Option<Agreed>,
    requester: Option<Requester>,
    reason: Vec<Coding>,
    ordered_at: Option<Timestamp>,
    coverage: Option<Free>,
    needed_by: Option<Date>,
    encounter: Option<Free>,
    locals: Vec<Local>,
}

/// Reads OMG^O19 with ORC-1 NW.
pub(crate) fn from_order(reading: &mut Reading<'_, '_>, group: &Group<'_, '_>) {
    let placer = ["ORC", "OBR"].into_iter().find_map(|name| {
        let segment = group.first(name)?;
        reading.entity(segment.at(2), segment.field(2), Side::Sender)
    });
    if placer.is_none() {
        reading.fault(
            group.at("ORC", 2),
            faults::REQUIRED,
            "the placer's id of the referral is needed",
        );
    }
    new(reading, group, placer);
}

/// Reads REF^I12 that asks for one.
pub(crate) fn from_referral(reading: &mut Reading<'_, '_>, group: &Group<'_, '_>) {
    let placer = [("RF1", 6), ("ORC", 2), ("OBR", 2)]
        .into_iter()
        .find_map(|(name, field)| {
            let segment = group.first(name)?;
            reading.entity(segment.at(field), segment.field(field), Side::Sender)
        });
    if placer.is_none() {
        reading.warn(
            group.at("RF1", 6),
            "no id of the referral: answers must name the patient, or ours",
        );
    }
    new(reading, group, placer);
}

fn new(reading: &mut Reading<'_, '_>, group: &Group<'_, '_>, placer: Option<Identifier>) {
    let given = Given::read(reading, group);
    let Some(pid) = group.first("PID") else {
        reading.fault("PID", faults::SEGMENT, "a referral has a patient");
        return;
    };
    let member = |code: &str| local::get(&given.locals, code).map(str::to_owned);
    let patient = patient::whole(reading, pid, member("contact-by"));
    if given.clinical_question.is_none() {
        let at = format!(
            "{}, {} or NTE-3",
            group.at("OBR", 13),
            if group.first("RF1").is_some() {
                group.at("RF1", 10)
            } else {
                group.at("OBR", 31)
            }
        );
        reading.fault(
            at,
            faults::REQUIRED,
            "the reason of the referral, or its question, is needed",
        );
    }
    let role = coded(reading, &given.locals, "role", Role::parse);
    let scheduling = coded(reading, &given.locals, "scheduling", Scheduling::parse);
    let none_known = none_known(reading, &given.locals);
    let preparation = preparation(&given, reading).unwrap_or(Preparation {
        agreed: Agreed::Undecided,
        reason: None,
        barriers: Vec::new(),
    });
    let recipient = recipient(reading, group, &given.locals);
    let sender = sender(reading, group);
    let (Some(patient), Some(clinical_question)) = (patient, given.clinical_question.clone())
    else {
        return;
    };
    let service = given.service.clone().unwrap_or_else(|| {
        reading.warn(
            group.at("OBR", 4),
            "no service is named: taken as a referral note, for the recipient's usual service",
        );
        Coding {
            system: "http://loinc.org".to_owned(),
            code: REFERRAL_NOTE.to_owned(),
            display: Some("Referral note".to_owned()),
        }
    });
    let request = Request {
        patient,
        recipient: placeholder(&recipient),
        service,
        urgency: given.urgency.unwrap_or(Urgency::Routine),
        clinical_question,
        role: role.unwrap_or(Role::Evaluate),
        summary: given.summary,
        supporting: given.supporting,
        preparation,
        requester: given.requester,
        reason: given.reason,
        urgency_reason: member("urgency-reason"),
        ordered_at: given.ordered_at,
        ordered_by_telehealth: member("telehealth").map(|flag| flag == "true"),
        scheduling,
        none_known,
        coverage: given.coverage,
        needed_by: given.needed_by,
        placer,
        encounter: given.encounter,
        follows: member("follows"),
        overrides: overrides(&given.locals),
        routed: None,
    };
    let warnings = reading.take_warnings();
    reading.said.push(Said::Referral(Box::new(NewReferral {
        request,
        recipient,
        sender: Some(sender),
        warnings,
    })));
}

/// Reads REF^I13 and OMG^O19 with ORC-1 XO: the members that are given are as they should be; which of them changed, a message
/// does not say.
pub(crate) fn correction(reading: &mut Reading<'_, '_>, group: &Group<'_, '_>) {
    let given = Given::read(reading, group);
    let placer = [("RF1", 6), ("ORC", 2), ("OBR", 2)]
        .into_iter()
        .find_map(|(name, field)| {
            let segment = group.first(name)?;
            reading.entity(segment.at(field), segment.field(field), Side::Sender)
        });
    let filler = [("RF1", 11), ("ORC", 3)]
        .into_iter()
        .find_map(|(name, field)| {
            let segment = group.first(name)?;
            reading.entity(segment.at(field), segment.field(field), Side::Receiver)
        });
    if given.urgency.is_some() {
        reading.warn(
            group.at("RF1", 2),
            "the urgency is not corrected: raise or lower it as such",
        );
    }
    let member = |code: &str| local::get(&given.locals, code).map(str::to_owned);
    let role = coded(reading, &given.locals, "role", Role::parse);
    let scheduling = coded(reading, &given.locals, "scheduling", Scheduling::parse);
    let none_known = none_known(reading, &given.locals);
    let preparation = preparation(&given, reading);
    let changes = RequestChanges {
        patient: group
            .first("PID")
            .map(|pid| patient_changes(reading, pid, member("contact-by"))),
        service: given.service,
        clinical_question: given.clinical_question,
        role,
        summary: given.summary,
        supporting: Some(given.supporting).filter(|items| !items.is_empty()),
        preparation,
        requester: given.requester,
        reason: Some(given.reason).filter(|reasons| !reasons.is_empty()),
        urgency_reason: local::get(&given.locals, "urgency-reason").map(str::to_owned),
        scheduling,
        none_known: Some(none_known).filter(|kinds| !kinds.is_empty()),
        coverage: given.coverage,
        needed_by: given.needed_by,
        encounter: given.encounter,
    };
    let data = Payload::Corrected(Box::new(Corrected {
        changes,
        reason: "modified by the sender".to_owned(),
    }));
    let named = reading.patient(group.first("PID"));
    let about = placer.into_iter().chain(filler).collect();
    reading.happened(
        EventKind::ReferralCorrected,
        data,
        order_status::when(group),
        about,
        named,
    );
}

fn patient_changes(
    reading: &mut Reading<'_, '_>,
    pid: &Segment<'_>,
    contact_by: Option<String>,
) -> PatientChanges {
    let telecoms = || {
        [13, 40, 14]
            .into_iter()
            .flat_map(|field| pid.field(field).repetitions())
    };
    PatientChanges {
        name: patient::person_name(pid.field(5)),
        birth_date: reading.date(pid.at(7), pid.field(7).value()),
        phone: telecoms().find_map(patient::phone),
        email: telecoms().find_map(patient::email),
        language: pid.field(15).value(),
        contact_by,
    }
}

impl Given {
    fn read(reading: &mut Reading<'_, '_>, group: &Group<'_, '_>) -> Self {
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
            requester: requester(group),
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

/// The clinician: ORC-12 or OBR-16; in REF the provider with the role RP.
fn requester(group: &Group<'_, '_>) -> Option<Requester> {
    if let Some(prd) = provider(group, &["RP"]) {
        return Some(Requester {
            identifier: names::provider_ids(prd.field(7)).into_iter().next(),
            name: patient::readable(prd.field(2), 1, 5)?,
            phone: prd.field(5).repetitions().find_map(patient::phone),
        });
    }
    [("ORC", 12, 14), ("OBR", 16, 17)]
        .into_iter()
        .find_map(|(name, person, phone)| {
            let person = group.field(name, person).first();
            Some(Requester {
                identifier: names::person_id(person),
                name: patient::readable(person, 2, 6)?,
                phone: group
                    .field(name, phone)
                    .repetitions()
                    .find_map(patient::phone),
            })
        })
}

/// A provider by its roles (table 0286), in that order.
fn provider<'t, 'a>(group: &Group<'t, 'a>, roles: &[&str]) -> Option<&'t Segment<'a>> {
    roles.iter().find_map(|role| {
        group.all("PRD").find(|prd| {
            prd.field(1)
                .repetitions()
                .any(|one| one.part(1).as_deref() == Some(*role))
        })
    })
}

fn sender(reading: &Reading<'_, '_>, group: &Group<'_, '_>) -> PartyName {
    let mut party = reading.header.sending_facility.name();
    if let Some(prd) = provider(group, &["RP"]) {
        party.identifiers.extend(names::provider_ids(prd.field(7)));
    }
    let orderer = group.field("ORC", 12).first();
    party.identifiers.extend(names::person_id(orderer));
    party
        .identifiers
        .extend(names::assigner_in(orderer.component(9)).map(|uri| names::as_identifier(&uri)));
    party
}

/// MSH-6, and in REF the provider with the role RT or IR.
fn recipient(reading: &Reading<'_, '_>, group: &Group<'_, '_>, locals: &[Local]) -> PartyName {
    let mut party = reading.header.receiving_facility.name();
    if let Some(prd) = provider(group, &["RT", "IR"]) {
        // The provider whom the referral names comes before the gateway that the message is sent through.
        let mut ids = names::provider_ids(prd.field(7));
        ids.append(&mut party.identifiers);
        party.identifiers = ids;
        party.id = prd.field(7).part(1).or(party.id);
        party.name = patient::readable(prd.field(2), 1, 5);
        party.phone = prd.field(5).repetitions().find_map(patient::phone);
    }
    party.service = local::get(locals, "recipient-service").map(str::to_owned);
    party
}

fn placeholder(party: &PartyName) -> Recipient {
    match &party.id {
        Some(id) => Recipient::Member {
            organization: id.clone(),
            service: party.service.clone(),
        },
        None => {
            let by_id = || party.identifiers.first().map(|id| id.value.clone());
            let name = party.name.clone().or_else(by_id).unwrap_or_default();
            Recipient::Outside {
                external: External {
                    name,
                    fax: None,
                    phone: party.phone.clone(),
                },
            }
        }
    }
}

/// CON-11 (table 0498), else our own.
fn agreed(
    reading: &mut Reading<'_, '_>,
    group: &Group<'_, '_>,
    locals: &[Local],
) -> Option<Agreed> {
    if let Some(own) = coded(reading, locals, "agreed", Agreed::parse) {
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

fn preparation(given: &Given, _reading: &Reading<'_, '_>) -> Option<Preparation> {
    let reason = local::get(&given.locals, "agreed-reason").map(str::to_owned);
    let barriers: Vec<String> = local::each(&given.locals, "barrier")
        .map(|one| one.value.clone())
        .collect();
    if given.agreed.is_none() && reason.is_none() && barriers.is_empty() {
        return None;
    }
    Some(Preparation {
        agreed: given.agreed.unwrap_or(Agreed::Undecided),
        reason,
        barriers,
    })
}

/// A member of ours with a code.
fn coded<T>(
    reading: &mut Reading<'_, '_>,
    locals: &[Local],
    code: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    let value = local::get(locals, code)?;
    let parsed = parse(value);
    if parsed.is_none() {
        reading.fault("OBX-5", faults::TABLE, format!("no code of `{code}`"));
    }
    parsed
}

fn none_known(reading: &mut Reading<'_, '_>, locals: &[Local]) -> Vec<SupportingKind> {
    let mut kinds = Vec::new();
    for one in local::each(locals, "none-known") {
        match SupportingKind::parse(&one.value) {
            Some(kind) => kinds.push(kind),
            None => reading.fault("OBX-5", faults::TABLE, "no code of `none-known`"),
        }
    }
    kinds
}

fn overrides(locals: &[Local]) -> Vec<Override> {
    local::each(locals, "override")
        .filter_map(|one| {
            Some(Override {
                requirement: one.sub_id.clone()?,
                reason: one.value.clone(),
            })
        })
        .collect()
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
