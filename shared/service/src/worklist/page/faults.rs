//! What is wrong with a field of a form, by the code that the interface gives it: scripts find it in the page, in its language.

use super::labels::{self, Label, label};
use super::language::Language;

/// Every code with its text, for a page's scripts.
pub(super) fn all(language: Language) -> Vec<(&'static str, &'static str)> {
    labels::options(FAULTS, language).collect()
}

/// What is wrong with a field. A code that is not here is told in the interface's own words.
pub(super) static FAULTS: &[Label] = &[
    label("required", "This is needed.", "Es necesario."),
    label("blank", "This is needed.", "Es necesario."),
    label("too-long", "This is too long.", "Es demasiado largo."),
    label("too-short", "This is too short.", "Es demasiado corto."),
    label("too-few", "This is needed.", "Es necesario."),
    label(
        "out-of-range",
        "This is out of range. Does the end come after the start?",
        "Está fuera de rango. ¿El fin es posterior al inicio?",
    ),
    label("wrong-type", "This cannot be read.", "No se puede leer."),
    label("duplicate", "This is there twice.", "Está dos veces."),
    label("too-many", "These are too many.", "Son demasiados."),
    label(
        "control-character",
        "This holds a character that cannot be shown.",
        "Contiene un carácter que no se puede mostrar.",
    ),
    label("not-a-date", "This is no date.", "No es una fecha."),
    label(
        "not-an-instant",
        "This is no date and time.",
        "No es una fecha y hora.",
    ),
    label(
        "in-the-future",
        "This is in the future.",
        "Está en el futuro.",
    ),
    label(
        "not-a-uri",
        "This is no URI, such as urn:oid:2.999.1.",
        "No es un URI, por ejemplo urn:oid:2.999.1.",
    ),
    label(
        "not-a-url",
        "This is no address that begins with https.",
        "No es una dirección que empiece por https.",
    ),
    label(
        "not-an-email",
        "This is no email address.",
        "No es una dirección de correo.",
    ),
    label(
        "not-a-phone",
        "This is no phone number.",
        "No es un número de teléfono.",
    ),
    label("not-a-language", "This is no language.", "No es un idioma."),
    label(
        "unknown-code",
        "This cannot be chosen.",
        "No se puede elegir.",
    ),
    label(
        "unknown",
        "This is not known here any more.",
        "Aquí ya no se conoce.",
    ),
    label(
        "not-a-recipient",
        "This organization takes no referrals.",
        "Esta organización no recibe derivaciones.",
    ),
    label(
        "no-match",
        "No service of this specialty can take it.",
        "Ningún servicio de esta especialidad puede recibirla.",
    ),
    label(
        "missing",
        "The service needs this.",
        "El servicio lo necesita.",
    ),
    label(
        "too-old",
        "What is there is too old for the service.",
        "Lo que hay es demasiado antiguo para el servicio.",
    ),
];
