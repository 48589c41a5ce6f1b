//! What is done, what it is about, and what members of stored JSON are called.

use super::super::labels::{Label, label};
use super::codes::labels;

labels! {
    /// What becomes of what a person should look at: what to do about it.
    ADVICE {
        "overdue": "Do what comes next, or ask the other side why it waits.",
            "Haga lo siguiente o pregunte a la otra parte por qué espera.";
        "unacknowledged": "The referrer reads it and says what changes.", "Quien deriva lo lee y dice qué cambia.";
        "patient-not-informed": "The referrer tells the patient and records it.",
            "Quien deriva informa al paciente y lo registra.";
        "patient-unreachable": "Try another channel, correct the contact details, or end it.",
            "Pruebe otra vía, corrija los datos de contacto o termínela.";
        "event-parked": "Apply it if it is right, or set it aside.", "Aplíquelo si es correcto o descártelo.";
        "delivery-failed": "Tell the other side by phone; the operator sees why it failed.",
            "Avise a la otra parte por teléfono; el operador ve por qué falló.";
        "possible-duplicate": "Compare the two; end one, or set this aside.",
            "Compare las dos; termine una o descarte el aviso.";
        "at-risk": "Ask the patient how it goes; raise the urgency if it is worse.",
            "Pregunte al paciente cómo va; suba la urgencia si está peor.";
        "other-side-closed": "Send it on to another recipient, or end it.", "Envíela a otro destinatario o termínela.";
        "report-waiting": "Look at the report and apply it: it came before its place.",
            "Revise el informe y aplíquelo: llegó antes de tiempo.";
        "info-awaited": "The referrer answers the question.", "Quien deriva responde a la pregunta.";
    }
}

labels! {
    /// Members of what is shown, as people read them.
    MEMBER {
        "advice": "Advice in place of a visit", "Consejo en lugar de visita";
        "agreed": "The patient agreed", "El paciente está de acuerdo";
        "allowed": "Allowed", "Permitido";
        "alternative": "Who might take it", "Quién podría aceptarla";
        "attempts": "Attempts", "Intentos";
        "barrier": "Barrier", "Obstáculo";
        "barriers": "Barriers", "Obstáculos";
        "before_hours": "Hours before", "Horas antes";
        "birth_date": "Date of birth", "Fecha de nacimiento";
        "by": "By", "Por";
        "care_plan_changed": "Does the care plan change?", "¿Cambia el plan de cuidados?";
        "changes": "Changes", "Cambios";
        "channel": "How", "Cómo";
        "clinical_question": "Question", "Pregunta";
        "contact_by": "Wants to be reached by", "Prefiere que le contacten por";
        "coverage": "Coverage", "Cobertura";
        "date": "Date", "Fecha";
        "display": "What", "Qué";
        "documented_in": "Documented in", "Documentado en";
        "documents": "Documents", "Documentos";
        "due_at": "By when", "Para cuándo";
        "email": "Email", "Correo electrónico";
        "encounter": "Encounter", "Encuentro";
        "end": "End", "Fin";
        "event": "Event", "Evento";
        "external": "Office outside the network", "Consulta fuera de la red";
        "fax": "Fax", "Fax";
        "filler": "The recipient's number", "Número del destinatario";
        "follows": "Follows the referral", "Sigue a la derivación";
        "identifier": "Number", "Número";
        "kind": "Kind", "Tipo";
        "language": "Language", "Idioma";
        "level": "Level", "Nivel";
        "limit": "Limit", "Plazo";
        "location": "Where", "Dónde";
        "name": "Name", "Nombre";
        "needed_by": "Needed by", "Se necesita para";
        "next_steps": "Next steps", "Próximos pasos";
        "none_known": "None known", "No se conocen";
        "note": "Note", "Nota";
        "number": "Number", "Número";
        "occurred_at": "When it happened, if not just now", "Cuándo ocurrió, si no fue ahora";
        "ordered_at": "Ordered", "Pedida";
        "ordered_by_telehealth": "Ordered by telehealth", "Pedida por telesalud";
        "organization": "Organization", "Organización";
        "outcome": "What came of it", "Resultado";
        "owner": "Who sees to it", "Quién se encarga";
        "patient": "Patient", "Paciente";
        "performer": "Who sees the patient", "Quién atiende al paciente";
        "phone": "Phone", "Teléfono";
        "placer": "The referrer's number", "Número de quien deriva";
        "preparation": "Patient", "Paciente";
        "question": "Question", "Pregunta";
        "question_answered": "Does it answer the question?", "¿Responde a la pregunta?";
        "reason": "Reason", "Motivo";
        "report": "Report", "Informe";
        "reported_by": "How they told you", "Cómo se lo dijeron";
        "requester": "Requested by", "Solicitada por";
        "requirements": "Missing requirements", "Requisitos que faltan";
        "resolution": "What becomes of the need", "Qué se hace con la necesidad";
        "role": "The recipient is to", "Se pide";
        "scheduling": "Who makes the appointment", "Quién pide la cita";
        "service": "Service", "Servicio";
        "specialty": "Specialty", "Especialidad";
        "start": "Start", "Inicio";
        "summary": "Summary", "Resumen";
        "supporting": "What comes with it", "Qué se adjunta";
        "system": "Assigned by (URI)", "Asignado por (URI)";
        "tell": "Told", "Avisado";
        "to": "To", "A";
        "urgency": "Urgency", "Urgencia";
        "urgency_proposed": "Urgency that the recipient proposes", "Urgencia que propone el destinatario";
        "urgency_reason": "Why it is urgent", "Por qué es urgente";
        "valid_until": "Valid until", "Válido hasta";
        "value": "Value", "Valor";
        "visit_on": "Seen on", "Atendido el";
        "what": "What", "Qué";
        "when": "When", "Cuándo";
        "who": "Who", "Quién";
    }
}

