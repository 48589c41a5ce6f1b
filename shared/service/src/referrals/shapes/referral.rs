//! A referral, as it is shown.

use domain::attention::Attention;
use domain::limits::LimitName;
use domain::payload::ContactOutcome;
use domain::policy::SetBy;
use domain::referral::CONTACTS_MAX;
use domain::status::{BusinessStatus, Side, Status, TaskStatus};
use domain::tasks::TaskKind;

use super::parts::{CODING, IDENTIFIER, LINE, NOTE, PATIENT, RECIPIENT, ROUTED};
use super::request::URGENCY;
use crate::http::{Field, Object, Shape};

const PRIORITY: Shape = Shape::Object(&Object {
    name: "Priority",
    fields: &[
        Field::required("points", Shape::Integer { min: 0, max: 1_000 }, "The sum."),
        Field::required(
            "reasons",
            Shape::list(&Shape::AnyObject, 20),
            "Each {what, points}.",
        ),
    ],
});

const COMPLETENESS: Shape = Shape::Object(&Object {
    name: "Completeness",
    fields: &[
        Field::required(
            "score",
            Shape::Integer { min: 0, max: 10 },
            "Items that are there.",
        ),
        Field::required(
            "of",
            Shape::Integer { min: 10, max: 10 },
            "Items of a good request.",
        ),
        Field::required("missing", Shape::list(&LINE, 10), "Items that are not."),
    ],
});

const CLOSURE: Shape = Shape::Object(&Object {
    name: "Closure",
    fields: &[
        Field::optional("report_received_at", Shape::Instant, "The report came."),
        Field::optional(
            "matched_at",
            Shape::Instant,
            "It was matched to this referral.",
        ),
        Field::optional("acknowledged_at", Shape::Instant, "The referrer read it."),
        Field::optional(
            "patient_informed_at",
            Shape::Instant,
            "The patient was told.",
        ),
    ],
});

const LEG: Shape = Shape::Object(&Object {
    name: "Leg",
    fields: &[
        Field::required(
            "leg",
            Shape::Integer {
                min: 1,
                max: 10_000,
            },
            "1 for the first.",
        ),
        Field::required("recipient", RECIPIENT, "Who works on it."),
        Field::required("status", Shape::Code(Status::CODES), "Where it stands."),
        Field::required(
            "business_status",
            Shape::Code(BusinessStatus::CODES),
            "BSeR's code.",
        ),
        Field::required(
            "task_status",
            Shape::Code(TaskStatus::CODES),
            "The FHIR Task status.",
        ),
        Field::required(
            "started_at",
            Shape::Instant,
            "When it was sent to this recipient.",
        ),
        Field::optional("ended_at", Shape::Instant, "When it ended."),
        Field::optional("end_note", NOTE, "What the recipient wrote to a decline."),
        Field::optional(
            "missing",
            Shape::list(&LINE, 100),
            "For a decline for want of information: requirements and items that were missing.",
        ),
        Field::optional("dispute_reason", NOTE, "Why the referrer insisted."),
    ],
});

const COUNT: Shape = Shape::Integer {
    min: 0,
    max: i64::MAX,
};

const DEADLINE: Shape = Shape::Object(&Object {
    name: "Deadline",
    fields: &[
        Field::required("limit", Shape::Code(LimitName::CODES), "Which limit."),
        Field::required("since", Shape::Instant, "When it began to run."),
        Field::optional(
            "due_at",
            Shape::Instant,
            "When it ends; absent while its clock stands still.",
        ),
        Field::optional(
            "stopped",
            Shape::Boolean,
            "true: its clock stands still, because information is awaited.",
        ),
        Field::required("allowed", LINE, "The time allowed: 24h, 7d, 3bd."),
        Field::required("urgency", URGENCY, "The urgency for which that is."),
        Field::required("set_by", Shape::Code(SetBy::CODES), "Who has set it."),
        Field::required("basis", LINE, "On what it rests."),
        Field::required("time_zone", LINE, "Where business days are counted."),
    ],
});

const TASK: Shape = Shape::Object(&Object {
    name: "Task",
    fields: &[
        Field::required("id", LINE, "The same as long as it is the same task."),
        Field::required("kind", Shape::Code(TaskKind::CODES), "What is to be done."),
        Field::required(
            "owner",
            LINE,
            "By whom: referrer, recipient, or whoever a barrier names.",
        ),
        Field::required("due_at", Shape::Instant, "By when."),
        Field::optional("because", LINE, "Why, as a code."),
        Field::optional(
            "requirements",
            Shape::list(&LINE, 50),
            "The requirements that the recipient misses.",
        ),
    ],
});

