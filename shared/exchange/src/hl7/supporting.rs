//! What comes with a request: observations, letters and allergies (OBX, AL1, IAM).

use domain::request::{Free, Supporting, SupportingKind};

use crate::hl7::document;
use crate::hl7::local;
use crate::hl7::names;
use crate::hl7::order::Group;
use crate::hl7::reading::Reading;
use crate::hl7::result;
use crate::hl7::tokens::Segment;

/// In OBX-3.5 where the value is JSON.
pub(crate) const JSON: &str = "json";

/// Every item of a group, and whether there is a letter among them.
pub(crate) fn read(
    reading: &mut Reading<'_, '_>,
    group: &Group<'_, '_>,
) -> (Vec<Supporting>, bool) {
    let mut items: Vec<Supporting> = Vec::new();
    let mut has_letter = false;
    let mut section: Option<SupportingKind> = None;
    let mut last_sub_id: Option<String> = None;
    let allergies: Vec<_> = group.all("AL1").chain(group.all("IAM")).collect();
    for segment in allergies {
        items.extend(allergy(reading, segment));
    }
    let mut segments = group.segments().peekable();
    while let Some(segment) = segments.next() {
        match segment.name() {
            "OBR" => section = section_kind(segment),
            "OBX" if !local::is_local(segment) => {
                let type_of = segment.field(2).value();
                let sub_id = segment.field(4).value();
                if type_of.as_deref() == Some("RP") && sub_id.is_some() && sub_id == last_sub_id {
                    // The address of the item before.
                    if let Some(item) = items.last_mut() {
                        item.url = segment.field(5).part(1);
                    }
                    continue;
                }
                last_sub_id = sub_id;
                if document::is_encapsulated(segment) {
                    has_letter = true;
                    let said = reading.said.len();
                    let mut pieces = vec![segment];
                    while let Some(next) = segments.next_if(|next| document::goes_on(segment, next))
                    {
                        pieces.push(next);
                    }
                    if let Some(one) = document::encapsulated(reading, &pieces, said) {
                        reading.documents.push(one);
                    }
                }
                items.extend(observation(reading, segment, section));
            }
            _ => {}
        }
    }
    (items, has_letter)
}

/// OBR-24 (table 0074), where the section says what it is.
fn section_kind(obr: &Segment<'_>) -> Option<SupportingKind> {
    match obr.field(24).value().as_deref()? {
        "LAB" | "CH" | "HM" | "MB" | "SR" | "IMM" | "TX" | "BLB" | "CG" | "CP" | "PAT" | "SP" => {
            Some(SupportingKind::Lab)
        }
        "RAD" | "RX" | "CT" | "CTH" | "NMR" | "NMS" | "RUS" | "OUS" | "VUS" | "XRC" | "CUS"
        | "EC" => Some(SupportingKind::Imaging),
        _ => None,
    }
}

fn observation(
    reading: &mut Reading<'_, '_>,
    obx: &Segment<'_>,
    section: Option<SupportingKind>,
) -> Option<Supporting> {
    let name = obx.field(3);
    let is_document = matches!(obx.field(2).value().as_deref(), Some("ED"));
    let own = name
        .part(4)
        .filter(|_| name.part(6).as_deref() == Some(names::OURS))
        .and_then(|kind| SupportingKind::parse(&kind));
    let kind = own
        .or(is_document.then_some(SupportingKind::Document))
        .or(section)
        .unwrap_or_else(|| {
            reading.warn(
                obx.at(3),
                "nothing says what kind of item it is: kept as a note",
            );
            SupportingKind::Note
        });
    let display = name
        .part(2)
        .or_else(|| name.part(9))
        .or_else(|| name.part(1))?;
    let at = obx.at(14);
    let date = reading.date(at.clone(), obx.field(14).value());
    let date = date.or_else(|| {
        let day = reading.message_day();
        let detail = if day.is_some() {
            "no date: the message's is taken"
        } else {
            "no date here or in MSH-7: the item is not read"
        };
        reading.warn(at, detail);
        day
    })?;
    let is_url = obx.field(2).value().as_deref() == Some("RP");
    Some(Supporting {
        kind,
        code: name.part(1),
        display,
        date,
        value: if is_document || is_url {
            None
        } else {
            value(obx)
        },
        url: if is_url { obx.field(5).part(1) } else { None },
    })
}

/// OBX-5 with its unit: a number where it is one and has none, else text.
fn value(obx: &Segment<'_>) -> Option<Free> {
    let text = obx.field(5).text();
    if obx.field(3).part(5).as_deref() == Some(JSON) {
        return text.map(|text| local::free(&text));
    }
    let unit = obx.field(6).value();
    match (obx.field(2).value().as_deref(), text, unit) {
        (Some("NM"), Some(text), None) => Some(local::free(&text)),
        (Some("CE" | "CWE"), _, _) => names::coded_text(obx.field(5)).map(Free::Text),
        (_, Some(text), Some(unit)) => Some(Free::Text(format!("{text} {unit}"))),
        (Some("SN"), _, _) => result::line(obx).map(Free::Text),
        (_, Some(text), None) => Some(Free::Text(text)),
        (_, None, _) => None,
    }
}

/// AL1-3 with the reaction of AL1-5 and the date of AL1-6; IAM has them in 3, 5 and 11.
fn allergy(reading: &mut Reading<'_, '_>, segment: &Segment<'_>) -> Option<Supporting> {
    let dated = if segment.name() == "AL1" { 6 } else { 11 };
    let display = names::coded_text(segment.field(3))?;
    let date = reading.date(segment.at(dated), segment.field(dated).value());
    let date = date.or_else(|| {
        reading.warn(segment.at(dated), "no date: the message's is taken");
        reading.message_day()
    })?;
    Some(Supporting {
        kind: SupportingKind::Allergy,
        code: segment.field(3).part(1),
        display,
        date,
        value: segment.field(5).value().map(Free::Text),
        url: None,
    })
}
