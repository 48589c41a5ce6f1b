//! Content that is carried and shown, never interpreted.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::request::Free;

/// By hand, because serde's untagged enums buffer every value first, which costs size and time.
impl<'de> Deserialize<'de> for Free {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FreeVisitor)
    }
}

struct FreeVisitor;

impl<'de> Visitor<'de> for FreeVisitor {
    type Value = Free;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON value")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Free, E> {
        Ok(Free::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Free, E> {
        Ok(Free::Integer(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Free, E> {
        #[allow(
            clippy::cast_precision_loss,
            reason = "JSON numbers beyond an i64 are doubles to most readers"
        )]
        Ok(i64::try_from(number).map_or(Free::Number(number as f64), Free::Integer))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Free, E> {
        Ok(Free::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Free, E> {
        Ok(Free::Text(text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Free, E> {
        Ok(Free::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Free, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element()? {
            items.push(item);
        }
        Ok(Free::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Free, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, value)) = map.next_entry()? {
            members.insert(name, value);
        }
        Ok(Free::Object(members))
    }
}
