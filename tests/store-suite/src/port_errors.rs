//! What the port does with a statement that fails: nothing of the batch stays, and the error says which kind it is.

use ports::{DatabaseError, Platform, Statement, Value};

use crate::check::{Outcome, equal, failed, holds};
use crate::scratch::Scratch;

/// A text that no error may show.
const PRIVATE: &str = "Zebedee-Quux-1947";

/// A failing statement in the middle undoes those before it and keeps back those after it.
pub async fn a_failing_statement_in_the_middle_undoes_all<P: Platform>(platform: &P) -> Outcome {
    let scratch = Scratch::new(platform).await?;
    let batch = vec![
        scratch.insert("a"),
        scratch.insert("b"),
        scratch.insert("a"),
        scratch.insert("c"),
    ];
    failed("the second a", platform.batch(batch).await)?;
    equal("the ids", scratch.ids().await?.len(), 0)
}

/// So does a failing last one, also when it is refused before it runs.
pub async fn a_failing_last_statement_undoes_all<P: Platform>(platform: &P) -> Outcome {
    let scratch = Scratch::new(platform).await?;
    let batch = vec![
        scratch.insert("a"),
        Statement::new("DELETE FROM suite_no_such_table", []),
    ];
    failed("a table that is not there", platform.batch(batch).await)?;
    equal("the ids", scratch.ids().await?.len(), 0)
}

/// A taken primary key.
pub async fn a_conflict_names_the_primary_key<P: Platform>(platform: &P) -> Outcome {
    let scratch = Scratch::new(platform).await?;
    platform.batch(vec![scratch.insert("a")]).await?;
    // Alone and among others: the two take different paths on some platforms.
    for batch in [
        vec![scratch.insert("a")],
        vec![scratch.insert("b"), scratch.insert("a")],
    ] {
        let error = failed("the second a", platform.batch(batch).await)?;
        equal(
            "the error",
            error,
            conflict("suite_rows.scope, suite_rows.id"),
        )?;
    }
    Ok(())
}

/// A taken value of a unique index.
pub async fn a_conflict_names_the_unique_columns<P: Platform>(platform: &P) -> Outcome {
    let scratch = Scratch::new(platform).await?;
    let with_label = |id| scratch.insert_all(id, PRIVATE, Value::Null, Value::Null);
    let batch = vec![with_label("a"), with_label("b")];
    let error = failed("the second label", platform.batch(batch).await)?;
    equal(
        "the error",
        error,
        conflict("suite_rows.scope, suite_rows.label"),
    )
}

/// Faults of the program are told from conflicts and from a busy database.
pub async fn a_bad_statement_is_refused<P: Platform>(platform: &P) -> Outcome {
    Scratch::new(platform).await?;
    for sql in [
        "SELEC 1",
        "SELECT missing_column FROM suite_rows",
        "INSERT INTO suite_rows (scope, id) VALUES ('a', NULL)",
    ] {
        let error = failed(sql, platform.batch(vec![Statement::new(sql, [])]).await)?;
        holds(sql, matches!(error, DatabaseError::Refused { .. }))?;
    }
    Ok(())
}

/// An error names tables and columns, never what a caller sent.
pub async fn a_refusal_shows_no_parameter<P: Platform>(platform: &P) -> Outcome {
    let scratch = Scratch::new(platform).await?;
    let wrong_type = scratch.insert_all("a", Value::Null, PRIVATE, Value::Null);
    let wrong_json = Statement::new("SELECT value FROM json_each(?1)", [PRIVATE.into()]);
    let wrong_name = Statement::new("SELECT ?1 FROM suite_no_such_table", [PRIVATE.into()]);
    for statement in [wrong_type, wrong_json, wrong_name] {
        let sql = statement.sql;
        let error = failed(sql, platform.batch(vec![statement]).await)?;
        holds(sql, matches!(error, DatabaseError::Refused { .. }))?;
        let told = format!("{error} {error:?}");
        holds(&told, !told.contains("Zebedee") && !told.contains("1947"))?;
        // A JavaScript stack names files of the platform.
        holds(&told, !told.contains('\n') && !told.contains("    at "))?;
    }
    Ok(())
}

/// After a failure the same platform goes on: no transaction is left open.
pub async fn a_failed_batch_leaves_the_platform_usable<P: Platform>(platform: &P) -> Outcome {
    let scratch = Scratch::new(platform).await?;
    for _ in 0..3 {
        let batch = vec![scratch.insert("a"), scratch.insert("a")];
        failed("the second a", platform.batch(batch).await)?;
    }
    platform
        .batch(vec![scratch.insert("a"), scratch.insert("b")])
        .await?;
    equal("the ids", scratch.ids().await?, ["a", "b"])
}

fn conflict(constraint: &str) -> DatabaseError {
    DatabaseError::Conflict {
        constraint: constraint.to_owned(),
    }
}
