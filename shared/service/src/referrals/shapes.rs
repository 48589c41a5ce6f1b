//! The shapes of a request and of a referral on the wire.

use domain::attention::Attention;
use domain::limits::LimitName;
use domain::payload::ContactOutcome;
use domain::policy::SetBy;
use domain::referral::CONTACTS_MAX;
use domain::request::{Agreed, Role, Scheduling, SupportingKind, Urgency};
use domain::status::{BusinessStatus, Side, Status, TaskStatus};
use domain::tasks::TaskKind;

use crate::http::{Field, Object, Shape, TextKind};

/// The most supporting items of a request.
const SUPPORTING_MAX: usize = 200;
/// The most characters of a name, a display text or another single line.
const LINE_CHARS_MAX: usize = 200;
/// The most characters of a question, a reason or a note.
const NOTE_CHARS_MAX: usize = 4_000;
/// The most characters of a clinical summary.
const SUMMARY_CHARS_MAX: usize = 20_000;

const LINE: Shape = Shape::line(LINE_CHARS_MAX);
const NOTE: Shape = Shape::prose(NOTE_CHARS_MAX);
const URI: Shape = Shape::text(TextKind::Uri, LINE_CHARS_MAX);

/// An id and its assigner.
pub const IDENTIFIER: Shape = Shape::Object(&Object {
    name: "Identifier",
    fields: &[
        Field::required(
            "system",
            URI,
            "The assigner, as a URI; an OID is urn:oid:….",
        ),
        Field::required("value", LINE, "The id."),
    ],
});

/// A coded concept.
pub const CODING: Shape = Shape::Object(&Object {
    name: "Coding",
    fields: &[
        Field::required("system", URI, "The code system's URI."),
        Field::required("code", LINE, "The code."),
        Field::optional("display", LINE, "The text a person reads."),
    ],
});

/// A person's name.
pub const NAME: Shape = Shape::Object(&Object {
    name: "Name",
    fields: &[
        Field::required("family", LINE, "The family name."),
        Field::required("given", Shape::list(&LINE, 10), "The given names."),
    ],
});

const PHONE: Shape = Shape::text(TextKind::Phone, 40);
const EMAIL: Shape = Shape::text(TextKind::Email, 254);
/// A language tag (BCP 47).
pub const LANGUAGE: Shape = Shape::text(TextKind::Language, 35);

const PATIENT: Shape = Shape::Object(&Object {
    name: "Patient",
    fields: &[
        Field::required(
            "identifier",
            IDENTIFIER,
            "The patient's id at the referrer's.",
        ),
        Field::required("name", NAME, "The name."),
        Field::required("birth_date", Shape::Date, "The date of birth."),
        Field::optional("phone", PHONE, "Where to call."),
        Field::optional("email", EMAIL, "Where to write."),
        Field::optional("language", LANGUAGE, "The language to speak."),
        Field::optional(
            "contact_by",
            LINE,
            "The way the patient wants to be reached.",
        ),
    ],
});

const PATIENT_CHANGES: Shape = Shape::Object(&Object {
    name: "PatientChanges",
    fields: &[
        Field::optional("name", NAME, "The right name."),
        Field::optional("birth_date", Shape::Date, "The right date of birth."),
        Field::optional("phone", PHONE, "The right phone number."),
        Field::optional("email", EMAIL, "The right address."),
        Field::optional("language", LANGUAGE, "The right language."),
        Field::optional("contact_by", LINE, "The right way to reach the patient."),
    ],
});

const EXTERNAL: Shape = Shape::Object(&Object {
    name: "ExternalOffice",
    fields: &[
        Field::required("name", LINE, "The office's name."),
        Field::optional("fax", PHONE, "Its fax number."),
        Field::optional("phone", PHONE, "Its phone number."),
    ],
});

/// Where a referral goes: an organisation of the network and its service, or an office outside.
pub const RECIPIENT: Shape = Shape::Object(&Object {
    name: "Recipient",
    fields: &[
        Field::optional("organization", Shape::slug(), "The organisation's id."),
        Field::optional(
            "service",
            Shape::slug(),
            "The service's id; without it the default one.",
        ),
        Field::optional(
            "external",
            EXTERNAL,
            "An office that is not in the network.",
        ),
    ],
});

/// A specialty, as services name theirs.
pub const SPECIALTY: Shape = Shape::line(100);

/// Part of an address.
pub const NEAR: Shape = Shape::line(100);

/// What is wanted of a recipient, in place of its name.
pub const ROUTE: Shape = Shape::Object(&Object {
    name: "Route",
    fields: &[
        Field::required(
            "specialty",
            SPECIALTY,
            "The specialty, written as services write it.",
        ),
        Field::optional(
            "near",
            NEAR,
            "Part of an address: a town, a street, the beginning of a postcode.",
        ),
        Field::optional(
            "language",
            LANGUAGE,
            "The language to speak; the patient's when left out.",
        ),
    ],
});

const ROUTED: Shape = Shape::Object(&Object {
    name: "Routed",
    fields: &[
        Field::required("asked", ROUTE, "What was asked for."),
        Field::required(
            "expected_days",
            Shape::Number,
            "The days until a visit that were expected: the sum of the reasons.",
        ),
        Field::required(
            "reasons",
            Shape::list(&Shape::AnyObject, 10),
            "Each {what, days, detail}.",
        ),
        Field::required(
            "alternatives",
            Shape::Integer { min: 0, max: 1_000 },
            "How many other services fitted.",
        ),
    ],
});

