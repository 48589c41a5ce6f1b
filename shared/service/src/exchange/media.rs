//! FHIR's two syntaxes at the door: in which one a caller writes and reads.
//!
//! Source: FHIR R4, "RESTful API", 3.1.0.1.9 Content Types and encodings; `_format` counts before `Accept`.

use http::HeaderMap;
use http::header::ACCEPT;

/// FHIR as JSON.
pub(super) const FHIR_JSON: &str = "application/fhir+json";

/// FHIR as XML.
pub(super) const FHIR_XML: &str = "application/fhir+xml";

/// A syntax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Syntax {
    Json,
    Xml,
}

impl Syntax {
    /// What a media type, or a value of `_format`, names.
    fn of(name: &str) -> Option<Self> {
        // A `+` that was not encoded arrives as a space.
        match name.trim().replace(' ', "+").as_str() {
            "json" | "application/json" | "text/json" | FHIR_JSON => Some(Self::Json),
            "xml" | "application/xml" | "text/xml" | FHIR_XML => Some(Self::Xml),
            _ => None,
        }
    }

    /// Whether a body of this media type is XML.
    pub(super) fn is_xml(media_type: Option<&str>) -> bool {
        media_type.and_then(Self::of) == Some(Self::Xml)
    }

    /// What the caller reads; JSON where it does not say, `None` where it takes neither.
    pub(super) fn wanted(format: Option<&str>, headers: &HeaderMap) -> Option<Self> {
        if let Some(format) = format {
            let name = format.split(';').next().unwrap_or(format);
            return Self::of(&name.to_ascii_lowercase());
        }
        let accepts: Vec<&str> = headers
            .get_all(ACCEPT)
            .iter()
            .filter_map(|accept| accept.to_str().ok())
            .flat_map(|accept| accept.split(','))
            .filter(|range| !range.trim().is_empty())
            .collect();
        if accepts.is_empty() {
            return Some(Self::Json);
        }
        let best = |of: Self| {
            let weights = accepts.iter().filter_map(|range| weight(range, of));
            weights.max().filter(|weight| *weight > 0)
        };
        match (best(Self::Json), best(Self::Xml)) {
            (Some(json), xml) if xml.is_none_or(|xml| json >= xml) => Some(Self::Json),
            (_, Some(_)) => Some(Self::Xml),
            _ => None,
        }
    }
}

/// How much a range of `Accept` wants a syntax, in thousandths (RFC 9110, 12.5.1); `None` where it is another. What takes everything asks for
/// JSON, and for XML a little less.
fn weight(range: &str, of: Syntax) -> Option<u32> {
    let mut parts = range.split(';');
    let media = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_any = matches!(media.as_str(), "*/*" | "application/*");
    if !is_any && Syntax::of(&media) != Some(of) {
        return None;
    }
    let quality = parts
        .filter_map(|part| part.trim().strip_prefix("q="))
        .find_map(|quality| quality.parse::<f32>().ok())
        .unwrap_or(1.0)
        .clamp(0.0, 1.0);
    // Between 0 and 1,000.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Some((quality * 1_000.0) as u32)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn wanted(format: Option<&str>, accept: Option<&str>) -> Option<Syntax> {
        let mut headers = HeaderMap::new();
        if let Some(accept) = accept {
            headers.insert(ACCEPT, HeaderValue::from_str(accept).unwrap());
        }
        Syntax::wanted(format, &headers)
    }

    #[test]
    fn the_syntax_is_what_the_caller_asks_for_and_json_otherwise() {
        for (format, accept, want) in [
            (None, None, Some(Syntax::Json)),
            (None, Some("*/*"), Some(Syntax::Json)),
            (None, Some("application/fhir+json"), Some(Syntax::Json)),
            (None, Some("application/fhir+xml"), Some(Syntax::Xml)),
            (None, Some("text/xml; charset=utf-8"), Some(Syntax::Xml)),
            (
                None,
                Some("application/fhir+xml, */*;q=0.8"),
                Some(Syntax::Xml),
            ),
            (
                None,
                Some("application/fhir+xml;q=0.5, application/fhir+json;q=0.9"),
                Some(Syntax::Json),
            ),
            (
                None,
                Some("application/fhir+xml, application/fhir+json"),
                Some(Syntax::Json),
            ),
            (
                None,
                Some("application/fhir+json;q=0, application/fhir+xml"),
                Some(Syntax::Xml),
            ),
            (None, Some("text/html"), None),
            (None, Some("application/fhir+json;q=0"), None),
            (
                Some("xml"),
                Some("application/fhir+json"),
                Some(Syntax::Xml),
            ),
            (Some("application/fhir xml"), None, Some(Syntax::Xml)),
            (
                Some("json"),
                Some("application/fhir+xml"),
                Some(Syntax::Json),
            ),
            (Some("ttl"), None, None),
        ] {
            assert_eq!(wanted(format, accept), want, "{format:?} {accept:?}");
        }
    }
}
