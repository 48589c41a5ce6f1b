//! Values through the port and back, and the port's clock and randomness.

use ports::{Platform, Statement, Value};

use crate::check::{Outcome, equal, holds};
use crate::scratch::Scratch;

/// The largest number that the port promises to keep: 2^53 - 1.
const INTEGER_MAX: i64 = (1 << 53) - 1;

/// 1.5 MB, below the 2 MB that D1 takes a value.
const LARGE_BYTES: usize = 1_500_000;

/// 2020-01-01 and 2100-01-01, in milliseconds.
const PLAUSIBLE: std::ops::Range<i64> = 1_577_836_800_000..4_102_444_800_000;

/// The whole numbers that matter: around nothing, past 32 bits, at both ends.
const INTEGERS: [i64; 8] = [
    0,
    1,
    -1,
    -42,
    1 << 31,
    1_795_500_000_000,
    INTEGER_MAX,
    -INTEGER_MAX,
];

/// The texts that matter; the last looks like a number.
const TEXTS: [&str; 6] = [
    "",
    "plain",
    "Zoë Ångström 李 🩺",
    "a\nb\t\"c\"'d'\\",
    "?1",
    "007",
];

/// A parameter selected again is the same value of the same type.
pub async fn values_come_back_the_same<P: Platform>(platform: &P) -> Outcome {
    let values = INTEGERS
        .map(Value::Integer)
        .into_iter()
        .chain(TEXTS.map(Value::from))
        .chain([
            Value::Null,
            Value::Real(0.5),
            Value::Real(-1234.75),
            Value::Blob(Vec::new()),
            Value::Blob((0..=255).collect()),
        ]);
    for value in values {
        let select = Statement::new("SELECT ?1 AS value", [value.clone()]);
        let answer = platform.batch(vec![select]).await?;
        let got = answer.first(0).map(|row| row.value("value").clone());
        equal("the value", got, Some(value))?;
    }
    Ok(())
}

/// Typed columns keep them too.
pub async fn columns_keep_values_the_same<P: Platform>(platform: &P) -> Outcome {
    let scratch = Scratch::new(platform).await?;
    let bytes: Vec<u8> = vec![0, 1, 254, 255, 0];
    for (index, (number, text)) in INTEGERS.into_iter().zip(TEXTS).enumerate() {
        let id = index.to_string();
        platform
            .batch(vec![scratch.insert_all(&id, text, number, bytes.clone())])
            .await?;
        let rows = scratch.rows().await?;
        let row = rows.get(index);
        equal("the id", row.and_then(|row| row.text("id")), Some(&*id))?;
        equal(
            "the text",
            row.and_then(|row| row.text("label")),
            Some(text),
        )?;
        equal(
            "the number",
            row.and_then(|row| row.integer("number")),
            Some(number),
        )?;
        equal(
            "the bytes",
            row.and_then(|row| row.blob("bytes")),
            Some(&*bytes),
        )?;
    }
    platform.batch(vec![scratch.insert("nothing")]).await?;
    let rows = scratch.rows().await?;
    let row = rows.last();
    for column in ["label", "number", "bytes"] {
        equal(column, row.map(|row| row.value(column)), Some(&Value::Null))?;
    }
    Ok(())
}

/// D1 binds floats; an INTEGER column makes integers of them, so that SQL's arithmetic is whole.
pub async fn a_whole_number_is_stored_as_an_integer<P: Platform>(platform: &P) -> Outcome {
    let scratch = Scratch::new(platform).await?;
    platform
        .batch(vec![scratch.insert_all(
            "a",
            Value::Null,
            INTEGER_MAX,
            Value::Null,
        )])
        .await?;
    let read = "SELECT typeof(number) AS type, number / 2 AS half, number || '' AS written FROM suite_rows \
                WHERE scope = ?1 AND number = ?2";
    let answer = platform
        .batch(vec![Statement::new(
            read,
            [scratch.scope(), INTEGER_MAX.into()],
        )])
        .await?;
    let row = answer.first(0);
    equal(
        "the type",
        row.and_then(|row| row.text("type")),
        Some("integer"),
    )?;
    equal(
        "half of it",
        row.and_then(|row| row.integer("half")),
        Some(INTEGER_MAX / 2),
    )?;
    equal(
        "as text",
        row.and_then(|row| row.text("written")),
        Some(INTEGER_MAX.to_string().as_str()),
    )
}

/// A result that is a whole float is an integer everywhere, because JavaScript cannot tell.
pub async fn a_whole_result_is_an_integer<P: Platform>(platform: &P) -> Outcome {
    let select = "SELECT 4.0 / 2.0 AS whole, 5.0 / 2.0 AS fraction, 1 = 1 AS yes, avg(1) AS mean";
    let answer = platform.batch(vec![Statement::new(select, [])]).await?;
    let value = |column| answer.first(0).map(|row| row.value(column).clone());
    equal("whole", value("whole"), Some(Value::Integer(2)))?;
    equal("fraction", value("fraction"), Some(Value::Real(2.5)))?;
    equal("a comparison", value("yes"), Some(Value::Integer(1)))?;
    equal("an average", value("mean"), Some(Value::Integer(1)))
}

/// A document of 1.5 MB.
pub async fn a_large_blob_comes_back_the_same<P: Platform>(platform: &P) -> Outcome {
    let scratch = Scratch::new(platform).await?;
    // A prime period, so that a lost or doubled block shows.
    let bytes: Vec<u8> = (0_u8..=250).cycle().take(LARGE_BYTES).collect();
    platform
        .batch(vec![scratch.insert_all(
            "a",
            Value::Null,
            Value::Null,
            bytes.clone(),
        )])
        .await?;
    let rows = scratch.rows().await?;
    let got = rows.first().and_then(|row| row.blob("bytes"));
    equal("its length", got.map(<[u8]>::len), Some(LARGE_BYTES))?;
    holds("its bytes", got == Some(bytes.as_slice()))
}

/// A text of 1.5 MB.
pub async fn a_large_text_comes_back_the_same<P: Platform>(platform: &P) -> Outcome {
    let scratch = Scratch::new(platform).await?;
    let text = "zwölf 十二 ".repeat(LARGE_BYTES / "zwölf 十二 ".len());
    platform
        .batch(vec![scratch.insert_all(
            "a",
            text.as_str(),
            Value::Null,
            Value::Null,
        )])
        .await?;
    let rows = scratch.rows().await?;
    let got = rows.first().and_then(|row| row.text("label"));
    equal("its length", got.map(str::len), Some(text.len()))?;
    holds("its bytes", got == Some(text.as_str()))
}

/// Numbered placeholders may repeat and come in any order.
pub async fn a_parameter_can_be_used_twice<P: Platform>(platform: &P) -> Outcome {
    let select = "SELECT ?2 || ?1 || ?2 AS joined";
    let answer = platform
        .batch(vec![Statement::new(select, ["a".into(), "b".into()])])
        .await?;
    let joined = answer.first(0).and_then(|row| row.text("joined"));
    equal("joined", joined, Some("bab"))
}

/// The clock gives a time of this century, and does not go back.
pub async fn the_clock_is_in_milliseconds<P: Platform>(platform: &P) -> Outcome {
    let before = platform.now();
    holds("a plausible time", PLAUSIBLE.contains(&before))?;
    holds("no step back", platform.now() >= before)
}

/// Two draws of 16 bytes are not the same, and not nothing.
pub async fn random_bytes_differ<P: Platform>(platform: &P) -> Outcome {
    let (first, second) = (platform.random(), platform.random());
    holds("two draws", first != second)?;
    holds("not nothing", first != [0; 16] && second != [0; 16])
}
