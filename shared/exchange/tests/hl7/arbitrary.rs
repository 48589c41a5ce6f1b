//! Reading never panics: on any bytes, and on messages that were valid before something happened to them.

use formats::hl7::{Outcome, acknowledge, header, read};
use proptest::prelude::*;

use crate::messages::{PID, msh, request, status, text};

fn samples() -> Vec<String> {
    vec![
        request(),
        status("ORC|UA|889342^^2.999.1.15^ISO|77^^2.999.2.9^ISO||CA|||||||||||capacity^No room"),
        text(&[
            &msh("SIU^S12"),
            "SCH||A5||||patient^Ill^99RLOOP||||||||||||||||||||889342^^2.999.1.15^ISO",
            "TQ1|1||||||20261015093000-0400",
            PID,
        ]),
        text(&[
            &msh("ORU^R01"),
            PID,
            "OBR|1|1^^1.2^ISO||1^Exam^L|||20261015||||||||||||||||||F",
            "OBX|1|ED|1^First^L||^^PDF^Base64^QQ==||||||F",
        ]),
        text(&[
            &msh("MDM^T02"),
            PID,
            "TXA|1|CN|TX|20261015||20261016||||||D5||889342^^1.2^ISO|||AU",
            "OBX|1|TX|1^a^L||\\X41\\ \\.sp3\\||||||F",
        ]),
        text(&[
            &msh("REF^I12"),
            "RF1|P|S|MED|||15^^1.2^ISO||20260915",
            "PRD|RP|Foo^D",
            PID,
            "NTE|1||why",
        ]),
        text(&[&msh("ADT^A40"), PID, "MRG|T99^^^&2.999.1.5&ISO^MR"]),
    ]
}

fn survives(bytes: &[u8]) {
    let _ = read(bytes);
    if let Ok(header) = header(bytes) {
        let now = domain::time::Timestamp::from_millisecond(0).unwrap();
        let faults = read(bytes).err().unwrap_or_default();
        let _ = acknowledge(&header, &Outcome::Error(faults), now, "1");
        let _ = acknowledge(&header, &Outcome::Accepted, now, "1");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        survives(&bytes);
        survives(&[b"MSH".as_slice(), &bytes].concat());
        survives(&[b"MSH|^~\\&|".as_slice(), &bytes].concat());
    }

    #[test]
    fn a_message_with_bytes_changed_taken_out_or_repeated_is_read_or_refused(
        sample in 0_usize..7,
        edits in proptest::collection::vec((any::<prop::sample::Index>(), 0_u8..4, prop::sample::select(b"|^~\\&\r\n\"\x0b\x1c0129+-.AZ\xff\xc3\xa9 #".to_vec()), 1_usize..40), 1..12),
    ) {
        let mut bytes = samples().swap_remove(sample).into_bytes();
        for (at, edit, byte, length) in edits {
            let at = at.index(bytes.len().max(1)).min(bytes.len());
            let end = (at + length).min(bytes.len());
            match edit {
                0 if at < bytes.len() => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => { bytes.drain(at..end); }
                _ => { let part = bytes[at..end].to_vec(); bytes.splice(at..at, part); }
            }
        }
        survives(&bytes);
    }
}

#[test]
fn every_sample_is_read_and_every_beginning_of_one_is_read_or_refused() {
    for sample in samples() {
        assert!(
            read(sample.as_bytes()).is_ok(),
            "{sample}: {:?}",
            read(sample.as_bytes())
        );
        for end in 0..sample.len() {
            survives(&sample.as_bytes()[..end]);
        }
    }
}
