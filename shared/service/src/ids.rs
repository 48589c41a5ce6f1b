//! Ids: a readable prefix and a ULID, 48 bits of time and 80 of randomness in Crockford's base 32.
//!
//! They sort by when they were made, are safe in URLs and as FHIR ids, and nobody can guess one. Clock and randomness are
//! arguments: libraries that make ids read the clock themselves, which panics on Workers.

use ports::Platform;

/// Crockford's alphabet in lower case: no i, l, o, u.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Characters of a ULID.
const ULID_CHARS: u32 = 26;

/// A new id, such as `key-01j9zk3v8w7x2m4n6p8q0r2t4y`.
pub fn new_id<P: Platform>(prefix: &str, platform: &P) -> String {
    format!("{prefix}-{}", ulid(platform.now(), platform.random()))
}

/// The part of an event's id after the referral's: 80 bits that nobody can guess.
pub fn suffix<P: Platform>(platform: &P) -> String {
    ulid(0, platform.random()).split_off(10)
}

/// A version 4 UUID (RFC 9562): what `urn:uuid:` takes.
pub fn uuid<P: Platform>(platform: &P) -> String {
    let number = u128::from_be_bytes(platform.random());
    let versioned = (number & !(0xf << 76)) | (0x4 << 76);
    let number = (versioned & !(0x3 << 62)) | (0x2 << 62);
    let digits = format!("{number:032x}");
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    [
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32),
    ]
    .join("-")
}

/// The ULID of a time and of the first ten of some random bytes.
fn ulid(unix_milliseconds: i64, random: [u8; 16]) -> String {
    const RANDOM_BITS: u32 = 80;
    const TIME_MAX: u128 = (1 << 48) - 1;
    let time = u128::from(unix_milliseconds.unsigned_abs()) & TIME_MAX;
    let number =
        (time << RANDOM_BITS) | (u128::from_be_bytes(random) >> (u128::BITS - RANDOM_BITS));
    (0..ULID_CHARS)
        .rev()
        .filter_map(|place| {
            let digit = usize::try_from((number >> (place * 5)) & 31).ok()?;
            ALPHABET.get(digit).map(|byte| char::from(*byte))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ulid_has_its_bounds() {
        assert_eq!(ulid(0, [0; 16]), "0".repeat(26));
        assert_eq!(
            ulid((1 << 48) - 1, [255; 16]),
            format!("7{}", "z".repeat(25))
        );
    }

    #[test]
    fn a_ulid_is_the_one_of_the_specification() {
        // 01ARZ3NDEKTSV4RRFFQ69G5FAV, the specification's own example, is of this time.
        assert!(ulid(1_469_922_850_259, [7; 16]).starts_with("01arz3ndek"));
    }

    #[test]
    fn ids_sort_by_time() {
        assert!(ulid(1_000, [255; 16]) < ulid(1_001, [0; 16]));
    }
}
