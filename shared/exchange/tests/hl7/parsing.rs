//! Bytes to text: framing, character sets, separators, escapes, limits.

use domain::time::Timestamp;
use domain::time_zone;
use formats::hl7::{content, header, read, read_in, unframed};
use formats::said::Said;

use crate::messages::{PID, faults, message, msh, referral, request, status, text};

#[test]
fn framing_a_byte_order_mark_and_the_ends_of_lines_change_nothing() {
    let plain = message(&request());
    let framed = format!("\u{b}{}\u{1c}\r", request());
    let marked = format!("\u{feff}{}", request());
    for other in [
        framed,
        marked,
        request().replace('\r', "\n"),
        request().replace('\r', "\r\n"),
    ] {
        assert_eq!(message(&other), plain);
    }
    assert_eq!(unframed(b"\x0bMSH|\r\x1c\r"), b"MSH|");
}

#[test]
fn any_legal_separators_say_the_same() {
    let plain = message(&request());
    let other: String = request()
        .chars()
        .map(|letter| match letter {
            '|' => '#',
            '^' => '!',
            '~' => '@',
            '\\' => '/',
            '&' => '%',
            same => same,
        })
        .collect();
    let read = message(&other);
    assert_eq!(read.said, plain.said);
    assert_eq!(read.header.sending_facility, plain.header.sending_facility);
}

#[test]
fn separators_that_are_the_same_or_letters_are_a_fault() {
    for bad in [
        "MSH|^^\\&|",
        "MSH|||",
        "MSHa^~\\&a",
        "MSH|^a\\&|",
        "MSH|^~\\&#%|",
        "MSH",
        "",
    ] {
        assert_eq!(faults(bad).len(), 1, "{bad:?}");
    }
}

#[test]
fn the_truncation_character_of_2_7_is_no_field() {
    let text = request()
        .replacen("^~\\&", "^~\\&#", 1)
        .replacen("2.5.1", "2.7", 1);
    assert_eq!(message(&text).said, message(&request()).said);
}

#[test]
fn a_message_may_declare_no_more_than_a_component_separator() {
    let text = "MSH|^|||||||ADT^A40|1|P|2.3\rPID|1||7^^^A\rMRG|8^^^A\r";
    assert_eq!(message(text).merges.len(), 1);
}

#[test]
fn latin_1_is_read_where_msh_18_says_so_and_is_a_fault_where_it_does_not() {
    let named = request().replace("Packton", "M\u{fc}ller");
    let bytes: Vec<u8> = named
        .chars()
        .map(|letter| u8::try_from(u32::from(letter)).unwrap())
        .collect();
    let fault = read(&bytes).unwrap_err();
    assert_eq!((fault[0].at.as_str(), fault[0].code), ("MSH-18", "charset"));
    let said = named.replacen("|NE|NE|||||360X", "|NE|NE||8859/1|||360X", 1);
    let bytes: Vec<u8> = said
        .chars()
        .map(|letter| u8::try_from(u32::from(letter)).unwrap())
        .collect();
    let Said::Referral(new) = &read(&bytes).unwrap().said[0] else {
        panic!("a referral")
    };
    assert_eq!(new.request.patient.name.family, "Müller");
}

#[test]
fn a_character_set_that_is_not_read_is_named_and_the_header_is_still_there_to_answer() {
    let text = request().replacen("|NE|NE|||||360X", "|NE|NE||ISO IR87|||360X", 1);
    assert_eq!(faults(&text)[0].code, "charset");
    assert_eq!(header(text.as_bytes()).unwrap().control_id, "17882");
}

