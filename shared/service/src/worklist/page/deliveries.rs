//! What the organisation's own systems were to be told and were not: endpoints, what waits, and what was given up.
//!
//! What was delivered is not kept in the outbox, so that it is not here; a referral's timeline says what happened.

use askama::Template;
use ports::Platform;
use serde_json::Value;

use super::answer::html;
use super::assets;
use super::labels::{self, Label, label, text_of};
use super::language::{InEach, Language};
use super::shell::{Place, Shell};
use crate::auth::{Credentials, Scope};
use crate::call::Call;
use crate::directory::{ENDPOINTS_MAX, dead_letters, endpoints};
use crate::http::{Access, Fault, PAGE_SIZE_DEFAULT, Page, Problem, Reply, Route};

pub(super) static DELIVERIES: Route = super::view(
    "/worklist/pages/deliveries",
    "page_deliveries",
    Access::Scope(Scope::DirectoryWrite),
);

#[derive(Template)]
#[template(path = "deliveries.html")]
struct View {
    shell: Shell,
    texts: &'static Texts,
    organization: String,
    endpoints: Vec<Endpoint>,
    choices: Vec<Choice>,
    deliveries: Vec<Delivery>,
    next: Option<String>,
    first: Option<String>,
}

/// An address that is told.
struct Endpoint {
    id: String,
    url: String,
    format: String,
    state: &'static str,
    /// With a sign, since no meaning is in a colour alone.
    sign: &'static str,
    is_off: bool,
    is_well: bool,
    because: Option<String>,
    failing_since: Option<String>,
}

/// One of the states that can be shown alone.
struct Choice {
    text: &'static str,
    address: String,
    is_here: bool,
}

/// Something that was not delivered.
struct Delivery {
    id: String,
    what: String,
    referral: Option<String>,
    url: String,
    is_dead: bool,
    attempts: i64,
    error: Option<String>,
    created_at: String,
    /// When it was given up, or is tried next.
    at: String,
}

/// Shows a page. Two round trips: who asks, and what that organisation has.
pub(super) async fn page<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let answer = call.platform.batch(vec![credentials.statement()]).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let member = caller.member()?;

    let state = call.query("state").filter(|state| !state.is_empty());
    if state.is_some_and(|state| !dead_letters::STATES.contains(&state)) {
        let fault = Fault::query("state", "unknown-code", "must be one of: dead, waiting");
        return Err(Problem::Invalid(vec![fault]));
    }
    let page = Page::parse(None, call.query("cursor"))?;
    let of_endpoints = Page {
        limit: ENDPOINTS_MAX.max(PAGE_SIZE_DEFAULT),
        after: String::new(),
    };
    let organization = member.organization.as_str();
    let statements = vec![
        endpoints::list_statement(organization, &of_endpoints),
        dead_letters::list_statement(organization, state, None, &page)?,
    ];
    let answer = call.platform.batch(statements).await?;
    let told = endpoints::list_page(&of_endpoints, answer.rows(0))?;
    let outbox = dead_letters::list_page(&page, answer.rows(1))?;

    let language = Language::of(&call.headers);
    let texts = TEXTS.of(language);
    let shell = Shell::new(&call, member, Place::Deliveries, texts.title)
        .with(&[&assets::WORKLIST_CSS, &assets::DELIVERIES_JS]);
    let endpoints: Vec<_> = items(&told)
        .map(|endpoint| Endpoint::new(endpoint, language))
        .collect();
    let deliveries = items(&outbox)
        .map(|delivery| Delivery::new(delivery, &endpoints, language))
        .collect();
    let next = outbox.pointer("/next").and_then(Value::as_str);
    html(&View {
        shell,
        texts,
        organization: organization.to_owned(),
        deliveries,
        choices: [
            (texts.both, None),
            (texts.dead, Some("dead")),
            (texts.waiting, Some("waiting")),
        ]
        .into_iter()
        .map(|(text, code)| Choice {
            text,
            address: address(code, None),
            is_here: state == code,
        })
        .collect(),
        next: next.map(|cursor| address(state, Some(cursor))),
        first: call.query("cursor").map(|_| address(state, None)),
        endpoints,
    })
}

