//! Doing what a message says: the use cases of intake and status, with the message kept in the batch that does it.
//!
//! Two round trips, as by JSON: one to read, one to write. What cannot be done is kept too, and its sender told.

use domain::time_zone;
use formats::said::PartyName;
use ports::{Answer, DatabaseError, Platform, Statement};
use serde_json::Value;

use super::deliver;
use super::kept::{Kept, store_documents};
use super::matching::{self, By, Found, Unmatched};
use super::work::{Sayable, Telling, Work, is_member, named_recipient};
use crate::auth::{Credentials, Member, Scope};
use crate::call::Call;
use crate::deliveries::{Notice, add_to, has_queued, notices};
use crate::http::{Problem, ProblemKind};
use crate::ids;
use crate::intake::reading::{Asked, Came, Prepared};
use crate::messages::{BY_PATIENT, Format, Message, Seen, State, Won};
use crate::receipts::{self, Answered, Owner, Receipt};
use crate::referrals::{Key, NewReferral as Write, Record, Selector};
use crate::status::{Done, Posted, append, offer_of_redirect, selector_of};

/// Characters of the part of an event's id that comes from its message: 80 bits.
const ID_SUFFIX_CHARS: usize = 20;

/// What became of a message.
#[derive(Debug)]
pub(super) enum Taken {
    /// A referral was made.
    Created(Box<Created>),
    /// An event was stored on a referral.
    Told {
        /// The answer that the same event by JSON gets.
        answer: Value,
        /// How it was found to be of the referral.
        by: By,
        /// The referral.
        referral: String,
        /// Its version after.
        version: i64,
    },
    /// The same message came before, and did this.
    Duplicate(Seen),
    /// The same call came before, by its idempotency key: it is answered as the first one.
    Repeated(Seen),
    /// It fits no referral for certain, and waits for a person.
    Unmatched(&'static str),
}

/// A referral that a message made.
#[derive(Debug)]
pub(super) struct Created {
    pub(super) record: Record,
    pub(super) request: domain::request::Request,
}

/// The referral and the leg that the path names, where it names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) referral: String,
    pub(super) leg: u32,
}

/// Does what a message says. A message that cannot be read is kept, and its faults are the answer.
///
/// # Errors
/// The problem that its sender is told; the message is kept unless the caller may not send it, or the database failed.
pub(super) async fn take<P: Platform>(
    call: &Call<P>,
    message: &Message,
    sayable: &impl Sayable,
    named: Option<&Named>,
) -> Result<Taken, Problem> {
    let credentials = Credentials::of_member(call)?;
    let work = Work::of(sayable, None, call);
    let receipt = Receipt::of(call);
    let mut statements = match &work {
        Ok(work) => work.statements(&credentials),
        Err(_) => vec![credentials.statement()],
    };
    let after = statements.len();
    statements.push(message.seen_statement(credentials.hash()));
    statements.push(message.reused_statement(credentials.hash()));
    statements.push(Statement::new(ZONE, [credentials.hash().into()]));
    statements.extend(receipt.as_ref().map(|it| it.read_for(&credentials)));
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    let member = caller.member()?;
    check_scope(member, work.as_ref().ok())?;
    let seen = Message::seen(answer.first(after));
    let receipted = match &receipt {
        Some(receipt) => receipt.check(answer.first(after + 3))?,
        None => None,
    };
    match &seen {
        Some(seen) if receipted.is_some() => return Ok(Taken::Repeated(seen.clone())),
        Some(seen) if seen.is_settled() => return Ok(Taken::Duplicate(seen.clone())),
        _ => {}
    }
    let context = Context {
        call,
        message,
        member,
        before: seen,
        receipt,
        named,
    };
    let zone = answer.first(after + 2).and_then(|row| row.text("zone"));
    let work = match zone.and_then(time_zone::by_name) {
        // The ids that a message gives do not change with the zone of its times: what was read is what it needs.
        Some(zone) => Work::of(sayable, Some(&zone), call),
        None => work,
    };
    let outcome = match work {
        Err(problem) => Err(problem),
        Ok(_) if answer.first(after + 1).is_some() => Err(Problem::IdempotencyMismatch),
        Ok(Work::Refer { asked, party }) => context.refer(*asked, &party, &answer).await,
        Ok(Work::Tell(work)) => context.tell(*work, &answer).await,
    };
    match outcome {
        Err(problem) if is_told(&problem) => context
            .keep(State::Refused, problem.code())
            .await
            .map(|()| Err(problem))?,
        outcome => outcome,
    }
}

/// The time zone of the caller's organisation, or of its network: by the primary keys of all tables.
pub(super) const ZONE: &str = "
SELECT coalesce(o.document ->> '$.time_zone', n.policy ->> '$.time_zone') AS zone
FROM keys k JOIN organizations o ON o.id = k.organization_id LEFT JOIN networks n ON n.id = o.network
WHERE k.hash = ?1";

