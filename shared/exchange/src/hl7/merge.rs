//! ADT^A40: two records were of one patient (HL7 v2 chapter 3, merge patient).

use crate::hl7::Merge;
use crate::hl7::reading::{Reading, Side};
use crate::hl7::tokens::Segment;
use crate::hl7::{faults, names, patient};

/// Merges of one message; ours.
const MERGES_MAX: usize = 100;

/// Reads the pairs of PID and MRG.
pub(crate) fn read(reading: &mut Reading<'_, '_>) {
    let tokens = reading.tokens;
    let mut pid: Option<&Segment<'_>> = None;
    for segment in tokens.segments() {
        match segment.name() {
            "PID" => pid = Some(segment),
            "MRG" => one(reading, pid.take(), segment),
            _ => {}
        }
    }
    if reading.merges.is_empty() {
        reading.fault("MRG", faults::SEGMENT, "a merge has PID and MRG segments");
    }
}

fn one(reading: &mut Reading<'_, '_>, pid: Option<&Segment<'_>>, mrg: &Segment<'_>) {
    if reading.merges.len() >= MERGES_MAX {
        reading.fault(
            mrg.at(1),
            faults::LIMIT,
            format!("more than {MERGES_MAX} merges"),
        );
        return;
    }
    let Some(pid) = pid else {
        reading.fault(
            mrg.at(1),
            faults::SEGMENT,
            "a MRG segment follows the PID of the record that stays",
        );
        return;
    };
    let sender = reading.assigner(Side::Sender);
    let ids = mrg
        .field(1)
        .repetitions()
        .filter_map(|one| names::patient_id(one, sender.as_deref()));
    let from: Vec<_> = ids.collect();
    let to = patient::identifiers(reading, pid);
    for (is_empty, at) in [(from.is_empty(), mrg.at(1)), (to.is_empty(), pid.at(3))] {
        if is_empty {
            reading.fault(at, faults::REQUIRED, "an id with its assigner is needed");
        }
    }
    reading.merges.push(Merge { from, to });
}
