//! The procedures that the measure names itself, outside any value set.
//!
//! They are CPT, which is the American Medical Association's and is not shipped: here are only fingerprints, by which a code that
//! comes in is recognised.

use crate::crypto::sha256_hex;

const CPT: &str = "http://www.ama-assn.org/go/cpt";

/// The first 64 bits of the SHA-256 of `system|code`, in hexadecimal, of each `code` that the measure's library declares.
const FINGERPRINTS: &[&str] = &[
    "5b06b7146ef737fa",
    "815fdd73db192d0f",
    "9bea7e124a152532",
    "af5831e9ac4f7cc3",
    "89911b2eb9d496a1",
];

/// Whether the measure names a procedure's code itself.
pub(super) fn is_named(system: &str, code: &str) -> bool {
    if system != CPT {
        return false;
    }
    let hash = sha256_hex(&[system.as_bytes(), b"|", code.as_bytes()]);
    FINGERPRINTS.iter().any(|known| hash.starts_with(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_codes_are_recognised_as_the_measure_names_and_only_of_their_system() {
        let codes = (0..100_000).map(|number| format!("{number:05}"));
        let named: Vec<String> = codes.filter(|code| is_named(CPT, code)).collect();
        assert_eq!(named.len(), FINGERPRINTS.len());
        assert!(
            !named
                .iter()
                .any(|code| is_named("http://snomed.info/sct", code))
        );
    }
}
