//! `/worklist/pages/referrals/{id}/letter`: the letter to an office without software, to be printed by the referrer.
//!
//! Two sheets: the letter with the link, and a slip with the code that goes another way. Neither is known here: the page's script
//! makes the letter (`POST /worklist/referrals/{id}/letters`), puts link and code in their places, and they go with the page.

use askama::Template;
use ports::{Platform, Statement};

use super::super::answer::html;
use super::super::assets;
use super::super::labels::{self, Label, label};
use super::super::language::{InEach, Language};
use super::super::shell::{Place, Shell};
use super::content::Content;
use super::parties::Parties;
use super::wording::{self, Worded, worded};
use crate::auth::{Credentials, Scope};
use crate::call::Call;
use crate::http::{Access, Problem, Reply, Route};
use crate::letters::{Filled, Wording};
use crate::referrals::{Key, Record, Selector};
use crate::worklist::letters::{LETTERS, Letter, State};
use crate::worklist::reads::{self, Action};

pub(super) static SHEET: Route = super::super::view(
    "/worklist/pages/referrals/{id}/letter",
    "page_letter",
    Access::Scope(Scope::ReferralsRead),
);

#[derive(Template)]
#[template(path = "letter_sheet.html")]
struct View {
    shell: Shell,
    texts: &'static Texts,
    referral: String,
    letter: Worded,
    code: Worded,
    made: Vec<Made>,
    /// Whether the key may make one.
    may_make: bool,
    /// Whether the office has software of its own, and needs none.
    is_connected: bool,
    has_live: bool,
    /// The network's time zone, by which the sheets say until when the link opens.
    zone: String,
}

/// A letter that was made, as it is listed.
struct Made {
    id: String,
    state: &'static str,
    is_live: bool,
    made_at: String,
    expires_at: String,
    opened_at: Option<String>,
}

/// Shows it. One round trip.
pub(super) async fn page<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let id = call.parameter("id").to_owned();
    let now = call.now_milliseconds();
    let selector = Selector {
        key: Key::Id(id.clone()),
        events_from_ms: None,
        with_request: true,
    };
    let [record, ..] = selector.statements();
    let answer = call
        .platform
        .batch(vec![
            credentials.statement(),
            record,
            Parties::statement(&id),
            wording::statement(&id),
            Statement::new(LETTERS, [id.as_str().into(), now.into()]),
            reads::of_referral(&call, &credentials, Action::Read),
        ])
        .await?;
    let caller = credentials.caller(answer.first(0), now)?;
    caller.check(call.route.access)?;
    let member = caller.member()?;
    let record = Record::sent_by(&member.organization, answer.first(1))?;
    let request = record.request.as_ref();
    let request = request.ok_or_else(|| Problem::internal("a referral has no request"))?;
    reads::stored(answer.rows(5))?;

    let language = Language::of(&call.headers);
    let texts = TEXTS.of(language);
    let parties = Parties::new(&record, answer.rows(2));
    let word = |wording: Wording| {
        let content = Content {
            record: &record,
            request,
            parties: &parties,
            language,
            words: "",
            now: call.now,
        };
        worded(
            wording,
            record.policy.language(),
            answer.rows(3),
            content,
            |name| later(name, texts),
        )
    };
    let made: Vec<_> = answer
        .rows(4)
        .iter()
        .map(|row| Made::new(&Letter::from_row(row, now), language))
        .collect();
    html(&View {
        letter: word(Wording::Letter),
        code: word(Wording::Code),
        has_live: made.iter().any(|made| made.is_live),
        made,
        zone: record.policy.zone().to_owned(),
        may_make: member.has(Scope::ReferralsWrite),
        is_connected: record.has_connected_recipient(),
        shell: Shell::new(&call, member, Place::Worklist, texts.title)
            .with(&[&assets::LETTER_CSS, &assets::LETTER_SHEET_JS]),
        referral: id,
        texts,
    })
}

/// What is known only when the letter is made.
fn later(name: &str, texts: &Texts) -> Option<Filled> {
    match name {
        "link" => Some(Filled::Later("link", texts.link_later)),
        "code" => Some(Filled::Later("code", texts.code_later)),
        "expires" => Some(Filled::Later("expires", texts.expires_later)),
        "number" => Some(Filled::Later("number", texts.number_later)),
        _ => None,
    }
}