/// Something that comes with a request.
pub const SUPPORTING: Shape = Shape::Object(&Object {
    name: "Supporting",
    fields: &[
        Field::required("kind", Shape::Code(SupportingKind::CODES), "What it is."),
        Field::optional("code", LINE, "Its code, such as a LOINC code."),
        Field::required("display", LINE, "The text a person reads."),
        Field::required("date", Shape::Date, "Its date."),
        Field::optional("value", Shape::Any, "The result itself."),
        Field::optional(
            "url",
            Shape::text(TextKind::Url, 2_000),
            "Where the whole of it is.",
        ),
    ],
});

const PREPARATION: Shape = Shape::Object(&Object {
    name: "Preparation",
    fields: &[
        Field::required(
            "agreed",
            Shape::Code(Agreed::CODES),
            "Whether the patient agreed.",
        ),
        Field::optional("reason", NOTE, "Why, or why not."),
        Field::optional(
            "barriers",
            Shape::list(&LINE, 20),
            "What may stand in the way.",
        ),
    ],
});

const REQUESTER: Shape = Shape::Object(&Object {
    name: "Requester",
    fields: &[
        Field::optional(
            "identifier",
            IDENTIFIER,
            "The clinician's id, such as an NPI.",
        ),
        Field::required("name", LINE, "The clinician's name."),
        Field::optional("phone", PHONE, "Where to call back."),
    ],
});

const OVERRIDE: Shape = Shape::Object(&Object {
    name: "Override",
    fields: &[
        Field::required("requirement", LINE, "The requirement's id."),
        Field::required("reason", NOTE, "Why it goes all the same."),
    ],
});

/// How soon.
pub const URGENCY: Shape = Shape::Code(Urgency::CODES);
const ROLE: Shape = Shape::Code(Role::CODES);
const SUPPORTING_LIST: Shape = Shape::list(&SUPPORTING, SUPPORTING_MAX);
const KINDS: Shape = Shape::list(&Shape::Code(SupportingKind::CODES), 7);
const REASONS: Shape = Shape::list(&CODING, 20);
const SUMMARY: Shape = Shape::prose(SUMMARY_CHARS_MAX);

/// A request, as intake takes it.
pub const REQUEST: Shape = Shape::Object(&Object {
    name: "ReferralRequest",
    fields: &[
        Field::required("patient", PATIENT, "Who is referred."),
        Field::optional("recipient", RECIPIENT, "To whom; this or route."),
        Field::optional(
            "route",
            ROUTE,
            "What is wanted of a recipient: the best fit becomes it.",
        ),
        Field::required("service", CODING, "What for."),
        Field::required("urgency", URGENCY, "How soon (FHIR request-priority)."),
        Field::required("clinical_question", NOTE, "The question to be answered."),
        Field::required("role", ROLE, "What the recipient is to do."),
        Field::optional("summary", SUMMARY, "The story so far."),
        Field::optional("supporting", SUPPORTING_LIST, "What comes with it."),
        Field::required(
            "preparation",
            PREPARATION,
            "What the patient knows and wants.",
        ),
        Field::optional("requester", REQUESTER, "The clinician who asks."),
        Field::optional("reason", REASONS, "Why, in codes."),
        Field::optional("urgency_reason", NOTE, "Why it is not routine."),
        Field::optional("ordered_at", Shape::Instant, "When it was ordered."),
        Field::optional(
            "ordered_by_telehealth",
            Shape::Boolean,
            "Ordered in a telehealth visit.",
        ),
        Field::optional(
            "scheduling",
            Shape::Code(Scheduling::CODES),
            "Who makes the appointment.",
        ),
        Field::optional("none_known", KINDS, "What the patient has none of."),
        Field::optional("coverage", Shape::Any, "Who pays, as given."),
        Field::optional("needed_by", Shape::Date, "The date by which it is needed."),
        Field::optional("placer", IDENTIFIER, "The referrer's id of it; used once."),
        Field::optional(
            "encounter",
            Shape::Any,
            "The encounter in which it was ordered, as given.",
        ),
        Field::optional("follows", Shape::line(100), "An earlier referral."),
        Field::optional(
            "overrides",
            Shape::list(&OVERRIDE, 50),
            "Why missing items are no obstacle.",
        ),
    ],
});

/// The members of a request that can be corrected.
pub const REQUEST_CHANGES: Shape = Shape::Object(&Object {
    name: "RequestChanges",
    fields: &[
        Field::optional(
            "patient",
            PATIENT_CHANGES,
            "The patient's details; never the identifier.",
        ),
        Field::optional("service", CODING, "What for."),
        Field::optional("clinical_question", NOTE, "The question."),
        Field::optional("role", ROLE, "What the recipient is to do."),
        Field::optional("summary", SUMMARY, "The story so far."),
        Field::optional("supporting", SUPPORTING_LIST, "What comes with it."),
        Field::optional(
            "preparation",
            PREPARATION,
            "What the patient knows and wants.",
        ),
        Field::optional("requester", REQUESTER, "The clinician who asks."),
        Field::optional("reason", REASONS, "Why, in codes."),
        Field::optional("urgency_reason", NOTE, "Why it is not routine."),
        Field::optional(
            "scheduling",
            Shape::Code(Scheduling::CODES),
            "Who makes the appointment.",
        ),
        Field::optional("none_known", KINDS, "What the patient has none of."),
        Field::optional("coverage", Shape::Any, "Who pays, as given."),
        Field::optional("needed_by", Shape::Date, "The date by which it is needed."),
        Field::optional("encounter", Shape::Any, "The encounter, as given."),
    ],
});

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
