//! An answer that can be given again: its body without secrets, and the names of the secrets that it shows once.

use http::StatusCode;
use ports::Platform;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::call::Call;
use crate::crypto::{DerivedKind, MasterKeys};
use crate::http::{Problem, Reply};
use crate::receipts::Answered;

/// An answer, as a receipt keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Shown {
    status: u16,
    body: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret: Option<NamedSecret>,
}

/// Which derived secret the answer shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NamedSecret {
    /// What for.
    pub kind: Kind,
    /// The id of the key, source or endpoint.
    pub id: String,
    /// The version; 1 for an API key.
    pub version: i64,
    /// The id of the master key that it is derived from.
    pub master: String,
}

/// The kinds, as receipts name them.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// An API key, shown as `key`.
    ApiKey,
    /// A source's signing secret, shown as `secret`.
    Source,
    /// An endpoint's signing secret, shown as `secret`.
    Endpoint,
}

impl Kind {
    /// The kind that it is derived as.
    pub const fn derived(self) -> DerivedKind {
        match self {
            Self::ApiKey => DerivedKind::ApiKey,
            Self::Source => DerivedKind::Source,
            Self::Endpoint => DerivedKind::Endpoint,
        }
    }
}

impl Shown {
    /// An answer with this body.
    pub fn new(status: StatusCode, body: Value) -> Self {
        Self {
            status: status.as_u16(),
            body,
            location: None,
            secret: None,
        }
    }

    /// With `Location`.
    pub fn at(mut self, path: String) -> Self {
        self.location = Some(path);
        self
    }

    /// With a secret that it shows.
    pub fn with_secret(mut self, secret: NamedSecret) -> Self {
        self.secret = Some(secret);
        self
    }

    /// What the receipt keeps.
    pub fn to_receipt(&self) -> Answered {
        Answered {
            status: self.status,
            referral: None,
            answer: crate::json::to_text(self).ok(),
        }
    }

    /// From what the receipt kept.
    pub fn from_receipt(answered: &Answered) -> Result<Self, Problem> {
        let text = answered.answer.as_deref().unwrap_or_default();
        crate::json::from_text(text)
    }

    /// The answer itself.
    ///
    /// # Errors
    /// [`Problem::NotConfigured`] when it shows a secret whose master key is not set.
    pub async fn reply<P: Platform>(&self, call: &Call<P>) -> Result<Reply, Problem> {
        let mut body = self.body.clone();
        if let (Some(secret), Value::Object(members)) = (&self.secret, &mut body) {
            let keys = MasterKeys::read(&call.platform).await?;
            let (member, text) = secret.reveal(&keys)?;
            members.insert(member.to_owned(), text.into());
        }
        let status = StatusCode::from_u16(self.status).map_err(Problem::internal)?;
        let reply = Reply::json(status, &body)?;
        Ok(match &self.location {
            Some(path) => reply.location(path),
            None => reply,
        })
    }
}

impl NamedSecret {
    fn reveal(&self, keys: &MasterKeys) -> Result<(&'static str, String), Problem> {
        match self.kind {
            Kind::ApiKey => Ok(("key", keys.api_key(&self.id, &self.master)?)),
            Kind::Source | Kind::Endpoint => {
                let kind = self.kind.derived();
                let secret = keys.signing_secret(kind, &self.id, self.version, &self.master)?;
                Ok(("secret", secret.to_text()))
            }
        }
    }
}
