//! What opens a letter: the token in its link and the code beside it.
//!
//! Both are derived from the key of whoever makes the letter and the letter's id, which is random: the same call answered again
//! (`Idempotency-Key`) shows the same link and code, though nothing of them was kept.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::auth::Credentials;
use crate::crypto::sha256_hex;

/// What a code is made of: digits and capitals that no one takes for another (no 0 O, 1 I L, 2 Z, 5 S, 8 B).
const ALPHABET: &[u8] = b"34679ACDEFGHJKMNPQRTUVWXY";

/// Characters of a code: 37 bits, which are tried five times.
const CODE_CHARS: usize = 8;

/// The token and the code of one letter.
pub(crate) struct Opener {
    /// 256 bits as base64url: what the link's fragment holds.
    pub(crate) token: String,
    /// The code as it is printed, in two halves.
    pub(crate) code: String,
}

impl Opener {
    /// What `maker` gives the letter with this id.
    pub(crate) fn derive(maker: &Credentials, letter: &str) -> Option<Self> {
        let token = URL_SAFE_NO_PAD.encode(maker.derive("letter token", letter)?);
        let random = maker.derive("letter code", letter)?;
        // Four bytes a character: the remainder favours none by more than one in 10^8.
        let characters = random.chunks_exact(4).filter_map(|bytes| {
            let number = bytes
                .iter()
                .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            ALPHABET
                .get(number % ALPHABET.len())
                .map(|byte| char::from(*byte))
        });
        let mut code: String = characters.take(CODE_CHARS).collect();
        code.insert(CODE_CHARS / 2, '-');
        Some(Self { token, code })
    }
}

/// By what a letter is found: the hash of its token.
pub(crate) fn token_hash(token: &str) -> String {
    sha256_hex(&[b"letter token ", token.as_bytes()])
}

/// By what a code is checked. The token is its salt, so that the hash is of no use to who lacks the letter. Case, spaces and
/// hyphens do not count: it is read from paper.
pub(crate) fn code_hash(token: &str, code: &str) -> String {
    let typed: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|character| character.to_ascii_uppercase())
        .collect();
    sha256_hex(&[b"letter code ", token.as_bytes(), b" ", typed.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_has_the_same_link_and_code_for_its_maker_alone() {
        let maker = Credentials::given("rl_one").unwrap();
        let other = Credentials::given("rl_two").unwrap();
        let opener = Opener::derive(&maker, "letter-1").unwrap();
        let again = Opener::derive(&maker, "letter-1").unwrap();
        assert_eq!((&opener.token, &opener.code), (&again.token, &again.code));
        assert_eq!((opener.token.len(), opener.code.len()), (43, 9));
        for different in [(&other, "letter-1"), (&maker, "letter-2")] {
            let different = Opener::derive(different.0, different.1).unwrap();
            assert_ne!(opener.token, different.token);
            assert_ne!(opener.code, different.code);
        }
    }

    #[test]
    fn a_code_is_known_however_it_is_typed() {
        let hash = code_hash("t", "ACDE-3467");
        for typed in ["acde3467", " acde 3467 ", "ACDE–3467"] {
            assert_eq!(code_hash("t", typed), hash, "{typed}");
        }
        assert_ne!(code_hash("t", "ACDE-3469"), hash);
        assert_ne!(code_hash("u", "ACDE-3467"), hash);
    }

    #[test]
    fn no_code_has_a_character_that_is_taken_for_another() {
        let maker = Credentials::given("rl_one").unwrap();
        for number in 0..100 {
            let code = Opener::derive(&maker, &format!("letter-{number}"))
                .unwrap()
                .code;
            assert_eq!(
                code.chars()
                    .filter(|character| "0O1IL2Z5S8B".contains(*character))
                    .count(),
                0
            );
        }
    }
}
