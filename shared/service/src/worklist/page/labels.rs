//! Codes as people read them. A test holds each table to the codes of the domain: none is without a label.

use super::language::{InEach, Language};

/// A code with its label in each language.
pub(in crate::worklist) struct Label {
    code: &'static str,
    text: InEach<&'static str>,
}

/// A code with its label.
pub(in crate::worklist) const fn label(
    code: &'static str,
    en: &'static str,
    es: &'static str,
) -> Label {
    Label {
        code,
        text: InEach { en, es },
    }
}

/// What a code of a table is called; a code that is not in it stands for itself.
pub(in crate::worklist) fn text_of<'a>(
    table: &'static [Label],
    code: &'a str,
    language: Language,
) -> &'a str {
    table
        .iter()
        .find(|label| label.code == code)
        .map_or(code, |label| label.text.of(language))
}

/// Every code of a table with its label: the options of a choice.
pub(in crate::worklist) fn options(
    table: &'static [Label],
    language: Language,
) -> impl Iterator<Item = (&'static str, &'static str)> {
    table
        .iter()
        .map(move |label| (label.code, *label.text.of(language)))
}

/// Where a referral stands.
pub(in crate::worklist) static STATUS: &[Label] = &[
    label("sent", "Waiting for an answer", "En espera de respuesta"),
    label(
        "info-requested",
        "Information requested",
        "Información solicitada",
    ),
    label(
        "accepted",
        "Accepted, to be scheduled",
        "Aceptada, pendiente de cita",
    ),
    label("scheduled", "Visit booked", "Cita reservada"),
    label("no-show", "Patient did not come", "El paciente no acudió"),
    label(
        "appointment-cancelled",
        "Visit cancelled, none booked",
        "Cita cancelada, sin otra",
    ),
    label("seen", "Seen, report to come", "Atendido, falta el informe"),
    label(
        "cancellation-requested",
        "Cancellation requested",
        "Cancelación solicitada",
    ),
    label("cancelled", "Cancelled", "Cancelada"),
    label("declined", "Declined", "Rechazada"),
    label(
        "not-completed",
        "Ended without a visit or report",
        "Terminada sin visita o informe",
    ),
    label("completed", "Report received", "Informe recibido"),
    label("closed", "Loop closed", "Ciclo cerrado"),
    label(
        "entered-in-error",
        "Entered in error",
        "Introducida por error",
    ),
];

/// How urgent it is.
pub(in crate::worklist) static URGENCY: &[Label] = &[
    label("routine", "Routine", "Normal"),
    label("urgent", "Urgent", "Urgente"),
    label("asap", "As soon as possible", "Lo antes posible"),
    label("stat", "Immediately (stat)", "Inmediata (stat)"),
];

/// What patients speak: first what most do in a network that speaks both languages of the page. BCP 47 names the others.
pub(in crate::worklist) static SPOKEN: &[Label] = &[
    label("", "Not known", "No se sabe"),
    label("en", "English", "Inglés"),
    label("es", "Spanish", "Español"),
    label("ar", "Arabic", "Árabe"),
    label("zh", "Chinese", "Chino"),
    label("fr", "French", "Francés"),
    label("de", "German", "Alemán"),
    label("ht", "Haitian Creole", "Criollo haitiano"),
    label("ko", "Korean", "Coreano"),
    label("pt", "Portuguese", "Portugués"),
    label("ru", "Russian", "Ruso"),
    label("so", "Somali", "Somalí"),
    label("tl", "Tagalog", "Tagalo"),
    label("uk", "Ukrainian", "Ucraniano"),
    label("vi", "Vietnamese", "Vietnamita"),
];

/// By what a patient wants to be reached.
pub(in crate::worklist) static CONTACT_BY: &[Label] = &[
    label("", "No matter", "Indiferente"),
    label("phone", "Phone", "Teléfono"),
    label("sms", "Text message", "Mensaje de texto"),
    label("email", "Email", "Correo electrónico"),
    label("letter", "Letter", "Carta"),
];

