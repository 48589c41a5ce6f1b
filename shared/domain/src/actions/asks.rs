//! What a person is asked for, a kind of event at a time. The members are those of the event's `data` on the wire.

use super::Asked;
use crate::kind::EventKind;
use crate::status::Status;

const fn needs(member: &'static str) -> Asked {
    Asked {
        member,
        required: true,
    }
}

const fn may(member: &'static str) -> Asked {
    Asked {
        member,
        required: false,
    }
}

/// What a person is asked for an event of this kind in `status`.
#[must_use]
pub fn asks(kind: EventKind, status: Status) -> &'static [Asked] {
    use EventKind as E;
    const NOTE: Asked = may("note");
    const REASON: Asked = needs("reason");
    const WHEN: Asked = may("occurred_at");
    match kind {
        E::ReferralAccepted => {
            const {
                &[
                    may("filler/system"),
                    may("filler/value"),
                    may("performer"),
                    WHEN,
                ]
            }
        }
        E::ReferralDeclined => const { &[REASON, NOTE, may("alternative"), WHEN] },
        E::AppointmentScheduled => const { &[needs("start"), may("end"), may("location")] },
        E::AppointmentRescheduled => {
            const { &[needs("start"), may("end"), may("location"), may("by")] }
        }
        E::AppointmentCancelled => const { &[may("reason"), may("by"), WHEN] },
        E::ReferralInterimNote => const { &[may("visit_on"), NOTE, WHEN] },
        E::ReferralOutcome | E::ReferralOutcomeAmended => {
            const {
                &[
                    may("visit_on"),
                    may("advice"),
                    needs("summary"),
                    may("next_steps"),
                    may("documents"),
                    may("performer"),
                    WHEN,
                ]
            }
        }
        E::ReferralCancellationRequested
        | E::ReferralCancellationRefused
        | E::ReferralDisputed
        | E::ReferralEnteredInError => const { &[REASON] },
        E::ReferralInfoRequested => const { &[needs("question"), may("requirements")] },
        E::ReferralInfoSupplied => const { &[may("question"), NOTE, may("supporting")] },
        E::ReferralRedirected => const { &[needs("to/organization"), needs("to/service"), REASON] },
        E::ReferralCorrected => {
            const {
                &[
                    may("changes/patient/phone"),
                    may("changes/patient/email"),
                    may("changes/patient/language"),
                    REASON,
                ]
            }
        }
        E::PatientContacted => const { &[needs("channel"), needs("outcome"), NOTE, WHEN] },
        E::ReferralNotCompleted => const { &[REASON, NOTE] },
        E::ReferralAcknowledged if status.is_ended_without_report() => {
            const { &[needs("resolution"), NOTE] }
        }
        E::ReferralAcknowledged => {
            const {
                &[
                    needs("care_plan_changed"),
                    may("question_answered"),
                    may("documented_in"),
                    NOTE,
                ]
            }
        }
        E::PatientInformed => const { &[needs("channel"), NOTE, WHEN] },
        E::ReferralNote => const { &[needs("note")] },
        E::ReferralUrgencyChanged => const { &[needs("urgency"), REASON] },
        E::BarrierRaised => const { &[needs("kind"), needs("owner"), needs("due_at"), NOTE] },
        E::BarrierResolved => {
            const { &[needs("barrier"), may("number"), may("valid_until"), NOTE] }
        }
        E::EventRetracted => const { &[needs("event"), REASON] },
        E::AttentionDismissed => const { &[needs("what"), REASON] },
        E::PatientUnreachable | E::AppointmentNoShow | E::AppointmentConfirmed => {
            const { &[NOTE, WHEN] }
        }
        E::ReferralCancellationConfirmed
        | E::ReferralSent
        | E::ReferralOverdue
        | E::ReferralEscalated
        | E::ReminderDue
        | E::EventExpired
        | E::PatientMerged => const { &[NOTE] },
    }
}