fn items(page: &Value) -> impl Iterator<Item = &Value> {
    let items = page.pointer("/items").and_then(Value::as_array);
    items.into_iter().flatten()
}

fn address(state: Option<&str>, cursor: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("state", state), ("cursor", cursor)] {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    match query.finish() {
        query if query.is_empty() => DELIVERIES.path.to_owned(),
        query => format!("{}?{query}", DELIVERIES.path),
    }
}

fn text(value: &Value, pointer: &str) -> Option<String> {
    let text = value.pointer(pointer).and_then(Value::as_str);
    text.map(str::to_owned)
}

impl Endpoint {
    /// From what the interface answers.
    fn new(endpoint: &Value, language: Language) -> Self {
        let texts = TEXTS.of(language);
        let is = |pointer: &str| endpoint.pointer(pointer).and_then(Value::as_bool) == Some(true);
        let failing_since = text(endpoint, "/failing_since");
        let (is_off, is_well) = (!is("/active"), is("/proven") && failing_since.is_none());
        let (sign, state) = match (is_off, is("/proven"), failing_since.is_some()) {
            (true, ..) => ("✕", texts.off),
            (_, _, true) => ("!", texts.failing),
            (_, true, _) => ("✓", texts.well),
            (_, false, _) => ("○", texts.unproven),
        };
        let format = text(endpoint, "/format").unwrap_or_default();
        let because = text(endpoint, "/disabled_because");
        Self {
            id: text(endpoint, "/id").unwrap_or_default(),
            url: text(endpoint, "/url").unwrap_or_default(),
            format: text_of(FORMAT, &format, language).to_owned(),
            state,
            sign,
            is_off,
            is_well: is_well && !is_off,
            because: because.map(|code| text_of(BECAUSE, &code, language).to_owned()),
            failing_since,
        }
    }
}

impl Delivery {
    /// From what the interface answers.
    fn new(delivery: &Value, endpoints: &[Endpoint], language: Language) -> Self {
        let of = |pointer: &str| text(delivery, pointer).unwrap_or_default();
        let (code, endpoint) = (of("/type"), of("/endpoint"));
        let what = match text_of(NOTICE, &code, language) {
            same if same == code => text_of(labels::EVENT, &code, language),
            notice => notice,
        };
        let known = endpoints.iter().find(|known| known.id == endpoint);
        let is_dead = of("/state") == "dead";
        Self {
            id: of("/id"),
            what: what.to_owned(),
            referral: text(delivery, "/referral"),
            url: known.map_or_else(|| endpoint.clone(), |known| known.url.clone()),
            is_dead,
            attempts: delivery
                .pointer("/attempts")
                .and_then(Value::as_i64)
                .unwrap_or_default(),
            error: text(delivery, "/last_error").map(|code| error(&code, language)),
            created_at: of("/created_at"),
            at: of(if is_dead { "/dead_at" } else { "/due_at" }),
        }
    }
}

/// What a try came to, as people read it.
fn error(code: &str, language: Language) -> String {
    match code.strip_prefix("http-") {
        Some(status) => TEXTS.of(language).answered.replace("{}", status),
        None => text_of(ERROR, code, language).to_owned(),
    }
}

static FORMAT: &[Label] = &[
    label("json", "JSON webhooks", "Avisos JSON"),
    label("fhir", "FHIR notifications", "Notificaciones FHIR"),
    label("hl7", "HL7 messages", "Mensajes HL7"),
];

static BECAUSE: &[Label] = &[
    label("gone", "it said that it is gone", "dijo que ya no existe"),
    label(
        "failing",
        "it failed for three days",
        "falló durante tres días",
    ),
    label(
        "unproven",
        "it never answered its challenge",
        "nunca respondió a la prueba",
    ),
    label(
        "ended",
        "its subscription has ended",
        "su suscripción terminó",
    ),
];

