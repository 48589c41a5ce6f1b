//! What came in and fits no referral for certain: a person says where each belongs, or that it belongs nowhere.

use askama::Template;
use domain::time::Timestamp;
use ports::Platform;
use serde_json::Value;

use super::answer::html;
use super::assets;
use super::labels::{self, Label, label, text_of};
use super::language::{InEach, Language};
use super::live::{Watched, What};
use super::shell::{Place, Shell};
use crate::auth::{Credentials, Scope};
use crate::call::Call;
use crate::http::{Access, Page, Problem, Reply, Route};
use crate::worklist::unmatched;

/// How many messages a page has: each is read whole.
const PAGE_SIZE: &str = "10";

/// The most characters that are shown of a message as it came; the interface gives the whole.
const CONTENT_CHARS_MAX: usize = 20_000;

pub(super) static UNMATCHED: Route = super::view(
    "/worklist/pages/unmatched",
    "page_unmatched",
    Access::Scope(Scope::ReferralsRead),
);

#[derive(Template)]
#[template(path = "unmatched.html")]
struct View {
    shell: Shell,
    texts: &'static Texts,
    watched: Watched,
    messages: Vec<Message>,
    /// Whether the key may say where a message belongs.
    may_decide: bool,
    next: Option<String>,
    is_first: bool,
}

/// A message that waits.
struct Message {
    id: String,
    /// What it says.
    event: String,
    /// In which form it came.
    format: String,
    why: String,
    since: String,
    due_at: String,
    is_overdue: bool,
    facts: Vec<Fact>,
    /// It, as it came; `None` where it is no text.
    content: Option<String>,
    is_cut: bool,
}

/// A member of what a message says.
struct Fact {
    name: &'static str,
    value: String,
    /// Whether it is an instant, which is shown in the reader's zone.
    is_time: bool,
}

/// Shows a page. Two round trips: what is shown, and the record of it.
pub(super) async fn page<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let watch = What::Unmatched.statement(&Credentials::of_member(&call)?);
    let page = Page::parse(Some(PAGE_SIZE), call.query("cursor"));
    let listed = unmatched::listed(&call, page, Some(watch)).await?;
    let language = Language::of(&call.headers);
    let texts = TEXTS.of(language);
    let shell = Shell::new(&call, &listed.member, Place::Unmatched, texts.title).with(&[
        &assets::WORKLIST_CSS,
        &assets::UNMATCHED_CSS,
        &assets::LIVE_JS,
        &assets::UNMATCHED_JS,
    ]);
    let items = listed.body.pointer("/items").and_then(Value::as_array);
    let messages = items.into_iter().flatten();
    let next = listed.body.pointer("/next").and_then(Value::as_str);
    html(&View {
        shell,
        texts,
        watched: Watched::new(What::Unmatched, listed.beside.as_ref()),
        messages: messages
            .map(|message| Message::new(message, language))
            .collect(),
        may_decide: listed.member.has(Scope::EventsWrite),
        // A cursor is a time and an id of ours.
        next: next.map(|cursor| format!("{}?cursor={cursor}", UNMATCHED.path)),
        is_first: call.query("cursor").is_none(),
    })
}

impl Message {
    /// From what the interface answers.
    fn new(message: &Value, language: Language) -> Self {
        let text = |pointer: &str| message.pointer(pointer).and_then(Value::as_str);
        let of = |pointer: &str| text(pointer).unwrap_or_default();
        let content = text("/content");
        let shown = content.map(|content| {
            let shown: String = content.chars().take(CONTENT_CHARS_MAX).collect();
            // HL7 v2 ends its segments by a carriage return alone.
            shown.replace("\r\n", "\n").replace('\r', "\n")
        });
        Self {
            id: of("/id").to_owned(),
            event: text_of(labels::EVENT, of("/event/type"), language).to_owned(),
            format: text_of(FORMAT, of("/format"), language).to_owned(),
            why: text_of(labels::UNMATCHED, of("/why"), language).to_owned(),
            since: of("/since").to_owned(),
            due_at: of("/due_at").to_owned(),
            is_overdue: message.pointer("/overdue").and_then(Value::as_bool) == Some(true),
            facts: FACTS
                .iter()
                .filter_map(|fact| {
                    let value = text(&format!("/event/data{}", fact.pointer))?;
                    let name = fact.name.of(language);
                    Some(Fact {
                        name,
                        value: value.to_owned(),
                        is_time: value.parse::<Timestamp>().is_ok(),
                    })
                })
                .collect(),
            is_cut: content.is_some_and(|content| content.chars().count() > CONTENT_CHARS_MAX),
            content: shown,
        }
    }
}

