//! `GET /worklist/referrals/{id}/events`: every stored event with its hash, in the order of arrival.
//!
//! An item without `hash`, `status` and `leg` is what the hash is of, as canonical JSON (RFC 8785). To a recipient the events
//! of other recipients' legs are withheld; their hashes are not, so that the chain can be followed.

use domain::event::Event;
use domain::fold::{Fate, Folded, fold};
use domain::kind::EventKind;
use domain::referral::Referral;
use domain::status::Side;
use http::StatusCode;
use ports::Platform;
use serde_json::{Value, json};

use super::reads::{self, Action};
use crate::auth::Credentials;
use crate::call::Call;
use crate::http::{Fault, Page, Problem, Reply, page_of};
use crate::messages::{BY_PATIENT, BY_PERSON};
use crate::referrals::{Key, Loaded, STATEMENTS, Selector, StoredEvent, Viewer};

/// Reads a page of the timeline.
pub(super) async fn read<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let asked = asked(&call);
    let selector = Selector {
        key: Key::Id(call.parameter("id").to_owned()),
        events_from_ms: Some(0),
        with_request: false,
    };
    let mut statements = vec![credentials.statement()];
    statements.extend(selector.statements());
    if asked.is_ok() {
        statements.push(reads::of_referral(&call, &credentials, Action::Timeline));
    }
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let organization = &caller.member()?.organization;
    let loaded = Loaded::from_rows(answer.rows(1), answer.rows(2), answer.rows(STATEMENTS))?
        .pop()
        .filter(|loaded| loaded.is_party(organization))
        .ok_or(Problem::NotFound)?;
    let (page, after) = asked?;
    reads::stored(answer.rows(STATEMENTS + 1))?;
    let stored = loaded.history.unwrap_or_default();
    let events: Vec<_> = stored.iter().map(|stored| stored.event.clone()).collect();
    let folded = fold(&events).ok_or_else(|| Problem::internal("a referral has no first event"))?;
    let viewer = Viewer::of(&loaded.record.referral, organization).ok_or(Problem::NotFound)?;
    let items: Vec<Value> = stored
        .into_iter()
        .filter(|stored| stored.seq > after)
        .take(page.limit.saturating_add(1))
        .map(|stored| item(stored, &folded, viewer, organization))
        .collect();
    let body = page_of(&page, items, |item| {
        item.get("seq").map(Value::to_string).unwrap_or_default()
    })?;
    Ok(Reply::json(StatusCode::OK, &body)?.version(loaded.record.version))
}

/// The page that is asked for, and the number of the last event of the one before.
fn asked<P: Platform>(call: &Call<P>) -> Result<(Page, i64), Problem> {
    let page = call.page()?;
    let after = match page.after.as_str() {
        "" => 0,
        text => text.parse().map_err(|_| {
            Problem::Invalid(vec![Fault::query(
                "cursor",
                "unreadable",
                "must be the next of a page before",
            )])
        })?,
    };
    Ok((page, after))
}

/// Whether `organization`, seeing the referral as `viewer`, is shown an event of this leg. What another recipient said of
/// its own leg is nobody else's, wherever the fold had to park it.
pub(crate) fn is_shown(
    event: &Event,
    leg: u32,
    referral: &Referral,
    viewer: Viewer<'_>,
    organization: &str,
) -> bool {
    let by = &event.by;
    let is_mine = by.organization.as_deref() == Some(organization);
    let is_foreign = by.side == Some(Side::Recipient)
        && event.reported_by.is_none()
        && event.implied_by.is_none();
    viewer == Viewer::Whole
        || is_mine
        || is_for_all(event.kind)
        || (!is_foreign && is_own_leg(referral, leg, organization))
}

/// What the fold made of an event, and the leg to which it belongs.
pub(crate) fn place_of(folded: &Folded, id: &str) -> (Fate, u32) {
    folded
        .fates
        .iter()
        .find(|(known, ..)| known == id)
        .map_or((Fate::Parked, 1), |(_, fate, leg)| (*fate, *leg))
}

fn item(stored: StoredEvent, folded: &Folded, viewer: Viewer<'_>, organization: &str) -> Value {
    let (fate, leg) = place_of(folded, &stored.event.id);
    if !is_shown(&stored.event, leg, &folded.referral, viewer, organization) {
        return json!({
            "seq": stored.seq,
            "previous_hash": stored.body.get("previous_hash"),
            "hash": stored.hash,
            "withheld": true,
        });
    }
    let mut item = stored.body;
    if let Value::Object(members) = &mut item {
        let status = match fate {
            Fate::Applied => "applied",
            Fate::Parked => "parked",
            Fate::Retracted => "retracted",
            Fate::Expired => "expired",
        };
        members.insert("hash".to_owned(), stored.hash.into());
        members.insert("status".to_owned(), status.into());
        members.insert("leg".to_owned(), leg.into());
        if let Some(by) = matched_by(&stored.event.source) {
            members.insert("matched_by".to_owned(), by.into());
        }
        if viewer != Viewer::Whole
            && let Some(Value::Object(data)) = members.get_mut("data")
            && data.remove("possible_duplicates").is_some()
        {
            members.insert(
                "withheld_members".to_owned(),
                json!(["/data/possible_duplicates"]),
            );
        }
    }
    item
}

/// How it was found to be of this referral, where no id says so.
fn matched_by(source: &str) -> Option<&'static str> {
    match source.split_once(':') {
        Some((_, BY_PATIENT)) => Some("patient"),
        Some((_, BY_PERSON)) => Some("person"),
        _ => None,
    }
}

/// What concerns every recipient: the request, its corrections, and the id that its patient has now.
const fn is_for_all(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::ReferralSent | EventKind::ReferralCorrected | EventKind::PatientMerged
    )
}

fn is_own_leg(referral: &Referral, leg: u32, organization: &str) -> bool {
    referral
        .legs
        .iter()
        .any(|own| own.leg == leg && own.recipient.organization() == Some(organization))
}
