//! The character sets of MSH-18 (table 0211) that are read: UTF-8, ASCII within it, and Latin 1 and 9.
//!
//! Others are a fault: read with the wrong one, a name or a dose would be another.

use crate::hl7::faults;
use crate::said::Fault;

/// How the bytes of a message are its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8; where MSH-18 is empty as well.
    Utf8,
    /// ISO 8859-1.
    Latin1,
    /// ISO 8859-15: Latin 1 with the euro sign and seven letters.
    Latin9,
}

/// The bytes of ISO 8859-15 that are not those of ISO 8859-1.
const LATIN9: [(u8, char); 8] = [
    (0xA4, '€'),
    (0xA6, 'Š'),
    (0xA8, 'š'),
    (0xB4, 'Ž'),
    (0xB8, 'ž'),
    (0xBC, 'Œ'),
    (0xBD, 'œ'),
    (0xBE, 'Ÿ'),
];

impl Charset {
    /// The character set with this code of table 0211.
    ///
    /// # Errors
    /// A fault at MSH-18 for a set that is not read.
    pub fn parse(code: &str) -> Result<Self, Fault> {
        match code.trim() {
            "" | "ASCII" | "UNICODE UTF-8" | "UTF-8" => Ok(Self::Utf8),
            "8859/1" => Ok(Self::Latin1),
            "8859/15" => Ok(Self::Latin9),
            _ => Err(faults::of(
                "MSH-18",
                faults::CHARSET,
                "this character set is not read: send ASCII, UNICODE UTF-8, 8859/1 or 8859/15",
            )),
        }
    }

    /// The text of `bytes`; nothing where they are none in this set.
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> Option<String> {
        match self {
            Self::Utf8 => std::str::from_utf8(bytes).ok().map(str::to_owned),
            Self::Latin1 => Some(bytes.iter().copied().map(char::from).collect()),
            Self::Latin9 => Some(bytes.iter().copied().map(latin9).collect()),
        }
    }
}

fn latin9(byte: u8) -> char {
    LATIN9
        .iter()
        .find(|(code, _)| *code == byte)
        .map_or(char::from(byte), |(_, letter)| *letter)
}
