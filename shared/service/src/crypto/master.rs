//! Every secret that we give away is derived from the operator's master key (HKDF-SHA256, RFC 5869), never stored.
//!
//! A derived secret is named by its kind, the id of the thing that it belongs to, and a version that a rotation raises. The
//! database keeps beside the version which master key it came from, as [`MasterKeys::current_id`], so that the master key can
//! be changed: what was derived from the one before keeps working while `MASTER_KEY_PREVIOUS` is set.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use ports::{Platform, Setting};
use sha2::Sha256;

use super::digest::hex;
use crate::http::Problem;

/// Bytes of a derived secret: as many as SHA-256 has.
const SECRET_BYTES: usize = 32;

/// Bytes of a master key's id: enough to tell a handful of keys apart, too few to find one by.
const KEY_ID_BYTES: usize = 4;

/// What the text of an API key begins with, so that scanners for leaked secrets can know it.
const API_KEY_PREFIX: &str = "rl_";

/// What the text of a signing secret begins with (Standard Webhooks).
const SIGNING_SECRET_PREFIX: &str = "whsec_";

/// What a secret is for. Part of its derivation: one kind's secret is never another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DerivedKind {
    /// An API key.
    ApiKey,
    /// What a source signs its webhooks to us with.
    Source,
    /// What we sign webhooks to an endpoint with.
    Endpoint,
}

impl DerivedKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::ApiKey => "api-key",
            Self::Source => "source",
            Self::Endpoint => "endpoint",
        }
    }
}

/// The operator's master keys.
#[derive(Clone)]
pub struct MasterKeys {
    current: MasterKey,
    previous: Option<MasterKey>,
}

#[derive(Clone)]
struct MasterKey {
    id: String,
    derivation: Hkdf<Sha256>,
}

/// What webhooks are signed with.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret(Vec<u8>);

impl MasterKeys {
    /// Reads the keys that the operator has set.
    ///
    /// # Errors
    /// [`Problem::NotConfigured`] when `MASTER_KEY` is not set.
    pub async fn read<P: Platform>(platform: &P) -> Result<Self, Problem> {
        let set = |text: Option<String>| text.filter(|text| !text.is_empty());
        let current = set(platform.setting(Setting::MasterKey).await)
            .ok_or(Problem::NotConfigured(Setting::MasterKey))?;
        let previous = set(platform.setting(Setting::MasterKeyPrevious).await);
        Self::new(&current, previous.as_deref())
    }

    /// Keys from their texts.
    ///
    /// # Errors
    /// [`Problem::Internal`] never in practice: HKDF refuses lengths that these are not.
    pub fn new(current: &str, previous: Option<&str>) -> Result<Self, Problem> {
        Ok(Self {
            current: MasterKey::new(current)?,
            previous: previous.map(MasterKey::new).transpose()?,
        })
    }

    /// The id of the current key: stored beside what is derived from it now.
    #[must_use]
    pub fn current_id(&self) -> &str {
        &self.current.id
    }

    /// The signing secret of a source or endpoint, from the master key with this id.
    ///
    /// # Errors
    /// [`Problem::NotConfigured`] when neither key has this id: `MASTER_KEY_PREVIOUS` is gone.
    pub fn signing_secret(
        &self,
        kind: DerivedKind,
        id: &str,
        version: i64,
        master: &str,
    ) -> Result<SigningSecret, Problem> {
        let bytes = self.by_id(master)?.derive(kind, id, version)?;
        Ok(SigningSecret(bytes.to_vec()))
    }

    /// The text of an API key, from the master key with this id. It is the same whenever it is asked for.
    ///
    /// # Errors
    /// As [`MasterKeys::signing_secret`].
    pub fn api_key(&self, id: &str, master: &str) -> Result<String, Problem> {
        let bytes = self.by_id(master)?.derive(DerivedKind::ApiKey, id, 1)?;
        Ok(format!("{API_KEY_PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    fn by_id(&self, id: &str) -> Result<&MasterKey, Problem> {
        [Some(&self.current), self.previous.as_ref()]
            .into_iter()
            .flatten()
            .find(|key| key.id == id)
            .ok_or(Problem::NotConfigured(Setting::MasterKeyPrevious))
    }
}

impl fmt::Debug for MasterKeys {
    /// Their ids; never the keys.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("MasterKeys")
            .field("current", &self.current.id)
            .field("previous", &self.previous.as_ref().map(|key| &key.id))
            .finish()
    }
}

impl MasterKey {
    fn new(text: &str) -> Result<Self, Problem> {
        let derivation = Hkdf::<Sha256>::new(Some(b"referral-loop"), text.as_bytes());
        let mut id = [0; KEY_ID_BYTES];
        derivation
            .expand(b"key-id", &mut id)
            .map_err(|_| Problem::internal("HKDF refused a length"))?;
        Ok(Self {
            id: hex(&id),
            derivation,
        })
    }

