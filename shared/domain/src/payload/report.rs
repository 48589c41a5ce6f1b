//! What a report brings: documents and next steps.

use serde::{Deserialize, Deserializer, Serialize};

use crate::request::Free;

/// A document of a report: one that is stored here, or where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Document {
    /// The id of a stored document.
    Stored(String),
    /// A document elsewhere.
    Linked {
        /// Its title.
        title: String,
        /// Its media type.
        #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
        media_type: Option<String>,
        /// Where it is.
        url: String,
    },
}

/// A next step of a report: text, or text with who is responsible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum NextStep {
    /// What to do.
    Text(String),
    /// What to do, by whom and when.
    Assigned {
        /// What to do.
        what: String,
        /// Who does it.
        #[serde(skip_serializing_if = "Option::is_none")]
        who: Option<String>,
        /// By when, as given.
        #[serde(skip_serializing_if = "Option::is_none")]
        when: Option<String>,
    },
}

impl NextStep {
    /// Whether it says who is responsible.
    #[must_use]
    pub const fn is_assigned(&self) -> bool {
        matches!(self, Self::Assigned { who: Some(_), .. })
    }
}

/// Reads a value that is a text or an object with text members, without serde's buffering of untagged enums.
macro_rules! text_or_members {
    ($name:ident, $text:ident, $members:ident) => {
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                match Free::deserialize(deserializer)? {
                    Free::Text(text) => Ok(Self::$text(text)),
                    Free::Object(mut members) => {
                        let mut take = |name: &str| match members.remove(name) {
                            Some(Free::Text(text)) => Some(text),
                            _ => None,
                        };
                        $members(&mut take)
                            .ok_or_else(|| serde::de::Error::custom("a member is missing"))
                    }
                    _ => Err(serde::de::Error::custom("a text or an object is expected")),
                }
            }
        }
    };
}

fn linked(take: &mut dyn FnMut(&str) -> Option<String>) -> Option<Document> {
    Some(Document::Linked {
        title: take("title")?,
        media_type: take("type"),
        url: take("url")?,
    })
}

fn assigned(take: &mut dyn FnMut(&str) -> Option<String>) -> Option<NextStep> {
    Some(NextStep::Assigned {
        what: take("what")?,
        who: take("who"),
        when: take("when"),
    })
}

text_or_members!(Document, Stored, linked);
text_or_members!(NextStep, Text, assigned);
