//! New referrals: OMG^O19 and REF^I12, and the variants seen in the wild.

use domain::kind::EventKind;
use domain::payload::{DeclineReason, Payload};
use domain::request::{Agreed, Free, Identifier, SupportingKind, Urgency};

use crate::messages::{PID, event, faults, message, msh, referral, request, text};

fn id(system: &str, value: &str) -> Identifier {
    Identifier {
        system: system.to_owned(),
        value: value.to_owned(),
    }
}

#[test]
fn a_360x_request_is_a_referral() {
    let new = referral(&request());
    let request = new.request;
    assert_eq!(request.placer, Some(id("urn:oid:2.999.1.15", "889342")));
    assert_eq!(request.patient.identifier, id("urn:oid:2.999.1.5", "T71"));
    assert_eq!(request.patient.name.family, "Packton");
    assert_eq!(request.patient.name.given, ["Peter"]);
    assert_eq!(request.patient.birth_date.to_string(), "1958-08-17");
    assert_eq!(
        (
            request.service.system.as_str(),
            request.service.code.as_str()
        ),
        ("http://loinc.org", "57133-1")
    );
    assert_eq!(request.clinical_question, "Rule out headache");
    assert_eq!(
        request.needed_by.map(|date| date.to_string()).as_deref(),
        Some("2026-10-18")
    );
    assert_eq!(request.urgency, Urgency::Routine);
    let requester = request.requester.unwrap();
    assert_eq!(requester.name, "MD Anthony M Allen III");
    assert_eq!(
        requester.identifier,
        Some(id("urn:oid:2.999.1.10", "34225"))
    );
    assert_eq!(
        new.recipient.identifiers,
        [id("urn:ietf:rfc:3986", "urn:oid:2.999.2")]
    );
    let sender = new.sender.unwrap();
    assert!(
        sender
            .identifiers
            .contains(&id("urn:ietf:rfc:3986", "urn:oid:2.999.1"))
    );
    assert!(
        sender
            .identifiers
            .contains(&id("urn:ietf:rfc:3986", "urn:oid:2.999.1.10")),
        "ORC-12's assigner"
    );
}

#[test]
fn every_fault_of_a_request_is_named_at_once() {
    let bad = text(&[
        &msh("OMG^O19"),
        "PID|1||||Packton^Peter||1958",
        "ORC|NW",
        "TQ1|1||||||||X",
        "OBR|1|||57133-1^^LN",
    ]);
    let mut at: Vec<String> = faults(&bad).into_iter().map(|fault| fault.at).collect();
    at.sort();
    assert_eq!(
        at,
        [
            "OBR-13, OBR-31 or NTE-3",
            "ORC-2",
            "PID-3",
            "PID-7",
            "TQ1-9"
        ]
    );
}

#[test]
fn what_comes_with_an_order_is_kept() {
    let full = text(&[
        &msh("OMG^O19"),
        "PID|1||7^^^&2.999.9&ISO^SS~T71^^^&2.999.1.5&ISO^MR||Packton^Peter^Paul Jan^^^^L||19580817|M|||||^PRN^PH^^^555^1234567~^NET^Internet^p@example.org||de",
        "IN1|1|HMO^Health plan^L|55|Acme Insurance||||G7||||||||||||||||||||||||||||P-99",
        "AL1|1|DA|7980^Penicillin^RXNORM|SV|Hives|20200101",
        "ORC|NW|889342^^2.999.1.15^ISO|||||||20260929101500+0200|||||^WPN^PH^^^555^7654321",
        "TQ1|1||||||||S^Stat^HL70485",
        "OBR|1|889342^^2.999.1.15^ISO||103696004^Referral^SCT|||||||||Is it a tumour?||||||||||||||||||R51^Headache^I10C",
        "NTE|1|P|Three weeks of it.~Worse at night.",
        "DG1|1||I10^Hypertension^I10C",
        "OBX|1|NM|2951-2^Sodium^LN||140|mmol/L|||||F|||20260920",
        "OBX|2|ED|18842-5^Discharge letter^LN||^application^pdf^Base64^JVBERi0xLjQ||||||F|||20260921",
        "CON|1||||||||||A",
    ]);
    let read = message(&full);
    let new = referral(&full);
    let request = new.request;
    assert_eq!(
        request.patient.identifier.value, "T71",
        "the medical record number"
    );
    assert_eq!(request.patient.name.given, ["Peter", "Paul", "Jan"]);
    assert_eq!(request.patient.phone.as_deref(), Some("555 1234567"));
    assert_eq!(request.patient.email.as_deref(), Some("p@example.org"));
    assert_eq!(request.patient.language.as_deref(), Some("de"));
    assert_eq!(request.urgency, Urgency::Stat);
    assert_eq!(request.clinical_question, "Is it a tumour?");
    assert_eq!(
        request.summary.as_deref(),
        Some("Three weeks of it.\nWorse at night.")
    );
    let reasons: Vec<&str> = request
        .reason
        .iter()
        .map(|coding| coding.code.as_str())
        .collect();
    assert_eq!(reasons, ["R51", "I10"]);
    assert_eq!(
        request.ordered_at.map(|at| at.to_string()).as_deref(),
        Some("2026-09-29T08:15:00Z")
    );
    assert_eq!(request.preparation.agreed, Agreed::Yes);
    let kinds: Vec<_> = request
        .supporting
        .iter()
        .map(|item| (item.kind, item.display.as_str()))
        .collect();
    assert_eq!(
        kinds,
        [
            (SupportingKind::Allergy, "Penicillin"),
            (SupportingKind::Note, "Sodium"),
            (SupportingKind::Document, "Discharge letter")
        ]
    );
    assert_eq!(
        request.supporting[1].value,
        Some(Free::Text("140 mmol/L".to_owned()))
    );
    assert!(
        read.warnings.iter().any(|warning| warning.at == "OBX-3"),
        "nothing says that sodium is a lab result"
    );
    assert_eq!(read.documents.len(), 1);
    assert_eq!(read.documents[0].bytes, b"%PDF-1.4");
    assert_eq!(
        (
            read.documents[0].media_type.as_str(),
            read.documents[0].said
        ),
        ("application/pdf", 0)
    );
    let Some(Free::Object(coverage)) = request.coverage else {
        panic!("coverage")
    };
    assert_eq!(coverage["company"], Free::Text("Acme Insurance".to_owned()));
    assert_eq!(coverage["policy_number"], Free::Text("P-99".to_owned()));
}

