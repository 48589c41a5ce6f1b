//! Encounters and Procedures: what the measure needs of each is stored beside the resource as it came, for the organisation that sent it.
//!
//! What is posted has an id made of its identifier, or where it has none of its content: the same one again, in a batch or alone, is
//! the same row. So a sender that does not know whether it was heard sends again.

use domain::cms50::{VisitKind, Written};
use formats::fhir::{self, ComingVisit, VisitEntry, VisitOf};
use http::StatusCode;
use http::header::LOCATION;
use ports::{Answer, Platform, Row, Statement};
use serde_json::{Value, json};

use super::value_sets::is_id;
use super::{answer, check_accept, refused};
use crate::auth::{Credentials, Scope};
use crate::call::Call;
use crate::crypto::sha256_hex;
use crate::exchange::fhir::sent::body_of;
use crate::exchange::fhir::{base, versioned};
use crate::exchange::hl7::invalid;
use crate::http::{Access, Fault, Problem, Reply};
use crate::json::from_text;
use crate::receipts::{Answered, Receipt, is_taken};
use crate::referrals::patient_key;
use crate::worklist::reads::{self, Action};

/// The most Encounters and Procedures of one Bundle. One statement stores all of them.
pub(in crate::exchange::fhir) const VISITS_MAX: usize = 500;

/// How many hexadecimal digits of a hash an id has: 128 bits.
const HASH_CHARS: usize = 32;

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

/// By the primary key.
const READ: &str = "
SELECT version, document FROM visits
WHERE organization = (SELECT organization_id FROM keys WHERE hash = ?1) AND kind = ?2 AND id = ?3";

/// A visit, ready to be stored but for its patient.
pub(in crate::exchange::fhir) struct Ready {
    /// Which entry of the Bundle.
    pub(in crate::exchange::fhir) index: usize,
    kind: &'static str,
    id: String,
    of: VisitOf,
    row: Value,
    document: Value,
}

/// What became of one.
pub(in crate::exchange::fhir) struct Stored {
    /// Which entry of the Bundle.
    pub(in crate::exchange::fhir) index: usize,
    kind: &'static str,
    id: String,
    is_new: bool,
    version: i64,
    document: Value,
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

    fn location<P: Platform>(&self, call: &Call<P>) -> String {
        format!("{}/{}/{}", base(call), self.kind, self.id)
    }
}

/// Takes one alone.
pub(super) async fn take<P: Platform>(call: Call<P>, kind: &'static str) -> Result<Reply, Problem> {
    check_accept(&call)?;
    let credentials = Credentials::of_member(&call)?;
    let root = body_of(&call, &[kind]).await?;
    let put = Some(call.parameter("id")).filter(|id| !id.is_empty());
    let read = match read_all(&root, put) {
        Ok(read) if read.refused.is_empty() => read,
        Ok(read) => {
            let faults = read.refused.into_iter().flat_map(|(_, faults)| faults);
            let problem = Problem::Invalid(faults.collect());
            return Err(refused(&call, &credentials, problem).await);
        }
        Err(problem) => return Err(refused(&call, &credentials, problem).await),
    };
    let receipt = Receipt::of(&call);
    let together = Together::AllOrNone;
    let done = store(&call, &credentials, read, together, receipt.as_ref()).await?;
    let one = done
        .stored
        .first()
        .ok_or_else(|| Problem::internal("a visit was not stored"))?;
    let status = if one.is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let reply = answer(status, &one.document).header(LOCATION, &one.location(&call));
    Ok(versioned(reply, one.version))
}

