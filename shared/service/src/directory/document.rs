//! Organisations and services as JSON documents: defaults, merge patches (RFC 7396), and back from their rows.
//!
//! The database merges a patch itself (`json_patch`), so that two callers who change different members at once both get
//! their way. Here the merge is done too, on what was read, to check what would come of it.

use domain::time::Timestamp;
use ports::Row;
use serde_json::{Map, Value};

use crate::http::{Fault, Page, Problem, Shape, page_of, remove_nulls};

/// Adds the members of `defaults` that the document does not have.
pub fn with_defaults(document: &mut Map<String, Value>, defaults: &[(&str, Value)]) {
    for (name, value) in defaults {
        document.entry(*name).or_insert_with(|| value.clone());
    }
}

/// Makes a patch ready to be merged: `null` for a member with a default says that default, and lists in it hold no `null`
/// for what is absent (a merge takes lists as they are).
pub fn prepare_patch(patch: &mut Map<String, Value>, defaults: &[(&str, Value)]) {
    for (name, member) in patch.iter_mut() {
        if member.is_null() {
            if let Some((_, value)) = defaults.iter().find(|(known, _)| known == name) {
                *member = value.clone();
            }
        } else {
            remove_nulls(member);
        }
    }
}

/// What the document will be, checked against its shape.
///
/// # Errors
/// [`Problem::Invalid`] when the patch removes what must be there.
pub fn merged(
    document: &str,
    patch: &Map<String, Value>,
    shape: &Shape,
) -> Result<Map<String, Value>, Problem> {
    let mut merged = parse(document)?;
    for (name, value) in patch {
        if value.is_null() {
            merged.remove(name);
        } else {
            merged.insert(name.clone(), value.clone());
        }
    }
    let value = Value::Object(merged);
    Problem::unless_empty(shape.faults(&value))?;
    match value {
        Value::Object(merged) => Ok(merged),
        _ => Err(Problem::internal("a document is an object")),
    }
}

/// A member as it is stored: lists and objects in it hold no `null` for what is absent.
pub fn without_nulls(mut value: Value) -> Value {
    remove_nulls(&mut value);
    value
}

/// A stored document.
pub fn parse(document: &str) -> Result<Map<String, Value>, Problem> {
    crate::json::from_text(document)
}

/// The object of a body whose shape is an object.
pub fn object(value: Value) -> Result<Map<String, Value>, Problem> {
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(Problem::internal("the shape is an object's")),
    }
}

/// The document of a row with its ids and times: what callers see.
pub fn to_json(row: &Row, ids: &[&str]) -> Result<Value, Problem> {
    let mut members = parse(row.text("document").unwrap_or_default())?;
    for id in ids {
        members.insert((*id).to_owned(), row.text(id).into());
    }
    for time in ["created_at", "updated_at"] {
        members.insert(time.to_owned(), instant(row, time).into());
    }
    Ok(Value::Object(members))
}

/// The answer of a page of rows that are sorted by id.
pub fn page_by_id(
    page: &Page,
    rows: &[Row],
    show: impl Fn(&Row) -> Result<Value, Problem>,
) -> Result<Value, Problem> {
    let items = rows.iter().map(show).collect::<Result<Vec<_>, _>>()?;
    page_of(page, items, |item: &Value| {
        let id = item.get("id").and_then(Value::as_str);
        id.unwrap_or_default().to_owned()
    })
}

/// The instant under a column of milliseconds, in RFC 3339.
pub fn instant(row: &Row, column: &str) -> Option<String> {
    let milliseconds = row.integer(column)?;
    Timestamp::from_millisecond(milliseconds)
        .ok()
        .map(|instant| instant.to_string())
}

/// A fault for each value of `key` that an earlier one of the list has too.
pub fn duplicates(list: Option<&Value>, name: &str, key: impl Fn(&Value) -> String) -> Vec<Fault> {
    let mut seen = Vec::new();
    let mut faults = Vec::new();
    let items = list
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    for (index, item) in items.iter().enumerate() {
        let key = key(item);
        if seen.contains(&key) {
            faults.push(Fault::at(
                format!("/{name}/{index}"),
                "duplicate",
                "is in the list already",
            ));
        } else {
            seen.push(key);
        }
    }
    faults
}
