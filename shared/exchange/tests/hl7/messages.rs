//! Messages in the shapes of IHE 360X, with ids of our own.

use formats::hl7::{Message, read};
use formats::said::{Fault, Happened, NewReferral, Said};

/// The header of 360X with another type: MSH-4 and 6 are OIDs, nothing is wanted in return.
pub fn msh(message_type: &str) -> String {
    format!(
        "MSH|^~\\&||^2.999.1^ISO||^2.999.2^ISO|20260930153834+0000||{message_type}|17882|P|2.5.1|||NE|NE|||||360X"
    )
}

pub const PID: &str = "PID|1||T71^^^&2.999.1.5&ISO^MRN||Packton^Peter^^^L||19580817|M";

/// A referral as 360X has it: the shape of the example in ONC's 360X implementation guide, section 7.1.2.
pub fn request() -> String {
    text(&[
        &msh("OMG^O19^OMG_O19"),
        PID,
        "ORC|NW|889342^^2.999.1.15^ISO||||||||||34225^Allen^Anthony^M^III^MD^^^&2.999.1.10&ISO^L",
        "TQ1||||||||20261018235959+0000",
        "OBR||889342^^2.999.1.15^ISO||57133-1^^LN||||||||||||34225^Allen^Anthony^M^III^MD^^^&2.999.1.10&ISO^L|||||||||||||||^Rule out headache",
    ])
}

/// Segments as a message.
pub fn text(segments: &[&str]) -> String {
    let mut text = segments.join("\r");
    text.push('\r');
    text
}

/// A status of the referral.
pub fn status(orc: &str) -> String {
    text(&[&msh("OSU^O51^OSU_O51"), PID, orc])
}

#[track_caller]
pub fn message(text: &str) -> Message {
    match read(text.as_bytes()) {
        Ok(message) => message,
        Err(faults) => panic!("{faults:?}"),
    }
}

#[track_caller]
pub fn event(text: &str) -> Happened {
    let said = message(text).said;
    match said.as_slice() {
        [Said::Event(happened)] => (**happened).clone(),
        other => panic!("one event, not {other:?}"),
    }
}

#[track_caller]
pub fn referral(text: &str) -> NewReferral {
    let said = message(text).said;
    match said.as_slice() {
        [Said::Referral(new)] => (**new).clone(),
        other => panic!("one referral, not {other:?}"),
    }
}

#[track_caller]
pub fn faults(text: &str) -> Vec<Fault> {
    match read(text.as_bytes()) {
        Ok(message) => panic!("read: {message:?}"),
        Err(faults) => faults,
    }
}
