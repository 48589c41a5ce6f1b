//! Entries of the audit from several places, put together newest first, a page at a time.
//!
//! Each place is read from the page's position down, and no further than a bound. What lies below the highest of those bounds
//! is not known whole, so it is left to the next page: a page may be short, or empty, and still have a next one.

use domain::time::Timestamp;
use ports::Row;
use serde_json::{Map, Value};

use crate::http::{Page, Problem};
use crate::json::from_text;
use crate::referrals::StoredEvent;

/// Where an entry stands: when, in milliseconds since the Unix epoch, and by its id among those of one instant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position {
    pub(super) at: i64,
    pub(super) id: String,
}

impl Position {
    /// Below everything at `at` or later.
    pub(super) const fn before(at: i64) -> Self {
        Self {
            at,
            id: String::new(),
        }
    }

    /// The position that a cursor names.
    pub(super) fn parse(cursor: &str) -> Option<Self> {
        let (at, id) = cursor.split_once('~')?;
        Some(Self {
            at: at.parse().ok()?,
            id: id.to_owned(),
        })
    }

    fn cursor(&self) -> String {
        format!("{}~{}", self.at, self.id)
    }

    fn of(row: &Row) -> Self {
        Self {
            at: row.integer("at").unwrap_or_default(),
            id: row.text("id").unwrap_or_default().to_owned(),
        }
    }
}

/// An entry and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) position: Position,
    pub(super) body: Map<String, Value>,
}

/// What one place gave, and down to where it was looked at; `None` where that was the end.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) entries: Vec<Entry>,
    pub(super) looked_down_to: Option<Position>,
}

/// A page of all that was found.
pub(super) fn page_of(page: &Page, found: Vec<Found>) -> Value {
    let floor = found
        .iter()
        .filter_map(|found| found.looked_down_to.clone())
        .max();
    let mut entries: Vec<Entry> = found
        .into_iter()
        .flat_map(|found| found.entries)
        .filter(|entry| floor.as_ref().is_none_or(|floor| entry.position >= *floor))
        .collect();
    entries.sort_by(|one, other| other.position.cmp(&one.position));
    let next = if entries.len() > page.limit {
        entries.truncate(page.limit);
        entries.last().map(|last| last.position.clone())
    } else {
        floor
    };
    let mut body = Map::new();
    let items = entries.into_iter().map(|entry| Value::Object(entry.body));
    body.insert("items".to_owned(), items.collect());
    if let Some(next) = next {
        body.insert("next".to_owned(), next.cursor().into());
    }
    Value::Object(body)
}

/// Reads from the rows of `READS_OF` or `OWN_READS`, of which `looked_at` were looked at and `page` rows given at
/// most. Of one referral the other ones of a page are not told, nor the key of another organisation.
pub(super) fn reads(
    rows: &[Row],
    page: &Page,
    looked_at: i64,
    only: Option<&str>,
    organization: &str,
) -> Result<Found, Problem> {
    let is_cut = |last: &&Row| is_full(rows, page) || last.integer("place") == Some(looked_at);
    let mut entries = Vec::new();
    for row in rows.iter().filter(|row| row.flag("fits")) {
        let referrals = match only {
            Some(id) => Value::from(vec![id]),
            None => from_text(row.text("referrals").unwrap_or_default())?,
        };
        let is_own = row.text("organization") == Some(organization);
        let mut entry = Entry::new(Position::of(row), row.text("action").unwrap_or_default());
        entry.set("referrals", Some(referrals));
        entry.set("organization", row.text("organization"));
        entry.set("key", row.text("key_id").filter(|_| is_own));
        entry.set("label", row.text("label"));
        entry.set("person", row.text("person"));
        entry.set("document", row.text("document"));
        entries.push(entry);
    }
    Ok(Found {
        entries,
        looked_down_to: rows.last().filter(is_cut).map(Position::of),
    })
}

/// Changes from the rows of `OWN_CHANGES`.
pub(super) fn own_changes(rows: &[Row], page: &Page) -> Found {
    let entries = rows.iter().map(|row| {
        let change = Change {
            position: Position::of(row),
            kind: row.text("type").unwrap_or_default(),
            seq: row.integer("seq").unwrap_or_default(),
            referral: row.text("referral").unwrap_or_default(),
            organization: row.text("organization"),
            label: row.text("label"),
            source: row.text("source").unwrap_or_default(),
        };
        change.entry()
    });
    Found {
        entries: entries.collect(),
        looked_down_to: rows
            .last()
            .filter(|_| is_full(rows, page))
            .map(Position::of),
    }
}

