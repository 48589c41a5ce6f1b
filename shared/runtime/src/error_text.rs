//! What a database's error text means. D1 and Spin tell it in words only; natively SQLite gives a code.

use ports::DatabaseError;

/// What SQLite says before the columns of a key that is taken.
const UNIQUE: &str = "UNIQUE constraint failed: ";

/// What D1 appends to SQLite's own message: `: SQLITE_CONSTRAINT (extended: …)`.
const CODE: &str = ": SQLITE_";

/// SQLite's codes for what may work later.
const PASSING_CODES: [&str; 4] = ["BUSY", "LOCKED", "IOERR", "INTERRUPT"];

/// What the platforms say, in lower case, when the database is locked, overloaded, restarted or out of reach.
const PASSING_TEXTS: [&str; 13] = [
    "is locked",
    "is busy",
    "overloaded",
    "reset",
    "network",
    "connection lost",
    "connection refused",
    "connection closed",
    "timeout",
    "timed out",
    "transient",
    "http error",
    "disk i/o error",
];

/// The longest reason that is passed on, in bytes: SQLite's messages are short, and what is longer is not SQLite's.
const REASON_BYTES_MAX: usize = 200;

/// The error that `text` stands for.
///
/// SQLite's messages name tables, columns and words of the statement, and never a parameter's value. The first line alone
/// is read: D1 adds a JavaScript stack.
pub fn classify(text: &str) -> DatabaseError {
    let line = text.lines().next().unwrap_or_default().trim();
    let (message, code) = match line.find(CODE) {
        Some(at) => {
            let (message, rest) = line.split_at(at);
            (message, rest.strip_prefix(CODE))
        }
        None => (line, None),
    };
    if let Some((_, constraint)) = message.split_once(UNIQUE) {
        return DatabaseError::Conflict {
            constraint: constraint.trim().to_owned(),
        };
    }
    // With SQLite's own code the words do not matter: a column may be called `reset`.
    let passing = match code {
        Some(code) => PASSING_CODES.iter().any(|known| code.starts_with(known)),
        None => {
            let lower = message.to_ascii_lowercase();
            !is_sqlites_own(&lower) && PASSING_TEXTS.iter().any(|known| lower.contains(known))
        }
    };
    if passing {
        DatabaseError::Unavailable
    } else {
        DatabaseError::Refused {
            reason: shorten(message).to_owned(),
        }
    }
}

/// Whether another connection held the lock, on the platform where we try again ourselves.
#[cfg(any(target_os = "wasi", test))]
pub fn is_locked(text: &str) -> bool {
    matches!(classify(text), DatabaseError::Unavailable)
        && ["is locked", "is busy"]
            .iter()
            .any(|known| text.contains(known))
}

/// Whether a message without a code is SQLite's about a statement, which names tables and columns of any name.
fn is_sqlites_own(lower: &str) -> bool {
    [
        "no such ",
        "syntax error",
        "constraint failed",
        "has no column",
    ]
    .iter()
    .any(|known| lower.contains(known))
}

/// At most [`REASON_BYTES_MAX`] bytes of `message`, cut between characters.
fn shorten(message: &str) -> &str {
    let mut end = message.len().min(REASON_BYTES_MAX);
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    message.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: DatabaseError) {
        assert_eq!(classify(text), want, "{text}");
    }

    fn conflict(constraint: &str) -> DatabaseError {
        DatabaseError::Conflict {
            constraint: constraint.to_owned(),
        }
    }

    fn refused(reason: &str) -> DatabaseError {
        DatabaseError::Refused {
            reason: reason.to_owned(),
        }
    }

    #[test]
    fn a_taken_key_is_a_conflict_with_its_columns() {
        check(
            "D1_ERROR: UNIQUE constraint failed: seen.source, seen.webhook_id: SQLITE_CONSTRAINT (extended: \
             SQLITE_CONSTRAINT_PRIMARYKEY)\n    at D1DatabaseSessionAlwaysPrimary._sendOrThrow (cloudflare-internal:d1-api:139:19)",
            conflict("seen.source, seen.webhook_id"),
        );
        check(
            "UNIQUE constraint failed: events.referral_id, events.seq",
            conflict("events.referral_id, events.seq"),
        );
    }

    #[test]
    fn what_may_work_later_is_unavailable() {
        for text in [
            "database is locked",
            "database table is locked: events",
            "D1_ERROR: D1 DB is overloaded. Requests queued for too long.",
            "D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.",
            "D1_ERROR: Network connection lost.",
            "D1_ERROR: database is locked: SQLITE_BUSY",
            "disk I/O error",
        ] {
            check(text, DatabaseError::Unavailable);
        }
    }

    #[test]
    fn a_fault_of_the_statement_is_refused_whatever_its_names_say() {
        check(
            "D1_ERROR: no such column: reset at offset 7: SQLITE_ERROR\n    at foo",
            refused("D1_ERROR: no such column: reset at offset 7"),
        );
        check("no such table: network", refused("no such table: network"));
        check("", refused(""));
    }

    #[test]
    fn a_lock_is_told_from_other_trouble() {
        assert!(is_locked("database is locked"));
        assert!(is_locked("database table is locked: events"));
        assert!(!is_locked("no such table: door is locked"));
        assert!(!is_locked("network connection lost"));
    }

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let text = format!("{}é", "a".repeat(REASON_BYTES_MAX - 1));
        check(&text, refused(&"a".repeat(REASON_BYTES_MAX - 1)));
        let text = "a".repeat(REASON_BYTES_MAX);
        check(&text, refused(&text));
    }
}
