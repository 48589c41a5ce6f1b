//! Encounters and Procedures that come in to be stored: what measures need beside referrals.

use domain::cms50::{VisitKind, Written};
use domain::request::Identifier;
use serde_json::{Value, json};

use super::index::Index;
use super::node::Node;
use super::reader::Reader;
use crate::said::Fault;

/// Whose visit it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VisitOf {
    /// A patient by the identifier that counts, as a referral's patient is known.
    Identified(Identifier),
    /// The Patient of one of our referrals, by its id.
    Ours(String),
}

/// An entry of a Bundle that is a visit.
#[derive(Debug, Clone, PartialEq)]
pub struct VisitEntry {
    /// Which entry: `Bundle.entry[index]`; of a resource alone 0.
    pub index: usize,
    /// The visit, or everything that is wrong with it.
    pub visit: Result<ComingVisit, Vec<Fault>>,
}

/// A visit.
#[derive(Debug, Clone, PartialEq)]
pub struct ComingVisit {
    /// Encounter or procedure.
    pub kind: VisitKind,
    /// The id that it is put under; `None` where it is posted.
    pub id: Option<String>,
    /// The sender's identifier of it: the same one again is the same visit.
    pub identifier: Option<Identifier>,
    /// The patient.
    pub of: VisitOf,
    /// FHIR's status of it.
    pub status: String,
    /// The CodeableConcepts by which it counts: `Encounter.type`, `Procedure.code`.
    pub concepts: Value,
    /// When it began, as it is written.
    pub start: Option<String>,
    /// When it ended, as it is written.
    pub end: Option<String>,
}

/// The visits of a Bundle, or the one that a resource is, each with its place or with everything that is wrong with it; other entries
/// are not listed.
///
/// # Errors
/// What is wrong with the whole: too many resources, too deep.
pub fn read_visits(root: &Value) -> Result<Vec<VisitEntry>, Vec<Fault>> {
    let index = Index::of(root, &[]).map_err(|fault| vec![fault])?;
    let Some(node) = index.root() else {
        return Ok(Vec::new());
    };
    if node.kind() != "Bundle" {
        let mut reader = Reader::new(&index);
        let visit = reader.coming_visit(&node, None);
        return Ok(vec![VisitEntry {
            index: 0,
            visit: reader.finish(visit),
        }]);
    }
    let mut visits = Vec::new();
    for (place, entry) in node.items("entry").into_iter().enumerate() {
        let resource = index.resource_of(&entry);
        if let Some(resource) = resource.filter(|resource| kind_of(resource).is_some()) {
            let mut reader = Reader::new(&index);
            let visit = reader.visit_entry(&entry, &resource);
            visits.push(VisitEntry {
                index: place,
                visit: reader.finish(visit),
            });
        }
    }
    Ok(visits)
}

/// Whether a Bundle has visits.
#[must_use]
pub fn has_visits(bundle: &Value) -> bool {
    let entries = bundle.get("entry").and_then(Value::as_array);
    entries.into_iter().flatten().any(|entry| {
        let kind = entry.pointer("/resource/resourceType");
        matches!(
            kind.and_then(Value::as_str),
            Some("Encounter" | "Procedure")
        )
    })
}

fn kind_of(resource: &Node<'_>) -> Option<VisitKind> {
    match resource.kind() {
        "Encounter" => Some(VisitKind::Encounter),
        "Procedure" => Some(VisitKind::Procedure),
        _ => None,
    }
}

/// FHIR R4's EncounterStatus.
const ENCOUNTER_STATUSES: &[&str] = &[
    "planned",
    "arrived",
    "triaged",
    "in-progress",
    "onleave",
    "finished",
    "cancelled",
    "entered-in-error",
    "unknown",
];

/// FHIR R4's EventStatus.
const PROCEDURE_STATUSES: &[&str] = &[
    "preparation",
    "in-progress",
    "not-done",
    "on-hold",
    "stopped",
    "completed",
    "entered-in-error",
    "unknown",
];

