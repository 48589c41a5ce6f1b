//! Cursor paging: `limit` and `cursor` in, `items` and `next` out.
//!
//! A cursor is the key of the last row of a page, so that a page costs the same wherever it is and rows that come or go
//! meanwhile shift nothing.

use serde::Serialize;
use serde_json::{Map, Value};

use super::problem::{Fault, Problem};

/// How many rows a page has when the caller does not say.
pub const PAGE_SIZE_DEFAULT: usize = 50;

/// The most rows of a page.
pub const PAGE_SIZE_MAX: usize = 200;

/// The most characters of a cursor.
const CURSOR_CHARS_MAX: usize = 256;

/// Which page the caller asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// How many rows at most.
    pub limit: usize,
    /// The key after which it starts; empty for the first page.
    pub after: String,
}

impl Page {
    /// Reads `limit` and `cursor`.
    ///
    /// # Errors
    /// [`Problem::Invalid`] when one of them is out of its range.
    pub fn parse(limit: Option<&str>, cursor: Option<&str>) -> Result<Self, Problem> {
        let mut faults = Vec::new();
        let limit = match limit {
            None => PAGE_SIZE_DEFAULT,
            Some(text) => match text.parse() {
                Ok(limit) if (1..=PAGE_SIZE_MAX).contains(&limit) => limit,
                _ => {
                    faults.push(Fault::query(
                        "limit",
                        "out-of-range",
                        format!("must be a whole number between 1 and {PAGE_SIZE_MAX}"),
                    ));
                    PAGE_SIZE_DEFAULT
                }
            },
        };
        let after = cursor.unwrap_or_default().to_owned();
        if after.len() > CURSOR_CHARS_MAX {
            faults.push(Fault::query(
                "cursor",
                "too-long",
                "must be the next of a page before",
            ));
        }
        Problem::unless_empty(faults)?;
        Ok(Self { limit, after })
    }

    /// The limit to select with: one row more than the page has, which tells whether there is a next one.
    #[must_use]
    pub fn rows(&self) -> i64 {
        i64::try_from(self.limit)
            .unwrap_or(i64::MAX)
            .saturating_add(1)
    }
}

/// The answer of a page from up to one row more than it has. `cursor_of` gives the key of a row.
pub fn page_of<T: Serialize>(
    page: &Page,
    mut items: Vec<T>,
    cursor_of: impl Fn(&T) -> String,
) -> Result<Value, Problem> {
    let more = items.len() > page.limit;
    items.truncate(page.limit);
    let mut answer = Map::new();
    if let (true, Some(last)) = (more, items.last()) {
        answer.insert("next".into(), cursor_of(last).into());
    }
    let items = crate::json::to_value(&items)?;
    answer.insert("items".into(), items);
    Ok(Value::Object(answer))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_limit_holds_at_its_bounds_and_fails_past_them() {
        assert_eq!(Page::parse(None, None).unwrap().limit, PAGE_SIZE_DEFAULT);
        assert_eq!(
            Page::parse(Some("1"), Some("a")).unwrap(),
            Page {
                limit: 1,
                after: "a".into()
            }
        );
        assert_eq!(Page::parse(Some("200"), None).unwrap().rows(), 201);
        for bad in ["0", "201", "-1", "x", ""] {
            assert!(Page::parse(Some(bad), None).is_err(), "{bad}");
        }
        assert!(Page::parse(None, Some(&"c".repeat(257))).is_err());
    }

    #[test]
    fn next_is_there_only_when_there_is_a_next_page() {
        let page = Page {
            limit: 2,
            after: String::new(),
        };
        let answer = |items: Vec<&str>| page_of(&page, items, |item| (*item).to_owned()).unwrap();
        assert_eq!(
            answer(vec!["a", "b", "c"]),
            json!({"items": ["a", "b"], "next": "b"})
        );
        assert_eq!(answer(vec!["a", "b"]), json!({"items": ["a", "b"]}));
        assert_eq!(answer(vec![]), json!({"items": []}));
    }
}
