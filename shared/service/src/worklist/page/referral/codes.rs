//! Codes that only the view of one referral says in words. A test holds each table to the codes of the domain.

use super::super::labels::{self, Label, label};

/// What the codes of a member are called; `None` for a member whose text stands for itself. `event` is the kind of event in whose
/// data it stands; empty elsewhere.
pub(super) fn table(event: &str, member: &str) -> Option<&'static [Label]> {
    Some(match (event, member) {
        ("referral.declined", "reason") => DECLINED,
        ("referral.not_completed", "reason") => NOT_COMPLETED,
        ("patient.contacted" | "patient.unreachable" | "contact", "outcome") => CONTACT,
        ("barrier.raised" | "barrier", "kind") => BARRIER,
        ("attention.dismissed", "what") => labels::ATTENTION,
        ("reminder.due", "what") => REMINDED,
        (_, "channel") => CHANNEL,
        (_, "resolution") => RESOLUTION,
        (_, "question_answered") => ANSWERED,
        (_, "by") => MOVED_BY,
        (_, "urgency" | "urgency_proposed") => labels::URGENCY,
        (_, "role") => ROLE,
        (_, "kind" | "none_known") => KIND,
        (_, "agreed") => AGREED,
        (_, "scheduling") => SCHEDULING,
        (_, "reported_by") => REPORTED_BY,
        (_, "limit") => LIMIT,
        _ => return None,
    })
}

/// What a limit is on.
pub(super) static LIMIT: &[Label] = &[
    label("decided", "Answer", "Respuesta"),
    label("info-supplied", "Information", "Información"),
    label("scheduled", "Booking", "Reserva de cita"),
    label("seen", "Until the visit", "Hasta la visita"),
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
    label(
        "closed",
        "Until the loop is closed",
        "Hasta cerrar el ciclo",
    ),
];

/// Why a recipient does not take it.
pub(super) static DECLINED: &[Label] = &[
    label(
        "insufficient-information",
        "Information is missing",
        "Falta información",
    ),
    label(
        "wrong-service",
        "Another service is right",
        "Corresponde a otro servicio",
    ),
    label("capacity", "No capacity", "Sin capacidad"),
    label("coverage", "Insurance not taken", "No se acepta el seguro"),
    label(
        "out-of-criteria",
        "Outside what we see",
        "Fuera de criterios",
    ),
    label("duplicate", "Duplicate", "Duplicada"),
    label(
        "already-under-care",
        "Already under care",
        "Ya está en tratamiento",
    ),
    label(
        "patient-declined",
        "The patient does not want it",
        "El paciente no lo quiere",
    ),
    label("patient-moved", "The patient moved", "El paciente se mudó"),
    label(
        "deceased",
        "The patient has died",
        "El paciente ha fallecido",
    ),
    label(
        "other",
        "Other (say what in the note)",
        "Otro (explíquelo en la nota)",
    ),
];

/// Why it ends without an outcome.
pub(super) static NOT_COMPLETED: &[Label] = &[
    label(
        "resolved",
        "The problem went away",
        "El problema desapareció",
    ),
    label(
        "disagreed",
        "The patient sees no need",
        "El paciente no lo ve necesario",
    ),
    label(
        "no-time",
        "The patient has no time",
        "El paciente no tiene tiempo",
    ),
    label(
        "no-transport",
        "The patient cannot get there",
        "El paciente no puede llegar",
    ),
    label("insurance", "Not insured for it", "El seguro no lo cubre"),
    label("cost", "It costs too much", "Cuesta demasiado"),
    label("seen-elsewhere", "Seen elsewhere", "Atendido en otro lugar"),
    label("moved", "The patient moved", "El paciente se mudó"),
    label(
        "deceased",
        "The patient has died",
        "El paciente ha fallecido",
    ),
    label(
        "unreachable",
        "The patient cannot be reached",
        "Paciente ilocalizable",
    ),
    label(
        "other",
        "Other (say what in the note)",
        "Otro (explíquelo en la nota)",
    ),
];

