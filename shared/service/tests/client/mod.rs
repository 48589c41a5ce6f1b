//! A caller of one function on the native platform: the real router over a real SQLite, without a network.
//!
//! Every answer is held to the function's table: a status that the route documents, a body of the shape that it documents.

#![allow(dead_code, reason = "each file of tests uses its part of it")]

use std::convert::Infallible;
use std::future::Future;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use ports::{Answer as Rows, DatabaseError, Platform, Setting, Statement};
use runtime::{Native, NativeBuilder};
use serde_json::{Value, json};
use service::http::Operation;
use tower_service::Service;

/// The operator's key.
pub const ADMIN_KEY: &str = "admin";

/// The time at which the clock of every test stands first: 2026-03-02T09:00:00Z.
pub const NOW_MS: i64 = 1_772_442_000_000;

/// A function and its platform.
pub struct Client<P> {
    pub platform: P,
    router: fn(P) -> Router,
    operations: Vec<Operation<P>>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    /// The text of a header.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The body, when the status is the wanted one.
    #[track_caller]
    pub fn ok(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// Asserts a problem of this status and code.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Value {
        assert_eq!(
            (self.status, &self.body["code"]),
            (status, &json!(code)),
            "{}",
            self.body
        );
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(
            self.body["type"],
            format!("urn:referral-loop:problem:{code}")
        );
        self.body
    }

    /// Asserts a problem that lists faults at exactly these places.
    #[track_caller]
    pub fn faults(self, places: &[&str]) {
        let body = self.problem(422, "invalid");
        let got: Vec<_> = body["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|fault| {
                fault["pointer"]
                    .as_str()
                    .or(fault["parameter"].as_str())
                    .unwrap()
            })
            .collect();
        assert_eq!(got, places, "{body}");
    }
}

/// The schema, one text a step.
pub fn migrations() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let text = |file| std::fs::read_to_string(file).unwrap();
    files.into_iter().map(text).collect()
}

/// A platform with empty tables and all secrets.
pub fn platform() -> Native {
    bare().open().unwrap()
}

/// The same, not opened yet.
pub fn bare() -> NativeBuilder {
    Native::in_memory()
        .now(NOW_MS)
        .setting(Setting::AdminKey, ADMIN_KEY)
        .setting(Setting::MasterKey, "master")
        .migrations(migrations())
}

impl<P: Platform> Client<P> {
    /// A function on a platform.
    pub fn new(
        platform: P,
        router: fn(P) -> Router,
        operations: fn() -> Vec<Operation<P>>,
    ) -> Self {
        Self {
            platform,
            router,
            operations: operations(),
        }
    }

    /// One request; `key` is sent as a bearer key, unless it is empty.
    pub fn call(&self, method: &str, path: &str, key: &str, body: Option<&Value>) -> Answer {
        self.call_with(method, path, key, body, &[])
    }

    /// One request with further headers.
    pub fn call_with(
        &self,
        method: &str,
        path: &str,
        key: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let answer = self.ask(method, path, key, body, headers);
        self.check(method, path, &answer);
        answer
    }

    /// The same without asking whether the answer's body is documented whole: a referral's is not.
    pub fn ask(
        &self,
        method: &str,
        path: &str,
        key: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost:3000");
        if !key.is_empty() {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body
            .map(Value::to_string)
            .map_or_else(Body::empty, Body::from);
        self.send(request.body(body).unwrap())
    }

    /// One request as it is, unchecked.
    pub fn send(&self, request: Request<Body>) -> Answer {
        let response: Result<Response, Infallible> =
            pollster::block_on((self.router)(self.platform.clone()).call(request));
        let (parts, body) = response.unwrap().into_parts();
        let bytes = pollster::block_on(body.collect()).unwrap().to_bytes();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or_default(),
        }
    }

    pub fn get(&self, path: &str, key: &str) -> Answer {
        self.call("GET", path, key, None)
    }

    pub fn post(&self, path: &str, key: &str, body: Value) -> Answer {
        self.call("POST", path, key, Some(&body))
    }

    /// Asserts that the answer is one that the route documents.
    #[track_caller]
    fn check(&self, method: &str, path: &str, answer: &Answer) {
        assert!(
            answer.header("server-timing").starts_with("db;desc="),
            "{:?}",
            answer.headers
        );
        let path = path.split('?').next().unwrap_or_default();
        let route = self
            .operations
            .iter()
            .map(|operation| operation.route)
            .find(|route| route.method.as_str() == method && fits(route.path, path));
        let (Some(route), true) = (route, answer.status < StatusCode::BAD_REQUEST.as_u16()) else {
            return;
        };
        let success = route
            .success
            .iter()
            .find(|success| success.status == answer.status);
        let success =
            success.unwrap_or_else(|| panic!("{} does not document {}", route.id, answer.status));
        if let Some(shape) = &success.body {
            assert_eq!(
                shape.faults(&answer.body),
                vec![],
                "{} {}",
                route.id,
                answer.body
            );
            let documented = shape.known(answer.body.clone());
            assert_eq!(
                documented, answer.body,
                "{} answers more than it documents",
                route.id
            );
        }
    }
}

/// Whether a path is one of a template's.
fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) =
        (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template
            .iter()
            .zip(&path)
            .all(|(template, part)| template.starts_with('{') || template == part)
}

/// What happens meanwhile.
type Happening = Box<dyn FnOnce() + Send>;

/// A platform on which something else happens between the first batch, which reads, and the second, which writes.
#[derive(Clone)]
pub struct Racing {
    platform: Native,
    batches: Arc<Mutex<usize>>,
    before_the_second: Arc<Mutex<Option<Happening>>>,
}

impl Racing {
    pub fn new(platform: Native, before_the_second: impl FnOnce() + Send + 'static) -> Self {
        Self {
            platform,
            batches: Arc::default(),
            before_the_second: Arc::new(Mutex::new(Some(Box::new(before_the_second)))),
        }
    }
}

impl Platform for Racing {
    fn batch(
        &self,
        statements: Vec<Statement>,
    ) -> impl Future<Output = Result<Rows, DatabaseError>> + Send {
        let mut batches = self.batches.lock().unwrap();
        *batches += 1;
        if *batches == 2
            && let Some(happen) = self.before_the_second.lock().unwrap().take()
        {
            happen();
        }
        self.platform.batch(statements)
    }

    fn now(&self) -> i64 {
        self.platform.now()
    }

    fn random(&self) -> [u8; 16] {
        self.platform.random()
    }

    fn report(&self, fault: &str) {
        ports::Platform::report(&self.platform, fault);
    }

    fn setting(&self, setting: Setting) -> impl Future<Output = Option<String>> + Send {
        self.platform.setting(setting)
    }
}