const CONTACT: Shape = Shape::Object(&Object {
    name: "Contact",
    fields: &[
        Field::required("id", LINE, "The event that told of it."),
        Field::required("at", Shape::Instant, "When."),
        Field::optional("by", Shape::Code(Side::CODES), "By which side."),
        Field::required("channel", LINE, "How."),
        Field::required(
            "outcome",
            Shape::Code(ContactOutcome::CODES),
            "What came of it.",
        ),
    ],
});

const DISPUTE: Shape = Shape::Object(&Object {
    name: "Dispute",
    fields: &[
        Field::required("leg", COUNT, "The leg that it opened."),
        Field::required("at", Shape::Instant, "When."),
        Field::optional("reason", NOTE, "Why the referrer insisted."),
        Field::optional(
            "declined",
            Shape::AnyObject,
            "What was said to the decline: {reason, note?}.",
        ),
    ],
});

/// A referral, as it is shown.
pub const REFERRAL: Shape = Shape::Object(&Object {
    name: "Referral",
    fields: &[
        Field::required("id", Shape::line(100), "Its id."),
        Field::required(
            "version",
            Shape::Integer {
                min: 1,
                max: i64::MAX,
            },
            "The number of its stored events; the ETag.",
        ),
        Field::required("referrer", Shape::slug(), "Who asks."),
        Field::required("recipient", RECIPIENT, "Who is asked now."),
        Field::required(
            "leg",
            Shape::Integer {
                min: 1,
                max: 10_000,
            },
            "The leg that counts.",
        ),
        Field::required("status", Shape::Code(Status::CODES), "Where it stands."),
        Field::required(
            "task_status",
            Shape::Code(TaskStatus::CODES),
            "The FHIR Task status.",
        ),
        Field::required(
            "business_status",
            Shape::Code(BusinessStatus::CODES),
            "BSeR's code.",
        ),
        Field::required(
            "turn",
            Shape::Nullable(&Shape::Code(Side::CODES)),
            "Who must act next; null when it is finished.",
        ),
        Field::required("stage_since", Shape::Instant, "Since when."),
        Field::required(
            "next_due_at",
            Shape::Nullable(&Shape::Instant),
            "When the next limit passes; where all have, when somebody must look again.",
        ),
        Field::required(
            "attention",
            Shape::list(&Shape::Code(Attention::CODES), 20),
            "What a person should look at.",
        ),
        Field::required("priority", PRIORITY, "How much it presses, and why."),
        Field::required("completeness", COMPLETENESS, "How good the request is."),
        Field::required(
            "possible_duplicates",
            Shape::list(&LINE, 50),
            "Open referrals for the same.",
        ),
        Field::required(
            "requirements",
            Shape::list(&Shape::AnyObject, 100),
            "Each {id, level, met, override?, insisted?}.",
        ),
        Field::required("closure", CLOSURE, "The four closing facts."),
        Field::required("urgency", URGENCY, "How soon."),
        Field::required(
            "legs",
            Shape::list(&LEG, 10_000),
            "The legs that the caller sees.",
        ),
        Field::required(
            "deadlines",
            Shape::list(&DEADLINE, 20),
            "The limits that run, and those whose clock stands still.",
        ),
        Field::required(
            "tasks",
            Shape::list(&TASK, 1_000),
            "What is to be done now.",
        ),
        Field::required(
            "contacts",
            Shape::list(&CONTACT, CONTACTS_MAX),
            "The newest attempts to reach the patient.",
        ),
        Field::optional(
            "failed_contacts",
            COUNT,
            "Attempts since the last one that reached the patient.",
        ),
        Field::required(
            "disputes",
            Shape::list(&DISPUTE, 10_000),
            "What was said to each decline on which the referrer insisted.",
        ),
        Field::optional("placer", IDENTIFIER, "The referrer's id."),
        Field::optional("filler", IDENTIFIER, "The recipient's id."),
        Field::optional("patient", PATIENT, "Who is referred."),
        Field::optional("service", CODING, "What for."),
        Field::optional(
            "routed",
            ROUTED,
            "How the recipient was found, where a route was given.",
        ),
    ],
});
