//! What the codes of the measures are called. A test holds each table to the codes of the domain and of the API.

use crate::worklist::page::labels::{Label, label};

/// By what is grouped.
pub(super) static BY: &[Label] = &[
    label("specialty", "Specialty", "Especialidad"),
    label("urgency", "Urgency", "Urgencia"),
    label("recipient", "Recipient", "Destinatario"),
    label("month", "Month", "Mes"),
];

/// The rates.
pub(super) static RATES: &[Label] = &[
    label("completion", "Report received", "Informe recibido"),
    label("loop_closure", "Loop closed", "Ciclo cerrado"),
    label(
        "advice",
        "Advice in place of a visit, of those with a report",
        "Consejo en lugar de visita, de las que tienen informe",
    ),
    label(
        "closed_by_advice",
        "Closed by advice, of those closed",
        "Cerradas con consejo, de las cerradas",
    ),
    label("breached", "A time limit passed", "Con un plazo vencido"),
    label(
        "disputed",
        "Decline or advice disputed",
        "Rechazo o consejo discutido",
    ),
    label(
        "escalated",
        "Told to a higher level",
        "Comunicadas a un nivel superior",
    ),
    label(
        "unreachable",
        "Patient cannot be reached",
        "Paciente ilocalizable",
    ),
    label(
        "asked_for_information",
        "Recipient asked for information",
        "El destinatario pidió información",
    ),
    label(
        "report_waiting",
        "A report waits for its place",
        "Un informe espera su lugar",
    ),
    label(
        "answered_in_1_bd",
        "Answered within one business day, of those answered",
        "Respondidas en un día hábil, de las respondidas",
    ),
    label(
        "decided_in_limit",
        "Decided within the limit, of those decided or late",
        "Decididas en plazo, de las decididas o atrasadas",
    ),
    label(
        "acknowledged_in_1_bd",
        "Report acknowledged within one business day, of those closed",
        "Informe confirmado en un día hábil, de las cerradas",
    ),
];

/// How far a referral came.
pub(super) static STAGES: &[Label] = &[
    label("sent", "Sent", "Enviadas"),
    label("accepted", "Accepted", "Aceptadas"),
    label("booked", "Visit booked", "Con cita"),
    label("seen", "Patient seen", "Paciente atendido"),
    label("reported", "Report received", "Con informe"),
    label("closed", "Loop closed", "Ciclo cerrado"),
    label("informed", "Patient told", "Paciente informado"),
];

/// The waits.
pub(super) static WAITS: &[Label] = &[
    label(
        "days_to_decision",
        "Sent to decided",
        "Del envío a la decisión",
    ),
    label("days_to_booked", "Sent to booked", "Del envío a la reserva"),
    label("days_to_visit", "Sent to seen", "Del envío a la visita"),
    label("days_to_report", "Sent to report", "Del envío al informe"),
    label(
        "days_to_acknowledged",
        "Report to acknowledged",
        "Del informe a la confirmación",
    ),
    label("days_to_closed", "Sent to closed", "Del envío al cierre"),
];

/// The limits.
pub(super) static LIMITS: &[Label] = &[
    label("decided", "To decide", "Para decidir"),
    label(
        "info-supplied",
        "To supply information",
        "Para aportar información",
    ),
    label("scheduled", "To book a visit", "Para reservar la cita"),
    label("seen", "To see the patient", "Para atender al paciente"),
    label("outcome", "To send the report", "Para enviar el informe"),
    label(
        "acknowledged",
        "To acknowledge the report",
        "Para confirmar el informe",
    ),
    label(
        "patient-told",
        "To tell the patient",
        "Para informar al paciente",
    ),
    label("rebooked", "To book again", "Para reservar de nuevo"),
    label(
        "cancellation-answered",
        "To answer a cancellation",
        "Para responder a la cancelación",
    ),
    label(
        "visit-said",
        "To say what came of the visit",
        "Para decir qué pasó con la visita",
    ),
    label(
        "report-applied",
        "To place a report",
        "Para ubicar un informe",
    ),
    label(
        "dealt-with",
        "To deal with an end without a report",
        "Para atender un final sin informe",
    ),
    label("closed", "Sent to closed", "Del envío al cierre"),
];

