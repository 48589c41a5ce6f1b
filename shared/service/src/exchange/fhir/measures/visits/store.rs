//! Visits into the store: all of a request in one statement, so that a Bundle costs what one costs.

use formats::fhir::VisitOf;
use http::StatusCode;
use ports::{Answer, Platform, Row, Statement};
use serde_json::{Value, json};

use super::{Ready, Visits};
use crate::auth::{Credentials, Scope};
use crate::call::Call;
use crate::exchange::fhir::base;
use crate::http::{Access, Fault, Problem};
use crate::receipts::{Answered, Receipt, is_taken};
use crate::referrals::patient_key;

/// By the primary keys: of which patients of the caller's referrals list `?2` names the ids.
const PATIENTS: &str = "
SELECT f.id AS patient_id, f.patient_key
FROM keys k, json_each(?2) l JOIN referrals f ON f.id = l.value
WHERE k.hash = ?1 AND k.organization_id IN (f.referrer, f.recipient)";

/// All visits of list `?2` at once, by the primary key. The same again is no new version.
const STORE: &str = "
INSERT INTO visits (organization, kind, id, patient_key, status, concepts, started, ended, last_day, version, updated_at, document)
SELECT ?1, v.value ->> '$.kind', v.value ->> '$.id', v.value ->> '$.patient_key', v.value ->> '$.status', v.value -> '$.concepts',
  v.value ->> '$.started', v.value ->> '$.ended', v.value ->> '$.last_day', 1, ?3, v.value -> '$.document'
FROM json_each(?2) v WHERE true
ON CONFLICT (organization, kind, id) DO UPDATE SET patient_key = excluded.patient_key, status = excluded.status,
  concepts = excluded.concepts, started = excluded.started, ended = excluded.ended, last_day = excluded.last_day,
  version = version + (document <> excluded.document), updated_at = excluded.updated_at, document = excluded.document
RETURNING kind, id, version";

/// Which of the visits of list `?2` are there, by the primary key.
const THERE: &str = "
SELECT v.kind, v.id, v.version FROM json_each(?2) l
JOIN visits v ON v.organization = (SELECT organization_id FROM keys WHERE hash = ?1)
  AND v.kind = l.value ->> '$.kind' AND v.id = l.value ->> '$.id'";

/// What became of one.
pub(in crate::exchange::fhir) struct Stored {
    /// Which entry of the Bundle.
    pub(in crate::exchange::fhir) index: usize,
    kind: &'static str,
    id: String,
    pub(super) is_new: bool,
    pub(super) version: i64,
    pub(super) document: Value,
}

impl Stored {
    /// The answer to its entry.
    pub(in crate::exchange::fhir) fn response<P: Platform>(&self, call: &Call<P>) -> Value {
        let status = if self.is_new { "201 Created" } else { "200 OK" };
        json!({
            "status": status,
            "location": self.location(call),
            "etag": format!("W/\"{}\"", self.version),
            "lastModified": call.now.to_string(),
        })
    }

    pub(super) fn location<P: Platform>(&self, call: &Call<P>) -> String {
        format!("{}/{}/{}", base(call), self.kind, self.id)
    }
}

/// What was done.
pub(in crate::exchange::fhir) struct Done {
    pub(in crate::exchange::fhir) stored: Vec<Stored>,
    pub(in crate::exchange::fhir) refused: Vec<(usize, Vec<Fault>)>,
}

/// Whether visits are stored all or none, or each that can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::exchange::fhir) enum Together {
    AllOrNone,
    Each,
}

