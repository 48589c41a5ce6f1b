//! A sender of inbound webhooks: who it is, and whether a request is really its own.

use ports::{Platform, Row, Statement};

use crate::call::Call;
use crate::crypto::{DerivedKind, MasterKeys, Signed, SigningSecret, verify};
use crate::http::Problem;

/// A sender whose signature holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its id.
    pub id: String,
    /// Its organisation.
    pub organization: String,
    /// The organisation's network.
    pub network: String,
    /// What the sender calls the message: the same on every try.
    pub webhook_id: String,
}

/// By the primary keys of all three tables: a row for each version of its secret.
const SOURCE: &str = "
SELECT s.organization_id AS source_organization, s.removed_at AS source_removed_at, 
       o.network AS source_network,
       v.version AS secret_version, v.master AS secret_master, v.live_until AS secret_live_until
FROM sources s
JOIN organizations o ON o.id = s.organization_id
JOIN secret_versions v ON v.owner = s.id
WHERE s.id = ?1";

impl Source {
    /// Reads the source with the versions of its secret.
    #[must_use]
    pub fn statement(id: &str) -> Statement {
        Statement::new(SOURCE, [id.into()])
    }

    /// The source, when the call is signed with one of its live secrets.
    ///
    /// # Errors
    /// [`Problem::BadSignature`] otherwise, whatever is wrong: which sources there are is nobody's to find out.
    /// [`Problem::NotConfigured`] without the master key.
    pub async fn verified<P: Platform>(call: &Call<P>, rows: &[Row]) -> Result<Self, Problem> {
        let signed = Signed::from_headers(&call.headers).map_err(|_| Problem::BadSignature)?;
        let masters = MasterKeys::read(&call.platform).await?;
        let id = call.parameter("source");
        let now = call.now_milliseconds();
        let secrets: Vec<SigningSecret> = rows
            .iter()
            .filter(|row| {
                let is_over = row
                    .integer("secret_live_until")
                    .is_some_and(|until| until <= now);
                !is_over && row.integer("source_removed_at").is_none()
            })
            // A version whose master key is gone can verify nothing; another one may.
            .filter_map(|row| {
                let version = row.integer("secret_version")?;
                let master = row.text("secret_master")?;
                masters
                    .signing_secret(DerivedKind::Source, id, version, master)
                    .ok()
            })
            .collect();
        verify(&secrets, &signed, call.body_bytes(), call.now.as_second())
            .map_err(|_| Problem::BadSignature)?;
        let text = |column: &str| {
            rows.first()
                .and_then(|row| row.text(column))
                .map(str::to_owned)
        };
        Ok(Self {
            id: id.to_owned(),
            organization: text("source_organization").ok_or(Problem::BadSignature)?,
            network: text("source_network").ok_or(Problem::BadSignature)?,
            webhook_id: signed.id.to_owned(),
        })
    }
}
