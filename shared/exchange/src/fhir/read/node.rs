//! An element of a resource, with the FHIRPath at which it stands.

use serde_json::Value;

use super::super::codes::EXTENSION;

/// An element.
#[derive(Debug, Clone)]
pub(in crate::fhir) struct Node<'a> {
    pub value: &'a Value,
    /// Its FHIRPath.
    pub at: String,
    /// The resource that it is in, by its place in the index: `#id` is looked up there.
    pub home: usize,
}

impl<'a> Node<'a> {
    pub fn path(&self, rest: &str) -> String {
        format!("{}.{rest}", self.at)
    }

    pub fn child(&self, name: &str) -> Option<Self> {
        let value = self.value.get(name).filter(|value| !value.is_null())?;
        Some(Self {
            value,
            at: self.path(name),
            home: self.home,
        })
    }

    /// The elements of a repeating element; none where it is absent or no array.
    pub fn items(&self, name: &str) -> Vec<Self> {
        let Some(Value::Array(items)) = self.value.get(name) else {
            return Vec::new();
        };
        items
            .iter()
            .enumerate()
            .map(|(n, value)| Self {
                value,
                at: format!("{}.{name}[{n}]", self.at),
                home: self.home,
            })
            .collect()
    }

    /// A text, without the white space around it; `None` where nothing else is left.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        let text = self.value.get(name)?.as_str()?.trim();
        (!text.is_empty()).then_some(text)
    }

    pub fn kind(&self) -> &'a str {
        self.text("resourceType").unwrap_or_default()
    }

    pub fn flag(&self, name: &str) -> bool {
        self.value.get(name).and_then(Value::as_bool) == Some(true)
    }

    /// One of our extensions.
    pub fn extension(&self, name: &str) -> Option<Self> {
        self.extensions(name).into_iter().next()
    }

    pub fn extensions(&self, name: &str) -> Vec<Self> {
        if self.value.get("extension").is_none() {
            return Vec::new();
        }
        let mut all = self.items("extension");
        all.retain(|one| {
            one.text("url")
                .and_then(|url| url.strip_prefix(EXTENSION))
                .is_some_and(|rest| rest == name)
        });
        all
    }

    /// A part of one of our extensions that has parts: its `url` is the bare name.
    pub fn part(&self, name: &str) -> Option<Self> {
        let mut all = self.items("extension");
        all.retain(|one| one.text("url") == Some(name));
        all.into_iter().next()
    }

    pub fn is(&self, other: &Self) -> bool {
        std::ptr::eq(self.value, other.value)
    }
}
