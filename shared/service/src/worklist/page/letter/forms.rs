//! A form for each thing that an office can do: which fields, by what the domain says that it asks for.

use domain::actions::{Action, Asked, Place};
use domain::kind::EventKind;

use super::super::labels::{Label, label, options, text_of};
use super::super::language::Language;

/// What is done, and what it asks.
pub(super) struct Form {
    pub(super) event: &'static str,
    pub(super) title: &'static str,
    pub(super) fields: Vec<Field>,
    /// Whether it is what comes next: it is open from the start.
    pub(super) is_first: bool,
}

/// A field.
pub(super) struct Field {
    /// The member of the event's `data`.
    pub(super) member: &'static str,
    pub(super) label: &'static str,
    pub(super) kind: Kind,
    pub(super) required: bool,
    /// Whether it may be left out whatever the other fields say.
    pub(super) optional: bool,
    pub(super) options: Vec<(&'static str, &'static str)>,
}

/// How a field is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One line.
    Line,
    /// Several.
    Prose,
    /// Several, each an item of a list.
    Lines,
    /// One of the options.
    Choice,
    /// A time by the clock of the device.
    Time,
    /// A day.
    Day,
    /// Yes or no.
    Flag,
    /// Files, uploaded before.
    Files,
}

impl Kind {
    /// Its name, as the script knows it.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Prose => "prose",
            Self::Lines => "lines",
            Self::Choice => "choice",
            Self::Time => "time",
            Self::Day => "day",
            Self::Flag => "flag",
            Self::Files => "files",
        }
    }

    fn of(event: EventKind, member: &str) -> Option<Self> {
        Some(match member {
            "reason" if reasons(event).is_some() => Self::Choice,
            "by" => Self::Choice,
            "performer" | "alternative" | "location" => Self::Line,
            "note" | "reason" | "question" | "summary" => Self::Prose,
            "next_steps" => Self::Lines,
            "start" | "end" => Self::Time,
            "visit_on" => Self::Day,
            "advice" => Self::Flag,
            "documents" => Self::Files,
            // Ids and the like: an office without software has none.
            _ => return None,
        })
    }
}

/// The forms of what is offered, what comes next first.
pub(super) fn of<'a>(offered: impl Iterator<Item = &'a Action>, language: Language) -> Vec<Form> {
    let form = |(number, action): (usize, &Action)| Form {
        event: action.event.as_str(),
        title: text_of(TITLES, action.event.as_str(), language),
        fields: action
            .asks
            .iter()
            .filter_map(|asked| field(action.event, *asked, language))
            .collect(),
        is_first: number == 0 && action.place == Place::Next,
    };
    offered.enumerate().map(form).collect()
}

fn field(event: EventKind, asked: Asked, language: Language) -> Option<Field> {
    let kind = Kind::of(event, asked.member)?;
    let table = match asked.member {
        "by" => Some(BY),
        _ => reasons(event).filter(|_| kind == Kind::Choice),
    };
    Some(Field {
        member: asked.member,
        label: text_of(MEMBERS, asked.member, language),
        kind,
        required: asked.required,
        // A report is of a visit or it is advice: one of the two must be there.
        optional: !(asked.required || is_report(event) && asked.member == "visit_on"),
        options: table
            .map(|table| options(table, language).collect())
            .unwrap_or_default(),
    })
}

const fn is_report(event: EventKind) -> bool {
    matches!(
        event,
        EventKind::ReferralOutcome | EventKind::ReferralOutcomeAmended
    )
}

/// The reasons that are codes.
const fn reasons(event: EventKind) -> Option<&'static [Label]> {
    match event {
        EventKind::ReferralDeclined => Some(DECLINED),
        EventKind::ReferralNotCompleted => Some(NOT_COMPLETED),
        _ => None,
    }
}

static TITLES: &[Label] = &[
    label("referral.accepted", "Accept", "Aceptar"),
    label("referral.declined", "Decline", "Rechazar"),
    label(
        "referral.info_requested",
        "Ask the referrer something",
        "Preguntar algo a quien deriva",
    ),
    label(
        "appointment.scheduled",
        "Give the appointment",
        "Indicar la cita",
    ),
    label(
        "appointment.rescheduled",
        "Move the appointment",
        "Cambiar la cita",
    ),
    label(
        "appointment.cancelled",
        "Cancel the appointment",
        "Cancelar la cita",
    ),
    label(
        "appointment.confirmed",
        "The patient confirmed",
        "El paciente confirmó",
    ),
    label(
        "appointment.no_show",
        "The patient did not come",
        "El paciente no acudió",
    ),
    label(
        "referral.interim_note",
        "The patient was seen, the report follows",
        "El paciente fue visto, el informe seguirá",
    ),
    label("referral.outcome", "Send the report", "Enviar el informe"),
    label(
        "referral.outcome_amended",
        "Correct the report",
        "Corregir el informe",
    ),
    label(
        "referral.cancellation_confirmed",
        "Agree to the cancellation",
        "Aceptar la cancelación",
    ),
    label(
        "referral.cancellation_refused",
        "Do not cancel",
        "No cancelar",
    ),
    label(
        "referral.not_completed",
        "It could not be completed",
        "No se pudo completar",
    ),
    label(
        "referral.note",
        "Write to the referrer",
        "Escribir a quien deriva",
    ),
];

