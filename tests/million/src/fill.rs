//! Fills the store: rows are copied from the moulds straight into the table, with triggers and indexes put back afterwards, and the
//! sums are made in one go. A test holds them to what the triggers make.

use std::fmt::Write as _;

use anyhow::{Context, Result};
use domain::facts::two_figures;
use rusqlite::{Connection, params};

use crate::lives::{FACTS, Mould, REFERRER};
use crate::store::{NOW_MS, RECIPIENTS, recipient};

/// Over how many years the referrals came in.
const YEARS: i64 = 5;
const YEAR_MS: i64 = 365 * 86_400_000;

/// How many referrals `north` has, at every size.
pub const NORTH: usize = 5_000;

/// How many of `north` and of `south` each are open, at every size.
pub const OPEN: usize = 400;

/// How many small organisations there are beside the two.
pub const OFFICES: usize = 400;

/// How many rows one transaction writes.
const ROWS_A_TRANSACTION: usize = 20_000;

/// Numbers that look like chance and are the same each time (the generator of Knuth's MMIX).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % bound.max(1)
    }
}

/// How the sums are kept while the store is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sums {
    /// By the triggers, as always.
    Kept,
    /// In one go, after all rows are there.
    MadeAfter,
}

/// Fills the store from `had` to `size` referrals.
///
/// # Errors
/// What the database says.
pub fn fill(
    path: &std::path::Path,
    moulds: &[Mould],
    had: usize,
    size: usize,
    sums: Sums,
) -> Result<()> {
    let connection = Connection::open(path)?;
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -400000;")?;
    let aside = match sums {
        Sums::Kept => Vec::new(),
        Sums::MadeAfter => set_aside(&connection)?,
    };
    let (over, open): (Vec<&Mould>, Vec<&Mould>) = moulds.iter().partition(|mould| mould.is_over());
    let mut first = had;
    while first < size {
        let end = size.min(first + ROWS_A_TRANSACTION);
        connection.execute_batch("BEGIN")?;
        for number in first..end {
            insert(&connection, &over, &open, number)?;
        }
        connection.execute_batch("COMMIT")?;
        first = end;
    }
    if sums == Sums::MadeAfter {
        connection.execute_batch(ALL_SUMS)?;
    }
    for sql in aside {
        connection.execute_batch(&sql)?;
    }
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

/// Takes the triggers and indexes of the table away, and gives what makes them again.
fn set_aside(connection: &Connection) -> Result<Vec<String>> {
    let mut found = connection.prepare(
        "SELECT type, name, sql FROM sqlite_master
WHERE tbl_name = 'referrals' AND type IN ('trigger', 'index') AND sql IS NOT NULL",
    )?;
    let rows = found.query_map([], |row| {
        Ok((
            row.get::<_, String>(0)?,
            row.get::<_, String>(1)?,
            row.get::<_, String>(2)?,
        ))
    })?;
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    for (kind, name, _) in &rows {
        connection.execute_batch(&format!("DROP {kind} {name}"))?;
    }
    Ok(rows.into_iter().map(|(_, _, sql)| sql).collect())
}

/// What the triggers would have made of all rows.
const ALL_SUMS: &str = "
DELETE FROM tallies;
INSERT INTO tallies (referrer, month, recipient, specialty, urgency, counts)
SELECT referrer, month, recipient, specialty, urgency, json_group_object(key, n) FROM (
  SELECT f.referrer, strftime('%Y-%m', f.created_at / 1000, 'unixepoch') AS month, coalesce(f.recipient, '') AS recipient,
    coalesce(f.specialty, '') AS specialty, f.urgency, c.key, sum(c.value) AS n
  FROM referrals f, json_each(f.state, '$.facts') c GROUP BY 1, 2, 3, 4, 5, 6)
GROUP BY 1, 2, 3, 4, 5;";

const INSERT: &str = "
INSERT INTO referrals (id, network, referrer, recipient, service, specialty, patient_key, status, turn, urgency, attention, points,
  next_due_at, version, tail_hash, folded_until, created_at, updated_at, clocks, state, request)
VALUES (?1, 'valley', ?2, ?3, 'main', 'cardiology', ?4, ?5, ?6, ?7, ?8, ?9, ?10, 3, 'x', ?11, ?11, ?12, ?13, ?14, ?15)";

/// The referral of this number. The first of all are those of `north` and what is open with `south`, so that they are the same at
/// every size; then every second one is of `south`, and the rest of many small organisations.
fn insert(connection: &Connection, over: &[&Mould], open: &[&Mould], number: usize) -> Result<()> {
    let mut dice = Dice(
        u64::try_from(number)?
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .wrapping_add(1),
    );
    let is_open = number < OPEN || (NORTH..NORTH + OPEN).contains(&number);
    let referrer = match number {
        _ if number < NORTH => "north".to_owned(),
        _ if number < NORTH + OPEN || number.is_multiple_of(2) => "south".to_owned(),
        _ => format!("office-{}", dice.below(OFFICES)),
    };
    let moulds = if is_open { open } else { over };
    let mould = moulds.get(dice.below(moulds.len())).context("a mould")?;
    let ago = if is_open {
        30 * 86_400_000
    } else {
        YEARS * YEAR_MS
    };
    let minutes = usize::try_from(ago / 60_000)?;
    let created_at = NOW_MS - i64::try_from(dice.below(minutes))? * 60_000;
    // South receives from the small ones too.
    let to = if referrer.starts_with("office") && number % 10 == 1 {
        "south".to_owned()
    } else {
        recipient(dice.below(RECIPIENTS))
    };
    let in_mould = format!("\"{}\"", recipient(0));
    let own = |text: &str| {
        text.replace(&format!("\"{REFERRER}\""), &format!("\"{referrer}\""))
            .replace(&in_mould, &format!("\"{to}\""))
    };
    let state = own(&mould.state).replace(FACTS, &facts(mould, &mut dice)?);
    let mut statement = connection.prepare_cached(INSERT)?;
    statement.execute(params![
        // Ids sort by time.
        format!("ref-{created_at:013}{number:08}"),
        referrer,
        to,
        format!("urn:oid:1.2.3.4|p-{}", number / 3),
        mould.status,
        mould.turn,
        mould.urgency,
        mould.attention,
        mould.points,
        is_open.then_some(NOW_MS + 86_400_000),
        created_at,
        created_at + 9 * 86_400_000,
        own(&mould.clocks),
        state,
        mould.request,
    ])?;
    Ok(())
}

/// What it counts as: with waits of its own, most of them short.
fn facts(mould: &Mould, dice: &mut Dice) -> Result<String> {
    let mut text = String::from("{");
    for (name, count) in &mould.facts {
        let separator = if text.len() > 1 { "," } else { "" };
        if let Some((wait, _)) = name
            .split_once(':')
            .filter(|(wait, _)| wait.starts_with("to-"))
        {
            let waited = dice.below(80) + dice.below(80) * dice.below(8);
            let parts = two_figures(u32::try_from(waited)?);
            write!(text, "{separator}\"{wait}:{parts}\":{count}")?;
        } else {
            write!(text, "{separator}\"{name}\":{count}")?;
        }
    }
    text.push('}');
    Ok(text)
}
