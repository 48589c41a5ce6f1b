//! What every call of the directory starts with: one batch that reads who calls, what was answered to its idempotency key,
//! and whatever the use case needs.

use ports::{Answer, DatabaseError, Platform, Row, Statement};

use super::shown::Shown;
use crate::auth::{Caller, Credentials};
use crate::call::Call;
use crate::http::{Problem, Reply};
use crate::receipts::{Answered, Owner, Receipt, is_taken};

/// How often two calls with one idempotency key may get in each other's way before one is told to come again.
const REPLAY_TRIES_MAX: usize = 3;

/// A call whose caller is known and may use the route.
#[derive(Debug)]
pub struct Gate {
    /// Who calls.
    pub caller: Caller,
    receipt: Option<Receipt>,
    answered: Option<Answered>,
    answer: Answer,
}

impl Gate {
    /// Reads, in one batch, the caller, the receipt and `reads`, and checks that the route is open to the caller.
    ///
    /// # Errors
    /// [`Problem::Unauthorized`], [`Problem::ForbiddenScope`], [`Problem::IdempotencyMismatch`], and what the database says.
    pub async fn open<P: Platform>(
        call: &Call<P>,
        reads: impl FnOnce(&Credentials) -> Vec<Statement>,
    ) -> Result<Self, Problem> {
        let credentials = Credentials::of_anyone(call).await?;
        let receipt = Receipt::of(call).filter(|_| call.route.takes_idempotency_key());
        let mut statements = reads(&credentials);
        let count = statements.len();
        statements.push(credentials.statement());
        statements.extend(
            receipt
                .as_ref()
                .map(|receipt| receipt.read_for(&credentials)),
        );
        let answer = call.platform.batch(statements).await?;
        let caller = credentials.caller(answer.first(count), call.now_milliseconds())?;
        caller.check(call.route.access)?;
        let answered = match &receipt {
            Some(receipt) => receipt.check(answer.first(count + 1))?,
            None => None,
        };
        Ok(Self {
            caller,
            receipt,
            answered,
            answer,
        })
    }

    /// The rows of the `index`-th of the use case's statements.
    pub fn rows(&self, index: usize) -> &[Row] {
        self.answer.rows(index)
    }

    /// The first row of the `index`-th of the use case's statements.
    pub fn first(&self, index: usize) -> Option<&Row> {
        self.answer.first(index)
    }

    /// Whether the caller may see the organisation.
    ///
    /// # Errors
    /// [`Problem::NotFound`] when it may not.
    pub fn sees(&self, organization: &str) -> Result<(), Problem> {
        match &self.caller {
            Caller::Member(member) if member.organization != organization => Err(Problem::NotFound),
            Caller::Operator | Caller::Member(_) => Ok(()),
        }
    }

    /// The first answer, where the call has been answered before.
    ///
    /// # Errors
    /// What [`Shown::reply`] says.
    pub async fn replay<P: Platform>(&self, call: &Call<P>) -> Result<Option<Reply>, Problem> {
        match &self.answered {
            Some(answered) => Ok(Some(Shown::from_receipt(answered)?.reply(call).await?)),
            None => Ok(None),
        }
    }

    /// Does the work: the receipt first, then `statements`, as one batch. `None` when a row with the same key is there.
    ///
    /// Of two calls with one idempotency key the second gets the first one's answer.
    ///
    /// # Errors
    /// [`Problem::IdempotencyMismatch`] when the first one was another request, [`Problem::IdempotencyInFlight`] when its answer
    /// cannot be read yet, and what the database says.
    pub async fn write<P: Platform>(
        &self,
        call: &Call<P>,
        shown: &Shown,
        statements: Vec<Statement>,
    ) -> Result<Option<Reply>, Problem> {
        let owner = Owner::from(&self.caller);
        let mut batch: Vec<Statement> = self
            .receipt
            .as_ref()
            .map(|receipt| receipt.write(owner, &shown.to_receipt(), call.now_milliseconds()))
            .into_iter()
            .collect();
        batch.extend(statements);
        match (call.platform.batch(batch).await, &self.receipt) {
            (Ok(_), _) => shown.reply(call).await.map(Some),
            (Err(error), Some(receipt)) if is_taken(&error) => {
                first_answer(call, receipt, owner).await.map(Some)
            }
            (Err(DatabaseError::Conflict { .. }), _) => Ok(None),
            (Err(error), _) => Err(error.into()),
        }
    }
}

/// The answer that another call with the same idempotency key has just got.
async fn first_answer<P: Platform>(
    call: &Call<P>,
    receipt: &Receipt,
    owner: Owner<'_>,
) -> Result<Reply, Problem> {
    for _ in 0..REPLAY_TRIES_MAX {
        let answer = call.platform.batch(vec![receipt.read(owner)]).await?;
        if let Some(answered) = receipt.check(answer.first(0))? {
            return Shown::from_receipt(&answered)?.reply(call).await;
        }
    }
    Err(Problem::IdempotencyInFlight)
}
