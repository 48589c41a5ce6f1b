//! What a receiver's system answers to a message of ours (HL7 v2 chapter 2, MSA and ERR).

use crate::hl7::frame;
use crate::hl7::tokens::Tokens;

/// Characters of an error code that are read: table 0357 has three.
const ERROR_CODE_CHARS_MAX: usize = 8;

/// What became of a message of ours, as its receiver says (MSA-1, table 0008).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// AA or CA: it was taken.
    Taken,
    /// AE or CE: not this time.
    Failed {
        /// The code of the first error: ERR-3, ERR-1 before 2.5, or MSA-6.
        error: Option<String>,
    },
    /// AR or CR: never.
    Rejected {
        /// The same.
        error: Option<String>,
    },
}

/// Reads an answer. What holds no acknowledgement says nothing beside the status of HTTP: our messages ask for none.
#[must_use]
pub fn answer(bytes: &[u8]) -> Option<Answer> {
    frame::with_tokens(bytes, |tokens| Ok(read(tokens))).ok()?
}

fn read(tokens: &Tokens<'_>) -> Option<Answer> {
    let first = |name: &str| tokens.segments().iter().find(|one| one.name() == name);
    let msa = first("MSA")?;
    let error = || {
        let err = first("ERR");
        let code = err
            .and_then(|err| {
                err.field(3)
                    .part(1)
                    .or_else(|| err.field(1).component(4).subcomponent(1).text())
            })
            .or_else(|| msa.field(6).part(1))?;
        // A code, and never a text: it may hold anything.
        let is_code = code.len() <= ERROR_CODE_CHARS_MAX
            && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_code.then_some(code)
    };
    match msa.field(1).value().as_deref() {
        Some("AA" | "CA") => Some(Answer::Taken),
        Some("AE" | "CE") => Some(Answer::Failed { error: error() }),
        Some("AR" | "CR") => Some(Answer::Rejected { error: error() }),
        _ => None,
    }
}
