//! Documents: encapsulated data in OBX-5 (ED), and MDM^T02, which brings a letter (HL7 v2 chapter 9).

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use domain::kind::EventKind;
use domain::payload::{Payload, Remark};
use domain::request::Identifier;

use crate::hl7::order::Group;
use crate::hl7::reading::{Reading, Side};
use crate::hl7::result::{CONSULT_NOTE, Content, Finality};
use crate::hl7::tokens::{Part, Segment};
use crate::hl7::{faults, names, steps};

/// A document that a message carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its title.
    pub title: String,
    /// Its media type; `application/octet-stream` where the message does not say.
    pub media_type: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Its date, as the message has it.
    pub when: Option<String>,
    /// Which of [`super::Message::said`] it belongs to.
    pub said: usize,
}

/// Some leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

const UNKNOWN: &str = "application/octet-stream";

/// Whether an OBX holds a document.
pub(crate) fn is_encapsulated(obx: &Segment<'_>) -> bool {
    obx.field(2).value().as_deref() == Some("ED")
}

/// Whether an OBX goes on with the document of the one before it: the same observation with the same sub-id (OBX-3, OBX-4). One without a sub-id
/// is a document of its own.
pub(crate) fn goes_on(first: &Segment<'_>, next: &Segment<'_>) -> bool {
    let same = |field: usize| first.field(field).raw() == next.field(field).raw();
    next.name() == "OBX"
        && is_encapsulated(next)
        && !first.field(4).is_empty()
        && same(3)
        && same(4)
}

