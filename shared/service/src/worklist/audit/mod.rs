//! `GET /worklist/audit`: who read or changed what, newest first (IHE BALP: reads as well as writes, with who, when and what).
//!
//! Reads are the rows of `reads`, changes the events. Of one referral each party is shown what it may know of the others: the
//! referrer everything, a recipient its own reads and the changes that its timeline shows. Without a referral it is what the
//! organisation's own people did. No text of a patient or of an event is in it.

mod asked;
mod entries;
mod sql;

use std::collections::BTreeSet;

use domain::fold::fold;
use domain::payload::Payload;
use http::StatusCode;
use ports::{Platform, Row};

use asked::{Asked, REFERRALS_LOOKED_AT_MAX, asked};
use entries::Found;

use super::reads::{self, Action};
use super::timeline;
use crate::auth::Credentials;
use crate::call::Call;
use crate::http::{Fault, Field, Object, Problem, Reply, Shape};
use crate::referrals::{Key, Loaded, STATEMENTS, Selector, StoredEvent, Viewer};

/// The action of an entry that is an event.
const CHANGE: &str = "change";

/// What an entry may tell of.
pub(super) const ACTIONS: &[&str] = &[
    Action::Read.as_str(),
    Action::Timeline.as_str(),
    Action::Document.as_str(),
    Action::List.as_str(),
    Action::Search.as_str(),
    Action::Audit.as_str(),
    Action::Message.as_str(),
    Action::LetterMade.as_str(),
    Action::LetterRevoked.as_str(),
    Action::Measure.as_str(),
    CHANGE,
];

/// A bound of the range.
pub(super) const BOUND: Shape = Shape::line(40);

const ENTRY: Shape = Shape::Object(&Object {
    name: "AuditEntry",
    fields: &[
        Field::required("at", Shape::Instant, "When."),
        Field::required("action", Shape::Code(ACTIONS), "What was done."),
        Field::required(
            "referrals",
            Shape::list(&Shape::line(64), 200),
            "With which referrals.",
        ),
        Field::optional(
            "organization",
            Shape::slug(),
            "Whose key it was; the network's own sweep has none.",
        ),
        Field::optional(
            "key",
            Shape::line(64),
            "The key, where it is the caller's own organisation's.",
        ),
        Field::optional("label", Shape::line(200), "The key's label then."),
        Field::optional("person", Shape::line(200), "Whose key it was."),
        Field::optional("document", Shape::line(64), "The document that was read."),
        Field::optional(
            "event",
            Shape::Object(&Object {
                name: "AuditEvent",
                fields: &[
                    Field::required("id", Shape::line(128), "Its id."),
                    Field::required("type", Shape::line(64), "What happened."),
                    Field::required(
                        "seq",
                        Shape::Integer {
                            min: 1,
                            max: 1_000_000,
                        },
                        "Its number in the referral's timeline.",
                    ),
                ],
            }),
            "The event that a change is.",
        ),
        Field::optional(
            "source",
            Shape::line(100),
            "Where a change came from: api, webhook:…, sweep.",
        ),
    ],
});

/// A page of the audit.
pub(super) const PAGE: Shape = Shape::Object(&Object {
    name: "AuditPage",
    fields: &[
        Field::required(
            "items",
            Shape::list(&ENTRY, 200),
            "The entries, newest first.",
        ),
        Field::optional(
            "next",
            Shape::line(256),
            "The cursor of the next page, if there is one.",
        ),
    ],
});

/// Reads a page of the audit.
pub(super) async fn read<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    match call.query("referral").map(str::to_owned) {
        Some(referral) => of_referral(call, &referral).await,
        None => of_organization(call).await,
    }
}

