//! Taking messages of the outbox to send: pairs of an endpoint and a referral, each leased as a whole.

use std::collections::BTreeMap;

use ports::{Answer, Platform, Row, Statement};

use super::sql;
use crate::crypto::{DerivedKind, MasterKeys, SigningSecret};
use crate::http::Problem;
use crate::ids;
use crate::metered::Metered;
use crate::secrets;

/// How many pairs one round takes: Workers allows six connections at once.
pub(super) const PAIRS_MAX: usize = 6;

/// How long a lease lasts: longer than whoever took it can run, so that only one who died loses it.
const LEASE_MS: i64 = 60_000;

/// A message that is to be sent.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) endpoint: String,
    pub(super) organization: String,
    pub(super) referral: String,
    pub(super) seq: i64,
    pub(super) event: String,
    pub(super) kind: String,
    pub(super) body: String,
    pub(super) attempts: usize,
    express: bool,
    due_at: i64,
}

impl Message {
    fn from_row(row: &Row) -> Self {
        let text = |column: &str| row.text(column).unwrap_or_default().to_owned();
        let number = |column: &str| row.integer(column).unwrap_or_default();
        Self {
            endpoint: text("endpoint_id"),
            organization: text("organization_id"),
            referral: text("referral_id"),
            seq: number("seq"),
            event: text("event_id"),
            kind: text("type"),
            body: text("body"),
            attempts: usize::try_from(number("attempts")).unwrap_or_default(),
            express: row.flag("express"),
            due_at: number("due_at"),
        }
    }

    /// The same on every try, and of one message and one endpoint alone.
    pub(super) fn webhook_id(&self) -> String {
        format!("{}.{}", self.event, self.endpoint)
    }
}

/// An endpoint that messages are sent to.
#[derive(Debug, Clone)]
pub(super) struct Endpoint {
    pub(super) url: String,
    pub(super) failing_since: Option<i64>,
    pub(super) secrets: Vec<SigningSecret>,
}

/// All that is due of one pair, in order.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) endpoint: Endpoint,
    pub(super) messages: Vec<Message>,
}

/// What one round has taken.
#[derive(Debug, Default)]
pub(super) struct Lease {
    /// By which the rows are known.
    pub(super) token: String,
    /// The most pressing first.
    pub(super) pairs: Vec<Pair>,
}

/// Takes the most pressing pairs; of the network of the key with this hash, or of all. One round trip.
///
/// # Errors
/// [`Problem::NotConfigured`] without the master key, once there is something to sign.
pub(super) async fn take<P: Platform>(
    platform: &Metered<P>,
    key_hash: Option<&str>,
    now: i64,
) -> Result<Lease, Problem> {
    let token = ids::suffix(platform);
    let most = i64::try_from(PAIRS_MAX).unwrap_or(i64::MAX);
    let statements = vec![
        Statement::new(
            sql::LEASE,
            [
                token.as_str().into(),
                now.into(),
                now.saturating_add(LEASE_MS).into(),
                most.into(),
                key_hash.map(str::to_owned).into(),
            ],
        ),
        Statement::new(sql::ENDPOINTS, [token.as_str().into(), now.into()]),
    ];
    let answer = platform.batch(statements).await?;
    if answer.rows(0).is_empty() {
        return Ok(Lease::default());
    }
    let keys = MasterKeys::read(platform).await?;
    Ok(Lease {
        pairs: pairs(&answer, &endpoints(answer.rows(1), &keys)),
        token,
    })
}

fn endpoints(rows: &[Row], keys: &MasterKeys) -> BTreeMap<String, Endpoint> {
    let mut versions: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for row in rows {
        let id = row.text("id").unwrap_or_default().to_owned();
        versions.entry(id).or_default().push(row.clone());
    }
    versions
        .into_iter()
        .filter_map(|(id, rows)| {
            let first = rows.first()?;
            // One whose master key is gone cannot sign: its message fails, and the partner must rotate.
            let secrets = secrets::signing_secrets(keys, DerivedKind::Endpoint, &id, &rows);
            let endpoint = Endpoint {
                url: first.text("url")?.to_owned(),
                failing_since: first.integer("failing_since"),
                secrets: secrets.unwrap_or_default(),
            };
            Some((id, endpoint))
        })
        .collect()
}

fn pairs(answer: &Answer, endpoints: &BTreeMap<String, Endpoint>) -> Vec<Pair> {
    let mut messages: Vec<Message> = answer.rows(0).iter().map(Message::from_row).collect();
    messages.sort_by(|one, other| {
        (&one.endpoint, &one.referral, one.seq).cmp(&(&other.endpoint, &other.referral, other.seq))
    });
    let mut pairs: Vec<Pair> = messages
        .chunk_by(|one, other| one.endpoint == other.endpoint && one.referral == other.referral)
        .filter_map(|messages| {
            let endpoint = endpoints.get(&messages.first()?.endpoint)?.clone();
            Some(Pair {
                endpoint,
                messages: messages.to_vec(),
            })
        })
        .collect();
    pairs.sort_by_key(|pair| {
        let first = pair.messages.first();
        first.map(|message| (!message.express, message.due_at))
    });
    pairs
}
