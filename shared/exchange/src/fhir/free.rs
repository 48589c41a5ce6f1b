//! Content that is carried and never interpreted, to JSON values and back, and as an extension.

use domain::request::Free;
use serde_json::{Map, Number, Value, json};

use super::codes::EXTENSION;

/// As a JSON value.
pub(crate) fn value_of(free: &Free) -> Value {
    match free {
        Free::Flag(flag) => Value::Bool(*flag),
        Free::Integer(number) => Value::from(*number),
        Free::Number(number) => Number::from_f64(*number).map_or(Value::Null, Value::Number),
        Free::Text(text) => Value::String(text.clone()),
        Free::List(items) => Value::Array(items.iter().map(value_of).collect()),
        Free::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, item)| (name.clone(), value_of(item)))
                .collect(),
        ),
        Free::Nothing => Value::Null,
    }
}

/// From a JSON value, whose depth was checked.
pub(crate) fn free_of(value: &Value) -> Free {
    match value {
        Value::Null => Free::Nothing,
        Value::Bool(flag) => Free::Flag(*flag),
        Value::Number(number) => number.as_i64().map_or_else(
            || Free::Number(number.as_f64().unwrap_or_default()),
            Free::Integer,
        ),
        Value::String(text) => Free::Text(text.clone()),
        Value::Array(items) => Free::List(items.iter().map(free_of).collect()),
        Value::Object(members) => Free::Object(
            members
                .iter()
                .map(|(name, item)| (name.clone(), free_of(item)))
                .collect(),
        ),
    }
}

/// One of our extensions with a value.
pub(crate) fn extension(name: &str, of_type: &str, value: impl Into<Value>) -> Value {
    let mut members = Map::new();
    members.insert("url".to_owned(), Value::from(format!("{EXTENSION}{name}")));
    members.insert(of_type.to_owned(), value.into());
    Value::Object(members)
}

/// One of our extensions with parts, each with the text of its own.
pub(crate) fn extension_of(name: &str, parts: Vec<(&str, &str, Value)>) -> Value {
    let parts: Vec<Value> = parts
        .into_iter()
        .map(|(url, of_type, value)| {
            let mut members = Map::new();
            members.insert("url".to_owned(), Value::from(url));
            members.insert(of_type.to_owned(), value);
            Value::Object(members)
        })
        .collect();
    json!({ "url": format!("{EXTENSION}{name}"), "extension": parts })
}

/// Free content as an extension: a text as it is, anything else as the text of its JSON.
pub(crate) fn extension_free(name: &str, free: &Free) -> Value {
    match free {
        Free::Text(text) => extension(name, "valueString", text.as_str()),
        other => extension_of(
            name,
            vec![(
                "json",
                "valueString",
                Value::from(value_of(other).to_string()),
            )],
        ),
    }
}
