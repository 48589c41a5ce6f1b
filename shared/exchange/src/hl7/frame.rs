//! From bytes to tokens: MLLP framing, a byte order mark, the character set.

use crate::hl7::charset::Charset;
use crate::hl7::escape;
use crate::hl7::faults;
use crate::hl7::header::Header;
use crate::hl7::steps;
use crate::hl7::tokens::{Separators, Tokens};
use crate::said::Fault;

const START_OF_BLOCK: u8 = 0x0B;
const END_OF_BLOCK: u8 = 0x1C;
const BYTE_ORDER_MARK: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// The message without MLLP's framing (0x0B before, 0x1C 0x0D after), a byte order mark and white space around it: two copies
/// that differ only in these are one message.
#[must_use]
pub fn unframed(bytes: &[u8]) -> &[u8] {
    let is_around =
        |byte: u8| byte.is_ascii_whitespace() || matches!(byte, START_OF_BLOCK | END_OF_BLOCK | 0);
    let mut inner = bytes;
    loop {
        inner = match inner {
            [first, rest @ ..] if is_around(*first) => rest,
            [rest @ .., last] if is_around(*last) => rest,
            _ => match inner.strip_prefix(&BYTE_ORDER_MARK) {
                Some(rest) => rest,
                None => return inner,
            },
        };
    }
}

/// The message without what differs when an engine sends it again (MSH-7, 10 and 13), with the usual separators and ends of
/// lines: equal for two copies of one content. Nothing where it cannot be read.
#[must_use]
pub fn content(bytes: &[u8]) -> Option<String> {
    let lines = |tokens: &Tokens<'_>| {
        let mut text = String::new();
        for segment in tokens.segments() {
            if segment.name() == "MSH" {
                let fields = segment
                    .text()
                    .split(tokens.separators.field)
                    .enumerate()
                    .skip(2);
                for (index, field) in fields {
                    // MSH-1 is the separator itself: the field at an index is the next in number.
                    let is_of_the_copy = matches!(index + 1, 7 | 10 | 13);
                    text.push('|');
                    text.push_str(&escape::transcribe(
                        if is_of_the_copy { "" } else { field },
                        tokens.separators,
                    ));
                }
            } else {
                text.push_str(&escape::transcribe(segment.text(), tokens.separators));
            }
            text.push('\r');
        }
        Ok(text)
    };
    with_tokens(bytes, lines).ok()
}

/// Reads the tokens of `bytes` and what `then` makes of them.
pub(crate) fn with_tokens<T>(
    bytes: &[u8],
    then: impl FnOnce(&Tokens<'_>) -> Result<T, Vec<Fault>>,
) -> Result<T, Vec<Fault>> {
    let bytes = unframed(bytes);
    steps::count(bytes.len());
    let charset = charset_of(bytes)?;
    let text = charset.decode(bytes).ok_or_else(|| not_in(charset))?;
    let tokens = Tokens::read(&text, charset).map_err(|fault| vec![fault])?;
    then(&tokens)
}

/// Reads the header of a message whose other segments, or whose characters, may be beyond reading.
pub(crate) fn header(bytes: &[u8]) -> Result<Header, Vec<Fault>> {
    if let Ok(header) = with_tokens(bytes, Header::read) {
        return Ok(header);
    }
    let text: String = first_line(unframed(bytes))
        .iter()
        .copied()
        .map(char::from)
        .collect();
    let tokens = Tokens::read(&text, Charset::Latin1).map_err(|fault| vec![fault])?;
    Header::read(&tokens)
}

fn not_in(charset: Charset) -> Vec<Fault> {
    let detail = match charset {
        Charset::Utf8 => "the bytes are not UTF-8, and MSH-18 names no other set",
        Charset::Latin1 | Charset::Latin9 => "the bytes are not in this set",
    };
    vec![faults::of("MSH-18", faults::CHARSET, detail)]
}

fn first_line(bytes: &[u8]) -> &[u8] {
    bytes
        .split(|byte| matches!(byte, b'\r' | b'\n'))
        .next()
        .unwrap_or(bytes)
}

/// MSH-18, whose own letters are ASCII in every set that is read.
fn charset_of(bytes: &[u8]) -> Result<Charset, Vec<Fault>> {
    let line = first_line(bytes);
    let separators = Separators::read(line).map_err(|fault| vec![fault])?;
    let text: String = line.iter().copied().map(char::from).collect();
    let code = text
        .split(separators.field)
        .nth(17)
        .and_then(|field| field.split(separators.repetition.unwrap_or('\u{0}')).next())
        .unwrap_or("");
    Charset::parse(code).map_err(|fault| vec![fault])
}
