//! `GET /worklist/audit`: who read or changed what, newest first (IHE BALP: reads as well as writes, with who, when and what).
//!
//! Reads are the rows of `reads`, changes the events. Of one referral each party is shown what it may know of the others: the
//! referrer everything, a recipient its own reads and the changes that its timeline shows. Without a referral it is what the
//! organisation's own people did. No text of a patient or of an event is in it.

mod entries;
mod sql;

use std::collections::BTreeSet;

use domain::fold::fold;
use domain::payload::Payload;
use domain::time::{Date, SignedDuration, Timestamp};
use http::StatusCode;
use ports::{Platform, Row, Statement, Value as Sql};

use entries::{Found, Position};

use super::reads::{self, Action};
use super::timeline;
use crate::auth::Credentials;
use crate::call::Call;
use crate::http::{Fault, Field, Object, Page, Problem, Reply, Shape};
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
    CHANGE,
];

/// How far back the organisation's own audit goes when nobody says. Ours: a week is what a supervisor looks through.
const RANGE_DEFAULT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The longest range of it: a quarter of a year.
const RANGE_DAYS_MAX: i64 = 92;

/// How many reads of an organisation are looked at for one page, where only some of them are asked for: 10 ms of SQLite's.
const READS_LOOKED_AT_MAX: i64 = 10_000;

/// How many referrals are looked at for the changes of an organisation, some tens of thousands of events.
const REFERRALS_LOOKED_AT_MAX: i64 = 5_000;

/// Later than anything, and exact as a JavaScript number.
const NEVER_MS: i64 = 1 << 52;

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

/// What is asked for, beside the referral.
struct Asked {
    page: Page,
    action: Option<&'static str>,
    from: i64,
    /// Below this: the end of the range, or the last entry of the page before.
    below: Position,
}

impl Asked {
    /// Whether changes are asked for.
    fn wants_changes(&self) -> bool {
        self.action.is_none_or(|action| action == CHANGE)
    }

    /// Whether reads are.
    fn wants_reads(&self) -> bool {
        self.action != Some(CHANGE)
    }

    /// How many reads are looked at for the page.
    fn looked_at(&self, only: Option<&str>) -> i64 {
        if only.is_some() || self.action.is_some() {
            READS_LOOKED_AT_MAX
        } else {
            self.page.rows()
        }
    }

    fn reads(&self, sql: &'static str, whose: &str, only: Option<&str>) -> Statement {
        Statement::new(
            sql,
            [
                whose.into(),
                self.from.into(),
                self.below.at.into(),
                self.below.id.as_str().into(),
                self.looked_at(only).into(),
                only.map(|id| format!("\"{id}\"")).into(),
                self.action.map(str::to_owned).into(),
                self.page.rows().into(),
            ],
        )
    }

    fn changes(&self, credentials: &Credentials) -> [Statement; 2] {
        let bounds = || -> [Sql; 3] {
            [
                credentials.hash().into(),
                self.from.into(),
                self.below.at.into(),
            ]
        };
        let mut changes = Vec::from(bounds());
        changes.extend([
            self.below.id.as_str().into(),
            self.page.rows().into(),
            REFERRALS_LOOKED_AT_MAX.into(),
        ]);
        let mut too_many = Vec::from(bounds());
        too_many.push(REFERRALS_LOOKED_AT_MAX.into());
        [(sql::OWN_CHANGES, changes), (sql::TOO_MANY, too_many)]
            .map(|(sql, parameters)| Statement { sql, parameters })
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

/// What the query asks for. `bounded`: within [`RANGE_DAYS_MAX`], and of [`RANGE_DEFAULT`] when nobody says.
fn asked<P: Platform>(call: &Call<P>, bounded: bool) -> Result<Asked, Problem> {
    let page = call.page()?;
    let mut faults = Vec::new();
    let mut bound = |name: &'static str| {
        let text = call.query(name)?;
        let at = instant(text);
        if at.is_none() {
            faults.push(Fault::query(
                name,
                "not-a-time",
                "must be a day, YYYY-MM-DD, or an instant (RFC 3339) with its offset",
            ));
        }
        at
    };
    let (from, to) = (bound("from"), bound("to"));
    let until = to.unwrap_or(call.now);
    let from = from.or_else(|| bounded.then(|| until.plus(-RANGE_DEFAULT)));
    let is_long = |from: Timestamp| {
        bounded && until.duration_since(from) > SignedDuration::from_hours(RANGE_DAYS_MAX * 24)
    };
    if from.is_some_and(is_long) {
        faults.push(Fault::query(
            "from",
            "out-of-range",
            format!("must be at most {RANGE_DAYS_MAX} days before `to`"),
        ));
    }
    let action = call
        .query("action")
        .map(|given| ACTIONS.iter().find(|action| **action == given).copied());
    if action == Some(None) {
        let rule = format!("must be one of: {}", ACTIONS.join(", "));
        faults.push(Fault::query("action", "unknown-code", rule));
    }
    let end = Position::before(to.map_or(NEVER_MS, Timestamp::as_millisecond));
    let below = if page.after.is_empty() {
        Some(end)
    } else {
        Position::parse(&page.after).map(|after| after.min(end))
    };
    let Some(below) = below else {
        faults.push(Fault::query(
            "cursor",
            "unreadable",
            "must be the next of a page before",
        ));
        return Err(Problem::Invalid(faults));
    };
    Problem::unless_empty(faults)?;
    Ok(Asked {
        page,
        action: action.flatten(),
        from: from.map_or(0, Timestamp::as_millisecond),
        below,
    })
}

/// A day's beginning in UTC, or an instant.
fn instant(text: &str) -> Option<Timestamp> {
    match text.parse::<Date>() {
        Ok(day) => Some(day.start()),
        Err(_) => text.parse().ok(),
    }
}
