//! The shape of each kind of event's `data`, on the wire.

use domain::kind::EventKind;
use domain::payload::{
    Answered, BarrierKind, ContactOutcome, DeclineReason, Dismissible, MovedBy, NotCompletedReason,
    ReportedBy, Resolution,
};
use domain::request::Urgency;
use domain::status::Side;

use crate::http::{Field, Object, Shape, TextKind};
use crate::referrals::{IDENTIFIER, RECIPIENT, REQUEST_CHANGES, SUPPORTING};

const LINE: Shape = Shape::line(200);
const NOTE: Shape = Shape::prose(4_000);
const SUMMARY: Shape = Shape::prose(20_000);
const EVENT_ID: Shape = Shape::line(255);

const OCCURRED_AT: Field = Field::optional(
    "occurred_at",
    Shape::Instant,
    "When it happened; without it, when it arrived.",
);
const AS: Field = Field::optional(
    "as",
    Shape::Code(Side::CODES),
    "For which side it speaks, where one organisation is both.",
);
const REPORTED_BY: Field = Field::optional(
    "reported_by",
    Shape::Code(ReportedBy::CODES),
    "How a side without software said it.",
);
const NOTE_FIELD: Field = Field::optional("note", NOTE, "In words.");
const REASON: Field = Field::required("reason", NOTE, "Why.");

macro_rules! data {
    ($name:literal $(, $field:expr)* $(,)?) => {
        {
            const DATA: Shape =
                Shape::Object(&Object { name: $name, fields: &[OCCURRED_AT, AS, REPORTED_BY $(, $field)*] });
            DATA
        }
    };
}

const VISIT: Shape = data!(
    "VisitData",
    Field::required("start", Shape::Instant, "When the visit begins."),
    Field::optional("end", Shape::Instant, "When it ends."),
    Field::optional("location", Shape::Any, "Where, as given."),
    Field::optional("by", Shape::Code(MovedBy::CODES), "Who moved it."),
);

const LINKED_DOCUMENT: Shape = Shape::Object(&Object {
    name: "LinkedDocument",
    fields: &[
        Field::required("title", LINE, "Its title."),
        Field::optional("type", LINE, "Its media type."),
        Field::required("url", Shape::text(TextKind::Url, 2_000), "Where it is."),
    ],
});

const NEXT_STEP: Shape = Shape::Object(&Object {
    name: "NextStep",
    fields: &[
        Field::required("what", NOTE, "What to do."),
        Field::optional("who", LINE, "Who does it."),
        Field::optional("when", LINE, "By when."),
    ],
});

const OUTCOME: Shape = data!(
    "OutcomeData",
    Field::optional(
        "visit_on",
        LINE,
        "When the patient was seen: a date or an instant."
    ),
    Field::optional("advice", Shape::Boolean, "Advice in place of a visit."),
    Field::required(
        "summary",
        SUMMARY,
        "What was found, and the answer to the question."
    ),
    Field::optional(
        "next_steps",
        Shape::list(&Shape::Either(&[NOTE, NEXT_STEP]), 50),
        "What follows, and who does it."
    ),
    DOCUMENTS,
    Field::optional("performer", Shape::Any, "Who saw the patient, as given."),
);

/// What comes with a report or a note.
const DOCUMENTS: Field = Field::optional(
    "documents",
    Shape::list(&Shape::Either(&[EVENT_ID, LINKED_DOCUMENT]), 50),
    "Ids of stored documents, or where they are.",
);

const REASONED: Shape = data!("ReasonData", REASON, NOTE_FIELD);
const BARE: Shape = data!("PlainData", NOTE_FIELD);

