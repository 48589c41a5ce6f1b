//! The live signing secrets of a source or an endpoint: which versions there are, and how a rotation changes them.
//!
//! The table holds versions; the secrets are derived. The version before a rotation stays good for a day, so that the
//! partner can change over without losing a webhook.

use ports::{Row, Setting, Statement};

use crate::crypto::{DerivedKind, MasterKeys, SigningSecret};
use crate::http::Problem;

/// How long the secret before a rotation stays good: 24 hours.
pub const OVERLAP_MS: i64 = 24 * 60 * 60 * 1000;

/// The most secrets of one source or endpoint that are good at once.
pub const LIVE_SECRETS_MAX: usize = 4;

/// The first version.
const FIRST_VERSION: i64 = 1;

/// One version of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretVersion {
    /// Its number.
    pub version: i64,
    /// The id of the master key that it is derived from.
    pub master: String,
}

impl SecretVersion {
    /// The first version, from the current master key.
    #[must_use]
    pub fn first(keys: &MasterKeys) -> Self {
        Self {
            version: FIRST_VERSION,
            master: keys.current_id().to_owned(),
        }
    }

    /// The version that a rotation makes.
    #[must_use]
    pub fn next(&self, keys: &MasterKeys) -> Self {
        Self {
            version: self.version.saturating_add(1),
            master: keys.current_id().to_owned(),
        }
    }

    /// From a row of [`read_live`].
    #[must_use]
    pub fn from_row(row: &Row) -> Option<Self> {
        Some(Self {
            version: row.integer("secret_version")?,
            master: row.text("secret_master")?.to_owned(),
        })
    }

    /// Writes it; a conflict on `secret_versions` means that another rotation was first.
    #[must_use]
    pub fn insert(&self, owner: &str) -> Statement {
        Statement::new(
            INSERT,
            [
                owner.into(),
                self.version.into(),
                self.master.as_str().into(),
            ],
        )
    }
}

/// Reads the live versions of an owner's secret, the newest first.
#[must_use]
pub fn read_live(owner: &str, now_milliseconds: i64) -> Statement {
    Statement::new(LIVE, [owner.into(), now_milliseconds.into()])
}

/// The secrets of the rows of [`read_live`], in their order.
///
/// One whose master key is gone is left out: it can neither sign nor check.
///
/// # Errors
/// [`Problem::NotConfigured`] when that leaves none of several rows.
pub fn signing_secrets(
    keys: &MasterKeys,
    kind: DerivedKind,
    owner: &str,
    rows: &[Row],
) -> Result<Vec<SigningSecret>, Problem> {
    let secrets: Vec<_> = rows
        .iter()
        .filter_map(SecretVersion::from_row)
        .filter_map(|version| {
            keys.signing_secret(kind, owner, version.version, &version.master)
                .ok()
        })
        .collect();
    if secrets.is_empty() && !rows.is_empty() {
        return Err(Problem::NotConfigured(Setting::MasterKeyPrevious));
    }
    Ok(secrets)
}

/// Makes `next` the current version: the one before is good for a day more, and what is no longer good goes.
#[must_use]
pub fn rotate(owner: &str, next: &SecretVersion, now_milliseconds: i64) -> [Statement; 3] {
    let live_until = now_milliseconds.saturating_add(OVERLAP_MS);
    [
        next.insert(owner),
        Statement::new(
            RETIRE,
            [owner.into(), next.version.into(), live_until.into()],
        ),
        Statement::new(FORGET, [owner.into(), now_milliseconds.into()]),
    ]
}

/// Removes all versions of an owner's secret.
#[must_use]
pub fn remove(owner: &str) -> Statement {
    Statement::new(REMOVE, [owner.into()])
}

/// By the primary key.
const LIVE: &str = "
SELECT version AS secret_version, master AS secret_master FROM secret_versions
WHERE owner = ?1 AND (live_until IS NULL OR live_until > ?2) ORDER BY version DESC";

const INSERT: &str = "INSERT INTO secret_versions (owner, version, master) VALUES (?1, ?2, ?3)";

/// By the primary key.
const RETIRE: &str = "
UPDATE secret_versions SET live_until = ?3 WHERE owner = ?1 AND version < ?2 AND live_until IS NULL";

/// By the primary key.
const FORGET: &str = "DELETE FROM secret_versions WHERE owner = ?1 AND live_until <= ?2";

/// By the primary key.
const REMOVE: &str = "DELETE FROM secret_versions WHERE owner = ?1";
