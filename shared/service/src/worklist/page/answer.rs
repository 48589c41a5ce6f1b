//! A view on its way out: its headers, and what stands in its place when it did not work.

use std::future::Future;

use askama::Template;
use http::header::{CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY};
use http::{HeaderMap, StatusCode};
use ports::Platform;

use super::home;
use super::language::{InEach, Language};
use super::shell::Shell;
use crate::call::Call;
use crate::http::{Problem, ProblemKind, Reply, report};

/// What a page may do: our own files, our own routes, and nothing that stands in the page itself. Nobody may frame it. What
/// somebody managed to write into it could load nothing and send nothing.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A view as an answer.
///
/// # Errors
/// [`Problem::Internal`] when the template cannot be filled.
pub(in crate::worklist) fn html<T: Template>(view: &T) -> Result<Reply, Problem> {
    html_with(StatusCode::OK, view)
}

/// The same with another status.
///
/// # Errors
/// As [`html`].
pub(super) fn html_with<T: Template>(status: StatusCode, view: &T) -> Result<Reply, Problem> {
    let text = view
        .render()
        .map_err(|_| Problem::internal("a template failed"))?;
    Ok(Reply::bytes(status, "text/html; charset=utf-8", text)
        .header(CONTENT_SECURITY_POLICY, POLICY)
        .header(REFERRER_POLICY, "no-referrer")
        .header(
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ))
}

/// What a view answers; where it did not work a page that says so, with the status of the problem. Who is not signed in is asked
/// to do so, and comes back to where it was.
///
/// # Errors
/// [`Problem::Internal`] when that page cannot be made either.
pub(in crate::worklist) async fn shown<P, F, R>(call: Call<P>, view: F) -> Result<Reply, Problem>
where
    P: Platform,
    F: FnOnce(Call<P>) -> R,
    R: Future<Output = Result<Reply, Problem>>,
{
    let headers = call.headers.clone();
    let (platform, place, path) = (call.platform.clone(), call.route.id, call.path.clone());
    match view(call).await {
        Err(Problem::Unauthorized { .. }) => {
            home::sign_in(StatusCode::UNAUTHORIZED, &headers, &path)
        }
        Err(problem) => {
            report(&platform, place, &problem);
            said(&headers, &path, &problem)
        }
        answered => answered,
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct Said<'a> {
    shell: Shell,
    text: &'a str,
    code: &'static str,
    back: &'a str,
}

/// The page that says what did not work.
///
/// # Errors
/// As [`html`].
pub(super) fn said(headers: &HeaderMap, path: &str, problem: &Problem) -> Result<Reply, Problem> {
    let texts = TEXTS.of(Language::of(headers));
    let kind = problem.kind();
    let status = StatusCode::from_u16(kind.row().status).map_err(Problem::internal)?;
    let text = match kind {
        ProblemKind::NotFound => texts.not_found,
        ProblemKind::ForbiddenScope => texts.forbidden,
        ProblemKind::CrossSite => texts.cross_site,
        ProblemKind::Invalid => texts.invalid,
        ProblemKind::DatabaseUnavailable => texts.busy,
        _ => texts.failed,
    };
    let view = Said {
        shell: Shell::outside(headers, path, texts.title),
        text,
        code: kind.code(),
        back: texts.back,
    };
    html_with(status, &view)
}

struct Texts {
    title: &'static str,
    not_found: &'static str,
    forbidden: &'static str,
    cross_site: &'static str,
    invalid: &'static str,
    busy: &'static str,
    failed: &'static str,
    back: &'static str,
}

static TEXTS: InEach<Texts> = InEach {
    en: Texts {
        title: "This did not work",
        not_found: "There is no such page, or it is not your organization's to see.",
        forbidden: "Your key does not cover this. Ask whoever gave it to you.",
        cross_site: "This came from another site. Open the page here and try again.",
        invalid: "The address or the form holds something that cannot be read.",
        busy: "The database is busy. Try again in a moment.",
        failed: "Something went wrong on our side. Try again, and tell your operator if it stays so.",
        back: "Back to the worklist",
    },
    es: Texts {
        title: "No ha funcionado",
        not_found: "Esta página no existe, o su organización no puede verla.",
        forbidden: "Su clave no permite esto. Consulte a quien se la dio.",
        cross_site: "Esto vino de otro sitio. Abra la página aquí e inténtelo de nuevo.",
        invalid: "La dirección o el formulario contiene algo que no se puede leer.",
        busy: "La base de datos está ocupada. Inténtelo de nuevo en un momento.",
        failed: "Algo ha fallado por nuestra parte. Inténtelo de nuevo; si continúa, avise a su operador.",
        back: "Volver a la lista de trabajo",
    },
};
