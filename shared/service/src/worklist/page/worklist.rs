//! The worklist: what presses most first, with its reasons, and whose turn it is.

use std::cmp::Reverse;

use askama::Template;
use ports::Platform;

use super::answer::html;
use super::assets;
use super::labels::{self, Label, label};
use super::language::{InEach, Language};
use super::live::{Watched, What};
use super::rows::{Names, Row};
use super::shell::{Place, Shell};
use crate::auth::{Credentials, Scope};
use crate::call::Call;
use crate::http::{Access, Page, Problem, Reply};
use crate::worklist::list::{self, Listed};
use crate::worklist::reads::Action;

/// How many rows a page has: what a person looks through before choosing a filter.
const PAGE_SIZE: &str = "25";

#[derive(Template)]
#[template(path = "worklist.html")]
struct View {
    shell: Shell,
    texts: &'static Texts,
    watched: Watched,
    quick: Vec<Quick>,
    choices: Vec<Choice>,
    rows: Vec<Row>,
    /// The address of the next page.
    next: Option<String>,
    /// The address of the first page, on every other one.
    first: Option<String>,
    is_filtered: bool,
    /// Whether the filters are others than one that is a click away.
    is_open: bool,
    /// A service's id, where the list is of that service alone.
    service: String,
}

/// A filter that is one click away.
struct Quick {
    text: &'static str,
    address: String,
    is_here: bool,
}

/// A filter to choose for.
struct Choice {
    name: &'static str,
    text: &'static str,
    options: Vec<Offered>,
}

/// What may be chosen.
struct Offered {
    code: &'static str,
    text: &'static str,
    is_chosen: bool,
}

/// Shows a page. Two round trips: what is shown, and the record of it with the names of the organisations.
pub(super) async fn page<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let page = Page::parse(Some(PAGE_SIZE), call.query("cursor"))?;
    let asked = list::asked(&call, page, &credentials);
    let mut statements = vec![
        credentials.statement(),
        What::Worklist.statement(&credentials),
    ];
    statements.extend(asked.as_ref().ok().map(|(_, statement)| statement.clone()));
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    // The page itself is open to all; what it lists is not.
    caller.check(Access::Scope(Scope::ReferralsRead))?;
    let member = caller.member()?;
    let (page, _) = asked?;
    let listed = Listed::from_rows(&call, member, &page, answer.rows(2))?;
    let names = Names::recorded(&call, &credentials, &listed, Action::List).await?;

    let language = Language::of(&call.headers);
    let texts = TEXTS.of(language);
    let shell = Shell::new(&call, member, Place::Worklist, texts.title).with(&[
        &assets::WORKLIST_CSS,
        &assets::LIVE_JS,
        &assets::WORKLIST_JS,
    ]);
    let rows = listed.items.iter();
    let rows = rows.map(|referral| Row::new(referral, member, &names, language, call.now));
    let mut rows: Vec<Row> = rows.collect();
    if call.query("sort").unwrap_or_default().is_empty() {
        // They are sorted by the points of the last write or sweep, and show those of now.
        rows.sort_by_key(|row| Reverse(row.points));
    }
    let quick = quick(&call, texts);
    html(&View {
        shell,
        texts,
        watched: Watched::new(What::Worklist, answer.first(1)),
        is_filtered: filters(&call).next().is_some(),
        is_open: !quick.iter().any(|quick| quick.is_here),
        quick,
        choices: choices(&call, texts, language),
        rows,
        next: listed
            .next
            .as_deref()
            .map(|cursor| address(&call, Some(cursor))),
        first: call.query("cursor").map(|_| address(&call, None)),
        service: call.query("service").unwrap_or_default().to_owned(),
    })
}

/// The filters that somebody chose: a form sends the others as empty.
fn filters<P>(call: &Call<P>) -> impl Iterator<Item = &(String, String)> {
    let pairs = call.query_pairs().iter();
    pairs.filter(|(name, value)| name != "cursor" && !value.is_empty())
}

/// The worklist with the filters as they are, from a cursor on.
fn address<P>(call: &Call<P>, cursor: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(filters(call));
    if let Some(cursor) = cursor {
        query.append_pair("cursor", cursor);
    }
    format!("/worklist/?{}", query.finish())
}

fn quick<P>(call: &Call<P>, texts: &'static Texts) -> Vec<Quick> {
    let filters: Vec<_> = filters(call).collect();
    [
        (texts.all, None),
        (texts.mine, Some(("turn", "mine"))),
        (texts.sent, Some(("direction", "sent"))),
        (texts.received, Some(("direction", "received"))),
        (texts.overdue, Some(("attention", "overdue"))),
        (texts.unread, Some(("attention", "unacknowledged"))),
    ]
    .into_iter()
    .map(|(text, filter)| Quick {
        text,
        address: match filter {
            Some((name, value)) => format!("/worklist/?{name}={value}"),
            None => "/worklist/".to_owned(),
        },
        is_here: match (filter, filters.as_slice()) {
            (None, []) => true,
            (Some((name, value)), [given]) => given.0 == name && given.1 == value,
            _ => false,
        },
    })
    .collect()
}

