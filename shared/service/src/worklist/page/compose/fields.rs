//! The fields of the form, in their order: every member of a request that a person writes. A test holds them to its shape.

use super::super::labels::{self, CONTACT_BY, Label, SPOKEN, label};
use super::field::{Field, Group, Kind};

const TEXT: Kind = Kind::Line("text");

pub(super) static PATIENT: Group = &[
    Field::new("/patient/name/given", Kind::Words, "Given names", "Nombres"),
    Field::new("/patient/name/family", TEXT, "Family name", "Apellidos").required(),
    Field::new(
        "/patient/birth_date",
        Kind::Line("date"),
        "Date of birth",
        "Fecha de nacimiento",
    )
    .required(),
    Field::new(
        "/patient/identifier/value",
        TEXT,
        "Patient number",
        "Número de paciente",
    )
    .required(),
    Field::new(
        "/patient/identifier/system",
        TEXT,
        "Who assigns the number",
        "Quién asigna el número",
    )
    .required()
    .help(
        "As a URI, such as urn:oid:2.999.1. It is the same for all your patients.",
        "Como URI, por ejemplo urn:oid:2.999.1. Es el mismo para todos sus pacientes.",
    ),
    Field::new("/patient/phone", Kind::Line("tel"), "Phone", "Teléfono"),
    Field::new(
        "/patient/email",
        Kind::Line("email"),
        "Email",
        "Correo electrónico",
    ),
    Field::new(
        "/patient/language",
        Kind::Choice(SPOKEN),
        "Language to speak",
        "Idioma",
    ),
    Field::new(
        "/patient/contact_by",
        Kind::Choice(CONTACT_BY),
        "Wants to be reached by",
        "Prefiere que le contacten por",
    ),
];

pub(super) static QUESTION: Group = &[
    Field::new(
        "/clinical_question",
        Kind::Prose,
        "Clinical question",
        "Pregunta clínica",
    )
    .required()
    .help(
        "What should the answer settle? One or two sentences.",
        "¿Qué debe aclarar la respuesta? Una o dos frases.",
    ),
    Field::new("/role", Kind::Choice(ROLES), "Asked to", "Se pide").required(),
    Field::new(
        "/urgency",
        Kind::Choice(labels::URGENCY),
        "Urgency",
        "Urgencia",
    )
    .required(),
    Field::new(
        "/urgency_reason",
        TEXT,
        "Why this soon",
        "Por qué esa urgencia",
    )
    .help(
        "For everything that is not routine.",
        "Para todo lo que no es rutinario.",
    ),
    Field::new(
        "/needed_by",
        Kind::Line("date"),
        "Needed by",
        "Se necesita antes del",
    ),
    Field::new(
        "/summary",
        Kind::Prose,
        "The story so far",
        "Resumen clínico",
    ),
];

pub(super) static SERVICE: Group = &[
    Field::new("/service/display", TEXT, "What for", "Para qué"),
    Field::new("/service/code", TEXT, "Code", "Código").required(),
    Field::new("/service/system", TEXT, "Code system", "Sistema de códigos").required(),
];

pub(super) static OUTSIDE: Group = &[
    Field::new(
        "/recipient/external/name",
        TEXT,
        "Name of the office",
        "Nombre de la consulta",
    )
    .required(),
    Field::new("/recipient/external/fax", Kind::Line("tel"), "Fax", "Fax"),
    Field::new(
        "/recipient/external/phone",
        Kind::Line("tel"),
        "Phone",
        "Teléfono",
    ),
];

pub(super) static NONE_KNOWN: Group = &[Field::new(
    "/none_known",
    Kind::Several(KINDS),
    "Asked about, and there are none",
    "Se ha preguntado y no hay",
)];

pub(super) static PREPARATION: Group = &[
    Field::new(
        "/preparation/agreed",
        Kind::Choice(AGREED),
        "Does the patient agree?",
        "¿Está de acuerdo el paciente?",
    )
    .required(),
    Field::new(
        "/preparation/reason",
        TEXT,
        "What the patient was told, or why not",
        "Qué se le explicó, o por qué no",
    ),
    Field::new(
        "/scheduling",
        Kind::Choice(SCHEDULING),
        "Who makes the appointment",
        "Quién pide la cita",
    ),
    Field::new(
        "/preparation/barriers",
        Kind::Several(BARRIERS),
        "What may stand in the way",
        "Qué puede dificultarlo",
    ),
];

pub(super) static REQUESTER: Group = &[
    Field::new(
        "/requester/name",
        TEXT,
        "Name of the clinician",
        "Nombre del profesional",
    ),
    Field::new(
        "/requester/phone",
        Kind::Line("tel"),
        "Where to call back",
        "Teléfono de contacto",
    ),
    Field::new("/requester/identifier/value", TEXT, "Number", "Número")
        .help("Such as the NPI.", "Por ejemplo, el número de colegiado."),
    Field::new(
        "/requester/identifier/system",
        TEXT,
        "Who assigns the number",
        "Quién asigna el número",
    )
    .help(
        "As a URI. NPI: http://hl7.org/fhir/sid/us-npi",
        "Como URI. NPI: http://hl7.org/fhir/sid/us-npi",
    ),
];

