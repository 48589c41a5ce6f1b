//! The worklist function, the read side: lists by what presses, one referral, its timeline, documents, measures; and who read it.

mod audit;
mod cms50;
pub(crate) mod documents;
mod letters;
mod list;
mod list_sql;
mod measures;
mod one;
pub(crate) mod page;
pub(crate) mod reads;
mod search;
pub(crate) mod session;
pub(crate) mod timeline;
mod unmatched;

use axum::Router;
use domain::attention::Attention;
use domain::request::Urgency;
use domain::status::Status;
use ports::Platform;

use crate::auth::Scope;
use crate::http::{
    Access, BODY_BYTES_MAX, Field, Method, Mounted, Object, Operation, Parameter, Route, Shape,
    Success, TextKind,
};
use crate::referrals::{IDENTIFIER, REFERRAL};

const READ: Access = Access::Scope(Scope::ReferralsRead);

const PAGE: Shape = Shape::Object(&Object {
    name: "ReferralPage",
    fields: &[
        Field::required(
            "items",
            Shape::list(&REFERRAL, 200),
            "The rows, most pressing first.",
        ),
        Field::optional(
            "next",
            Shape::line(256),
            "The cursor of the next page, if there is one.",
        ),
    ],
});

const LIMIT: Parameter = Parameter {
    name: "limit",
    shape: Shape::Integer { min: 1, max: 200 },
    doc: "How many rows at most; 50 by default.",
};
const CURSOR: Parameter = Parameter {
    name: "cursor",
    shape: Shape::line(256),
    doc: "The next of the page before.",
};

static LIST: Route = Route {
    method: Method::Get,
    path: "/worklist/referrals",
    id: "list_referrals",
    summary: "List the referrals that the organisation sent or received, most pressing first.",
    access: READ,
    query: &[
        Parameter {
            name: "status",
            shape: Shape::Code(Status::CODES),
            doc: "Only with this status; several separated by commas.",
        },
        Parameter {
            name: "urgency",
            shape: Shape::Code(Urgency::CODES),
            doc: "Only with this urgency; several separated by commas.",
        },
        Parameter {
            name: "attention",
            shape: Shape::Code(Attention::CODES),
            doc: "Only with this on the attention list.",
        },
        Parameter {
            name: "turn",
            shape: Shape::Code(&["mine"]),
            doc: "Only where the organisation must act next.",
        },
        Parameter {
            name: "direction",
            shape: Shape::Code(&["sent", "received"]),
            doc: "Only sent or only received ones.",
        },
        Parameter {
            name: "service",
            shape: Shape::slug(),
            doc: "Only for this service.",
        },
        Parameter {
            name: "sort",
            shape: Shape::Code(list::SORTS),
            doc: "pressing (default), newest or oldest first.",
        },
        LIMIT,
        CURSOR,
    ],
    request: None,
    body_bytes_max: 0,
    success: &[Success {
        status: 200,
        doc: "A page.",
        body: Some(PAGE),
    }],
    problems: &[],
};

static SEARCH: Route = Route {
    method: Method::Post,
    path: "/worklist/referrals/search",
    id: "search_referrals",
    summary: "Find referrals by what must not be in a URL.",
    access: READ,
    query: &[],
    request: Some(Shape::Object(&Object {
        name: "ReferralSearch",
        fields: &[
            Field::optional(
                "patient",
                PATIENT,
                "The patient's id, by itself or as identifier; or name and birth_date, either or both.",
            ),
            Field::optional("placer", IDENTIFIER, "The referrer's id."),
            Field::optional("filler", IDENTIFIER, "The recipient's id."),
            Field::optional(
                "text",
                Shape::line(100),
                "Words of the request: a name, a question.",
            ),
            Field::optional(
                "status",
                Shape::line(300),
                "Only with this status; several separated by commas.",
            ),
            Field::optional(
                "urgency",
                Shape::line(100),
                "Only with this urgency; several separated by commas.",
            ),
            Field::optional(
                "attention",
                Shape::Code(Attention::CODES),
                "Only with this on the attention list.",
            ),
            Field::optional(
                "turn",
                Shape::Code(&["mine"]),
                "Only where the organisation must act next.",
            ),
            Field::optional(
                "direction",
                Shape::Code(&["sent", "received"]),
                "Only sent or only received ones.",
            ),
            Field::optional("service", Shape::slug(), "Only for this service."),
            Field::optional(
                "sort",
                Shape::Code(list::SORTS),
                "As in the list; where one is searched for, pressing alone.",
            ),
            Field::optional(
                "limit",
                Shape::Integer { min: 1, max: 200 },
                "How many rows at most.",
            ),
            Field::optional("cursor", Shape::line(256), "The next of the page before."),
        ],
    })),
    body_bytes_max: BODY_BYTES_MAX,
    success: &[Success {
        status: 200,
        doc: "A page.",
        body: Some(PAGE),
    }],
    problems: &[],
};

