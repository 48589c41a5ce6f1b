//! The measures as people read and print them: charts drawn here as SVG, each with its numbers as a table and as CSV.
//!
//! What is shown is what `GET /worklist/measures` answers. A version to hand on hides small numbers as the CSV does; all that is
//! on the page is judged together, because the tables share their totals. Nothing here is of a single patient.

mod chart;
mod choice;
mod figures;
mod labels;
mod texts;

use askama::Template;
use domain::facts::{self, TOTAL};
use ports::Platform;

use super::answer::html;
use super::assets;
use super::language::Language;
use super::rows::Names;
use super::shell::{Place, Shell};
use crate::auth::Scope;
use crate::call::Call;
use crate::http::{Access, Parameter, Problem, Reply, Route, Shape};
use crate::worklist::measures::{Division, FEW, GROUPS, UNKNOWN, measure};
use crate::worklist::{MEASURES_DIRECTION, MEASURES_TO};

use choice::{Audience, Choice};
use figures::{Chart, Figure, Grouped, Numbers, Waits};
use texts::{TEXTS, Texts};

/// What the measures are asked for by, here and in the CSV; and for whom.
const QUERY: &[Parameter] = &[
    Parameter {
        name: "from",
        shape: Shape::Date,
        doc: "Sent on this day or later (UTC). Without it and to the last 12 months.",
    },
    MEASURES_TO,
    Parameter {
        name: "by",
        shape: Shape::Code(GROUPS),
        doc: "A table by specialty, urgency, recipient or month besides.",
    },
    MEASURES_DIRECTION,
    Parameter {
        name: "audience",
        shape: Shape::Code(Audience::CODES),
        doc: "inside (default), or others: small numbers are hidden.",
    },
];

pub(super) static ROUTE: Route = Route {
    query: QUERY,
    ..super::view(
        choice::PATH,
        "page_measures",
        Access::Scope(Scope::MeasuresRead),
    )
};

/// What is read of each recipient.
const OF_RECIPIENTS: &[&str] = &[TOTAL, facts::BREACHED, facts::ESCALATED];

/// What is read of each month.
const OF_MONTHS: &[&str] = &[TOTAL, facts::COMPLETED, facts::CLOSED, facts::BREACHED];

#[derive(Template)]
#[template(path = "measures.html")]
struct View {
    shell: Shell,
    texts: &'static Texts,
    choice: Choice,
    /// The organisation whose measures they are.
    organization: String,
    made_on: String,
    total: String,
    is_empty: bool,
    /// Messages that fit no referral; nobody but the organisation's own people is told.
    unmatched: Option<i64>,
    rates: Figure,
    funnel: Figure,
    waits: Waits,
    figures: Vec<Figure>,
    grouped: Option<Grouped>,
}

/// Shows the measures. Two round trips: the sums, and the names of organisations.
pub(in crate::worklist) async fn page<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let language = Language::of(&call.headers);
    let texts = TEXTS.of(language);
    let choice = Choice::of(&call, texts, language);
    let besides = vec![
        Division::brief("recipient", OF_RECIPIENTS),
        Division::brief("month", OF_MONTHS),
    ];
    let (mut measured, member) = measure(&call, choice.days, besides).await?;
    let cells = match choice.audience {
        Audience::Inside => measured.for_ourselves(),
        Audience::Others => measured.for_others(),
    };
    let mut ids: Vec<&str> = measured
        .divisions
        .iter()
        .filter(|division| division.by == "recipient")
        .flat_map(|division| division.groups.keys().map(String::as_str))
        .filter(|id| *id != UNKNOWN && *id != FEW)
        .collect();
    ids.push(&member.organization);
    let names = call.platform.batch(vec![Names::statement_of(ids)]).await?;
    let names = Names::from_rows(names.rows(0));

    let numbers = Numbers::new(&measured, cells, &names, texts, language);
    let shell = Shell::new(&call, &member, Place::Measures, texts.title)
        .with(&[&assets::MEASURES_CSS, &assets::MEASURES_JS]);
    html(&View {
        organization: names.of(&member.organization).to_owned(),
        made_on: call.now.date().to_string(),
        total: numbers.total(),
        is_empty: measured.all.of(TOTAL) == 0,
        unmatched: (choice.audience == Audience::Inside).then_some(measured.unmatched),
        rates: numbers.rates(&choice),
        funnel: numbers.funnel(&choice),
        waits: numbers.waits(&choice),
        figures: numbers.figures(&choice),
        grouped: numbers.grouped(&choice),
        shell,
        texts,
        choice,
    })
}
