//! In which format a message goes out. The outbox holds which event is told to which endpoint; what is sent of it is written when it is
//! sent. Leases, order, signatures, tries and dead letters are the same for every format.

use std::future::Future;

use ports::{Answered, Outgoing, Platform, SendError, Statement};
use serde_json::Value;

use super::lease::{Lease, Message};
use crate::http::Problem;
use crate::metered::Metered;

/// A part of the outbox: the rows of the endpoints whose formats one function writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// What is sent as it was queued, by whichever function queued it and by the sweep.
    Json,
    /// What is written as FHIR R4 or HL7 v2, by the one function that links them.
    Formats,
}

impl Lane {
    /// `deliveries.express` of what is never behind the others.
    pub(super) const fn express(self) -> i64 {
        self.others().saturating_add(1)
    }

    /// `deliveries.express` of the others.
    pub(super) const fn others(self) -> i64 {
        match self {
            Self::Json => 0,
            Self::Formats => 2,
        }
    }
}

/// What the body of an answer makes of a status of success. The text is a code, and nothing of what was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It was taken.
    Taken,
    /// Not this time.
    Failed(String),
    /// Never: it is a dead letter at once.
    Rejected(String),
}

/// Writes what a round sends.
pub trait Renderer<P: Platform>: Sync {
    /// Which rows it is for.
    const LANE: Lane;

    /// Writes the messages of a lease, in place.
    ///
    /// # Errors
    /// The round ends; its messages are due again when the lease is over.
    fn render(
        &self,
        platform: &Metered<P>,
        lease: &mut Lease,
        now: i64,
    ) -> impl Future<Output = Result<(), Problem>> + Send;

    /// Sends what was signed, and says what the body of the answer makes of a status of success.
    ///
    /// # Errors
    /// [`SendError`] when no answer came.
    fn send(
        &self,
        platform: &Metered<P>,
        _: &Message,
        request: Outgoing,
    ) -> impl Future<Output = Result<(Answered, Verdict), SendError>> + Send {
        let sending = platform.send(request);
        async { Ok((sending.await?, Verdict::Taken)) }
    }

    /// What is written with the settling of the round, given the delivered (`{endpoint, referral, seq}`).
    fn settled(&self, delivered: &[Value], now: i64) -> Option<Statement>;
}

/// JSON: a message as it was queued.
#[derive(Debug, Clone, Copy)]
pub struct Json;

impl<P: Platform> Renderer<P> for Json {
    const LANE: Lane = Lane::Json;

    fn render(
        &self,
        _: &Metered<P>,
        _: &mut Lease,
        _: i64,
    ) -> impl Future<Output = Result<(), Problem>> + Send {
        std::future::ready(Ok(()))
    }

    fn settled(&self, _: &[Value], _: i64) -> Option<Statement> {
        None
    }
}