/// What becomes of the need after an end without a report.
pub(super) static RESOLUTION: &[Label] = &[
    label("no-longer-needed", "No longer needed", "Ya no es necesaria"),
    label(
        "patient-declined",
        "The patient does not want it",
        "El paciente no lo quiere",
    ),
    label(
        "advice-taken",
        "The advice was taken",
        "Se siguió el consejo",
    ),
    label("managed-here", "We treat it ourselves", "Lo tratamos aquí"),
    label(
        "new-referral",
        "A new referral was sent",
        "Se envió otra derivación",
    ),
    label(
        "deceased",
        "The patient has died",
        "El paciente ha fallecido",
    ),
    label(
        "other",
        "Other (say what in the note)",
        "Otro (explíquelo en la nota)",
    ),
];

/// Whether the report answered the question.
pub(super) static ANSWERED: &[Label] = &[
    label("yes", "Yes", "Sí"),
    label("partly", "Partly", "En parte"),
    label("no", "No", "No"),
];

/// Who moved or cancelled a visit.
pub(super) static MOVED_BY: &[Label] = &[
    label("patient", "The patient", "El paciente"),
    label("recipient", "The recipient", "El destinatario"),
];

/// What came of an attempt to reach the patient.
pub(super) static CONTACT: &[Label] = &[
    label("reached", "Reached", "Localizado"),
    label("worse", "Reached, and worse", "Localizado, está peor"),
    label(
        "resolved",
        "Reached, the problem has gone",
        "Localizado, el problema pasó",
    ),
    label(
        "disagrees",
        "Reached, does not want the visit",
        "Localizado, no quiere la visita",
    ),
    label("no-answer", "No answer", "Sin respuesta"),
    label("left-message", "Left a message", "Se dejó un mensaje"),
    label("wrong-number", "Wrong number", "Número equivocado"),
    label("other", "Other", "Otro"),
];

/// What stands in the way.
pub(super) static BARRIER: &[Label] = &[
    label("transport", "Transport", "Transporte"),
    label("insurance", "Insurance", "Seguro"),
    label("authorization", "Authorization", "Autorización"),
    label("language", "Language", "Idioma"),
    label("time", "Time", "Tiempo"),
    label("cost", "Cost", "Coste"),
    label("other", "Other", "Otro"),
];

/// How a side without software said it.
pub(super) static REPORTED_BY: &[Label] = &[
    label("phone", "By phone", "Por teléfono"),
    label("fax", "By fax", "Por fax"),
    label("letter", "By letter", "Por carta"),
    label("portal", "On a portal", "En un portal"),
];

/// The two sides.
pub(super) static SIDE: &[Label] = &[
    label("referrer", "Referrer", "Quien deriva"),
    label("recipient", "Recipient", "Destinatario"),
];

/// The ten items of a good request.
pub(super) static ITEM: &[Label] = &[
    label("question", "The question", "La pregunta"),
    label(
        "role",
        "What the recipient is to do",
        "Qué se pide al destinatario",
    ),
    label("urgency", "How urgent, and why", "Urgencia y su motivo"),
    label("coded-reason", "A coded reason", "Un motivo codificado"),
    label(
        "results",
        "The results that the service wants",
        "Los resultados que pide el servicio",
    ),
    label("medications", "Medications", "Medicación"),
    label("allergies", "Allergies", "Alergias"),
    label(
        "patient-contact",
        "How to reach the patient",
        "Cómo localizar al paciente",
    ),
    label(
        "patient-agrees",
        "The patient agrees and knows why",
        "El paciente está de acuerdo y sabe por qué",
    ),
    label("who-calls", "Who calls whom", "Quién llama a quién"),
];

/// What the recipient is to do.
pub(super) static ROLE: &[Label] = &[
    label("evaluate", "Evaluate", "Evaluar"),
    label("advise", "Advise without a visit", "Aconsejar sin visita"),
    label("treat", "Take over the treatment", "Asumir el tratamiento"),
    label("co-manage", "Treat together", "Tratar conjuntamente"),
    label("procedure", "Do a procedure", "Hacer un procedimiento"),
];

