//! The measure CMS50 below `/fhir`: its evaluation, an export for other engines, and what comes in for it beside referrals.

mod evaluate;
mod export;
mod value_sets;
pub(super) mod visits;

use formats::fhir::measure;
use http::StatusCode;
use ports::Platform;

use super::{BUNDLE_BYTES_MAX, WRITE, answer, check_accept, parameter, read_route, success};
use crate::auth::Scope;
use crate::call::Call;
use crate::http::{
    Access, Method, Operation, Parameter, Problem, ProblemKind, Reply, Route, Shape, Success,
};

/// The most bytes of an evaluation's Parameters: the data and the value sets of a whole set of test cases, 4 MB.
const EVALUATE_BYTES_MAX: usize = 4_000_000;

const MEASURE_READ: Access = Access::Scope(Scope::MeasuresRead);

const PERIOD_START: Parameter = parameter("periodStart", "The first day of the period.");
const PERIOD_END: Parameter = parameter("periodEnd", "The last day of the period.");
const REPORT_TYPE: Parameter = parameter("reportType", "subject, subject-list or population.");

static EVALUATE: Route = Route {
    method: Method::Post,
    path: "/fhir/Measure/cms50/$evaluate",
    id: "evaluate_cms50",
    summary: "Evaluate CMS50 over the organisation's own data, or over additionalData alone; nothing of that is stored.",
    access: MEASURE_READ,
    query: &[],
    request: None,
    body_bytes_max: EVALUATE_BYTES_MAX,
    success: &[success(200, "A MeasureReport.")],
    problems: &[
        ProblemKind::NotAcceptable,
        ProblemKind::Invalid,
        ProblemKind::NotJson,
        ProblemKind::TooDeep,
        ProblemKind::TooLarge,
        ProblemKind::WrongContentType,
        ProblemKind::NotFound,
    ],
};

static EVALUATE_MEASURE: Route = Route {
    path: "/fhir/Measure/cms50/$evaluate-measure",
    id: "evaluate_measure_cms50",
    summary: "The same under the name that FHIR R4 gives it.",
    ..EVALUATE
};

static EVALUATE_BY_QUERY: Route = Route {
    method: Method::Get,
    id: "evaluate_cms50_by_query",
    summary: "Evaluate CMS50 over the organisation's own data: the summary, or the patients of each population.",
    query: &[PERIOD_START, PERIOD_END, REPORT_TYPE],
    body_bytes_max: 0,
    problems: &[ProblemKind::NotAcceptable, ProblemKind::Invalid],
    ..EVALUATE
};

static EVALUATE_MEASURE_BY_QUERY: Route = Route {
    path: "/fhir/Measure/cms50/$evaluate-measure",
    id: "evaluate_measure_cms50_by_query",
    ..EVALUATE_BY_QUERY
};

static EXPORT: Route = Route {
    method: Method::Get,
    path: "/fhir/Measure/cms50/$export",
    id: "export_cms50",
    summary: "A year's data as FHIR, for another measure engine: a page of newline-delimited JSON. Needs referrals:read as well.",
    access: MEASURE_READ,
    query: &[
        Parameter {
            name: "year",
            shape: Shape::Integer {
                min: 1900,
                max: 9998,
            },
            doc: "The measurement period: a calendar year.",
        },
        parameter("_type", "Only these types, separated by commas."),
        Parameter {
            name: "limit",
            shape: Shape::Integer { min: 1, max: 200 },
            doc: "How many referrals a page has at most; 50 by default.",
        },
        Parameter {
            name: "cursor",
            shape: Shape::line(256),
            doc: "Where the page before ended: as Link has it.",
        },
    ],
    request: None,
    body_bytes_max: 0,
    success: &[success(
        200,
        "Resources, one a line (application/fhir+ndjson); Link names the next page.",
    )],
    problems: &[ProblemKind::Invalid, ProblemKind::ForbiddenScope],
};

static MEASURE: Route = Route {
    access: Access::Public,
    ..read_route(
        "/fhir/Measure/cms50",
        "read_measure_cms50",
        "Say which measure is evaluated here.",
    )
};

const RESOURCE_PROBLEMS: &[ProblemKind] = &[
    ProblemKind::NotAcceptable,
    ProblemKind::Invalid,
    ProblemKind::NotJson,
    ProblemKind::TooDeep,
    ProblemKind::TooLarge,
    ProblemKind::WrongContentType,
];

