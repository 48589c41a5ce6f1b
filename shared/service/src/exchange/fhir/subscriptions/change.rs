//! Subscriptions made, changed and removed.

use formats::fhir::subscription::{Standing, Subscription, read_subscription, subscription};
use http::StatusCode;
use http::header::LOCATION;
use ports::{Platform, Statement, Value as Bound};
use serde_json::Value;

use super::super::sent::body_of;
use super::super::{answer, base, check_accept, versioned};
use super::read::{self, Stored};
use super::sql;
use crate::auth::{Credentials, Member, Scope};
use crate::call::Call;
use crate::crypto::MasterKeys;
use crate::deliveries::{self, Allowed, Format, check_address, of_new_endpoint};
use crate::directory::{ENDPOINTS_MAX, endpoint_removal};
use crate::exchange::deliver;
use crate::exchange::hl7::invalid;
use crate::http::{Fault, Problem, Reply};
use crate::ids::new_id;
use crate::receipts::{self, Answered, Owner, Receipt};
use crate::secrets::SecretVersion;

/// Makes one. Its endpoint is sent the handshake after the answer.
pub(super) async fn create<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    check_accept(&call)?;
    let credentials = Credentials::of_member(&call)?;
    let root = body_of(&call, &["Subscription"]).await?;
    let receipt = Receipt::of(&call);
    let mut statements = vec![
        credentials.statement(),
        Statement::new(sql::COUNT, [credentials.hash().into()]),
    ];
    statements.extend(receipt.as_ref().map(|it| it.read_for(&credentials)));
    let found = call.platform.batch(statements).await?;
    let caller = credentials.caller(found.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    if let Some(receipt) = &receipt
        && let Some(answered) = receipt.check(found.first(2))?
    {
        let text = answered.answer.unwrap_or_default();
        return Ok(made(&call, &crate::json::from_text(&text)?));
    }
    let member = caller.member()?;
    let asked = asked(&call, &root).await?;
    let count = found.first(1).and_then(|row| row.integer("endpoints"));
    if count.is_some_and(|count| usize::try_from(count).is_ok_and(|count| count >= ENDPOINTS_MAX)) {
        return Err(Problem::TooMany {
            what: "endpoints of an organisation",
            limit: ENDPOINTS_MAX,
        });
    }
    let id = new_id("end", &call.platform);
    let organization = member.organization.as_str();
    let now = call.now_milliseconds();
    let resource = subscription(
        &asked.kept,
        &id,
        &asked.endpoint,
        1,
        call.now,
        Standing::Requested,
        None,
    );
    let answered = Answered {
        status: StatusCode::CREATED.as_u16(),
        referral: None,
        answer: Some(resource.to_string()),
    };
    let mut batch: Vec<Statement> = receipt
        .as_ref()
        .map(|receipt| receipt.write(Owner::from(&caller), &answered, now))
        .into_iter()
        .collect();
    batch.push(Statement::new(
        sql::INSERT_ENDPOINT,
        [
            organization.into(),
            id.as_str().into(),
            asked.endpoint.as_str().into(),
            now.into(),
        ],
    ));
    batch.push(SecretVersion::first(&MasterKeys::read(&call.platform).await?).insert(&id));
    batch.extend(of_new_endpoint(
        organization,
        &id,
        Format::Fhir,
        &base(&call),
        now,
    ));
    // The row is there; its first version is what was asked for.
    batch.push(update_of(&call, member, &id, [1, 1], &asked));
    batch.extend(deliveries::challenge(organization, &id, call.now));
    match call.platform.batch(batch).await {
        Err(error) if receipts::is_taken(&error) => return Err(Problem::IdempotencyInFlight),
        written => written.map(|_| ())?,
    }
    deliver::after_answer(&call.platform, true);
    Ok(made(&call, &resource))
}

fn made<P: Platform>(call: &Call<P>, resource: &Value) -> Reply {
    let id = resource
        .get("id")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let location = format!("{}/Subscription/{id}", base(call));
    versioned(
        answer(StatusCode::CREATED, resource).header(LOCATION, &location),
        1,
    )
}

