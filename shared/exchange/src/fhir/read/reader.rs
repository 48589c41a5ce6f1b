//! What reading a resource needs at every step: the index, and the faults and warnings found so far.

use std::str::FromStr;

use domain::request::{Coding, Identifier};
use domain::time::{Date, Timestamp};
use serde_json::Value;

use super::super::codes::IDENTIFIER_TYPE;
use super::super::limits::FAULTS_MAX;
use super::index::{Index, Resolved};
use super::node::Node;
use crate::said::{Fault, Warning};

/// Reading, as far as it has come.
pub(super) struct Reader<'i, 'a> {
    pub index: &'i Index<'a>,
    pub faults: Vec<Fault>,
    pub warnings: Vec<Warning>,
}

/// A Reference, followed.
pub(super) struct Target<'a> {
    /// The Reference itself.
    pub reference: Node<'a>,
    /// What it leads to, where that came along.
    pub resource: Option<Node<'a>>,
}

impl<'a> Target<'a> {
    pub fn display(&self) -> Option<&'a str> {
        self.reference.text("display")
    }

    /// The id of a relative reference of this type that did not come along: one of ours.
    pub fn our_id(&self, kind: &str) -> Option<&'a str> {
        if self.resource.is_some() {
            return None;
        }
        let id = self
            .reference
            .text("reference")?
            .strip_prefix(kind)?
            .strip_prefix('/')?;
        (!id.is_empty() && !id.contains('/')).then_some(id)
    }

    pub fn kind(&self) -> &'a str {
        match &self.resource {
            Some(resource) => resource.kind(),
            None => self
                .reference
                .text("type")
                .or_else(|| self.reference.text("reference")?.split('/').next())
                .unwrap_or_default(),
        }
    }
}

impl<'i, 'a> Reader<'i, 'a> {
    pub fn new(index: &'i Index<'a>) -> Self {
        Self {
            index,
            faults: Vec::new(),
            warnings: Vec::new(),
        }
    }