/// Stores them, or gives the first answer again to who asks with the same idempotency key.
///
/// # Errors
/// [`Problem::Invalid`] for patients who are none of the caller's, where it is all or none, and what `auth` says.
pub(in crate::exchange::fhir) async fn store<P: Platform>(
    call: &Call<P>,
    credentials: &Credentials,
    visits: Visits,
    together: Together,
    receipt: Option<&Receipt>,
) -> Result<Done, Problem> {
    let Visits { ready, mut refused } = visits;
    let ours: Vec<&str> = ready
        .iter()
        .filter_map(|one| match &one.of {
            VisitOf::Ours(id) => Some(id.as_str()),
            VisitOf::Identified(_) => None,
        })
        .collect();
    let names: Vec<Value> = ready
        .iter()
        .map(|one| json!({"kind": one.kind, "id": one.id}))
        .collect();
    let list = |value: Value| [credentials.hash().into(), value.to_string().into()];
    let mut statements = vec![
        credentials.statement(),
        Statement::new(PATIENTS, list(Value::from(ours))),
        Statement::new(THERE, list(Value::from(names))),
    ];
    statements.extend(receipt.map(|receipt| receipt.read_for(credentials)));
    let read = call.platform.batch(statements).await?;
    let caller = credentials.caller(read.first(0), call.now_milliseconds())?;
    caller.check(Access::Scope(Scope::ReferralsWrite))?;
    let before = receipt.map(|receipt| receipt.check(read.first(3)));
    if let Some(answered) = before.transpose()?.flatten() {
        let was_new = answered.status == StatusCode::CREATED.as_u16();
        let again = ready.into_iter().map(|one| {
            let version = version_of(read.rows(2), &one);
            one.stored(was_new, version)
        });
        return Ok(Done {
            stored: again.collect(),
            refused,
        });
    }
    let mut rows = Vec::with_capacity(ready.len());
    let mut kept = Vec::with_capacity(ready.len());
    for one in ready {
        let key = match &one.of {
            VisitOf::Identified(identifier) => Some(patient_key(identifier)),
            VisitOf::Ours(id) => key_of(&read, id),
        };
        let Some(key) = key else {
            let at = format!("{}.subject", one.kind);
            let detail =
                "must be a Patient of one of your referrals, or come along with its identifier";
            refused.push((one.index, vec![Fault::at(at, "unknown", detail)]));
            continue;
        };
        let mut row = one.row.clone();
        if let Value::Object(members) = &mut row {
            members.insert("patient_key".to_owned(), key.into());
        }
        rows.push(row);
        kept.push(one);
    }
    if together == Together::AllOrNone {
        let faults = refused.iter().flat_map(|(_, faults)| faults.clone());
        Problem::unless_empty(faults.collect())?;
    }
    let mut done = Done {
        stored: Vec::new(),
        refused,
    };
    if rows.is_empty() {
        return Ok(done);
    }
    let write = Statement::new(
        STORE,
        [
            caller.member()?.organization.as_str().into(),
            Value::from(rows).to_string().into(),
            call.now_milliseconds().into(),
        ],
    );
    let is_new = |one: &Ready| version_of(read.rows(2), one).is_none();
    let status = if kept.iter().all(is_new) {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let answered = Answered {
        status: status.as_u16(),
        referral: None,
        answer: None,
    };
    let mut statements: Vec<Statement> = receipt
        .map(|receipt| receipt.write((&caller).into(), &answered, call.now_milliseconds()))
        .into_iter()
        .collect();
    statements.push(write);
    let place = statements.len().saturating_sub(1);
    let written = match call.platform.batch(statements).await {
        Err(error) if is_taken(&error) => return Err(Problem::IdempotencyInFlight),
        written => written?,
    };
    let stored = kept.into_iter().map(|one| {
        let (was_new, version) = (is_new(&one), version_of(written.rows(place), &one));
        one.stored(was_new, version)
    });
    done.stored = stored.collect();
    Ok(done)
}

impl Ready {
    fn stored(self, is_new: bool, version: Option<i64>) -> Stored {
        Stored {
            index: self.index,
            kind: self.kind,
            id: self.id,
            is_new,
            version: version.unwrap_or_default(),
            document: self.document,
        }
    }
}

fn version_of(rows: &[Row], one: &Ready) -> Option<i64> {
    let found = rows
        .iter()
        .find(|row| (row.text("kind"), row.text("id")) == (Some(one.kind), Some(&one.id)));
    found.and_then(|row| row.integer("version"))
}

fn key_of(read: &Answer, id: &str) -> Option<String> {
    let row = read
        .rows(1)
        .iter()
        .find(|row| row.text("patient_id") == Some(id))?;
    row.text("patient_key").map(str::to_owned)
}