    fn derive(
        &self,
        kind: DerivedKind,
        id: &str,
        version: i64,
    ) -> Result<[u8; SECRET_BYTES], Problem> {
        let mut bytes = [0; SECRET_BYTES];
        // No id holds a slash, so two names are never the same text.
        let name = format!("{}/{id}/{version}", kind.as_str());
        self.derivation
            .expand(name.as_bytes(), &mut bytes)
            .map_err(|_| Problem::internal("HKDF refused a length"))?;
        Ok(bytes)
    }
}

impl SigningSecret {
    /// A secret from its text, `whsec_` and base64; `None` when it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let encoded = text.strip_prefix(SIGNING_SECRET_PREFIX)?;
        STANDARD.decode(encoded).ok().map(Self)
    }

    /// Its text, as the partner's library takes it.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{SIGNING_SECRET_PREFIX}{}", STANDARD.encode(&self.0))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SigningSecret {
    /// Says that there is one; never which.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(current: &str, previous: Option<&str>) -> MasterKeys {
        MasterKeys::new(current, previous).unwrap()
    }

    #[test]
    fn a_secret_depends_on_kind_id_version_and_master_key() {
        let keys = keys("one", Some("two"));
        let previous = MasterKeys::new("two", None)
            .unwrap()
            .current_id()
            .to_owned();
        let secret = |kind, id, version, master: &str| {
            keys.signing_secret(kind, id, version, master)
                .unwrap()
                .to_text()
        };
        let mut all = vec![
            secret(DerivedKind::Source, "a", 1, keys.current_id()),
            secret(DerivedKind::Endpoint, "a", 1, keys.current_id()),
            secret(DerivedKind::Source, "b", 1, keys.current_id()),
            secret(DerivedKind::Source, "a", 2, keys.current_id()),
            secret(DerivedKind::Source, "a", 1, &previous),
        ];
        assert!(
            all.iter()
                .all(|text| text.starts_with("whsec_") && text.len() == 50)
        );
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 5);
    }

    #[test]
    fn a_secret_outlives_a_change_of_the_master_key_while_the_one_before_is_set() {
        let before = keys("old", None);
        let master = before.current_id().to_owned();
        let secret = before
            .signing_secret(DerivedKind::Source, "a", 1, &master)
            .unwrap();
        let during = keys("new", Some("old"));
        assert_eq!(
            during
                .signing_secret(DerivedKind::Source, "a", 1, &master)
                .unwrap(),
            secret
        );
        let after = keys("new", None);
        assert!(matches!(
            after.signing_secret(DerivedKind::Source, "a", 1, &master),
            Err(Problem::NotConfigured(Setting::MasterKeyPrevious))
        ));
    }

    #[test]
    fn an_api_key_is_long_url_safe_and_the_same_each_time() {
        let keys = keys("one", None);
        let key = keys.api_key("key-1", keys.current_id()).unwrap();
        assert_eq!(key.len(), 46);
        assert!(key.starts_with("rl_"));
        assert!(
            key.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        );
        assert_eq!(keys.api_key("key-1", keys.current_id()).unwrap(), key);
        assert_ne!(keys.api_key("key-2", keys.current_id()).unwrap(), key);
    }

    #[test]
    fn secrets_do_not_show_in_debug_output() {
        let keys = keys("a very secret master key", None);
        assert!(!format!("{keys:?}").contains("secret master"));
        let secret = SigningSecret::parse("whsec_AAAA").unwrap();
        assert_eq!(format!("{secret:?}"), "SigningSecret(…)");
        assert_eq!(secret.to_text(), "whsec_AAAA");
    }
}
