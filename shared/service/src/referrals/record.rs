//! A referral as its row holds it.

use domain::attention::{Attention, Surroundings};
use domain::limits::Clocks;
use domain::policy::Policy;
use domain::referral::Referral;
use domain::request::{Recipient, Request};
use domain::time::Timestamp;
use ports::Row;
use serde::de::DeserializeOwned;

use super::evaluate::Clock;
use crate::http::Problem;
use crate::json::from_text;

/// A stored referral.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its id.
    pub id: String,
    /// The number of its stored events.
    pub version: i64,
    /// The hash of the last one.
    pub tail_hash: String,
    /// How it stands.
    pub referral: Referral,
    /// The request; `None` where it was not read.
    pub request: Option<Request>,
    /// The limits as of the last write or sweep.
    pub clocks: Clocks,
    /// What a person should look at, as of then.
    pub attention: Vec<Attention>,
    /// What the worklist sorts by, as of then.
    pub points: i64,
    /// When somebody must look again.
    pub next_due_at: Option<Timestamp>,
    /// The policy that applies: the network's, with the limits of the recipient's service; where it was read.
    pub policy: Policy,
    /// Whether both sides take part.
    pub around: Surroundings,
    /// Whether the referrer has software of its own.
    pub referrer_connected: bool,
    /// Whether the recipient has.
    pub recipient_connected: bool,
}

impl Record {
    /// From the row that was read, where it is of a referral that `organization` has sent.
    ///
    /// # Errors
    /// [`Problem::NotFound`] for any other, and as [`Self::from_row`].
    pub fn sent_by(organization: &str, row: Option<&Row>) -> Result<Self, Problem> {
        row.map(Self::from_row)
            .transpose()?
            .filter(|record| record.referral.referrer == organization)
            .ok_or(Problem::NotFound)
    }

    /// From a row with the columns of `sql::RECORD`.
    ///
    /// # Errors
    /// [`Problem::Internal`] when the row is not what we write.
    pub fn from_row(row: &Row) -> Result<Self, Problem> {
        let referral: Referral =
            json(row, "state")?.ok_or_else(|| Problem::internal("a referral has no state"))?;
        let mut policy: Policy = json(row, "policy")?.unwrap_or_default();
        policy.service = json(row, "service_limits")?.unwrap_or_default();
        let clocks: Vec<Clock> = json(row, "clocks")?.unwrap_or_default();
        Ok(Self {
            id: row.text("id").unwrap_or_default().to_owned(),
            version: row.integer("version").unwrap_or_default(),
            tail_hash: row.text("tail_hash").unwrap_or_default().to_owned(),
            request: json(row, "request")?,
            clocks: Clock::read(clocks, &policy, referral.urgency()),
            referral,
            attention: json(row, "attention")?.unwrap_or_default(),
            points: row.integer("points").unwrap_or_default(),
            next_due_at: row
                .integer("next_due_at")
                .and_then(|at| Timestamp::from_millisecond(at).ok()),
            policy,
            around: Surroundings {
                referrer_active: row.integer("referrer_active") != Some(0),
                recipient_active: row.integer("recipient_active") != Some(0),
                delivery_failed: row.flag("delivery_failed"),
            },
            referrer_connected: row.integer("referrer_connected") != Some(0),
            // An office outside the network has no row, and no software of ours.
            recipient_connected: row.integer("recipient_connected") == Some(1),
        })
    }
}

impl Record {
    /// Whether whom it is with has software of its own here, and needs no letter.
    #[must_use]
    pub fn has_connected_recipient(&self) -> bool {
        let recipient = self.referral.leg().map(|leg| &leg.recipient);
        self.recipient_connected && matches!(recipient, Some(Recipient::Member { .. }))
    }

    /// Whether `referral` is with the recipient that it was with when it was read: the policy is that one's.
    #[must_use]
    pub fn is_with_the_same(&self, referral: &Referral) -> bool {
        let recipient = |referral: &Referral| referral.leg().map(|leg| leg.recipient.clone());
        recipient(&self.referral) == recipient(referral)
    }
}

fn json<T: DeserializeOwned>(row: &Row, column: &str) -> Result<Option<T>, Problem> {
    row.text(column).map(from_text).transpose()
}
