//! The words of a letter: what stands for a code, and around what was given. A network may give them in any language, so that a
//! letter or a note in that language is in it throughout.
//!
//! A line each: `name = words`. What a list has to have is what the built-in English one has; which languages a patient may speak is
//! for each network to say, so those names are the ones that may be missing and may be others.

use super::built_in::{LANGUAGES, built_in};
use super::wording::Wording;
use crate::http::Fault;

/// What the name of a spoken language begins with; its code (ISO 639) follows.
pub(crate) const SPOKEN: &str = "spoken.";

/// The words of a list that have this name.
pub(crate) fn word<'a>(list: &'a str, name: &str) -> Option<&'a str> {
    let mut all = list.lines().filter_map(pair);
    all.find_map(|(known, words)| (known == name).then_some(words))
}

/// The names that a list must have.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let list = LANGUAGES
        .first()
        .and_then(|language| built_in(Wording::Words, language));
    let all = list.unwrap_or_default().lines().filter_map(pair);
    all.map(|(name, _)| name)
        .filter(|name| !name.starts_with(SPOKEN))
}

/// Everything that is wrong with a list, at `/text`.
pub(super) fn faults(text: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut fault = |code, detail: String| faults.push(Fault::at("/text", code, detail));
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    if lines.clone().any(|line| pair(line).is_none()) {
        fault(
            "not-a-pair",
            "must have a line each: name = words".to_owned(),
        );
    }
    let given: Vec<_> = lines.filter_map(pair).map(|(name, _)| name).collect();
    // A name of ours is repeated; one that was sent is not, for it may be anything.
    let is_known = |name: &&str| name.starts_with(SPOKEN) || names().any(|known| known == *name);
    if !given.iter().all(is_known) {
        fault(
            "unknown-name",
            format!("must have no name but those of the built-in list and {SPOKEN}…"),
        );
    }
    for name in names() {
        match given.iter().filter(|given| **given == name).count() {
            0 => fault("missing-name", format!("must have {name}")),
            1 => {}
            _ => fault("repeated-name", format!("must have {name} once")),
        }
    }
    faults
}

/// A line's name and its words; `None` where it has not both.
fn pair(line: &str) -> Option<(&str, &str)> {
    let (name, words) = line.split_once('=')?;
    let (name, words) = (name.trim(), words.trim());
    (!name.is_empty() && !words.is_empty()).then_some((name, words))
}

#[cfg(test)]
mod tests {
    use domain::request::{Agreed, Role, Scheduling, Urgency};

    use super::*;

    #[test]
    fn every_code_that_a_letter_names_has_its_words() {
        for language in LANGUAGES {
            let list = built_in(Wording::Words, language).unwrap();
            for (what, codes) in [
                ("role", Role::CODES),
                ("urgency", Urgency::CODES),
                ("agreed", Agreed::CODES),
                ("scheduling", Scheduling::CODES),
                ("when", Scheduling::CODES),
            ] {
                for code in codes {
                    assert!(
                        word(list, &format!("{what}.{code}")).is_some(),
                        "{what}.{code}"
                    );
                }
            }
        }
    }

    #[test]
    fn every_fault_of_a_list_is_told_at_once() {
        let whole: String = names().map(|name| format!("{name} = x\n")).collect();
        assert_eq!(faults(&whole), vec![]);
        assert_eq!(faults(&format!("{whole}\nspoken.so = Af-Soomaali")), vec![]);
        let codes =
            |text: String| -> Vec<_> { faults(&text).iter().map(|fault| fault.code).collect() };
        let without = whole.replace("bring = x\n", "");
        assert_eq!(
            codes(format!("{without}hours = y\nhello\nmy.name = z\ndays =")),
            [
                "not-a-pair",
                "unknown-name",
                "repeated-name",
                "missing-name"
            ]
        );
    }
}
