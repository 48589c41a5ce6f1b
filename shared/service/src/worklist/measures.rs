//! `GET /worklist/measures`: completion and loop closure, each rate with its numerator and denominator.
//!
//! Worked out from the folded rows of the range; a referral that was entered in error is in none of it.

use std::collections::BTreeMap;

use domain::referral::{EndReason, Referral};
use domain::status::Status;
use domain::time::Date;
use domain::time::Timestamp;
use http::StatusCode;
use ports::{Platform, Row, Statement};
use serde_json::{Map, Value, json};

use crate::auth::Credentials;
use crate::call::Call;
use crate::http::{Fault, Problem, Reply};
use crate::json::from_text;

/// By what measures are grouped.
pub(super) const GROUPS: &[&str] = &["specialty", "urgency", "recipient", "month"];

/// Characters of `YYYY-MM`.
const MONTH_CHARS: usize = 7;

const DAY_MS: f64 = 86_400_000.0;

/// By the index of each side; the rows of the range are read.
const SENT: &str = "
SELECT f.state, f.specialty, f.urgency, f.recipient, f.created_at FROM referrals f
WHERE f.referrer = (SELECT organization_id FROM keys WHERE hash = ?1)
  AND f.created_at >= ?2 AND f.created_at < ?3 AND f.status <> 'entered-in-error'";

const RECEIVED: &str = "
SELECT f.state, f.specialty, f.urgency, f.recipient, f.created_at FROM referrals f
WHERE f.recipient = (SELECT organization_id FROM keys WHERE hash = ?1)
  AND f.created_at >= ?2 AND f.created_at < ?3 AND f.status <> 'entered-in-error'";

/// Reads the measures.
pub(super) async fn read<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let asked = range(&call);
    let mut statements = vec![credentials.statement()];
    if let Ok(range) = &asked {
        statements.push(Statement::new(
            if range.received { RECEIVED } else { SENT },
            [
                credentials.hash().into(),
                range.from.into(),
                range.to.into(),
            ],
        ));
    }
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    caller.member()?;
    let range = asked?;
    let mut all = Tally::default();
    let mut groups: BTreeMap<String, Tally> = BTreeMap::new();
    for row in answer.rows(1) {
        let referral: Referral = from_text(row.text("state").unwrap_or_default())?;
        all.count(&referral);
        if let Some(by) = range.by {
            groups.entry(group(row, by)).or_default().count(&referral);
        }
    }
    let mut body = all.to_json();
    if let (Value::Object(members), Some(by)) = (&mut body, range.by) {
        let groups: Vec<Value> = groups
            .iter()
            .map(|(key, tally)| {
                let mut group = tally.to_json();
                if let Value::Object(members) = &mut group {
                    members.insert(by.to_owned(), key.as_str().into());
                }
                group
            })
            .collect();
        members.insert("by".to_owned(), by.into());
        members.insert("groups".to_owned(), groups.into());
    }
    Reply::json(StatusCode::OK, &body)
}

struct Range {
    from: i64,
    to: i64,
    by: Option<&'static str>,
    received: bool,
}

fn range<P>(call: &Call<P>) -> Result<Range, Problem> {
    let mut faults = Vec::new();
    let mut day = |name: &'static str, otherwise: i64| match call.query(name) {
        None => otherwise,
        Some(text) => match text.parse::<Date>().ok().and_then(start_of) {
            Some(at) => at,
            None => {
                faults.push(Fault::query(
                    name,
                    "not-a-date",
                    "must be a day, YYYY-MM-DD",
                ));
                otherwise
            }
        },
    };
    // Far enough for any date, and exact as a JavaScript number.
    let (from, to) = (day("from", 0), day("to", 1 << 52));
    let by = call
        .query("by")
        .map(|by| GROUPS.iter().find(|group| **group == by).copied());
    if by == Some(None) {
        let rule = format!("must be one of: {}", GROUPS.join(", "));
        faults.push(Fault::query("by", "unknown-code", rule));
    }
    let received = match call.query("direction") {
        None | Some("sent") => false,
        Some("received") => true,
        Some(_) => {
            faults.push(Fault::query(
                "direction",
                "unknown-code",
                "must be sent or received",
            ));
            false
        }
    };
    Problem::unless_empty(faults)?;
    Ok(Range {
        from,
        to,
        by: by.flatten(),
        received,
    })
}

