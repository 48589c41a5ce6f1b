//! `/worklist/pages/letter`: where a letter's link leads. It asks for the code; what is in the link's fragment never comes here.
//!
//! The page is the same whatever the fragment holds. Its script posts token and code to `/worklist/letters/open`.

use askama::Template;
use http::{HeaderMap, StatusCode};
use ports::Platform;

use super::super::answer::html_with;
use super::super::assets;
use super::super::language::{InEach, Language};
use super::super::shell::Shell;
use crate::call::Call;
use crate::http::{Access, Problem, Reply, Route};
use crate::worklist::page::LETTER_PATH;

pub(super) static OPENING: Route =
    super::super::view(LETTER_PATH, "page_letter_opening", Access::Public);

#[derive(Template)]
#[template(path = "letter_opening.html")]
struct View<'a> {
    shell: Shell,
    texts: &'static Texts,
    /// Why it is asked for again.
    word: Option<&'static str>,
    /// Whom to call where it opens no more: name and contact.
    ended: Option<(&'a str, &'a str)>,
}

/// Asks for the code.
pub(super) async fn page<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    opening(StatusCode::OK, &call.headers, false, None)
}

/// Says that what was open has closed.
pub(super) fn closed(headers: &HeaderMap) -> Result<Reply, Problem> {
    opening(StatusCode::UNAUTHORIZED, headers, true, None)
}

/// Says that the letter opens no more, and whom to call.
pub(super) fn ended(
    headers: &HeaderMap,
    name: &str,
    contact: Option<&str>,
) -> Result<Reply, Problem> {
    let ended = (name, contact.unwrap_or_default());
    opening(StatusCode::GONE, headers, false, Some(ended))
}

fn opening(
    status: StatusCode,
    headers: &HeaderMap,
    has_closed: bool,
    ended: Option<(&str, &str)>,
) -> Result<Reply, Problem> {
    let texts = TEXTS.of(Language::of(headers));
    let shell = Shell::outside(headers, LETTER_PATH, texts.title)
        .with(&[&assets::LETTER_CSS, &assets::LETTER_OPENING_JS]);
    let word = has_closed.then_some(texts.closed);
    html_with(
        status,
        &View {
            shell,
            texts,
            word,
            ended,
        },
    )
}

struct Texts {
    title: &'static str,
    about: &'static str,
    code: &'static str,
    code_help: &'static str,
    open: &'static str,
    wrong: &'static str,
    no_token: &'static str,
    closed: &'static str,
    ended: &'static str,
    call: &'static str,
    needs_script: &'static str,
}

static TEXTS: InEach<Texts> = InEach {
    en: Texts {
        title: "Open your letter",
        about: "You have a letter about a referral. Type the code that came to you separately.",
        code: "Code",
        code_help: "Eight letters and digits, such as ACDE-3467. After five wrong codes the link is locked.",
        open: "Open",
        wrong: "This link and this code do not belong together. Check the code, and that the link is whole.",
        no_token: "Part of the link is missing. Open it as it stands in the letter, with everything after the # sign.",
        closed: "What you had open has closed. Open the link in your letter again.",
        ended: "This link opens no more. It may have expired, been replaced by a newer letter, or been locked.",
        call: "Please call:",
        needs_script: "Opening a letter needs JavaScript. You can also call whoever sent the letter.",
    },
    es: Texts {
        title: "Abrir su carta",
        about: "Tiene una carta sobre una derivación. Escriba el código que recibió por separado.",
        code: "Código",
        code_help: "Ocho letras y cifras, por ejemplo ACDE-3467. Tras cinco códigos erróneos el enlace se bloquea.",
        open: "Abrir",
        wrong: "Este enlace y este código no corresponden. Compruebe el código y que el enlace esté entero.",
        no_token: "Falta una parte del enlace. Ábralo tal como está en la carta, con todo lo que sigue al signo #.",
        closed: "Lo que tenía abierto se ha cerrado. Abra de nuevo el enlace de su carta.",
        ended: "Este enlace ya no abre. Puede haber caducado, haber sido sustituido por una carta más nueva o estar bloqueado.",
        call: "Llame a:",
        needs_script: "Para abrir una carta se necesita JavaScript. También puede llamar a quien envió la carta.",
    },
};
