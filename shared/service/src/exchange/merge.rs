//! ADT^A40: what an organisation's system says of two records, and the referrals that are taken along.
//!
//! A merge counts for the referrals that the organisation has sent, because their patient's id is its own. What a recipient merges of its own
//! ids is kept and moves nothing of anybody else: no referral carries an id of the recipient's (docs/hl7.md).

use domain::merges::Merge;
use domain::time::Timestamp;
use domain::time_zone;
use formats::hl7;
use ports::{DatabaseError, Platform, Statement};

use super::deliver;
use super::hl7::invalid;
use super::take::{ZONE, is_told};
use crate::auth::{Credentials, Member, Scope};
use crate::call::Call;
use crate::http::{Problem, report};
use crate::merges::{self, Known};
use crate::messages::{Message, Seen, State};
use crate::receipts::{self, Answered, Owner, Receipt};
use crate::status::ATTEMPTS_MAX;
use crate::sweep::slice;

/// How many slices of referrals one message takes along itself, of 50 each; the sweep takes the rest. Each is 10 queries of the 50 that an
/// invocation has on Workers Free.
const SLICES_MAX: usize = 3;

/// What became of a merge.
#[derive(Debug)]
pub(super) enum Merged {
    /// It is known now.
    Done {
        /// How many referrals carry the new id.
        renamed: u64,
        /// Whether others still have the old one: the sweep takes them along.
        more: bool,
    },
    /// The same message came before.
    Duplicate,
}

impl Merged {
    /// As the acknowledgement says it: MSA-3 has 80 characters.
    pub(super) fn said(&self) -> String {
        match self {
            Self::Duplicate => "the same message came before: nothing was done".to_owned(),
            Self::Done { renamed, more } => {
                let referrals = if *renamed == 1 {
                    "referral carries"
                } else {
                    "referrals carry"
                };
                let rest = if *more { ", more will (sweep)" } else { "" };
                format!("{renamed} {referrals} the new id{rest}")
            }
        }
    }
}

/// Takes the merges that a message says.
///
/// # Errors
/// The problem that its sender is told; the message is kept unless the caller may not send it, or the database failed.
pub(super) async fn take<P: Platform>(
    call: &Call<P>,
    message: &Message,
    read: &hl7::Message,
) -> Result<Merged, Problem> {
    let credentials = Credentials::of_member(call)?;
    let receipt = Receipt::of(call);
    for _ in 0..ATTEMPTS_MAX {
        let taking = Taking {
            call,
            message,
            credentials: &credentials,
            receipt: receipt.as_ref(),
            merges: &read.merges,
        };
        match taking.once().await? {
            Tried::Stored => return Ok(carry(call, &credentials).await),
            Tried::Seen => return Ok(Merged::Duplicate),
            Tried::Lost => {}
        }
    }
    Err(Problem::DatabaseUnavailable)
}

enum Tried {
    Stored,
    Seen,
    /// Another message of the organisation was first.
    Lost,
}

struct Taking<'a, P> {
    call: &'a Call<P>,
    message: &'a Message,
    credentials: &'a Credentials,
    receipt: Option<&'a Receipt>,
    merges: &'a [Merge],
}

