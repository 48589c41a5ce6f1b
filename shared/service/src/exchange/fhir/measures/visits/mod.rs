//! Encounters and Procedures: what the measure needs of each is stored beside the resource as it came, for the organisation that sent it.
//!
//! What is posted has an id made of its identifier, or where it has none of its content: the same one again, in a batch or alone, is
//! the same row. So a sender that does not know whether it was heard sends again.

mod store;

use domain::cms50::{VisitKind, Written};
use formats::fhir::{self, ComingVisit, VisitEntry, VisitOf};
use http::StatusCode;
use http::header::LOCATION;
use ports::{Platform, Statement};
use serde_json::{Value, json};

pub(in crate::exchange::fhir) use store::{Together, store};

use super::value_sets::is_id;
use super::{answer, check_accept};
use crate::auth::Credentials;
use crate::call::Call;
use crate::crypto::sha256_hex;
use crate::exchange::fhir::sent::body_of;
use crate::exchange::fhir::versioned;
use crate::exchange::hl7::invalid;
use crate::http::{Fault, Problem, Reply};
use crate::json::from_text;
use crate::receipts::Receipt;
use crate::worklist::reads::{self, Action};

/// The most Encounters and Procedures of one Bundle. One statement stores all of them.
pub(in crate::exchange::fhir) const VISITS_MAX: usize = 500;

/// How many hexadecimal digits of a hash an id has: 128 bits.
const HASH_CHARS: usize = 32;

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
            return Err(credentials.refused(&call, problem).await);
        }
        Err(problem) => return Err(credentials.refused(&call, problem).await),
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
