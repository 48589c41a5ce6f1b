//! PID: who the patient is (HL7 v2 chapter 3, patient identification segment).

use domain::request::{Identifier, Name, Patient};

use crate::hl7::faults;
use crate::hl7::names;
use crate::hl7::reading::{Reading, Side};
use crate::hl7::tokens::{Part, Segment};
use crate::said::PatientName;

/// The patient as a message about a known referral names one: what cannot be read is left out, and then does not agree.
pub(crate) fn name(reading: &mut Reading<'_, '_>, pid: &Segment<'_>) -> PatientName {
    let birth_date = reading.date(pid.at(7), pid.field(7).value());
    PatientName {
        identifiers: identifiers(reading, pid),
        name: person_name(pid.field(5)),
        birth_date,
    }
}

/// Every id in PID-3, and those of PID-2 and PID-4 of the versions that had them there.
pub(crate) fn identifiers(reading: &mut Reading<'_, '_>, pid: &Segment<'_>) -> Vec<Identifier> {
    let sender = reading.assigner(Side::Sender);
    let mut ids = Vec::new();
    for field in [3, 2, 4] {
        // Only PID-3 is the sender's own where it names no assigner; the others held anybody's.
        let default = sender.as_deref().filter(|_| field == 3);
        for one in pid.field(field).repetitions() {
            match names::patient_id(one, default) {
                Some(id) if !ids.contains(&id) => ids.push(id),
                Some(_) => {}
                None if one.part(1).is_some() => {
                    reading.warn(pid.at(field), "an id without an assigner is not read");
                }
                None => {}
            }
        }
    }
    ids
}

/// The patient of a new referral, whole.
pub(crate) fn whole(
    reading: &mut Reading<'_, '_>,
    pid: &Segment<'_>,
    contact_by: Option<String>,
) -> Option<Patient> {
    let identifier = main_identifier(reading, pid);
    let name = person_name(pid.field(5));
    let birth_date = reading.date(pid.at(7), pid.field(7).value());
    for (missing, field, what) in [
        (identifier.is_none(), 3, "the patient's id"),
        (name.is_none(), 5, "the patient's name"),
        (
            birth_date.is_none(),
            7,
            "the patient's date of birth, to the day",
        ),
    ] {
        if missing {
            reading.fault(pid.at(field), faults::REQUIRED, format!("{what} is needed"));
        }
    }
    let telecoms = || {
        [13, 40, 14]
            .into_iter()
            .flat_map(|field| pid.field(field).repetitions())
    };
    Some(Patient {
        identifier: identifier?,
        name: name?,
        birth_date: birth_date?,
        phone: telecoms().find_map(phone),
        email: telecoms().find_map(email),
        language: pid.field(15).value(),
        contact_by,
    })
}

/// The medical record number where one is marked so, else the first id.
fn main_identifier(reading: &mut Reading<'_, '_>, pid: &Segment<'_>) -> Option<Identifier> {
    let field = pid.field(3);
    let marked = field
        .repetitions()
        .find(|one| matches!(one.part(5).as_deref(), Some("MR" | "MRN" | "PI")));
    let sender = reading.assigner(Side::Sender);
    let chosen = marked.or_else(|| field.repetitions().next())?;
    if names::assigner_in(chosen.component(4)).is_none() {
        reading.warn(
            pid.at(3),
            "no assigner: read as assigned by the facility of MSH-4",
        );
    }
    names::patient_id(chosen, sender.as_deref())
}

/// An XPN: the legal one where several are marked, else the first.
pub(crate) fn person_name(field: Part<'_>) -> Option<Name> {
    let legal = field
        .repetitions()
        .find(|one| one.part(7).as_deref() == Some("L"));
    let one = legal.or_else(|| field.repetitions().next())?;
    let further = one.part(3).unwrap_or_default();
    Some(Name {
        family: one.part(1)?,
        given: one
            .part(2)
            .into_iter()
            .chain(further.split_whitespace().map(str::to_owned))
            .collect(),
    })
}

/// A person's name as it is read, of the components that hold prefix, given names, family name and suffix.
pub(crate) fn readable(person: Part<'_>, family: usize, prefix: usize) -> Option<String> {
    let parts = [prefix, family + 1, family + 2, family, family + 3];
    let words: Vec<String> = parts
        .into_iter()
        .filter_map(|component| person.part(component))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// The phone number of an XTN: as one text, as 2.7 has it, or in parts.
pub(crate) fn phone(xtn: Part<'_>) -> Option<String> {
    if is_internet(xtn) {
        return None;
    }
    xtn.part(12).or_else(|| xtn.part(1)).or_else(|| {
        let parts: Vec<String> = [5, 6, 7]
            .into_iter()
            .filter_map(|component| xtn.part(component))
            .collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    })
}

/// The e-mail address of an XTN.
pub(crate) fn email(xtn: Part<'_>) -> Option<String> {
    xtn.part(4)
        .filter(|address| address.contains('@'))
        .or_else(|| {
            xtn.part(1)
                .filter(|address| is_internet(xtn) && address.contains('@'))
        })
}

fn is_internet(xtn: Part<'_>) -> bool {
    xtn.part(2).as_deref() == Some("NET")
        || matches!(xtn.part(3).as_deref(), Some("Internet" | "X.400"))
}
