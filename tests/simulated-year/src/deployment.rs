//! The functions of a deployment, in this process: the real routers over SQLite in memory, on a clock that the simulation moves.

use std::path::Path;

use anyhow::{Context, Result, bail};
use axum::body::Body;
use axum::response::Response;
use http::Request;
use http_body_util::BodyExt;
use ports::{Platform, Row, Setting, Statement};
use runtime::Native;
use serde_json::Value;
use standardwebhooks::Webhook;
use tower_service::Service;

/// The operator's key.
pub const ADMIN_KEY: &str = "admin";

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its body.
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
    now_ms: i64,
}

impl Deployment {
    /// An empty one whose clock stands at `now_ms`.
    ///
    /// # Errors
    /// When a migration cannot be read or run.
    pub fn new(now_ms: i64) -> Result<Self> {
        let platform = Native::in_memory()
            .now(now_ms)
            .setting(Setting::AdminKey, ADMIN_KEY)
            .setting(Setting::MasterKey, "master")
            .migrations(migrations()?)
            .open()?;
        Ok(Self { platform, now_ms })
    }

    /// Moves the clock; never back.
    pub fn set_now(&mut self, now_ms: i64) {
        self.now_ms = self.now_ms.max(now_ms);
        self.platform.set_now(self.now_ms);
    }

    /// One request with a bearer key.
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
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost")
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", "application/json");
        let text = body.map(Value::to_string).unwrap_or_default();
        self.send(request.body(Body::from(text))?)
    }

    /// One webhook of a source, signed with its secret by the reference library of Standard Webhooks.
    ///
    /// # Errors
    /// When it cannot be signed or made.
    pub fn webhook(&self, source: &str, secret: &str, id: &str, body: &str) -> Result<Answer> {
        let seconds = self.now_ms.div_euclid(1_000);
        let signature = Webhook::new(secret)?.sign(id, seconds, body.as_bytes())?;
        let request = Request::builder()
            .method("POST")
            .uri(format!("/status/webhooks/{source}"))
            .header("host", "localhost")
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", seconds.to_string())
            .header("webhook-signature", signature);
        self.send(request.body(Body::from(body.to_owned()))?)
    }

    /// The rows of one statement.
    ///
    /// # Errors
    /// When it fails.
    pub fn rows(&self, sql: &'static str) -> Result<Vec<Row>> {
        let statement = Statement::new(sql, [self.now_ms.into()]);
        let answer = pollster::block_on(self.platform.batch(vec![statement]))
            .map_err(|error| anyhow::anyhow!("{error:?}"))?;
        Ok(answer.rows(0).to_vec())
    }

    fn send(&self, request: Request<Body>) -> Result<Answer> {
        let platform = self.platform.clone();
        let segment = request.uri().path().split('/').nth(1).unwrap_or_default();
        let mut router = match segment {
            "directory" => service::directory::router(platform),
            "intake" => service::intake::router(platform),
            "status" => service::status::router(platform),
            "sweep" => service::sweep::router(platform),
            "worklist" => service::worklist::router(platform),
            other => bail!("no function owns /{other}"),
        };
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
}

fn migrations() -> Result<Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let mut files = std::fs::read_dir(&folder)
        .with_context(|| format!("reading {}", folder.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    files.sort();
    files
        .iter()
        .map(|file| {
            std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))
        })
        .collect()
}
