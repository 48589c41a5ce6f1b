//! Fields and segments as text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::request::{Coding, Identifier, Patient, Requester};

use crate::hl7::document::Document;
use crate::hl7::escape::encode;
use crate::hl7::names;
use crate::hl7::times;
use crate::hl7::write::Site;

/// NPI, whose OID stands beside it for readers that know that one.
const NPI: &str = "http://hl7.org/fhir/sid/us-npi";
const NPI_OID: &str = "2.16.840.1.113883.4.6";

/// A segment with these fields, by their numbers.
pub(super) fn segment(name: &str, fields: &[(usize, String)]) -> String {
    let last = fields
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(number, _)| *number)
        .max()
        .unwrap_or(0);
    let mut text = name.to_owned();
    for number in 1..=last {
        text.push('|');
        let value = fields.iter().find(|(at, _)| *at == number);
        text.push_str(value.map_or("", |(_, value)| value.as_str()));
    }
    text
}

/// An EI.
pub(crate) fn entity(id: &Identifier) -> String {
    let (namespace, universal, kind) = names::assigner_parts(&id.system);
    trimmed(
        &[
            &encode(&id.value),
            &encode(namespace),
            &encode(universal),
            kind,
        ],
        '^',
    )
}

/// An assigner inside a component.
fn assigner(system: &str) -> String {
    let (namespace, universal, kind) = names::assigner_parts(system);
    trimmed(&[&encode(namespace), &encode(universal), kind], '&')
}

fn trimmed(parts: &[&str], separator: char) -> String {
    parts
        .join(&separator.to_string())
        .trim_end_matches(separator)
        .to_owned()
}

/// An HD: our id as the namespace, and the OID where there is one.
pub(super) fn site(site: &Site<'_>) -> String {
    let oid = site.identifiers.iter().find_map(|id| {
        id.value
            .strip_prefix("urn:oid:")
            .filter(|oid| names::is_oid(oid))
    });
    match oid {
        Some(oid) => format!("{}^{oid}^ISO", encode(site.id)),
        None => encode(site.id),
    }
}

/// A coded element.
pub(super) fn coding(coding: &Coding) -> String {
    let display = coding.display.as_deref().unwrap_or_default();
    format!(
        "{}^{}^{}",
        encode(&coding.code),
        encode(display),
        encode(&names::code_system_name(&coding.system))
    )
}

/// A text alone, in the second component.
pub(super) fn text_only(text: Option<&str>) -> String {
    text.map(|text| format!("^{}", encode(text)))
        .unwrap_or_default()
}

/// A CX: a medical record number.
pub(super) fn record_number(id: &Identifier) -> String {
    format!("{}^^^{}^MR", encode(&id.value), assigner(&id.system))
}

/// PID.
pub(super) fn patient(patient: &Patient) -> String {
    let id = record_number(&patient.identifier);
    let mut given = patient.name.given.iter();
    let first = given.next().map(|name| encode(name)).unwrap_or_default();
    let further: Vec<String> = given.map(|name| encode(name)).collect();
    let name = format!(
        "{}^{first}^{}^^^^L",
        encode(&patient.name.family),
        further.join(" ")
    );
    let telecoms: Vec<String> = patient
        .phone
        .iter()
        .map(|phone| phone_number(phone))
        .chain(
            patient
                .email
                .iter()
                .map(|email| format!("^NET^Internet^{}", encode(email))),
        )
        .collect();
    segment(
        "PID",
        &[
            (1, "1".to_owned()),
            (3, id),
            (5, name),
            (7, times::written_day(patient.birth_date)),
            (13, telecoms.join("~")),
            (
                15,
                patient.language.as_deref().map(encode).unwrap_or_default(),
            ),
        ],
    )
}

/// An XTN: the number where older and where newer versions have it.
pub(super) fn phone_number(phone: &str) -> String {
    let phone = encode(phone);
    format!("{phone}^PRN^PH^^^^^^^^^{phone}")
}

/// Given names and family name of a name that is one text: the last word is the family name, as most are written.
fn split_name(name: &str) -> (String, String) {
    let name = name.trim();
    let (given, family) = name.rsplit_once(char::is_whitespace).unwrap_or(("", name));
    (encode(family), encode(given.trim_end()))
}

/// An XCN.
pub(super) fn person(requester: &Requester) -> String {
    let (family, given) = split_name(&requester.name);
    let Some(id) = &requester.identifier else {
        return format!("^{family}^{given}");
    };
    let id_text = encode(&id.value);
    if id.system == NPI {
        return format!("{id_text}^{family}^{given}^^^^^^&{NPI_OID}&ISO^L^^^NPI");
    }
    format!("{id_text}^{family}^{given}^^^^^^{}^L", assigner(&id.system))
}

/// An XCN of a name alone.
pub(super) fn person_named(name: &str) -> String {
    let (family, given) = split_name(name);
    format!("^{family}^{given}")
}

/// An XPN of a name that is one text.
pub(super) fn name_of(name: &str) -> String {
    let (family, given) = split_name(name);
    format!("{family}^{given}")
}

/// PRD-7 of an identifier: an OID's value with the OID as its third part.
pub(super) fn provider_id(id: &Identifier) -> String {
    if id.system == NPI {
        return format!("{}^NPI", encode(&id.value));
    }
    let (namespace, universal, kind) = names::assigner_parts(&id.system);
    // Only an OID is known by its form; any other URI stays whole.
    let uri = if kind == "ISO" {
        universal
    } else if namespace.is_empty() {
        &id.system
    } else {
        ""
    };
    trimmed(&[&encode(&id.value), &encode(namespace), &encode(uri)], '^')
}

/// The observations of a message, numbered.
#[derive(Default)]
pub(super) struct Observations {
    segments: Vec<String>,
}

impl Observations {
    /// One more.
    pub fn add(&mut self, type_of: &str, name: String, sub_id: &str, value: String, date: String) {
        let number = self.segments.len() + 1;
        self.segments.push(segment(
            "OBX",
            &[
                (1, number.to_string()),
                (2, type_of.to_owned()),
                (3, name),
                (4, encode(sub_id)),
                (5, value),
                (11, "F".to_owned()),
                (14, date),
            ],
        ));
    }

    /// One of our own code system, where it has a value.
    pub fn local(&mut self, code: &str, sub_id: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.add(
                "TX",
                format!("{code}^{code}^{}", names::OURS),
                sub_id,
                encode(value),
                String::new(),
            );
        }
    }

    /// A document.
    pub fn document(&mut self, document: &Document) {
        let (main, subtype) = document
            .media_type
            .split_once('/')
            .unwrap_or(("application", "octet-stream"));
        let data = STANDARD.encode(&document.bytes);
        let value = format!("^{}^{}^Base64^{data}", encode(main), encode(subtype));
        let date = document.when.as_deref().map(encode).unwrap_or_default();
        self.add(
            "ED",
            format!("^{}", encode(&document.title)),
            "",
            value,
            date,
        );
    }

    /// All of them.
    pub fn into_segments(self) -> Vec<String> {
        self.segments
    }

    /// The number of the next.
    pub fn next_number(&self) -> String {
        (self.segments.len() + 1).to_string()
    }
}
