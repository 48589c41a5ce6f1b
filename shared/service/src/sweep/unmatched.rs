//! Messages that fit no referral, chased like an overdue referral: their organisation is told when they should have found their place, and
//! the levels above while they wait on. Each is told once, whatever the number of sweeps.

use domain::chase::{Telling, of_unmatched};
use domain::limits::matched_by;
use domain::policy::Policy;
use domain::time::Timestamp;
use ports::{Platform, Row, Statement, Value};
use serde_json::json;

use super::slice::Swept;
use crate::deliveries::{MESSAGE_ESCALATED, MESSAGE_OVERDUE};
use crate::http::Problem;
use crate::ids;
use crate::json::from_text;
use crate::metered::Metered;

/// How many messages one sweep looks at.
pub(super) const SLICE_SIZE: usize = 50;

/// Those that are due to be looked at as of `?1`, the longest due first, at most `?2`: by `unmatched_chases_due`, and the primary keys of the
/// other tables; of the network of the key with hash `?3`, or of all.
const DUE: &str = "
SELECT c.organization, c.message_id, c.next_at, c.told, m.format, m.reason, m.received_at, n.policy
FROM unmatched_chases c JOIN exchange_messages m ON m.id = c.message_id AND m.organization = c.organization
JOIN organizations o ON o.id = c.organization LEFT JOIN networks n ON n.id = o.network
WHERE c.next_at <= ?1 AND (?3 IS NULL OR o.network =
  (SELECT k_o.network FROM keys k JOIN organizations k_o ON k_o.id = k.organization_id WHERE k.hash = ?3))
ORDER BY c.next_at LIMIT ?2";

/// By the primary key, each only as it was read: what another sweep or a person was first with drops out. `?2` is this sweep, `?3` its time.
const LOOKED: &str = "
UPDATE unmatched_chases SET next_at = d.next_at, told = d.told, sweep = ?2,
  told_at = CASE WHEN d.told > unmatched_chases.told THEN ?3 ELSE unmatched_chases.told_at END
FROM (SELECT value ->> '$.organization' AS organization, value ->> '$.message' AS message, value ->> '$.next_before' AS next_before,
    value ->> '$.next_at' AS next_at, value ->> '$.told' AS told
  FROM json_each(?1)) d
WHERE unmatched_chases.organization = d.organization AND unmatched_chases.message_id = d.message
  AND unmatched_chases.next_at = d.next_before
RETURNING unmatched_chases.organization AS looked_of, unmatched_chases.message_id AS looked_message";

/// Queues what is told (`?1`) as of `?3` for each endpoint that wants it and is sent JSON, because no other format has words for it: by the primary
/// keys. Only of what sweep `?2` has just looked at. A number of its own among what concerns no referral.
const QUEUE: &str = "
INSERT INTO deliveries (endpoint_id, referral_id, seq, organization_id, event_id, type, body, express, due_at, created_at)
SELECT e.id, '', max(?3, coalesce((SELECT max(w.seq) + 1 FROM deliveries w WHERE w.endpoint_id = e.id AND w.referral_id = ''), 0)) + t.key,
  e.organization_id, t.value ->> '$.event', t.value ->> '$.type', t.value ->> '$.body', 0, ?3, ?3
FROM json_each(?1) t JOIN endpoints e ON e.organization_id = t.value ->> '$.to'
WHERE e.disabled_at IS NULL
  AND (e.events IS NULL OR EXISTS (SELECT 1 FROM json_each(e.events) w WHERE w.value = t.value ->> '$.type'))
  AND NOT EXISTS (SELECT 1 FROM endpoint_formats x WHERE x.endpoint_id = e.id)
  AND EXISTS (SELECT 1 FROM unmatched_chases c WHERE c.organization = t.value ->> '$.organization'
    AND c.message_id = t.value ->> '$.message' AND c.sweep = ?2)";

/// The statement that reads what is due; for the key with this hash, or for everyone.
pub(super) fn statement(key_hash: Option<&str>, now: Timestamp) -> Statement {
    // One more than a slice has: it tells whether there is more to do.
    let limit = i64::try_from(SLICE_SIZE).unwrap_or(i64::MAX);
    Statement::new(
        DUE,
        [
            now.as_millisecond().into(),
            limit.saturating_add(1).into(),
            key_hash.map(str::to_owned).into(),
        ],
    )
}

