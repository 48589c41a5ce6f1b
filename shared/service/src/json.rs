//! JSON in the store and on the wire, always by way of [`Value`]: every type is written by one serializer and read by one
//! deserializer, so that a function's wasm holds the code of each type once (a quarter of its size, measured).

use serde::Serialize;
use serde::de::DeserializeOwned;
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

/// A message of serde's could repeat a stored value, which may be patient data; it is not carried on.
fn unreadable(_: serde_json::Error) -> Problem {
    Problem::internal("stored JSON cannot be read or written")
}
