//! What HL7 v2 has no field for: an OBX of our own code system `99RLOOP`, which other systems show as a result with its text.
//!
//! The codes are the members of the JSON contract. Content that is carried and never interpreted is JSON text.

use domain::request::Free;

use crate::hl7::names;
use crate::hl7::tokens::Segment;

/// One of our own observations.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Local {
    /// The member.
    pub code: String,
    /// OBX-4: which of several.
    pub sub_id: Option<String>,
    /// OBX-5.
    pub value: String,
}

/// Every observation of ours among `segments`.
pub(crate) fn all<'s, 'a: 's>(segments: impl Iterator<Item = &'s Segment<'a>>) -> Vec<Local> {
    segments
        .filter(|one| is_local(one))
        .filter_map(|one| {
            Some(Local {
                code: one.field(3).part(1)?,
                sub_id: one.field(4).value(),
                value: one.field(5).value()?,
            })
        })
        .collect()
}

/// Whether an OBX is one of ours.
pub(crate) fn is_local(obx: &Segment<'_>) -> bool {
    obx.name() == "OBX" && obx.field(3).part(3).as_deref() == Some(names::OURS)
}

/// The value of a member.
pub(crate) fn get<'l>(locals: &'l [Local], code: &str) -> Option<&'l str> {
    locals
        .iter()
        .find(|one| one.code == code)
        .map(|one| one.value.as_str())
}

/// Every value of a member that may be several.
pub(crate) fn each<'l>(locals: &'l [Local], code: &'l str) -> impl Iterator<Item = &'l Local> {
    locals.iter().filter(move |one| one.code == code)
}

/// Content as it was given: JSON, or a text that is none.
pub(crate) fn free(text: &str) -> Free {
    serde_json::from_str::<serde_json::Value>(text)
        .ok()
        .and_then(|value| serde_json::from_value(value).ok())
        .unwrap_or_else(|| Free::Text(text.to_owned()))
}

/// The text that [`free`] reads back.
pub(crate) fn free_text(free: &Free) -> String {
    serde_json::to_value(free)
        .map(|value| value.to_string())
        .unwrap_or_default()
}
