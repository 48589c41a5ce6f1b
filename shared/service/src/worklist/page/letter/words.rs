//! The words of a letter's content: what is in codes, what was not given, and what an answer should hold.

use super::super::labels::{Label, label};
use super::super::language::InEach;

/// What a list shows, by the placeholder's name.
pub(super) static ITEMS: &[Label] = &[
    label("question", "The question", "La pregunta"),
    label("role", "What you are asked to do", "Qué se les pide"),
    label("urgency", "How urgent, and why", "Urgencia y motivo"),
    label("reason", "Reason", "Motivo de la derivación"),
    label("summary", "The story so far", "Historia hasta ahora"),
    label("results", "Results", "Resultados"),
    label("medications", "Medications", "Medicación"),
    label("allergies", "Allergies", "Alergias"),
    label(
        "patient_contact",
        "How to reach the patient",
        "Cómo localizar al paciente",
    ),
    label(
        "patient_agrees",
        "Whether the patient agrees and knows why",
        "Si el paciente está de acuerdo y sabe por qué",
    ),
    label(
        "who_calls",
        "Who makes the appointment",
        "Quién concierta la cita",
    ),
    label("coverage", "Coverage", "Cobertura"),
    label("send_back", "What to send back", "Qué enviar de vuelta"),
    label("by_when", "By when", "Antes de cuándo"),
    label("requester", "Who asks", "Quién lo pide"),
];

/// What the recipient is asked to do.
pub(super) static ROLE: &[Label] = &[
    label(
        "evaluate",
        "See the patient and report",
        "Ver al paciente e informar",
    ),
    label("advise", "Advise without a visit", "Aconsejar sin visita"),
    label(
        "treat",
        "Take over the treatment of this condition",
        "Asumir el tratamiento de este problema",
    ),
    label(
        "co-manage",
        "Treat together with us",
        "Tratar junto con nosotros",
    ),
    label("procedure", "Do one procedure", "Realizar un procedimiento"),
];

/// Whether the patient agreed.
pub(super) static AGREED: &[Label] = &[
    label("yes", "Yes", "Sí"),
    label("no", "No", "No"),
    label("undecided", "Not decided yet", "Aún no lo ha decidido"),
];

/// Who makes the appointment.
pub(super) static SCHEDULING: &[Label] = &[
    label(
        "recipient-calls",
        "You call the patient",
        "Ustedes llaman al paciente",
    ),
    label(
        "patient-calls",
        "The patient calls you",
        "El paciente les llama",
    ),
    label(
        "referrer-books",
        "We book it with you",
        "Nosotros la reservamos con ustedes",
    ),
];

/// What stands around what was given.
pub(super) struct Texts {
    pub(super) not_given: &'static str,
    pub(super) no_medications: &'static str,
    pub(super) no_allergies: &'static str,
    pub(super) speaks: &'static str,
    pub(super) send_back: &'static str,
    pub(super) answer_by: &'static str,
    pub(super) book_by: &'static str,
    pub(super) see_by: &'static str,
    pub(super) report_within: &'static str,
    pub(super) needed_by: &'static str,
    pub(super) hours: &'static str,
    pub(super) days: &'static str,
    pub(super) business_days: &'static str,
    pub(super) bring: &'static str,
    pub(super) you_call: &'static str,
    pub(super) we_book: &'static str,
    pub(super) they_call: &'static str,
}

/// The same in each language.
pub(super) static TEXTS: InEach<Texts> = InEach {
    en: Texts {
        not_given: "not given",
        no_medications: "None",
        no_allergies: "None known",
        speaks: "speaks",
        send_back: "Your answer to the question\nDiagnoses\nWhat changes in the treatment, and who makes the change\nTests done and tests pending\nFollow-up\nWho is responsible for each of these",
        answer_by: "Accept or decline by",
        book_by: "Make the appointment by",
        see_by: "See the patient by",
        report_within: "Send your report within this time of the visit:",
        needed_by: "We need it by",
        hours: "hours",
        days: "days",
        business_days: "business days",
        bring: "This note\nYour insurance papers\nA list of the medications that you take\nEarlier results or images that you have at home",
        you_call: "Not fixed yet: please call the office above and make the appointment.",
        we_book: "Not fixed yet: we make the appointment and tell you.",
        they_call: "Not fixed yet: the office calls you. Call us if you hear nothing within a week.",
    },
    es: Texts {
        not_given: "no consta",
        no_medications: "Ninguna",
        no_allergies: "Ninguna conocida",
        speaks: "habla",
        send_back: "Su respuesta a la pregunta\nDiagnósticos\nQué cambia en el tratamiento y quién hace el cambio\nPruebas hechas y pendientes\nSeguimiento\nQuién es responsable de cada cosa",
        answer_by: "Aceptar o rechazar antes de",
        book_by: "Concertar la cita antes de",
        see_by: "Ver al paciente antes de",
        report_within: "Enviar su informe en este plazo tras la visita:",
        needed_by: "Lo necesitamos antes de",
        hours: "horas",
        days: "días",
        business_days: "días laborables",
        bring: "Esta nota\nSus papeles del seguro\nUna lista de los medicamentos que toma\nResultados o imágenes anteriores que tenga en casa",
        you_call: "Aún sin fecha: llame a la consulta indicada y concierte la cita.",
        we_book: "Aún sin fecha: nosotros concertamos la cita y se la comunicamos.",
        they_call: "Aún sin fecha: la consulta le llamará. Llámenos si no sabe nada en una semana.",
    },
};
