//! SHA-256, and a comparison whose time says nothing of where two values differ.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The SHA-256 digest of the parts, one after the other.
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// The SHA-256 digest of the parts in lower-case hexadecimal.
#[must_use]
pub fn sha256_hex(parts: &[&[u8]]) -> String {
    hex(&sha256(parts))
}

/// Bytes in lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 0x0f])
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}

/// Whether two texts are equal. Both are hashed first, so that their lengths do not show either.
#[must_use]
pub fn equal(one: &str, other: &str) -> bool {
    sha256(&[one.as_bytes()])
        .ct_eq(&sha256(&[other.as_bytes()]))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_that_of_the_standard() {
        // FIPS 180-4, example "abc".
        let want = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_hex(&[b"abc"]), want);
        assert_eq!(sha256_hex(&[b"a", b"", b"bc"]), want);
    }

    #[test]
    fn texts_are_equal_only_as_a_whole() {
        assert!(equal("abc", "abc"));
        assert!(equal("", ""));
        assert!(!equal("abc", "abd"));
        assert!(!equal("abc", "ab"));
    }
}
