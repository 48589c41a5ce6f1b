//! The shape of a network's policy on the wire. Which limits there are, and their defaults, is the domain's.

use domain::policy::{ESCALATION_LEVELS_MAX, REMINDERS_MAX, Told};

use crate::http::{Field, Object, Shape, TextKind};

/// The most holidays: about ten years of them.
const HOLIDAYS_MAX: usize = 300;

/// The fewest days that referrals are kept after they ended: six years are what HIPAA asks of its own records.
pub const RETENTION_DAYS_DEFAULT: i64 = 2_192;

const ALLOWED: Shape = Shape::text(TextKind::Allowed, 6);

const BY_URGENCY: Shape = Shape::Object(&Object {
    name: "TimeByUrgency",
    fields: &[
        Field::required("stat", ALLOWED, "For stat."),
        Field::required("asap", ALLOWED, "For asap."),
        Field::required("urgent", ALLOWED, "For urgent."),
        Field::required("routine", ALLOWED, "For routine."),
    ],
});

/// The time allowed for some of the stages; a service has them too.
pub const LIMITS: Shape = Shape::Object(&Object {
    name: "Limits",
    fields: &[
        limit("decided", "Sent to accepted or declined."),
        limit("info-supplied", "Information requested to supplied."),
        limit("scheduled", "Accepted to scheduled."),
        limit("seen", "Sent to seen."),
        limit("outcome", "Seen to outcome."),
        limit("acknowledged", "Outcome to acknowledged."),
        limit("patient-told", "Acknowledged to patient told."),
        limit(
            "rebooked",
            "No-show or cancelled appointment to booked again or ended.",
        ),
        limit(
            "cancellation-answered",
            "Cancellation requested to answered.",
        ),
        limit("visit-said", "The visit's time passed, to what came of it."),
        limit("report-applied", "A parked report, to applied."),
        limit("dealt-with", "Ended without a report, to dealt with."),
        limit("closed", "Sent to closed."),
    ],
});

const fn limit(name: &'static str, doc: &'static str) -> Field {
    Field::optional(name, BY_URGENCY, doc)
}

const TIME_ZONE: Field = Field::optional(
    "time_zone",
    Shape::text(TextKind::TimeZone, 64),
    "Where business days are counted, as a name of the IANA time zone database; UTC when left out.",
);
const HOLIDAYS: Field = Field::optional(
    "holidays",
    Shape::list(&Shape::Date, HOLIDAYS_MAX),
    "Days that are no business days, beside weekends.",
);
const LIMITS_FIELD: Field = Field::optional(
    "limits",
    LIMITS,
    "Time allowed: 24h, 7d, or 3bd for business days. What is left out is as the default has it.",
);
const RETENTION_DAYS: Field = Field::optional(
    "retention_days",
    Shape::Integer {
        min: 1,
        max: 36_500,
    },
    "How long a referral is kept after it has ended; 2192 days (six years) when left out.",
);

