//! What is worded: which texts there are, and which placeholders each may and must have.

/// A text that a network can word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wording {
    /// The letter to the office, with the link.
    Letter,
    /// The slip with the code, which goes another way than the letter.
    Code,
    /// The note to the patient.
    PatientNote,
    /// What stands in all three for a code, and around what was given.
    Words,
}

/// A placeholder of a text: what stands in its place is looked up by its name.
#[derive(Debug)]
pub(crate) struct Placeholder {
    /// Its name.
    pub(crate) name: &'static str,
    /// Whether the text must have it.
    pub(crate) mandatory: bool,
    /// What a preview shows.
    pub(crate) example: &'static str,
}

const fn must(name: &'static str, example: &'static str) -> Placeholder {
    Placeholder {
        name,
        mandatory: true,
        example,
    }
}

const fn may(name: &'static str, example: &'static str) -> Placeholder {
    Placeholder {
        name,
        mandatory: false,
        example,
    }
}

impl Wording {
    /// Every text's name.
    pub(crate) const NAMES: &'static [&'static str] = &["letter", "code", "patient-note", "words"];

    /// The text with this name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Letter, Self::Code, Self::PatientNote, Self::Words]
            .into_iter()
            .find(|known| known.as_str() == name)
    }

    /// Its name.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Letter => "letter",
            Self::Code => "code",
            Self::PatientNote => "patient-note",
            Self::Words => "words",
        }
    }

    /// The placeholders that it knows.
    pub(crate) const fn placeholders(self) -> &'static [Placeholder] {
        match self {
            Self::Letter => LETTER,
            Self::Code => CODE,
            Self::PatientNote => PATIENT_NOTE,
            Self::Words => &[],
        }
    }
}

/// The ten items of a good request (facts: ACP, NCQA CC-04, 360X) are mandatory, so that no wording leaves one out.
static LETTER: &[Placeholder] = &[
    must("patient", "Ana Rivera"),
    must("birth_date", "1980-02-29"),
    may("patient_id", "MRN-1"),
    must("question", "Is this angina?"),
    must("role", "See the patient and report"),
    must("urgency", "Urgent: chest pain at rest"),
    must("reason", "Chest pain (R07.9)"),
    must("results", "ECG, 2026-02-27: normal"),
    must("medications", "Aspirin 81 mg"),
    must("allergies", "None known"),
    must("patient_contact", "555 0123"),
    must("patient_agrees", "Yes: knows why"),
    must("who_calls", "You call the patient"),
    must("attached", "ECG, 2026-02-27"),
    must("send_back", "Your answer to the question"),
    must("by_when", "Your answer by 2026-03-05 17:00"),
    must("link", "https://loop.example/worklist/pages/letter#…"),
    may("number", "X892"),
    may("expires", "2026-05-01"),
    may("date", "2026-03-02"),
    must("referrer", "North Clinic"),
    may("referrer_contact", "555 0100"),
    may("requester", "Dr. Maria Santos, 555 0101"),
    must("recipient", "Dr. Okafor"),
    may("recipient_contact", "555 0177"),
    may("service", "Cardiology"),
    may("summary", "Chest pain for two weeks."),
    may("coverage", "Plan A, 123"),
];

/// The code and not the link: who finds one of the two has nothing. Nor does it name the patient.
static CODE: &[Placeholder] = &[
    must("code", "ACDE-3467"),
    may("number", "X892"),
    must("recipient", "Dr. Okafor"),
    must("referrer", "North Clinic"),
    may("referrer_contact", "555 0100"),
    may("recipient_contact", "555 0177"),
    may("expires", "2026-05-01"),
    may("date", "2026-03-02"),
];

/// What the patient has to know, and nothing clinical: such a note lies open on kitchen tables.
static PATIENT_NOTE: &[Placeholder] = &[
    must("patient", "Ana Rivera"),
    must("what", "Cardiology"),
    must("where", "Dr. Okafor, 555 0177"),
    must("when", "2026-03-10 09:00"),
    must("bring", "This note, your list of medications"),
    must("call", "North Clinic, 555 0100"),
    may("date", "2026-03-02"),
    may("referrer", "North Clinic"),
    may("requester", "Dr. Maria Santos"),
];