/// Works on what was read, and adds what became of it to `swept`.
///
/// # Errors
/// [`Problem::DatabaseUnavailable`]; nothing is half-written.
pub(super) async fn work<P: Platform>(
    platform: &Metered<P>,
    rows: &[Row],
    now: Timestamp,
    mut swept: Swept,
) -> Result<Swept, Problem> {
    if rows.is_empty() {
        return Ok(swept);
    }
    let looked: Vec<Looked> = rows
        .iter()
        .take(SLICE_SIZE)
        .map(|row| Looked::at(row, now))
        .collect::<Result<_, _>>()?;
    let list =
        |values: Vec<serde_json::Value>| Value::from(serde_json::Value::from(values).to_string());
    let sweep = ids::suffix(platform);
    let at = now.as_millisecond();
    let mut statements = vec![Statement::new(
        LOOKED,
        [
            list(looked.iter().map(Looked::row).collect()),
            sweep.as_str().into(),
            at.into(),
        ],
    )];
    let told: Vec<_> = looked.iter().flat_map(|one| one.messages(now)).collect();
    if !told.is_empty() {
        statements.push(Statement::new(
            QUEUE,
            [list(told), sweep.as_str().into(), at.into()],
        ));
    }
    let answer = platform.batch(statements).await?;
    swept.more |= rows.len() > looked.len();
    for one in &looked {
        let is_this = |row: &Row| {
            row.text("looked_of") == Some(one.organization.as_str())
                && row.text("looked_message") == Some(one.message.as_str())
        };
        if !answer.rows(0).iter().any(is_this) {
            continue;
        }
        swept.due = swept.due.saturating_add(1);
        for telling in &one.tellings {
            if telling.level == 1 {
                swept.overdue = swept.overdue.saturating_add(1);
                swept.reminders = swept.reminders.saturating_add(1);
            } else {
                swept.escalated = swept.escalated.saturating_add(1);
            }
        }
    }
    Ok(swept)
}

/// A message that was looked at.
struct Looked {
    organization: String,
    message: String,
    format: String,
    why: String,
    received_at: Timestamp,
    due_at: Timestamp,
    next_before: i64,
    told_before: usize,
    /// What is told of it now.
    tellings: Vec<Telling>,
    next_at: Option<i64>,
}

impl Looked {
    fn at(row: &Row, now: Timestamp) -> Result<Self, Problem> {
        let text = |column: &str| row.text(column).unwrap_or_default().to_owned();
        let number = |column: &str| row.integer(column).unwrap_or_default();
        let policy: Policy = row
            .text("policy")
            .map_or(Ok(Policy::default()), from_text)?;
        let received_at = Timestamp::from_millisecond(number("received_at"))
            .map_err(|_| Problem::internal("a message came at no time"))?;
        let told_before = usize::try_from(number("told")).unwrap_or_default();
        let (tellings, later): (Vec<_>, Vec<_>) = of_unmatched(received_at, &policy)
            .into_iter()
            .skip(told_before)
            .partition(|telling| telling.at <= now);
        Ok(Self {
            organization: text("organization"),
            message: text("message_id"),
            format: text("format"),
            why: text("reason"),
            due_at: matched_by(received_at, &policy),
            received_at,
            next_before: number("next_at"),
            told_before,
            next_at: later.first().map(|telling| telling.at.as_millisecond()),
            tellings,
        })
    }

    fn row(&self) -> serde_json::Value {
        json!({
            "organization": self.organization,
            "message": self.message,
            "next_before": self.next_before,
            "next_at": self.next_at,
            "told": self.told_before.saturating_add(self.tellings.len()),
        })
    }

    /// What is queued: nothing of what the message says, which its organisation reads with its key.
    fn messages(&self, now: Timestamp) -> Vec<serde_json::Value> {
        let of_telling = |telling: &Telling| {
            let kind = if telling.level == 1 {
                MESSAGE_OVERDUE
            } else {
                MESSAGE_ESCALATED
            };
            let body = json!({
                "type": kind,
                "timestamp": now.to_string(),
                "data": {
                    "organization": self.organization,
                    "message": {
                        "id": self.message,
                        "format": self.format,
                        "why": self.why,
                        "since": self.received_at.to_string(),
                        "due_at": self.due_at.to_string(),
                    },
                    "level": telling.level,
                },
            });
            json!({
                "organization": self.organization,
                "message": self.message,
                "to": telling.to.as_ref().unwrap_or(&self.organization),
                "type": kind,
                // An organisation sees its own messages alone, and two may have come to have the same content.
                "event": format!("{kind}.{}.{}.{}", self.organization, self.message, telling.level),
                "body": body.to_string(),
            })
        };
        self.tellings.iter().map(of_telling).collect()
    }
}