#[test]
fn escapes_are_read_and_what_is_none_stays() {
    for (raw, read) in [
        (r"a\F\b\S\c\T\d\R\e\E\f", r"a|b^c&d~e\f"),
        (r"one\.br\two", "one\ntwo"),
        (r"caf\XC3A9\ \H\bold\N\", "café bold"),
        (r"éé\F\x", "éé|x"),
        (r"C:\temp\x", r"C:\temp\x"),
        (r"half\", r"half\"),
        (r"\XZZ\", r"\XZZ\"),
        (r"\Z1\F\", r"\Z1|"),
    ] {
        let text = request().replace("Rule out headache", raw);
        assert_eq!(referral(&text).request.clinical_question, read, "{raw}");
    }
}

#[test]
fn unknown_segments_and_z_segments_are_passed_over() {
    let text = format!("{}ZZ1|anything^at&all|\rXYZ\rNTE|1||more\r", request());
    assert_eq!(referral(&text).request.summary.as_deref(), Some("more"));
}

#[test]
fn a_line_that_is_no_segment_is_a_fault_with_its_number() {
    let found = faults(&format!("{}a letter broken in two\r", request()));
    assert_eq!(
        (found[0].at.as_str(), found[0].code),
        ("segment 6", "segment-sequence")
    );
}

#[test]
fn limits_hold_at_and_past_them() {
    let fields = |count: usize| format!("{}ZZZ{}\r", request(), "|a".repeat(count));
    assert!(read(fields(500).as_bytes()).is_ok());
    assert_eq!(faults(&fields(501))[0].code, "limit");
    let segments = |count: usize| format!("{}{}", request(), "ZZZ|1\r".repeat(count - 5));
    assert!(read(segments(10_000).as_bytes()).is_ok());
    assert_eq!(faults(&segments(10_001))[0].code, "limit");
    let orders = |count: usize| {
        format!(
            "{}\r{PID}\r{}",
            msh("OSU^O51"),
            "ORC|CA|1^^2.999.1^ISO\r".repeat(count)
        )
    };
    assert_eq!(message(&orders(50)).said.len(), 50);
    assert_eq!(faults(&orders(51))[0].code, "limit");
}

#[test]
fn the_type_is_read_from_msh_9_1_and_9_2_alone() {
    let text = request().replace("OMG^O19^OMG_O19", "OMG^O19^ORU_R01");
    assert_eq!(message(&text).said, message(&request()).said);
}

#[test]
fn versions_2_3_to_2_8_are_read_and_others_named() {
    for version in ["2.3", "2.3.1", "2.4", "2.5", "2.6", "2.7.1", "2.8.2"] {
        assert!(
            read(request().replacen("2.5.1", version, 1).as_bytes()).is_ok(),
            "{version}"
        );
    }
    for version in ["2.1", "2.9", "3.0"] {
        assert_eq!(
            faults(&request().replacen("2.5.1", version, 1))[0].code,
            "version",
            "{version}"
        );
    }
}

#[test]
fn what_is_not_read_is_named_by_its_kind() {
    assert_eq!(
        faults(&request().replacen("OMG^O19", "DFT^P03", 1))[0].code,
        "message-type"
    );
    assert_eq!(
        faults(&request().replacen("OMG^O19", "OMG^O21", 1))[0].code,
        "event-code"
    );
}

#[test]
fn a_local_time_is_read_by_msh_7_then_by_the_senders_zone_and_last_as_utc_with_a_warning() {
    let visit = |sent: &str| {
        let head = msh("SIU^S12").replacen("20260930153834+0000", sent, 1);
        text(&[
            &head,
            "SCH||4^^2.999.2.4^ISO||||||||||||||||||||||||889342^^2.999.1.15^ISO",
            "TQ1|1||||||202610150930",
            PID,
        ])
    };
    let zone = time_zone::by_name("America/New_York").unwrap();
    let start = |text: &str, zone: Option<&time_zone::TimeZone>| {
        let message = read_in(text.as_bytes(), zone).unwrap();
        let Said::Event(event) = &message.said[0] else {
            panic!("an event")
        };
        let domain::payload::Payload::Visit(visit) = &event.data else {
            panic!("a visit")
        };
        (
            visit.start.unwrap(),
            message.warnings.len(),
            event.occurred_at,
        )
    };
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let (instant, warnings, occurred_at) = start(&visit("20260930153834-0400"), None);
    assert_eq!((instant, warnings), (at("2026-10-15T13:30:00Z"), 0));
    assert_eq!(occurred_at, Some(at("2026-09-30T19:38:34Z")));
    assert_eq!(
        start(&visit("20260930153834"), Some(&zone)).0,
        at("2026-10-15T13:30:00Z")
    );
    assert_eq!(
        start(&visit("20260930153834"), None),
        (at("2026-10-15T09:30:00Z"), 1, None)
    );
}

#[test]
fn a_status_with_its_ids_unassigned_is_read_by_the_facilities_with_a_warning() {
    let message = message(&status("ORC|OK|889342|77||IP"));
    assert_eq!(message.warnings.len(), 2, "{:?}", message.warnings);
    let Said::Event(event) = &message.said[0] else {
        panic!("an event")
    };
    assert_eq!(
        event.about[0].system, "urn:oid:2.999.2",
        "the placer's is the receiver's"
    );
    assert_eq!(
        event.about[1].system, "urn:oid:2.999.1",
        "the filler's is the sender's"
    );
}

#[test]
fn the_same_content_under_a_new_control_id_is_the_same_content() {
    let first = content(request().as_bytes()).unwrap();
    let again =
        request()
            .replacen("17882", "17883", 1)
            .replacen("20260930153834", "20261001080000", 1);
    assert_eq!(
        content(format!("\u{b}{}\u{1c}\r", again.replace('\r', "\n")).as_bytes()),
        Some(first.clone())
    );
    assert_ne!(
        content(request().replacen("889342", "889343", 1).as_bytes()),
        Some(first.clone())
    );
    assert_ne!(
        content(
            request()
                .replacen("2.999.2^ISO", "2.999.3^ISO", 1)
                .as_bytes()
        ),
        Some(first)
    );
    assert_eq!(content(b"no message"), None);
}
