//! One request as a use case sees it: its platform, its time, and what the caller sent.

use bytes::Bytes;
use domain::time::Timestamp;
use http::HeaderMap;
use http::request::Parts;
use ports::Platform;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::auth::Bearer;
use crate::http::{
    Access, Body, Fault, IfMatch, LETTER_COOKIE, Method, Page, Problem, Route, SESSION_COOKIE,
    header, remove_nulls,
};
use crate::metered::Metered;

/// One request.
#[derive(Debug)]
pub struct Call<P> {
    /// The platform; it counts what the request asks of the database.
    pub platform: Metered<P>,
    /// The route that the request is for.
    pub route: &'static Route,
    /// The time of the request. Taken once: all that it writes has one time.
    pub now: Timestamp,
    /// The request's path, decoded by nobody.
    pub path: String,
    /// The request's headers.
    pub headers: HeaderMap,
    /// `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// `If-Match`.
    pub if_match: Option<IfMatch>,
    /// Scheme and authority by which the caller reached us, such as `https://loop.example`, where that is known.
    pub origin: Option<String>,
    parameters: Vec<(String, String)>,
    query: Vec<(String, String)>,
    body: Body,
}

impl<P: Platform> Call<P> {
    /// Reads what every call has.
    ///
    /// # Errors
    /// [`Problem::InvalidHeader`] when `Idempotency-Key` or `If-Match` cannot be read.
    pub(crate) fn new(
        route: &'static Route,
        platform: Metered<P>,
        parts: Parts,
        parameters: Vec<(String, String)>,
        body: Body,
    ) -> Result<Self, Problem> {
        let now = Timestamp::from_millisecond(platform.now())
            .map_err(|_| Problem::internal("the clock shows no time"))?;
        let query = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect();
        Ok(Self {
            now,
            route,
            idempotency_key: header::idempotency_key(&parts.headers)?,
            if_match: header::if_match(&parts.headers)?,
            origin: header::origin(&parts.uri, &parts.headers),
            path: parts.uri.path().to_owned(),
            headers: parts.headers,
            platform,
            parameters,
            query,
            body,
        })
    }
}

impl<P> Call<P> {
    /// The time of the request in milliseconds since the Unix epoch, as it is stored.
    pub fn now_milliseconds(&self) -> i64 {
        self.now.as_millisecond()
    }

    /// The caller's key, or where there is none the token of a session, which is looked up in the same way.
    ///
    /// # Errors
    /// [`Problem::Unauthorized`] without either, [`Problem::CrossSite`] for a session that would change something and does not
    /// say that it came from our own page.
    pub fn bearer(&self) -> Result<Bearer, Problem> {
        if let Some(key) = header::bearer(&self.headers)? {
            return Ok(Bearer::new(key));
        }
        let token = header::session(&self.headers, &self.session_cookie())
            .ok_or(Problem::Unauthorized { given: false })?;
        if self.route.method != Method::Get && self.is_same_origin() != Some(true) {
            return Err(Problem::CrossSite);
        }
        Ok(Bearer::new(token))
    }

    /// The name of the cookie with the session of the call: the person's who has signed in, or of a letter's link where the path or the
    /// call says so. Which of the two is meant is never guessed, or what a coordinator says could count as the office's word.
    pub fn session_cookie(&self) -> String {
        let letter = match self.route.access {
            Access::Letter(_) => Some(self.parameter("id")),
            _ => header::letter(&self.headers),
        };
        letter.map_or_else(
            || SESSION_COOKIE.to_owned(),
            |referral| format!("{LETTER_COOKIE}{referral}"),
        )
    }

    /// Whether a browser says that the call came from a page of our own; `None` where it says nothing.
    pub fn is_same_origin(&self) -> Option<bool> {
        header::is_same_origin(&self.headers, self.origin.as_deref())
    }

    /// The path parameter `name`, decoded; empty when the route's path has none of that name.
    pub fn parameter(&self, name: &str) -> &str {
        value_of(&self.parameters, name).unwrap_or_default()
    }

    /// The first query parameter `name`, decoded.
    pub fn query(&self, name: &str) -> Option<&str> {
        value_of(&self.query, name)
    }

    /// The path and the query, as a link has them.
    pub fn address(&self) -> String {
        if self.query.is_empty() {
            return self.path.clone();
        }
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.query);
        format!("{}?{}", self.path, query.finish())
    }

    /// The fields of a form that a browser posted, decoded, in their order.
    ///
    /// # Errors
    /// [`Problem::WrongContentType`] for a body that is none.
    pub fn form(&self) -> Result<Vec<(String, String)>, Problem> {
        const FORM: &str = "application/x-www-form-urlencoded";
        if self.media_type() != Some(FORM) {
            return Err(Problem::WrongContentType { takes: FORM });
        }
        Ok(form_urlencoded::parse(self.body_bytes())
            .into_owned()
            .collect())
    }

    /// Every query parameter, decoded, in their order.
    pub fn query_pairs(&self) -> &[(String, String)] {
        &self.query
    }

    /// The page that the query asks for.
    ///
    /// # Errors
    /// [`Problem::Invalid`] when `limit` or `cursor` is out of its range.
    pub fn page(&self) -> Result<Page, Problem> {
        Page::parse(self.query("limit"), self.query("cursor"))
    }

    /// The bytes of the body as they came.
    pub fn body_bytes(&self) -> &Bytes {
        &self.body.bytes
    }

    /// The body's media type without parameters, in lower case.
    pub fn media_type(&self) -> Option<&str> {
        self.body.media_type.as_deref()
    }

    /// The JSON body, checked against the route's request shape. Members that are `null` are still there: in a merge patch
    /// (RFC 7396) they say what to remove.
    ///
    /// # Errors
    /// [`Problem::Invalid`] with every fault; what [`Body::to_json`] says before.
    pub fn json(&self) -> Result<Value, Problem> {
        let value = self.body.to_json()?;
        if let Some(shape) = &self.route.request {
            Problem::unless_empty(shape.faults(&value))?;
        }
        Ok(value)
    }

    /// The JSON body as [`Call::json`] gives it, without the members that the shape does not know: for what is stored as it
    /// came.
    ///
    /// # Errors
    /// As [`Call::json`].
    pub fn known_json(&self) -> Result<Value, Problem> {
        let value = self.json()?;
        Ok(match &self.route.request {
            Some(shape) => shape.known(value),
            None => value,
        })
    }

    /// The JSON body, not checked against any shape: for a use case that finds more faults than a shape shows, and tells
    /// all of them together.
    ///
    /// # Errors
    /// What [`Body::to_json`] says.
    pub fn json_unchecked(&self) -> Result<Value, Problem> {
        self.body.to_json()
    }

    /// The JSON body as a Rust type, checked before against the route's request shape. A member that is `null` is absent.
    ///
    /// # Errors
    /// As [`Call::json`].
    pub fn input<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        read(self.json()?)
    }
}

/// A value that was checked against its shape, as a Rust type.
///
/// # Errors
/// [`Problem::Invalid`] when the shape allowed what the type does not: a fault of the program that still names no value.
pub fn read<T: DeserializeOwned>(mut value: Value) -> Result<T, Problem> {
    remove_nulls(&mut value);
    serde_json::from_value(value).map_err(|_| {
        Problem::Invalid(vec![Fault::at(
            "",
            "unreadable",
            "cannot be read, though its shape is right",
        )])
    })
}

fn value_of<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs
        .iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}
