//! The wording that applies where a network has none of its own.

use super::Wording;

/// The languages of the built-in wording (BCP 47).
pub(crate) const LANGUAGES: &[&str] = &["en", "es"];

/// The built-in wording of a text; `None` in a language that there is none in.
pub(crate) fn built_in(wording: Wording, language: &str) -> Option<&'static str> {
    match (wording, language) {
        (Wording::Letter, "en") => Some(include_str!("wording/letter.en.txt")),
        (Wording::Letter, "es") => Some(include_str!("wording/letter.es.txt")),
        (Wording::Code, "en") => Some(include_str!("wording/code.en.txt")),
        (Wording::Code, "es") => Some(include_str!("wording/code.es.txt")),
        (Wording::PatientNote, "en") => Some(include_str!("wording/patient-note.en.txt")),
        (Wording::PatientNote, "es") => Some(include_str!("wording/patient-note.es.txt")),
        (Wording::Words, "en") => Some(include_str!("wording/words.en.txt")),
        (Wording::Words, "es") => Some(include_str!("wording/words.es.txt")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::template::faults;
    use super::*;

    #[test]
    fn every_text_has_a_wording_without_faults_in_every_language() {
        for name in Wording::NAMES {
            let wording = Wording::parse(name).unwrap();
            for language in LANGUAGES {
                let text = built_in(wording, language).unwrap();
                assert_eq!(faults(wording, text), vec![], "{name} {language}");
            }
        }
    }
}
