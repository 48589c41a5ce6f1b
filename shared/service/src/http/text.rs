//! The kinds of text that bodies carry, each with one rule for what it accepts and one sentence that says so.

use domain::policy::Allowed;
use domain::time::Date;
use domain::time::Timestamp;

/// The most characters of a slug: FHIR's limit for ids.
pub const SLUG_CHARS_MAX: usize = 64;

/// What a string says, and so what it may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextKind {
    /// One line: no control character.
    Line,
    /// Running text: line breaks and tabs, no other control character.
    Prose,
    /// An id that people choose: lower-case letters, digits, `-` and `.`, beginning with a letter or digit. A FHIR id.
    Slug,
    /// A URI by its form: a scheme, a colon, no white space.
    Uri,
    /// An http or https URL with a host and without user, password and fragment.
    Url,
    /// An e-mail address by its form: something, `@`, a domain.
    Email,
    /// A telephone number as people write it.
    Phone,
    /// A language tag by its form, BCP 47.
    Language,
    /// A name of the IANA time zone database.
    TimeZone,
    /// Time allowed, in hours, days or business days.
    Allowed,
}

impl TextKind {
    /// Whether the text is of this kind. Its length is not looked at.
    #[must_use]
    pub fn accepts(self, text: &str) -> bool {
        match self {
            Self::Line => !text.chars().any(char::is_control),
            Self::Prose => !text.chars().any(|character| {
                character.is_control() && !matches!(character, '\n' | '\r' | '\t')
            }),
            Self::Slug => is_slug(text),
            Self::Uri => is_uri(text),
            Self::Url => is_url(text),
            Self::Email => is_email(text),
            Self::Phone => is_phone(text),
            Self::Language => is_language(text),
            Self::TimeZone => domain::time_zone::is_known(text),
            Self::Allowed => Allowed::parse(text).is_some(),
        }
    }

    /// The code of the fault when it is not.
    #[must_use]
    pub const fn fault_code(self) -> &'static str {
        match self {
            Self::Line | Self::Prose => "control-character",
            Self::Slug => "not-a-slug",
            Self::Uri => "not-a-uri",
            Self::Url => "not-a-url",
            Self::Email => "not-an-email",
            Self::Phone => "not-a-phone",
            Self::Language => "not-a-language",
            Self::TimeZone => "unknown-time-zone",
            Self::Allowed => "not-a-time-allowed",
        }
    }

    /// The rule, as a caller is told it.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Line => "must be one line without control characters",
            Self::Prose => "must be text without control characters",
            Self::Slug => {
                "must be lower-case letters, digits, '-' and '.', beginning with a letter or digit"
            }
            Self::Uri => "must be a URI, such as http://loinc.org or urn:oid:2.16.840.1.113883.4.6",
            Self::Url => "must be an http or https URL without user, password and fragment",
            Self::Email => "must be an e-mail address",
            Self::Phone => "must be a telephone number",
            Self::Language => "must be a language tag (BCP 47), such as en or pt-BR",
            Self::TimeZone => {
                "must be a name of the IANA time zone database, such as America/Chicago"
            }
            Self::Allowed => "must be a time from 1 to 1000 such as 24h, 7d or 3bd",
        }
    }
}

/// Whether the text is an instant as RFC 3339 writes it. `jiff` alone would take other forms of ISO 8601 too.
pub fn is_instant(text: &str) -> bool {
    let bytes = text.as_bytes();
    let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    let offset = matches!(bytes.last(), Some(b'Z'))
        || bytes.len() > 6
            && matches!(bytes.get(bytes.len() - 6), Some(b'+' | b'-'))
            && bytes.get(bytes.len() - 3) == Some(&b':');
    separators
        .iter()
        .all(|(index, byte)| bytes.get(*index) == Some(byte))
        && offset
        && text.parse::<Timestamp>().is_ok()
}

/// Whether the text is a day that the calendar has, `YYYY-MM-DD`.
pub fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<Date>().is_ok()
}

/// Whether the text is an id that people choose.
pub fn is_slug(text: &str) -> bool {
    text.len() <= SLUG_CHARS_MAX
        && text.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit())
        && text
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.'))
}

fn is_uri(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
            && !rest.is_empty()
            && !text
                .chars()
                .any(|character| character.is_whitespace() || character.is_control())
    })
}