/// What an item of the request is.
pub(super) static KIND: &[Label] = &[
    label("lab", "Laboratory", "Laboratorio"),
    label("imaging", "Imaging", "Imagen"),
    label("medication", "Medication", "Medicación"),
    label("allergy", "Allergy", "Alergia"),
    label("problem", "Problem", "Problema"),
    label("note", "Note", "Nota"),
    label("document", "Document", "Documento"),
];

/// Whether the patient agreed.
pub(super) static AGREED: &[Label] = &[
    label("yes", "Yes", "Sí"),
    label("no", "No", "No"),
    label("undecided", "Undecided", "Sin decidir"),
];

/// Who makes the appointment.
pub(super) static SCHEDULING: &[Label] = &[
    label(
        "recipient-calls",
        "The recipient calls the patient",
        "El destinatario llama al paciente",
    ),
    label("patient-calls", "The patient calls", "Llama el paciente"),
    label(
        "referrer-books",
        "The referrer books it",
        "Reserva quien deriva",
    ),
];

/// What is to be done.
pub(super) static TASK: &[Label] = &[
    label(
        "check-in",
        "Ask the patient how it goes",
        "Preguntar al paciente cómo va",
    ),
    label(
        "barrier",
        "See to what stands in the way",
        "Resolver el obstáculo",
    ),
    label(
        "supply-information",
        "Answer the question",
        "Responder a la pregunta",
    ),
    label(
        "try-again",
        "Try to reach the patient again",
        "Volver a intentar localizar al paciente",
    ),
    label("find-patient", "Find the patient", "Encontrar al paciente"),
    label(
        "confirm-end",
        "Confirm that it is not needed, or say otherwise",
        "Confirmar que ya no hace falta, o lo contrario",
    ),
    label(
        "raise-urgency",
        "The patient is worse: raise the urgency, or say why not",
        "El paciente está peor: suba la urgencia o diga por qué no",
    ),
    label(
        "confirm-visit",
        "Ask whether the date stands",
        "Confirmar la fecha de la visita",
    ),
];

/// What the patient is reminded of.
static REMINDED: &[Label] = &[label("visit", "The visit", "La visita")];

/// How the patient was reached. Free text on the wire; these are what the form offers.
pub(super) static CHANNEL: &[Label] = &[
    label("phone", "Phone", "Teléfono"),
    label("in-person", "In person", "En persona"),
    label("letter", "Letter", "Carta"),
    label("email", "Email", "Correo electrónico"),
    label("sms", "Text message", "Mensaje de texto"),
    label("portal", "Patient portal", "Portal del paciente"),
];

/// How time allowed is counted.
pub(super) static UNIT: &[Label] = &[
    label("h", "hours", "horas"),
    label("d", "days", "días"),
    label("bd", "business days", "días laborables"),
];

/// Who has set a limit.
pub(super) static SET_BY: &[Label] = &[
    label("default", "by default", "por defecto"),
    label("network", "set by the network", "fijado por la red"),
    label("service", "set by the service", "fijado por el servicio"),
];

/// What became of an event.
pub(super) static FATE: &[Label] = &[
    label("applied", "Counts", "Cuenta"),
    label(
        "parked",
        "Parked: it waits for its place",
        "En espera de su lugar",
    ),
    label("retracted", "Taken back", "Retirado"),
    label(
        "expired",
        "Expired: it counts no more",
        "Caducado: ya no cuenta",
    ),
];

/// Where an event came from.
pub(super) static SOURCE: &[Label] = &[
    label("api", "interface", "interfaz"),
    label("sweep", "the system's schedule", "la agenda del sistema"),
    label(
        "policy",
        "follows from the event before",
        "se sigue del evento anterior",
    ),
];