/// The change that a stored event of `referral` is.
pub(super) fn change(stored: &StoredEvent, referral: &str) -> Entry {
    let event = &stored.event;
    Change {
        position: Position {
            at: event.recorded_at.as_millisecond(),
            id: event.id.clone(),
        },
        kind: event.kind.as_str(),
        seq: stored.seq,
        referral,
        organization: event.by.organization.as_deref(),
        label: event.by.label.as_deref(),
        source: &event.source,
    }
    .entry()
}

fn is_full(rows: &[Row], page: &Page) -> bool {
    rows.len() > page.limit
}

/// An event as the audit tells of it: none of its text.
struct Change<'a> {
    position: Position,
    kind: &'a str,
    seq: i64,
    referral: &'a str,
    organization: Option<&'a str>,
    label: Option<&'a str>,
    source: &'a str,
}

impl Change<'_> {
    fn entry(self) -> Entry {
        let mut event = Map::new();
        event.insert("id".to_owned(), self.position.id.as_str().into());
        event.insert("type".to_owned(), self.kind.into());
        event.insert("seq".to_owned(), self.seq.into());
        let mut entry = Entry::new(self.position, super::CHANGE);
        entry.set("referrals", Some(Value::from(vec![self.referral])));
        entry.set("organization", self.organization);
        entry.set("label", self.label);
        entry.set("event", Some(Value::Object(event)));
        entry.set("source", Some(self.source));
        entry
    }
}

impl Entry {
    fn new(position: Position, action: &str) -> Self {
        let at = Timestamp::from_millisecond(position.at).ok();
        let mut entry = Self {
            position,
            body: Map::new(),
        };
        entry.set("at", at.map(|at| at.to_string()));
        entry.set("action", Some(action));
        entry
    }

    fn set(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.body.insert(name.to_owned(), value.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(at: i64) -> Position {
        Position {
            at,
            id: format!("id-{at}"),
        }
    }

    fn found(times: &[i64], looked_down_to: Option<i64>) -> Found {
        let entries = times.iter().map(|time| Entry::new(at(*time), "read"));
        Found {
            entries: entries.collect(),
            looked_down_to: looked_down_to.map(at),
        }
    }

    #[track_caller]
    fn check(limit: usize, found: Vec<Found>, want: &[i64], next: Option<i64>) {
        let page = Page {
            limit,
            after: String::new(),
        };
        let body = page_of(&page, found);
        let times: Vec<_> = body["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["at"].as_str().unwrap().parse::<Timestamp>().unwrap())
            .map(Timestamp::as_millisecond)
            .collect();
        assert_eq!(times, want);
        let cursor = body.get("next").map(|next| next.as_str().unwrap());
        assert_eq!(cursor.and_then(Position::parse), next.map(at));
    }

    #[test]
    fn the_newest_of_all_places_come_first() {
        let both = || vec![found(&[9, 5, 1], None), found(&[8, 2], None)];
        check(5, both(), &[9, 8, 5, 2, 1], None);
        check(3, both(), &[9, 8, 5], Some(5));
    }

    #[test]
    fn what_lies_below_a_bound_is_left_to_the_next_page() {
        check(
            5,
            vec![found(&[9], Some(6)), found(&[8, 2], None)],
            &[9, 8],
            Some(6),
        );
        check(
            5,
            vec![found(&[9, 6], Some(6)), found(&[], Some(7))],
            &[9],
            Some(7),
        );
    }

    #[test]
    fn a_page_may_be_empty_and_still_have_a_next() {
        check(
            5,
            vec![found(&[], Some(4)), found(&[3], None)],
            &[],
            Some(4),
        );
        check(5, vec![found(&[], None)], &[], None);
    }

    #[test]
    fn entries_of_one_instant_are_told_apart_by_their_ids() {
        let cursor = Position::parse("7~read-1").unwrap();
        assert!(
            cursor
                < Position {
                    at: 7,
                    id: "read-2".to_owned()
                }
        );
        assert!(cursor > Position::before(7));
        assert_eq!(Position::parse("7"), None);
        assert_eq!(Position::parse("x~y"), None);
    }
}
