//! A new signing secret for an endpoint or a source, while the one before stays good for a day.

use http::StatusCode;
use ports::{Platform, Row, Statement};
use serde_json::Value;

use super::gate::Gate;
use super::shown::{Kind, NamedSecret, Shown};
use crate::call::Call;
use crate::crypto::MasterKeys;
use crate::http::{Problem, Reply};
use crate::secrets::{self, LIVE_SECRETS_MAX, SecretVersion};

/// How often a rotation that lost against another one is tried again.
const TRIES_MAX: usize = 3;

/// Rotates the secret of what `select` reads and `show` shows.
///
/// # Errors
/// [`Problem::NotFound`] when it reads nothing, [`Problem::TooMany`] when too many secrets are still good.
pub async fn rotate<P: Platform>(
    call: &Call<P>,
    organization: &str,
    kind: Kind,
    id: &str,
    select: Statement,
    show: impl Fn(&Row) -> Value,
) -> Result<Reply, Problem> {
    for _ in 0..TRIES_MAX {
        let gate = Gate::open(call, |_| {
            vec![
                select.clone(),
                secrets::read_live(id, call.now_milliseconds()),
            ]
        })
        .await?;
        gate.sees(organization)?;
        let row = gate.first(0).ok_or(Problem::NotFound)?;
        if let Some(reply) = gate.replay(call).await? {
            return Ok(reply);
        }
        if gate.rows(1).len() >= LIVE_SECRETS_MAX {
            return Err(Problem::TooMany {
                what: "secrets that are good at once; the oldest stops 24 hours after its rotation",
                limit: LIVE_SECRETS_MAX,
            });
        }
        let current = gate
            .first(1)
            .and_then(SecretVersion::from_row)
            .ok_or_else(|| Problem::internal("there is no current secret"))?;
        let next = current.next(&MasterKeys::read(&call.platform).await?);
        let statements = secrets::rotate(id, &next, call.now_milliseconds());
        let shown = Shown::new(StatusCode::OK, show(row)).with_secret(NamedSecret {
            kind,
            id: id.to_owned(),
            version: next.version,
            master: next.master,
        });
        if let Some(reply) = gate.write(call, &shown, statements.into()).await? {
            return Ok(reply);
        }
    }
    Err(Problem::DatabaseUnavailable)
}
