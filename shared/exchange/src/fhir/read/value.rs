//! What an item that comes with a request holds: a result, a dosage, a conclusion, a text.

use std::collections::BTreeMap;

use domain::request::{Free, SupportingKind};

use super::super::free::free_of;
use super::attachments::text_of;
use super::free::resource_of;
use super::node::Node;
use super::reader::Reader;
use super::supporting::attachment;

impl<'a> Reader<'_, 'a> {
    pub(super) fn item_value(
        &mut self,
        resource: &Node<'a>,
        kind: &Option<SupportingKind>,
    ) -> Option<Free> {
        if kind.is_none() {
            return Some(resource_of(resource));
        }
        if let Some(told) = self.free(resource, "value") {
            return Some(told);
        }
        let text = match resource.kind() {
            "Observation" => return self.observed(resource),
            "DiagnosticReport" => resource.text("conclusion").map(str::to_owned),
            "MedicationStatement" | "MedicationRequest" => {
                let dosage = ["dosage", "dosageInstruction"];
                dosage
                    .iter()
                    .flat_map(|name| resource.items(name))
                    .find_map(|dose| dose.text("text"))
                    .map(str::to_owned)
            }
            "DocumentReference" => attachment(resource)
                .filter(|one| {
                    one.text("contentType")
                        .is_some_and(|kind| kind.starts_with("text/plain"))
                })
                .and_then(|one| text_of(&one)),
            _ => {
                let notes = self.notes(resource);
                (!notes.is_empty()).then(|| notes.join("\n\n"))
            }
        };
        text.map(Free::Text)
    }

    /// The value of an Observation; of one with components, each by its name.
    pub fn observed(&self, observation: &Node<'a>) -> Option<Free> {
        if let Some(value) = self.observed_value(observation) {
            return Some(value);
        }
        let mut parts = BTreeMap::new();
        for component in observation.items("component") {
            let name = component.child("code").and_then(|code| self.words(&code));
            if let (Some(name), Some(value)) = (name, self.observed_value(&component)) {
                parts.insert(name.to_owned(), value);
            }
        }
        (!parts.is_empty()).then_some(Free::Object(parts))
    }

    fn observed_value(&self, node: &Node<'a>) -> Option<Free> {
        if let Some(quantity) = node.child("valueQuantity") {
            let mut parts = BTreeMap::new();
            for name in ["value", "comparator"] {
                if let Some(part) = quantity.child(name) {
                    parts.insert(name.to_owned(), free_of(part.value));
                }
            }
            if let Some(unit) = quantity.text("unit").or_else(|| quantity.text("code")) {
                parts.insert("unit".to_owned(), Free::Text(unit.to_owned()));
            }
            return (!parts.is_empty()).then_some(Free::Object(parts));
        }
        if let Some(concept) = node.child("valueCodeableConcept") {
            return self
                .words(&concept)
                .map(|words| Free::Text(words.to_owned()));
        }
        let members = node.value.as_object()?;
        let (_, value) = members.iter().find(|(name, _)| {
            name.strip_prefix("value")
                .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_uppercase()))
        })?;
        (!value.is_null()).then(|| free_of(value))
    }
}
