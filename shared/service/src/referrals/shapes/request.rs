//! A request, as intake takes it, and what of it can be corrected.

use domain::request::{Agreed, Role, Scheduling, SupportingKind, Urgency};

use super::parts::{
    CODING, IDENTIFIER, LINE, NOTE, PATIENT, PATIENT_CHANGES, PHONE, RECIPIENT, ROUTE,
};
use crate::http::{Field, Object, Shape, TextKind};

/// The most supporting items of a request.
const SUPPORTING_MAX: usize = 200;
/// The most characters of a clinical summary.
const SUMMARY_CHARS_MAX: usize = 20_000;

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
