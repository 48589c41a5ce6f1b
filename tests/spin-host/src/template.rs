//! Templates: `{{ name }}` in a component's variables and allowed hosts stands for an application variable.
//! Source: spinframework/spin, `crates/expressions/src/template.rs`.

use std::collections::BTreeMap;

use thiserror::Error;

/// Why a template has no value.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum TemplateError {
    /// `{{` without `}}`.
    #[error("{0:?}: `{{{{` is not closed")]
    Unclosed(String),
    /// `}}` without `{{`.
    #[error("{0:?}: `}}}}` without `{{{{`")]
    Unopened(String),
    /// The application has no variable of that name.
    #[error("{template:?}: no variable {name:?}")]
    Undefined {
        /// The whole template.
        template: String,
        /// The name in it.
        name: String,
    },
    /// What is between the braces is no name.
    #[error("{template:?}: {name:?} is not lower_snake_case")]
    Name {
        /// The whole template.
        template: String,
        /// What is in it.
        name: String,
    },
}

/// Whether `name` can be a variable's name: lower-case letters, digits and single underscores between them.
#[must_use]
pub fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.split('_').all(|word| {
            !word.is_empty()
                && word
                    .chars()
                    .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
        })
}

/// The value of `template` with these variables.
///
/// # Errors
/// Any [`TemplateError`].
pub fn resolve(
    template: &str,
    variables: &BTreeMap<String, String>,
) -> Result<String, TemplateError> {
    let mut value = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        if before.contains("}}") {
            return Err(TemplateError::Unopened(template.to_owned()));
        }
        let (name, tail) = after
            .split_once("}}")
            .ok_or_else(|| TemplateError::Unclosed(template.to_owned()))?;
        let name = name.trim();
        if !is_name(name) {
            return Err(TemplateError::Name {
                template: template.to_owned(),
                name: name.to_owned(),
            });
        }
        let found = variables
            .get(name)
            .ok_or_else(|| TemplateError::Undefined {
                template: template.to_owned(),
                name: name.to_owned(),
            })?;
        value.push_str(before);
        value.push_str(found);
        rest = tail;
    }
    if rest.contains("}}") {
        return Err(TemplateError::Unopened(template.to_owned()));
    }
    value.push_str(rest);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(template: &str, want: Result<&str, TemplateError>) {
        let variables = [("host", "example.test"), ("port", "8080"), ("empty", "")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(
            resolve(template, &variables.into()),
            want.map(str::to_owned),
            "{template}"
        );
    }

    #[test]
    fn names_are_replaced_and_the_rest_stays() {
        check("plain", Ok("plain"));
        check("{{ host }}", Ok("example.test"));
        check(
            "https://{{host}}:{{ port }}/a",
            Ok("https://example.test:8080/a"),
        );
        check("{{ empty }}", Ok(""));
    }

    #[test]
    fn a_value_is_not_a_template_itself() {
        let variables = [("a".to_owned(), "{{ b }}".to_owned())];
        assert_eq!(
            resolve("{{ a }}", &variables.into()),
            Ok("{{ b }}".to_owned())
        );
    }

    #[test]
    fn what_is_undefined_or_not_well_formed_is_an_error() {
        let undefined = |template: &str, name: &str| TemplateError::Undefined {
            template: template.to_owned(),
            name: name.to_owned(),
        };
        check("{{ none }}", Err(undefined("{{ none }}", "none")));
        check(
            "{{ host",
            Err(TemplateError::Unclosed("{{ host".to_owned())),
        );
        check(
            "host }}",
            Err(TemplateError::Unopened("host }}".to_owned())),
        );
        check(
            "{{ Host }}",
            Err(TemplateError::Name {
                template: "{{ Host }}".to_owned(),
                name: "Host".to_owned(),
            }),
        );
    }

    #[test]
    fn names_are_lower_snake_case() {
        for name in ["a", "admin_key", "key2"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "_a", "a__b", "a_", "A", "2a", "a-b"] {
            assert!(!is_name(name), "{name}");
        }
    }
}
