//! What a search found. It is posted, not linked: words of a patient's stand in no URL, no history and no log.

use askama::Template;
use ports::Platform;

use super::answer::html;
use super::assets;
use super::language::{InEach, Language};
use super::rows::{Names, Row};
use super::shell::{Place, Shell};
use crate::auth::{Credentials, Scope};
use crate::call::Call;
use crate::http::{Access, Fault, Method, Problem, ProblemKind, Reply, Route};
use crate::worklist::list::Listed;
use crate::worklist::reads::Action;
use crate::worklist::search::by_text;

/// How many rows a page has.
const PAGE_SIZE: i64 = 25;

/// The most characters of what is searched for: as the interface has it.
const TEXT_CHARS_MAX: usize = 100;

/// The most bytes of the form: every character of the text and of the cursor as three escaped bytes and more.
const FORM_BYTES_MAX: usize = 4_096;

pub(super) static SEARCH: Route = Route {
    method: Method::Post,
    path: "/worklist/pages/search",
    id: "page_search",
    summary: "Show what a search finds to a person, by a form with text, and cursor for the next page.",
    access: Access::Scope(Scope::ReferralsRead),
    query: &[],
    request: None,
    body_bytes_max: FORM_BYTES_MAX,
    success: super::PAGE,
    problems: &[ProblemKind::CrossSite],
};

#[derive(Template)]
#[template(path = "search.html")]
struct View {
    shell: Shell,
    texts: &'static Texts,
    text: String,
    rows: Vec<Row>,
    next: Option<String>,
}

/// Shows a page. Two round trips, as the worklist.
pub(super) async fn page<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let form = call.form();
    let asked = form.and_then(|form| {
        let field = |name: &str| {
            let found = form.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.trim().to_owned())
        };
        let text = field("text").unwrap_or_default();
        if text.is_empty() || text.chars().count() > TEXT_CHARS_MAX {
            let fault = Fault::at("/text", "length", "must have 1 to 100 characters");
            return Err(Problem::Invalid(vec![fault]));
        }
        let cursor = field("cursor");
        let (page, statement) = by_text(&text, PAGE_SIZE, cursor.as_deref(), &credentials)?;
        Ok((text, page, statement))
    });
    let mut statements = vec![credentials.statement()];
    statements.extend(asked.as_ref().ok().map(|(.., statement)| statement.clone()));
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let member = caller.member()?;
    let (text, page, _) = asked?;
    let listed = Listed::from_rows(&call, member, &page, answer.rows(1))?;
    let names = Names::recorded(&call, &credentials, &listed, Action::Search).await?;

    let language = Language::of(&call.headers);
    let texts = TEXTS.of(language);
    let shell = Shell::new(&call, member, Place::Worklist, texts.title)
        .with(&[&assets::WORKLIST_CSS, &assets::WORKLIST_JS]);
    let rows = listed.items.iter();
    let rows = rows.map(|referral| Row::new(referral, member, &names, language, call.now));
    html(&View {
        shell,
        texts,
        text,
        rows: rows.collect(),
        next: listed.next,
    })
}

struct Texts {
    title: &'static str,
    search: &'static str,
    search_label: &'static str,
    nothing: &'static str,
    next: &'static str,
    back: &'static str,
    born: &'static str,
    then: &'static str,
    why: &'static str,
    points: &'static str,
}

static TEXTS: InEach<Texts> = InEach {
    en: Texts {
        title: "What was found",
        search: "Search",
        search_label: "Patient's name, number, or words of the question",
        nothing: "No referral has these words as they are written here.",
        next: "Next page",
        back: "Back to the worklist",
        born: "born",
        then: "then",
        why: "Why it presses",
        points: "points",
    },
    es: Texts {
        title: "Resultados",
        search: "Buscar",
        search_label: "Nombre o número del paciente, o palabras de la pregunta",
        nothing: "Ninguna derivación contiene estas palabras tal como están escritas.",
        next: "Página siguiente",
        back: "Volver a la lista de trabajo",
        born: "nac.",
        then: "después",
        why: "Por qué apremia",
        points: "puntos",
    },
};
