//! Which hosts a component may call: the manifest's `allowed_outbound_hosts`, none by default.
//! Source: spinframework/spin, `crates/outbound-networking-config/src/allowed_hosts.rs`. Not served: CIDR networks, port
//! ranges, `self` and `*.spin.internal`.

use std::sync::Arc;

use http::Uri;
use http_body_util::BodyExt;
use thiserror::Error;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks, default_send_request};

/// The pattern is not one that this host understands.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("allowed_outbound_hosts has {0:?}, which is not scheme://host[:port]")]
pub struct PatternError(String);

/// One entry: each part a literal or `*`, the host also `*.domain`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern {
    scheme: Option<String>,
    host: Host,
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Host {
    Any,
    AnyBelow(String),
    Literal(String),
}

/// What a component may call.
#[derive(Debug, Clone, Default)]
pub struct AllowedHosts(Arc<[Pattern]>);

impl AllowedHosts {
    /// Parses the manifest's entries, templates already resolved.
    ///
    /// # Errors
    /// [`PatternError`] for the first entry that is not understood.
    pub fn parse<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<Self, PatternError> {
        entries
            .into_iter()
            .map(Pattern::parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether `uri` may be called.
    #[must_use]
    pub fn allow(&self, uri: &Uri) -> bool {
        let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else {
            return false;
        };
        let Some(port) = uri.port_u16().or_else(|| default_port(scheme)) else {
            return false;
        };
        self.0
            .iter()
            .any(|pattern| pattern.matches(scheme, host, port))
    }
}

impl Pattern {
    fn parse(entry: &str) -> Result<Self, PatternError> {
        let wrong = || PatternError(entry.to_owned());
        let (scheme, rest) = entry.split_once("://").ok_or_else(wrong)?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (rest, None),
        };
        if scheme.is_empty() || host.is_empty() || host.contains(['/', '?', '#', '@']) {
            return Err(wrong());
        }
        if host == "self" || host.ends_with(".spin.internal") {
            return Err(wrong());
        }
        let port = match port {
            Some("*") => None,
            Some(port) => Some(port.parse().map_err(|_| wrong())?),
            None if scheme == "*" => return Err(wrong()),
            None => Some(default_port(scheme).ok_or_else(wrong)?),
        };
        let host = match (host, host.strip_prefix("*.")) {
            ("*", _) => Host::Any,
            (_, Some(domain)) => Host::AnyBelow(format!(".{domain}")),
            (literal, None) if literal.contains('*') => return Err(wrong()),
            (literal, None) => Host::Literal(literal.to_owned()),
        };
        Ok(Self {
            scheme: (scheme != "*").then(|| scheme.to_owned()),
            host,
            port,
        })
    }

    fn matches(&self, scheme: &str, host: &str, port: u16) -> bool {
        self.scheme.as_deref().is_none_or(|wanted| wanted == scheme)
            && self.port.is_none_or(|wanted| wanted == port)
            && match &self.host {
                Host::Any => true,
                Host::AnyBelow(domain) => host.ends_with(domain),
                Host::Literal(literal) => literal.eq_ignore_ascii_case(host),
            }
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

/// The gate before every outbound request of one component.
pub(crate) struct Gate {
    pub(crate) component: Arc<str>,
    pub(crate) allowed: AllowedHosts,
}

type Sent = (
    http::Response<WasiBody>,
    Box<dyn Future<Output = Result<(), Error>> + Send>,
);

impl WasiHttpHooks for Gate {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _processed: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<Sent, Error>> + Send> {
        if !self.allowed.allow(request.uri()) {
            // The path may name what the call is about: only where it would have gone is shown.
            let target = request
                .uri()
                .authority()
                .map_or("", |authority| authority.as_str());
            eprintln!(
                "[{}] refused: {target} is not in allowed_outbound_hosts",
                self.component
            );
            return Box::new(async { Err(Error::HttpRequestDenied) });
        }
        Box::new(async move {
            let (response, sent) = default_send_request(request, options).await?;
            Ok((response.map(BodyExt::boxed_unsync), Box::new(sent) as _))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(entry: &str, uri: &str, want: bool) {
        let allowed = AllowedHosts::parse([entry]).unwrap();
        assert_eq!(allowed.allow(&uri.parse().unwrap()), want, "{entry} {uri}");
    }

    #[test]
    fn nothing_is_allowed_by_default() {
        assert!(!AllowedHosts::default().allow(&"https://example.test/".parse().unwrap()));
    }

    #[test]
    fn scheme_host_and_port_must_all_match() {
        check("https://example.test", "https://example.test/hook", true);
        check(
            "https://example.test",
            "https://example.test:443/hook",
            true,
        );
        check(
            "https://example.test",
            "https://example.test:8443/hook",
            false,
        );
        check("https://example.test", "http://example.test/hook", false);
        check(
            "https://example.test",
            "https://example.test.evil.test/",
            false,
        );
        check("http://127.0.0.1:9000", "http://127.0.0.1:9000/a", true);
    }

    #[test]
    fn a_star_stands_for_one_part() {
        check("http://127.0.0.1:*", "http://127.0.0.1:9000/a", true);
        check("*://*:*", "https://example.test/", true);
        check("https://*", "https://example.test/", true);
        check("https://*", "http://example.test/", false);
        check("https://*.example.test", "https://a.b.example.test/", true);
        check("https://*.example.test", "https://example.test/", false);
    }

    #[test]
    fn what_is_not_a_host_is_refused_at_the_start() {
        for entry in [
            "example.test",
            "https://",
            "https://a/path",
            "ftp://a",
            "*://a",
            "https://a*b",
            "http://self",
        ] {
            assert!(AllowedHosts::parse([entry]).is_err(), "{entry}");
        }
    }
}
