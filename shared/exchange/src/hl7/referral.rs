//! A new referral, and the correction of one: what OMG^O19 and REF^I12 say of the request.

use domain::kind::EventKind;
use domain::payload::{Corrected, Payload};
use domain::request::{
    Agreed, Coding, Identifier, PatientChanges, Preparation, Request, RequestChanges, Role,
    Scheduling, Urgency,
};

use crate::hl7::given::Given;
use crate::hl7::local;
use crate::hl7::order::Group;
use crate::hl7::order_status;
use crate::hl7::reading::{Reading, Side};
use crate::hl7::tokens::Segment;
use crate::hl7::{faults, members, parties, patient};
use crate::said::{NewReferral, Said};

/// LOINC's referral note, which names no service in particular; 360X sends it as OBR-4.
const REFERRAL_NOTE: &str = "57133-1";

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
    let role = members::coded(reading, &given.locals, "role", Role::parse);
    let scheduling = members::coded(reading, &given.locals, "scheduling", Scheduling::parse);
    let none_known = members::none_known(reading, &given.locals);
    let preparation = members::preparation(&given).unwrap_or(Preparation {
        agreed: Agreed::Undecided,
        reason: None,
        barriers: Vec::new(),
    });
    let recipient = parties::recipient(reading, group, &given.locals);
    let sender = parties::sender(reading, group);
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
        recipient: parties::placeholder(&recipient),
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
        overrides: members::overrides(&given.locals),
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
    let role = members::coded(reading, &given.locals, "role", Role::parse);
    let scheduling = members::coded(reading, &given.locals, "scheduling", Scheduling::parse);
    let none_known = members::none_known(reading, &given.locals);
    let preparation = members::preparation(&given);
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