const PATIENT: Shape = Shape::Object(&Object {
    name: "PatientSearch",
    fields: &[
        Field::optional("identifier", IDENTIFIER, "The patient's id."),
        Field::optional(
            "system",
            Shape::text(TextKind::Uri, 200),
            "The assigner of the patient's id.",
        ),
        Field::optional("value", Shape::line(200), "The patient's id."),
        Field::optional("name", PATIENT_NAME, "The patient's name."),
        Field::optional("birth_date", Shape::Date, "The patient's date of birth."),
    ],
});

const PATIENT_NAME: Shape = Shape::Object(&Object {
    name: "PatientNameSearch",
    fields: &[
        Field::optional(
            "family",
            Shape::line(200),
            "The whole family name; case aside.",
        ),
        Field::optional(
            "given",
            Shape::list(&Shape::line(200), 10),
            "The first of these is looked for among the given names.",
        ),
    ],
});

static ONE: Route = Route {
    method: Method::Get,
    path: "/worklist/referrals/{id}",
    id: "read_referral",
    summary: "Read one referral.",
    access: READ,
    query: &[],
    request: None,
    body_bytes_max: 0,
    success: &[Success {
        status: 200,
        doc: "The referral. ETag is its version.",
        body: Some(REFERRAL),
    }],
    problems: &[],
};

static EVENTS: Route = Route {
    method: Method::Get,
    path: "/worklist/referrals/{id}/events",
    id: "read_timeline",
    summary: "Read a referral's timeline with its hash chain, in the order of arrival.",
    access: READ,
    query: &[LIMIT, CURSOR],
    request: None,
    body_bytes_max: 0,
    success: &[Success {
        status: 200,
        doc: "The events.",
        body: Some(Shape::Object(&Object {
            name: "Timeline",
            fields: &[
                Field::required(
                    "items",
                    Shape::list(&Shape::AnyObject, 200),
                    "Each event with its hash and its status.",
                ),
                Field::optional(
                    "next",
                    Shape::line(256),
                    "The cursor of the next page, if there is one.",
                ),
            ],
        })),
    }],
    problems: &[],
};

static DOCUMENT: Route = Route {
    method: Method::Get,
    path: "/worklist/documents/{id}",
    id: "read_document",
    summary: "Read a document of a report.",
    access: READ,
    query: &[],
    request: None,
    body_bytes_max: 0,
    success: &[Success {
        status: 200,
        doc: "The document itself.",
        body: None,
    }],
    problems: &[],
};

static AUDIT: Route = Route {
    method: Method::Get,
    path: "/worklist/audit",
    id: "read_audit",
    summary: "Say who read or changed what, newest first: one referral, or what the organisation's own people did.",
    access: READ,
    query: &[
        Parameter {
            name: "referral",
            shape: Shape::line(64),
            doc: "Only this referral, and then what others did with it too, as far as the organisation may see it.",
        },
        Parameter {
            name: "from",
            shape: audit::BOUND,
            doc: "At this time or later, a day (UTC) or an instant. Without a referral the 7 days before `to` by default, at most 92.",
        },
        Parameter {
            name: "to",
            shape: audit::BOUND,
            doc: "Before this time, a day (UTC) or an instant.",
        },
        Parameter {
            name: "action",
            shape: Shape::Code(audit::ACTIONS),
            doc: "Only this.",
        },
        LIMIT,
        CURSOR,
    ],
    request: None,
    body_bytes_max: 0,
    success: &[Success {
        status: 200,
        doc: "A page. It may have fewer entries than it was asked for, or none, and still a next.",
        body: Some(audit::PAGE),
    }],
    problems: &[],
};

