//! In which language the page speaks: as the person chose, else as the browser asks, else English.
//!
//! A new language is a variant here and a field of [`InEach`]; the compiler then names every text that it lacks.

use http::header::{ACCEPT_LANGUAGE, SET_COOKIE};
use http::{HeaderMap, StatusCode};
use ports::Platform;

use crate::call::Call;
use crate::http::{Access, Method, Parameter, Problem, Reply, Route, Shape, Success, header};

/// The cookie that keeps a person's choice. No script has to read it.
const COOKIE: &str = "rl-language";

/// How long the choice is kept: a year.
const KEPT_SECONDS: i64 = 365 * 24 * 60 * 60;

/// The most entries of `Accept-Language` that are looked at.
const ASKED_MAX: usize = 20;

/// A language of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::worklist) enum Language {
    /// English.
    English,
    /// Spanish.
    Spanish,
}

impl Language {
    /// Every language, as the switch lists them.
    pub(in crate::worklist) const ALL: [Self; 2] = [Self::English, Self::Spanish];

    /// Its tag (BCP 47).
    pub(in crate::worklist) const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
        }
    }

    /// Its name in itself, so that who speaks no other finds it.
    pub(in crate::worklist) const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Spanish => "Español",
        }
    }

    /// The language of a request.
    pub(in crate::worklist) fn of(headers: &HeaderMap) -> Self {
        header::cookie(headers, COOKIE)
            .and_then(Self::parse)
            .or_else(|| Self::asked(headers))
            .unwrap_or(Self::English)
    }

    fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.code() == code)
    }

    /// The one with the highest weight in `Accept-Language` (RFC 9110, 12.5.4); the first of equals.
    fn asked(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
        let mut best: Option<(f32, Self)> = None;
        for entry in text.split(',').take(ASKED_MAX) {
            let (range, parameters) = entry.split_once(';').unwrap_or((entry, ""));
            let primary = range.trim().split('-').next().unwrap_or_default();
            let weight = parameters
                .trim()
                .strip_prefix("q=")
                .and_then(|weight| weight.parse().ok())
                .unwrap_or(1.0);
            let known = Self::parse(&primary.to_ascii_lowercase()).filter(|_| weight > 0.0);
            if let Some(language) = known
                && best.is_none_or(|(most, _)| weight > most)
            {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language)
    }
}

/// The same in each language.
#[derive(Debug, Clone, Copy)]
pub(in crate::worklist) struct InEach<T> {
    /// In English.
    pub(in crate::worklist) en: T,
    /// In Spanish.
    pub(in crate::worklist) es: T,
}

impl<T> InEach<T> {
    /// What it is in a language.
    pub(in crate::worklist) const fn of(&self, language: Language) -> &T {
        match language {
            Language::English => &self.en,
            Language::Spanish => &self.es,
        }
    }
}

pub(super) static CHOOSE: Route = Route {
    method: Method::Get,
    path: "/worklist/pages/language/{language}",
    id: "choose_language",
    summary: "Keep the language that a person chose, and lead back.",
    access: Access::Public,
    query: &[Parameter {
        name: "to",
        shape: Shape::line(2_000),
        doc: "The page to lead back to.",
    }],
    request: None,
    body_bytes_max: 0,
    success: &[Success {
        status: 303,
        doc: "Location is the page that it was chosen on.",
        body: None,
    }],
    problems: &[],
};

/// Keeps a choice.
pub(super) async fn choose<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let language = Language::parse(call.parameter("language")).ok_or(Problem::NotFound)?;
    let code = language.code();
    let cookie = format!(
        "{COOKIE}={code}; Path=/worklist/; Max-Age={KEPT_SECONDS}; Secure; HttpOnly; SameSite=Lax"
    );
    let to = call.query("to").filter(|to| is_own(to));
    Ok(Reply::empty(StatusCode::SEE_OTHER)
        .location(to.unwrap_or("/worklist/"))
        .header(SET_COOKIE, &cookie))
}

/// Whether a path is one of our own pages: nobody is led elsewhere by a link of ours.
fn is_own(path: &str) -> bool {
    path.starts_with("/worklist/")
        && path
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[track_caller]
    fn check(cookie: &str, asked: &str, want: Language) {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", HeaderValue::from_str(cookie).unwrap());
        headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_str(asked).unwrap());
        assert_eq!(Language::of(&headers), want, "{cookie} {asked}");
    }

    #[test]
    fn a_choice_counts_before_what_the_browser_asks() {
        check("rl-language=es", "en", Language::Spanish);
        check("rl-language=xx", "es", Language::Spanish);
    }

    #[test]
    fn the_language_that_is_asked_for_most_is_spoken() {
        check("", "es-MX,es;q=0.9,en;q=0.8", Language::Spanish);
        check("", "fr, en;q=0.2, es;q=0.5", Language::Spanish);
        check("", "ES;q=0, en;q=0.1", Language::English);
        check("", "en, es", Language::English);
        check("", "fr", Language::English);
        check("", "*;q=x, ;;,", Language::English);
    }

    #[test]
    fn a_link_leads_to_our_own_pages_alone() {
        for own in [
            "/worklist/",
            "/worklist/?status=sent,seen",
            "/worklist/pages/x",
        ] {
            assert!(is_own(own), "{own}");
        }
        for other in [
            "//evil.example",
            "/",
            "https://evil.example",
            "/worklist",
            "/worklist/\\e",
            "/worklist/\n",
        ] {
            assert!(!is_own(other), "{other}");
        }
    }
}