const LEVEL: Shape = Shape::Object(&Object {
    name: "EscalationLevel",
    fields: &[
        Field::required("after", BY_URGENCY, "How long after the limit has passed."),
        Field::required(
            "tell",
            Shape::Code(Told::CODES),
            "Who hears of it: both sides, or the network's office.",
        ),
    ],
});
const ESCALATION: Field = Field::optional(
    "escalation",
    Shape::list(&LEVEL, ESCALATION_LEVELS_MAX),
    "Who hears of a breach that stays: level 2 first. Both sides are told at level 1, when the limit passes. \
     Level 2 tells the network after 4h, 1bd, 2bd or 5bd when left out.",
);
const ESCALATE_TO: Field = Field::optional(
    "escalate_to",
    Shape::slug(),
    "The organisation that hears what the network is told.",
);
const REMINDERS: Field = Field::optional(
    "reminders",
    Shape::list(&Shape::Integer { min: 1, max: 720 }, REMINDERS_MAX),
    "Hours before a visit at which the patient is reminded; 72 and 24 when left out.",
);
const PERCENT: Shape = Shape::Integer { min: 1, max: 100 };
const CHECK_IN_PERCENT: Field = Field::optional(
    "check_in_percent",
    PERCENT,
    "How much of a stage's limit is used before somebody asks the patient; 50 when left out.",
);
const AT_RISK_PERCENT: Field = Field::optional(
    "at_risk_percent",
    PERCENT,
    "How much of a stage's limit is used before it is at risk; 75 when left out.",
);
const CONTACT_ATTEMPTS_MAX: Field = Field::optional(
    "contact_attempts_max",
    Shape::Integer { min: 1, max: 20 },
    "After how many failed attempts in a row a patient counts as unreachable; 3 when left out.",
);
const PARKED_DAYS: Field = Field::optional(
    "parked_days",
    Shape::Integer { min: 1, max: 3_650 },
    "How many days an event waits for its place before it counts no more; 30 when left out. A report waits for ever.",
);
const MATCH_BY_PATIENT_DAYS: Field = Field::optional(
    "match_by_patient_days",
    Shape::Integer { min: 0, max: 366 },
    "For how many days after a referral was sent an HL7 v2 or FHIR message that gives no id of it is taken to be of it, where the patient, the \
     service and the sender fit this one referral alone; 0, the default, for never: a person matches it.",
);
const SMALL_CELLS: Field = Field::optional(
    "small_cells",
    Shape::Integer { min: 1, max: 1_000 },
    "The fewest referrals that a number may stand for where measures are exported; 11 when left out, 1 hides nothing.",
);

const LETTER_DAYS: Field = Field::optional(
    "letter_days",
    Shape::Integer { min: 1, max: 365 },
    "How many days the link in a letter to an office without software opens; 60 when left out.",
);
const LANGUAGE: Field = Field::optional(
    "language",
    Shape::Code(crate::letters::LANGUAGES),
    "The language of letters, and of notes to patients whose own there is no wording for; en when left out.",
);

/// A policy as the operator sends it.
pub const NEW: Shape = Shape::Object(&Object {
    name: "NewPolicy",
    fields: &[
        TIME_ZONE,
        HOLIDAYS,
        LIMITS_FIELD,
        ESCALATION,
        ESCALATE_TO,
        REMINDERS,
        CHECK_IN_PERCENT,
        AT_RISK_PERCENT,
        CONTACT_ATTEMPTS_MAX,
        PARKED_DAYS,
        SMALL_CELLS,
        LETTER_DAYS,
        LANGUAGE,
        MATCH_BY_PATIENT_DAYS,
        RETENTION_DAYS,
    ],
});

/// The policy that applies, whole.
pub const POLICY: Shape = Shape::Object(&Object {
    name: "Policy",
    fields: &[
        TIME_ZONE,
        HOLIDAYS,
        LIMITS_FIELD,
        ESCALATION,
        ESCALATE_TO,
        REMINDERS,
        CHECK_IN_PERCENT,
        AT_RISK_PERCENT,
        CONTACT_ATTEMPTS_MAX,
        PARKED_DAYS,
        SMALL_CELLS,
        LETTER_DAYS,
        LANGUAGE,
        MATCH_BY_PATIENT_DAYS,
        RETENTION_DAYS,
        Field::required(
            "is_default",
            Shape::Boolean,
            "Whether the network has set none.",
        ),
    ],
});

#[cfg(test)]
mod tests {
    use domain::limits::LimitName;
    use domain::policy::Policy;

    use super::*;

    #[test]
    fn the_shape_has_every_limit_of_the_domain() {
        let Shape::Object(limits) = LIMITS else {
            panic!("limits are an object");
        };
        let names: Vec<_> = limits.fields.iter().map(|field| field.name).collect();
        assert_eq!(names, LimitName::CODES);
    }

    #[test]
    fn the_default_policy_fits_the_shape() {
        let policy = serde_json::to_value(Policy::default().effective()).unwrap();
        assert_eq!(NEW.faults(&policy), vec![]);
    }
}