/// The shape of the `data` of a `kind` of event.
pub fn data_shape(kind: EventKind) -> Shape {
    use EventKind as E;
    match kind {
        E::ReferralAccepted => data!(
            "AcceptedData",
            Field::optional("filler", IDENTIFIER, "The recipient's id of this referral."),
            Field::optional(
                "performer",
                Shape::Any,
                "Who will see the patient, as given."
            ),
        ),
        E::ReferralDeclined => data!(
            "DeclinedData",
            Field::required("reason", Shape::Code(DeclineReason::CODES), "Why."),
            NOTE_FIELD,
            Field::optional("alternative", Shape::Any, "Who might take it, as given."),
        ),
        E::AppointmentScheduled | E::AppointmentRescheduled => VISIT,
        E::AppointmentCancelled => data!(
            "VisitCancelledData",
            Field::optional("reason", NOTE, "Why."),
            Field::optional("by", Shape::Code(MovedBy::CODES), "Who cancelled it."),
        ),
        E::ReferralInterimNote => data!(
            "InterimNoteData",
            NOTE_FIELD,
            Field::optional(
                "visit_on",
                LINE,
                "When the patient was seen: a date or an instant."
            ),
            DOCUMENTS,
        ),
        E::ReferralOutcome | E::ReferralOutcomeAmended => OUTCOME,
        E::ReferralCancellationRequested
        | E::ReferralCancellationRefused
        | E::ReferralDisputed
        | E::ReferralEnteredInError => REASONED,
        E::ReferralInfoRequested => data!(
            "InfoRequestedData",
            Field::required("question", NOTE, "What is asked."),
            Field::optional(
                "requirements",
                Shape::list(&LINE, 50),
                "Requirements that are missing."
            ),
        ),
        E::ReferralInfoSupplied => data!(
            "InfoSuppliedData",
            Field::optional(
                "question",
                EVENT_ID,
                "The event that asked; without it, all open ones."
            ),
            Field::optional(
                "supporting",
                Shape::list(&SUPPORTING, 200),
                "What comes with it."
            ),
            NOTE_FIELD,
        ),
        E::ReferralRedirected => data!(
            "RedirectedData",
            Field::required("to", RECIPIENT, "To whom."),
            REASON,
        ),
        E::ReferralCorrected => data!(
            "CorrectedData",
            Field::required("changes", REQUEST_CHANGES, "The members that were wrong."),
            REASON,
        ),
        E::PatientContacted => data!(
            "ContactedData",
            Field::required("channel", LINE, "How."),
            Field::required(
                "outcome",
                Shape::Code(ContactOutcome::CODES),
                "What came of it."
            ),
            NOTE_FIELD,
        ),
        E::PatientUnreachable => data!(
            "UnreachableData",
            Field::optional("channel", LINE, "How it was tried."),
            Field::optional(
                "outcome",
                Shape::Code(ContactOutcome::CODES),
                "What came of it."
            ),
            NOTE_FIELD,
        ),
        E::ReferralNotCompleted => data!(
            "NotCompletedData",
            Field::required("reason", Shape::Code(NotCompletedReason::CODES), "Why."),
            NOTE_FIELD,
        ),
        E::ReferralAcknowledged => data!(
            "AcknowledgedData",
            Field::optional("report", EVENT_ID, "The report that was read."),
            Field::optional(
                "question_answered",
                Shape::Code(Answered::CODES),
                "Whether it answers the question."
            ),
            Field::optional("documented_in", LINE, "Where it is documented."),
            Field::optional(
                "care_plan_changed",
                Shape::Boolean,
                "Whether the care plan changes."
            ),
            NOTE_FIELD,
            Field::optional(
                "resolution",
                Shape::Code(Resolution::CODES),
                "For an end without a report: what becomes of the need."
            ),
        ),
        E::PatientInformed => data!(
            "InformedData",
            Field::required("channel", LINE, "How."),
            NOTE_FIELD,
        ),
        E::ReferralNote => data!(
            "NoteData",
            Field::required("note", NOTE, "In words."),
            DOCUMENTS,
        ),
        E::ReferralUrgencyChanged => data!(
            "UrgencyData",
            Field::required("urgency", Shape::Code(Urgency::CODES), "The new urgency."),
            REASON,
        ),
        E::BarrierRaised => data!(
            "BarrierData",
            Field::required(
                "kind",
                Shape::Code(BarrierKind::CODES),
                "What stands in the way."
            ),
            Field::required("owner", LINE, "Who sees to it."),
            Field::required("due_at", Shape::Instant, "By when."),
            NOTE_FIELD,
        ),
        E::BarrierResolved => data!(
            "BarrierResolvedData",
            Field::required("barrier", EVENT_ID, "The event that raised it."),
            Field::optional("number", LINE, "An authorisation's number."),
            Field::optional("valid_until", LINE, "How long it is valid."),
            NOTE_FIELD,
        ),
        E::EventRetracted => data!(
            "RetractedData",
            Field::required("event", EVENT_ID, "The event that was a slip."),
            REASON,
        ),
        E::AttentionDismissed => data!(
            "DismissedData",
            Field::required(
                "what",
                Shape::Code(Dismissible::CODES),
                "What needs no more attention."
            ),
            REASON,
        ),
        E::AppointmentNoShow
        | E::AppointmentConfirmed
        | E::ReferralCancellationConfirmed
        | E::ReferralSent
        | E::ReferralOverdue
        | E::ReferralEscalated
        | E::ReminderDue
        | E::EventExpired
        | E::PatientMerged => BARE,
    }
}