labels! {
    /// What is done by sending an event, as a button says it.
    DO {
        "referral.accepted": "Accept", "Aceptar";
        "referral.declined": "Decline", "Rechazar";
        "appointment.scheduled": "Book the visit", "Reservar la cita";
        "appointment.rescheduled": "Move the visit", "Cambiar la cita";
        "appointment.cancelled": "Cancel the visit", "Cancelar la cita";
        "appointment.no_show": "Patient did not come", "El paciente no acudió";
        "referral.interim_note": "Seen: add an interim note", "Atendido: añadir nota provisional";
        "referral.outcome": "Send the report", "Enviar el informe";
        "referral.cancellation_requested": "Ask to cancel", "Pedir la cancelación";
        "referral.cancellation_confirmed": "Confirm the cancellation", "Confirmar la cancelación";
        "referral.cancellation_refused": "Refuse the cancellation", "Denegar la cancelación";
        "referral.info_requested": "Ask for information", "Pedir información";
        "referral.info_supplied": "Supply information", "Aportar información";
        "referral.redirected": "Send on to another recipient", "Enviar a otro destinatario";
        "referral.disputed": "Insist on it", "Insistir";
        "referral.outcome_amended": "Amend the report", "Corregir el informe";
        "referral.corrected": "Correct contact details", "Corregir los datos de contacto";
        "patient.contacted": "Record a contact with the patient", "Registrar un contacto con el paciente";
        "patient.unreachable": "Patient cannot be reached", "No se localiza al paciente";
        "referral.not_completed": "End it without a report", "Terminarla sin informe";
        "referral.acknowledged": "Acknowledge", "Confirmar la lectura";
        "patient.informed": "Patient was told", "Paciente informado";
        "referral.note": "Write a note", "Escribir una nota";
        "referral.urgency_changed": "Change the urgency", "Cambiar la urgencia";
        "barrier.raised": "Record a barrier", "Registrar un obstáculo";
        "barrier.resolved": "Barrier resolved", "Obstáculo resuelto";
        "appointment.confirmed": "Patient confirmed the visit", "El paciente confirmó la cita";
        "referral.entered_in_error": "Entered in error", "Introducida por error";
        "event.retracted": "Take something back", "Retirar algo";
        "attention.dismissed": "Set a notice aside", "Descartar un aviso";
    }
}

#[cfg(test)]
mod tests {
    use domain::attention::Attention;
    use domain::kind::EventKind;

    use super::super::super::labels;
    use super::super::super::language::Language;
    use super::*;

    fn codes_of(table: &'static [Label]) -> Vec<&'static str> {
        let options = labels::options(table, Language::English);
        options.map(|(code, _)| code).collect()
    }

    #[test]
    fn there_is_advice_for_everything_that_wants_attention() {
        assert_eq!(codes_of(ADVICE), Attention::CODES);
    }

    #[test]
    fn everything_that_a_caller_may_send_has_a_button() {
        let may_be_sent = EventKind::ALL
            .iter()
            .filter(|kind| kind.is_sent_by_callers());
        let mut may_be_sent: Vec<_> = may_be_sent.map(|kind| kind.as_str()).collect();
        let mut buttons = codes_of(DO);
        may_be_sent.sort_unstable();
        buttons.sort_unstable();
        assert_eq!(buttons, may_be_sent);
    }
}
