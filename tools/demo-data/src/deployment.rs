//! The functions of a deployment, in this process: the real routers over SQLite, on a clock that is moved.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail};
use axum::body::Body;
use axum::response::Response;
use http::Request;
use http_body_util::BodyExt;
use ports::{Answered, SendError, Setting};
use runtime::{Native, NativeBuilder};
use serde_json::Value;
use tower_service::Service;

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
    now_ms: i64,
    admin_key: String,
    /// Whether the partners' systems answer.
    are_partners_up: Arc<AtomicBool>,
}

impl Deployment {
    /// An empty one whose clock stands at `now_ms`.
    ///
    /// # Errors
    /// When a migration cannot be read or run.
    pub fn new(
        database: NativeBuilder,
        admin_key: &str,
        master_key: &str,
        now_ms: i64,
    ) -> Result<Self> {
        let are_partners_up = Arc::new(AtomicBool::new(true));
        let up = are_partners_up.clone();
        let platform = database
            .now(now_ms)
            .setting(Setting::AdminKey, admin_key)
            .setting(Setting::MasterKey, master_key)
            .partner(move |_| match up.load(Ordering::Relaxed) {
                true => Ok(Answered {
                    status: 204,
                    retry_after: None,
                }),
                false => Err(SendError::Unreachable),
            })
            .migrations(migrations()?)
            .open()?;
        Ok(Self {
            platform,
            now_ms,
            admin_key: admin_key.to_owned(),
            are_partners_up,
        })
    }

    /// Moves the clock.
    pub fn set_now(&mut self, now_ms: i64) {
        self.now_ms = now_ms;
        self.platform.set_now(now_ms);
    }

    /// What it says the time is.
    #[must_use]
    pub const fn now_ms(&self) -> i64 {
        self.now_ms
    }

    /// The operator's key.
    #[must_use]
    pub fn admin_key(&self) -> &str {
        &self.admin_key
    }

    /// From now on no partner's system answers.
    pub fn cut_partners_off(&self) {
        self.are_partners_up.store(false, Ordering::Relaxed);
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
        self.send(method, path, key, "application/json", text)
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

    /// One HL7 v2 message.
    ///
    /// # Errors
    /// When it cannot be sent.
    pub fn hl7(&self, key: &str, text: String) -> Result<Answer> {
        self.send("POST", "/hl7", key, "application/hl7-v2", text)
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        key: &str,
        media_type: &str,
        text: String,
    ) -> Result<Answer> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost")
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", media_type)
            .body(Body::from(text))?;
        let platform = self.platform.clone();
        let mut router = match path.split('/').nth(1).unwrap_or_default() {
            "directory" => service::directory::router(platform),
            "intake" => service::intake::router(platform),
            "status" => service::status::router(platform),
            "sweep" => service::sweep::router(platform),
            "worklist" => service::worklist::router(platform),
            "fhir" | "hl7" => service::exchange::router(platform),
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
