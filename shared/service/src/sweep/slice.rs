//! One slice of due referrals: two round trips, one to read them all, one to write what became of them.

use domain::chase;
use domain::event::{Author, Event};
use domain::fold::fold;
use domain::kind::EventKind;
use domain::limits::{LimitName, deadlines};
use domain::policy::Policy;
use domain::referral::Referral;
use domain::request::Request;
use domain::time::SignedDuration;
use domain::time::Timestamp;
use ports::{Platform, Row, Statement, Value};
use serde_json::json;

use super::slice_sql;
use crate::deliveries::{Notice, Tally, add_to, notices};
use crate::http::{Problem, report};
use crate::ids;
use crate::json::to_text;
use crate::merges::{Renamed, sql as merges};
use crate::metered::Metered;
use crate::referrals::{
    Evaluated, Extra, Link, Loaded, Wait, columns, past_recipients, waits, waits_statement,
};
use crate::status::{Applying, applied, arrival};

/// How many referrals a slice has.
pub const SLICE_SIZE: usize = 50;

/// When a slice takes no more referrals, in bytes to write: D1 takes parameters of up to 2 MB, and one referral more fits.
const WRITE_BYTES_MAX: usize = 500_000;

/// How long a referral that cannot be read is left alone. Ours: long enough for the operator to see the log.
const PUT_OFF: SignedDuration = SignedDuration::from_hours(1);

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Swept {
    /// Referrals that were due to be looked at.
    pub due: u64,
    /// Limits newly found passed.
    pub overdue: u64,
    /// Breaches told to the next level.
    pub escalated: u64,
    /// Reminders that were made.
    pub reminders: u64,
    /// Webhooks delivered.
    pub delivered: u64,
    /// Webhooks that could not be.
    pub delivery_failed: u64,
    /// Waiting reports that were applied.
    pub unparked: u64,
    /// Referrals whose patient got another id.
    #[serde(skip)]
    pub renamed: u64,
    /// Whether the slice ended before the work did.
    pub more: bool,
}

impl Swept {
    /// With what was sent after it.
    #[must_use]
    pub const fn with(self, sent: Tally) -> Self {
        Self {
            delivered: sent.delivered,
            delivery_failed: sent.failed,
            more: self.more || sent.more,
            ..self
        }
    }

    /// Both together; `more` as the later one says.
    #[must_use]
    pub fn and(self, later: Self) -> Self {
        Self {
            due: self.due.saturating_add(later.due),
            overdue: self.overdue.saturating_add(later.overdue),
            escalated: self.escalated.saturating_add(later.escalated),
            reminders: self.reminders.saturating_add(later.reminders),
            delivered: self.delivered.saturating_add(later.delivered),
            delivery_failed: self.delivery_failed.saturating_add(later.delivery_failed),
            unparked: self.unparked.saturating_add(later.unparked),
            renamed: self.renamed.saturating_add(later.renamed),
            more: later.more,
        }
    }
}

/// The statements that read a slice; for the key with this hash, or for everyone.
pub(super) fn statements(key_hash: Option<&str>, now: Timestamp) -> [Statement; 3] {
    reading(slice_sql::DUE, key_hash, now)
}

/// The statements that read a slice of the referrals which have a merged patient's old id still, of the organisation whose key has this hash.
pub(crate) fn statements_of_merged(key_hash: &str, now: Timestamp) -> [Statement; 3] {
    reading(slice_sql::LEFT, Some(key_hash), now)
}

