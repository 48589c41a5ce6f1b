//! Request headers that use cases decide by: `Authorization`, the session's cookie, `Idempotency-Key`, `If-Match`.

use http::header::{AUTHORIZATION, COOKIE, HOST, HeaderName, IF_MATCH, ORIGIN};
use http::{HeaderMap, Uri};

use super::problem::Problem;

/// The most characters of an idempotency key.
pub const IDEMPOTENCY_KEY_CHARS_MAX: usize = 255;

/// The most characters of a key in `Authorization`; ours have 46.
const BEARER_CHARS_MAX: usize = 512;

/// The cookie that carries a session. The prefix makes browsers insist on `Secure`, `Path=/` and no `Domain`, so that no other
/// host of the same domain can set it (RFC 6265bis, 4.1.3.2).
pub const SESSION_COOKIE: &str = "__Host-rl";

/// What the name of the cookie begins with that carries the session of a letter's link; the referral's id follows. A cookie of its own
/// for each, so that who opens a letter stays signed in, and two letters may be open side by side.
pub const LETTER_COOKIE: &str = "__Host-rl-letter-";

/// The header by which a call says that it is made in the session of a letter's link, and of which referral. No other site's page can
/// send it (Fetch, CORS-safelisted headers).
pub const LETTER_HEADER: &str = "rl-letter";

/// What a session's token begins with. An API key in a cookie is none.
pub const SESSION_PREFIX: &str = "rls_";

/// Which versions a caller accepts to change (RFC 9110, 13.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IfMatch {
    /// `*`: any.
    Any,
    /// One of these.
    Versions(Vec<i64>),
}

impl IfMatch {
    /// Whether the version that there is will do.
    #[must_use]
    pub fn accepts(&self, version: i64) -> bool {
        match self {
            Self::Any => true,
            Self::Versions(versions) => versions.contains(&version),
        }
    }
}

/// The key of `Authorization: Bearer <key>`; `None` without the header.
///
/// # Errors
/// [`Problem::Unauthorized`] for another scheme, or for what cannot be a key.
pub fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let refused = Problem::Unauthorized { given: true };
    let Some(value) = headers.get(AUTHORIZATION) else {
        return Ok(None);
    };
    let Ok(text) = value.to_str() else {
        return Err(refused);
    };
    match text.split_once(' ') {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => {
            let key = key.trim();
            if key.is_empty() || key.len() > BEARER_CHARS_MAX {
                Err(refused)
            } else {
                Ok(Some(key))
            }
        }
        _ => Err(refused),
    }
}

/// The value of a cookie; the first one where there are several.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(known, value)| (known == name).then_some(value))
}

/// The referral of whose letter a call says that its session is.
pub fn letter(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(HeaderName::from_static(LETTER_HEADER))
        .and_then(|value| value.to_str().ok())
}

/// The token of the session in the cookie of this name; `None` without the cookie, or where what it holds cannot be one.
pub fn session<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    cookie(headers, name)
        .filter(|token| token.starts_with(SESSION_PREFIX) && token.len() <= BEARER_CHARS_MAX)
}

/// Whether a browser says that the request came from a page of our own; `None` where it says nothing, as programs do.
///
/// Browsers send `Sec-Fetch-Site` with every request to a trustworthy origin, and no page can set it. `Origin` is for those that
/// do not know it yet.
pub fn is_same_origin(headers: &HeaderMap, own: Option<&str>) -> Option<bool> {
    if let Some(site) = headers.get(HeaderName::from_static("sec-fetch-site")) {
        return Some(site == "same-origin");
    }
    let origin = headers.get(ORIGIN)?;
    Some(own.is_some_and(|own| origin == own))
}

/// The idempotency key: a quoted string (RFC 8941, 3.3.3) or a bare one of visible characters.
///
/// # Errors
/// [`Problem::InvalidHeader`] when it is empty, too long or badly quoted.
pub fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let invalid = || Problem::InvalidHeader {
        name: "Idempotency-Key",
        rule: "must be a string of 1 to 255 visible characters, quoted or bare",
    };
    let Some(value) = headers.get(HeaderName::from_static("idempotency-key")) else {
        return Ok(None);
    };
    let text = value.to_str().map_err(|_| invalid())?.trim();
    let key = match text.strip_prefix('"') {
        Some(quoted) => unquote(quoted).ok_or_else(invalid)?,
        None => text.to_owned(),
    };
    if key.is_empty() || key.len() > IDEMPOTENCY_KEY_CHARS_MAX {
        return Err(invalid());
    }
    Ok(Some(key))
}