/// What a limit is on.
pub(in crate::worklist) static LIMIT: &[Label] = &[
    label("decided", "Answer", "Respuesta"),
    label("info-supplied", "Information", "Información"),
    label("scheduled", "Booking", "Reserva de cita"),
    label("seen", "The visit", "La visita"),
    label("outcome", "Report", "Informe"),
    label("acknowledged", "Reading the report", "Lectura del informe"),
    label("patient-told", "Telling the patient", "Aviso al paciente"),
    label("rebooked", "New booking", "Nueva cita"),
    label(
        "cancellation-answered",
        "Answer to the cancellation",
        "Respuesta a la cancelación",
    ),
    label(
        "visit-said",
        "What came of the visit",
        "Qué resultó de la visita",
    ),
    label("report-applied", "A report that waits", "Informe en espera"),
    label(
        "dealt-with",
        "What becomes of the need",
        "Qué se hace con la necesidad",
    ),
    label("closed", "Closing the loop", "Cierre del ciclo"),
];

/// What a person should look at.
pub(in crate::worklist) static ATTENTION: &[Label] = &[
    label("overdue", "Overdue", "Fuera de plazo"),
    label(
        "unacknowledged",
        "To be read and acknowledged",
        "Por leer y confirmar",
    ),
    label(
        "patient-not-informed",
        "Patient not told yet",
        "Paciente sin informar",
    ),
    label(
        "patient-unreachable",
        "Patient cannot be reached",
        "Paciente ilocalizable",
    ),
    label(
        "event-parked",
        "A message waits for its place",
        "Un mensaje espera su lugar",
    ),
    label(
        "delivery-failed",
        "A webhook was not delivered",
        "Un aviso no se entregó",
    ),
    label(
        "possible-duplicate",
        "Possible duplicate",
        "Posible duplicado",
    ),
    label("at-risk", "At risk", "En riesgo"),
    label(
        "other-side-closed",
        "The other side is closed",
        "La otra parte está cerrada",
    ),
    label(
        "report-waiting",
        "A report waits for its place",
        "Un informe espera su lugar",
    ),
    label(
        "info-awaited",
        "Information is awaited",
        "Se espera información",
    ),
];

/// Why a referral presses.
pub(in crate::worklist) static PRESSES: &[Label] = &[
    label("limit-used", "Time used", "Tiempo usado"),
    label("past-limit", "Past its limit", "Plazo vencido"),
    label("urgency", "Urgency", "Urgencia"),
    label("no-appointment", "No visit booked", "Sin cita"),
    label(
        "patient-must-call",
        "The patient must call",
        "Debe llamar el paciente",
    ),
    label(
        "long-lead-time",
        "Visit more than a week away",
        "Cita a más de una semana",
    ),
    label(
        "ordered-by-telehealth",
        "Ordered by telehealth",
        "Pedida por telesalud",
    ),
    label(
        "missed-or-not-reached",
        "Missed or not reached before",
        "Faltó o no se le localizó antes",
    ),
    label("moved-twice", "Moved twice", "Cambiada dos veces"),
    label(
        "patient-did-not-agree",
        "The patient did not agree",
        "El paciente no estaba de acuerdo",
    ),
    label(
        "no-answer-from-recipient",
        "No answer from the recipient",
        "Sin respuesta del destinatario",
    ),
    label("items-missing", "Items missing", "Faltan datos"),
];

