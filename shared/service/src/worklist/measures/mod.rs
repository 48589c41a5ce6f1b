//! `GET /worklist/measures`: how the loops of a range of days went, each rate with its numerator and denominator.
//!
//! Read from the sums that every write keeps (`migrations/0010_measures.sql`); what a referral counts as is `domain::facts`. Inside
//! the organisation all numbers are shown; what is made to be handed on (`csv`) hides small ones (`small_cells`).

mod csv;
mod measured;
mod range;
mod small_cells;
mod sql;
mod sums;

use domain::time::Date;
use http::StatusCode;
use ports::{Platform, Row, Statement};
use serde_json::{Value, json};

use crate::auth::{Credentials, Member};
use crate::call::Call;
use crate::http::{Fault, Problem, Reply};
use crate::json::from_text;

pub(super) use csv::export;
pub(super) use measured::{Division, Measured};
pub(super) use range::GROUPS;
use range::{Place, Range, SUMS_A_TRIP};
pub(super) use small_cells::{Cells, FEW};
pub(super) use sums::{BUCKETS, COUNTS, RATES, Sums, WAITS, bucket, days, rate};

/// What stands for a group that is not known: an office outside the network, a specialty that nobody named.
pub(super) const UNKNOWN: &str = "unknown";

/// How often sums are read for one answer: 50 statements are all that Workers Free runs in one request. A referral that moves to other
/// sums between two of these trips may be in both or in none.
const TRIPS_MAX: usize = 40;

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

/// Reads the measures that a call asks for, or of `days`, divided as it asks and by `besides`; and who asks. One round trip for each
/// [`SUMS_A_TRIP`] sums, so that no answer of the database is large: one for a year of most organisations.
///
/// # Errors
/// What [`Range::of`] says, who may not read measures, and [`Problem::Invalid`] for more sums than are read.
pub(in crate::worklist) async fn measure<P: Platform>(
    call: &Call<P>,
    days: Option<[Date; 2]>,
    besides: Vec<Division>,
) -> Result<(Measured, Member), Problem> {
    let credentials = Credentials::of_member(call)?;
    let asked = Range::of(call, days);
    let hash = credentials.hash();
    let mut statements = vec![
        credentials.statement(),
        Statement::new(sql::AROUND, [hash.into()]),
    ];
    if let Ok(range) = &asked {
        statements.push(range.uncounted(hash));
        statements.push(range.sums(hash, None));
        statements.extend(range.parts_of_months(hash));
    }
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let member = caller.member()?.clone();
    let range = asked?;
    let around = answer.first(1);
    let unmatched = around.and_then(|row| row.integer("unmatched"));
    let policy = around.and_then(|row| row.text("policy"));
    let policy = policy.map(from_text).transpose()?.unwrap_or_default();
    let divisions = range.by.map(Division::whole).into_iter().chain(besides);
    let mut measured = Measured::new(divisions.collect(), unmatched.unwrap_or_default(), policy);
    measured.add_uncounted(answer.rows(2))?;
    measured.add(answer.rows(4))?;
    measured.add(answer.rows(5))?;
    let mut sums = answer.rows(3).to_vec();
    for _ in 1..TRIPS_MAX {
        let Some(last) = last_of_many(&sums) else {
            break;
        };
        let next = range.sums(hash, Some(&Place::of(last)));
        measured.add(&sums)?;
        let answer = call.platform.batch(vec![next]).await?;
        sums = answer.rows(0).to_vec();
    }
    if last_of_many(&sums).is_some() {
        let rule = "is too long ago: a shorter period is needed";
        return Err(Problem::Invalid(vec![Fault::query(
            "from", "too-long", rule,
        )]));
    }
    measured.add(&sums)?;
    Ok((measured.settled(), member))
}

/// The last of as many sums as are read at once, after which there may be more.
fn last_of_many(sums: &[Row]) -> Option<&Row> {
    sums.get(SUMS_A_TRIP.saturating_sub(1))
}