/// The document in the pieces of OBX of type ED: source, type, subtype, encoding, data. Some shift them; the encoding's name finds them.
pub(crate) fn encapsulated(
    reading: &mut Reading<'_, '_>,
    pieces: &[&Segment<'_>],
    said: usize,
) -> Option<Document> {
    let obx = *pieces.first()?;
    let parts: Vec<Part<'_>> = obx.field(5).components().collect();
    let encoding_at = parts.iter().position(|part| encoding(*part).is_some());
    let Some(encoding) = encoding_at.and_then(|at| encoding(*parts.get(at)?)) else {
        reading.fault(
            obx.at(5),
            faults::DATA_TYPE,
            "encapsulated data needs its encoding (A, Hex or Base64) before the data",
        );
        return None;
    };
    let before = parts.get(..encoding_at.unwrap_or(0)).unwrap_or_default();
    let mut types = before.iter().rev().filter_map(|part| part.text());
    let (subtype, main) = (types.next(), types.next());
    let media_type = media_type(main, subtype).unwrap_or_else(|| {
        reading.warn(
            obx.at(5),
            "no media type that is known: kept as application/octet-stream",
        );
        UNKNOWN.to_owned()
    });
    let text: String = pieces.iter().filter_map(|piece| data_of(piece)).collect();
    steps::count(text.len());
    let bytes = match encoding {
        Encoding::Text => Some(text.into_bytes()),
        Encoding::Base64 => {
            let packed: Vec<u8> = text
                .bytes()
                .filter(|byte| !byte.is_ascii_whitespace())
                .collect();
            BASE64.decode(packed).ok()
        }
        Encoding::Hex => hex(&text),
    };
    let Some(bytes) = bytes.filter(|bytes| !bytes.is_empty()) else {
        reading.fault(
            obx.at(5),
            faults::DATA_TYPE,
            "the data is empty, or not in its encoding",
        );
        return None;
    };
    Some(Document {
        title: names::coded_text(obx.field(3)).unwrap_or_else(|| "Document".to_owned()),
        media_type,
        bytes,
        when: obx.field(14).value(),
        said,
    })
}

/// The data of one piece: what stands after the name of its encoding, else its last component.
fn data_of(obx: &Segment<'_>) -> Option<String> {
    let parts: Vec<Part<'_>> = obx.field(5).components().collect();
    let encoding_at = parts.iter().position(|part| encoding(*part).is_some());
    match encoding_at {
        Some(at) => parts.get(at.checked_add(1)?)?.text(),
        None => parts.last()?.text(),
    }
}

#[derive(Clone, Copy)]
enum Encoding {
    Text,
    Hex,
    Base64,
}

/// Table 0299.
fn encoding(part: Part<'_>) -> Option<Encoding> {
    // The data itself may be megabytes, and is no encoding's name.
    match part.raw() {
        "A" => Some(Encoding::Text),
        raw if raw.eq_ignore_ascii_case("hex") => Some(Encoding::Hex),
        raw if raw.eq_ignore_ascii_case("base64") => Some(Encoding::Base64),
        _ => None,
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// A media type of a type and a subtype, whichever of them has it (tables 0191 and 0291, and what stands there in the wild).
pub(crate) fn media_type(main: Option<String>, subtype: Option<String>) -> Option<String> {
    let is_token = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"/.+-".contains(&byte))
    };
    for whole in [&subtype, &main].into_iter().flatten() {
        if whole.contains('/') && is_token(whole) {
            return Some(whole.to_ascii_lowercase());
        }
    }
    for short in [&subtype, &main].into_iter().flatten() {
        let known = match short.to_ascii_uppercase().as_str() {
            "PDF" => "application/pdf",
            "RTF" => "application/rtf",
            "HTML" => "text/html",
            "XML" | "X-HL7-CDA-LEVEL-ONE" => "text/xml",
            "JPEG" | "JPG" => "image/jpeg",
            "PNG" => "image/png",
            "TIFF" | "TIF" => "image/tiff",
            "TXT" | "PLAIN" => "text/plain",
            _ => continue,
        };
        return Some(known.to_owned());
    }
    match (main, subtype) {
        (Some(main), Some(subtype))
            if is_token(&main) && is_token(&subtype) && is_main_type(&main) =>
        {
            Some(format!(
                "{}/{}",
                main.to_ascii_lowercase(),
                subtype.to_ascii_lowercase()
            ))
        }
        _ => None,
    }
}

fn is_main_type(main: &str) -> bool {
    ["application", "text", "image", "audio", "video"]
        .iter()
        .any(|known| main.eq_ignore_ascii_case(known))
}

/// Reads MDM^T02. An authenticated consult note is the outcome, one that is not yet is an interim note, and any other document
/// is a note: a letter closes nothing by having come.
pub(crate) fn read(reading: &mut Reading<'_, '_>) {
    let group = Group::whole(reading.tokens);
    let Some(txa) = group.first("TXA") else {
        reading.fault("TXA", faults::SEGMENT, "a document has a TXA segment");
        return;
    };
    let about = about(reading, &group, txa);
    let patient = reading.patient(group.first("PID"));
    let mut content = Content::read(reading, &group);
    content.visit_on = reading
        .visit_on(txa.at(4), txa.field(4).value())
        .or(content.visit_on);
    content.performer = content.performer.or_else(|| author(txa));
    let is_authenticated = match txa.field(17).value().as_deref() {
        Some("AU" | "LA") => true,
        Some("DI" | "DO" | "IN" | "IP" | "PA") => false,
        Some(_) => {
            reading.fault(
                txa.at(17),
                faults::TABLE,
                "a completion status that is read here is AU, LA, PA, DO, DI, IP or IN",
            );
            return;
        }
        None => {
            reading.warn(
                txa.at(17),
                "no completion status: not taken as authenticated",
            );
            false
        }
    };
    let when = txa
        .field(22)
        .part(15)
        .or_else(|| txa.field(6).value())
        .or_else(|| group.field("MSH", 7).value());
    let (kind, data) = match (is_consult_note(txa.field(2)), is_authenticated) {
        (true, true) => content.event(reading, Finality::Final, txa.at(4)),
        (true, false) => content.event(reading, Finality::Preliminary, txa.at(4)),
        (false, _) => {
            reading.warn(
                txa.at(2),
                "no consult note: kept as a note, which closes nothing",
            );
            let title = names::coded_text(txa.field(2)).unwrap_or_else(|| "Document".to_owned());
            let note = Some(if content.lines.is_empty() {
                title
            } else {
                content.lines.join("\n")
            });
            let documents = content.take_links();
            (
                EventKind::ReferralNote,
                Payload::Remark(Remark {
                    reason: None,
                    note,
                    documents,
                }),
            )
        }
    };
    reading.happened(kind, data, when, about, patient);
}

/// Table 0270's consultation, or LOINC's.
fn is_consult_note(kind: Part<'_>) -> bool {
    let is_one =
        |code: Option<String>| matches!(code.as_deref(), Some("CN" | "CONSULT" | CONSULT_NOTE));
    is_one(kind.part(1)) || is_one(kind.part(4))
}

/// Who wrote it: TXA-9, else who authenticated it, TXA-22.
fn author(txa: &Segment<'_>) -> Option<domain::request::Free> {
    [9, 22]
        .into_iter()
        .find_map(|field| super::patient::readable(txa.field(field), 2, 6))
        .map(domain::request::Free::Text)
}

fn about(
    reading: &mut Reading<'_, '_>,
    group: &Group<'_, '_>,
    txa: &Segment<'_>,
) -> Vec<Identifier> {
    let mut ids = Vec::new();
    for placer in txa.field(14).repetitions() {
        ids.extend(reading.entity(txa.at(14), placer, Side::Receiver));
    }
    ids.extend(reading.entity(txa.at(15), txa.field(15), Side::Sender));
    let (placer, filler) = reading.order_ids(group, true);
    for id in placer.into_iter().chain(filler) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}
