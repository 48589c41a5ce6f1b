//! `GET /worklist/measures`: how the loops of a range of days went, each rate with its numerator and denominator.
//!
//! Read from the sums that every write keeps (`migrations/0010_measures.sql`); what a referral counts as is `domain::facts`. Inside
//! the organisation all numbers are shown; what is made to be handed on (`csv`) hides small ones (`small_cells`).

mod csv;
mod range;
mod small_cells;
mod sql;
mod sums;

use std::collections::BTreeMap;

use domain::calendar::Calendar;
use domain::facts::{Facts, TOTAL};
use domain::policy::Policy;
use domain::referral::Referral;
use http::StatusCode;
use ports::{Platform, Row, Statement};
use serde_json::{Value, json};

use crate::auth::Credentials;
use crate::call::Call;
use crate::http::{Problem, Reply};
use crate::json::from_text;

pub(super) use csv::export;
pub(super) use range::GROUPS;
use range::Range;
use sums::Sums;

/// What stands for a group that is not known: an office outside the network, a specialty that nobody named.
const UNKNOWN: &str = "unknown";

/// The measures of a range.
struct Measured {
    all: Sums,
    groups: BTreeMap<String, Sums>,
    by: Option<&'static str>,
    /// Messages that fit no referral for certain and wait for a person, now.
    unmatched: i64,
    policy: Policy,
}

/// Reads the measures as JSON.
pub(super) async fn read<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let measured = measure(&call).await?;
    let mut members = measured.all.to_json();
    members.insert(
        "orphan_reports".to_owned(),
        json!({"waiting": measured.unmatched}),
    );
    if let Some(by) = measured.by {
        let groups: Vec<Value> = measured
            .groups
            .iter()
            .map(|(key, sums)| {
                let mut group = sums.to_json();
                group.insert(by.to_owned(), key.as_str().into());
                group.into()
            })
            .collect();
        members.insert("by".to_owned(), by.into());
        members.insert("groups".to_owned(), groups.into());
    }
    Reply::json(StatusCode::OK, &Value::Object(members))
}

async fn measure<P: Platform>(call: &Call<P>) -> Result<Measured, Problem> {
    let credentials = Credentials::of_member(call)?;
    let asked = Range::of(call);
    let mut statements = vec![credentials.statement()];
    if let Ok(range) = &asked {
        statements.extend(range.statements(credentials.hash()));
        statements.push(Statement::new(sql::AROUND, [credentials.hash().into()]));
    }
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    caller.member()?;
    let range = asked?;
    let around = answer.first(3);
    let policy = around.and_then(|row| row.text("policy"));
    let mut measured = Measured {
        all: Sums::default(),
        groups: BTreeMap::new(),
        by: range.by,
        unmatched: around
            .and_then(|row| row.integer("unmatched"))
            .unwrap_or_default(),
        policy: policy.map(from_text).transpose()?.unwrap_or_default(),
    };
    measured.add(answer.rows(1), answer.rows(2))?;
    Ok(measured)
}

impl Measured {
    /// What the sums say, and what is not in them yet.
    fn add(&mut self, sums: &[Row], uncounted: &[Row]) -> Result<(), Problem> {
        for row in sums {
            let name = row.text("key").unwrap_or_default();
            let count = row.integer("n").unwrap_or_default();
            self.all.add(name, count);
            self.group(row).add(name, count);
        }
        let calendar = Calendar::of(&self.policy);
        for row in uncounted {
            let referral: Referral = from_text(row.text("state").unwrap_or_default())?;
            let facts = Facts::of(&referral, &calendar);
            self.all.count(&facts);
            self.group(row).count(&facts);
        }
        // A group from which every referral has gone.
        self.groups.retain(|_, sums| sums.of(TOTAL) > 0);
        Ok(())
    }

    fn group(&mut self, row: &Row) -> &mut Sums {
        let group = row.text("grouped").filter(|group| !group.is_empty());
        let group = group.unwrap_or(UNKNOWN).to_owned();
        self.groups.entry(group).or_default()
    }
}
