//! `/worklist/`: the worklist to who is signed in, the way in to everybody else.

use askama::Template;
use http::{HeaderMap, StatusCode};
use ports::Platform;

use super::answer::{html_with, shown};
use super::assets;
use super::language::{InEach, Language};
use super::shell::Shell;
use crate::call::Call;
use crate::http::{Access, Method, Problem, Reply, Route, SESSION_COOKIE, Success, header};

pub(super) static HOME: Route = Route {
    method: Method::Get,
    path: "/worklist/",
    id: "worklist_home",
    summary: "The page for people: the worklist, or the way in.",
    access: Access::Public,
    query: &[],
    request: None,
    body_bytes_max: 0,
    success: super::PAGE,
    problems: &[],
};

/// The two short ways to it.
const fn leading(path: &'static str, id: &'static str) -> Route {
    Route {
        method: Method::Get,
        path,
        id,
        summary: "Lead to the worklist.",
        access: Access::Public,
        query: &[],
        request: None,
        body_bytes_max: 0,
        success: &[Success {
            status: 307,
            doc: "Location is /worklist/.",
            body: None,
        }],
        problems: &[],
    }
}

pub(super) static ROOT: Route = leading("/", "root");
pub(super) static BARE: Route = leading("/worklist", "worklist_root");

/// Leads to it.
pub(super) async fn lead() -> Result<Reply, Problem> {
    Ok(Reply::empty(StatusCode::TEMPORARY_REDIRECT).location("/worklist/"))
}

/// The page.
pub(super) async fn page<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    // Whoever has no session asks for the page, and is not refused it.
    if header::session(&call.headers, SESSION_COOKIE).is_none() {
        return sign_in(StatusCode::OK, &call.headers, &call.path);
    }
    shown(call, super::worklist::page).await
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    shell: Shell,
    texts: &'static Texts,
}

/// The way in. Who has signed in comes back to the address that was asked for.
pub(super) fn sign_in(
    status: StatusCode,
    headers: &HeaderMap,
    back: &str,
) -> Result<Reply, Problem> {
    let texts = TEXTS.of(Language::of(headers));
    let shell = Shell::outside(headers, back, texts.title).with(&[&assets::SIGN_IN_JS]);
    html_with(status, &SignIn { shell, texts })
}

struct Texts {
    title: &'static str,
    about: &'static str,
    key: &'static str,
    key_help: &'static str,
    submit: &'static str,
    wrong_key: &'static str,
    confined: &'static str,
    needs_script: &'static str,
    api: &'static str,
}

static TEXTS: InEach<Texts> = InEach {
    en: Texts {
        title: "Sign in",
        about: "Follow each referral from the request until the report is read and the patient is told.",
        key: "Your key",
        key_help: "It begins with rl_. Whoever runs the directory for your organization gives it to you.",
        submit: "Sign in",
        wrong_key: "This key is unknown, expired or revoked, or it is no organization's.",
        confined: "This key opens one referral alone. Use the link in your letter.",
        needs_script: "Signing in needs JavaScript.",
        api: "The interface for programs is described here:",
    },
    es: Texts {
        title: "Iniciar sesión",
        about: "Siga cada derivación desde la solicitud hasta que el informe se haya leído y el paciente esté informado.",
        key: "Su clave",
        key_help: "Empieza por rl_. Se la da quien lleva el directorio de su organización.",
        submit: "Iniciar sesión",
        wrong_key: "Esta clave es desconocida, ha caducado o fue revocada, o no es de ninguna organización.",
        confined: "Esta clave abre una sola derivación. Use el enlace de su carta.",
        needs_script: "Para iniciar sesión se necesita JavaScript.",
        api: "La interfaz para programas se describe aquí:",
    },
};
