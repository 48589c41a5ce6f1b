//! Sending one message: signed with every live secret, judged by the status of the answer, and by its body where its format has one.

use ports::{Outgoing, Platform, SendError};

use super::address::{Allowed, check, check_confidential};
use super::lease::{Endpoint, Message, Pair};
use super::render::{Renderer, Verdict};
use crate::crypto::sign;
use crate::metered::Metered;

/// How long an endpoint may take to answer.
const TIMEOUT_MS: u32 = 10_000;

/// How many messages of one pair a round sends at most, one after the other.
const MESSAGES_MAX: usize = 10;

/// How long a round goes on taking up messages. With the longest wait for an answer it ends within the 30 seconds that Workers gives.
const ROUND_MS: i64 = 12_000;

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The endpoint took it.
    Delivered,
    /// The endpoint will never take this message: a dead letter.
    Rejected {
        /// Why, as a code: `hl7-AR-200`.
        error: String,
    },
    /// The endpoint is gone (410): it wants nothing more.
    Gone,
    /// Not this time.
    Failed {
        /// Why, as a code: `http-500`, `timed-out`, `unreachable`, `private-address`, `no-secret`.
        error: String,
        /// `Retry-After`, as it came.
        retry_after: Option<String>,
    },
}

/// Sends the messages of a pair in order, up to the first that the endpoint does not take.
pub(super) async fn pair<P: Platform, R: Renderer<P>>(
    platform: &Metered<P>,
    renderer: &R,
    pair: &Pair,
    allowed: Allowed,
    began_at: i64,
) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for message in pair.messages.iter().take(MESSAGES_MAX) {
        let now = platform.now();
        if message.is_deferred || now.saturating_sub(began_at) > ROUND_MS {
            break;
        }
        let outcome = one(platform, renderer, &pair.endpoint, message, allowed, now).await;
        let goes_on = matches!(outcome, Outcome::Delivered | Outcome::Rejected { .. });
        outcomes.push(outcome);
        if !goes_on {
            break;
        }
    }
    outcomes
}

async fn one<P: Platform, R: Renderer<P>>(
    platform: &Metered<P>,
    renderer: &R,
    endpoint: &Endpoint,
    message: &Message,
    allowed: Allowed,
    now: i64,
) -> Outcome {
    if message.is_silent {
        return Outcome::Delivered;
    }
    let checked = if message.is_confidential {
        check_confidential(&endpoint.url, allowed)
    } else {
        check(&endpoint.url, allowed)
    };
    // Asked again at each try: an address that was allowed once may be no longer.
    if let Err(fault) = checked {
        return failed(fault.told().0);
    }
    if endpoint.secrets.is_empty() {
        return failed("no-secret");
    }
    let sent = renderer.send(platform, message, signed(endpoint, message, now));
    match sent.await {
        Ok((answered, verdict)) => match answered.status {
            200..=299 => match verdict {
                Verdict::Taken => Outcome::Delivered,
                Verdict::Failed(error) => Outcome::Failed {
                    error,
                    retry_after: answered.retry_after,
                },
                Verdict::Rejected(error) => Outcome::Rejected { error },
            },
            410 => Outcome::Gone,
            status => Outcome::Failed {
                error: format!("http-{status}"),
                retry_after: answered.retry_after,
            },
        },
        Err(SendError::TimedOut) => failed("timed-out"),
        Err(SendError::Unreachable) => failed("unreachable"),
    }
}

fn failed(error: &str) -> Outcome {
    Outcome::Failed {
        error: error.to_owned(),
        retry_after: None,
    }
}

fn signed(endpoint: &Endpoint, message: &Message, now: i64) -> Outgoing {
    let seconds = now.div_euclid(1_000);
    let id = message.webhook_id();
    let signatures: Vec<String> = endpoint
        .secrets
        .iter()
        .map(|secret| sign(secret, &id, seconds, message.body.as_bytes()))
        .collect();
    Outgoing {
        url: endpoint.url.clone(),
        headers: vec![
            ("content-type", message.media_type.to_owned()),
            ("user-agent", "referral-loop".to_owned()),
            ("webhook-id", id),
            ("webhook-timestamp", seconds.to_string()),
            ("webhook-signature", signatures.join(" ")),
        ],
        body: message.body.clone(),
        timeout_ms: TIMEOUT_MS,
    }
}
