//! `/worklist/session`: a person signs in with a key, and the browser keeps a session in its place.
//!
//! The key is sent once and kept nowhere. What the browser keeps is a token of its own in a cookie that no script can read;
//! only the token's SHA-256 is stored. A session has the scopes, the label and the person of its key, ends with it, and is
//! no key: the directory does not list it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use http::header::SET_COOKIE;
use ports::{Platform, Statement};
use serde::Deserialize;

use crate::auth::{Bearer, Credentials};
use crate::call::Call;
use crate::http::{
    Access, Field, Method, Object, Problem, ProblemKind, Reply, Route, SESSION_COOKIE,
    SESSION_PREFIX, Shape, Success, header,
};
use crate::ids::new_id;

/// How long a session lasts: a working day with the hours around it. Ours, because nobody should find yesterday's page open
/// at a shared desk, or sign in twice a day.
pub(crate) const LIFETIME_MS: i64 = 12 * 60 * 60 * 1000;

/// The most bytes of a body that signs in: a key of 512 characters, and the JSON around it.
const BODY_BYTES_MAX: usize = 2_048;

pub(super) static SIGN_IN: Route = Route {
    method: Method::Post,
    path: "/worklist/session",
    id: "sign_in",
    summary: "Sign in with a key: a browser gets a session in its place, as a cookie that every function takes.",
    access: Access::Public,
    query: &[],
    request: Some(Shape::Object(&Object {
        name: "SignIn",
        fields: &[Field::required(
            "key",
            Shape::line(512),
            "A key of an organisation.",
        )],
    })),
    body_bytes_max: BODY_BYTES_MAX,
    success: &[Success {
        status: 204,
        doc: "Signed in: Set-Cookie has the session. It lasts 12 hours, and no longer than the key.",
        body: None,
    }],
    problems: &[ProblemKind::Unauthorized, ProblemKind::CrossSite],
};

pub(super) static SIGN_OUT: Route = Route {
    method: Method::Delete,
    path: "/worklist/session",
    id: "sign_out",
    summary: "Sign out: the session ends at once.",
    access: Access::Public,
    query: &[],
    request: None,
    body_bytes_max: 0,
    success: &[Success {
        status: 204,
        doc: "There is no session any more. Set-Cookie removes it.",
        body: None,
    }],
    problems: &[ProblemKind::CrossSite],
};

#[derive(Deserialize)]
struct SignIn {
    key: String,
}

/// Signs in.
pub(super) async fn sign_in<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    // Nobody else's page signs a person in as somebody else.
    if call.is_same_origin() == Some(false) {
        return Err(Problem::CrossSite);
    }
    let key = Credentials::given(&call.input::<SignIn>()?.key)?;
    let now = call.now_milliseconds();
    let answer = call.platform.batch(vec![key.statement()]).await?;
    let caller = key.caller(answer.first(0), now)?;
    let organization = caller.member()?.organization.as_str();

    let token = token(&call.platform);
    let hash = Bearer::new(&token).hash().to_owned();
    let [forget, forget_keys] = forget(organization, now);
    let insert_key = Statement::new(
        INSERT_KEY,
        [
            key.hash().into(),
            hash.as_str().into(),
            new_id("session", &call.platform).into(),
            now.into(),
            now.saturating_add(LIFETIME_MS).into(),
        ],
    );
    let insert = Statement::new(INSERT_SESSION, [hash.into(), key.hash().into()]);
    let mut statements = vec![forget, forget_keys, insert_key, insert];
    statements.extend(end_earlier(&call, SESSION_COOKIE));
    let answer = call.platform.batch(statements).await?;
    let ends_at = answer
        .first(2)
        .and_then(|row| row.integer("expires_at"))
        .ok_or_else(|| Problem::internal("a session was not stored"))?;
    let seconds = ends_at.saturating_sub(now) / 1000;
    let cookie = cookie(SESSION_COOKIE, &token, seconds);
    Ok(Reply::empty(StatusCode::NO_CONTENT).header(SET_COOKIE, &cookie))
}

/// Signs out, or closes a letter where the call says so. Without a session, or with one that has ended, there is nothing left to do.
pub(super) async fn sign_out<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    match call.bearer() {
        Ok(token) => {
            call.platform.batch(vec![end(&call, &token)]).await?;
        }
        Err(Problem::Unauthorized { .. }) => {}
        Err(problem) => return Err(problem),
    }
    let cookie = cookie(&call.session_cookie(), "", 0);
    Ok(Reply::empty(StatusCode::NO_CONTENT).header(SET_COOKIE, &cookie))
}

/// Ends the session that the browser had in the cookie of this name: a new one takes its place, and nobody would sign it out any more.
pub(crate) fn end_earlier<P: Platform>(call: &Call<P>, cookie: &str) -> Option<Statement> {
    let token = header::session(&call.headers, cookie)?;
    Some(end(call, &Bearer::new(token)))
}

fn end<P: Platform>(call: &Call<P>, token: &Bearer) -> Statement {
    Statement::new(END, [token.hash().into(), call.now_milliseconds().into()])
}

/// Forgets the sessions of an organisation that have ended.
pub(crate) fn forget(organization: &str, now_milliseconds: i64) -> [Statement; 2] {
    [FORGET_SESSIONS, FORGET_KEYS]
        .map(|sql| Statement::new(sql, [organization.into(), now_milliseconds.into()]))
}

/// A new token, of the form of an API key: a prefix and 256 random bits.
pub(crate) fn token<P: Platform>(platform: &P) -> String {
    let bytes = [platform.random(), platform.random()].concat();
    format!("{SESSION_PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// The `Set-Cookie` of a session that lasts so long, in the cookie of this name; 0 seconds remove it.
pub(crate) fn cookie(name: &str, token: &str, seconds: i64) -> String {
    format!("{name}={token}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Strict")
}

/// By the primary key: the session with hash `?2` of the key with hash `?1`, from `?4` until `?5`, or until the key expires.
const INSERT_KEY: &str = "
INSERT INTO keys (hash, organization_id, id, scopes, label, person, created_at, expires_at)
SELECT ?2, organization_id, ?3, scopes, label, person, ?4, min(coalesce(expires_at, ?5), ?5) FROM keys WHERE hash = ?1
RETURNING expires_at";

/// What is more to know of it.
const INSERT_SESSION: &str = "INSERT INTO sessions (hash, parent) VALUES (?1, ?2)";

/// Sessions of organisation `?1` that ended before `?2`, by `keys_by_organization`: there are as many as were begun since the last
/// time that somebody signed in, and in the 12 hours before.
const FORGET_SESSIONS: &str = "
DELETE FROM sessions WHERE hash IN (SELECT hash FROM keys
  WHERE organization_id = ?1 AND id > 'session-' AND id < 'session.' AND expires_at < ?2)";

/// Their keys, likewise.
const FORGET_KEYS: &str = "
DELETE FROM keys WHERE organization_id = ?1 AND id > 'session-' AND id < 'session.' AND expires_at < ?2";

/// By the primary key. An API key does not end by this.
const END: &str = "
UPDATE keys SET revoked_at = coalesce(revoked_at, ?2)
WHERE hash = ?1 AND id > 'session-' AND id < 'session.'";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_what_its_prefix_demands() {
        assert_eq!(
            cookie(SESSION_COOKIE, "rls_x", 43_200),
            "__Host-rl=rls_x; Path=/; Max-Age=43200; Secure; HttpOnly; SameSite=Strict"
        );
    }
}