fn start_of(day: Date) -> Option<i64> {
    Some(day.start().as_millisecond())
}

fn group(row: &Row, by: &str) -> String {
    let text = match by {
        "month" => row
            .integer("created_at")
            .and_then(|at| Timestamp::from_millisecond(at).ok())
            .map(|at| at.date().to_string().chars().take(MONTH_CHARS).collect()),
        column => row.text(column).map(str::to_owned),
    };
    text.unwrap_or_else(|| "unknown".to_owned())
}

/// What is counted of a set of referrals.
#[derive(Default)]
struct Tally {
    total: u64,
    by_status: BTreeMap<&'static str, u64>,
    completed: u64,
    advised: u64,
    closed: u64,
    breached: u64,
    disputed: u64,
    escalated: u64,
    unreachable: u64,
    declined: BTreeMap<&'static str, u64>,
    not_completed: BTreeMap<&'static str, u64>,
    days_to_visit: Vec<f64>,
    days_to_closed: Vec<f64>,
}

impl Tally {
    fn count(&mut self, referral: &Referral) {
        let status = referral.status();
        self.total += 1;
        *self.by_status.entry(status.as_str()).or_default() += 1;
        if matches!(status, Status::Completed | Status::Closed) {
            self.completed += 1;
            if referral.newest_report().is_some_and(|report| report.advice) {
                self.advised += 1;
            }
        }
        let days = |at: Timestamp| {
            let since = at
                .as_millisecond()
                .saturating_sub(referral.sent_at.as_millisecond());
            #[allow(
                clippy::cast_precision_loss,
                reason = "days of a wait are far below 2^53 ms"
            )]
            let since = since as f64;
            (since / DAY_MS).max(0.0)
        };
        if status == Status::Closed {
            self.closed += 1;
            self.days_to_closed
                .extend(referral.closure.acknowledged_at.map(days));
        }
        self.days_to_visit
            .extend(referral.leg().and_then(|leg| leg.seen_at).map(days));
        self.breached += u64::from(!referral.breaches.is_empty());
        self.disputed += u64::from(!referral.disputed_with.is_empty());
        self.escalated += u64::from(!referral.escalations.is_empty());
        self.unreachable += u64::from(referral.unreachable);
        for leg in &referral.legs {
            match &leg.end_reason {
                Some(EndReason::Declined(reason)) => {
                    *self.declined.entry(reason.as_str()).or_default() += 1;
                }
                Some(EndReason::NotCompleted(reason)) => {
                    *self.not_completed.entry(reason.as_str()).or_default() += 1;
                }
                _ => {}
            }
        }
    }

    fn to_json(&self) -> Value {
        json!({
            "total": self.total,
            "by_status": self.by_status,
            "completion": rate(self.completed, self.total),
            "loop_closure": rate(self.closed, self.total),
            "advice": rate(self.advised, self.completed),
            "breached": rate(self.breached, self.total),
            "disputed": rate(self.disputed, self.total),
            "escalated": rate(self.escalated, self.total),
            "unreachable": rate(self.unreachable, self.total),
            "days_to_visit": spread(&self.days_to_visit),
            "days_to_closed": spread(&self.days_to_closed),
            "decline_reasons": self.declined,
            "non_completion_reasons": self.not_completed,
        })
    }
}

/// A rate with what it is made of; of nothing there is none.
fn rate(numerator: u64, denominator: u64) -> Value {
    #[allow(
        clippy::cast_precision_loss,
        reason = "counts of referrals are far below 2^53"
    )]
    let rate = (denominator > 0).then(|| numerator as f64 / denominator as f64);
    json!({"numerator": numerator, "denominator": denominator, "rate": rate})
}

/// The median and the 90th percentile, by the nearest rank.
fn spread(days: &[f64]) -> Value {
    let mut sorted = days.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = |percent: usize| {
        let index = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
        sorted.get(index).copied()
    };
    let mut members = Map::new();
    members.insert("count".to_owned(), sorted.len().into());
    members.insert("median".to_owned(), rank(50).into());
    members.insert("p90".to_owned(), rank(90).into());
    Value::Object(members)
}