/// What becomes of what a person should look at: what to do about it.
pub(super) static ADVICE: &[Label] = &[
    label(
        "overdue",
        "Do what comes next, or ask the other side why it waits.",
        "Haga lo siguiente o pregunte a la otra parte por qué espera.",
    ),
    label(
        "unacknowledged",
        "The referrer reads it and says what changes.",
        "Quien deriva lo lee y dice qué cambia.",
    ),
    label(
        "patient-not-informed",
        "The referrer tells the patient and records it.",
        "Quien deriva informa al paciente y lo registra.",
    ),
    label(
        "patient-unreachable",
        "Try another channel, correct the contact details, or end it.",
        "Pruebe otra vía, corrija los datos de contacto o termínela.",
    ),
    label(
        "event-parked",
        "Apply it if it is right, or set it aside.",
        "Aplíquelo si es correcto o descártelo.",
    ),
    label(
        "delivery-failed",
        "Tell the other side by phone; the operator sees why it failed.",
        "Avise a la otra parte por teléfono; el operador ve por qué falló.",
    ),
    label(
        "possible-duplicate",
        "Compare the two; end one, or set this aside.",
        "Compare las dos; termine una o descarte el aviso.",
    ),
    label(
        "at-risk",
        "Ask the patient how it goes; raise the urgency if it is worse.",
        "Pregunte al paciente cómo va; suba la urgencia si está peor.",
    ),
    label(
        "other-side-closed",
        "Send it on to another recipient, or end it.",
        "Envíela a otro destinatario o termínela.",
    ),
    label(
        "report-waiting",
        "Look at the report and apply it: it came before its place.",
        "Revise el informe y aplíquelo: llegó antes de tiempo.",
    ),
    label(
        "info-awaited",
        "The referrer answers the question.",
        "Quien deriva responde a la pregunta.",
    ),
];

