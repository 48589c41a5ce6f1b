//! The patients. None of them is real, and nobody can take them for real.

use serde_json::{Value, json};

/// Whose name nobody has.
const FAMILIES: [&str; 24] = [
    "Testington",
    "Mockford",
    "Sampleton",
    "Dummett-Test",
    "Fictiva",
    "Placeholder",
    "Exampleby",
    "Demoski",
    "Notreal",
    "Imaginario",
    "Pretendsson",
    "Nonesuch",
    "Fakenham-Test",
    "Specimen",
    "Ejemplo",
    "Modelo",
    "Nobodyova",
    "Trialman",
    "Prototype-Lee",
    "Madeup",
    "Inventado",
    "Simulacra",
    "Standin",
    "Beispiel",
];
const GIVEN: [&str; 20] = [
    "Ana", "Ben", "Chidi", "Dora", "Emil", "Fatima", "George", "Hana", "Ivan", "Juana", "Kwame",
    "Lena", "Mateo", "Nadia", "Omar", "Priya", "Quentin", "Rosa", "Samir", "Tuyet",
];
const LANGUAGES: [&str; 7] = ["en", "es", "en", "en", "es", "vi", "en"];

/// Who assigns the practice's numbers: the arc of object identifiers that is for examples.
pub const ASSIGNER: &str = "urn:oid:2.999.1";

/// A patient of the practice, told from the others by a number.
#[derive(Debug, Clone, Copy)]
pub struct Patient(pub usize);

impl Patient {
    /// As a request has it.
    pub fn json(self) -> Value {
        let Self(number) = self;
        let pick = |from: &[&'static str], step: usize| {
            let place = (number * step) % from.len().max(1);
            from.get(place).copied().unwrap_or_default()
        };
        let (family, given) = (pick(&FAMILIES, 5), pick(&GIVEN, 3));
        let email = number
            .is_multiple_of(3)
            .then(|| format!("{}.{number}@example.org", given.to_lowercase()));
        json!({
            "identifier": {"system": ASSIGNER, "value": self.number()},
            "name": {"family": family, "given": [given, "Demo"]},
            "birth_date": format!("{}-{:02}-{:02}", 1938 + (number * 7) % 66, 1 + number % 12, 1 + (number * 11) % 28),
            "phone": format!("+1 555 01{:02}", number % 100),
            "language": pick(&LANGUAGES, 1),
            "contact_by": "phone",
            "email": email,
        })
    }

    /// The practice's number.
    pub fn number(self) -> String {
        format!("DEMO-{}", 1000 + self.0)
    }
}