/// Whether a problem is the message's, and not the connection's or the program's.
pub(super) fn is_told(problem: &Problem) -> bool {
    !matches!(
        problem.kind(),
        ProblemKind::Unauthorized
            | ProblemKind::ForbiddenScope
            | ProblemKind::NotConfigured
            | ProblemKind::DatabaseUnavailable
            | ProblemKind::Internal
            | ProblemKind::IdempotencyInFlight
    )
}

/// A key that may send nothing learns nothing of a message either.
fn check_scope(member: &Member, work: Option<&Work>) -> Result<(), Problem> {
    let needs = match work {
        Some(Work::Refer { .. }) => Scope::ReferralsWrite,
        Some(Work::Tell(_)) => Scope::EventsWrite,
        None if member.has(Scope::EventsWrite) => return Ok(()),
        None => Scope::ReferralsWrite,
    };
    if member.has(needs) {
        Ok(())
    } else {
        Err(Problem::ForbiddenScope { needs: Some(needs) })
    }
}

/// A message on its way.
pub(super) struct Context<'a, P> {
    pub(super) call: &'a Call<P>,
    pub(super) message: &'a Message,
    pub(super) member: &'a Member,
    pub(super) before: Option<Seen>,
    pub(super) receipt: Option<Receipt>,
    pub(super) named: Option<&'a Named>,
}

