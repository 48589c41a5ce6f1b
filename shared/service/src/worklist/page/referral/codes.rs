//! Codes that only the view of one referral says in words. A test holds each table to the codes of the domain.

use super::super::labels::{self as page_labels, Label, label};

/// A table with a line a code.
macro_rules! labels {
    ($(#[$doc:meta])* $name:ident { $($code:literal: $en:literal, $es:literal;)+ }) => {
        $(#[$doc])*
        pub(super) static $name: &[Label] = &[$(label($code, $en, $es),)+];
    };
}
pub(super) use labels;

/// What the codes of a member are called; `None` for a member whose text stands for itself. `event` is the kind of event in whose
/// data it stands; empty elsewhere.
pub(super) fn table(event: &str, member: &str) -> Option<&'static [Label]> {
    Some(match (event, member) {
        ("referral.declined", "reason") => DECLINED,
        ("referral.not_completed", "reason") => NOT_COMPLETED,
        ("patient.contacted" | "patient.unreachable" | "contact", "outcome") => CONTACT,
        ("barrier.raised" | "barrier", "kind") => BARRIER,
        ("attention.dismissed", "what") => page_labels::ATTENTION,
        ("reminder.due", "what") => REMINDED,
        (_, "channel") => CHANNEL,
        (_, "resolution") => RESOLUTION,
        (_, "question_answered") => ANSWERED,
        (_, "by") => MOVED_BY,
        (_, "urgency" | "urgency_proposed") => page_labels::URGENCY,
        (_, "role") => ROLE,
        (_, "kind" | "none_known") => KIND,
        (_, "agreed") => AGREED,
        (_, "scheduling") => SCHEDULING,
        (_, "reported_by") => REPORTED_BY,
        (_, "language") => page_labels::SPOKEN,
        (_, "contact_by") => page_labels::CONTACT_BY,
        (_, "limit") => page_labels::LIMIT,
        _ => return None,
    })
}

labels! {
    /// Why a recipient does not take it.
    DECLINED {
        "insufficient-information": "Information is missing", "Falta información";
        "wrong-service": "Another service is right", "Corresponde a otro servicio";
        "capacity": "No capacity", "Sin capacidad";
        "coverage": "Insurance not taken", "No se acepta el seguro";
        "out-of-criteria": "Outside what we see", "Fuera de criterios";
        "duplicate": "Duplicate", "Duplicada";
        "already-under-care": "Already under care", "Ya está en tratamiento";
        "patient-declined": "The patient does not want it", "El paciente no lo quiere";
        "patient-moved": "The patient moved", "El paciente se mudó";
        "deceased": "The patient has died", "El paciente ha fallecido";
        "other": "Other (say what in the note)", "Otro (explíquelo en la nota)";
    }
}

labels! {
    /// Why it ends without an outcome.
    NOT_COMPLETED {
        "resolved": "The problem went away", "El problema desapareció";
        "disagreed": "The patient sees no need", "El paciente no lo ve necesario";
        "no-time": "The patient has no time", "El paciente no tiene tiempo";
        "no-transport": "The patient cannot get there", "El paciente no puede llegar";
        "insurance": "Not insured for it", "El seguro no lo cubre";
        "cost": "It costs too much", "Cuesta demasiado";
        "seen-elsewhere": "Seen elsewhere", "Atendido en otro lugar";
        "moved": "The patient moved", "El paciente se mudó";
        "deceased": "The patient has died", "El paciente ha fallecido";
        "unreachable": "The patient cannot be reached", "Paciente ilocalizable";
        "other": "Other (say what in the note)", "Otro (explíquelo en la nota)";
    }
}

labels! {
    /// What becomes of the need after an end without a report.
    RESOLUTION {
        "no-longer-needed": "No longer needed", "Ya no es necesaria";
        "patient-declined": "The patient does not want it", "El paciente no lo quiere";
        "advice-taken": "The advice was taken", "Se siguió el consejo";
        "managed-here": "We treat it ourselves", "Lo tratamos aquí";
        "new-referral": "A new referral was sent", "Se envió otra derivación";
        "deceased": "The patient has died", "El paciente ha fallecido";
        "other": "Other (say what in the note)", "Otro (explíquelo en la nota)";
    }
}

labels! {
    /// Whether the report answered the question.
    ANSWERED {
        "yes": "Yes", "Sí";
        "partly": "Partly", "En parte";
        "no": "No", "No";
    }
}

labels! {
    /// Who moved or cancelled a visit.
    MOVED_BY {
        "patient": "The patient", "El paciente";
        "recipient": "The recipient", "El destinatario";
    }
}

labels! {
    /// What came of an attempt to reach the patient.
    CONTACT {
        "reached": "Reached", "Localizado";
        "worse": "Reached, and worse", "Localizado, está peor";
        "resolved": "Reached, the problem has gone", "Localizado, el problema pasó";
        "disagrees": "Reached, does not want the visit", "Localizado, no quiere la visita";
        "no-answer": "No answer", "Sin respuesta";
        "left-message": "Left a message", "Se dejó un mensaje";
        "wrong-number": "Wrong number", "Número equivocado";
        "other": "Other", "Otro";
    }
}

labels! {
    /// What stands in the way.
    BARRIER {
        "transport": "Transport", "Transporte";
        "insurance": "Insurance", "Seguro";
        "authorization": "Authorization", "Autorización";
        "language": "Language", "Idioma";
        "time": "Time", "Tiempo";
        "cost": "Cost", "Coste";
        "other": "Other", "Otro";
    }
}

labels! {
    /// How a side without software said it.
    REPORTED_BY {
        "phone": "By phone", "Por teléfono";
        "fax": "By fax", "Por fax";
        "letter": "By letter", "Por carta";
        "portal": "On a portal", "En un portal";
    }
}

labels! {
    /// The two sides.
    SIDE {
        "referrer": "Referrer", "Quien deriva";
        "recipient": "Recipient", "Destinatario";
    }
}

labels! {
    /// The ten items of a good request.
    ITEM {
        "question": "The question", "La pregunta";
        "role": "What the recipient is to do", "Qué se pide al destinatario";
        "urgency": "How urgent, and why", "Urgencia y su motivo";
        "coded-reason": "A coded reason", "Un motivo codificado";
        "results": "The results that the service wants", "Los resultados que pide el servicio";
        "medications": "Medications", "Medicación";
        "allergies": "Allergies", "Alergias";
        "patient-contact": "How to reach the patient", "Cómo localizar al paciente";
        "patient-agrees": "The patient agrees and knows why", "El paciente está de acuerdo y sabe por qué";
        "who-calls": "Who calls whom", "Quién llama a quién";
    }
}

labels! {
    /// What the recipient is to do.
    ROLE {
        "evaluate": "Evaluate", "Evaluar";
        "advise": "Advise without a visit", "Aconsejar sin visita";
        "treat": "Take over the treatment", "Asumir el tratamiento";
        "co-manage": "Treat together", "Tratar conjuntamente";
        "procedure": "Do a procedure", "Hacer un procedimiento";
    }
}

labels! {
    /// What an item of the request is.
    KIND {
        "lab": "Laboratory", "Laboratorio";
        "imaging": "Imaging", "Imagen";
        "medication": "Medication", "Medicación";
        "allergy": "Allergy", "Alergia";
        "problem": "Problem", "Problema";
        "note": "Note", "Nota";
        "document": "Document", "Documento";
    }
}

labels! {
    /// Whether the patient agreed.
    AGREED {
        "yes": "Yes", "Sí";
        "no": "No", "No";
        "undecided": "Undecided", "Sin decidir";
    }
}

labels! {
    /// Who makes the appointment.
    SCHEDULING {
        "recipient-calls": "The recipient calls the patient", "El destinatario llama al paciente";
        "patient-calls": "The patient calls", "Llama el paciente";
        "referrer-books": "The referrer books it", "Reserva quien deriva";
    }
}

labels! {
    /// What is to be done.
    TASK {
        "check-in": "Ask the patient how it goes", "Preguntar al paciente cómo va";
        "barrier": "See to what stands in the way", "Resolver el obstáculo";
        "supply-information": "Supply the information that is missing", "Enviar la información que falta";
        "try-again": "Try to reach the patient again", "Volver a intentar localizar al paciente";
        "find-patient": "Find the patient", "Encontrar al paciente";
        "confirm-end": "Confirm that it is not needed, or say otherwise", "Confirmar que ya no hace falta, o lo contrario";
        "raise-urgency": "The patient is worse: raise the urgency, or say why not",
            "El paciente está peor: suba la urgencia o diga por qué no";
        "confirm-visit": "Ask whether the date stands", "Confirmar la fecha de la visita";
    }
}

labels! {
    /// What the patient is reminded of.
    REMINDED {
        "visit": "The visit", "La visita";
    }
}

labels! {
    /// How the patient was reached. Free text on the wire; these are what the form offers.
    CHANNEL {
        "phone": "Phone", "Teléfono";
        "in-person": "In person", "En persona";
        "letter": "Letter", "Carta";
        "email": "Email", "Correo electrónico";
        "sms": "Text message", "Mensaje de texto";
        "portal": "Patient portal", "Portal del paciente";
    }
}

labels! {
    /// How time allowed is counted.
    UNIT {
        "h": "hours", "horas";
        "d": "days", "días";
        "bd": "business days", "días laborables";
        "1h": "hour", "hora";
        "1d": "day", "día";
        "1bd": "business day", "día laborable";
    }
}

labels! {
    /// Who has set a limit.
    SET_BY {
        "default": "by default", "por defecto";
        "network": "set by the network", "fijado por la red";
        "service": "set by the service", "fijado por el servicio";
    }
}

labels! {
    /// What became of an event.
    FATE {
        "applied": "Counts", "Cuenta";
        "parked": "Parked: it waits for its place", "En espera de su lugar";
        "retracted": "Taken back", "Retirado";
        "expired": "Expired: it counts no more", "Caducado: ya no cuenta";
    }
}

labels! {
    /// Where an event came from.
    SOURCE {
        "api": "interface", "interfaz";
        "sweep": "the system's schedule", "la agenda del sistema";
        "policy": "follows from the event before", "se sigue del evento anterior";
    }
}

#[cfg(test)]
mod tests {
    use domain::completeness::Item;
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
        let options = page_labels::options(table, Language::English);
        options.map(|(code, _)| code).collect()
    }

    #[test]
    fn every_code_has_its_label() {
        for (table, codes) in [
            (page_labels::LIMIT, LimitName::CODES),
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
        ] {
            assert_eq!(codes_of(table), codes);
        }
    }
}
