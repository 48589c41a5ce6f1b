//! A batch of the port: one transaction, one answer a statement, one winner of a race.

use std::fmt::Write as _;

use futures_util::future::join_all;
use ports::{Answer, DatabaseError, Platform, Row, Statement, Value};

use crate::check::{Outcome, equal, holds};
use crate::scratch::Scratch;

/// An empty batch is nothing to do, and no error.
pub async fn an_empty_batch_does_nothing<P: Platform>(platform: &P) -> Outcome {
    let answer = platform.batch(Vec::new()).await?;
    equal("the results", answer.results.len(), 0)
}

/// All statements of a batch take effect.
pub async fn every_statement_of_a_batch_takes_effect<P: Platform>(platform: &P) -> Outcome {
    let scratch = Scratch::new(platform).await?;
    let batch = ["a", "b", "c"].map(|id| scratch.insert(id)).to_vec();
    let answer = platform.batch(batch).await?;
    equal("the results", answer.results.len(), 3)?;
    holds(
        "no rows without RETURNING",
        (0..3).all(|index| answer.rows(index).is_empty()),
    )?;
    equal("the ids", scratch.ids().await?, ["a", "b", "c"])
}

/// What a statement wrote is there for the next one of the same batch.
pub async fn a_statement_sees_those_before_it<P: Platform>(platform: &P) -> Outcome {
    let scratch = Scratch::new(platform).await?;
    let count = "SELECT count(*) AS rows_there FROM suite_rows WHERE scope = ?1";
    let answer = platform
        .batch(vec![
            Statement::new(count, [scratch.scope()]),
            scratch.insert("a"),
            Statement::new(count, [scratch.scope()]),
        ])
        .await?;
    equal("before", integer(&answer, 0, "rows_there"), Some(0))?;
    equal("after", integer(&answer, 2, "rows_there"), Some(1))
}

/// Each statement's rows are at its place, also where others return none.
pub async fn each_statement_answers_in_its_place<P: Platform>(platform: &P) -> Outcome {
    let scratch = Scratch::new(platform).await?;
    let answer = platform
        .batch(vec![
            Statement::new("SELECT 1 AS one", []),
            scratch.insert("a"),
            Statement::new("SELECT 3 AS three WHERE 1 = 0", []),
            Statement::new("SELECT 4 AS four, 5 AS five", []),
        ])
        .await?;
    equal("the results", answer.results.len(), 4)?;
    equal("the first", integer(&answer, 0, "one"), Some(1))?;
    equal("the insert", answer.rows(1).len(), 0)?;
    equal("the empty one", answer.rows(2).len(), 0)?;
    equal("the last", integer(&answer, 3, "four"), Some(4))?;
    equal("its other column", integer(&answer, 3, "five"), Some(5))?;
    equal(
        "a column that is not there",
        integer(&answer, 3, "six"),
        None,
    )
}

/// Reads alone, which take another path than writes on some platforms.
pub async fn a_batch_of_reads_answers_each<P: Platform>(platform: &P) -> Outcome {
    let scratch = Scratch::new(platform).await?;
    platform
        .batch(vec![scratch.insert_all("a", "first", 1, Value::Null)])
        .await?;
    let read = "SELECT id, label FROM suite_rows WHERE scope = ?1";
    let with =
        "WITH mine AS (SELECT number FROM suite_rows WHERE scope = ?1) SELECT number FROM mine";
    let answer = platform
        .batch(vec![
            Statement::new(read, [scratch.scope()]),
            Statement::new(with, [scratch.scope()]),
        ])
        .await?;
    equal(
        "the label",
        answer.first(0).and_then(|row| row.text("label")),
        Some("first"),
    )?;
    equal("the number", integer(&answer, 1, "number"), Some(1))
}

/// INSERT, UPDATE and DELETE give back their rows.
pub async fn returning_returns_what_was_written<P: Platform>(platform: &P) -> Outcome {
    let scratch = Scratch::new(platform).await?;
    let insert = "INSERT INTO suite_rows (scope, id, number) VALUES (?1, 'a', 1), (?1, 'b', 2) RETURNING id, number";
    let update =
        "UPDATE suite_rows SET number = number + 10 WHERE scope = ?1 AND id = 'a' RETURNING number";
    let delete = "DELETE FROM suite_rows WHERE scope = ?1 AND id = 'b' RETURNING id, number";
    let answer = platform
        .batch(
            [insert, update, delete]
                .map(|sql| Statement::new(sql, [scratch.scope()]))
                .to_vec(),
        )
        .await?;
    equal("inserted", integers(answer.rows(0), "number"), [1, 2])?;
    equal("updated", integers(answer.rows(1), "number"), [11])?;
    equal("deleted", integers(answer.rows(2), "number"), [2])?;
    equal("what is left", scratch.ids().await?, ["a"])
}