fn choices<P>(call: &Call<P>, texts: &'static Texts, language: Language) -> Vec<Choice> {
    let choice =
        |name: &'static str, text: &'static str, any: &'static str, table: &'static [Label]| {
            let given = call.query(name).unwrap_or_default();
            let codes = labels::options(table, language);
            let codes = codes.filter(|(code, _)| *code != "entered-in-error");
            Choice {
                name,
                text,
                options: std::iter::once(("", any))
                    .chain(codes)
                    .map(|(code, text)| Offered {
                        code,
                        text,
                        is_chosen: code == given,
                    })
                    .collect(),
            }
        };
    vec![
        choice("direction", texts.direction, texts.both, DIRECTION),
        choice("turn", texts.turn, texts.anyone, TURN),
        choice("status", texts.status, texts.any, labels::STATUS),
        choice("urgency", texts.urgency, texts.any, labels::URGENCY),
        choice(
            "attention",
            texts.attention,
            texts.anything,
            labels::ATTENTION,
        ),
        choice("sort", texts.sort, texts.pressing, SORT),
    ]
}

static DIRECTION: &[Label] = &[
    label("sent", "Sent", "Enviadas"),
    label("received", "Received", "Recibidas"),
];

static TURN: &[Label] = &[label("mine", "Our turn", "Nos toca")];

static SORT: &[Label] = &[
    label("newest", "Newest first", "Más recientes primero"),
    label("oldest", "Oldest first", "Más antiguas primero"),
];

struct Texts {
    title: &'static str,
    quick: &'static str,
    all: &'static str,
    mine: &'static str,
    sent: &'static str,
    received: &'static str,
    overdue: &'static str,
    unread: &'static str,
    filters: &'static str,
    apply: &'static str,
    direction: &'static str,
    both: &'static str,
    turn: &'static str,
    anyone: &'static str,
    status: &'static str,
    urgency: &'static str,
    service: &'static str,
    attention: &'static str,
    anything: &'static str,
    any: &'static str,
    sort: &'static str,
    pressing: &'static str,
    search: &'static str,
    search_label: &'static str,
    born: &'static str,
    then: &'static str,
    why: &'static str,
    points: &'static str,
    nothing: &'static str,
    nothing_filtered: &'static str,
    next: &'static str,
    first: &'static str,
    pages: &'static str,
    keys: &'static str,
    keys_on: &'static str,
    keys_move: &'static str,
    keys_open: &'static str,
    keys_search: &'static str,
    keys_help: &'static str,
    close: &'static str,
}

static TEXTS: InEach<Texts> = InEach {
    en: Texts {
        title: "Worklist",
        quick: "Show",
        all: "All",
        mine: "Our turn",
        sent: "Sent",
        received: "Received",
        overdue: "Overdue",
        unread: "To be read",
        filters: "More filters",
        apply: "Apply",
        direction: "Direction",
        both: "Sent and received",
        turn: "Turn",
        anyone: "Anyone's",
        status: "Status",
        urgency: "Urgency",
        service: "Service, by its id",
        attention: "To look at",
        anything: "Whatever it is",
        any: "Any",
        sort: "Order",
        pressing: "Most pressing first",
        search: "Search",
        search_label: "Patient's name, number, or words of the question",
        born: "born",
        then: "then",
        why: "Why it presses",
        points: "points",
        nothing: "No referrals yet.",
        nothing_filtered: "No referral fits these filters.",
        next: "Next page",
        first: "First page",
        pages: "Pages",
        keys: "Keyboard",
        keys_on: "Use single keys on this device",
        keys_move: "next and previous referral",
        keys_open: "open the referral",
        keys_search: "search",
        keys_help: "this help",
        close: "Close",
    },
    es: Texts {
        title: "Lista de trabajo",
        quick: "Mostrar",
        all: "Todas",
        mine: "Nos toca",
        sent: "Enviadas",
        received: "Recibidas",
        overdue: "Fuera de plazo",
        unread: "Por leer",
        filters: "Más filtros",
        apply: "Aplicar",
        direction: "Sentido",
        both: "Enviadas y recibidas",
        turn: "Turno",
        anyone: "De cualquiera",
        status: "Estado",
        urgency: "Urgencia",
        service: "Servicio, por su identificador",
        attention: "Por revisar",
        anything: "Sea lo que sea",
        any: "Cualquiera",
        sort: "Orden",
        pressing: "Lo más apremiante primero",
        search: "Buscar",
        search_label: "Nombre o número del paciente, o palabras de la pregunta",
        born: "nac.",
        then: "después",
        why: "Por qué apremia",
        points: "puntos",
        nothing: "Aún no hay derivaciones.",
        nothing_filtered: "Ninguna derivación cumple estos filtros.",
        next: "Página siguiente",
        first: "Primera página",
        pages: "Páginas",
        keys: "Teclado",
        keys_on: "Usar teclas sueltas en este dispositivo",
        keys_move: "derivación siguiente y anterior",
        keys_open: "abrir la derivación",
        keys_search: "buscar",
        keys_help: "esta ayuda",
        close: "Cerrar",
    },
};
