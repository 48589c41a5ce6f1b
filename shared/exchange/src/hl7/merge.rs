//! ADT^A40: two records were of one patient (HL7 v2 chapter 3, merge patient; IHE PAM, ITI-30).
//!
//! An id of MRG-1 is merged into the one of PID-3 that has the same assigner, and where it has several there, the same type.

use domain::merges::Merge;
use domain::request::Identifier;

use crate::hl7::reading::{Reading, Side};
use crate::hl7::tokens::Segment;
use crate::hl7::{faults, names};

/// Merges of one message; ours.
const MERGES_MAX: usize = 100;

/// Reads the pairs of PID and MRG.
pub(crate) fn read(reading: &mut Reading<'_, '_>) {
    let tokens = reading.tokens;
    let mut pid: Option<&Segment<'_>> = None;
    let mut evn: Option<&Segment<'_>> = None;
    let mut has_any = false;
    for segment in tokens.segments() {
        match segment.name() {
            "EVN" => evn = Some(segment),
            "PID" => pid = Some(segment),
            "MRG" => {
                has_any = true;
                one(reading, pid.take(), segment);
            }
            _ => {}
        }
    }
    if !has_any {
        reading.fault("MRG", faults::SEGMENT, "a merge has PID and MRG segments");
    }
    let when = evn
        .and_then(|evn| evn.field(6).value().or_else(|| evn.field(2).value()))
        .or_else(|| reading.header.datetime.clone());
    reading.merged_at = reading.happened_at(when);
}

fn one(reading: &mut Reading<'_, '_>, pid: Option<&Segment<'_>>, mrg: &Segment<'_>) {
    let Some(pid) = pid else {
        reading.fault(
            mrg.at(1),
            faults::SEGMENT,
            "a MRG segment follows the PID of the record that stays",
        );
        return;
    };
    let gone = numbers(reading, mrg, 1);
    let staying = numbers(reading, pid, 3);
    for (is_empty, at) in [
        (gone.is_empty(), mrg.at(1)),
        (staying.is_empty(), pid.at(3)),
    ] {
        if is_empty {
            reading.fault(at, faults::REQUIRED, "an id with its assigner is needed");
            return;
        }
    }
    let mut has_any = false;
    for from in &gone {
        let of_same_assigner = || {
            let same = |to: &&Number| to.id.system == from.id.system;
            staying.iter().filter(same)
        };
        let of_same_type = || of_same_assigner().filter(|to| to.kind == from.kind);
        let to = if of_same_assigner().count() > 1 {
            of_same_type().collect::<Vec<_>>()
        } else {
            of_same_assigner().collect()
        };
        match to.as_slice() {
            [to] => {
                has_any = true;
                add(reading, mrg, from.id.clone(), to.id.clone());
            }
            [] if of_same_assigner().next().is_none() => reading.warn(
                mrg.at(1),
                "an id whose assigner PID-3 does not have is merged into none",
            ),
            _ => {
                has_any = true;
                reading.fault(
                    pid.at(3),
                    faults::TABLE,
                    "several ids of the assigner of MRG-1, and the type does not say which one stays",
                );
            }
        }
    }
    if !has_any {
        reading.fault(
            mrg.at(1),
            faults::REQUIRED,
            "an id is merged into one of the same assigner, and PID-3 has none",
        );
    }
}

fn add(reading: &mut Reading<'_, '_>, mrg: &Segment<'_>, from: Identifier, to: Identifier) {
    if reading.merges.len() < MERGES_MAX {
        reading.merges.push(Merge { from, to });
    } else {
        reading.fault(
            mrg.at(1),
            faults::LIMIT,
            format!("more than {MERGES_MAX} merges"),
        );
    }
}

/// An id and its type (CX-5, table 0203).
struct Number {
    id: Identifier,
    kind: Option<String>,
}

/// Those of a field, each once; one without an assigner is the sender's own.
fn numbers(reading: &mut Reading<'_, '_>, segment: &Segment<'_>, field: usize) -> Vec<Number> {
    let sender = reading.assigner(Side::Sender);
    let mut numbers: Vec<Number> = Vec::new();
    for one in segment.field(field).repetitions() {
        let Some(id) = names::patient_id(one, sender.as_deref()) else {
            continue;
        };
        if numbers.iter().all(|known| known.id != id) {
            numbers.push(Number {
                id,
                kind: one.part(5),
            });
        }
    }
    numbers
}
