//! What the script says of codes that it gets from intake: it finds them in the page, in the page's language.

use super::super::faults::FAULTS;
use super::super::labels::{self, Label, label};
use super::super::language::Language;
use super::fields::KINDS;

/// A code of a kind, with what it is called.
pub(super) struct Word {
    pub(super) of: &'static str,
    pub(super) code: &'static str,
    pub(super) text: &'static str,
}

/// All of them.
pub(super) fn all(language: Language) -> Vec<Word> {
    let tables = [
        ("fault", FAULTS),
        ("item", ITEMS),
        ("addend", ADDENDS),
        ("exclusion", EXCLUSIONS),
        ("kind", KINDS),
    ];
    let words = tables.into_iter().flat_map(|(of, table)| {
        labels::options(table, language).map(move |(code, text)| Word { of, code, text })
    });
    words.collect()
}

/// The ten items of a good request.
static ITEMS: &[Label] = &[
    label("question", "The clinical question", "La pregunta clínica"),
    label(
        "role",
        "What the recipient is asked to do",
        "Qué se pide al destinatario",
    ),
    label("urgency", "Why it is urgent", "Por qué es urgente"),
    label("coded-reason", "A coded reason", "Un motivo codificado"),
    label(
        "results",
        "The results that the service asks for",
        "Los resultados que pide el servicio",
    ),
    label(
        "medications",
        "The medication, or that there is none",
        "La medicación, o que no hay",
    ),
    label(
        "allergies",
        "Allergies, or that none are known",
        "Las alergias, o que no se conocen",
    ),
    label(
        "patient-contact",
        "How to reach the patient",
        "Cómo localizar al paciente",
    ),
    label(
        "patient-agrees",
        "That the patient agrees and knows why",
        "Que el paciente está de acuerdo y sabe por qué",
    ),
    label(
        "who-calls",
        "Who makes the appointment",
        "Quién pide la cita",
    ),
];

/// What the days until a visit are made of.
static ADDENDS: &[Label] = &[
    label(
        "past-waits",
        "median wait of its latest visits",
        "espera mediana de sus últimas consultas",
    ),
    label(
        "next-available",
        "until its first free day",
        "hasta su primer día libre",
    ),
    label(
        "time-allowed",
        "time allowed, as its wait is not known",
        "plazo permitido, pues no se conoce su espera",
    ),
    label("near", "near", "cerca"),
    label("not-near", "not near", "lejos"),
    label("language-spoken", "speaks the language", "habla el idioma"),
    label(
        "interpreter-needed",
        "needs an interpreter",
        "necesita intérprete",
    ),
];

/// Why a service cannot take it.
static EXCLUSIONS: &[Label] = &[
    label(
        "organization-inactive",
        "The organization takes no new referrals",
        "La organización no recibe derivaciones nuevas",
    ),
    label(
        "not-a-recipient",
        "The organization takes no referrals",
        "La organización no recibe derivaciones",
    ),
    label(
        "service-inactive",
        "The service takes no new referrals",
        "El servicio no recibe derivaciones nuevas",
    ),
    label("code-not-offered", "It does not do this", "No ofrece esto"),
    label(
        "urgency-not-taken",
        "It does not take this urgency",
        "No atiende esta urgencia",
    ),
    label("no-room", "It has no room", "No tiene plazas"),
];

#[cfg(test)]
mod tests {
    use domain::completeness::Item;
    use domain::matching::{Exclusion, What};
    use domain::request::{Agreed, Role, Scheduling, SupportingKind};

    use super::super::fields;
    use super::*;

    fn codes(table: &'static [Label]) -> Vec<&'static str> {
        labels::options(table, Language::English)
            .map(|(code, _)| code)
            .filter(|code| !code.is_empty())
            .collect()
    }

    #[test]
    fn every_code_has_its_word() {
        for (table, want) in [
            (ITEMS, Item::CODES),
            (ADDENDS, What::CODES),
            (EXCLUSIONS, Exclusion::CODES),
            (fields::KINDS, SupportingKind::CODES),
            (fields::ROLES, Role::CODES),
            (fields::SCHEDULING, Scheduling::CODES),
        ] {
            assert_eq!(codes(table), want);
        }
        let mut agreed = codes(fields::AGREED);
        agreed.sort_unstable();
        let mut want = Agreed::CODES.to_vec();
        want.sort_unstable();
        assert_eq!(agreed, want);
    }
}