/// What a Bundle or a resource has.
pub(in crate::exchange::fhir) struct Visits {
    ready: Vec<Ready>,
    /// The places of entries, and what is wrong with each.
    pub(in crate::exchange::fhir) refused: Vec<(usize, Vec<Fault>)>,
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

/// The visits of a Bundle, or of a resource alone, which is put under `put`.
///
/// # Errors
/// [`Problem::Invalid`] for what is wrong with the whole.
pub(in crate::exchange::fhir) fn read_all(
    root: &Value,
    put: Option<&str>,
) -> Result<Visits, Problem> {
    let coming = fhir::read_visits(root).map_err(invalid)?;
    if coming.len() > VISITS_MAX {
        let detail = format!("at most {VISITS_MAX} Encounters and Procedures are taken at once");
        return Err(Problem::Invalid(vec![Fault::at(
            "Bundle.entry",
            "too-many",
            detail,
        )]));
    }
    let mut visits = Visits {
        ready: Vec::new(),
        refused: Vec::new(),
    };
    for VisitEntry { index, visit } in coming {
        match visit {
            Ok(visit) => {
                let one = one(root, index, visit, put);
                if is_id(&one.id) {
                    // The last one says how it is.
                    let name = (one.kind, one.id.clone());
                    visits
                        .ready
                        .retain(|other| (other.kind, &other.id) != (name.0, &name.1));
                    visits.ready.push(one);
                } else {
                    let at = format!("{}.id", one.kind);
                    let detail = "must be letters, digits, hyphens and dots, at most 64";
                    visits
                        .refused
                        .push((index, vec![Fault::at(at, "value", detail)]));
                }
            }
            Err(faults) => {
                let faults = faults
                    .into_iter()
                    .map(|fault| Fault::at(fault.at, fault.code, fault.detail));
                visits.refused.push((index, faults.collect()));
            }
        }
    }
    Ok(visits)
}

fn one(root: &Value, index: usize, visit: ComingVisit, put: Option<&str>) -> Ready {
    let (kind, prefix) = match visit.kind {
        VisitKind::Encounter => ("Encounter", "enc"),
        VisitKind::Procedure => ("Procedure", "proc"),
    };
    let entry = format!("/entry/{index}/resource");
    let mut document = root.pointer(&entry).unwrap_or(root).clone();
    let id = match (put, visit.id, &visit.identifier) {
        (Some(id), ..) => id.to_owned(),
        (None, Some(id), _) => id,
        (None, None, Some(identifier)) => {
            made_id(prefix, &[&identifier.system, "|", &identifier.value])
        }
        (None, None, None) => {
            // A sender's own id of what has no other name is a part of it.
            made_id(prefix, &[&document.to_string()])
        }
    };
    if let Value::Object(members) = &mut document {
        members.insert("id".to_owned(), id.as_str().into());
    }
    let last_day = visit
        .end
        .as_ref()
        .or(visit.start.as_ref())
        .and_then(|text| text.parse::<Written>().ok())
        .map(|written| written.last_day().to_string());
    let row = json!({
        "kind": kind,
        "id": id,
        "status": visit.status,
        "concepts": visit.concepts,
        "started": visit.start,
        "ended": visit.end,
        "last_day": last_day.unwrap_or_default(),
        "document": document,
    });
    Ready {
        index,
        kind,
        id,
        of: visit.of,
        row,
        document,
    }
}

fn made_id(prefix: &str, parts: &[&str]) -> String {
    let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
    let hash = sha256_hex(&parts);
    format!("{prefix}-{}", hash.get(..HASH_CHARS).unwrap_or_default())
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

/// Reads one as it came.
pub(super) async fn read<P: Platform>(call: Call<P>, kind: &'static str) -> Result<Reply, Problem> {
    check_accept(&call)?;
    let credentials = Credentials::of_member(&call)?;
    let id = call.parameter("id");
    let statements = vec![
        credentials.statement(),
        Statement::new(READ, [credentials.hash().into(), kind.into(), id.into()]),
    ];
    let read = call.platform.batch(statements).await?;
    let caller = credentials.caller(read.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let row = read.first(1).ok_or(Problem::NotFound)?;
    let record = reads::of_shown(&call, &credentials, Action::Message, &[]);
    let recorded = call.platform.batch(vec![record]).await?;
    reads::stored(recorded.rows(0))?;
    let document: Value = from_text(row.text("document").unwrap_or_default())?;
    let version = row.integer("version").unwrap_or_default();
    Ok(versioned(answer(StatusCode::OK, &document), version))
}
