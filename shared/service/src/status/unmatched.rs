//! `POST /status/unmatched/{id}/match`: a person says to which referral a message belongs, or that it belongs to none.
//!
//! Matching does what the message would have done when it came, by whoever matched it. Of two who decide at once one wins.

use http::StatusCode;
use ports::{Platform, Statement};
use serde_json::{Value, json};

use super::append::{Done, Fresh, append};
use super::events::{Posted, destination, offer};
use super::incoming::Incoming;
use crate::auth::{Credentials, Member};
use crate::call::Call;
use crate::http::{Fault, Problem, Reply};
use crate::ids;
use crate::json::from_text;
use crate::messages::{BY_PERSON, Settled, State, Waiting, Won, waiting_statement};
use crate::receipts::{self, Answered, Owner, Receipt};
use crate::recipients::{self, Offer};
use crate::referrals::{Append, Key, Loaded, STATEMENTS, Selector};

/// Matches or dismisses a message.
pub(super) async fn decide<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let decision = call.json().and_then(|body| Decision::read(&body));
    let receipt = Receipt::of(&call);
    let selector = Selector {
        key: Key::Id(match &decision {
            Ok(Decision::Match(referral)) => referral.clone(),
            _ => String::new(),
        }),
        // What the message says is known once it is read, and may have happened before anything else.
        events_from_ms: Some(0),
        with_request: true,
    };
    let mut statements = vec![
        credentials.statement(),
        waiting_statement(credentials.hash(), call.parameter("id")),
    ];
    statements.extend(selector.statements());
    statements.extend(receipt.as_ref().map(|it| it.read_for(&credentials)));
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let member = caller.member()?;
    if let Some(receipt) = &receipt
        && let Some(answered) = receipt.check(answer.first(STATEMENTS + 2))?
    {
        return Reply::replay(&answered);
    }
    let waiting = Waiting::from_row(answer.first(1))?;
    let decision = decision?;
    if !waiting.is_open {
        return Err(decided());
    }
    let deciding = Deciding {
        call: &call,
        member,
        waiting: &waiting,
        receipt,
    };
    match decision {
        Decision::Dismiss(reason) => deciding.dismiss(&reason).await,
        Decision::Match(_) => {
            let [records, history, pending] =
                [2, 3, STATEMENTS + 1].map(|index| answer.rows(index));
            let loaded = Loaded::from_rows(records, history, pending)?
                .into_iter()
                .find(|loaded| loaded.is_party(&member.organization))
                .ok_or_else(|| {
                    let detail = "must be a referral that the organisation sent or received";
                    Problem::Invalid(vec![Fault::at("/referral", "unknown", detail)])
                })?;
            deciding.apply(loaded, &selector).await
        }
    }
}

fn decided() -> Problem {
    Problem::GuardFailed {
        reason: "the message was matched or dismissed before".to_owned(),
    }
}

/// What a person says.
enum Decision {
    Match(String),
    Dismiss(String),
}

impl Decision {
    fn read(body: &Value) -> Result<Self, Problem> {
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        let fault =
            |pointer, code, detail| Err(Problem::Invalid(vec![Fault::at(pointer, code, detail)]));
        match (text("referral"), text("dismiss")) {
            (Some(referral), None) => Ok(Self::Match(referral)),
            (None, Some(reason)) => Ok(Self::Dismiss(reason)),
            (None, None) => fault(
                "/referral",
                "required",
                "is required, or dismiss with the reason",
            ),
            (Some(_), Some(_)) => fault("/dismiss", "ambiguous", "must not stand beside referral"),
        }
    }
}

struct Deciding<'a, P> {
    call: &'a Call<P>,
    member: &'a Member,
    waiting: &'a Waiting,
    receipt: Option<Receipt>,
}

