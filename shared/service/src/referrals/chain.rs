//! The hash chain: each event carries the hash of the one before, so that a changed or missing one is found by anyone.
//!
//! A link's body is canonical JSON (members sorted, no white space; RFC 8785 for what we write), and its hash is the SHA-256
//! of that text. The body holds `previous_hash`, so that one hash vouches for all before it.

use domain::event::Event;
use serde_json::Value;

use crate::crypto::sha256_hex;
use crate::http::Problem;
use crate::json::to_value;

/// One event as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its number among the referral's events, from 1.
    pub seq: i64,
    /// The canonical JSON.
    pub body: String,
    /// The SHA-256 of the body, in hexadecimal.
    pub hash: String,
}

impl Link {
    /// The link that `event` makes after `previous_hash` (empty for the first).
    ///
    /// # Errors
    /// [`Problem::Internal`] when the event cannot be written as JSON.
    pub fn new(
        referral_id: &str,
        seq: i64,
        previous_hash: &str,
        event: &Event,
    ) -> Result<Self, Problem> {
        let mut body = to_value(event)?;
        if let Value::Object(members) = &mut body {
            members.insert("referral".to_owned(), referral_id.into());
            members.insert("seq".to_owned(), seq.into());
            members.insert("previous_hash".to_owned(), previous_hash.into());
        }
        let body = body.to_string();
        let hash = sha256_hex(&[body.as_bytes()]);
        Ok(Self { seq, body, hash })
    }

    /// The links that `events` make after a referral's last one.
    ///
    /// # Errors
    /// As [`Link::new`].
    pub fn chain(
        referral_id: &str,
        version: i64,
        tail_hash: &str,
        events: &[Event],
    ) -> Result<Vec<Self>, Problem> {
        let mut links: Vec<Self> = Vec::with_capacity(events.len());
        for (seq, event) in (version.saturating_add(1)..).zip(events) {
            let previous = links.last().map_or(tail_hash, |link| link.hash.as_str());
            let link = Self::new(referral_id, seq, previous, event)?;
            links.push(link);
        }
        Ok(links)
    }
}