/// An upsert inserts, then updates, and returns the row as it left it; without a change it returns none.
pub async fn an_upsert_returns_the_row_it_left<P: Platform>(platform: &P) -> Outcome {
    let scratch = Scratch::new(platform).await?;
    let upsert = "INSERT INTO suite_rows (scope, id, number) VALUES (?1, 'a', ?2) \
                  ON CONFLICT (scope, id) DO UPDATE SET number = excluded.number \
                  WHERE excluded.number > suite_rows.number RETURNING number";
    let with = |number: i64| Statement::new(upsert, [scratch.scope(), number.into()]);
    let answer = platform.batch(vec![with(5), with(7), with(6)]).await?;
    equal("inserted", integers(answer.rows(0), "number"), [5])?;
    equal("updated", integers(answer.rows(1), "number"), [7])?;
    equal("left alone", answer.rows(2).len(), 0)
}

/// One JSON parameter instead of 800: D1 takes 100 a statement.
pub async fn one_parameter_inserts_200_rows<P: Platform>(platform: &P) -> Outcome {
    let scratch = Scratch::new(platform).await?;
    let mut json = String::from("[");
    for number in 0..200 {
        let comma = if number == 0 { "" } else { "," };
        let _ = write!(
            json,
            r#"{comma}{{"id":"row-{number:03}","number":{number}}}"#
        );
    }
    json.push(']');
    let insert = "INSERT INTO suite_rows (scope, id, number) \
                  SELECT ?2, value ->> 'id', value ->> 'number' FROM json_each(?1) RETURNING number";
    let answer = platform
        .batch(vec![Statement::new(insert, [json.into(), scratch.scope()])])
        .await?;
    equal("rows returned", answer.rows(0).len(), 200)?;
    let rows = scratch.rows().await?;
    equal(
        "the numbers",
        integers(&rows, "number"),
        (0..200).collect::<Vec<_>>(),
    )
}

/// An answer of many rows is read to its end, in order.
pub async fn a_row_wide_answer_of_500_rows_comes_back<P: Platform>(platform: &P) -> Outcome {
    let scratch = Scratch::new(platform).await?;
    let insert = "WITH RECURSIVE counter (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counter WHERE n < 499) \
                  INSERT INTO suite_rows (scope, id, label, number) \
                  SELECT ?1, printf('%04d', n), 'label ' || n, n FROM counter";
    let read = "SELECT id, label, number, bytes FROM suite_rows WHERE scope = ?1 ORDER BY number";
    let answer = platform
        .batch(vec![
            Statement::new(insert, [scratch.scope()]),
            Statement::new(read, [scratch.scope()]),
        ])
        .await?;
    equal(
        "the numbers",
        integers(answer.rows(1), "number"),
        (0..500).collect::<Vec<_>>(),
    )?;
    let last = answer.rows(1).last();
    equal(
        "the last label",
        last.and_then(|row| row.text("label")),
        Some("label 499"),
    )
}

/// Two batches with one key in common: one takes effect whole, the other not at all.
pub async fn of_two_racing_batches_one_wins<P: Platform>(platform: &P) -> Outcome {
    race(platform, 2).await
}

/// The same among more than a platform keeps connections for.
pub async fn of_sixteen_racing_batches_one_wins<P: Platform>(platform: &P) -> Outcome {
    race(platform, 16).await
}

async fn race<P: Platform>(platform: &P, racers: usize) -> Outcome {
    let scratch = Scratch::new(platform).await?;
    let batches = (0..racers).map(|racer| {
        // The racer's own row comes first, so that the loser has something to undo.
        platform.batch(vec![
            scratch.insert(&format!("own-{racer}")),
            scratch.insert("the key"),
        ])
    });
    let outcomes = join_all(batches).await;
    let conflict = DatabaseError::Conflict {
        constraint: "suite_rows.scope, suite_rows.id".to_owned(),
    };
    let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let lost = outcomes
        .iter()
        .filter(|outcome| outcome.as_ref().err() == Some(&conflict))
        .count();
    equal("won and lost", (won, lost), (1, racers - 1))?;
    let ids = scratch.ids().await?;
    equal("rows of the winner alone", ids.len(), 2)
}

fn integer(answer: &Answer, index: usize, column: &str) -> Option<i64> {
    answer.first(index).and_then(|row| row.integer(column))
}

fn integers(rows: &[Row], column: &str) -> Vec<i64> {
    rows.iter().filter_map(|row| row.integer(column)).collect()
}
