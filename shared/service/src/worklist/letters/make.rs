//! `POST /worklist/referrals/{id}/letters`: a letter is made, and the one before it ends.

use domain::request::Recipient;
use domain::status::Status;
use domain::time::{SignedDuration, Timestamp};
use http::StatusCode;
use ports::{Platform, Statement};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{State, qr};
use crate::auth::{Credentials, Member};
use crate::call::Call;
use crate::http::{Fault, Problem, Reply};
use crate::ids::new_id;
use crate::letters::{Opener, code_hash, token_hash};
use crate::receipts::{Answered, Owner, Receipt, is_taken};
use crate::referrals::{Key, Record, Selector};
use crate::worklist::page::LETTER_PATH;
use crate::worklist::reads::{self, Action};
use crate::worklist::session;

/// The most days that a letter opens.
const DAYS_MAX: i64 = 365;

/// The most characters of an office's name in the label of its key, which has 200.
const NAME_CHARS_MAX: usize = 180;

#[derive(Deserialize)]
struct New {
    expires_at: Option<Timestamp>,
}

/// Makes one.
pub(super) async fn make<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let new = call.input::<New>();
    let receipt = Receipt::of(&call);
    let selector = Selector {
        key: Key::Id(call.parameter("id").to_owned()),
        events_from_ms: None,
        with_request: false,
    };
    let [record, ..] = selector.statements();
    let name = Statement::new(RECIPIENT_NAME, [call.parameter("id").into()]);
    let mut statements = vec![credentials.statement(), record, name];
    let read_receipt = receipt
        .as_ref()
        .map(|receipt| receipt.read_for(&credentials));
    statements.extend(read_receipt);
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let member = caller.member()?;
    let record = Record::sent_by(&member.organization, answer.first(1))?;
    if let Some(receipt) = &receipt
        && let Some(answered) = receipt.check(answer.first(3))?
    {
        return again(&call, &credentials, &answered);
    }
    let expires_at = expires_at(new?, &record, call.now)?;
    let name = answer.first(2).and_then(|row| row.text("name"));
    let to = addressee(&record, name)?;

    let id = new_id("letter", &call.platform);
    let opener = opener(&credentials, &id)?;
    let kept = json!({
        "id": id,
        "leg": to.leg,
        "state": State::Live.as_str(),
        "made_at": call.now.to_string(),
        "expires_at": expires_at.to_string(),
    });
    let mut statements = Vec::new();
    if let Some(receipt) = &receipt {
        let answered = Answered {
            status: StatusCode::CREATED.as_u16(),
            referral: None,
            answer: Some(with(kept.clone(), "token_hash", token_hash(&opener.token)).to_string()),
        };
        let owner = Owner::Organization(&member.organization);
        statements.push(receipt.write(owner, &answered, call.now_milliseconds()));
    }
    statements.extend(written(&call, member, &id, &opener, &to, expires_at));
    let recorded = statements.len();
    statements.push(reads::of_referral(&call, &credentials, Action::LetterMade));
    match call.platform.batch(statements).await {
        Ok(answer) => reads::stored(answer.rows(recorded))?,
        Err(error) if is_taken(&error) => return Err(Problem::IdempotencyInFlight),
        Err(error) => return Err(error.into()),
    }
    shown(&call, kept, &opener)
}

/// To whom a letter goes.
struct Addressee {
    /// The organisation whose session the link opens.
    organization: String,
    /// As whom the audit shows what is done by it.
    label: String,
    leg: u32,
}

/// To whom the letter of a referral goes: its present recipient, which must have no software.
fn addressee(record: &Record, name: Option<&str>) -> Result<Addressee, Problem> {
    let refused = |reason: &str| {
        Err(Problem::GuardFailed {
            reason: reason.to_owned(),
        })
    };
    let referral = &record.referral;
    let Some(leg) = referral.leg() else {
        return Err(Problem::NotFound);
    };
    if leg.status == Status::EnteredInError {
        return refused("the referral was entered in error");
    }
    let (organization, name) = match &leg.recipient {
        Recipient::Member { organization, .. } if *organization == referral.referrer => {
            return refused("the recipient is the referrer itself");
        }
        Recipient::Member { .. } if record.recipient_connected => {
            return refused("the recipient has software of its own");
        }
        Recipient::Member { organization, .. } => (organization, name.unwrap_or(organization)),
        // An office outside the network has no row: its session is the referrer's, confined to what is the office's.
        Recipient::Outside { external } => (&referral.referrer, external.name.as_str()),
    };
    let name: String = name.chars().take(NAME_CHARS_MAX).collect();
    Ok(Addressee {
        organization: organization.clone(),
        label: format!("{name}, by letter link"),
        leg: leg.leg,
    })
}