pub(super) static ORDER: Group = &[
    Field::new("/coverage", TEXT, "Who pays", "Quién paga"),
    Field::new("/ordered_at", Kind::Instant, "Ordered at", "Se pidió el"),
    Field::new(
        "/ordered_by_telehealth",
        Kind::Flag,
        "Ordered in a telehealth visit",
        "Se pidió en una consulta a distancia",
    ),
    Field::new(
        "/encounter",
        TEXT,
        "Visit in which it was ordered",
        "Consulta en la que se pidió",
    ),
    Field::new(
        "/follows",
        TEXT,
        "Follows an earlier referral",
        "Continúa una derivación anterior",
    )
    .help(
        "Its id, such as ref-….",
        "Su identificador, por ejemplo ref-….",
    ),
    Field::new(
        "/placer/value",
        TEXT,
        "Your own number for this referral",
        "Su propio número para esta derivación",
    ),
    Field::new(
        "/placer/system",
        TEXT,
        "Who assigns that number",
        "Quién asigna ese número",
    )
    .help("As a URI.", "Como URI."),
];

pub(super) static ROLES: &[Label] = &[
    label(
        "evaluate",
        "See the patient and report",
        "Valorar e informar",
    ),
    label("advise", "Advise without a visit", "Aconsejar sin consulta"),
    label(
        "treat",
        "Take over the treatment",
        "Hacerse cargo del tratamiento",
    ),
    label("co-manage", "Treat together", "Tratar conjuntamente"),
    label("procedure", "Do one procedure", "Realizar un procedimiento"),
];

pub(super) static KINDS: &[Label] = &[
    label("lab", "Laboratory result", "Resultado de laboratorio"),
    label("imaging", "Imaging", "Imagen"),
    label("medication", "Medication", "Medicación"),
    label("allergy", "Allergy", "Alergia"),
    label("problem", "Problem or diagnosis", "Problema o diagnóstico"),
    label("note", "Note", "Nota"),
    label("document", "Document", "Documento"),
];

/// What the patient has not said yet comes first: nobody agrees by a form that was left as it came.
pub(super) static AGREED: &[Label] = &[
    label(
        "undecided",
        "Not asked yet, or undecided",
        "Sin preguntar o sin decidir",
    ),
    label("yes", "Yes", "Sí"),
    label("no", "No", "No"),
];

pub(super) static SCHEDULING: &[Label] = &[
    label("", "Not agreed yet", "Sin acordar"),
    label(
        "recipient-calls",
        "The recipient calls the patient",
        "El destinatario llama al paciente",
    ),
    label("patient-calls", "The patient calls", "Llama el paciente"),
    label("referrer-books", "We book it", "Lo reservamos nosotros"),
];

pub(super) static BARRIERS: &[Label] = &[
    label("transport", "Transport", "Transporte"),
    label("insurance", "Insurance", "Seguro"),
    label("authorization", "Authorization", "Autorización"),
    label("language", "Language", "Idioma"),
    label("time", "Time off", "Tiempo"),
    label("cost", "Cost", "Coste"),
    label("other", "Something else", "Otra cosa"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Shape;
    use crate::referrals::REQUEST;

    /// What the template and the script ask for in their own way: the recipient, and lists of items.
    const OTHERWISE: &[&str] = &[
        "/recipient/organization",
        "/recipient/service",
        "/route/specialty",
        "/route/near",
        "/route/language",
        "/supporting",
        "/reason",
        "/overrides",
    ];

    fn members(shape: &Shape, pointer: String, into: &mut Vec<String>) {
        match shape {
            Shape::Object(object) => {
                for field in object.fields {
                    members(&field.shape, format!("{pointer}/{}", field.name), into);
                }
            }
            _ => into.push(pointer),
        }
    }

    #[test]
    fn every_member_of_a_request_can_be_filled_in_once() {
        let mut want = Vec::new();
        members(&REQUEST, String::new(), &mut want);
        want.sort_unstable();
        let groups = [
            PATIENT,
            QUESTION,
            SERVICE,
            OUTSIDE,
            NONE_KNOWN,
            PREPARATION,
            REQUESTER,
            ORDER,
        ];
        let own = groups
            .into_iter()
            .flatten()
            .map(|field| field.pointer.to_owned());
        let otherwise = OTHERWISE.iter().map(|pointer| (*pointer).to_owned());
        let mut got: Vec<_> = own.chain(otherwise).collect();
        got.sort_unstable();
        assert_eq!(got, want);
    }
}
