//! An event with its message: what is written beside it, on every try.

use domain::event::Event;
use domain::fold::Fate;
use domain::time::Timestamp;
use ports::{Platform, Statement, Value};

use super::take::Context;
use super::work::Attached;
use crate::http::Problem;
use crate::messages::{State, Won};
use crate::referrals::{Append, Loaded};
use crate::status::{Done, Fresh, Posted};

/// Only where the batch has just written the row of `?6`, if it names one; the event links it to its referral.
const STORE_DOCUMENT: &str = "
INSERT INTO documents (id, organization, media_type, content, created_at)
SELECT ?1, ?2, ?3, ?4, ?5 WHERE ?6 IS NULL OR EXISTS (SELECT 1 FROM referrals WHERE id = ?6 AND tail_hash = ?7)";

/// Stores the documents of a message, where the batch has just written the row that `won` names, if it names one.
pub(super) fn store_documents(
    documents: &[(String, Attached)],
    organization: &str,
    now: Timestamp,
    won: Won<'_>,
) -> Vec<Statement> {
    let (won_id, won_tail) = won.map_or((Value::Null, Value::Null), |won| {
        (won.0.into(), won.1.into())
    });
    let of_one = |(id, document): &(String, Attached)| {
        Statement::new(
            STORE_DOCUMENT,
            [
                id.as_str().into(),
                organization.into(),
                document.media_type.as_str().into(),
                Value::Blob(document.bytes.clone()),
                now.as_millisecond().into(),
                won_id.clone(),
                won_tail.clone(),
            ],
        )
    };
    documents.iter().map(of_one).collect()
}

/// An event with its message.
pub(super) struct Kept<'a, P> {
    pub(super) documents: &'a [(String, Attached)],
    pub(super) posted: &'a Posted,
    pub(super) context: &'a Context<'a, P>,
}

impl<P: Platform> Fresh for Kept<'_, P> {
    fn plan(&self, loaded: &Loaded) -> Result<(Event, Append), Problem> {
        self.posted.plan(loaded)
    }

    fn receipt(&self, _: &Done) -> Option<Statement> {
        None
    }

    fn beside(&self, done: &Done, won: Won<'_>) -> Vec<Statement> {
        let (state, version) = match done {
            Done::Stored {
                fate: Fate::Parked,
                version,
                ..
            }
            | Done::Shelved { version } => (State::Parked, *version),
            Done::Stored { version, .. } => (State::Applied, *version),
            Done::Receipted => return Vec::new(),
        };
        let mut statements = self
            .context
            .beside(state, &self.posted.referral_id, version, won);
        statements.extend(store_documents(
            self.documents,
            &self.posted.organization,
            self.posted.now,
            won,
        ));
        statements
    }
}