/// What is still to be done where a referral stands.
pub(super) static OPEN: &[Label] = &[
    label("sent", "To be answered", "Por responder"),
    label(
        "info-requested",
        "Information to be supplied",
        "Por aportar información",
    ),
    label("accepted", "To be scheduled", "Por citar"),
    label("scheduled", "Visit to come", "Cita por venir"),
    label(
        "no-show",
        "To be booked again after a no-show",
        "Por citar de nuevo tras una ausencia",
    ),
    label(
        "appointment-cancelled",
        "To be booked again",
        "Por citar de nuevo",
    ),
    label("seen", "Report to come", "Informe por llegar"),
    label(
        "cancellation-requested",
        "Cancellation to be answered",
        "Cancelación por responder",
    ),
    label(
        "cancelled",
        "Cancelled, to be dealt with",
        "Cancelada, por atender",
    ),
    label(
        "declined",
        "Declined, to be dealt with",
        "Rechazada, por atender",
    ),
    label(
        "not-completed",
        "Ended without a report, to be dealt with",
        "Terminada sin informe, por atender",
    ),
    label(
        "completed",
        "Report to be acknowledged",
        "Informe por confirmar",
    ),
    label(
        "closed",
        "Closed, patient to be told",
        "Cerrada, paciente por informar",
    ),
];

/// Why a recipient does not take a referral on.
pub(super) static DECLINED: &[Label] = &[
    label(
        "insufficient-information",
        "Information missing",
        "Falta información",
    ),
    label("wrong-service", "Wrong service", "Servicio equivocado"),
    label("capacity", "No capacity", "Sin capacidad"),
    label("coverage", "Insurance not taken", "Seguro no aceptado"),
    label(
        "out-of-criteria",
        "Outside what the service sees",
        "Fuera de criterios",
    ),
    label("duplicate", "Duplicate", "Duplicada"),
    label(
        "already-under-care",
        "Already under care",
        "Ya en tratamiento",
    ),
    label(
        "patient-declined",
        "Patient declined",
        "El paciente no quiso",
    ),
    label("patient-moved", "Patient moved", "El paciente se mudó"),
    label("deceased", "Patient died", "Paciente fallecido"),
    label("other", "Other", "Otro"),
];

/// Why a referral ends without an outcome.
pub(super) static NOT_COMPLETED: &[Label] = &[
    label("resolved", "Problem resolved", "Problema resuelto"),
    label(
        "disagreed",
        "Patient saw no need",
        "El paciente no lo vio necesario",
    ),
    label("no-time", "No time", "Sin tiempo"),
    label("no-transport", "No transport", "Sin transporte"),
    label("insurance", "Not covered by insurance", "Sin cobertura"),
    label("cost", "Cost", "Coste"),
    label("seen-elsewhere", "Seen elsewhere", "Atendido en otro lugar"),
    label("moved", "Patient moved", "El paciente se mudó"),
    label("deceased", "Patient died", "Paciente fallecido"),
    label(
        "unreachable",
        "Patient cannot be reached",
        "Paciente ilocalizable",
    ),
    label("other", "Other", "Otro"),
];

#[cfg(test)]
mod tests {
    use domain::facts::STAGES as REACHED;
    use domain::limits::LimitName;
    use domain::payload::{DeclineReason, NotCompletedReason};
    use domain::status::Status;

    use super::*;
    use crate::worklist::measures::{GROUPS, RATES as MEASURED, WAITS as WAITED};
    use crate::worklist::page::labels::options;
    use crate::worklist::page::language::Language;

    #[track_caller]
    fn check(table: &'static [Label], codes: &[&str]) {
        let labelled: Vec<_> = options(table, Language::English)
            .map(|(code, _)| code)
            .collect();
        assert_eq!(labelled, codes);
    }

    #[test]
    fn every_code_of_the_measures_has_its_label() {
        check(BY, GROUPS);
        let standing = Status::CODES
            .iter()
            .filter(|code| **code != "entered-in-error");
        check(OPEN, &standing.copied().collect::<Vec<_>>());
        check(LIMITS, LimitName::CODES);
        check(DECLINED, DeclineReason::CODES);
        check(NOT_COMPLETED, NotCompletedReason::CODES);
        check(&STAGES[1..], REACHED);
        check(
            RATES,
            &MEASURED.iter().map(|rate| rate.0).collect::<Vec<_>>(),
        );
        check(WAITS, &WAITED.iter().map(|wait| wait.0).collect::<Vec<_>>());
    }
}
