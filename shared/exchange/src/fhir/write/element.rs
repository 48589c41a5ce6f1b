//! Elements that many resources have.

use domain::request::{Coding, Identifier};
use serde_json::{Map, Value, json};

use super::super::codes::IDENTIFIER_TYPE;

/// A resource or element as it is put together. What is absent is left out.
pub(in crate::fhir) struct Element(Map<String, Value>);

impl Element {
    pub fn of(kind: &str) -> Self {
        Self::new().with("resourceType", kind)
    }

    pub fn new() -> Self {
        Self(Map::new())
    }

    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    pub fn with_some<T: Into<Value>>(self, name: &str, value: Option<T>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// FHIR has no empty arrays.
    pub fn with_all(self, name: &str, values: Vec<Value>) -> Self {
        if values.is_empty() {
            self
        } else {
            self.with(name, values)
        }
    }

    pub fn done(self) -> Value {
        Value::Object(self.0)
    }
}

pub(super) fn coding(system: &str, code: &str, display: Option<&str>) -> Value {
    Element::new()
        .with("system", system)
        .with("code", code)
        .with_some("display", display)
        .done()
}

pub(super) fn concept(system: &str, code: &str, display: &str) -> Value {
    json!({ "coding": [coding(system, code, Some(display))], "text": display })
}

pub(super) fn concept_of(coded: &Coding) -> Value {
    Element::new()
        .with(
            "coding",
            vec![coding(&coded.system, &coded.code, coded.display.as_deref())],
        )
        .with_some("text", coded.display.as_deref())
        .done()
}

pub(super) fn identifier(of: &Identifier) -> Value {
    json!({ "system": of.system, "value": of.value })
}

pub(super) fn typed_identifier(kind: &str, of: &Identifier) -> Value {
    json!({
        "type": { "coding": [{ "system": IDENTIFIER_TYPE, "code": kind }] },
        "system": of.system,
        "value": of.value,
    })
}

pub(super) fn reference(kind: &str, id: &str) -> Value {
    json!({ "reference": format!("{kind}/{id}") })
}

pub(super) fn telecom(system: &str, value: Option<&String>) -> Option<Value> {
    Some(json!({ "system": system, "value": value? }))
}