/// What is asked for, well formed, with an address that may be sent to.
async fn asked<P: Platform>(call: &Call<P>, root: &Value) -> Result<Subscription, Problem> {
    let asked = read_subscription(root).map_err(invalid)?;
    let mut faults = Vec::new();
    let allowed = Allowed::read(&call.platform).await;
    if let Err(fault) = check_address(&asked.endpoint, allowed) {
        let (code, told) = fault.told();
        faults.push(Fault::at("Subscription.channel.endpoint", code, told));
    }
    if asked.end.is_some_and(|end| end <= call.now) {
        let detail = "must be in the future";
        faults.push(Fault::at("Subscription.end", "in-the-past", detail));
    }
    Problem::unless_empty(faults)?;
    Ok(asked)
}

/// Writes what is asked for over one version, as another.
fn update_of<P: Platform>(
    call: &Call<P>,
    member: &Member,
    id: &str,
    [before, after]: [i64; 2],
    asked: &Subscription,
) -> Statement {
    let now = call.now_milliseconds();
    let heartbeat_ms = asked
        .heartbeat_seconds
        .and_then(|seconds| i64::try_from(seconds).ok())
        .map(|seconds| seconds.saturating_mul(1_000));
    let ends_at = asked.end.map(|end| end.as_millisecond());
    let beats_at = heartbeat_ms.map(|period| now.saturating_add(period));
    let look_at = [beats_at, ends_at].into_iter().flatten().min();
    Statement::new(
        sql::UPDATE,
        [
            id.into(),
            before.into(),
            asked.kept.to_string().into(),
            base(call).into(),
            heartbeat_ms.into(),
            ends_at.into(),
            look_at.filter(|_| !asked.is_off).into(),
            member.key.as_str().into(),
            now.into(),
            after.into(),
        ],
    )
}

/// The one that the path names, which the caller may change.
async fn own<P: Platform>(call: &Call<P>) -> Result<(Member, Stored), Problem> {
    let (member, stored) = read::named(call).await?;
    let is_own = stored.key.as_deref() == Some(member.key.as_str());
    if is_own || member.has(Scope::DirectoryWrite) {
        Ok((member, stored))
    } else {
        let needs = Some(Scope::DirectoryWrite);
        Err(Problem::ForbiddenScope { needs })
    }
}

/// Changes one.
pub(super) async fn update<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    check_accept(&call)?;
    Credentials::of_member(&call)?;
    let root = body_of(&call, &["Subscription"]).await?;
    let (member, stored) = own(&call).await?;
    if root.get("id").and_then(Value::as_str) != Some(stored.id.as_str()) {
        let detail = "must be the id of the path";
        let fault = Fault::at("Subscription.id", "value", detail);
        return Err(Problem::Invalid(vec![fault]));
    }
    let mismatch = || Problem::VersionMismatch {
        version: stored.version,
    };
    if let Some(if_match) = &call.if_match
        && !if_match.accepts(stored.version)
    {
        return Err(mismatch());
    }
    let asked = asked(&call, &root).await?;
    let id = stored.id.as_str();
    let organization = member.organization.as_str();
    let off_at = asked.is_off.then(|| call.now_milliseconds());
    let because = asked.is_off.then_some("ended");
    let next = stored.version.saturating_add(1);
    let mut batch = vec![
        update_of(&call, &member, id, [stored.version, next], &asked),
        Statement::new(
            sql::UPDATE_ENDPOINT,
            [
                organization.into(),
                id.into(),
                asked.endpoint.as_str().into(),
                off_at.into(),
                next.into(),
                call.now_milliseconds().into(),
            ],
        ),
        Statement::new(
            sql::RESET_STATE,
            [id.into(), because.map_or(Bound::Null, Bound::from)],
        ),
    ];
    if asked.is_off {
        batch.push(Statement::new(sql::DROP, [id.into()]));
    } else {
        batch.extend(deliveries::challenge(organization, id, call.now));
    }
    let written = call.platform.batch(batch).await?;
    let version = written.first(0).and_then(|row| row.integer("version"));
    let version = version.ok_or_else(mismatch)?;
    deliver::after_answer(&call.platform, !asked.is_off);
    let standing = if asked.is_off {
        Standing::Off
    } else {
        Standing::Requested
    };
    let resource = subscription(
        &asked.kept,
        id,
        &asked.endpoint,
        version.unsigned_abs(),
        call.now,
        standing,
        because,
    );
    Ok(versioned(answer(StatusCode::OK, &resource), version))
}

/// Removes one.
pub(super) async fn remove<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let (member, stored) = own(&call).await?;
    call.platform
        .batch(endpoint_removal(&member.organization, &stored.id))
        .await?;
    Ok(Reply::empty(StatusCode::NO_CONTENT))
}