/// Members of what is shown, as people read them.
pub(super) static MEMBER: &[Label] = &[
    label(
        "advice",
        "Advice in place of a visit",
        "Consejo en lugar de visita",
    ),
    label(
        "agreed",
        "The patient agreed",
        "El paciente está de acuerdo",
    ),
    label("allowed", "Allowed", "Permitido"),
    label("alternative", "Who might take it", "Quién podría aceptarla"),
    label("attempts", "Attempts", "Intentos"),
    label("barrier", "Barrier", "Obstáculo"),
    label("barriers", "Barriers", "Obstáculos"),
    label("before_hours", "Hours before", "Horas antes"),
    label("birth_date", "Date of birth", "Fecha de nacimiento"),
    label("by", "By", "Por"),
    label(
        "care_plan_changed",
        "Does the care plan change?",
        "¿Cambia el plan de cuidados?",
    ),
    label("changes", "Changes", "Cambios"),
    label("channel", "How", "Cómo"),
    label("clinical_question", "Question", "Pregunta"),
    label(
        "contact_by",
        "Wants to be reached by",
        "Prefiere que le contacten por",
    ),
    label("coverage", "Coverage", "Cobertura"),
    label("date", "Date", "Fecha"),
    label("display", "What", "Qué"),
    label("documented_in", "Documented in", "Documentado en"),
    label("documents", "Documents", "Documentos"),
    label("due_at", "By when", "Para cuándo"),
    label("email", "Email", "Correo electrónico"),
    label("encounter", "Encounter", "Encuentro"),
    label("end", "End", "Fin"),
    label("event", "Event", "Evento"),
    label(
        "external",
        "Office outside the network",
        "Consulta fuera de la red",
    ),
    label("fax", "Fax", "Fax"),
    label(
        "filler",
        "The recipient's number",
        "Número del destinatario",
    ),
    label("follows", "Follows the referral", "Sigue a la derivación"),
    label("identifier", "Number", "Número"),
    label("kind", "Kind", "Tipo"),
    label("language", "Language", "Idioma"),
    label("level", "Level", "Nivel"),
    label("limit", "Limit", "Plazo"),
    label("location", "Where", "Dónde"),
    label("name", "Name", "Nombre"),
    label("needed_by", "Needed by", "Se necesita para"),
    label("next_steps", "Next steps", "Próximos pasos"),
    label("none_known", "None known", "No se conocen"),
    label("note", "Note", "Nota"),
    label("number", "Number", "Número"),
    label("ordered_at", "Ordered", "Pedida"),
    label(
        "ordered_by_telehealth",
        "Ordered by telehealth",
        "Pedida por telesalud",
    ),
    label("organization", "Organization", "Organización"),
    label("outcome", "What came of it", "Resultado"),
    label("owner", "Who sees to it", "Quién se encarga"),
    label("patient", "Patient", "Paciente"),
    label(
        "performer",
        "Who sees the patient",
        "Quién atiende al paciente",
    ),
    label("phone", "Phone", "Teléfono"),
    label("placer", "The referrer's number", "Número de quien deriva"),
    label("preparation", "Patient", "Paciente"),
    label("question", "Question", "Pregunta"),
    label(
        "question_answered",
        "Does it answer the question?",
        "¿Responde a la pregunta?",
    ),
    label("reason", "Reason", "Motivo"),
    label("report", "Report", "Informe"),
    label("reported_by", "How they told you", "Cómo se lo dijeron"),
    label("requester", "Requested by", "Solicitada por"),
    label(
        "requirements",
        "Missing requirements",
        "Requisitos que faltan",
    ),
    label(
        "resolution",
        "What becomes of the need",
        "Qué se hace con la necesidad",
    ),
    label("role", "The recipient is to", "Se pide"),
    label(
        "scheduling",
        "Who makes the appointment",
        "Quién pide la cita",
    ),
    label("service", "Service", "Servicio"),
    label("specialty", "Specialty", "Especialidad"),
    label("start", "Start", "Inicio"),
    label("summary", "Summary", "Resumen"),
    label("supporting", "What comes with it", "Qué se adjunta"),
    label("system", "Assigned by (URI)", "Asignado por (URI)"),
    label("tell", "Told", "Avisado"),
    label("to", "To", "A"),
    label("urgency", "Urgency", "Urgencia"),
    label(
        "urgency_proposed",
        "Urgency that the recipient proposes",
        "Urgencia que propone el destinatario",
    ),
    label("urgency_reason", "Why it is urgent", "Por qué es urgente"),
    label("valid_until", "Valid until", "Válido hasta"),
    label("value", "Value", "Valor"),
    label("visit_on", "Seen on", "Atendido el"),
    label("what", "What", "Qué"),
    label("when", "When", "Cuándo"),
    label("who", "Who", "Quién"),
];

