//! FHIR R4 below `/fhir`: what comes in, and what is read.

mod bundle;
mod gathered;
mod measures;
mod metadata;
pub(super) mod opened;
mod received;
mod resources;
mod search;
mod sent;
mod several;
mod subscriptions;
mod told;

use http::StatusCode;
use http::header::ETAG;
use ports::Platform;
use serde_json::Value;

use super::media::{FHIR_JSON, Syntax};
use crate::auth::Scope;
use crate::call::Call;
use crate::http::{
    Access, Method, Operation, Parameter, Problem, ProblemKind, Reply, Route, Shape, Success,
};
use resources::OfEvents;
use search::Kind;

/// The most bytes of a resource or a Bundle: 1 MB.
const BUNDLE_BYTES_MAX: usize = 1_000_000;

const WRITE: Access = Access::Scope(Scope::ReferralsWrite);
const TELL: Access = Access::Scope(Scope::EventsWrite);
const READ: Access = Access::Scope(Scope::ReferralsRead);

/// The problems of an event that is well formed.
const EVENT_PROBLEMS: &[ProblemKind] = &[
    ProblemKind::NotAcceptable,
    ProblemKind::Invalid,
    ProblemKind::NotJson,
    ProblemKind::TooDeep,
    ProblemKind::TooLarge,
    ProblemKind::WrongContentType,
    ProblemKind::NeverLegal,
    ProblemKind::GuardFailed,
    ProblemKind::WrongSide,
    ProblemKind::VersionMismatch,
    ProblemKind::Taken,
];

const REFERRAL_PROBLEMS: &[ProblemKind] = &[
    ProblemKind::NotAcceptable,
    ProblemKind::Invalid,
    ProblemKind::NotJson,
    ProblemKind::TooDeep,
    ProblemKind::TooLarge,
    ProblemKind::WrongContentType,
    ProblemKind::Ambiguous,
    ProblemKind::RequirementsMissing,
    ProblemKind::RecipientInactive,
    ProblemKind::Taken,
];

const BUNDLE_PROBLEMS: &[ProblemKind] = &[
    ProblemKind::NotAcceptable,
    ProblemKind::Invalid,
    ProblemKind::NotJson,
    ProblemKind::TooDeep,
    ProblemKind::TooLarge,
    ProblemKind::WrongContentType,
    ProblemKind::ForbiddenScope,
    ProblemKind::RequirementsMissing,
    ProblemKind::RecipientInactive,
    ProblemKind::NeverLegal,
    ProblemKind::GuardFailed,
    ProblemKind::WrongSide,
    ProblemKind::Taken,
];

const SEARCH_PROBLEMS: &[ProblemKind] = &[
    ProblemKind::NotAcceptable,
    ProblemKind::Invalid,
    ProblemKind::TooLarge,
    ProblemKind::WrongContentType,
];

const fn success(status: u16, doc: &'static str) -> Success {
    Success {
        status,
        doc,
        body: None,
    }
}

const RESOURCE: &[Success] = &[success(200, "The resource; ETag is its version.")];

const fn read_route(path: &'static str, id: &'static str, summary: &'static str) -> Route {
    Route {
        method: Method::Get,
        path,
        id,
        summary,
        access: READ,
        query: &[],
        request: None,
        body_bytes_max: 0,
        success: RESOURCE,
        problems: &[ProblemKind::NotAcceptable],
    }
}

static BUNDLE: Route = Route {
    method: Method::Post,
    path: "/fhir",
    id: "send_fhir_bundle",
    summary: "Send a transaction, batch, message or document Bundle.",
    access: Access::Key,
    query: &[],
    request: None,
    body_bytes_max: BUNDLE_BYTES_MAX,
    success: &[
        success(200, "A Bundle that answers entry by entry."),
        success(
            202,
            "It fits no referral for certain and waits for a person, or waits until it is legal.",
        ),
    ],
    problems: BUNDLE_PROBLEMS,
};

static PROCESS_MESSAGE: Route = Route {
    path: "/fhir/$process-message",
    id: "process_fhir_message",
    summary: "Send a message Bundle, such as BSeR's.",
    success: &[
        success(200, "A message Bundle that answers it."),
        success(
            202,
            "It fits no referral for certain and waits for a person, or waits until it is legal.",
        ),
    ],
    ..BUNDLE
};