    pub fn fault(&mut self, at: String, code: &'static str, detail: &str) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(Fault {
                at,
                code,
                detail: detail.to_owned(),
            });
        }
    }

    pub fn warn(&mut self, at: String, detail: &str) {
        if self.warnings.len() < FAULTS_MAX {
            self.warnings.push(Warning {
                at,
                detail: detail.to_owned(),
            });
        }
    }

    /// The value, or everything that is wrong with it.
    pub fn finish<T>(&mut self, value: Option<T>) -> Result<T, Vec<Fault>> {
        let mut faults = std::mem::take(&mut self.faults);
        match value {
            Some(value) if faults.is_empty() => Ok(value),
            _ => {
                if faults.is_empty() {
                    faults.push(Fault {
                        at: "Resource".to_owned(),
                        code: "structure",
                        detail: "cannot be read".to_owned(),
                    });
                }
                Err(faults)
            }
        }
    }

    /// A resource must say nothing that changes its meaning and that we do not know (FHIR R4, Extensibility, "Modifier
    /// extensions"; Resource.implicitRules).
    pub fn refuse_modifiers(&mut self, resource: &Node<'a>) {
        for name in ["modifierExtension", "implicitRules"] {
            if let Some(found) = resource.child(name) {
                self.fault(
                    found.at,
                    "extension",
                    "changes the meaning, and is not known here",
                );
            }
        }
    }

    /// A code that is one of ours, or a fault that lists those.
    pub fn code<T>(
        &mut self,
        node: &Node<'a>,
        name: &str,
        parse: fn(&str) -> Option<T>,
        allowed: &[&str],
    ) -> Option<T> {
        let found = node.child(name)?;
        let value = found.value.as_str().and_then(parse);
        if value.is_none() {
            let detail = format!("must be one of {}", allowed.join(", "));
            self.fault(found.at, "code-invalid", &detail);
        }
        value
    }

    /// A day. A year or a month alone is no day.
    pub fn date(&mut self, node: &Node<'a>, name: &str) -> Option<Date> {
        let found = node.child(name)?;
        let date = found.value.as_str().and_then(day_of);
        if date.is_none() {
            self.fault(found.at, "value", "must be a whole date");
        }
        date
    }

    /// An instant, with its offset.
    pub fn instant(&mut self, node: &Node<'a>, name: &str) -> Option<Timestamp> {
        let found = node.child(name)?;
        let instant = found.value.as_str().and_then(instant_of);
        if instant.is_none() {
            self.fault(found.at, "value", "must be an instant with an offset");
        }
        instant
    }

    /// The codings of a CodeableConcept that have a system and a code.
    pub fn codings(&self, concept: &Node<'a>) -> Vec<Coding> {
        let text = concept.text("text");
        let mut codings = Vec::new();
        for coding in concept.items("coding") {
            if let (Some(system), Some(code)) = (coding.text("system"), coding.text("code")) {
                codings.push(Coding {
                    system: system.to_owned(),
                    code: code.to_owned(),
                    display: coding.text("display").or(text).map(str::to_owned),
                });
            }
        }
        codings
    }

    /// What a person reads of a CodeableConcept.
    pub fn words(&self, concept: &Node<'a>) -> Option<&'a str> {
        concept.text("text").or_else(|| {
            let codings = concept.items("coding");
            codings
                .iter()
                .find_map(|coding| coding.text("display"))
                .or_else(|| codings.iter().find_map(|coding| coding.text("code")))
        })
    }

    /// The code that a CodeableConcept has in `system`.
    pub fn code_in(&self, concept: &Node<'a>, system: &str) -> Option<&'a str> {
        concept
            .items("coding")
            .iter()
            .find(|coding| coding.text("system") == Some(system))
            .and_then(|coding| coding.text("code"))
    }

    /// Follows a Reference. One that must be here and is not, or that could be two things, is a fault.
    pub fn follow(&mut self, reference: Node<'a>) -> Target<'a> {
        let resource = match self.index.resolve(&reference) {
            Resolved::Here(resource) => Some(resource),
            Resolved::Elsewhere => None,
            Resolved::Missing => {
                self.fault(
                    reference.at.clone(),
                    "not-found",
                    "refers to what did not come along",
                );
                None
            }
            Resolved::Ambiguous => {
                self.fault(
                    reference.at.clone(),
                    "multiple-matches",
                    "refers to more than one resource",
                );
                None
            }
        };
        Target {
            reference,
            resource,
        }
    }

    /// An Identifier. Where it has no system its assigner stands for it, as in BSeR's examples: by the assigner's own
    /// identifier (`system#value`, or the value where that is a URN), or its absolute URL.
    pub fn identifier(&mut self, node: &Node<'a>) -> Option<Identifier> {
        let value = node.text("value")?.to_owned();
        if let Some(system) = node.text("system") {
            return Some(Identifier {
                system: system.to_owned(),
                value,
            });
        }
        let assigner = node.child("assigner");
        let system = assigner.and_then(|assigner| {
            let own = assigner.child("identifier");
            let target = self.follow(assigner);
            own.or_else(|| {
                let all = target.resource.as_ref()?.items("identifier");
                all.into_iter().find(|one| one.text("system").is_some())
            })
            .and_then(|one| {
                let value = one.text("value")?;
                Some(if value.starts_with("urn:") {
                    value.to_owned()
                } else {
                    format!("{}#{value}", one.text("system")?)
                })
            })
            .or_else(|| {
                let url = target.reference.text("reference")?;
                url.starts_with("http").then(|| url.to_owned())
            })
        });
        if system.is_none() {
            self.warn(
                node.at.clone(),
                "has neither a system nor an assigner that is known, and is not used",
            );
        }
        Some(Identifier {
            system: system?,
            value,
        })
    }

    /// The first Identifier of a type of v2-0203.
    pub fn identifier_of_type(&mut self, resource: &Node<'a>, kind: &str) -> Option<Identifier> {
        let found = resource.items("identifier").into_iter().find(|one| {
            one.child("type")
                .is_some_and(|concept| self.code_in(&concept, IDENTIFIER_TYPE) == Some(kind))
        })?;
        self.identifier(&found)
    }

    /// The texts of Annotations.
    pub fn notes(&self, resource: &Node<'a>) -> Vec<&'a str> {
        resource
            .items("note")
            .iter()
            .filter_map(|note| note.text("text"))
            .collect()
    }

    /// The value of a telecom with this system, the one of the lowest rank first.
    pub fn telecom(&self, resource: &Node<'a>, system: &str) -> Option<&'a str> {
        let mut all = resource.items("telecom");
        all.retain(|one| one.text("system") == Some(system) && one.text("use") != Some("old"));
        all.iter()
            .min_by_key(|one| {
                one.value
                    .get("rank")
                    .and_then(Value::as_u64)
                    .unwrap_or(u64::MAX)
            })
            .and_then(|one| one.text("value"))
    }
}

/// The day of a FHIR date or dateTime, as it is written there.
pub(super) fn day_of(text: &str) -> Option<Date> {
    let day = text.get(..10)?;
    let rest = text.get(10..)?;
    if !(rest.is_empty() || rest.starts_with('T')) {
        return None;
    }
    Date::from_str(day).ok()
}

/// The instant of a FHIR dateTime; a day alone is its beginning in UTC.
pub(super) fn instant_of(text: &str) -> Option<Timestamp> {
    Timestamp::from_str(text)
        .ok()
        .or_else(|| Date::from_str(text).ok().map(Date::start))
}
