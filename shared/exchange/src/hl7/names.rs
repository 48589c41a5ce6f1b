//! Assigners and code systems: as HL7 v2 names them, and as URIs.
//!
//! An assigner is an HD (namespace, universal id, type): an OID becomes `urn:oid:…`, a UUID `urn:uuid:…`, a URI itself. One
//! that has a namespace and nothing else is `urn:hl7v2:namespace:…` (ours: a name that two sites may share is still never
//! mixed up with an OID), and a code system without a URI of its own `urn:hl7v2:table:…`.

use domain::request::{Coding, Identifier};

use crate::hl7::tokens::Part;

/// Before a namespace that is no URI; ours.
pub const NAMESPACE: &str = "urn:hl7v2:namespace:";
/// Before the name of a code system that has no URI; ours.
pub const TABLE: &str = "urn:hl7v2:table:";
/// Our own code system, in OBX-3.3.
pub const OURS: &str = "99RLOOP";
/// The system of identifiers that are URIs themselves, as FHIR R4 writes it.
const URI_SYSTEM: &str = "urn:ietf:rfc:3986";
const OID: &str = "urn:oid:";
const UUID: &str = "urn:uuid:";
const NPI: &str = "http://hl7.org/fhir/sid/us-npi";

/// Names of code systems (table 0396) and their URIs in FHIR; the first name of a URI is the one written.
const CODE_SYSTEMS: [(&str, &str); 13] = [
    ("LN", "http://loinc.org"),
    ("SCT", "http://snomed.info/sct"),
    ("SNM3", "http://snomed.info/sct"),
    ("I10C", "http://hl7.org/fhir/sid/icd-10-cm"),
    ("ICD10CM", "http://hl7.org/fhir/sid/icd-10-cm"),
    ("I10", "http://hl7.org/fhir/sid/icd-10"),
    ("ICD10", "http://hl7.org/fhir/sid/icd-10"),
    ("I9C", "http://hl7.org/fhir/sid/icd-9-cm"),
    ("C4", "http://www.ama-assn.org/go/cpt"),
    ("RXNORM", "http://www.nlm.nih.gov/research/umls/rxnorm"),
    ("CVX", "http://hl7.org/fhir/sid/cvx"),
    ("UCUM", "http://unitsofmeasure.org"),
    ("NUCC", "http://nucc.org/provider-taxonomy"),
];

