//! What requests, referrals and others are made of: ids, codes, names, who and where.

use crate::http::{Field, Object, Shape, TextKind};

/// The most characters of a name, a display text or another single line.
pub(super) const LINE_CHARS_MAX: usize = 200;
/// The most characters of a question, a reason or a note.
pub(super) const NOTE_CHARS_MAX: usize = 4_000;

pub(super) const LINE: Shape = Shape::line(LINE_CHARS_MAX);
pub(super) const NOTE: Shape = Shape::prose(NOTE_CHARS_MAX);
pub(super) const URI: Shape = Shape::text(TextKind::Uri, LINE_CHARS_MAX);

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

pub(super) const PHONE: Shape = Shape::text(TextKind::Phone, 40);
pub(super) const EMAIL: Shape = Shape::text(TextKind::Email, 254);
/// A language tag (BCP 47).
pub const LANGUAGE: Shape = Shape::text(TextKind::Language, 35);

pub(super) const PATIENT: Shape = Shape::Object(&Object {
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

/// The details of a patient that can be corrected.
pub const PATIENT_CHANGES: Shape = Shape::Object(&Object {
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

pub(super) const EXTERNAL: Shape = Shape::Object(&Object {
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

pub(super) const ROUTED: Shape = Shape::Object(&Object {
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