const MEASURES_TO: Parameter = Parameter {
    name: "to",
    shape: Shape::Date,
    doc: "Sent before this day (UTC).",
};
const MEASURES_DIRECTION: Parameter = Parameter {
    name: "direction",
    shape: Shape::Code(&["sent", "received"]),
    doc: "Of sent ones (default) or of received ones.",
};
const MEASURES_QUERY: &[Parameter] = &[
    Parameter {
        name: "from",
        shape: Shape::Date,
        doc: "Sent on this day or later (UTC).",
    },
    MEASURES_TO,
    Parameter {
        name: "by",
        shape: Shape::Code(measures::GROUPS),
        doc: "The same by specialty, urgency, recipient or month.",
    },
    MEASURES_DIRECTION,
];

static MEASURES: Route = Route {
    method: Method::Get,
    path: "/worklist/measures",
    id: "read_measures",
    summary: "Completion, loop closure and times, of the referrals that the organisation sent or received.",
    access: Access::Scope(Scope::MeasuresRead),
    query: MEASURES_QUERY,
    request: None,
    body_bytes_max: 0,
    success: &[Success {
        status: 200,
        doc: "The measures; every rate with numerator and denominator.",
        body: Some(Shape::AnyObject),
    }],
    problems: &[],
};

static MEASURES_CSV: Route = Route {
    method: Method::Get,
    path: "/worklist/measures.csv",
    id: "export_measures",
    summary: "The measures as CSV to hand on: numbers of few referrals are suppressed, as the network's policy has it.",
    access: Access::Scope(Scope::MeasuresRead),
    query: MEASURES_QUERY,
    request: None,
    body_bytes_max: 0,
    success: &[Success {
        status: 200,
        doc: "A table (text/csv, RFC 4180): by, group, measure, code, count, of, value.",
        body: None,
    }],
    problems: &[],
};

static CMS50: Route = Route {
    method: Method::Get,
    path: "/worklist/measures/cms50",
    id: "read_cms50",
    summary: "CMS50, Closing the Referral Loop: Receipt of Specialist Report, of a year: the rate, and why each patient is in or out.",
    access: Access::Scope(Scope::MeasuresRead),
    query: &[
        Parameter {
            name: "year",
            shape: Shape::Integer {
                min: 1900,
                max: 9998,
            },
            doc: "The measurement period: a calendar year (UTC); this year by default.",
        },
        LIMIT,
        CURSOR,
    ],
    request: None,
    body_bytes_max: 0,
    success: &[Success {
        status: 200,
        doc: "The populations and the rate of all, and a page of the patients who were referred.",
        body: Some(Shape::AnyObject),
    }],
    problems: &[],
};

static UNMATCHED: Route = Route {
    method: Method::Get,
    path: "/worklist/unmatched",
    id: "list_unmatched",
    summary: "List the messages that fit no referral for certain, oldest first: a person says where each belongs.",
    access: READ,
    query: &[LIMIT, CURSOR],
    request: None,
    body_bytes_max: 0,
    success: &[Success {
        status: 200,
        doc: "A page.",
        body: Some(unmatched::PAGE),
    }],
    problems: &[],
};

static ROUTER: Mounted = Mounted::new();

/// The routes and what serves them.
pub fn operations<P: Platform>() -> Vec<Operation<P>> {
    let mut operations = crate::meta::operations!("worklist");
    operations.extend([
        Operation::new(&LIST, |call| Box::pin(list::list(call))),
        Operation::new(&SEARCH, |call| Box::pin(search::search(call))),
        Operation::new(&ONE, |call| Box::pin(one::read(call))),
        Operation::new(&EVENTS, |call| Box::pin(timeline::read(call))),
        Operation::new(&DOCUMENT, |call| Box::pin(documents::read(call))),
        Operation::new(&AUDIT, |call| Box::pin(audit::read(call))),
        Operation::new(&UNMATCHED, |call| Box::pin(unmatched::list(call))),
        Operation::new(&MEASURES, |call| Box::pin(measures::read(call))),
        Operation::new(&CMS50, |call| Box::pin(cms50::read(call))),
        Operation::new(&MEASURES_CSV, |call| Box::pin(measures::export(call))),
        Operation::new(&session::SIGN_IN, |call| Box::pin(session::sign_in(call))),
        Operation::new(&session::SIGN_OUT, |call| Box::pin(session::sign_out(call))),
    ]);
    operations.extend(letters::operations());
    operations.extend(page::operations());
    operations
}

/// The router of one request.
pub fn router<P: Platform>(platform: P) -> Router {
    ROUTER.serve(platform, operations)
}