/// Whether a text has the form of an OID.
#[must_use]
pub fn is_oid(text: &str) -> bool {
    let arcs = text.split('.');
    text.len() <= 128
        && text.contains('.')
        && text.starts_with(['0', '1', '2'])
        && arcs
            .into_iter()
            .all(|arc| !arc.is_empty() && arc.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The URI of an assigner.
#[must_use]
pub fn assigner(
    namespace: Option<String>,
    universal: Option<String>,
    kind: Option<String>,
) -> Option<String> {
    if let Some(id) = universal {
        return Some(match kind.as_deref() {
            Some("UUID" | "GUID") => format!("{UUID}{}", id.to_ascii_lowercase()),
            Some("URI" | "URL") => id,
            _ if is_oid(&id) => format!("{OID}{id}"),
            _ if id.contains(':') => id,
            _ => format!("{NAMESPACE}{id}"),
        });
    }
    let namespace = namespace?;
    Some(if is_oid(&namespace) {
        format!("{OID}{namespace}")
    } else if namespace.contains(':') {
        namespace
    } else {
        format!("{NAMESPACE}{namespace}")
    })
}

/// The assigner in the components of a field from `from` on: the last three of an EI, an HD whole.
#[must_use]
pub fn assigner_of(field: Part<'_>, from: usize) -> Option<String> {
    assigner(field.part(from), field.part(from + 1), field.part(from + 2))
}

/// The assigner in the subcomponents of one component: of a CX or an XCN.
#[must_use]
pub fn assigner_in(component: Part<'_>) -> Option<String> {
    assigner(
        component.subcomponent(1).text(),
        component.subcomponent(2).text(),
        component.subcomponent(3).text(),
    )
}

/// An organisation named by an HD: as an identifier that the directory may hold, and as a plain id.
#[must_use]
pub fn organization(hd: Part<'_>) -> (Vec<Identifier>, Option<String>) {
    let Some(uri) = assigner_of(hd, 1) else {
        return (Vec::new(), None);
    };
    let namespace = hd.part(1);
    let mut identifiers = vec![as_identifier(&uri)];
    if let Some(name) = &namespace {
        let by_name = as_identifier(&format!("{NAMESPACE}{name}"));
        if !identifiers.contains(&by_name) && !is_oid(name) {
            identifiers.push(by_name);
        }
    }
    (identifiers, namespace)
}

/// A URI as the identifier of a thing: an OID is a value of `urn:ietf:rfc:3986`, a namespace of ours one of its own system.
#[must_use]
pub fn as_identifier(uri: &str) -> Identifier {
    match uri.strip_prefix(NAMESPACE) {
        Some(name) => Identifier {
            system: NAMESPACE.trim_end_matches(':').to_owned(),
            value: name.to_owned(),
        },
        None => Identifier {
            system: URI_SYSTEM.to_owned(),
            value: uri.to_owned(),
        },
    }
}

/// The three parts of an HD for the URI of an assigner.
#[must_use]
pub fn assigner_parts(uri: &str) -> (&str, &str, &str) {
    if let Some(namespace) = uri.strip_prefix(NAMESPACE) {
        (namespace, "", "")
    } else if let Some(oid) = uri.strip_prefix(OID) {
        ("", oid, "ISO")
    } else if let Some(uuid) = uri.strip_prefix(UUID) {
        ("", uuid, "UUID")
    } else {
        ("", uri, "URI")
    }
}

/// A CX: the id and, in its fourth component, the assigner; its fifth is the type.
#[must_use]
pub fn patient_id(field: Part<'_>, default: Option<&str>) -> Option<Identifier> {
    Some(Identifier {
        value: field.part(1)?,
        system: assigner_in(field.component(4)).or_else(|| default.map(str::to_owned))?,
    })
}

/// The id of a person: an XCN, assigner in the ninth component, NPI by the thirteenth.
#[must_use]
pub fn person_id(field: Part<'_>) -> Option<Identifier> {
    let value = field.part(1)?;
    let is_npi = [8, 13]
        .iter()
        .any(|component| field.part(*component).is_some_and(|kind| kind == "NPI"));
    let system = if is_npi {
        Some(NPI.to_owned())
    } else {
        assigner_in(field.component(9))
    }?;
    Some(Identifier { system, value })
}

/// The ids of a provider in PRD-7: a PLN (id, type, state or assigner), or an EI, as some write it.
#[must_use]
pub fn provider_ids(field: Part<'_>) -> Vec<Identifier> {
    let mut ids = Vec::new();
    for one in field.repetitions() {
        let Some(value) = one.part(1) else { continue };
        if is_oid(&value) {
            ids.push(as_identifier(&format!("{OID}{value}")));
        }
        let system = match one.part(2).as_deref() {
            Some("NPI") => Some(NPI.to_owned()),
            kind => assigner(
                None,
                one.part(3).filter(|id| is_oid(id) || id.contains(':')),
                None,
            )
            .or_else(|| kind.map(|kind| format!("{NAMESPACE}{kind}"))),
        };
        ids.extend(system.map(|system| Identifier { system, value }));
    }
    ids
}

/// The URI of a code system.
#[must_use]
pub fn code_system(name: &str) -> String {
    let known = CODE_SYSTEMS
        .iter()
        .find(|(code, _)| *code == name)
        .map(|(_, uri)| (*uri).to_owned());
    known.unwrap_or_else(|| {
        if is_oid(name) {
            format!("{OID}{name}")
        } else if name.contains(':') {
            name.to_owned()
        } else if let Some(table) = name.strip_prefix("HL7").filter(|rest| rest.len() == 4) {
            format!("http://terminology.hl7.org/CodeSystem/v2-{table}")
        } else {
            format!("{TABLE}{name}")
        }
    })
}

/// The name of a code system in a message.
#[must_use]
pub fn code_system_name(uri: &str) -> String {
    if let Some((name, _)) = CODE_SYSTEMS.iter().find(|(_, known)| *known == uri) {
        return (*name).to_owned();
    }
    if let Some(table) = uri
        .strip_prefix("http://terminology.hl7.org/CodeSystem/v2-")
        .filter(|rest| rest.len() == 4)
    {
        return format!("HL7{table}");
    }
    uri.strip_prefix(TABLE)
        .or_else(|| uri.strip_prefix(OID).filter(|oid| is_oid(oid)))
        .unwrap_or(uri)
        .to_owned()
}

/// A coded element; nothing where it has no code. One that names no system is of the local table `L`.
#[must_use]
pub fn coding(field: Part<'_>) -> Option<Coding> {
    Some(Coding {
        code: field.part(1)?,
        display: field.part(2).or_else(|| field.part(9)),
        system: code_system(field.part(3).as_deref().unwrap_or("L")),
    })
}

/// What a person reads of a coded element: its text, or the code.
#[must_use]
pub fn coded_text(field: Part<'_>) -> Option<String> {
    field
        .part(9)
        .or_else(|| field.part(2))
        .or_else(|| field.part(1))
}