static CREATE: Route = Route {
    method: Method::Post,
    path: "/fhir/ServiceRequest",
    id: "create_service_request",
    summary: "Send a referral as a ServiceRequest with what it refers to contained.",
    access: WRITE,
    query: &[],
    request: None,
    body_bytes_max: BUNDLE_BYTES_MAX,
    success: &[
        success(
            201,
            "The ServiceRequest. Location names it, ETag is its version.",
        ),
        success(
            200,
            "It was sent before (If-None-Exist, or the same content): as it is.",
        ),
    ],
    problems: REFERRAL_PROBLEMS,
};

static UPDATE_TASK: Route = Route {
    method: Method::Put,
    path: "/fhir/Task/{id}",
    id: "update_task",
    summary: "Say what has happened to a referral, as its Task.",
    access: TELL,
    query: &[],
    request: None,
    body_bytes_max: BUNDLE_BYTES_MAX,
    success: &[
        success(200, "The Task as it is now."),
        success(202, "It waits until it is legal, or for a person."),
    ],
    problems: EVENT_PROBLEMS,
};

static SERVICE_REQUEST: Route = read_route(
    "/fhir/ServiceRequest/{id}",
    "read_service_request",
    "Read a referral as a ServiceRequest.",
);
static TASK: Route = read_route(
    "/fhir/Task/{id}",
    "read_task",
    "Read a leg of a referral as a Task.",
);
static PATIENT: Route = read_route(
    "/fhir/Patient/{id}",
    "read_patient",
    "Read the patient of a referral, under the referral's id.",
);
static APPOINTMENT: Route = read_route(
    "/fhir/Appointment/{id}",
    "read_appointment",
    "Read the booked visit of a leg, under its Task's id.",
);
static COMMUNICATION: Route = read_route(
    "/fhir/Communication/{id}",
    "read_communication",
    "Read a note, a question, an answer or a contact, under its event's id.",
);
static PROVENANCE: Route = read_route(
    "/fhir/Provenance/{id}",
    "read_provenance",
    "Read who recorded an event, and its place in the chain, under the event's id.",
);
static SEARCH_APPOINTMENTS: Route = Route {
    query: BASED_ON,
    success: FOUND,
    ..read_route(
        "/fhir/Appointment",
        "search_appointments",
        "Search the visits of one referral.",
    )
};
static SEARCH_COMMUNICATIONS: Route = Route {
    query: BASED_ON,
    success: FOUND,
    ..read_route(
        "/fhir/Communication",
        "search_communications",
        "Search the communications of one referral.",
    )
};
static SEARCH_PROVENANCES: Route = Route {
    query: &[
        parameter("target", "The referral: ServiceRequest/{id}."),
        FORMAT,
    ],
    success: FOUND,
    ..read_route(
        "/fhir/Provenance",
        "search_provenances",
        "Search who recorded the events of one referral.",
    )
};
const BASED_ON: &[Parameter] = &[
    parameter("based-on", "The referral: ServiceRequest/{id}."),
    FORMAT,
];
const FORMAT: Parameter = parameter("_format", "json or xml.");
const FOUND: &[Success] = &[success(200, "A searchset Bundle.")];
static BINARY: Route = Route {
    success: &[success(
        200,
        "The message or document, with its own media type.",
    )],
    ..read_route(
        "/fhir/Binary/{id}",
        "read_message",
        "Read a message as it came, by the id that the event's source_id gives, or a stored document.",
    )
};

static SEARCH_TASKS: Route = Route {
    query: search::TASK_PARAMETERS,
    success: &[success(200, "A searchset Bundle.")],
    ..read_route(
        "/fhir/Task",
        "search_tasks",
        "Search the Tasks that the organisation may see.",
    )
};

static SEARCH_TASKS_BY_POST: Route = Route {
    method: Method::Post,
    path: "/fhir/Task/_search",
    id: "search_tasks_by_post",
    summary: "The same, by what must not be in a URL: patient.",
    body_bytes_max: crate::http::BODY_BYTES_MAX,
    query: &[],
    success: &[success(200, "A searchset Bundle.")],
    problems: SEARCH_PROBLEMS,
    ..read_route("", "", "")
};

