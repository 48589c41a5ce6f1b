//! `POST /worklist/letters/open`: an office opens the leg that its letter is about.
//!
//! One batch, whatever is sent. The one statement that judges a code counts it, so that two at once cannot both be the last but
//! one. A token that nobody made and a wrong code for a live one are answered alike; a letter that has ended says whom to call, and
//! nothing of the patient.

use http::StatusCode;
use http::header::SET_COOKIE;
use ports::{Platform, Statement};
use serde::Deserialize;

use crate::auth::Bearer;
use crate::call::Call;
use crate::http::{LETTER_COOKIE, Problem, Reply};
use crate::ids::new_id;
use crate::letters::{code_hash, token_hash};
use crate::worklist::page::LETTER_PATH;
use crate::worklist::session::{cookie, token};

/// How many wrong codes lock a letter. Ours: enough for who misreads it, and with 37 bits of code far from enough to guess.
const TRIES_MAX: i64 = 5;

/// How long an opened letter stays open. Ours: as long as a visit is written up, and not until the next shift at the desk.
const LIFETIME_MS: i64 = 2 * 60 * 60 * 1000;

/// How long after its leg has ended a letter still opens, for a report that has to be amended: 30 days. Ours.
macro_rules! amending_ms {
    () => {
        "2592000000"
    };
}

/// Whether the leg of letter `l` is the present one of referral `f`, and open or ended no more than that before `$now`.
macro_rules! leg_is_open {
    ($now:literal) => {
        concat!(
            "(f.status <> 'entered-in-error' AND f.state ->> '$.legs[#-1].leg' = l.leg
    AND coalesce(unixepoch(f.state ->> '$.legs[#-1].ended_at') * 1000 + ",
            $crate::worklist::letters::open::amending_ms!(),
            " > ",
            $now,
            ", 1))"
        )
    };
}
pub(super) use {amending_ms, leg_is_open};

#[derive(Deserialize)]
struct Shown {
    token: String,
    code: String,
}

/// Opens one.
pub(super) async fn open<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    // Nobody else's page opens a letter in somebody's browser.
    if call.is_same_origin() == Some(false) {
        return Err(Problem::CrossSite);
    }
    let shown: Shown = call.input()?;
    let now = call.now_milliseconds();
    let session = token(&call.platform);
    let session_hash = Bearer::new(&session).hash().to_owned();
    let known_by = token_hash(&shown.token);
    let opens_by = code_hash(&shown.token, &shown.code);
    let judged = |sql: &'static str, more: &[ports::Value]| {
        let mut statement = Statement::new(
            sql,
            [
                known_by.as_str().into(),
                opens_by.as_str().into(),
                now.into(),
            ],
        );
        statement.parameters.extend(more.iter().cloned());
        statement
    };
    let hash = ports::Value::from(session_hash.as_str());
    let answer = call
        .platform
        .batch(vec![
            judged(COUNT, &[TRIES_MAX.into()]),
            judged(
                INSERT_KEY,
                &[
                    hash.clone(),
                    new_id("session", &call.platform).into(),
                    now.saturating_add(LIFETIME_MS).into(),
                ],
            ),
            Statement::new(INSERT_SESSION, [known_by.as_str().into(), hash]),
            Statement::new(WHOM_TO_CALL, [known_by.as_str().into()]),
        ])
        .await?;
    let ends_at = answer.first(1).and_then(|row| row.integer("expires_at"));
    if let (Some(ends_at), Some(letter)) = (ends_at, answer.first(3)) {
        let seconds = ends_at.saturating_sub(now) / 1000;
        let referral = letter.text("referral").unwrap_or_default();
        let cookie = cookie(&format!("{LETTER_COOKIE}{referral}"), &session, seconds);
        return Ok(Reply::empty(StatusCode::NO_CONTENT)
            .location(&format!("{LETTER_PATH}/{referral}"))
            .header(SET_COOKIE, &cookie));
    }
    let counted = answer.first(0);
    let is_over = counted.is_none_or(|row| row.integer("locked_at").is_some());
    match answer.first(3) {
        Some(letter) if is_over => Err(Problem::LinkEnded {
            name: letter.text("name").unwrap_or_default().to_owned(),
            contact: letter.text("contact").map(str::to_owned),
        }),
        _ => Err(Problem::Unauthorized { given: true }),
    }
}

/// Whether letter `l`, found by the token's hash `?1`, opens at `?3`: by the primary keys of `keys` and `referrals`.
macro_rules! is_live {
    () => {
        concat!(
            "l.token_hash = ?1 AND l.locked_at IS NULL AND EXISTS (SELECT 1 FROM keys k JOIN referrals f ON f.id = l.referral_id
  WHERE k.hash = l.id AND k.revoked_at IS NULL AND k.expires_at > ?3 AND ",
            leg_is_open!("?3"),
            ")"
        )
    };
}

/// By `letters_by_token`: the code with hash `?2` is right, and the letter is opened, or it is counted; the `?4`-th locks.
const COUNT: &str = concat!(
    "UPDATE letters AS l SET
  tries = CASE WHEN code_hash = ?2 THEN 0 ELSE tries + 1 END,
  locked_at = CASE WHEN code_hash <> ?2 AND tries + 1 >= ?4 THEN ?3 END,
  opened_at = CASE WHEN code_hash = ?2 THEN coalesce(opened_at, ?3) ELSE opened_at END,
  last_opened_at = CASE WHEN code_hash = ?2 THEN ?3 ELSE last_opened_at END
WHERE ",
    is_live!(),
    " RETURNING locked_at"
);

/// By `letters_by_token` and the primary keys: the session with hash `?4` and id `?5` of a letter that opens, until `?6` or until
/// the letter expires. It is the office's, and has its label.
const INSERT_KEY: &str = concat!(
    "INSERT INTO keys (hash, organization_id, id, scopes, label, created_at, expires_at)
SELECT ?4, parent.organization_id, ?5, 'referrals:read events:write', parent.label, ?3, min(parent.expires_at, ?6)
FROM letters l JOIN keys parent ON parent.hash = l.id
WHERE l.code_hash = ?2 AND ",
    is_live!(),
    " RETURNING expires_at"
);

/// By `letters_by_token`: what is more to know of the session, where there is one.
const INSERT_SESSION: &str = "
INSERT INTO sessions (hash, parent, confined_to, leg)
SELECT ?2, id, referral_id, leg FROM letters WHERE token_hash = ?1 AND EXISTS (SELECT 1 FROM keys WHERE hash = ?2)";

/// By `letters_by_token` and the primary keys.
const WHOM_TO_CALL: &str = "
SELECT l.referral_id AS referral, o.document ->> '$.name' AS name, o.document ->> '$.contact' AS contact
FROM letters l JOIN referrals f ON f.id = l.referral_id JOIN organizations o ON o.id = f.referrer
WHERE l.token_hash = ?1";