static MEMBERS: &[Label] = &[
    label("performer", "Who sees the patient", "Quién ve al paciente"),
    label("reason", "Reason", "Motivo"),
    label("note", "In your words", "Con sus palabras"),
    label(
        "alternative",
        "Who might take it instead",
        "Quién podría asumirla",
    ),
    label("question", "Question", "Pregunta"),
    label("start", "Begins", "Empieza"),
    label("end", "Ends", "Termina"),
    label("location", "Where", "Dónde"),
    label(
        "by",
        "Who moved or cancelled it",
        "Quién la cambió o canceló",
    ),
    label("visit_on", "Day of the visit", "Día de la visita"),
    label("advice", "Advice without a visit", "Consejo sin visita"),
    label(
        "summary",
        "Findings, and the answer to the question",
        "Hallazgos y respuesta a la pregunta",
    ),
    label(
        "next_steps",
        "Next steps, one a line, with who does each",
        "Próximos pasos, uno por línea, con quién hace cada uno",
    ),
    label("documents", "Files", "Archivos"),
];

static BY: &[Label] = &[
    label("patient", "The patient", "El paciente"),
    label("recipient", "Our office", "Nuestra consulta"),
];

static DECLINED: &[Label] = &[
    label(
        "insufficient-information",
        "Information is missing",
        "Falta información",
    ),
    label(
        "wrong-service",
        "Another service is the right one",
        "Corresponde a otro servicio",
    ),
    label("capacity", "No room", "Sin capacidad"),
    label("coverage", "Insurance not taken", "No se acepta el seguro"),
    label(
        "out-of-criteria",
        "Outside what we see",
        "Fuera de lo que atendemos",
    ),
    label(
        "duplicate",
        "The same request is here already",
        "Ya tenemos la misma solicitud",
    ),
    label(
        "already-under-care",
        "Already under our care",
        "Ya está en tratamiento aquí",
    ),
    label(
        "patient-declined",
        "The patient does not want it",
        "El paciente no quiere",
    ),
    label(
        "patient-moved",
        "The patient has moved away",
        "El paciente se ha mudado",
    ),
    label(
        "deceased",
        "The patient has died",
        "El paciente ha fallecido",
    ),
    label("other", "Something else (say what)", "Otro (indique cuál)"),
];

static NOT_COMPLETED: &[Label] = &[
    label(
        "resolved",
        "The problem has gone",
        "El problema ha desaparecido",
    ),
    label(
        "disagreed",
        "The patient sees no need",
        "El paciente no lo ve necesario",
    ),
    label("no-time", "No time", "Sin tiempo"),
    label("no-transport", "Cannot get there", "No puede llegar"),
    label(
        "insurance",
        "Insurance does not cover it",
        "El seguro no lo cubre",
    ),
    label("cost", "It costs too much", "Cuesta demasiado"),
    label("seen-elsewhere", "Seen by somebody else", "Visto por otro"),
    label("moved", "Moved away", "Se ha mudado"),
    label(
        "deceased",
        "The patient has died",
        "El paciente ha fallecido",
    ),
    label("unreachable", "Cannot be reached", "Ilocalizable"),
    label("other", "Something else (say what)", "Otro (indique cuál)"),
];

#[cfg(test)]
mod tests {
    use domain::actions::may_say_by_letter;
    use domain::payload::{DeclineReason, NotCompletedReason};

    use super::super::super::labels;
    use super::*;

    #[test]
    fn every_event_of_a_letter_has_its_title_and_every_reason_its_label() {
        let titles = |kind: &&EventKind| may_say_by_letter(**kind);
        for kind in EventKind::ALL.iter().filter(titles) {
            assert_ne!(
                text_of(TITLES, kind.as_str(), Language::English),
                kind.as_str()
            );
        }
        for (table, codes) in [
            (DECLINED, DeclineReason::CODES),
            (NOT_COMPLETED, NotCompletedReason::CODES),
        ] {
            let labelled: Vec<_> = labels::options(table, Language::Spanish)
                .map(|(code, _)| code)
                .collect();
            assert_eq!(labelled, codes);
        }
    }

    #[test]
    fn every_field_has_its_label() {
        for kind in EventKind::ALL {
            for status in domain::status::Status::ALL {
                for asked in domain::actions::asks(*kind, *status) {
                    if Kind::of(*kind, asked.member).is_some() {
                        assert_ne!(
                            text_of(MEMBERS, asked.member, Language::English),
                            asked.member
                        );
                    }
                }
            }
        }
    }
}
