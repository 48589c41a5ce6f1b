//! JSON in the store and on the wire, always by way of [`Value`]: every type is written by one serializer and read by one
//! deserializer, so that a function's wasm holds the code of each type once (a quarter of its size, measured). [`counts`] alone are
//! read without, because a year of measures may hold hundreds of thousands of them.

use std::fmt;

use serde::Serialize;
use serde::de::{DeserializeOwned, Deserializer as _, MapAccess, Visitor};
use serde_json::Value;

use crate::http::Problem;

/// A value as JSON text, members sorted.
///
/// # Errors
/// [`Problem::Internal`] when it cannot be written: a fault of the program.
pub fn to_text<T: Serialize + ?Sized>(value: &T) -> Result<String, Problem> {
    Ok(to_value(value)?.to_string())
}

/// A value as JSON.
///
/// # Errors
/// As [`to_text`].
pub fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<Value, Problem> {
    serde_json::to_value(value).map_err(unreadable)
}

/// A stored text as a value.
///
/// # Errors
/// [`Problem::Internal`] when it is not what we write.
pub fn from_text<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    from_value(serde_json::from_str(text).map_err(unreadable)?)
}

/// A stored JSON value as a value.
///
/// # Errors
/// As [`from_text`].
pub fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    serde_json::from_value(value).map_err(unreadable)
}

/// A stored object of counts: its names, which hold nothing that JSON escapes, each with its number.
///
/// # Errors
/// [`Problem::Internal`] when it is not what we write.
pub fn counts(text: &str) -> Result<Vec<(&str, i64)>, Problem> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let counts = reader.deserialize_map(Counts).map_err(unreadable)?;
    reader.end().map_err(unreadable)?;
    Ok(counts)
}

struct Counts;

impl<'de> Visitor<'de> for Counts {
    type Value = Vec<(&'de str, i64)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of numbers")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut counts = Vec::new();
        while let Some(count) = members.next_entry()? {
            counts.push(count);
        }
        Ok(counts)
    }
}

/// A message of serde's could repeat a stored value, which may be patient data; it is not carried on.
fn unreadable(_: serde_json::Error) -> Problem {
    Problem::internal("stored JSON cannot be read or written")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_as_they_stand_and_nothing_else_is() {
        let read = counts(r#"{"to-visit:270":3,"total":-1}"#).unwrap();
        assert_eq!(read, [("to-visit:270", 3), ("total", -1)]);
        assert_eq!(counts("{}").unwrap(), []);
        for wrong in ["", "[]", r#"{"total":1.5}"#, r#"{"total":null}"#, "{}{}"] {
            assert!(counts(wrong).is_err(), "{wrong}");
        }
    }
}