#[test]
fn an_unknown_priority_is_a_fault_that_names_it_and_not_routine() {
    let text = request().replacen("TQ1||||||||20261018235959+0000", "TQ1|1||||||||PREOP", 1);
    let found = faults(&text);
    assert_eq!(
        (found[0].at.as_str(), found[0].code),
        ("TQ1-9", "table-value")
    );
}

#[test]
fn older_versions_have_priority_and_date_in_obr_27() {
    let old = request()
        .replacen("TQ1||||||||20261018235959+0000\r", "", 1)
        .replacen(
            "|||||||||||||||^Rule out headache",
            "|||||||||||^^^^20261018^A||||^Rule out headache",
            1,
        );
    let request = referral(&old).request;
    assert_eq!(request.urgency, Urgency::Asap);
    assert_eq!(
        request.needed_by.map(|date| date.to_string()).as_deref(),
        Some("2026-10-18")
    );
}

#[test]
fn canada_has_the_reason_in_a_note_alone() {
    let text = text(&[
        "MSH|^~\\&|EMR|CLINIC_A|HUB|HOSPITAL_B|20260930||REF^I12^REF_I12|5|P|2.3",
        "RF1||||||15^CLINIC_A|20260601",
        "PRD|RP^Referring Provider|Foo^Doctor^^^DR|||||999998^NPI",
        "PRD|RT^Referred to Provider|Moto^Maria||||^^^^^^5551212|8^CPSO",
        "PID|1||77^^^CLINIC_A^MR||Aaa^Bbb||19000101|M",
        "NTE|1||the story|^CLINICAL_INFORMATION",
        "NTE|2||a noise in the ear|^REASON_FOR_CONSULTATION",
    ]);
    let new = referral(&text);
    assert_eq!(new.request.clinical_question, "a noise in the ear");
    assert_eq!(new.request.summary.as_deref(), Some("the story"));
    assert_eq!(
        new.request.placer,
        Some(id("urn:hl7v2:namespace:CLINIC_A", "15"))
    );
    assert_eq!(
        new.request.requester.as_ref().map(|one| one.name.as_str()),
        Some("DR Doctor Foo")
    );
    assert_eq!(new.recipient.name.as_deref(), Some("Maria Moto"));
    assert_eq!(new.recipient.id.as_deref(), Some("8"));
    assert!(
        new.recipient
            .identifiers
            .contains(&id("urn:hl7v2:namespace", "HOSPITAL_B"))
    );
    assert!(
        new.warnings.iter().any(|warning| warning.at == "OBR-4"),
        "no service is named"
    );
}

#[test]
fn australia_sends_the_letter_as_a_pdf_and_no_words() {
    let text = text(&[
        "MSH|^~\\&|EMR|CLINIC_A|HUB|HOSPITAL_B|20260930||REF^I12^REF_I12|5|P|2.4|||AL|NE|AUS",
        "PRD|RP|Foo^Doctor",
        "PRD|IR|Moto^Maria|||||2.999.7",
        "PID|1||77^^^CLINIC_A^MR||Aaa^Bbb||19000101|M",
        "OBR|1|15^CLINIC_A||57133-1^Referral note^LN",
        "OBX|1|ED|PDF^Display format in PDF^AUSPDI||^application^pdf^Base64^JVBERi0xLjQ=||||||F",
    ]);
    let read = message(&text);
    let new = referral(&text);
    assert!(new.request.clinical_question.contains("letter"));
    assert_eq!(read.documents[0].bytes, b"%PDF-1.4");
    assert!(
        new.recipient
            .identifiers
            .contains(&id("urn:ietf:rfc:3986", "urn:oid:2.999.7"))
    );
}

