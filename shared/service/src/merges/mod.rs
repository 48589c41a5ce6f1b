//! Patients whose records an organisation has merged: what it said, what follows, and the referrals that are taken along.
//!
//! Invariant: a referral carries the id that stands for the one that it was sent with, in whatever order merges and referrals come. It is
//! renamed by an event of its own, in its chain. Nobody else's merge touches it: the patient's id is the referrer's.

pub(crate) mod sql;

use std::sync::Arc;

use domain::event::{Author, Event};
use domain::kind::EventKind;
use domain::merges::{DatedMerge, Merge, Merges};
use domain::payload::Payload;
use domain::request::Identifier;
use domain::status::Side;
use domain::time::Timestamp;
use ports::{Row, Statement};
use serde_json::{Value, json};

use crate::http::Problem;
use crate::referrals::patient_key;

/// The source of the events: merges are said in HL7 v2 alone.
pub const SOURCE: &str = "hl7";

/// The most merges of one patient. Ours: a patient has a handful of records.
pub const MERGES_MAX: usize = 1_000;

/// Reads what the organisation whose key has this hash has said of the patients of `merges`, for [`Known::from_rows`].
#[must_use]
pub fn statements(key_hash: &str, merges: &[Merge]) -> [Statement; 2] {
    let ids = merges.iter().flat_map(|merge| [&merge.from, &merge.to]);
    let keys: Vec<String> = ids.map(patient_key).collect();
    // One more than there may be: it tells whether there are too many.
    let limit = i64::try_from(MERGES_MAX).unwrap_or(i64::MAX);
    [
        Statement::new(
            sql::SAID,
            [
                key_hash.into(),
                Value::from(keys).to_string().into(),
                limit.saturating_add(1).into(),
            ],
        ),
        Statement::new(sql::LAST, [key_hash.into()]),
    ]
}

/// What an organisation has said of some patients.
#[derive(Debug)]
pub struct Known {
    merges: Merges,
    count: usize,
    last_seq: i64,
    new: Vec<(i64, DatedMerge)>,
}

impl Known {
    /// From the rows of [`statements`].
    ///
    /// # Errors
    /// [`Problem::Internal`] when a row is not what we write.
    pub fn from_rows(said: &[Row], last: Option<&Row>) -> Result<Self, Problem> {
        let merges: Vec<DatedMerge> = said.iter().map(dated).collect::<Result<_, _>>()?;
        Ok(Self {
            count: merges.len(),
            merges: Merges::of(merges),
            last_seq: last
                .and_then(|row| row.integer("merge_seq"))
                .unwrap_or_default(),
            new: Vec::new(),
        })
    }

    /// Takes another merge.
    ///
    /// # Errors
    /// [`Problem::GuardFailed`] where it contradicts an earlier one, [`Problem::TooMany`] beyond [`MERGES_MAX`].
    pub fn take(&mut self, merge: Merge, at: Timestamp) -> Result<(), Problem> {
        let dated = DatedMerge { merge, at };
        let is_new =
            self.merges
                .take(dated.clone())
                .map_err(|contradiction| Problem::GuardFailed {
                    reason: contradiction.to_string(),
                })?;
        if is_new {
            self.count = self.count.saturating_add(1);
            self.last_seq = self.last_seq.saturating_add(1);
            self.new.push((self.last_seq, dated));
        }
        if self.count > MERGES_MAX {
            return Err(Problem::TooMany {
                what: "merges of one patient",
                limit: MERGES_MAX,
            });
        }
        Ok(())
    }