/// What is shown of what a message says: what tells a person which referral it is about.
struct Told {
    pointer: &'static str,
    name: InEach<&'static str>,
}

const fn told(pointer: &'static str, en: &'static str, es: &'static str) -> Told {
    Told {
        pointer,
        name: InEach { en, es },
    }
}

static FACTS: &[Told] = &[
    told(
        "/referral/value",
        "Names the referral",
        "Nombra la derivación",
    ),
    told("/placer/value", "Sender's number", "Número del remitente"),
    told(
        "/filler/value",
        "Recipient's number",
        "Número del destinatario",
    ),
    told("/start", "Visit", "Cita"),
    told("/visit_on", "Seen on", "Atendido el"),
    told("/occurred_at", "Happened", "Ocurrió"),
    told("/reason", "Reason", "Motivo"),
    told("/question", "Question", "Pregunta"),
    told("/summary", "Report", "Informe"),
    told("/note", "Note", "Nota"),
];

static FORMAT: &[Label] = &[
    label("hl7", "HL7 message", "Mensaje HL7"),
    label("fhir", "FHIR message", "Mensaje FHIR"),
];

struct Texts {
    title: &'static str,
    about: &'static str,
    nothing: &'static str,
    came: &'static str,
    due: &'static str,
    overdue: &'static str,
    content: &'static str,
    no_text: &'static str,
    cut: &'static str,
    find: &'static str,
    search: &'static str,
    which: &'static str,
    none_found: &'static str,
    belongs: &'static str,
    matched: &'static str,
    nowhere: &'static str,
    set_aside: &'static str,
    is_set_aside: &'static str,
    decided: &'static str,
    refused: &'static str,
    next: &'static str,
    first: &'static str,
    pages: &'static str,
}

static TEXTS: InEach<Texts> = InEach {
    en: Texts {
        title: "Unmatched",
        about: "These messages came in and fit no referral for certain. Say where each belongs: what it says is then done to that referral.",
        nothing: "Nothing waits: every message found its referral.",
        came: "came",
        due: "to be placed by",
        overdue: "Overdue",
        content: "The message as it came",
        no_text: "It is no text. The interface for programs gives it as it came.",
        cut: "Only its beginning is shown.",
        find: "Which referral? Patient's name, number, or words of the question",
        search: "Search",
        which: "It belongs to",
        none_found: "No referral has these words as they are written here.",
        belongs: "It belongs there",
        matched: "The message was placed.",
        nowhere: "Or it belongs to none, because",
        set_aside: "Set aside",
        is_set_aside: "The message was set aside.",
        decided: "Somebody else was first: it is decided already.",
        refused: "This referral cannot take what the message says.",
        next: "Next page",
        first: "First page",
        pages: "Pages",
    },
    es: Texts {
        title: "Sin asignar",
        about: "Estos mensajes llegaron y no encajan con certeza en ninguna derivación. Indique a cuál pertenece cada uno: lo que dice se aplica entonces a esa derivación.",
        nothing: "No hay nada pendiente: cada mensaje encontró su derivación.",
        came: "llegó",
        due: "por asignar antes del",
        overdue: "Fuera de plazo",
        content: "El mensaje tal como llegó",
        no_text: "No es texto. La interfaz para programas lo entrega tal como llegó.",
        cut: "Solo se muestra el comienzo.",
        find: "¿Qué derivación? Nombre o número del paciente, o palabras de la pregunta",
        search: "Buscar",
        which: "Pertenece a",
        none_found: "Ninguna derivación contiene estas palabras tal como están escritas.",
        belongs: "Pertenece a esta",
        matched: "El mensaje quedó asignado.",
        nowhere: "O no pertenece a ninguna, porque",
        set_aside: "Descartar",
        is_set_aside: "El mensaje quedó descartado.",
        decided: "Otra persona fue más rápida: ya está decidido.",
        refused: "Esta derivación no admite lo que dice el mensaje.",
        next: "Página siguiente",
        first: "Primera página",
        pages: "Páginas",
    },
};
