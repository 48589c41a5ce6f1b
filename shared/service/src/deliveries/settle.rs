//! What a round writes: what was delivered goes, what failed is due again or dead, and an endpoint that is gone, or has failed for
//! too long, is switched off with a notice.

use ports::{Platform, Statement};
use serde_json::{Value, json};

use super::CHALLENGE;
use super::lease::{Lease, Message, Pair};
use super::notice::ENDPOINT_DISABLED;
use super::schedule::next_try;
use super::sql;
use super::transmit::Outcome;
use crate::metered::Metered;

/// How long an endpoint may fail without a success before a dead letter switches it off. Ours: a weekend.
const FAILING_MS_MAX: i64 = 3 * 24 * 60 * 60 * 1_000;

/// The statements that settle a round.
#[derive(Debug, Default)]
pub(super) struct Settlement {
    delivered: Vec<Value>,
    failed: Vec<Value>,
    released: Vec<Value>,
    states: Vec<Value>,
    disabled: Vec<Value>,
    died: Vec<Value>,
    has_proven: bool,
}

impl Settlement {
    /// How many were delivered.
    pub(super) fn delivered(&self) -> u64 {
        self.delivered.len() as u64
    }

    /// What was delivered, and to which endpoints.
    pub(super) fn delivered_to(&self) -> &[Value] {
        &self.delivered
    }

    /// How many could not be.
    pub(super) fn failed(&self) -> u64 {
        self.failed.len() as u64
    }

    /// Whether an endpoint has answered its challenge.
    pub(super) const fn has_proven(&self) -> bool {
        self.has_proven
    }

    /// Adds what became of the messages of a pair.
    pub(super) fn add<P: Platform>(
        &mut self,
        platform: &Metered<P>,
        pair: &Pair,
        outcomes: &[Outcome],
        now: i64,
    ) {
        let mut held_until = now;
        for (message, outcome) in pair.messages.iter().zip(outcomes) {
            match outcome {
                Outcome::Delivered => self.succeed(pair, message, now),
                // The message is at fault, and not the endpoint.
                Outcome::Rejected { error } => self.fail(message, error, None, now),
                Outcome::Gone => {
                    self.fail(message, "http-410", None, now);
                    self.switch_off(message, "gone", now);
                }
                Outcome::Failed { error, retry_after } => {
                    let attempts = message.attempts.saturating_add(1);
                    let [high, low, ..] = platform.random();
                    let chance = u16::from_be_bytes([high, low]);
                    let next = next_try(attempts, retry_after.as_deref(), now, chance);
                    held_until = next.unwrap_or(now);
                    self.fail(message, error, next, now);
                    self.note_failure(pair, message, next.is_none(), now);
                }
            }
        }
        if pair.messages.len() > outcomes.len() {
            let first = pair.messages.first();
            self.released.extend(first.map(|message| {
                json!({"endpoint": message.endpoint, "referral": message.referral, "due_at": held_until})
            }));
        }
    }

    fn succeed(&mut self, pair: &Pair, message: &Message, now: i64) {
        self.delivered.push(named(message));
        let proves = message.kind == CHALLENGE;
        self.has_proven |= proves;
        if proves || pair.endpoint.failing_since.is_some() {
            let proven_at = proves.then_some(now);
            self.states.push(json!({
                "endpoint": message.endpoint, "proven_at": proven_at, "failing_since": null,
            }));
        }
    }

    fn fail(&mut self, message: &Message, error: &str, next: Option<i64>, now: i64) {
        let dead_at = next.is_none().then_some(now);
        self.failed.push(json!({
            "endpoint": message.endpoint,
            "referral": message.referral,
            "seq": message.seq,
            "attempts": message.attempts.saturating_add(1),
            "due_at": next.unwrap_or(now),
            "dead_at": dead_at,
            "error": error,
        }));
        if dead_at.is_some() {
            self.died.push(json!({"endpoint": message.endpoint}));
        }
    }

    fn note_failure(&mut self, pair: &Pair, message: &Message, died: bool, now: i64) {
        match pair.endpoint.failing_since {
            None => self.states.push(json!({
                "endpoint": message.endpoint, "proven_at": null, "failing_since": now,
            })),
            Some(since) if died && now.saturating_sub(since) >= FAILING_MS_MAX => {
                let because = if message.kind == CHALLENGE {
                    "unproven"
                } else {
                    "failing"
                };
                self.switch_off(message, because, now);
            }
            Some(_) => {}
        }
    }

    fn switch_off(&mut self, message: &Message, because: &'static str, now: i64) {
        let is_off =
            |off: &Value| off.get("endpoint").and_then(Value::as_str) == Some(&message.endpoint);
        if self.disabled.iter().any(is_off) {
            return;
        }
        let timestamp = domain::time::Timestamp::from_millisecond(now)
            .map(|at| at.to_string())
            .unwrap_or_default();
        let body = json!({
            "type": ENDPOINT_DISABLED,
            "timestamp": timestamp,
            "data": {"organization": message.organization, "endpoint": message.endpoint, "because": because},
        });
        self.disabled.push(json!({
            "organization": message.organization,
            "endpoint": message.endpoint,
            "because": because,
            "body": body.to_string(),
        }));
        self.died.push(json!({"endpoint": message.endpoint}));
    }

    /// The batch that settles `lease`; empty where nothing was sent.
    pub(super) fn statements(self, lease: &Lease, now: i64) -> Vec<Statement> {
        let token = || ports::Value::from(lease.token.as_str());
        let at = || ports::Value::from(now);
        let list = |values: &[Value]| ports::Value::from(Value::from(values.to_vec()).to_string());
        let mut statements = Vec::new();
        let mut add = |values: &[Value], sql: &'static str, second: Option<ports::Value>| {
            if !values.is_empty() {
                let mut parameters = vec![list(values)];
                parameters.extend(second);
                statements.push(Statement { sql, parameters });
            }
        };
        add(&self.delivered, sql::DELIVERED, Some(token()));
        add(&self.failed, sql::FAILED, Some(token()));
        add(&self.released, sql::RELEASE, Some(token()));
        add(&self.states, sql::STATES, None);
        add(&self.disabled, sql::DISABLE, Some(at()));
        add(&self.disabled, sql::DISABLED_BECAUSE, None);
        add(&self.disabled, sql::BURY, Some(at()));
        add(&self.disabled, sql::TELL_OTHERS, Some(at()));
        add(&self.died, sql::MARK_DEAD, Some(at()));
        statements
    }
}

fn named(message: &Message) -> Value {
    json!({"endpoint": message.endpoint, "referral": message.referral, "seq": message.seq})
}