    /// What is written of what was taken, in the message with this id. Fails with a conflict on `patient_merges` when another message of the
    /// organisation was first.
    #[must_use]
    pub fn statements(
        &self,
        organization: &str,
        message_id: &str,
        label: Option<&str>,
    ) -> Vec<Statement> {
        if self.new.is_empty() {
            return Vec::new();
        }
        let said: Vec<Value> = self
            .new
            .iter()
            .map(|(seq, DatedMerge { merge, at })| {
                json!({
                    "seq": seq, "system": merge.from.system, "from": merge.from.value, "to": merge.to.value,
                    "at": at.as_millisecond(),
                })
            })
            .collect();
        let follows: Vec<Value> = self
            .merges
            .survivors()
            .map(|(merged, survivor)| {
                json!({
                    "key": patient_key(merged), "survivor_key": patient_key(survivor),
                    "system": merged.system, "merged": merged.value, "survivor": survivor.value,
                })
            })
            .collect();
        let list = |values: Vec<Value>| ports::Value::from(Value::from(values).to_string());
        vec![
            Statement::new(
                sql::STORE,
                [list(said), organization.into(), message_id.into()],
            ),
            Statement::new(
                sql::FOLLOWS,
                [
                    list(follows),
                    organization.into(),
                    message_id.into(),
                    label.map(str::to_owned).into(),
                ],
            ),
        ]
    }
}

fn dated(row: &Row) -> Result<DatedMerge, Problem> {
    let id = |column: &str| Identifier {
        system: row.text("merge_system").unwrap_or_default().to_owned(),
        value: row.text(column).unwrap_or_default().to_owned(),
    };
    Ok(DatedMerge {
        merge: Merge {
            from: id("merge_from"),
            to: id("merge_to"),
        },
        at: Timestamp::from_millisecond(row.integer("merge_at").unwrap_or_default())
            .map_err(|_| Problem::internal("records were merged at no time"))?,
    })
}

/// Reads what stands for the patient of a new referral, for [`survivor`].
#[must_use]
pub fn survivor_statement(key_hash: &str, patient: Option<&Identifier>) -> Statement {
    Statement::new(
        sql::SURVIVOR,
        [key_hash.into(), patient.map(patient_key).into()],
    )
}

/// What stands for the patient, and the message that says so; `None` where its id stays.
#[must_use]
pub fn survivor(row: Option<&Row>) -> Option<(Identifier, String)> {
    let row = row?;
    let id = Identifier {
        system: row.text("survivor_system")?.to_owned(),
        value: row.text("survivor_value")?.to_owned(),
    };
    Some((id, row.text("survivor_message")?.to_owned()))
}

/// Written with a new referral: a merge that came since its patient was looked up finds it.
#[must_use]
pub fn leave(organization: &str, patient: &Identifier) -> Statement {
    Statement::new(
        sql::LEAVE,
        [organization.into(), patient_key(patient).into()],
    )
}

/// A referral's patient got another id.
#[derive(Debug, Clone)]
pub struct Renamed {
    /// What was merged into what.
    pub merge: Merge,
    /// The message that says so.
    pub message_id: String,
    /// By whose key.
    pub label: Option<String>,
}

impl Renamed {
    /// From a row that joins a referral with its patient's merge; `None` where the patient's id stays.
    #[must_use]
    pub fn from_row(row: &Row) -> Option<Self> {
        let id = |column: &str| {
            Some(Identifier {
                system: row.text("merged_system")?.to_owned(),
                value: row.text(column)?.to_owned(),
            })
        };
        let merge = Merge {
            from: id("merged_from")?,
            to: id("merged_to")?,
        };
        (merge.from != merge.to).then(|| Self {
            merge,
            message_id: row.text("merged_by_message").unwrap_or_default().to_owned(),
            label: row.text("merged_by_label").map(str::to_owned),
        })
    }

    /// The event that renames it.
    #[must_use]
    pub fn event(&self, id: String, referrer: &str, at: Timestamp, now: Timestamp) -> Event {
        Event {
            id,
            kind: EventKind::PatientMerged,
            data: Arc::new(Payload::Merged(self.merge.clone())),
            by: Author {
                organization: Some(referrer.to_owned()),
                side: Some(Side::Referrer),
                label: self.label.clone(),
            },
            occurred_at: at,
            recorded_at: now,
            source: SOURCE.to_owned(),
            source_id: Some(self.message_id.clone()),
            reported_by: None,
            implied_by: None,
            implied_step: None,
            implied_because: None,
        }
    }
}