fn reading(sqls: [&'static str; 3], key_hash: Option<&str>, now: Timestamp) -> [Statement; 3] {
    let limit = i64::try_from(SLICE_SIZE).unwrap_or(i64::MAX);
    sqls.map(|sql| {
        // One more than a slice has: it tells whether there is more to do.
        let parameters: [Value; 3] = [
            now.as_millisecond().into(),
            limit.saturating_add(1).into(),
            key_hash.map(str::to_owned).into(),
        ];
        Statement::new(sql, parameters)
    })
}

/// Works on what was read, and writes what became of it.
///
/// # Errors
/// [`Problem::DatabaseUnavailable`]; nothing is half-written.
pub(crate) async fn work<P: Platform>(
    platform: &Metered<P>,
    [records, history, pending]: [&[Row]; 3],
    now: Timestamp,
) -> Result<Swept, Problem> {
    let mut slice = Slice::default();
    let mut taken: usize = 0;
    for record in records.iter().take(SLICE_SIZE) {
        if slice.bytes > WRITE_BYTES_MAX {
            break;
        }
        taken = taken.saturating_add(1);
        // One referral that cannot be read must not keep the others from being looked at.
        match Looked::of(record, history, pending, now, || ids::suffix(platform)) {
            Ok(looked) => slice.add(looked),
            Err(problem) => {
                report(platform, "sweep", &problem);
                slice.put_off.extend(record.text("id").map(str::to_owned));
            }
        }
    }
    let looked = slice.looked;
    let mut swept = Swept {
        due: u64::try_from(taken).unwrap_or(u64::MAX),
        more: records.len() > taken,
        ..Swept::default()
    };
    if taken == 0 {
        return Ok(swept);
    }
    let mut statements = write(&looked, now)?;
    if !slice.put_off.is_empty() {
        let until = now.plus(PUT_OFF);
        statements.push(Statement::new(
            slice_sql::PUT_OFF,
            [
                to_text(&slice.put_off)?.into(),
                until.as_millisecond().into(),
            ],
        ));
    }
    let answer = platform.batch(statements).await?;
    let written: Vec<&str> = answer
        .rows(0)
        .iter()
        .filter_map(|row| row.text("id"))
        .collect();
    for looked in looked
        .iter()
        .filter(|looked| written.contains(&looked.id.as_str()))
    {
        swept.overdue = swept.overdue.saturating_add(looked.said.overdue);
        swept.escalated = swept.escalated.saturating_add(looked.said.escalated);
        swept.reminders = swept.reminders.saturating_add(looked.said.reminders);
        swept.unparked = swept.unparked.saturating_add(looked.unparked);
        swept.renamed = swept
            .renamed
            .saturating_add(u64::from(looked.renamed.is_some()));
    }
    Ok(swept)
}

/// What a slice has worked on so far.
#[derive(Default)]
struct Slice {
    looked: Vec<Looked>,
    /// Referrals that could not be read.
    put_off: Vec<String>,
    /// About how much is to be written.
    bytes: usize,
}

impl Slice {
    fn add(&mut self, looked: Looked) {
        let links = looked.links.iter().map(|link| link.body.len());
        self.bytes = links.fold(self.bytes, usize::saturating_add);
        self.bytes = self.bytes.saturating_add(looked.state_bytes);
        self.looked.push(looked);
    }
}

/// How many events of the kinds that are counted the system has written.
#[derive(Default)]
struct Said {
    overdue: u64,
    escalated: u64,
    reminders: u64,
}

impl Said {
    const fn count(&mut self, kind: EventKind) {
        let count = match kind {
            EventKind::ReferralOverdue => &mut self.overdue,
            EventKind::ReferralEscalated => &mut self.escalated,
            EventKind::ReminderDue => &mut self.reminders,
            _ => return,
        };
        *count = count.saturating_add(1);
    }
}

/// A due referral, and what became of it.
struct Looked {
    id: String,
    version_before: i64,
    tail_before: String,
    links: Vec<Link>,
    referral: Referral,
    evaluated: Evaluated,
    /// The request, where what was taken in may have corrected it.
    request: Option<Request>,
    taken_in: Vec<String>,
    /// Organisations whose leg was followed by another's.
    past: Vec<Extra>,
    /// Who is told of the new events.
    notices: Vec<Notice>,
    /// Visits that became known.
    waits: Vec<Wait>,
    said: Said,
    unparked: u64,
    /// The merged patient whose old id it had: JSON with the keys of both.
    renamed: Option<serde_json::Value>,
    /// How long the stored state was.
    state_bytes: usize,
}

impl Looked {
    fn of(
        record: &Row,
        history: &[Row],
        pending: &[Row],
        now: Timestamp,
        suffix: impl FnMut() -> String,
    ) -> Result<Self, Problem> {
        let loaded = Loaded::from_rows(std::slice::from_ref(record), history, pending)?
            .pop()
            .ok_or_else(|| Problem::internal("a row of a slice names no referral"))?;
        let renamed = Renamed::from_row(record);
        let mut looked = Self::at(&loaded, renamed.as_ref(), now, suffix)?;
        looked.renamed = renamed.map(|_| {
            json!({
                "id": looked.id,
                "organization": record.text("merged_of"),
                "key": record.text("merged_key"),
                "survivor_key": record.text("survivor_key"),
                "tail_hash": looked.tail_hash(),
            })
        });
        looked.state_bytes = record.text("state").map_or(0, str::len);
        Ok(looked)
    }

    fn at(
        loaded: &Loaded,
        renamed: Option<&Renamed>,
        now: Timestamp,
        mut suffix: impl FnMut() -> String,
    ) -> Result<Self, Problem> {
        let record = &loaded.record;
        let stored: Vec<Event> = loaded
            .history
            .iter()
            .flatten()
            .map(|stored| stored.event.clone())
            .chain(loaded.pending.iter().cloned())
            .collect();
        let mut events = loaded.pending.clone();
        let refolded = if loaded.pending.is_empty() {
            None
        } else {
            fold(&stored)
        };
        let (mut referral, mut request) = match refolded {
            Some(folded) => (folded.referral, Some(folded.request)),
            None => (record.referral.clone(), None),
        };
        let mut unparked = 0;
        let applying = Applying {
            by: Author::SYSTEM,
            source: "sweep",
            because: "the report has waited for as long as the policy lets it",
            now,
        };
        for report in reports_to_apply(&referral, &record.policy, now) {
            if let Ok((append, implied)) = applied(loaded, &report, &applying, &mut suffix) {
                events.extend(implied);
                referral = append.referral;
                request = append.request;
                unparked = 1;
                // The others are looked at again with what this one made of the referral.
                break;
            }
        }
        if let Some(renamed) = renamed {
            let mut new = request
                .or_else(|| record.request.clone())
                .ok_or_else(|| Problem::internal("a merged patient's request was not read"))?;
            let at = arrival(&referral, now);
            let id = format!("{}.{}", record.id, suffix());
            let event = renamed.event(id, &referral.referrer, at, now);
            referral
                .step(&event, Some(&mut new))
                .map_err(|_| Problem::internal("a referral does not take its patient's new id"))?;
            events.push(event);
            request = Some(new);
        }
        let mut said = Said::default();
        // With another recipient than was read, nothing is said before its service's limits are known.
        let due = if record.is_with_the_same(&referral) {
            let running = deadlines(&referral, &record.policy);
            chase::due(&referral, &record.policy, &running, now)
        } else {
            Vec::new()
        };
        for due in due {
            let kind = due.kind;
            let at = arrival(&referral, now);
            let id = format!("{}.{}", record.id, suffix());
            let event = Event::by_system(id, due, at, now, "sweep");
            if referral.step(&event, None).is_ok() {
                said.count(kind);
                events.push(event);
            }
        }
        let links = Link::chain(&record.id, record.version, &record.tail_hash, &events)?;
        Ok(Self {
            notices: notices(
                &record.id,
                Some(&record.referral),
                &referral,
                &events,
                &links,
            )?,
            id: record.id.clone(),
            version_before: record.version,
            tail_before: record.tail_hash.clone(),
            links,
            evaluated: Evaluated::after(record, &referral, now),
            taken_in: loaded
                .pending
                .iter()
                .map(|event| event.id.clone())
                .collect(),
            past: past_recipients(&record.referral, &referral),
            waits: waits(&record.referral, &referral),
            referral,
            request,
            said,
            unparked,
            renamed: None,
            state_bytes: 0,
        })
    }

    fn tail_hash(&self) -> &str {
        self.links
            .last()
            .map_or(self.tail_before.as_str(), |link| link.hash.as_str())
    }
}

/// The reports to apply, the first one first, once it has waited for as long as the policy lets it.
fn reports_to_apply(referral: &Referral, policy: &Policy, now: Timestamp) -> Vec<String> {
    let is_due = deadlines(referral, policy)
        .iter()
        .any(|deadline| deadline.limit == LimitName::ReportApplied && deadline.due_at <= now);
    let mut waiting: Vec<_> = referral.reports_waiting().filter(|_| is_due).collect();
    waiting.sort_by_key(|parked| parked.recorded_at);
    waiting
        .into_iter()
        .map(|parked| parked.id.clone())
        .collect()
}

fn write(looked: &[Looked], now: Timestamp) -> Result<Vec<Statement>, Problem> {
    let rows: Vec<_> = looked.iter().map(row).collect::<Result<_, _>>()?;
    let mut events = Vec::new();
    let mut taken_in = Vec::new();
    let mut past = Vec::new();
    for one in looked {
        let tail = one.tail_hash();
        for link in &one.links {
            events.push(json!({"id": one.id, "seq": link.seq, "body": link.body, "hash": link.hash, "tail_hash": tail}));
        }
        for event in &one.taken_in {
            taken_in.push(json!({"id": one.id, "event": event, "tail_hash": tail}));
        }
        for extra in &one.past {
            if let Extra::PastRecipient {
                organization,
                status,
                service,
            } = extra
            {
                past.push(json!({
                    "id": one.id,
                    "organization": organization,
                    "status": status.as_str(),
                    "service": service,
                    "tail_hash": tail,
                }));
            }
        }
    }
    let text =
        |values: Vec<serde_json::Value>| Value::from(serde_json::Value::from(values).to_string());
    let mut statements = vec![
        Statement::new(slice_sql::UPDATE, [text(rows), now.as_millisecond().into()]),
        Statement::new(slice_sql::INSERT_EVENTS, [text(events)]),
    ];
    if !taken_in.is_empty() {
        statements.push(Statement::new(slice_sql::DELETE_PENDING, [text(taken_in)]));
    }
    if !past.is_empty() {
        let insert = Statement::new(slice_sql::INSERT_PAST_RECIPIENTS, [text(past)]);
        statements.push(insert);
    }
    let renamed: Vec<_> = looked
        .iter()
        .filter_map(|one| one.renamed.clone())
        .collect();
    if !renamed.is_empty() {
        let renamed = text(renamed);
        statements.push(Statement::new(merges::RENAME, [renamed.clone()]));
        statements.push(Statement::new(merges::CARRIED, [renamed]));
    }
    let told: Vec<Notice> = looked.iter().flat_map(|one| one.notices.clone()).collect();
    add_to(&mut statements, &told, now);
    statements.extend(waits_statement(looked.iter().flat_map(|one| {
        one.waits
            .iter()
            .map(|wait| wait.row(&one.id, one.tail_hash()))
    })));
    Ok(statements)
}

fn row(looked: &Looked) -> Result<serde_json::Value, Problem> {
    let mut row = columns(&looked.referral, &looked.evaluated)?;
    if let serde_json::Value::Object(members) = &mut row {
        members.insert("id".to_owned(), looked.id.as_str().into());
        members.insert("version_before".to_owned(), looked.version_before.into());
        let version = looked
            .links
            .last()
            .map_or(looked.version_before, |link| link.seq);
        members.insert("version".to_owned(), version.into());
        members.insert("tail_hash".to_owned(), looked.tail_hash().into());
        let request = looked.request.as_ref().map(to_text).transpose()?;
        members.insert("request".to_owned(), request.into());
    }
    Ok(row)
}
