//! The file, its network, and a caller of the routers over it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use in_process::migrations;
use ports::{Answer, DatabaseError, Platform, Setting, Statement};
use runtime::Native;
use serde_json::{Value, json};
use service::{directory, intake, status, worklist};
use tower_service::Service;

use crate::asks::Ask;
use crate::costs::now;

/// The operator's key of the benchmark.
const ADMIN_KEY: &str = "admin";

/// When it is: 2 March 2026, 09:00 UTC.
pub const NOW_MS: i64 = 1_772_442_000_000;

/// How many recipients there are.
pub const RECIPIENTS: usize = 20;

/// A platform that remembers the statements of every batch.
#[derive(Clone)]
struct Remembering {
    native: Native,
    asked: Arc<Mutex<Vec<Statement>>>,
}

impl Platform for Remembering {
    fn batch(
        &self,
        statements: Vec<Statement>,
    ) -> impl Future<Output = Result<Answer, DatabaseError>> + Send {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.extend(statements.iter().cloned());
        drop(asked);
        self.native.batch(statements)
    }

    fn now(&self) -> i64 {
        self.native.now()
    }

    fn random(&self) -> [u8; 16] {
        self.native.random()
    }

    fn report(&self, fault: &str) {
        self.native.report(fault);
    }

    fn setting(&self, setting: Setting) -> impl Future<Output = Option<String>> + Send {
        self.native.setting(setting)
    }
}

/// A file with the real schema and a network in it.
pub struct Store {
    path: PathBuf,
    platform: Remembering,
    keys: Vec<(String, String)>,
}

/// The id of a recipient.
#[must_use]
pub fn recipient(number: usize) -> String {
    format!("recipient-{number}")
}

impl Store {
    /// A new file at `path` with `north`, `south` and the recipients.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn new(path: &Path) -> Result<Self> {
        let native = Native::file(path)
            .migrations(migrations()?)
            .now(NOW_MS)
            .setting(Setting::AdminKey, ADMIN_KEY)
            .setting(Setting::MasterKey, "0123456789abcdef0123456789abcdef")
            .open()?;
        let mut store = Self {
            path: path.to_owned(),
            platform: Remembering {
                native,
                asked: Arc::default(),
            },
            keys: Vec::new(),
        };
        let ids = ["north", "south", "others"].map(str::to_owned);
        let recipients = (0..RECIPIENTS).map(recipient);
        for id in ids.into_iter().chain(recipients) {
            store.register(&id)?;
        }
        Ok(store)
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn register(&mut self, id: &str) -> Result<()> {
        let organization = json!({"id": id, "name": id, "network": "valley",
            "roles": ["referrer", "recipient"], "default_service": "main"});
        self.directory("/directory/organizations", &organization)?;
        let path = format!("/directory/organizations/{id}");
        let service = json!({"id": "main", "specialty": "cardiology"});
        self.directory(&format!("{path}/services"), &service)?;
        let scopes = json!({"scopes":
            ["referrals:write", "referrals:read", "events:write", "measures:read"]});
        let key = self.directory(&format!("{path}/keys"), &scopes)?;
        let key = text(&key, "/key").context("a key")?;
        self.keys.push((id.to_owned(), key.to_owned()));
        Ok(())
    }

    fn key(&self, organization: &str) -> Result<&str> {
        let found = self.keys.iter().find(|(id, _)| id == organization);
        found
            .map(|(_, key)| key.as_str())
            .context("an organisation")
    }

    fn directory(&self, path: &str, body: &Value) -> Result<Value> {
        let router = directory::router(self.platform.clone());
        call(router, "POST", path, ADMIN_KEY, Some(body))
    }

    /// A new referral of `north` to the first recipient: its id.
    ///
    /// # Errors
    /// When it is refused.
    pub fn refer(&self, urgency: &str) -> Result<String> {
        let mut body = json!({
            "patient": {
                "identifier": {"system": "urn:oid:1.2.3.4", "value": "p-1"},
                "name": {"family": "Rivera", "given": ["Ana"]},
                "birth_date": "1980-02-29",
            },
            "recipient": {"organization": recipient(0), "service": "main"},
            "service": {"system": "http://snomed.info/sct", "code": "183519002"},
            "urgency": urgency,
            "clinical_question": "Is this angina?",
            "role": "evaluate",
            "preparation": {"agreed": "yes"},
        });
        if let Some(members) = body.as_object_mut().filter(|_| urgency != "routine") {
            members.insert("urgency_reason".to_owned(), "Pain at rest.".into());
        }
        let router = intake::router(self.platform.clone());
        let sent = call(
            router,
            "POST",
            "/intake/referrals",
            self.key("north")?,
            Some(&body),
        )?;
        let id = text(&sent, "/id").context("an id")?;
        Ok(id.to_owned())
    }

    /// Tells an event.
    ///
    /// # Errors
    /// When it is refused.
    pub fn tell(&self, organization: &str, referral: &str, event: &Value) -> Result<()> {
        let router = status::router(self.platform.clone());
        let path = format!("/status/referrals/{referral}/events");
        let answer = call(router, "POST", &path, self.key(organization)?, Some(event))?;
        if text(&answer, "/result") != Some("applied") {
            bail!("{event} was answered {answer}");
        }
        Ok(())
    }

    /// Moves the clock on.
    pub fn advance(&self, milliseconds: i64) {
        self.platform.native.advance(milliseconds);
    }

    /// Asks the worklist function, and gives the statements that it ran and how long it took.
    ///
    /// # Errors
    /// When the answer is no 2xx.
    pub fn ask(&self, organization: &str, ask: &Ask) -> Result<(Vec<Statement>, Duration)> {
        let asked = || {
            let mut asked = self
                .platform
                .asked
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *asked)
        };
        drop(asked());
        let router = worklist::router(self.platform.clone());
        let begun = now();
        let method = if ask.body.is_some() { "POST" } else { "GET" };
        call(
            router,
            method,
            ask.path,
            self.key(organization)?,
            ask.body.as_ref(),
        )?;
        let time = begun.elapsed();
        Ok((asked(), time))
    }
}

fn text<'a>(body: &'a Value, pointer: &str) -> Option<&'a str> {
    body.pointer(pointer).and_then(Value::as_str)
}

/// The answer to a request; that of a page for people or of a table is no JSON, and then nothing.
fn call(
    mut router: Router,
    method: &str,
    path: &str,
    key: &str,
    body: Option<&Value>,
) -> Result<Value> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "localhost")
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {key}"))
        .body(body.map_or_else(Body::empty, |body| Body::from(body.to_string())))?;
    let response = pollster::block_on(router.call(request))?;
    let status = response.status();
    let bytes = pollster::block_on(response.into_body().collect())?.to_bytes();
    if !status.is_success() {
        bail!(
            "{method} {path}: {status} {}",
            String::from_utf8_lossy(&bytes)
        );
    }
    Ok(serde_json::from_slice(&bytes).unwrap_or_default())
}
