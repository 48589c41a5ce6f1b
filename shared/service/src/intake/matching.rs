//! `POST /intake/match`: who could take a referral, the best first, and why the others cannot. One round trip; stores
//! nothing, and asks nothing about a patient.

use domain::matching::{Exclusion, What};
use http::StatusCode;
use ports::Platform;
use serde_json::{Value, json};

use super::candidates::{CANDIDATES_MAX, Wanted, candidates, excluded, place};
use super::reading::{policy, policy_statement};
use crate::auth::{Credentials, Scope};
use crate::call::Call;
use crate::http::{
    Access, BODY_BYTES_MAX, Field, Method, Object, Problem, Reply, Route, Shape, Success,
};
use crate::referrals::{CODING, LANGUAGE, NEAR, SPECIALTY, URGENCY};

/// How many places a list has that does not say how many it wants. Ours: as many as a person compares.
const PLACES_DEFAULT: usize = 10;

/// How the sum is made, for the person who reads it.
const BASIS: &str = "Fewest expected days first; of equal ones the first by organization and service. They are the sum of the \
reasons: the median wait of the visits of this urgency among the service's 50 newest, where there are 5 of them; else the days \
until its next_available; else the time that the network allows until the visit. Half of that time is added where no location \
is near, a quarter where an interpreter is needed. There is no lot and no hidden weight.";

const SLUG: Shape = Shape::slug();
const TEXT: Shape = Shape::line(200);
const TEXTS: Shape = Shape::list(&TEXT, 50);
const DAYS: Shape = Shape::Number;

const QUESTION: Shape = Shape::Object(&Object {
    name: "MatchQuestion",
    fields: &[
        Field::required(
            "specialty",
            SPECIALTY,
            "The specialty, written as services write it.",
        ),
        Field::optional("code", CODING, "What for."),
        Field::optional("urgency", URGENCY, "How soon; routine when left out."),
        Field::optional("language", LANGUAGE, "The language to speak."),
        Field::optional(
            "near",
            NEAR,
            "Part of an address: a town, a street, the beginning of a postcode.",
        ),
        Field::optional(
            "limit",
            Shape::Integer { min: 1, max: 100 },
            "How many places to list; 10 when left out.",
        ),
    ],
});

const REASON: Shape = Shape::Object(&Object {
    name: "MatchReason",
    fields: &[
        Field::required("what", Shape::Code(What::CODES), "What it counts."),
        Field::required("days", DAYS, "How much, in days."),
        Field::required("detail", TEXT, "The same for a person."),
    ],
});

const PLACE: Shape = Shape::Object(&Object {
    name: "MatchPlace",
    fields: &[
        Field::required(
            "rank",
            Shape::Integer { min: 1, max: 100 },
            "1 for the best.",
        ),
        Field::required("organization", SLUG, "The organisation's id."),
        Field::required("name", TEXT, "Its name."),
        Field::required("service", SLUG, "The service's id."),
        Field::required("specialty", SPECIALTY, "Its specialty."),
        Field::required("locations", TEXTS, "Where it is."),
        Field::required("languages", TEXTS, "The languages that are spoken."),
        Field::optional("next_available", Shape::Date, "The first free day."),
        Field::required("expected_days", DAYS, "The sum of the reasons."),
        Field::required(
            "reasons",
            Shape::list(&REASON, 10),
            "The addends, the wait first.",
        ),
        Field::required(
            "requirements",
            Shape::list(&Shape::AnyObject, 50),
            "What it asks for before it can judge a referral.",
        ),
    ],
});

const EXCLUDED: Shape = Shape::Object(&Object {
    name: "MatchExcluded",
    fields: &[
        Field::required("organization", SLUG, "The organisation's id."),
        Field::required("service", SLUG, "The service's id."),
        Field::required(
            "reasons",
            Shape::list(&Shape::Code(Exclusion::CODES), Exclusion::CODES.len()),
            "Every reason why it cannot take the referral.",
        ),
    ],
});

pub(super) static MATCH: Route = Route {
    method: Method::Post,
    path: "/intake/match",
    id: "match_services",
    summary: "Find the services that could take a referral, the best fit first.",
    access: Access::Scope(Scope::ReferralsWrite),
    query: &[],
    request: Some(QUESTION),
    body_bytes_max: BODY_BYTES_MAX,
    success: &[Success {
        status: 200,
        doc: "The services of the specialty: those that fit, and the others with the reasons.",
        body: Some(Shape::Object(&Object {
            name: "Matches",
            fields: &[
                Field::required("items", Shape::list(&PLACE, 100), "The best first."),
                Field::required("excluded", Shape::list(&EXCLUDED, 100), "The others."),
                Field::required("basis", Shape::prose(1_000), "How the sum is made."),
                Field::required(
                    "more",
                    Shape::Boolean,
                    "Whether the network has more services of this specialty than the 100 that were looked at.",
                ),
            ],
        })),
    }],
    problems: &[],
};

/// Ranks the services of a specialty.
pub(super) async fn find<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let body = call.json();
    let wanted = body.as_ref().ok().map(Wanted::of_match).transpose()?;
    let mut statements = vec![credentials.statement(), policy_statement(&credentials)];
    statements.extend(wanted.as_ref().map(|wanted| wanted.statement(&credentials)));
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    caller.member()?;
    let body = body?;
    let wanted = wanted.ok_or_else(|| Problem::internal("a question was not read"))?;
    let policy = policy(answer.first(1))?;
    let rows = answer.rows(2);
    let candidates = candidates(rows)?;
    let matches = wanted.rank(&candidates, &policy, call.now);
    let limit = body.get("limit").and_then(Value::as_u64);
    let limit = limit.map_or(PLACES_DEFAULT, |limit| {
        usize::try_from(limit).unwrap_or(usize::MAX)
    });
    let items = matches.fits.iter().zip(1..).take(limit);
    let items: Vec<Value> = items
        .map(|(fit, rank)| place(rank, fit))
        .collect::<Result<_, _>>()?;
    let excluded: Vec<Value> = matches.excluded.iter().map(excluded).collect();
    Reply::json(
        StatusCode::OK,
        &json!({
            "items": items,
            "excluded": excluded,
            "basis": BASIS,
            "more": rows.len() > CANDIDATES_MAX,
        }),
    )
}