static SEARCH_REQUESTS: Route = Route {
    query: search::SERVICE_REQUEST_PARAMETERS,
    success: &[success(200, "A searchset Bundle.")],
    ..read_route(
        "/fhir/ServiceRequest",
        "search_service_requests",
        "Search the referrals that the organisation may see.",
    )
};

static SEARCH_REQUESTS_BY_POST: Route = Route {
    path: "/fhir/ServiceRequest/_search",
    id: "search_service_requests_by_post",
    ..SEARCH_TASKS_BY_POST
};

static METADATA: Route = Route {
    access: Access::Public,
    success: &[success(200, "The CapabilityStatement.")],
    ..read_route(
        "/fhir/metadata",
        "fhir_metadata",
        "Say what is spoken here.",
    )
};

/// The routes and what serves them.
pub(super) fn operations<P: Platform>() -> Vec<Operation<P>> {
    let mut operations = subscriptions::operations();
    operations.extend(measures::operations());
    operations.extend([
        Operation::new(&BUNDLE, |call| Box::pin(bundle::receive(call))),
        Operation::new(&PROCESS_MESSAGE, |call| Box::pin(bundle::process(call))),
        Operation::new(&CREATE, |call| Box::pin(sent::create(call))),
        Operation::new(&UPDATE_TASK, |call| Box::pin(told::update(call))),
        Operation::new(&SERVICE_REQUEST, |call| {
            Box::pin(resources::service_request(call))
        }),
        Operation::new(&TASK, |call| Box::pin(resources::task(call))),
        Operation::new(&PATIENT, |call| Box::pin(resources::patient(call))),
        Operation::new(&APPOINTMENT, |call| Box::pin(resources::appointment(call))),
        Operation::new(&COMMUNICATION, |call| {
            Box::pin(resources::of_event(call, OfEvents::Communication))
        }),
        Operation::new(&PROVENANCE, |call| {
            Box::pin(resources::of_event(call, OfEvents::Provenance))
        }),
        Operation::new(&SEARCH_APPOINTMENTS, |call| {
            Box::pin(resources::of_referral(call, OfEvents::Appointment))
        }),
        Operation::new(&SEARCH_COMMUNICATIONS, |call| {
            Box::pin(resources::of_referral(call, OfEvents::Communication))
        }),
        Operation::new(&SEARCH_PROVENANCES, |call| {
            Box::pin(resources::of_referral(call, OfEvents::Provenance))
        }),
        Operation::new(&BINARY, |call| Box::pin(received::read(call))),
        Operation::new(&SEARCH_TASKS, |call| {
            Box::pin(search::by_query(call, Kind::Task))
        }),
        Operation::new(&SEARCH_TASKS_BY_POST, |call| {
            Box::pin(search::by_body(call, Kind::Task))
        }),
        Operation::new(&SEARCH_REQUESTS, |call| {
            Box::pin(search::by_query(call, Kind::ServiceRequest))
        }),
        Operation::new(&SEARCH_REQUESTS_BY_POST, |call| {
            Box::pin(search::by_body(call, Kind::ServiceRequest))
        }),
        Operation::new(&METADATA, |call| Box::pin(metadata::read(call))),
    ]);
    operations
}

/// An answer as FHIR JSON; on its way out it becomes XML where that is asked for.
fn answer(status: StatusCode, body: &Value) -> Reply {
    Reply::bytes(status, FHIR_JSON, body.to_string())
}

/// The version as FHIR's weak `ETag`.
fn versioned(reply: Reply, version: i64) -> Reply {
    reply.header(ETAG, &format!("W/\"{version}\""))
}

/// The address of what is below `/fhir`, as callers reach it.
fn base<P>(call: &Call<P>) -> String {
    format!("{}/fhir", call.origin.as_deref().unwrap_or_default())
}

/// Refuses callers that take neither JSON nor XML.
///
/// # Errors
/// [`Problem::NotAcceptable`].
fn check_accept<P>(call: &Call<P>) -> Result<(), Problem> {
    match Syntax::wanted(call.query("_format"), &call.headers) {
        Some(_) => Ok(()),
        None => Err(Problem::NotAcceptable { gives: FHIR_JSON }),
    }
}

/// A parameter of a search.
const fn parameter(name: &'static str, doc: &'static str) -> Parameter {
    Parameter {
        name,
        shape: Shape::line(400),
        doc,
    }
}