static PUT_VALUE_SET: Route = Route {
    method: Method::Put,
    path: "/fhir/ValueSet/{id}",
    id: "put_value_set",
    summary: "Load a value set, for the organisation's own measures.",
    access: WRITE,
    query: &[],
    request: None,
    body_bytes_max: BUNDLE_BYTES_MAX,
    success: &[
        success(200, "It was there, and is this now."),
        success(201, "It was not there."),
    ],
    problems: RESOURCE_PROBLEMS,
};

static VALUE_SET: Route = Route {
    access: MEASURE_READ,
    ..read_route(
        "/fhir/ValueSet/{id}",
        "read_value_set",
        "Read a value set as it was loaded.",
    )
};

const fn create_route(path: &'static str, id: &'static str, summary: &'static str) -> Route {
    Route {
        method: Method::Post,
        path,
        id,
        summary,
        access: WRITE,
        query: &[],
        request: None,
        body_bytes_max: BUNDLE_BYTES_MAX,
        success: TAKEN,
        problems: RESOURCE_PROBLEMS,
    }
}

const TAKEN: &[Success] = &[
    success(201, "The resource. Location names it."),
    success(
        200,
        "One with the same id, identifier or content was there; it is this now.",
    ),
];

const fn put_route(path: &'static str, id: &'static str, summary: &'static str) -> Route {
    Route {
        method: Method::Put,
        ..create_route(path, id, summary)
    }
}

static CREATE_ENCOUNTER: Route = create_route(
    "/fhir/Encounter",
    "create_encounter",
    "Send a visit that measures need.",
);
static CREATE_PROCEDURE: Route = create_route(
    "/fhir/Procedure",
    "create_procedure",
    "Send a procedure that measures need.",
);
static PUT_ENCOUNTER: Route = put_route(
    "/fhir/Encounter/{id}",
    "put_encounter",
    "Send a visit that measures need, under an id of the sender's.",
);
static PUT_PROCEDURE: Route = put_route(
    "/fhir/Procedure/{id}",
    "put_procedure",
    "Send a procedure that measures need, under an id of the sender's.",
);
static ENCOUNTER: Route = read_route(
    "/fhir/Encounter/{id}",
    "read_encounter",
    "Read a visit as it came.",
);
static PROCEDURE: Route = read_route(
    "/fhir/Procedure/{id}",
    "read_procedure",
    "Read a procedure as it came.",
);

/// The routes and what serves them.
pub(super) fn operations<P: Platform>() -> Vec<Operation<P>> {
    vec![
        Operation::new(&EVALUATE, |call| Box::pin(evaluate::evaluate(call))),
        Operation::new(&EVALUATE_MEASURE, |call| Box::pin(evaluate::evaluate(call))),
        Operation::new(&EVALUATE_BY_QUERY, |call| {
            Box::pin(evaluate::evaluate(call))
        }),
        Operation::new(&EVALUATE_MEASURE_BY_QUERY, |call| {
            Box::pin(evaluate::evaluate(call))
        }),
        Operation::new(&EXPORT, |call| Box::pin(export::export(call))),
        Operation::new(&MEASURE, |call| Box::pin(read(call))),
        Operation::new(&PUT_VALUE_SET, |call| Box::pin(value_sets::put(call))),
        Operation::new(&VALUE_SET, |call| Box::pin(value_sets::read(call))),
        Operation::new(&CREATE_ENCOUNTER, |call| {
            Box::pin(visits::take(call, "Encounter"))
        }),
        Operation::new(&CREATE_PROCEDURE, |call| {
            Box::pin(visits::take(call, "Procedure"))
        }),
        Operation::new(&PUT_ENCOUNTER, |call| {
            Box::pin(visits::take(call, "Encounter"))
        }),
        Operation::new(&PUT_PROCEDURE, |call| {
            Box::pin(visits::take(call, "Procedure"))
        }),
        Operation::new(&ENCOUNTER, |call| Box::pin(visits::read(call, "Encounter"))),
        Operation::new(&PROCEDURE, |call| Box::pin(visits::read(call, "Procedure"))),
    ]
}

async fn read<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    check_accept(&call)?;
    Ok(answer(StatusCode::OK, &measure::measure()))
}
