//! Why: a code of ours in the first component, or a text in the second (ORC-16, RF1-10, SCH-6).

use domain::payload::{DeclineReason, Declined};

use crate::hl7::names;
use crate::hl7::reading::Reading;
use crate::hl7::tokens::Part;
use crate::said::NO_REASON;

/// A decline. A code that is none of ours is `other`, and its text the note, with a warning.
pub(crate) fn decline(
    reading: &mut Reading<'_, '_>,
    at: String,
    field: Part<'_>,
    notes: Option<String>,
) -> Declined {
    let code = field.part(1);
    let reason = code.as_deref().and_then(DeclineReason::parse);
    let text =
        names::coded_text(field).filter(|text| reason.is_none_or(|reason| text != reason.as_str()));
    let mut note = join(text, notes);
    if reason.is_none() {
        let detail = if code.is_some() {
            "no code of the decline reasons: taken as `other`, its text as the note"
        } else {
            "no code: taken as `other`, the text as the note"
        };
        reading.warn(at, detail);
        note.get_or_insert_with(|| NO_REASON.to_owned());
    }
    Declined {
        reason: reason.unwrap_or(DeclineReason::Other),
        note,
        alternative: None,
    }
}

/// A reason in words.
pub(crate) fn text(field: Part<'_>, notes: Option<String>) -> Option<String> {
    join(names::coded_text(field), notes)
}

/// The same where our event needs one and the standard does not.
pub(crate) fn needed(
    reading: &mut Reading<'_, '_>,
    at: String,
    field: Part<'_>,
    notes: Option<String>,
) -> String {
    text(field, notes).unwrap_or_else(|| {
        reading.warn(at, "no reason is given");
        NO_REASON.to_owned()
    })
}

fn join(first: Option<String>, second: Option<String>) -> Option<String> {
    match (first, second) {
        (Some(first), Some(second)) if first != second => Some(format!("{first}\n{second}")),
        (first, second) => first.or(second),
    }
}
