//! One D1 batch: statements bound, sent in one round trip, rows read back.
//!
//! D1's objects are walked directly: no serde, one conversion a value. Its types are those of `worker_sys`, whose methods
//! return what JavaScript throws, where `worker`'s own wrapper unwraps it.

use std::sync::Arc;

use ports::{Answer, DatabaseError, Row, Rows, Statement, Value};
use worker::js_sys::{Array, Object, Reflect, Uint8Array};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;
use worker::worker_sys::{D1Database, D1Result};

use crate::error_text::classify;
use crate::value::number;

/// Runs the statements on `database` as one D1 batch, which is one transaction.
pub async fn batch(database: JsValue, statements: &[Statement]) -> Result<Answer, DatabaseError> {
    // D1 refuses an empty batch; natively and on Spin it does nothing.
    if statements.is_empty() {
        return Ok(Answer::default());
    }
    let database: D1Database = database.unchecked_into();
    let bound = Array::new();
    for statement in statements {
        bound.push(&bind(&database, statement).map_err(|thrown| failure(&thrown))?);
    }
    let promise = database.batch(bound).map_err(|thrown| failure(&thrown))?;
    let results = JsFuture::from(promise)
        .await
        .map_err(|thrown| failure(&thrown))?;
    answer(results).ok_or_else(unexpected)
}

/// A prepared statement with its parameters.
fn bind(database: &D1Database, statement: &Statement) -> Result<JsValue, JsValue> {
    let prepared = database.prepare(statement.sql)?;
    if statement.parameters.is_empty() {
        return Ok(prepared.into());
    }
    let parameters: Array = statement.parameters.iter().map(to_js).collect();
    Ok(prepared.bind(parameters)?.into())
}

/// A parameter as D1 takes it. D1 has no 64-bit integers: a whole number travels as a float and arrives as it was, within
/// 2^53, in a column of type INTEGER.
#[allow(
    clippy::cast_precision_loss,
    reason = "the port promises numbers within 2^53"
)]
fn to_js(value: &Value) -> JsValue {
    match value {
        Value::Null => JsValue::NULL,
        Value::Integer(number) => JsValue::from_f64(*number as f64),
        Value::Real(number) => JsValue::from_f64(*number),
        Value::Text(text) => JsValue::from_str(text),
        Value::Blob(bytes) => Uint8Array::from(bytes.as_slice()).into(),
    }
}

/// What D1 answered; `None` when it has not the shape that D1 documents.
fn answer(results: JsValue) -> Option<Answer> {
    let results: Array = results.dyn_into().ok()?;
    let mut answer = Answer {
        results: Vec::with_capacity(results.length() as usize),
        ..Answer::default()
    };
    for result in results.iter() {
        let result: D1Result = result.unchecked_into();
        answer.results.push(rows(&result)?);
        if let Ok(meta) = result.meta() {
            add(&mut answer.rows_read, &meta, "rows_read");
            add(&mut answer.rows_written, &meta, "rows_written");
        }
    }
    Some(answer)
}

/// Adds the count under `key` of a result's `meta` to `total`.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of rows; a float turns into the nearest count that fits"
)]
fn add(total: &mut Option<u64>, meta: &Object, key: &str) {
    let count = Reflect::get(meta, &JsValue::from_str(key))
        .ok()
        .and_then(|count| count.as_f64());
    if let Some(count) = count {
        *total = Some(total.unwrap_or(0).saturating_add(count as u64));
    }
}

/// The rows of one statement: D1 gives an object a row, all with the same keys in the same order.
fn rows(result: &D1Result) -> Option<Rows> {
    let Some(objects) = result.results().ok()? else {
        return Some(Rows::default());
    };
    let mut rows = Vec::with_capacity(objects.length() as usize);
    let mut columns: Option<Arc<[String]>> = None;
    for object in objects.iter() {
        let object: Object = object.dyn_into().ok()?;
        let columns = columns.get_or_insert_with(|| {
            Object::keys(&object)
                .iter()
                .map(|key| key.as_string().unwrap_or_default())
                .collect()
        });
        let values = Object::values(&object)
            .iter()
            .map(|value| from_js(&value))
            .collect::<Option<Vec<_>>>()?;
        rows.push(Row::new(Arc::clone(columns), values));
    }
    Some(Rows(rows))
}

/// A value as D1 returns it; text first, because most are. A blob comes as an array of numbers.
fn from_js(value: &JsValue) -> Option<Value> {
    if let Some(text) = value.as_string() {
        Some(Value::Text(text))
    } else if let Some(float) = value.as_f64() {
        Some(number(float))
    } else if value.is_null() || value.is_undefined() {
        Some(Value::Null)
    } else if Array::is_array(value) || value.is_instance_of::<worker::js_sys::ArrayBuffer>() {
        Some(Value::Blob(Uint8Array::new(value).to_vec()))
    } else {
        None
    }
}

/// The error for what JavaScript threw.
fn failure(thrown: &JsValue) -> DatabaseError {
    let message = Reflect::get(thrown, &JsValue::from_str("message"))
        .ok()
        .and_then(|message| message.as_string())
        .or_else(|| thrown.as_string());
    message.map_or_else(unexpected, |message| classify(&message))
}

/// The error for what D1 does not document.
fn unexpected() -> DatabaseError {
    DatabaseError::Refused {
        reason: "D1 answered in a shape that is not known".to_owned(),
    }
}