impl<P: Platform> Deciding<'_, P> {
    async fn dismiss(&self, reason: &str) -> Result<Reply, Problem> {
        let answer = json!({"result": State::Dismissed.as_str(), "message": self.waiting.id});
        let mut statements = self.settled(State::Dismissed, None, Some(reason), None);
        statements.extend(self.receipt(&answer, None, None));
        match self.call.platform.batch(statements).await {
            Ok(_) => Reply::json(StatusCode::ACCEPTED, &answer),
            Err(error) if receipts::is_taken(&error) => Err(decided()),
            Err(error) => Err(Problem::from(error)),
        }
    }

    async fn apply(&self, loaded: Loaded, again: &Selector) -> Result<Reply, Problem> {
        let call = self.call;
        let mut body: Value = from_text(&self.waiting.event)?;
        // Without a time of its own it happened when it came, not when a person got to it.
        if let Some(Value::Object(data)) = body.get_mut("data") {
            data.entry("occurred_at")
                .or_insert_with(|| self.waiting.received_at.to_string().into());
        }
        let incoming = Incoming::read_message(&body, call.now)?;
        let posted = Posted {
            confined_to: None,
            offer: self.offer(&incoming).await?,
            incoming,
            organization: self.member.organization.clone(),
            label: self.member.label.clone(),
            id_suffix: ids::suffix(&call.platform),
            source: format!("{}:{BY_PERSON}", self.waiting.format),
            source_id: Some(self.waiting.id.clone()),
            if_match: call.if_match.clone(),
            now: call.now,
            receipt: None,
            referral_id: loaded.record.id.clone(),
        };
        let matched = Matched {
            posted: &posted,
            deciding: self,
        };
        match append(&call.platform, loaded, again, &matched).await? {
            Done::Receipted => Err(decided()),
            done => {
                done.tell(&call.platform);
                let reply = Reply::json(StatusCode::ACCEPTED, &matched.answer(&done))?;
                Ok(match done {
                    Done::Stored { version, .. } => reply.version(version),
                    _ => reply,
                })
            }
        }
    }

    /// The offer of a redirect's new recipient: known only once the message is read, so a trip of its own, where there is one.
    async fn offer(&self, incoming: &Incoming) -> Result<Option<Offer>, Problem> {
        let Some(to) = destination(Some(incoming)) else {
            return Ok(None);
        };
        let statement = recipients::statement(Some(to));
        let answer = self.call.platform.batch(vec![statement]).await?;
        offer(incoming, answer.first(0), &self.member.network)
    }

    fn settled(
        &self,
        state: State,
        referral_id: Option<&str>,
        note: Option<&str>,
        won: Won<'_>,
    ) -> Vec<Statement> {
        Settled {
            id: &self.waiting.id,
            organization: &self.member.organization,
            state,
            referral_id,
            by: Some(self.member.label.as_ref().unwrap_or(&self.member.key)),
            note,
            now: self.call.now,
        }
        .statements(won)
    }

    fn receipt(
        &self,
        answer: &Value,
        referral: Option<(String, i64)>,
        won: Won<'_>,
    ) -> Option<Statement> {
        let answered = Answered {
            status: StatusCode::ACCEPTED.as_u16(),
            referral,
            answer: Some(answer.to_string()),
        };
        let owner = Owner::Organization(&self.member.organization);
        let now_ms = self.call.now_milliseconds();
        let write = self.receipt.as_ref()?.write(owner, &answered, now_ms);
        Some(match won {
            Some((id, tail_hash)) => receipts::only_if_won(write, id, tail_hash),
            None => write,
        })
    }
}

/// A message's event, on the referral that a person named.
struct Matched<'a, P> {
    posted: &'a Posted,
    deciding: &'a Deciding<'a, P>,
}

impl<P: Platform> Matched<'_, P> {
    fn answer(&self, done: &Done) -> Value {
        let mut answer = self.posted.answer(done);
        if let Value::Object(members) = &mut answer {
            members.insert(
                "message".to_owned(),
                self.deciding.waiting.id.clone().into(),
            );
            members.insert("matched_by".to_owned(), "person".into());
        }
        answer
    }
}

impl<P: Platform> Fresh for Matched<'_, P> {
    fn plan(&self, loaded: &Loaded) -> Result<(domain::event::Event, Append), Problem> {
        self.posted.plan(loaded)
    }

    fn receipt(&self, _: &Done) -> Option<Statement> {
        None
    }

    fn beside(&self, done: &Done, won: Won<'_>) -> Vec<Statement> {
        let answer = self.answer(done);
        let is_applied = answer.get("result").and_then(Value::as_str) == Some("applied");
        let state = if is_applied {
            State::Applied
        } else {
            State::Parked
        };
        let version = answer.get("version").and_then(Value::as_i64);
        let id = self.posted.referral_id.as_str();
        let mut statements = self.deciding.settled(state, Some(id), None, won);
        let referral = version.map(|version| (id.to_owned(), version));
        statements.extend(self.deciding.receipt(&answer, referral, won));
        statements
    }
}