impl<P: Platform> Context<'_, P> {
    async fn refer(
        &self,
        asked: Asked,
        party: &PartyName,
        answer: &Answer,
    ) -> Result<Taken, Problem> {
        let call = self.call;
        let (mut statements, told, created) = self.referral(asked, party, answer)?;
        let queue = add_to(&mut statements, &told, call.now);
        match call.platform.batch(statements).await {
            Ok(answer) => {
                deliver::after_answer(&call.platform, has_queued(&answer, queue));
                Ok(Taken::Created(Box::new(created)))
            }
            Err(error) => self.lost(error).await,
        }
    }

    /// The referral that a message asks for, what is written of it, and who is told.
    pub(super) fn referral(
        &self,
        mut asked: Asked,
        party: &PartyName,
        answer: &Answer,
    ) -> Result<(Vec<Statement>, Vec<Notice>, Created), Problem> {
        if is_member(party) {
            asked.send_to(named_recipient(answer)?, party.service.clone());
        }
        let call = self.call;
        let id = ids::new_id("ref", &call.platform);
        let came = Came {
            source: self.message.format.as_str(),
            source_id: Some(&self.message.id),
        };
        let suffix = self.id_suffix();
        let prepared = Prepared::new(asked, self.member, answer, &id, &suffix, came, call.now)?;
        let links = prepared.links(&id)?;
        let tail_hash = links.last().map_or("", |link| link.hash.as_str());
        let record = prepared.record(&id, tail_hash);
        let mut statements = self.beside(State::Applied, &id, record.version, None);
        statements.extend(
            Write {
                id: &id,
                links: &links,
                referral: &prepared.referral,
                request: &prepared.request,
                evaluated: &prepared.evaluated,
                now: call.now,
            }
            .statements()?,
        );
        let told = notices(&id, None, &prepared.referral, &prepared.events, &links)?;
        let created = Created {
            record,
            request: prepared.request,
        };
        Ok((statements, told, created))
    }

    async fn tell(&self, mut work: Telling, answer: &Answer) -> Result<Taken, Problem> {
        let said = matching::Said {
            about: &work.happened.about,
            patient: work.happened.patient.as_ref(),
            service: work.happened.service.as_ref(),
        };
        let (loaded, by) = match Found::from_rows(answer, 1)?.choose(&said) {
            Ok((_, By::Patient)) | Err(Unmatched::NoReferral) if self.named.is_some() => {
                return Err(Problem::NotFound);
            }
            Ok(found) => found,
            Err(why) => return self.unmatched(why, &work).await,
        };
        let referral = &loaded.record.referral;
        if let Some(named) = self.named {
            let leg = referral.leg().map(|leg| leg.leg);
            if !referral.legs.iter().any(|leg| leg.leg == named.leg) {
                return Err(Problem::NotFound);
            }
            if leg != Some(named.leg) {
                return Err(Problem::NeverLegal {
                    reason: "this leg has ended, and another has followed".to_owned(),
                });
            }
        }
        if self.message.format == Format::Fhir {
            work.incoming.kind = formats::fhir::settle(work.incoming.kind, referral.status());
        }
        let posted = Posted {
            confined_to: None,
            offer: offer_of_redirect(
                &work.incoming,
                answer.first(matching::STATEMENTS + 1),
                &self.member.network,
            )?,
            incoming: work.incoming,
            organization: self.member.organization.clone(),
            label: self.member.label.clone(),
            id_suffix: self.id_suffix(),
            source: match by {
                By::Id => self.message.format.as_str().to_owned(),
                By::Patient => format!("{}:{BY_PATIENT}", self.message.format.as_str()),
            },
            source_id: Some(self.message.id.clone()),
            if_match: self.call.if_match.clone(),
            now: self.call.now,
            receipt: None,
            referral_id: loaded.record.id.clone(),
        };
        let again = Selector {
            with_request: true,
            ..selector_of(Key::Id(String::new()), Some(&posted.incoming))
        };
        let kept = Kept {
            documents: &work.documents,
            posted: &posted,
            context: self,
        };
        match append(&self.call.platform, loaded, &again, &kept).await? {
            Done::Receipted => self.first_answer().await,
            done => {
                deliver::tell(&self.call.platform, &done);
                let (Done::Stored { version, .. } | Done::Shelved { version }) = done else {
                    return Err(Problem::internal("a stored event has no version"));
                };
                Ok(Taken::Told {
                    answer: posted.answer(&done),
                    by,
                    referral: posted.referral_id,
                    version,
                })
            }
        }
    }

    /// Of two with one message the other one was first, or the placer's id is another referral's.
    async fn lost(&self, error: DatabaseError) -> Result<Taken, Problem> {
        match &error {
            DatabaseError::Conflict { constraint }
                if constraint.starts_with("exchange_messages.") =>
            {
                self.first_answer().await
            }
            DatabaseError::Conflict { constraint }
                if constraint.starts_with("referral_identifiers.") =>
            {
                Err(Problem::Taken {
                    what: "the placer's identifier",
                })
            }
            _ if receipts::is_taken(&error) => self.first_answer().await.map(|taken| match taken {
                Taken::Duplicate(seen) => Taken::Repeated(seen),
                taken => taken,
            }),
            _ => Err(Problem::from(error)),
        }
    }

    async fn first_answer(&self) -> Result<Taken, Problem> {
        let bearer = self.call.bearer()?;
        let seen = self.message.seen_statement(bearer.hash());
        let answer = self.call.platform.batch(vec![seen]).await?;
        Message::seen(answer.first(0))
            .map(Taken::Duplicate)
            .ok_or(Problem::IdempotencyInFlight)
    }

    /// Keeps it for a person, with its documents: matching it links them, without reading the message again.
    async fn unmatched(&self, why: Unmatched, work: &Telling) -> Result<Taken, Problem> {
        let event = Some(work.body.to_string());
        let mut statements = vec![self.kept(State::Unmatched, why.as_str(), event)];
        let organization = &self.member.organization;
        statements.push(self.message.chase(organization));
        let waits_already = |seen: &Seen| seen.state == State::Unmatched.as_str();
        if !self.before.as_ref().is_some_and(waits_already) {
            let now = self.call.now;
            statements.extend(store_documents(&work.documents, organization, now, None));
        }
        self.call.platform.batch(statements).await?;
        Ok(Taken::Unmatched(why.as_str()))
    }

    fn kept(&self, state: State, reason: &str, event: Option<String>) -> Statement {
        let organization = &self.member.organization;
        self.message.kept(organization, state, reason, event)
    }

    async fn keep(&self, state: State, reason: &str) -> Result<(), Problem> {
        let kept = self.kept(state, reason, None);
        self.call.platform.batch(vec![kept]).await?;
        Ok(())
    }

    /// What is written beside the event: the receipt of the call, and the message.
    pub(super) fn beside(
        &self,
        state: State,
        referral_id: &str,
        seq: i64,
        won: Won<'_>,
    ) -> Vec<Statement> {
        let organization = &self.member.organization;
        let answered = Answered {
            status: 200,
            referral: Some((referral_id.to_owned(), seq)),
            answer: None,
        };
        let now_ms = self.call.now_milliseconds();
        let receipt = self.receipt.as_ref().map(|receipt| {
            let write = receipt.write(Owner::Organization(organization), &answered, now_ms);
            match won {
                Some((id, tail_hash)) => receipts::only_if_won(write, id, tail_hash),
                None => write,
            }
        });
        let mut statements: Vec<Statement> = receipt.into_iter().collect();
        let before = self.before.as_ref();
        statements.extend(
            self.message
                .done(organization, state, Some(referral_id), before, won),
        );
        statements
    }

    fn id_suffix(&self) -> String {
        let hash = self.message.id.trim_start_matches("msg-");
        hash.chars().take(ID_SUFFIX_CHARS).collect()
    }
}
