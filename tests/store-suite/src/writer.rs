//! A writer of one event, as the status function is one.

use domain::event::Event;
use domain::kind::EventKind;
use domain::time::Timestamp;
use ports::{Platform, Statement};
use service::http::Problem;
use service::metered::Metered;
use service::receipts::{Answered, Owner, Receipt};
use service::referrals::{Append, Key, Loaded, Selector};
use service::status::{Done, Fresh, append, arrival, plan};

use crate::Failure;

/// An event, and how it is written.
pub struct Writer {
    /// The event.
    pub event: Event,
    /// Whether it came without a time, and so happened when it arrived.
    pub at_arrival: bool,
    /// The receipt of the call, and whose it is.
    pub receipt: Option<(Receipt, String)>,
    /// What it sees of the referral whatever was read: who sees an old version can never win.
    pub sees: Option<Loaded>,
}

impl Writer {
    /// Of an event that says when it happened, without a receipt.
    pub fn new(event: Event) -> Self {
        Self {
            event,
            at_arrival: false,
            receipt: None,
            sees: None,
        }
    }

    /// Of an event that happened when it arrived.
    pub fn at_arrival(event: Event) -> Self {
        Self {
            at_arrival: true,
            ..Self::new(event)
        }
    }

    /// With a receipt of `organization`.
    pub fn with_receipt(self, receipt: Receipt, organization: String) -> Self {
        Self {
            receipt: Some((receipt, organization)),
            ..self
        }
    }

    /// What it reads of the referral before it is decided.
    pub fn selector(&self) -> Selector {
        let id = self.event.id.as_str();
        let referral = id.split_once('.').map_or(id, |(referral, _)| referral);
        Selector {
            key: Key::Id(referral.to_owned()),
            events_from_ms: match self.event.kind {
                EventKind::EventRetracted | EventKind::ReferralCancellationRefused => Some(0),
                _ if self.at_arrival => None,
                _ => Some(self.event.occurred_at.as_millisecond()),
            },
            with_request: self.event.kind == EventKind::ReferralCorrected,
        }
    }

    /// Reads the referral and writes the event.
    pub async fn write<P: Platform>(&self, platform: &Metered<P>) -> Result<Done, Failure> {
        let selector = self.selector();
        let loaded = load(platform, &selector).await?;
        Ok(append(platform, loaded, &selector, self).await?)
    }
}

impl Fresh for Writer {
    fn plan(&self, loaded: &Loaded) -> Result<(Event, Append), Problem> {
        let loaded = self.sees.as_ref().unwrap_or(loaded);
        let mut event = self.event.clone();
        if self.at_arrival {
            event.occurred_at = arrival(&loaded.record.referral, event.recorded_at);
        }
        let append = plan(loaded, &event, false, event.recorded_at)?;
        Ok((event, append))
    }

    fn receipt(&self, done: &Done) -> Option<Statement> {
        let (receipt, organization) = self.receipt.as_ref()?;
        let (Done::Stored { version, .. } | Done::Shelved { version }) = done else {
            return None;
        };
        let answered = Answered {
            status: 202,
            referral: match self.selector().key {
                Key::Id(id) => Some((id, *version)),
                Key::Identifier { .. } => None,
            },
            answer: None,
        };
        let now: Timestamp = self.event.recorded_at;
        let owner = Owner::Organization(organization);
        Some(receipt.write(owner, &answered, now.as_millisecond()))
    }
}

/// The one referral that `selector` names.
pub async fn load<P: Platform>(platform: &P, selector: &Selector) -> Result<Loaded, Failure> {
    let answer = platform.batch(selector.statements().into()).await?;
    Loaded::from_rows(answer.rows(0), answer.rows(1), answer.rows(2))?
        .pop()
        .ok_or_else(|| Failure::Case("there is no such referral".to_owned()))
}
