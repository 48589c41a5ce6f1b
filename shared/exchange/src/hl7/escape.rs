//! Escape sequences, both ways (HL7 v2 chapter 2, use of escape sequences in text fields).
//!
//! What is no sequence of the standard is text, and stays as it stands: a path of Windows is not cut to pieces.

use crate::hl7::charset::Charset;
use crate::hl7::tokens::Separators;

/// Lines that `\.sp<n>\` may skip, or columns; ours, because a number in a message is no licence to fill the memory.
const SKIP_MAX: usize = 20;

/// The text of a raw value.
#[must_use]
pub fn decode(raw: &str, separators: Separators, charset: Charset) -> String {
    let Some(escape) = separators.escape else {
        return raw.to_owned();
    };
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once(escape) {
        text.push_str(before);
        let Some((sequence, following)) = after.split_once(escape) else {
            text.push(escape);
            rest = after;
            // Without a second one there is no sequence in what is left.
            break;
        };
        if put(sequence, &mut text, separators, charset) {
            rest = following;
        } else {
            // Not a sequence: its second escape character may begin one.
            text.push(escape);
            text.push_str(sequence);
            rest = after.get(sequence.len()..).unwrap_or("");
        }
    }
    text.push_str(rest);
    text
}

/// Writes what `sequence` stands for; false where it is none.
fn put(sequence: &str, text: &mut String, separators: Separators, charset: Charset) -> bool {
    let separator = match sequence {
        "F" => Some(separators.field),
        "S" => Some(separators.component),
        "T" => Some(separators.subcomponent.unwrap_or('&')),
        "R" => Some(separators.repetition.unwrap_or('~')),
        "E" => separators.escape,
        "P" => Some(separators.truncation.unwrap_or('#')),
        ".br" | ".ce" => Some('\n'),
        _ => None,
    };
    if let Some(separator) = separator {
        text.push(separator);
        return true;
    }
    // Highlighting and the layout of a printer: the text around them is what counts.
    if matches!(sequence, "H" | "N" | ".fi" | ".nf")
        || is_layout(sequence, ".in")
        || is_layout(sequence, ".ti")
    {
        return true;
    }
    if let Some(count) = counted(sequence, ".sp") {
        text.extend(std::iter::repeat_n('\n', count));
        return true;
    }
    if let Some(count) = counted(sequence, ".sk") {
        text.extend(std::iter::repeat_n(' ', count));
        return true;
    }
    sequence
        .strip_prefix('X')
        .and_then(hexadecimal)
        .and_then(|bytes| charset.decode(&bytes))
        .is_some_and(|decoded| {
            text.push_str(&decoded);
            true
        })
}

fn is_layout(sequence: &str, command: &str) -> bool {
    sequence.strip_prefix(command).is_some_and(|number| {
        number
            .trim_start_matches(['+', '-', ' '])
            .parse::<u16>()
            .is_ok()
    })
}

fn counted(sequence: &str, command: &str) -> Option<usize> {
    let number = sequence.strip_prefix(command)?.trim();
    let count = if number.is_empty() {
        1
    } else {
        number.trim_start_matches('+').parse().ok()?
    };
    Some(count.min(SKIP_MAX))
}

fn hexadecimal(digits: &str) -> Option<Vec<u8>> {
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return None;
    }
    digits
        .as_bytes()
        .chunks(2)
        .map(|pair| {
            let pair = std::str::from_utf8(pair).ok()?;
            u8::from_str_radix(pair, 16).ok()
        })
        .collect()
}

/// A text as it may stand in a message with [`Separators::USUAL`].
#[must_use]
pub fn encode(text: &str) -> String {
    let mut raw = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '|' => raw.push_str("\\F\\"),
            '^' => raw.push_str("\\S\\"),
            '&' => raw.push_str("\\T\\"),
            '~' => raw.push_str("\\R\\"),
            '\\' => raw.push_str("\\E\\"),
            '\r' => {
                letters.next_if_eq(&'\n');
                raw.push_str("\\.br\\");
            }
            '\n' => raw.push_str("\\.br\\"),
            // MLLP's framing and other controls would end or spoil the message.
            control if (control as u32) < 0x20 || control == '\u{7f}' => {
                raw.push_str(&format!("\\X{:02X}\\", control as u32));
            }
            other => raw.push(other),
        }
    }
    // A text that is HL7's null would be read as none.
    if raw == "\"\"" {
        "\\X22\\\"".to_owned()
    } else {
        raw
    }
}

/// A segment in other separators, rewritten with [`Separators::USUAL`], for an answer that repeats it.
#[must_use]
pub fn transcribe(segment: &str, from: Separators) -> String {
    if from == Separators::USUAL {
        return segment.to_owned();
    }
    let mut out = String::with_capacity(segment.len());
    for letter in segment.chars() {
        match letter {
            one if one == from.field => out.push('|'),
            one if one == from.component => out.push('^'),
            one if Some(one) == from.repetition => out.push('~'),
            one if Some(one) == from.escape => out.push('\\'),
            one if Some(one) == from.subcomponent => out.push('&'),
            '|' => out.push_str("\\F\\"),
            '^' => out.push_str("\\S\\"),
            '~' => out.push_str("\\R\\"),
            '\\' => out.push_str("\\E\\"),
            '&' => out.push_str("\\T\\"),
            other => out.push(other),
        }
    }
    out
}
