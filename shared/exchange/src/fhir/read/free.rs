//! Free content as it comes.

use domain::request::Free;
use serde_json::{Map, Value};

use super::super::free::free_of;
use super::node::Node;
use super::reader::{Reader, Target};

/// What belongs to one exchange alone, and means nothing in the next: left out of a resource that travels on. The whole of what
/// came stays with whoever stores it.
const LOCAL: &[&str] = &[
    "id",
    "meta",
    "implicitRules",
    "text",
    "beneficiary",
    "patient",
    "subject",
    "policyHolder",
    "subscriber",
    "contained",
];

/// How long the JSON text of an extension may be. Ours: a body is no longer.
const JSON_CHARS_MAX: usize = 256 * 1024;

/// A resource as it travels on.
pub(super) fn resource_of(resource: &Node<'_>) -> Free {
    let Some(members) = resource.value.as_object() else {
        return Free::Nothing;
    };
    let kept: Map<String, Value> = members
        .iter()
        .filter(|(name, _)| !LOCAL.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    free_of(&Value::Object(kept))
}

/// What a Reference says: the resource where it came along, its text where it has no more, else the Reference.
pub(super) fn referred(target: &Target<'_>) -> Free {
    if let Some(resource) = &target.resource {
        return resource_of(resource);
    }
    match target.reference.value.as_object() {
        Some(members) if members.len() == 1 => match target.display() {
            Some(display) => Free::Text(display.to_owned()),
            None => free_of(target.reference.value),
        },
        Some(_) => free_of(target.reference.value),
        None => Free::Nothing,
    }
}

impl Reader<'_, '_> {
    /// Free content of one of our extensions.
    pub fn free(&mut self, node: &Node<'_>, name: &str) -> Option<Free> {
        let found = node.extension(name)?;
        if let Some(text) = found.text("valueString") {
            return Some(Free::Text(text.to_owned()));
        }
        let json = found.part("json")?;
        let read = json
            .text("valueString")
            .filter(|text| text.len() <= JSON_CHARS_MAX)
            .and_then(|text| serde_json::from_str::<Value>(text).ok());
        if read.is_none() {
            self.fault(json.at, "value", "must be JSON");
        }
        Some(free_of(&read?))
    }
}