impl Made {
    fn new(letter: &Letter, language: Language) -> Self {
        Self {
            id: letter.id.clone(),
            state: labels::text_of(STATE, letter.state.as_str(), language),
            is_live: letter.state == State::Live,
            made_at: letter.time("made_at").unwrap_or_default(),
            expires_at: letter.time("expires_at").unwrap_or_default(),
            opened_at: letter.time("last_opened_at"),
        }
    }
}

static STATE: &[Label] = &[
    label("live", "Opens", "Abre"),
    label("ended", "Ended with its leg", "Terminado con su tramo"),
    label("expired", "Expired", "Caducado"),
    label(
        "locked",
        "Locked by wrong codes",
        "Bloqueado por códigos erróneos",
    ),
    label("revoked", "Revoked", "Revocado"),
];

struct Texts {
    title: &'static str,
    about: &'static str,
    connected: &'static str,
    make: &'static str,
    make_anew: &'static str,
    anew_help: &'static str,
    print_letter: &'static str,
    print_code: &'static str,
    print_first: &'static str,
    code_help: &'static str,
    made: &'static str,
    none: &'static str,
    made_at: &'static str,
    until: &'static str,
    opened: &'static str,
    never: &'static str,
    state: &'static str,
    revoke: &'static str,
    note: &'static str,
    link_later: &'static str,
    code_later: &'static str,
    expires_later: &'static str,
    number_later: &'static str,
    letter: &'static str,
    code: &'static str,
    ready: &'static str,
    back: &'static str,
}

static TEXTS: InEach<Texts> = InEach {
    en: Texts {
        title: "Letter to the office",
        about: "For an office without software of its own. The letter has a link that opens this one referral; the code that the link asks for goes another way.",
        connected: "This office has software of its own: it needs no letter.",
        make: "Make link and code",
        make_anew: "Send anew: make another link and code",
        anew_help: "The link that is out stops working at once.",
        print_letter: "Print the letter",
        print_code: "Print the code",
        print_first: "The link and the code are shown this once. Print both before you leave the page.",
        code_help: "Send the code another way than the letter: by phone or fax, or in another envelope.",
        made: "Links made so far",
        none: "None yet.",
        made_at: "Made",
        until: "Opens until",
        opened: "Opened last",
        never: "never",
        state: "State",
        revoke: "Revoke",
        note: "Note to the patient",
        link_later: "(the link stands here once it is made)",
        code_later: "(the code)",
        expires_later: "(a date)",
        number_later: "(a number)",
        letter: "The letter",
        code: "The code",
        ready: "Link and code are made.",
        back: "Back to the referral",
    },
    es: Texts {
        title: "Carta a la consulta",
        about: "Para una consulta sin software propio. La carta lleva un enlace que abre esta única derivación; el código que pide el enlace va por otra vía.",
        connected: "Esta consulta tiene software propio: no necesita carta.",
        make: "Crear enlace y código",
        make_anew: "Enviar de nuevo: crear otro enlace y código",
        anew_help: "El enlace ya enviado deja de funcionar de inmediato.",
        print_letter: "Imprimir la carta",
        print_code: "Imprimir el código",
        print_first: "El enlace y el código se muestran solo esta vez. Imprima ambos antes de salir de la página.",
        code_help: "Envíe el código por otra vía que la carta: por teléfono, por fax o en otro sobre.",
        made: "Enlaces creados",
        none: "Ninguno aún.",
        made_at: "Creado",
        until: "Abre hasta",
        opened: "Abierto por última vez",
        never: "nunca",
        state: "Estado",
        revoke: "Revocar",
        note: "Nota para el paciente",
        link_later: "(aquí aparece el enlace cuando se crea)",
        code_later: "(el código)",
        expires_later: "(una fecha)",
        number_later: "(un número)",
        letter: "La carta",
        code: "El código",
        ready: "Enlace y código creados.",
        back: "Volver a la derivación",
    },
};
