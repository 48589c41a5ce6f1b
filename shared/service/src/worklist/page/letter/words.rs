//! What the page of a leg calls what is asked.

use super::super::labels::{Label, label};

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