impl<P: Platform> Taking<'_, P> {
    async fn once(&self) -> Result<Tried, Problem> {
        let (call, message) = (self.call, self.message);
        let key_hash = self.credentials.hash();
        let mut statements = vec![
            self.credentials.statement(),
            message.seen_statement(key_hash),
            message.reused_statement(key_hash),
            Statement::new(ZONE, [key_hash.into()]),
        ];
        statements.extend(merges::statements(key_hash, self.merges));
        statements.extend(self.receipt.map(|it| it.read_for(self.credentials)));
        let answer = call.platform.batch(statements).await?;
        let caller = self
            .credentials
            .caller(answer.first(0), call.now_milliseconds())?;
        let member = caller.member()?;
        let needs = Scope::EventsWrite;
        if !member.has(needs) {
            return Err(Problem::ForbiddenScope { needs: Some(needs) });
        }
        let seen = Message::seen(answer.first(1));
        let receipted = match self.receipt {
            Some(receipt) => receipt.check(answer.first(6))?.is_some(),
            None => false,
        };
        if receipted || seen.as_ref().is_some_and(Seen::is_settled) {
            return Ok(Tried::Seen);
        }
        let zone = answer.first(3).and_then(|row| row.text("zone"));
        let at = self.merged_at(zone)?;
        let mut known = Known::from_rows(answer.rows(4), answer.first(5))?;
        let reused = answer.first(2).map(|_| Problem::IdempotencyMismatch);
        let taken = reused.map_or(Ok(()), Err).and_then(|()| {
            self.merges
                .iter()
                .try_for_each(|merge| known.take(merge.clone(), at))
        });
        if let Err(problem) = taken {
            if is_told(&problem) {
                let kept = message.kept(&member.organization, State::Refused, problem.code(), None);
                call.platform.batch(vec![kept]).await?;
            }
            return Err(problem);
        }
        self.store(member, seen.as_ref(), &known).await
    }

    /// When they were merged: as the message says, in the time zone of its sender. A clock that runs ahead does not make it the newest word for
    /// ever.
    fn merged_at(&self, zone: Option<&str>) -> Result<Timestamp, Problem> {
        let zone = zone.and_then(time_zone::by_name);
        let read = hl7::read_in(&self.message.content, zone.as_ref()).map_err(invalid)?;
        Ok(read.merged_at.unwrap_or(self.call.now).min(self.call.now))
    }

    async fn store(
        &self,
        member: &Member,
        before: Option<&Seen>,
        known: &Known,
    ) -> Result<Tried, Problem> {
        let (call, message) = (self.call, self.message);
        let organization = &member.organization;
        let mut statements: Vec<Statement> = Vec::new();
        statements.extend(self.receipt.map(|receipt| {
            let answered = Answered {
                status: 200,
                referral: None,
                answer: None,
            };
            let owner = Owner::Organization(organization);
            receipt.write(owner, &answered, call.now_milliseconds())
        }));
        statements.extend(message.done(organization, State::Applied, None, before, None));
        statements.extend(known.statements(organization, &message.id, member.label.as_deref()));
        match call.platform.batch(statements).await {
            Ok(_) => Ok(Tried::Stored),
            Err(DatabaseError::Conflict { constraint })
                if constraint.starts_with("patient_merges.") =>
            {
                Ok(Tried::Lost)
            }
            Err(DatabaseError::Conflict { constraint })
                if constraint.starts_with("exchange_messages.") =>
            {
                Ok(Tried::Seen)
            }
            Err(error) if receipts::is_taken(&error) => Ok(Tried::Seen),
            Err(error) => Err(Problem::from(error)),
        }
    }
}

/// Takes referrals along. What fails here the sweep does.
async fn carry<P: Platform>(call: &Call<P>, credentials: &Credentials) -> Merged {
    let mut renamed: u64 = 0;
    let mut more = false;
    for _ in 0..SLICES_MAX {
        match slice_of(call, credentials).await {
            Ok(swept) => {
                renamed = renamed.saturating_add(swept.renamed);
                more = swept.more;
            }
            Err(problem) => {
                report(&call.platform, "merges", &problem);
                more = true;
                break;
            }
        }
        if !more {
            break;
        }
    }
    deliver::after_answer(&call.platform, renamed > 0);
    Merged::Done { renamed, more }
}

async fn slice_of<P: Platform>(
    call: &Call<P>,
    credentials: &Credentials,
) -> Result<slice::Swept, Problem> {
    let statements = slice::statements_of_merged(credentials.hash(), call.now);
    let answer = call.platform.batch(statements.into()).await?;
    let rows = [answer.rows(0), answer.rows(1), answer.rows(2)];
    slice::work(&call.platform, rows, call.now).await
}