impl<'a> Reader<'_, 'a> {
    /// A visit as an entry of a Bundle, posted or put.
    fn visit_entry(&mut self, entry: &Node<'a>, resource: &Node<'a>) -> Option<ComingVisit> {
        let request = entry.child("request");
        let text = |name| request.as_ref().and_then(|request| request.text(name));
        let url = text("url").unwrap_or_default();
        match (text("method").unwrap_or("POST"), url.split_once('/')) {
            ("POST", _) => self.coming_visit(resource, None),
            ("PUT", Some((kind, id))) if kind == resource.kind() => {
                self.coming_visit(resource, Some(id))
            }
            ("PUT", _) => {
                self.fault(
                    entry.path("request.url"),
                    "value",
                    "must be the type and the id",
                );
                None
            }
            _ => {
                self.fault(
                    entry.path("request.method"),
                    "not-supported",
                    "must be POST or PUT",
                );
                None
            }
        }
    }

    fn coming_visit(&mut self, node: &Node<'a>, id: Option<&str>) -> Option<ComingVisit> {
        let kind = kind_of(node)?;
        self.refuse_modifiers(node);
        let statuses = match kind {
            VisitKind::Encounter => ENCOUNTER_STATUSES,
            VisitKind::Procedure => PROCEDURE_STATUSES,
        };
        let status = node.text("status");
        if !status.is_some_and(|status| statuses.contains(&status)) {
            let detail = format!("must be one of {}", statuses.join(", "));
            self.fault(node.path("status"), "code-invalid", &detail);
        }
        let (concepts, period): (Vec<&Value>, _) = match kind {
            VisitKind::Encounter => (
                node.items("type").iter().map(|one| one.value).collect(),
                node.child("period"),
            ),
            VisitKind::Procedure => (
                node.child("code").iter().map(|one| one.value).collect(),
                node.child("performedPeriod"),
            ),
        };
        let at = match kind {
            VisitKind::Encounter => None,
            VisitKind::Procedure => self.written(Some(node), "performedDateTime"),
        };
        let start = at
            .clone()
            .or_else(|| self.written(period.as_ref(), "start"));
        let end = at.or_else(|| self.written(period.as_ref(), "end"));
        let identifiers = node.items("identifier");
        let identifier = identifiers.iter().find_map(|one| {
            Some(Identifier {
                system: one.text("system")?.to_owned(),
                value: one.text("value")?.to_owned(),
            })
        });
        Some(ComingVisit {
            kind,
            id: id.map(str::to_owned),
            identifier,
            of: self.visit_of(node)?,
            status: status?.to_owned(),
            concepts: json!(concepts),
            start,
            end,
        })
    }

    fn written(&mut self, node: Option<&Node<'a>>, name: &str) -> Option<String> {
        let found = node?.child(name)?;
        let text = found.value.as_str().unwrap_or_default();
        if text.parse::<Written>().is_err() {
            self.fault(
                found.at,
                "value",
                "must be a date, or a time with its offset",
            );
            return None;
        }
        Some(text.to_owned())
    }

    fn visit_of(&mut self, node: &Node<'a>) -> Option<VisitOf> {
        let Some(subject) = node.child("subject") else {
            self.fault(node.path("subject"), "required", "is required");
            return None;
        };
        let at = subject.at.clone();
        let target = self.follow(subject);
        let patient = target.resource.as_ref();
        let identifier = match patient.filter(|found| found.kind() == "Patient") {
            Some(patient) => self.patient_identifier(patient),
            None => {
                let logical = target.reference.child("identifier");
                logical.and_then(|one| self.identifier(&one))
            }
        };
        let of = identifier
            .map(VisitOf::Identified)
            .or_else(|| Some(VisitOf::Ours(target.our_id("Patient")?.to_owned())));
        if of.is_none() {
            self.fault(
                at,
                "required",
                "must be a Patient that comes along with its identifier, or the identifier alone, or the Patient of a referral here",
            );
        }
        of
    }
}