fn is_url(text: &str) -> bool {
    let Ok(uri) = text.parse::<http::Uri>() else {
        return false;
    };
    matches!(uri.scheme_str(), Some("http" | "https"))
        && uri.host().is_some_and(|host| !host.is_empty())
        && uri
            .authority()
            .is_some_and(|authority| !authority.as_str().contains('@'))
        && !text.contains('#')
}

fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.is_empty()
            && !domain.contains('@')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !text
                .chars()
                .any(|character| character.is_whitespace() || character.is_control())
    })
}

fn is_phone(text: &str) -> bool {
    const DIGITS_MIN: usize = 3;
    text.bytes().filter(u8::is_ascii_digit).count() >= DIGITS_MIN
        && text.bytes().all(|byte| {
            byte.is_ascii_digit()
                || matches!(
                    byte,
                    b' ' | b'+' | b'-' | b'.' | b'(' | b')' | b'/' | b'x' | b'#' | b'*'
                )
        })
}

fn is_language(text: &str) -> bool {
    let mut subtags = text.split('-');
    let primary = subtags.next().unwrap_or_default();
    (2..=8).contains(&primary.len())
        && primary.bytes().all(|byte| byte.is_ascii_alphabetic())
        && subtags.all(|subtag| {
            (1..=8).contains(&subtag.len())
                && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: TextKind, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(kind.accepts(text), "{kind:?} should take {text:?}");
        }
        for text in bad {
            assert!(!kind.accepts(text), "{kind:?} should refuse {text:?}");
        }
    }

    #[test]
    fn a_slug_is_safe_in_a_url_and_a_fhir_id() {
        check(
            TextKind::Slug,
            &["a", "north-clinic", "1.2", "0"],
            &[
                "",
                "-a",
                ".",
                "..",
                "A",
                "a_b",
                "a/b",
                "a b",
                "é",
                &"a".repeat(65),
            ],
        );
    }

    #[test]
    fn an_instant_is_rfc_3339_and_nothing_else() {
        for good in ["2026-03-02T09:00:00Z", "2026-03-02T09:00:00.123456-05:00"] {
            assert!(is_instant(good), "{good}");
        }
        for bad in [
            "2026-03-02",
            "2026-03-02T09:00:00",
            "2026-03-02 09:00:00Z",
            "2026-02-30T09:00:00Z",
            "2026-03-02T09:00Z",
            "2026-03-02T09:00:00+01:00[Europe/Paris]",
            "20260302T090000Z",
            "",
            "Z",
        ] {
            assert!(!is_instant(bad), "{bad}");
        }
    }

    #[test]
    fn a_date_is_a_day_that_exists() {
        assert!(is_date("2024-02-29"));
        for bad in ["2026-02-29", "2026-2-1", "20260201", "2026-02-01T00", ""] {
            assert!(!is_date(bad), "{bad}");
        }
    }

    #[test]
    fn a_url_has_a_host_and_carries_no_credentials() {
        check(
            TextKind::Url,
            &[
                "https://a.example/hook?x=1",
                "http://127.0.0.1:9000/",
                "https://[::1]/",
            ],
            &[
                "a.example",
                "/x",
                "ftp://a",
                "https://",
                "https://u:p@a.example",
                "https://a.example/#x",
                "https://a b",
            ],
        );
    }

    #[test]
    fn other_kinds_take_what_the_field_writes() {
        check(
            TextKind::Uri,
            &[
                "urn:oid:2.16.840.1.113883.4.6",
                "http://loinc.org",
                "urn:ietf:rfc:3986",
            ],
            &["loinc", ":x", "urn:", "1a:b", "urn:a b"],
        );
        check(
            TextKind::Email,
            &["a@b", "a.b+c@d.example"],
            &["a", "@b", "a@", "a@b@c", "a @b", "a@.b"],
        );
        check(
            TextKind::Phone,
            &["+1 (555) 010-0100", "112", "0100/123"],
            &["12", "call me", "555-ABCD"],
        );
        check(
            TextKind::Language,
            &["en", "pt-BR", "zh-Hant-TW"],
            &["e", "en_US", "en-", "1n", "en-123456789"],
        );
        check(
            TextKind::TimeZone,
            &["America/Chicago", "UTC", "Europe/Berlin"],
            &["Chicago", "", "america/chicago"],
        );
        check(TextKind::Line, &["a b"], &["a\nb", "a\u{0}"]);
        check(TextKind::Prose, &["a\r\n\tb"], &["a\u{0}", "a\u{1b}b"]);
    }
}
