//! A letter's link as a QR code (ISO/IEC 18004), drawn as SVG: a phone opens what nobody types from paper.
//!
//! Invariant: the code that opens the link is not in it.

use std::fmt::Write;

use qrcodegen::{QrCode, QrCodeEcc, QrSegment};

/// Modules of white around it, without which scanners do not find it (ISO/IEC 18004, 6.3.8).
const QUIET: i32 = 4;

/// The picture of a link; `None` where it is longer than any such code holds: 2,331 bytes.
///
/// Of medium error correction: a fold or a stamp over 15% of it does no harm.
pub(super) fn svg(link: &str) -> Option<String> {
    // As bytes: our links have lower-case letters, which no denser mode takes.
    let segment = QrSegment::make_bytes(link.as_bytes());
    let code = QrCode::encode_segments(&[segment], QrCodeEcc::Medium).ok()?;
    let size = code.size();
    let mut path = String::new();
    for y in 0..size {
        let mut x = 0;
        while x < size {
            let is_dark = code.get_module(x, y);
            let end = (x..size)
                .find(|next| code.get_module(*next, y) != is_dark)
                .unwrap_or(size);
            if is_dark {
                write!(path, "M{x} {y}h{}v1H{x}z", end - x).ok()?;
            }
            x = end;
        }
    }
    let whole = size + 2 * QUIET;
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-{QUIET} -{QUIET} {whole} {whole}\" shape-rendering=\"crispEdges\">\
<path fill=\"#fff\" d=\"M-{QUIET}-{QUIET}h{whole}v{whole}h-{whole}z\"/><path d=\"{path}\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_link_is_drawn_within_what_the_answer_may_hold() {
        // A host name has at most 253 characters (RFC 1035).
        let link = format!(
            "https://{}/worklist/pages/letter#{}",
            "a".repeat(253),
            "A".repeat(43)
        );
        let picture = svg(&link).unwrap();
        assert!(
            picture.len() <= super::super::QR_CHARS_MAX,
            "{}",
            picture.len()
        );
        assert_eq!(svg(&"a".repeat(3_000)), None);
    }

    #[test]
    fn a_code_has_the_marks_that_scanners_look_for() {
        // Version 6 has 41 modules a side; its first row begins and ends with the edge of a finder pattern.
        let picture = svg(&format!(
            "http://127.0.0.1:8787/worklist/pages/letter#{}",
            "A".repeat(43)
        ))
        .unwrap();
        assert!(picture.contains("viewBox=\"-4 -4 49 49\""), "{picture}");
        assert!(picture.contains("<path d=\"M0 0h7v1H0z") && picture.contains("M34 0h7v1H34z"));
    }
}