static NOTICE: &[Label] = &[
    label(
        "endpoint.challenge",
        "Challenge of the address",
        "Prueba de la dirección",
    ),
    label(
        "endpoint.disabled",
        "Notice that an address was switched off",
        "Aviso de que una dirección se desactivó",
    ),
];

static ERROR: &[Label] = &[
    label("timed-out", "No answer in time", "No respondió a tiempo"),
    label("unreachable", "Cannot be reached", "Inaccesible"),
    label(
        "private-address",
        "The address is a private one",
        "La dirección es privada",
    ),
    label(
        "no-secret",
        "There is no secret to sign with",
        "No hay secreto con que firmar",
    ),
    label(
        "endpoint-off",
        "The address is switched off",
        "La dirección está desactivada",
    ),
];

struct Texts {
    title: &'static str,
    about: &'static str,
    addresses: &'static str,
    no_addresses: &'static str,
    well: &'static str,
    unproven: &'static str,
    failing: &'static str,
    off: &'static str,
    since: &'static str,
    switch_on: &'static str,
    switched_on: &'static str,
    all_again: &'static str,
    outbox: &'static str,
    show: &'static str,
    both: &'static str,
    dead: &'static str,
    waiting: &'static str,
    nothing: &'static str,
    is_dead: &'static str,
    is_waiting: &'static str,
    tried: &'static str,
    times: &'static str,
    queued: &'static str,
    referral: &'static str,
    answered: &'static str,
    again: &'static str,
    sent_again: &'static str,
    next: &'static str,
    first: &'static str,
    pages: &'static str,
}

static TEXTS: InEach<Texts> = InEach {
    en: Texts {
        title: "Deliveries",
        about: "What your own systems are told of each change, and what did not reach them.",
        addresses: "Addresses",
        no_addresses: "No system of yours is told anything: no address is set up.",
        well: "Works",
        unproven: "Has not answered its challenge yet",
        failing: "Failing",
        off: "Switched off",
        since: "since",
        switch_on: "Switch on again",
        switched_on: "The address is challenged now.",
        all_again: "Send again what was given up",
        outbox: "Not delivered",
        show: "Show",
        both: "All",
        dead: "Given up",
        waiting: "Waiting",
        nothing: "Nothing: all that was sent arrived.",
        is_dead: "Given up",
        is_waiting: "Next try",
        tried: "tried",
        times: "times",
        queued: "of",
        referral: "Referral",
        answered: "Answered with status {}",
        again: "Send again",
        sent_again: "It is sent again.",
        next: "Next page",
        first: "First page",
        pages: "Pages",
    },
    es: Texts {
        title: "Envíos",
        about: "Lo que se comunica a sus propios sistemas con cada cambio, y lo que no les llegó.",
        addresses: "Direcciones",
        no_addresses: "No se comunica nada a ningún sistema suyo: no hay ninguna dirección configurada.",
        well: "Funciona",
        unproven: "Aún no ha respondido a la prueba",
        failing: "Falla",
        off: "Desactivada",
        since: "desde",
        switch_on: "Volver a activar",
        switched_on: "La dirección se está probando.",
        all_again: "Reenviar lo que se dio por perdido",
        outbox: "Sin entregar",
        show: "Mostrar",
        both: "Todo",
        dead: "Dado por perdido",
        waiting: "En espera",
        nothing: "Nada: todo lo enviado llegó.",
        is_dead: "Dado por perdido",
        is_waiting: "Próximo intento",
        tried: "intentado",
        times: "veces",
        queued: "del",
        referral: "Derivación",
        answered: "Respondió con el estado {}",
        again: "Reenviar",
        sent_again: "Se está reenviando.",
        next: "Página siguiente",
        first: "Primera página",
        pages: "Páginas",
    },
};
