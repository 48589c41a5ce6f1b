//! A deployment, its clock, and requests to it.

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::Request;
use http_body_util::BodyExt;
use ports::{Platform, Setting};
use runtime::{Native, NativeBuilder};
use serde_json::Value;
use tower_service::Service;

use crate::migrations;

/// The operator's key where nobody chose one.
const ADMIN_KEY: &str = "admin";

/// What signing secrets are derived from where nobody chose it.
const MASTER_KEY: &str = "master";

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its body, where it is JSON.
    pub body: Value,
}

impl Answer {
    /// The body, where the status is one of these.
    ///
    /// # Errors
    /// When it is another.
    pub fn expect(self, statuses: &[u16]) -> Result<Value> {
        if !statuses.contains(&self.status) {
            bail!("answered {}: {}", self.status, self.body);
        }
        Ok(self.body)
    }
}

/// Every function over one database.
#[derive(Debug)]
pub struct Deployment {
    platform: Native,
    admin_key: String,
}

impl Deployment {
    /// Over `database`, migrated, whose clock stands at `now_ms`.
    ///
    /// # Errors
    /// When a migration cannot be read or run.
    pub fn new(database: NativeBuilder, now_ms: i64) -> Result<Self> {
        Self::with_keys(database, now_ms, ADMIN_KEY, MASTER_KEY)
    }

    /// The same with an operator's key and a master key.
    ///
    /// # Errors
    /// When a migration cannot be read or run.
    pub fn with_keys(
        database: NativeBuilder,
        now_ms: i64,
        admin_key: &str,
        master_key: &str,
    ) -> Result<Self> {
        let platform = database
            .now(now_ms)
            .setting(Setting::AdminKey, admin_key)
            .setting(Setting::MasterKey, master_key)
            .migrations(migrations()?)
            .open()?;
        Ok(Self {
            platform,
            admin_key: admin_key.to_owned(),
        })
    }

    /// What the functions run on.
    #[must_use]
    pub const fn platform(&self) -> &Native {
        &self.platform
    }

    /// Moves the clock.
    pub fn set_now(&self, now_ms: i64) {
        self.platform.set_now(now_ms);
    }

    /// What its clock says, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.platform.now()
    }

    /// The operator's key.
    #[must_use]
    pub fn admin_key(&self) -> &str {
        &self.admin_key
    }

    /// One request with a body of JSON, or none.
    ///
    /// # Errors
    /// When it cannot be made, or no function owns its path.
    pub fn call(
        &self,
        method: &str,
        path: &str,
        key: &str,
        body: Option<&Value>,
    ) -> Result<Answer> {
        let text = body.map(Value::to_string).unwrap_or_default();
        let headers = [("authorization", format!("Bearer {key}"))];
        self.send(method, path, "application/json", headers, text)
    }

    /// One POST that makes something.
    ///
    /// # Errors
    /// When it is refused.
    pub fn post(&self, path: &str, key: &str, body: &Value) -> Result<Value> {
        self.call("POST", path, key, Some(body))?
            .expect(&[200, 201, 202])
            .with_context(|| format!("POST {path}: {body}"))
    }

    /// One request of any kind.
    ///
    /// # Errors
    /// When it cannot be made, or no function owns its path.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        media_type: &str,
        headers: impl IntoIterator<Item = (&'static str, String)>,
        text: String,
    ) -> Result<Answer> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost")
            .header("content-type", media_type);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(Body::from(text))?;
        let mut router = self.router(path)?;
        pollster::block_on(async {
            let response: Response = router.call(request).await?;
            let (parts, body) = response.into_parts();
            let bytes = body.collect().await?.to_bytes();
            self.platform.work_on().await;
            Ok(Answer {
                status: parts.status.as_u16(),
                body: serde_json::from_slice(&bytes).unwrap_or_default(),
            })
        })
    }

    /// The function that owns the first segment of a path.
    fn router(&self, path: &str) -> Result<Router> {
        let platform = self.platform.clone();
        Ok(match path.split('/').nth(1).unwrap_or_default() {
            "directory" => service::directory::router(platform),
            "intake" => service::intake::router(platform),
            "status" => service::status::router(platform),
            "sweep" => service::sweep::router(platform),
            "worklist" => service::worklist::router(platform),
            "fhir" | "hl7" => service::exchange::router(platform),
            other => bail!("no function owns /{other}"),
        })
    }
}