#[test]
fn england_sends_the_breach_date_as_the_expiry() {
    let text = text(&[
        &msh("REF^I12"),
        "RF1|P|S|MED^Medical^L|||15^^2.999.1.15^ISO|20260901|20260915||R51^Headache^I10",
        "PRD|RP|Foo^Doctor",
        "PRD|RT|Moto^Maria",
        PID,
    ]);
    let request = referral(&text).request;
    assert_eq!(
        request.needed_by.map(|date| date.to_string()).as_deref(),
        Some("2026-09-15")
    );
    assert_eq!(request.urgency, Urgency::Stat);
    assert_eq!(request.service.code, "MED");
    assert_eq!(request.clinical_question, "Headache");
}

#[test]
fn rf1_1_says_what_became_of_it() {
    let ref_i12 = |status: &str, reason: &str| {
        let rf1 = format!("RF1|{status}|||||15^^2.999.2.15^ISO||||{reason}|F9^^2.999.1.9^ISO");
        text(&[&msh("REF^I12"), &rf1, PID])
    };
    let accepted = event(&ref_i12("A", ""));
    assert_eq!(accepted.kind, EventKind::ReferralAccepted);
    assert_eq!(
        accepted.about,
        [
            id("urn:oid:2.999.2.15", "15"),
            id("urn:oid:2.999.1.9", "F9")
        ]
    );
    let declined = event(&ref_i12("R", "capacity^No room until May"));
    let Payload::Declined(data) = declined.data else {
        panic!("declined")
    };
    assert_eq!(
        (data.reason, data.note.as_deref()),
        (DeclineReason::Capacity, Some("No room until May"))
    );
    assert_eq!(
        event(&ref_i12("E", "")).kind,
        EventKind::ReferralNotCompleted
    );
    assert_eq!(faults(&ref_i12("O", ""))[0].at, "RF1-1");
}

#[test]
fn i13_corrects_i14_cancels_and_i15_asks() {
    let of = |message_type: &str, rf1: &str| text(&[&msh(message_type), rf1, PID]);
    let corrected = event(&of(
        "REF^I13",
        "RF1|P||MED^Medical^L|||15^^2.999.1.15^ISO|||||",
    ));
    let Payload::Corrected(data) = &corrected.data else {
        panic!("corrected")
    };
    assert_eq!(
        data.changes
            .patient
            .as_ref()
            .and_then(|one| one.name.as_ref())
            .map(|name| name.family.as_str()),
        Some("Packton")
    );
    assert_eq!(
        data.changes.service.as_ref().map(|one| one.code.as_str()),
        Some("MED")
    );
    assert_eq!(
        data.changes.clinical_question, None,
        "what is not given is not changed"
    );
    let cancelled = event(&of("REF^I14", "RF1|||||||||||").replace(
        "RF1|||||||||||",
        "RF1||||||15^^2.999.1.15^ISO||||^Got better",
    ));
    assert_eq!(cancelled.kind, EventKind::ReferralCancellationRequested);
    let Payload::Remark(remark) = cancelled.data else {
        panic!("a remark")
    };
    assert_eq!(remark.reason.as_deref(), Some("Got better"));
    let confirmed = of("RRI^I14", "RF1|A|||||15^^2.999.1.15^ISO");
    assert_eq!(
        event(&confirmed).kind,
        EventKind::ReferralCancellationConfirmed
    );
    let refused = of("RRI^I14", "RF1|R|||||15^^2.999.1.15^ISO");
    assert_eq!(event(&refused).kind, EventKind::ReferralCancellationRefused);
    let asked = message(&of("REF^I15", "RF1||||||15^^2.999.1.15^ISO"));
    assert!(asked.said.is_empty());
    assert_eq!(
        asked.question.unwrap().about,
        [id("urn:oid:2.999.1.15", "15")]
    );
    assert!(
        message(&of("RRI^I12", "RF1|P|||||15^^2.999.1.15^ISO"))
            .said
            .is_empty()
    );
}

#[test]
fn a40_merges_patients() {
    let text = text(&[
        &msh("ADT^A40^ADT_A39"),
        "EVN||20260930",
        "PID|1||T71^^^&2.999.1.5&ISO^MR||Packton^Peter",
        "MRG|T99^^^&2.999.1.5&ISO^MR",
    ]);
    let merge = &message(&text).merges[0];
    assert_eq!(merge.from, id("urn:oid:2.999.1.5", "T99"));
    assert_eq!(merge.to, id("urn:oid:2.999.1.5", "T71"));
    assert_eq!(
        faults(&text.replace("MRG|T99^^^&2.999.1.5&ISO^MR\r", ""))[0].code,
        "segment-sequence"
    );
}