/// Until when it opens.
fn expires_at(new: New, record: &Record, now: Timestamp) -> Result<Timestamp, Problem> {
    let after = |days: i64| now.plus(SignedDuration::from_hours(days.saturating_mul(24)));
    let Some(at) = new.expires_at else {
        return Ok(after(i64::from(record.policy.letter_days())));
    };
    if at <= now || at > after(DAYS_MAX) {
        let fault = Fault::at(
            "/expires_at",
            "out-of-range",
            "must be within the next 365 days",
        );
        return Err(Problem::Invalid(vec![fault]));
    }
    Ok(at)
}

fn opener(credentials: &Credentials, id: &str) -> Result<Opener, Problem> {
    Opener::derive(credentials, id)
        .ok_or_else(|| Problem::internal("a letter's token was not derived"))
}

/// What is written of it: the letters before it end, and it is there. Sessions that have ended go, because an office that signs in
/// nowhere else has no other time for that.
fn written<P: Platform>(
    call: &Call<P>,
    member: &Member,
    id: &str,
    opener: &Opener,
    to: &Addressee,
    expires_at: Timestamp,
) -> [Statement; 5] {
    let referral = call.parameter("id");
    let now = call.now_milliseconds();
    let [forget, forget_keys] = session::forget(&to.organization, now);
    [
        forget,
        forget_keys,
        Statement::new(END_EARLIER, [referral.into(), now.into()]),
        Statement::new(
            INSERT_KEY,
            [
                id.into(),
                to.organization.as_str().into(),
                to.label.as_str().into(),
                now.into(),
                expires_at.as_millisecond().into(),
            ],
        ),
        Statement::new(
            INSERT_LETTER,
            [
                referral.into(),
                id.into(),
                i64::from(to.leg).into(),
                token_hash(&opener.token).into(),
                code_hash(&opener.token, &opener.code).into(),
                member.label.clone().into(),
            ],
        ),
    ]
}

/// The first answer again. The key that made it derives the same link and code; another key of the organisation cannot.
fn again<P: Platform>(
    call: &Call<P>,
    credentials: &Credentials,
    answered: &Answered,
) -> Result<Reply, Problem> {
    let text = answered.answer.as_deref().unwrap_or_default();
    let mut kept: Value = crate::json::from_text(text)?;
    let members = kept
        .as_object_mut()
        .ok_or_else(|| Problem::internal("a receipt is no object"))?;
    let hash = members.remove("token_hash").unwrap_or_default();
    let id = members
        .get("id")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let opener = opener(credentials, id)?;
    if hash.as_str() != Some(token_hash(&opener.token).as_str()) {
        return Err(Problem::IdempotencyMismatch);
    }
    shown(call, kept, &opener)
}

fn shown<P: Platform>(call: &Call<P>, kept: Value, opener: &Opener) -> Result<Reply, Problem> {
    let origin = call.origin.as_deref().unwrap_or_default();
    let link = format!("{origin}{LETTER_PATH}#{}", opener.token);
    let qr = qr::svg(&link).ok_or_else(|| Problem::internal("a link was not drawn"))?;
    let body = with(with(kept, "link", link), "qr", qr);
    let body = with(body, "code", opener.code.clone());
    Reply::json(StatusCode::CREATED, &body)
}

fn with(mut value: Value, name: &str, text: String) -> Value {
    if let Value::Object(members) = &mut value {
        members.insert(name.to_owned(), text.into());
    }
    value
}

/// By the primary keys of both tables.
const RECIPIENT_NAME: &str = "
SELECT o.document ->> '$.name' AS name FROM referrals f JOIN organizations o ON o.id = f.recipient WHERE f.id = ?1";

/// By the primary keys of `letters` and `keys`: a referral has a handful.
const END_EARLIER: &str = "
UPDATE keys SET revoked_at = ?2
WHERE hash IN (SELECT id FROM letters WHERE referral_id = ?1) AND revoked_at IS NULL";

/// A key without a scope, and no text has its hash.
const INSERT_KEY: &str = "
INSERT INTO keys (hash, organization_id, id, scopes, label, created_at, expires_at) VALUES (?1, ?2, ?1, '', ?3, ?4, ?5)";

const INSERT_LETTER: &str = "
INSERT INTO letters (referral_id, id, leg, token_hash, code_hash, made_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
