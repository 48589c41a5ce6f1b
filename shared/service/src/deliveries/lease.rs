//! Taking messages of the outbox to send: pairs of an endpoint and a referral, each leased as a whole.

use ports::{Platform, Row, Statement};

use super::render::Lane;
use super::sql;
use crate::crypto::{DerivedKind, MasterKeys, SigningSecret};
use crate::http::Problem;
use crate::ids;
use crate::json::from_text;
use crate::metered::Metered;

/// How many pairs one round takes: Workers allows six connections at once.
pub(super) const PAIRS_MAX: usize = 6;

/// How long a lease lasts: longer than whoever took it can run, so that only one who died loses it.
const LEASE_MS: i64 = 60_000;

/// A message that is to be sent.
#[derive(Debug, Clone)]
pub struct Message {
    /// The endpoint's id.
    pub endpoint: String,
    /// Whose endpoint it is.
    pub organization: String,
    /// The referral's id; empty for what concerns the endpoint alone.
    pub referral: String,
    /// The event's number in the chain.
    pub seq: i64,
    /// The event's id.
    pub event: String,
    /// The type under which it is told.
    pub kind: String,
    /// What is sent: as it was queued, until a [`super::Renderer`] writes it in another format.
    pub body: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Whether it holds a patient's data, which goes over https alone.
    pub is_confidential: bool,
    /// Whether its format has no words for it: it goes without being sent.
    pub is_silent: bool,
    /// Whether it waits for the next round, and what is behind it with it.
    pub is_deferred: bool,
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
            media_type: "application/json",
            is_confidential: false,
            is_silent: false,
            is_deferred: false,
            attempts: usize::try_from(number("attempts")).unwrap_or_default(),
            express: number("express") % 2 == 1,
            due_at: number("due_at"),
        }
    }

    /// The same on every try, and of one message and one endpoint alone.
    pub fn webhook_id(&self) -> String {
        format!("{}.{}", self.event, self.endpoint)
    }
}

/// An endpoint that messages are sent to.
#[derive(Debug, Clone)]
pub(super) struct Endpoint {
    pub(super) url: String,
    pub(super) failing_since: Option<i64>,
    /// The newest first; none where the master keys are gone that they were derived from: the partner must rotate.
    pub(super) secrets: Vec<SigningSecret>,
}

impl Endpoint {
    fn from_row(row: &Row, keys: &MasterKeys) -> Result<Self, Problem> {
        let id = row.text("endpoint_id").unwrap_or_default();
        let versions: Vec<(i64, String)> = from_text(row.text("secrets").unwrap_or("[]"))?;
        Ok(Self {
            url: row.text("url").unwrap_or_default().to_owned(),
            failing_since: row.integer("failing_since"),
            secrets: versions
                .iter()
                .filter_map(|(version, master)| {
                    keys.signing_secret(DerivedKind::Endpoint, id, *version, master)
                        .ok()
                })
                .collect(),
        })
    }
}

/// All that is due of one pair, in order.
#[derive(Debug, Clone)]
pub struct Pair {
    pub(super) endpoint: Endpoint,
    /// The messages.
    pub messages: Vec<Message>,
}

impl Pair {
    fn is_of(&self, message: &Message) -> bool {
        self.messages.first().is_some_and(|first| {
            first.endpoint == message.endpoint && first.referral == message.referral
        })
    }
}

/// What one round has taken.
#[derive(Debug, Default)]
pub struct Lease {
    /// By which the rows are known.
    pub token: String,
    /// The most pressing first.
    pub pairs: Vec<Pair>,
}

/// Takes the most pressing pairs of a lane; of the network of the key with this hash, or of all. One round trip.
///
/// # Errors
/// [`Problem::NotConfigured`] without the master key, once there is something to sign.
pub(super) async fn take<P: Platform>(
    platform: &Metered<P>,
    lane: Lane,
    key_hash: Option<&str>,
    now: i64,
) -> Result<Lease, Problem> {
    let token = ids::suffix(platform);
    let most = i64::try_from(PAIRS_MAX).unwrap_or(i64::MAX);
    let lease = Statement::new(
        sql::LEASE,
        [
            token.as_str().into(),
            now.into(),
            now.saturating_add(LEASE_MS).into(),
            most.into(),
            key_hash.map(str::to_owned).into(),
            lane.express().into(),
            lane.others().into(),
        ],
    );
    let answer = platform.batch(vec![lease]).await?;
    if answer.rows(0).is_empty() {
        return Ok(Lease::default());
    }
    let keys = MasterKeys::read(platform).await?;
    Ok(Lease {
        pairs: pairs(answer.rows(0), &keys)?,
        token,
    })
}

fn pairs(rows: &[Row], keys: &MasterKeys) -> Result<Vec<Pair>, Problem> {
    let mut pairs: Vec<Pair> = Vec::new();
    for row in rows {
        let message = Message::from_row(row);
        let of_same = |pair: &&mut Pair| pair.is_of(&message);
        match pairs.iter_mut().find(of_same) {
            Some(pair) => pair.messages.push(message),
            None => pairs.push(Pair {
                endpoint: Endpoint::from_row(row, keys)?,
                messages: vec![message],
            }),
        }
    }
    for pair in &mut pairs {
        pair.messages.sort_by_key(|message| message.seq);
    }
    pairs.sort_by_key(|pair| {
        let first = pair.messages.first();
        first.map(|message| (!message.express, message.due_at))
    });
    Ok(pairs)
}
