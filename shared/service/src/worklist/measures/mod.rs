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
use domain::time::Date;
use http::StatusCode;
use ports::{Platform, Row, Statement};
use serde_json::{Value, json};

use crate::auth::{Credentials, Member};
use crate::call::Call;
use crate::http::{Problem, Reply};
use crate::json::from_text;

pub(super) use csv::export;
pub(super) use range::GROUPS;
use range::Range;
use small_cells::pool;
pub(super) use small_cells::{Cells, FEW};
pub(super) use sums::{BUCKETS, COUNTS, RATES, Sums, WAITS, bucket, rate};

/// What stands for a group that is not known: an office outside the network, a specialty that nobody named.
pub(super) const UNKNOWN: &str = "unknown";

/// The measures of a range.
pub(in crate::worklist) struct Measured {
    /// Of all referrals of the range.
    pub(in crate::worklist) all: Sums,
    /// The same divided: as the call asks, then as the reader wants besides.
    pub(in crate::worklist) divisions: Vec<Division>,
    /// By what the call asks to divide.
    pub(in crate::worklist) by: Option<&'static str>,
    /// Messages that fit no referral for certain and wait for a person, now.
    pub(in crate::worklist) unmatched: i64,
    /// The network's policy.
    pub(in crate::worklist) policy: Policy,
}

/// The referrals of a range divided into groups.
pub(in crate::worklist) struct Division {
    /// By what.
    pub(in crate::worklist) by: &'static str,
    /// Which counters are read; all where it is none.
    pub(in crate::worklist) names: Option<&'static [&'static str]>,
    /// The sums of each group.
    pub(in crate::worklist) groups: BTreeMap<String, Sums>,
}

impl Division {
    /// By `by`, of these counters alone.
    pub(in crate::worklist) const fn brief(
        by: &'static str,
        names: &'static [&'static str],
    ) -> Self {
        Self {
            by,
            names: Some(names),
            groups: BTreeMap::new(),
        }
    }

    fn group(&mut self, group: &str) -> &mut Sums {
        let group = if group.is_empty() { UNKNOWN } else { group };
        self.groups.entry(group.to_owned()).or_default()
    }

    fn add(&mut self, row: &Row) {
        let name = row.text("key").unwrap_or_default();
        let count = row.integer("n").unwrap_or_default();
        let group = row.text("grouped").unwrap_or_default();
        self.group(group).add(name, count);
    }

    fn count(&mut self, group: &str, facts: &Facts) {
        let names = self.names;
        let sums = self.group(group);
        for (name, count) in facts.iter() {
            if names.is_none_or(|names| names.contains(&name)) {
                sums.add(name, count.into());
            }
        }
    }
}

/// Reads the measures as JSON.
pub(super) async fn read<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let (measured, _) = measure(&call, None, Vec::new()).await?;
    let mut members = measured.all.to_json();
    members.insert(
        "orphan_reports".to_owned(),
        json!({"waiting": measured.unmatched}),
    );
    if let Some(division) = measured.divisions.first() {
        let groups: Vec<Value> = division
            .groups
            .iter()
            .map(|(key, sums)| {
                let mut group = sums.to_json();
                group.insert(division.by.to_owned(), key.as_str().into());
                group.into()
            })
            .collect();
        members.insert("by".to_owned(), division.by.into());
        members.insert("groups".to_owned(), groups.into());
    }
    Reply::json(StatusCode::OK, &Value::Object(members))
}

/// Reads the measures that a call asks for, or of `days`, divided as it asks and by `besides`, in one round trip; and who asks.
///
/// # Errors
/// What [`Range::of`] says, and who may not read measures.
pub(in crate::worklist) async fn measure<P: Platform>(
    call: &Call<P>,
    days: Option<[Date; 2]>,
    besides: Vec<Division>,
) -> Result<(Measured, Member), Problem> {
    let credentials = Credentials::of_member(call)?;
    let asked = Range::of(call, days);
    let hash = credentials.hash();
    let mut statements = vec![credentials.statement()];
    if let Ok(range) = &asked {
        statements.push(range.sums(hash, range.by, None));
        statements.push(range.uncounted(hash));
        statements.push(Statement::new(sql::AROUND, [hash.into()]));
        let besides = besides.iter();
        statements.extend(besides.map(|it| range.sums(hash, Some(it.by), it.names)));
    }
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let member = caller.member()?.clone();
    let range = asked?;
    let around = answer.first(3);
    let policy = around.and_then(|row| row.text("policy"));
    let mut measured = Measured {
        all: Sums::default(),
        divisions: Vec::new(),
        by: range.by,
        unmatched: around
            .and_then(|row| row.integer("unmatched"))
            .unwrap_or_default(),
        policy: policy.map(from_text).transpose()?.unwrap_or_default(),
    };
    let mut chosen = range.by.map(|by| Division {
        by,
        names: None,
        groups: BTreeMap::new(),
    });
    for row in answer.rows(1) {
        let name = row.text("key").unwrap_or_default();
        let count = row.integer("n").unwrap_or_default();
        measured.all.add(name, count);
        if let Some(division) = &mut chosen {
            division.add(row);
        }
    }
    measured.divisions.extend(chosen);
    for (index, mut division) in besides.into_iter().enumerate() {
        let rows = answer.rows(index.saturating_add(4));
        rows.iter().for_each(|row| division.add(row));
        measured.divisions.push(division);
    }
    measured.count(answer.rows(2))?;
    Ok((measured, member))
}

impl Measured {
    /// Puts groups of few together, and says what is hidden of the rest: for what leaves the organisation.
    pub(in crate::worklist) fn for_others(&mut self) -> Cells {
        let shown_from = self.policy.small_cells();
        for division in &mut self.divisions {
            pool(&mut division.groups, shown_from);
        }
        self.cells(shown_from)
    }

    /// For the organisation's own people, from whom nothing is hidden.
    pub(in crate::worklist) fn for_ourselves(&self) -> Cells {
        self.cells(0)
    }

    fn cells(&self, shown_from: u32) -> Cells {
        let divisions = self.divisions.iter();
        let divisions: Vec<Vec<&Sums>> = divisions
            .map(|division| division.groups.values().collect())
            .collect();
        Cells::new(&self.all, &divisions, shown_from)
    }

    /// Adds what is not in the sums yet.
    fn count(&mut self, uncounted: &[Row]) -> Result<(), Problem> {
        let calendar = Calendar::of(&self.policy);
        for row in uncounted {
            let referral: Referral = from_text(row.text("state").unwrap_or_default())?;
            let facts = Facts::of(&referral, &calendar);
            self.all.count(&facts);
            for (index, division) in self.divisions.iter_mut().enumerate() {
                let column = if index == 0 && self.by.is_some() {
                    "grouped"
                } else {
                    division.by
                };
                division.count(row.text(column).unwrap_or_default(), &facts);
            }
        }
        // A group from which every referral has gone.
        for division in &mut self.divisions {
            division.groups.retain(|_, sums| sums.of(TOTAL) > 0);
        }
        Ok(())
    }
}