/// What is done by sending an event, as a button says it.
pub(super) static DO: &[Label] = &[
    label("referral.accepted", "Accept", "Aceptar"),
    label("referral.declined", "Decline", "Rechazar"),
    label(
        "appointment.scheduled",
        "Book the visit",
        "Reservar la cita",
    ),
    label(
        "appointment.rescheduled",
        "Move the visit",
        "Cambiar la cita",
    ),
    label(
        "appointment.cancelled",
        "Cancel the visit",
        "Cancelar la cita",
    ),
    label(
        "appointment.no_show",
        "Patient did not come",
        "El paciente no acudió",
    ),
    label(
        "referral.interim_note",
        "Seen: add an interim note",
        "Atendido: añadir nota provisional",
    ),
    label("referral.outcome", "Send the report", "Enviar el informe"),
    label(
        "referral.cancellation_requested",
        "Ask to cancel",
        "Pedir la cancelación",
    ),
    label(
        "referral.cancellation_confirmed",
        "Confirm the cancellation",
        "Confirmar la cancelación",
    ),
    label(
        "referral.cancellation_refused",
        "Refuse the cancellation",
        "Denegar la cancelación",
    ),
    label(
        "referral.info_requested",
        "Ask for information",
        "Pedir información",
    ),
    label(
        "referral.info_supplied",
        "Supply information",
        "Aportar información",
    ),
    label(
        "referral.redirected",
        "Send on to another recipient",
        "Enviar a otro destinatario",
    ),
    label("referral.disputed", "Insist on it", "Insistir"),
    label(
        "referral.outcome_amended",
        "Amend the report",
        "Corregir el informe",
    ),
    label(
        "referral.corrected",
        "Correct contact details",
        "Corregir los datos de contacto",
    ),
    label(
        "patient.contacted",
        "Record a contact with the patient",
        "Registrar un contacto con el paciente",
    ),
    label(
        "patient.unreachable",
        "Patient cannot be reached",
        "No se localiza al paciente",
    ),
    label(
        "referral.not_completed",
        "End it without a report",
        "Terminarla sin informe",
    ),
    label(
        "referral.acknowledged",
        "Acknowledge",
        "Confirmar la lectura",
    ),
    label("patient.informed", "Patient was told", "Paciente informado"),
    label("referral.note", "Write a note", "Escribir una nota"),
    label(
        "referral.urgency_changed",
        "Change the urgency",
        "Cambiar la urgencia",
    ),
    label(
        "barrier.raised",
        "Record a barrier",
        "Registrar un obstáculo",
    ),
    label("barrier.resolved", "Barrier resolved", "Obstáculo resuelto"),
    label(
        "appointment.confirmed",
        "Patient confirmed the visit",
        "El paciente confirmó la cita",
    ),
    label(
        "referral.entered_in_error",
        "Entered in error",
        "Introducida por error",
    ),
    label("event.retracted", "Take something back", "Retirar algo"),
    label(
        "attention.dismissed",
        "Set a notice aside",
        "Descartar un aviso",
    ),
];

#[cfg(test)]
mod tests {
    use domain::attention::Attention;
    use domain::completeness::Item;
    use domain::kind::EventKind;
    use domain::limits::LimitName;
    use domain::payload::{
        Answered, BarrierKind, ContactOutcome, DeclineReason, MovedBy, NotCompletedReason,
        Reminded, ReportedBy, Resolution,
    };
    use domain::policy::SetBy;
    use domain::request::{Agreed, Role, Scheduling, SupportingKind};
    use domain::status::Side;
    use domain::tasks::TaskKind;

    use super::super::super::language::Language;
    use super::*;

    fn codes_of(table: &'static [Label]) -> Vec<&'static str> {
        let options = labels::options(table, Language::English);
        options.map(|(code, _)| code).collect()
    }

    #[test]
    fn every_code_has_its_label() {
        for (table, codes) in [
            (LIMIT, LimitName::CODES),
            (DECLINED, DeclineReason::CODES),
            (NOT_COMPLETED, NotCompletedReason::CODES),
            (RESOLUTION, Resolution::CODES),
            (ANSWERED, Answered::CODES),
            (MOVED_BY, MovedBy::CODES),
            (CONTACT, ContactOutcome::CODES),
            (BARRIER, BarrierKind::CODES),
            (REPORTED_BY, ReportedBy::CODES),
            (SIDE, Side::CODES),
            (ITEM, Item::CODES),
            (ROLE, Role::CODES),
            (KIND, SupportingKind::CODES),
            (AGREED, Agreed::CODES),
            (SCHEDULING, Scheduling::CODES),
            (TASK, TaskKind::CODES),
            (REMINDED, Reminded::CODES),
            (SET_BY, SetBy::CODES),
            (ADVICE, Attention::CODES),
        ] {
            assert_eq!(codes_of(table), codes);
        }
        let sent = codes_of(DO);
        let may_be_sent = EventKind::ALL
            .iter()
            .filter(|kind| kind.is_sent_by_callers());
        let may_be_sent: Vec<_> = may_be_sent.map(|kind| kind.as_str()).collect();
        assert_eq!(
            sent.iter()
                .filter(|code| !may_be_sent.contains(code))
                .count(),
            0
        );
        assert_eq!(sent.len(), may_be_sent.len());
    }
}