/// The kinds that a caller may send.
#[allow(
    clippy::indexing_slicing,
    reason = "worked out by the compiler, which stops at an index that is out of bounds"
)]
pub const KINDS: &[&str] = &{
    let mut kinds = [""; KINDS_COUNT];
    let (mut from, mut to) = (0, 0);
    while from < EventKind::ALL.len() {
        if EventKind::ALL[from].is_sent_by_callers() {
            kinds[to] = EventKind::CODES[from];
            to += 1;
        }
        from += 1;
    }
    kinds
};

#[allow(
    clippy::indexing_slicing,
    reason = "worked out by the compiler, which stops at an index that is out of bounds"
)]
const KINDS_COUNT: usize = {
    let (mut index, mut count) = (0, 0);
    while index < EventKind::ALL.len() {
        if EventKind::ALL[index].is_sent_by_callers() {
            count += 1;
        }
        index += 1;
    }
    count
};

/// The `type` and `data` of an event by key.
pub const EVENT: Shape = Shape::Object(&Object {
    name: "Event",
    fields: &[
        Field::required("type", Shape::Code(KINDS), "What happened."),
        Field::required(
            "data",
            Shape::AnyObject,
            "What it says; the members depend on the type.",
        ),
    ],
});

/// A Standard Webhooks payload.
pub const WEBHOOK: Shape = Shape::Object(&Object {
    name: "StatusWebhook",
    fields: &[
        Field::required("type", Shape::Code(KINDS), "What happened."),
        Field::optional("timestamp", Shape::Instant, "When the message was made."),
        Field::required(
            "data",
            WEBHOOK_DATA,
            "The referral, and what the event says.",
        ),
    ],
});

const WEBHOOK_DATA: Shape = Shape::Object(&Object {
    name: "StatusWebhookData",
    fields: &[Field::required(
        "referral",
        Shape::Either(&[Shape::line(100), IDENTIFIER]),
        "Its id, or the placer's or filler's.",
    )],
});

/// What was done with an event.
pub const RESULT: Shape = Shape::Object(&Object {
    name: "EventResult",
    fields: &[
        Field::required(
            "result",
            Shape::Code(&["applied", "duplicate", "parked"]),
            "What was done with it.",
        ),
        Field::required("referral", Shape::line(100), "The referral's id."),
        Field::required(
            "version",
            Shape::Integer {
                min: 1,
                max: i64::MAX,
            },
            "Its version.",
        ),
        Field::optional("event", Shape::line(255), "The event's id."),
        Field::optional("status", LINE, "Where the referral stands."),
    ],
});

/// What was done with a message that a person matched or dismissed.
pub const MATCHED: Shape = Shape::Object(&Object {
    name: "MatchResult",
    fields: &[
        Field::required(
            "result",
            Shape::Code(&["applied", "parked", "dismissed"]),
            "What was done with it.",
        ),
        Field::required("message", Shape::line(100), "The message's id."),
        Field::optional("matched_by", Shape::Code(&["person"]), "Who matched it."),
        Field::optional("referral", Shape::line(100), "The referral's id."),
        Field::optional(
            "version",
            Shape::Integer {
                min: 1,
                max: i64::MAX,
            },
            "Its version.",
        ),
        Field::optional("event", Shape::line(255), "The event's id."),
        Field::optional("status", LINE, "Where the referral stands."),
    ],
});
