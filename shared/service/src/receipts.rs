//! Idempotency: what was answered to a key before (the IETF draft "The Idempotency-Key HTTP Header Field").
//!
//! A receipt is written in the batch that does the work, so that there is one exactly when the work was done. It holds no
//! patient data and no secret: an answer about a referral is kept as the referral and the event that it followed, any other
//! without its secrets, and the first answer is built again from that.
//!
//! Of two calls at once with one key the loser's batch fails on this table's primary key; it reads again and gives the
//! first one's answer. For that a receipt is written before what else could conflict.

use ports::{DatabaseError, Row, Statement, Value};

use crate::auth::{Caller, Credentials};
use crate::call::Call;
use crate::crypto::sha256_hex;
use crate::http::Problem;

/// A call that has an idempotency key.
#[derive(Debug, Clone)]
pub struct Receipt {
    key: String,
    body_hash: String,
}

/// Whose idempotency keys a key is one of: two callers may choose the same.
#[derive(Debug, Clone, Copy)]
pub enum Owner<'a> {
    /// The holder of `ADMIN_KEY`.
    Operator,
    /// An organisation.
    Organization(&'a str),
    /// A source of inbound webhooks; its key is the `webhook-id`.
    Source(&'a str),
}

/// What was answered the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The referral, and the sequence number of the event that the answer followed.
    pub referral: Option<(String, i64)>,
    /// Any other answer, without secrets.
    pub answer: Option<String>,
}

impl Receipt {
    /// The receipt of this call; `None` when it has no `Idempotency-Key`.
    pub fn of<P>(call: &Call<P>) -> Option<Self> {
        let key = call.idempotency_key.clone()?;
        Some(Self::new(
            key,
            call.route.method.as_str(),
            &call.path,
            call.body_bytes(),
        ))
    }

    /// The receipt for a key that came otherwise, such as a `webhook-id`.
    #[must_use]
    pub fn new(key: String, method: &str, path: &str, body: &[u8]) -> Self {
        let body_hash = sha256_hex(&[method.as_bytes(), b"\n", path.as_bytes(), b"\n", body]);
        Self { key, body_hash }
    }

    /// Reads what was answered before, while the caller is known by the hash of a key only.
    #[must_use]
    pub fn read_for(&self, credentials: &Credentials) -> Statement {
        if credentials.is_operator() {
            return self.read(Owner::Operator);
        }
        Statement::new(
            READ_BY_KEY,
            [credentials.hash().into(), self.key.as_str().into()],
        )
    }

    /// Reads what was answered before.
    #[must_use]
    pub fn read(&self, owner: Owner<'_>) -> Statement {
        Statement::new(READ, [owner.scope().into(), self.key.as_str().into()])
    }

    /// What was answered before, by the row of [`Receipt::read`]; `None` when nothing was.
    ///
    /// # Errors
    /// [`Problem::IdempotencyMismatch`] when that was for another request.
    pub fn check(&self, row: Option<&Row>) -> Result<Option<Answered>, Problem> {
        let Some(row) = row else {
            return Ok(None);
        };
        if row.text("receipt_body_hash") != Some(self.body_hash.as_str()) {
            return Err(Problem::IdempotencyMismatch);
        }
        let status = row
            .integer("receipt_status")
            .and_then(|status| u16::try_from(status).ok())
            .ok_or_else(|| Problem::internal("a receipt has no status"))?;
        let referral = row
            .text("receipt_referral_id")
            .zip(row.integer("receipt_seq"));
        Ok(Some(Answered {
            status,
            referral: referral.map(|(id, seq)| (id.to_owned(), seq)),
            answer: row.text("receipt_answer").map(str::to_owned),
        }))
    }

    /// Writes what is answered now: first in the batch that does the work.
    #[must_use]
    pub fn write(&self, owner: Owner<'_>, answered: &Answered, now_milliseconds: i64) -> Statement {
        let (referral, seq) = match &answered.referral {
            Some((id, seq)) => (Value::from(id.as_str()), Value::from(*seq)),
            None => (Value::Null, Value::Null),
        };
        Statement::new(
            WRITE,
            [
                owner.scope().into(),
                self.key.as_str().into(),
                self.body_hash.as_str().into(),
                i64::from(answered.status).into(),
                referral,
                seq,
                answered.answer.clone().into(),
                now_milliseconds.into(),
            ],
        )
    }
}

