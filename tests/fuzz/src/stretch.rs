//! A short input made as long as a body may be, by repeating a part of it: what grows faster than its input shows only when it is
//! long.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

/// One input in so many is tried long as well, because that costs as much as a thousand short ones.
const ONE_IN: u64 = 512;
/// How long. The body limit of `/fhir` is 262,144 bytes.
const BYTES: usize = 256 * 1024;

/// A number that is the same for the same bytes, so that what was found is found again; none where they are not chosen.
pub fn chosen(bytes: &[u8]) -> Option<usize> {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    let number = hasher.finish();
    number
        .is_multiple_of(ONE_IN)
        .then(|| usize::try_from(number / ONE_IN % 1_000_000).unwrap_or_default())
}

/// Repeats one of the pieces between `separator`s.
pub fn piece(bytes: &[u8], separator: u8, number: usize) -> Option<Vec<u8>> {
    let pieces: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == separator).collect();
    let at = number % pieces.len().max(1);
    let repeated = pieces.get(at).filter(|piece| !piece.is_empty())?;
    let times = BYTES / repeated.len();
    let long: Vec<&[u8]> = pieces
        .iter()
        .enumerate()
        .flat_map(|(n, piece)| std::iter::repeat_n(*piece, if n == at { times } else { 1 }))
        .collect();
    Some(long.concat())
}

/// Repeats what is in one of the lists.
pub fn list(value: &Value, number: usize) -> Option<Value> {
    let mut long = value.clone();
    let mut lists = Vec::new();
    places(&mut long, &mut lists);
    let at = number % lists.len().max(1);
    let list = lists.into_iter().nth(at)?;
    let bytes = serde_json::to_string(list).ok()?.len();
    let times = (BYTES / bytes.max(1)).min(BYTES / 8);
    let items = list.as_array_mut()?;
    let repeated = std::mem::take(items);
    *items = std::iter::repeat_n(repeated, times).flatten().collect();
    Some(long)
}

fn places<'a>(value: &'a mut Value, lists: &mut Vec<&'a mut Value>) {
    // The lists inside of a list are left out: they grow with it.
    match value {
        Value::Array(items) if !items.is_empty() => lists.push(value),
        Value::Object(members) => {
            for (_, member) in members {
                places(member, lists);
            }
        }
        _ => {}
    }
}
