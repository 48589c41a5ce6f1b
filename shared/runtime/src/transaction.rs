//! Which transaction a batch needs, on the platforms where we open it ourselves (on D1 a batch is one already).

use ports::Statement;

/// How a batch is made one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transaction {
    /// One statement is a transaction by itself.
    None,
    /// Reads alone: a deferred transaction gives them one snapshot, and takes no write lock.
    Read,
    /// Takes the write lock at once: one that starts as a read and turns into a write fails where another writes.
    Write,
}

impl Transaction {
    /// What this batch needs.
    pub fn of(statements: &[Statement]) -> Self {
        if statements.len() <= 1 {
            Self::None
        } else if statements.iter().all(|statement| only_reads(statement.sql)) {
            Self::Read
        } else {
            Self::Write
        }
    }

    /// The statement that opens it, if any.
    pub const fn begin(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Read => Some("BEGIN DEFERRED"),
            Self::Write => Some("BEGIN IMMEDIATE"),
        }
    }
}

/// Whether a statement certainly writes nothing.
///
/// A `WITH` may lead to a write. It counts as a read only when no writing keyword is in its text: a column of such a name
/// then costs a lock, never a failure.
fn only_reads(sql: &str) -> bool {
    let mut words = sql
        .split(|character: char| !character.is_ascii_alphanumeric() && character != '_')
        .filter(|word| !word.is_empty());
    let is = |word: &str, keyword: &str| word.eq_ignore_ascii_case(keyword);
    words.next().is_some_and(|first| {
        is(first, "SELECT")
            || is(first, "WITH")
                && !words.any(|word| {
                    ["INSERT", "UPDATE", "DELETE", "REPLACE"]
                        .iter()
                        .any(|writing| is(word, writing))
                })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sql: &[&'static str], want: Transaction) {
        let statements: Vec<_> = sql.iter().map(|sql| Statement::new(sql, [])).collect();
        assert_eq!(Transaction::of(&statements), want, "{sql:?}");
    }

    #[test]
    fn a_single_statement_needs_none() {
        check(&[], Transaction::None);
        check(&["SELECT 1"], Transaction::None);
        check(&["DELETE FROM notes"], Transaction::None);
    }

    #[test]
    fn reads_share_a_snapshot() {
        check(&["SELECT 1", "\n  select 2"], Transaction::Read);
        check(
            &["SELECT 1", "WITH a AS (SELECT 1) SELECT * FROM a"],
            Transaction::Read,
        );
    }

    #[test]
    fn one_write_makes_it_a_write() {
        check(&["SELECT 1", "DELETE FROM notes"], Transaction::Write);
        check(
            &[
                "SELECT 1",
                "WITH a AS (SELECT 1 AS b) INSERT INTO c SELECT b FROM a",
            ],
            Transaction::Write,
        );
    }
}