impl Owner<'_> {
    fn scope(self) -> String {
        match self {
            Self::Operator => "operator".to_owned(),
            Self::Organization(id) => format!("key:{id}"),
            Self::Source(id) => format!("webhook:{id}"),
        }
    }
}

impl<'a> From<&'a Caller> for Owner<'a> {
    fn from(caller: &'a Caller) -> Self {
        match caller {
            Caller::Operator => Self::Operator,
            Caller::Member(member) => Self::Organization(&member.organization),
        }
    }
}

/// Whether a batch failed because another call with the same key was first.
#[must_use]
pub fn is_taken(error: &DatabaseError) -> bool {
    matches!(error, DatabaseError::Conflict { constraint } if constraint.starts_with("receipts."))
}

/// The same receipt, written only where this batch has just written the referral's row: its tail is our hash.
#[must_use]
pub fn only_if_won(write: Statement, referral_id: &str, tail_hash: &str) -> Statement {
    let mut parameters = write.parameters;
    parameters.extend([referral_id.into(), tail_hash.into()]);
    Statement {
        sql: WRITE_IF_WON,
        parameters,
    }
}

/// By the primary key.
const READ: &str = "
SELECT body_hash AS receipt_body_hash, status AS receipt_status, referral_id AS receipt_referral_id,
       seq AS receipt_seq, answer AS receipt_answer
FROM receipts WHERE scope = ?1 AND key = ?2";

/// By the primary keys of both tables; the scope is what `Owner::Organization` writes.
const READ_BY_KEY: &str = "
SELECT body_hash AS receipt_body_hash, status AS receipt_status, referral_id AS receipt_referral_id,
       seq AS receipt_seq, answer AS receipt_answer
FROM receipts
WHERE scope = (SELECT 'key:' || organization_id FROM keys WHERE hash = ?1) AND key = ?2";

const WRITE: &str = "
INSERT INTO receipts (scope, key, body_hash, status, referral_id, seq, answer, created_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

const WRITE_IF_WON: &str = "
INSERT INTO receipts (scope, key, body_hash, status, referral_id, seq, answer, created_at)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE EXISTS (SELECT 1 FROM referrals WHERE id = ?9 AND tail_hash = ?10)";

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(receipt: &Receipt, answered: &Answered) -> Row {
        let columns = [
            "receipt_body_hash",
            "receipt_status",
            "receipt_referral_id",
            "receipt_seq",
            "receipt_answer",
        ];
        let written = receipt.write(Owner::Operator, answered, 0).parameters;
        Row::new(
            columns.map(str::to_owned).into(),
            written.get(2..7).unwrap().to_vec(),
        )
    }

    #[test]
    fn the_first_answer_comes_back_for_the_same_request_only() {
        let receipt = Receipt::new("k".into(), "POST", "/a", b"{}");
        let answered = Answered {
            status: 201,
            referral: Some(("ref-1".into(), 4)),
            answer: None,
        };
        let row = stored(&receipt, &answered);
        assert_eq!(receipt.check(Some(&row)).unwrap(), Some(answered));
        assert_eq!(receipt.check(None).unwrap(), None);
        for other in [
            Receipt::new("k".into(), "PUT", "/a", b"{}"),
            Receipt::new("k".into(), "POST", "/b", b"{}"),
            Receipt::new("k".into(), "POST", "/a", b"{ }"),
        ] {
            assert!(matches!(
                other.check(Some(&row)),
                Err(Problem::IdempotencyMismatch)
            ));
        }
    }

    #[test]
    fn only_a_conflict_on_receipts_means_that_another_call_was_first() {
        let conflict = |constraint: &str| DatabaseError::Conflict {
            constraint: constraint.into(),
        };
        assert!(is_taken(&conflict("receipts.scope, receipts.key")));
        assert!(!is_taken(&conflict("organizations.id")));
        assert!(!is_taken(&DatabaseError::Unavailable));
    }
}