/// What stands before the closing quote, which must be the last character.
fn unquote(text: &str) -> Option<String> {
    let mut key = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return characters.as_str().is_empty().then_some(key),
            '\\' => key.push(
                characters
                    .next()
                    .filter(|next| matches!(next, '"' | '\\'))?,
            ),
            other => key.push(other),
        }
    }
    None
}

/// The versions of `If-Match`.
///
/// A weak tag is taken as a strong one: Cloudflare weakens the tag of an answer that it compresses, and callers send back
/// what they got. A tag that is no version of ours matches nothing.
///
/// # Errors
/// [`Problem::InvalidHeader`] when an entity tag is not quoted.
pub fn if_match(headers: &HeaderMap) -> Result<Option<IfMatch>, Problem> {
    let invalid = || Problem::InvalidHeader {
        name: "If-Match",
        rule: "must be *, or entity tags in quotes",
    };
    let Some(value) = headers.get(IF_MATCH) else {
        return Ok(None);
    };
    let text = value.to_str().map_err(|_| invalid())?.trim();
    if text == "*" {
        return Ok(Some(IfMatch::Any));
    }
    let mut versions = Vec::new();
    for tag in text.split(',') {
        let tag = tag.trim();
        let version = tag
            .strip_prefix("W/")
            .unwrap_or(tag)
            .strip_prefix('"')
            .and_then(|tag| tag.strip_suffix('"'))
            .ok_or_else(invalid)?;
        versions.extend(version.parse::<i64>());
    }
    Ok(Some(IfMatch::Versions(versions)))
}

/// Scheme and authority by which the caller reached us. A browser that calls from a page of our own says it itself, whatever a proxy
/// made of `Host`, and no page can set either header. Otherwise the scheme behind a proxy is what `X-Forwarded-Proto` says; without
/// either, http for this computer and https for any other.
pub fn origin(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if text(HeaderName::from_static("sec-fetch-site")) == Some("same-origin")
        && let Some(said) = text(ORIGIN).filter(|said| is_origin(said))
    {
        return Some(said.to_owned());
    }
    let authority = text(HOST).or_else(|| uri.authority().map(http::uri::Authority::as_str))?;
    let authority: http::uri::Authority = authority.parse().ok()?;
    let scheme = text(HeaderName::from_static("x-forwarded-proto"))
        .filter(|scheme| matches!(*scheme, "http" | "https"))
        .or(uri.scheme_str())
        .unwrap_or(if is_loopback(authority.host()) {
            "http"
        } else {
            "https"
        });
    Some(format!("{scheme}://{authority}"))
}

/// Whether a text is a web origin as browsers write one (RFC 6454, 6.2), and not `null`.
fn is_origin(text: &str) -> bool {
    let authority = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    authority.is_some_and(|authority| {
        let parsed = authority.parse::<http::uri::Authority>();
        parsed.is_ok_and(|parsed| !parsed.as_str().contains('@'))
    })
}