/// Events.
pub(in crate::worklist) static EVENT: &[Label] = &[
    label("referral.sent", "Referral sent", "Derivación enviada"),
    label("referral.accepted", "Accepted", "Aceptada"),
    label("referral.declined", "Declined", "Rechazada"),
    label("appointment.scheduled", "Visit booked", "Cita reservada"),
    label("appointment.rescheduled", "Visit moved", "Cita cambiada"),
    label("appointment.cancelled", "Visit cancelled", "Cita cancelada"),
    label(
        "appointment.no_show",
        "Patient did not come",
        "El paciente no acudió",
    ),
    label("referral.interim_note", "Interim note", "Nota provisional"),
    label("referral.outcome", "Report", "Informe"),
    label(
        "referral.cancellation_requested",
        "Cancellation requested",
        "Cancelación solicitada",
    ),
    label(
        "referral.cancellation_confirmed",
        "Cancellation confirmed",
        "Cancelación confirmada",
    ),
    label(
        "referral.cancellation_refused",
        "Cancellation refused",
        "Cancelación denegada",
    ),
    label(
        "referral.info_requested",
        "Information requested",
        "Información solicitada",
    ),
    label(
        "referral.info_supplied",
        "Information supplied",
        "Información aportada",
    ),
    label(
        "referral.redirected",
        "Sent on to another recipient",
        "Enviada a otro destinatario",
    ),
    label("referral.disputed", "Decline disputed", "Rechazo discutido"),
    label(
        "referral.outcome_amended",
        "Report amended",
        "Informe corregido",
    ),
    label("referral.corrected", "Corrected", "Corregida"),
    label(
        "patient.contacted",
        "Patient contacted",
        "Paciente contactado",
    ),
    label(
        "patient.unreachable",
        "Patient not reached",
        "Paciente no localizado",
    ),
    label(
        "referral.not_completed",
        "Ended without a report",
        "Terminada sin informe",
    ),
    label("referral.acknowledged", "Acknowledged", "Confirmada"),
    label("patient.informed", "Patient told", "Paciente informado"),
    label("referral.note", "Note", "Nota"),
    label(
        "referral.urgency_changed",
        "Urgency changed",
        "Urgencia cambiada",
    ),
    label("barrier.raised", "Barrier found", "Obstáculo detectado"),
    label("barrier.resolved", "Barrier resolved", "Obstáculo resuelto"),
    label(
        "appointment.confirmed",
        "Visit confirmed",
        "Cita confirmada",
    ),
    label(
        "referral.entered_in_error",
        "Entered in error",
        "Introducida por error",
    ),
    label("event.retracted", "Taken back", "Retirado"),
    label("attention.dismissed", "Set aside", "Descartado"),
    label("referral.overdue", "Overdue", "Fuera de plazo"),
    label("referral.escalated", "Escalated", "Escalada"),
    label("reminder.due", "Reminder", "Recordatorio"),
    label("event.expired", "Expired", "Caducado"),
    label("patient.merged", "Patient merged", "Paciente fusionado"),
];

/// Why a message fits no referral for certain.
pub(in crate::worklist) static UNMATCHED: &[Label] = &[
    label(
        "no-referral",
        "No referral has what it names",
        "Ninguna derivación tiene lo que nombra",
    ),
    label(
        "ambiguous",
        "Several referrals fit",
        "Encajan varias derivaciones",
    ),
    label(
        "patient-differs",
        "It names another patient",
        "Nombra a otro paciente",
    ),
    label(
        "patient-not-named",
        "It names no patient",
        "No nombra a ningún paciente",
    ),
];

#[cfg(test)]
mod tests {
    use domain::attention::Attention;
    use domain::kind::EventKind;
    use domain::priority::Reason;
    use domain::request::Urgency;
    use domain::status::Status;

    use super::*;

    #[test]
    fn every_code_has_its_label() {
        for (table, codes) in [
            (STATUS, Status::CODES),
            (URGENCY, Urgency::CODES),
            (ATTENTION, Attention::CODES),
            (PRESSES, Reason::CODES),
            (EVENT, EventKind::CODES),
        ] {
            let labelled: Vec<_> = table.iter().map(|label| label.code).collect();
            assert_eq!(labelled, codes);
        }
        assert_eq!(
            text_of(STATUS, "seen", Language::Spanish),
            "Atendido, falta el informe"
        );
        assert_eq!(text_of(STATUS, "new", Language::Spanish), "new");
    }
}