/// What the organisation's own people did: one round trip.
async fn of_organization<P: Platform>(call: Call<P>) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let asked = asked(&call, true);
    let mut statements = vec![credentials.statement()];
    let mut changes_at = 1;
    if let Ok(asked) = &asked {
        if asked.wants_reads() {
            statements.push(asked.reads(sql::OWN_READS, credentials.hash(), None));
            changes_at = 2;
        }
        if asked.wants_changes() {
            statements.extend(asked.changes(&credentials));
        }
    }
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let member = caller.member()?;
    let asked = asked?;
    let mut found = Vec::new();
    if asked.wants_reads() {
        found.push(entries::reads(
            answer.rows(1),
            &asked.page,
            asked.looked_at(None),
            None,
            &member.organization,
        )?);
    }
    if asked.wants_changes() {
        if !answer.rows(changes_at + 1).is_empty() {
            return Err(Problem::Invalid(vec![Fault::query(
                "from",
                "too-many",
                format!(
                    "must be later, or one referral named: more than {REFERRALS_LOOKED_AT_MAX} were written to since"
                ),
            )]));
        }
        found.push(entries::own_changes(answer.rows(changes_at), &asked.page));
    }
    Reply::json(StatusCode::OK, &entries::page_of(&asked.page, found))
}

/// Who read and changed one referral: a round trip to know its parties, and one to read what they read, which records that the
/// audit was read too.
async fn of_referral<P: Platform>(call: Call<P>, id: &str) -> Result<Reply, Problem> {
    let credentials = Credentials::of_member(&call)?;
    let asked = asked(&call, false);
    let selector = Selector {
        key: Key::Id(id.to_owned()),
        events_from_ms: Some(0),
        with_request: false,
    };
    let mut statements = vec![credentials.statement()];
    statements.extend(selector.statements());
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let organization = caller.member()?.organization.as_str();
    let loaded = Loaded::from_rows(answer.rows(1), answer.rows(2), answer.rows(STATEMENTS))?
        .pop()
        .ok_or(Problem::NotFound)?;
    let viewer = Viewer::of(&loaded.record.referral, organization).ok_or(Problem::NotFound)?;
    let asked = asked?;
    let history = loaded.history.as_deref().unwrap_or_default();
    let readers = match viewer {
        Viewer::Whole => parties(&loaded.record.referral.referrer, history),
        Viewer::Legs(_) => BTreeSet::from([organization]),
    };
    let mut statements = Vec::new();
    if asked.wants_reads() {
        let of_each = readers
            .iter()
            .map(|reader| asked.reads(sql::READS_OF, reader, Some(id)));
        statements.extend(of_each);
    }
    // Last, so that it is not in its own answer.
    statements.push(reads::of_shown(&call, &credentials, Action::Audit, &[id]));
    let answer = call.platform.batch(statements).await?;
    let (record, of_readers): (&[Row], _) = match answer.results.split_last() {
        Some((record, of_readers)) => (&record.0, of_readers),
        None => (&[], [].as_slice()),
    };
    reads::stored(record)?;
    let mut found = Vec::new();
    for rows in of_readers {
        let looked_at = asked.looked_at(Some(id));
        found.push(entries::reads(
            &rows.0,
            &asked.page,
            looked_at,
            Some(id),
            organization,
        )?);
    }
    if asked.wants_changes() {
        found.push(changes(&asked, id, history, viewer, organization)?);
    }
    Reply::json(StatusCode::OK, &entries::page_of(&asked.page, found))
}

/// The events that the viewer's timeline shows, as changes.
fn changes(
    asked: &Asked,
    id: &str,
    history: &[StoredEvent],
    viewer: Viewer<'_>,
    organization: &str,
) -> Result<Found, Problem> {
    let events: Vec<_> = history.iter().map(|stored| stored.event.clone()).collect();
    let folded = fold(&events).ok_or_else(|| Problem::internal("a referral has no first event"))?;
    let shown = history.iter().filter(|stored| {
        let (_, leg) = timeline::place_of(&folded, &stored.event.id);
        timeline::is_shown(&stored.event, leg, &folded.referral, viewer, organization)
    });
    let entries = shown
        .map(|stored| entries::change(stored, id))
        .filter(|entry| entry.position.at >= asked.from && entry.position < asked.below);
    Ok(Found {
        entries: entries.collect(),
        looked_down_to: None,
    })
}

/// Every organisation that can have read it: also one whose leg was taken back since. One statement each; a referral has two
/// or three.
fn parties<'a>(referrer: &'a str, history: &'a [StoredEvent]) -> BTreeSet<&'a str> {
    let recipients = history
        .iter()
        .filter_map(|stored| match stored.event.data.as_ref() {
            Payload::Sent(sent) => sent.request.recipient.organization(),
            Payload::Redirected(redirected) => redirected.to.organization(),
            _ => None,
        });
    std::iter::once(referrer).chain(recipients).collect()
}
