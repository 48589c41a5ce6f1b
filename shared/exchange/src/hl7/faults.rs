//! The codes of faults, and what they are in table 0357 (message error condition codes).

use crate::said::{Fault, Warning};

/// A segment is missing, or stands where none may.
pub const SEGMENT: &str = "segment-sequence";
/// A field that is needed is empty.
pub const REQUIRED: &str = "required-field";
/// A field is not of its data type.
pub const DATA_TYPE: &str = "data-type";
/// A code is in no table that is read here, or two codes contradict each other.
pub const TABLE: &str = "table-value";
/// The type of message is not read here.
pub const MESSAGE_TYPE: &str = "message-type";
/// The trigger event is not read here.
pub const EVENT: &str = "event-code";
/// The version is not read here.
pub const VERSION: &str = "version";
/// The character set is not read here, or the bytes are not in it.
pub const CHARSET: &str = "charset";
/// More than this reads of one thing.
pub const LIMIT: &str = "limit";

/// A fault at `at`; `detail` holds no value of a message.
#[must_use]
pub fn of(at: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Fault {
    Fault {
        at: at.into(),
        code,
        detail: detail.into(),
    }
}

/// A warning at `at`.
#[must_use]
pub fn warning(at: impl Into<String>, detail: impl Into<String>) -> Warning {
    Warning {
        at: at.into(),
        detail: detail.into(),
    }
}

/// The code of table 0357 and its text, for ERR-3.
#[must_use]
pub fn in_table_0357(code: &str) -> (&'static str, &'static str) {
    match code {
        SEGMENT => ("100", "Segment sequence error"),
        REQUIRED => ("101", "Required field missing"),
        DATA_TYPE | CHARSET => ("102", "Data type error"),
        TABLE => ("103", "Table value not found"),
        MESSAGE_TYPE => ("200", "Unsupported message type"),
        EVENT => ("201", "Unsupported event code"),
        VERSION => ("203", "Unsupported version id"),
        "not-found" | "unknown-key" => ("204", "Unknown key identifier"),
        "duplicate" => ("205", "Duplicate key identifier"),
        _ => ("207", "Application error"),
    }
}