/// Whether a host is this computer.
pub fn is_loopback(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]") || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_str(value).unwrap());
        headers
    }

    #[test]
    fn an_idempotency_key_may_be_quoted_or_bare() {
        let key = |value: &str| {
            idempotency_key(&headers("idempotency-key", value))
                .ok()
                .flatten()
        };
        assert_eq!(key("\"a b\"").as_deref(), Some("a b"));
        assert_eq!(key(r#""a\"\\""#).as_deref(), Some(r#"a"\"#));
        assert_eq!(key("8e03978e").as_deref(), Some("8e03978e"));
        assert_eq!(key(&"k".repeat(255)).map(|key| key.len()), Some(255));
        for bad in ["", "\"\"", "\"a", "\"a\"b", r#""a\b""#, &"k".repeat(256)] {
            assert_eq!(key(bad), None, "{bad}");
        }
        assert!(idempotency_key(&HeaderMap::new()).unwrap().is_none());
    }

    #[test]
    fn if_match_takes_versions_weak_ones_too() {
        let tags = |value: &str| if_match(&headers("if-match", value)).ok().flatten();
        assert_eq!(tags("*"), Some(IfMatch::Any));
        assert_eq!(tags("\"3\""), Some(IfMatch::Versions(vec![3])));
        assert_eq!(tags("W/\"3\", \"4\""), Some(IfMatch::Versions(vec![3, 4])));
        assert_eq!(tags("\"abc\""), Some(IfMatch::Versions(vec![])));
        assert_eq!(tags("3"), None);
        assert!(IfMatch::Versions(vec![3]).accepts(3));
        assert!(!IfMatch::Versions(vec![]).accepts(3));
    }

    #[test]
    fn the_origin_is_what_the_caller_typed() {
        let of = |uri: &str, host: &str, proto: Option<&str>| {
            let mut headers = headers("host", host);
            if let Some(proto) = proto {
                headers.insert("x-forwarded-proto", HeaderValue::from_str(proto).unwrap());
            }
            origin(&uri.parse().unwrap(), &headers)
        };
        assert_eq!(
            of("/a", "loop.example", None).as_deref(),
            Some("https://loop.example")
        );
        assert_eq!(
            of("/a", "127.0.0.1:3000", None).as_deref(),
            Some("http://127.0.0.1:3000")
        );
        assert_eq!(
            of("http://a.example/a", "a.example", Some("https")).as_deref(),
            Some("https://a.example")
        );
        assert_eq!(of("/a", "a b", None), None);
        assert_eq!(origin(&"/a".parse().unwrap(), &HeaderMap::new()), None);
    }

    #[test]
    fn the_page_knows_where_it_is_better_than_a_proxy_tells() {
        let of = |site: &str, said: &str| {
            let mut headers = headers("host", "10.0.0.7:3000");
            headers.insert("sec-fetch-site", HeaderValue::from_str(site).unwrap());
            headers.insert("origin", HeaderValue::from_str(said).unwrap());
            origin(&"/a".parse().unwrap(), &headers)
        };
        let behind = Some("https://10.0.0.7:3000".to_owned());
        let public = "https://loop.example:8443";
        assert_eq!(of("same-origin", public).as_deref(), Some(public));
        for (site, said) in [
            ("cross-site", public),
            ("same-origin", "null"),
            ("same-origin", "https://loop.example/path"),
            ("same-origin", "https://a@loop.example"),
            ("same-origin", "javascript:alert(1)"),
        ] {
            assert_eq!(of(site, said), behind, "{site} {said}");
        }
    }

    #[test]
    fn a_session_is_found_among_other_cookies() {
        let session =
            |value: &str| session(&headers("cookie", value), SESSION_COOKIE).map(str::to_owned);
        assert_eq!(session("a=b; __Host-rl=rls_x").as_deref(), Some("rls_x"));
        assert_eq!(session("__Host-rl=rls_x;a").as_deref(), Some("rls_x"));
        for none in [
            "",
            "a=b",
            "__Host-rl=rl_key",
            "rl=rls_x",
            "__Host-rl2=rls_x",
            "__Host-rl-letter-ref-1=rls_x",
        ] {
            assert_eq!(session(none), None, "{none}");
        }
    }

    #[test]
    fn our_own_page_is_known_by_what_the_browser_says() {
        let own = Some("https://loop.example");
        let says = |name: &'static str, value: &str| is_same_origin(&headers(name, value), own);
        assert_eq!(says("sec-fetch-site", "same-origin"), Some(true));
        for other in ["same-site", "cross-site", "none", ""] {
            assert_eq!(says("sec-fetch-site", other), Some(false), "{other}");
        }
        assert_eq!(says("origin", "https://loop.example"), Some(true));
        for other in ["https://evil.example", "http://loop.example", "null"] {
            assert_eq!(says("origin", other), Some(false), "{other}");
        }
        assert_eq!(
            is_same_origin(&headers("origin", "null"), None),
            Some(false)
        );
        assert_eq!(is_same_origin(&HeaderMap::new(), own), None);
        let mut both = headers("origin", "https://loop.example");
        both.insert("sec-fetch-site", HeaderValue::from_static("cross-site"));
        assert_eq!(is_same_origin(&both, own), Some(false));
    }

    #[test]
    fn a_bearer_key_is_one_word_after_the_scheme() {
        let key = |value: &str| {
            let headers = headers("authorization", value);
            bearer(&headers).map(|key| key.map(str::to_owned))
        };
        assert_eq!(key("Bearer abc").unwrap().as_deref(), Some("abc"));
        assert_eq!(key("bearer  abc ").unwrap().as_deref(), Some("abc"));
        for bad in ["Basic abc", "Bearer", "Bearer  ", "abc"] {
            assert!(key(bad).is_err(), "{bad}");
        }
        assert!(bearer(&HeaderMap::new()).unwrap().is_none());
    }
}
