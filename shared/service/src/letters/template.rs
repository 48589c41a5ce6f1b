//! A wording with placeholders: checked when it is saved, filled when it is shown.
//!
//! Paragraphs are separated by empty lines; one that begins with `# ` is a heading. `{name}` is a placeholder. That is all: no
//! condition, no loop, no markup, so that nobody who words a letter can break it, or a page. Ours, because the engines that take texts
//! at run time bring an expression language and its parser into two functions, and what they can more is what a wording must not.
//!
//! Invariant: a text is cut into paragraphs before it is filled, so that no value makes a heading or a placeholder; what is filled
//! is text, and the page that shows it escapes it.

use super::{Placeholder, Wording, words};
use crate::http::Fault;

/// The most characters of a wording: four printed pages.
pub(crate) const TEXT_CHARS_MAX: usize = 12_000;

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Filled {
    /// Text.
    Text(String),
    /// What a line begins with before a placeholder, up to a colon: it names what follows.
    Label(String),
    /// What is known only when the letter is made: the page puts it there. Its name, and what stands there before.
    Later(&'static str, &'static str),
}

/// A paragraph or a heading, filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    /// Whether it is a heading.
    pub(crate) is_heading: bool,
    /// Its lines.
    pub(crate) lines: Vec<Vec<Filled>>,
}

/// A piece of a wording.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Name(&'a str),
    /// A brace without its other one.
    Stray,
}

/// The pieces of a text, in their order.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, brace) = rest.split_at(at);
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        let name = brace
            .strip_prefix('{')
            .and_then(|inside| inside.split_once('}'))
            .filter(|(name, _)| !name.contains(['{', '\n']));
        rest = match name {
            Some((name, after)) => {
                pieces.push(Piece::Name(name));
                after
            }
            None => {
                pieces.push(Piece::Stray);
                brace.get(1..).unwrap_or_default()
            }
        };
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

/// Everything that is wrong with a wording, at `/text`.
pub(crate) fn faults(wording: Wording, text: &str) -> Vec<Fault> {
    if wording == Wording::Words {
        return words::faults(text);
    }
    let known = wording.placeholders();
    let pieces = pieces(text);
    let mut faults = Vec::new();
    let mut fault = |code, detail: String| faults.push(Fault::at("/text", code, detail));
    if pieces.contains(&Piece::Stray) {
        fault(
            "stray-brace",
            "must have a name between { and }, and no other braces".to_owned(),
        );
    }
    // A name of ours is repeated; one that was sent is not, for it may be anything.
    for piece in &pieces {
        if let Piece::Name(name) = piece
            && !known.iter().any(|known| known.name == *name)
        {
            let names: Vec<_> = known.iter().map(|known| known.name).collect();
            fault(
                "unknown-placeholder",
                format!("must have no placeholder but {}", names.join(", ")),
            );
            break;
        }
    }
    for Placeholder { name, .. } in known.iter().filter(|known| known.mandatory) {
        if !pieces.contains(&Piece::Name(name)) {
            fault("missing-placeholder", format!("must have {{{name}}}"));
        }
    }
    faults
}

/// Fills a wording.
pub(crate) fn fill(text: &str, value: impl Fn(&str) -> Filled) -> Vec<Block> {
    let text = text.replace("\r\n", "\n");
    text.split("\n\n")
        .map(str::trim)
        .filter(|block| !block.is_empty())
        .map(|block| {
            let (is_heading, block) = match block.strip_prefix("# ") {
                Some(heading) => (true, heading),
                None => (false, block),
            };
            let lines = block.lines().flat_map(|line| lines(line, &value)).collect();
            Block { is_heading, lines }
        })
        .collect()
}

/// A line of a wording, filled: a value of several lines makes several.
fn lines(line: &str, value: &impl Fn(&str) -> Filled) -> Vec<Vec<Filled>> {
    let mut lines = Vec::new();
    let mut open = Vec::new();
    for (number, piece) in pieces(line).into_iter().enumerate() {
        let filled = match piece {
            Piece::Text(text) if number == 0 && text.trim_end().ends_with([':', '：']) => {
                Filled::Label(text.to_owned())
            }
            Piece::Text(text) => Filled::Text(text.to_owned()),
            Piece::Name(name) => value(name),
            Piece::Stray => continue,
        };
        let Filled::Text(text) = filled else {
            open.push(filled);
            continue;
        };
        let mut parts = text.lines();
        open.extend(parts.next().map(|part| Filled::Text(part.to_owned())));
        for part in parts {
            lines.push(std::mem::take(&mut open));
            open.push(Filled::Text(part.to_owned()));
        }
    }
    lines.push(open);
    lines
}

/// The text of a filled wording, as a preview shows it.
pub(crate) fn to_text(blocks: &[Block]) -> String {
    let blocks = blocks.iter().map(|block| {
        let lines = block.lines.iter().map(|line| {
            let pieces = line.iter().map(|piece| match piece {
                Filled::Text(text) | Filled::Label(text) => text.as_str(),
                Filled::Later(_, until_then) => until_then,
            });
            pieces.collect::<String>()
        });
        let text = lines.collect::<Vec<_>>().join("\n");
        if block.is_heading {
            format!("# {text}")
        } else {
            text
        }
    });
    blocks.collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> String {
        to_text(&fill(text, |name| match name {
            "link" => Filled::Later("link", "(link)"),
            "two" => Filled::Text("one\ntwo".to_owned()),
            "evil" => Filled::Text("# x\n\n{two} <b>".to_owned()),
            _ => Filled::Text(format!("<{name}>")),
        }))
    }

    #[test]
    fn a_text_is_filled_paragraph_by_paragraph() {
        assert_eq!(
            filled("# To {a}\r\n\r\n\nb {two} c\n{link}.\n"),
            "# To <a>\n\nb one\ntwo c\n(link)."
        );
    }

    #[test]
    fn no_value_makes_a_heading_a_paragraph_or_a_placeholder() {
        let blocks = fill("{evil}", |_| Filled::Text("# x\n\n{two}".to_owned()));
        assert_eq!(blocks.len(), 1);
        assert!(!blocks[0].is_heading);
        assert_eq!(filled("{evil}"), "# x\n\n{two} <b>");
    }

    #[test]
    fn what_stands_before_a_colon_names_what_follows_in_its_line() {
        let label = |text: &str| {
            let blocks = fill(text, |_| Filled::Text("x: y".to_owned()));
            let pieces = blocks.into_iter().flat_map(|block| block.lines).flatten();
            let labels = pieces.filter_map(|piece| match piece {
                Filled::Label(text) => Some(text),
                _ => None,
            });
            labels.collect::<Vec<_>>()
        };
        assert_eq!(
            label("Reason: {a}\nAllergies :{b}"),
            ["Reason: ", "Allergies :"]
        );
        for none in ["a {b}: {c}", "{a}", "Reason {a}"] {
            assert!(label(none).is_empty(), "{none}");
        }
    }

    #[test]
    fn every_fault_of_a_text_is_told_at_once() {
        let codes = |text: &str| -> Vec<&str> {
            faults(Wording::Code, text)
                .into_iter()
                .map(|fault| fault.code)
                .collect()
        };
        assert_eq!(codes("{code} {recipient} {referrer}"), Vec::<&str>::new());
        assert_eq!(
            codes("{ {link} {code} {recipient}"),
            ["stray-brace", "unknown-placeholder", "missing-placeholder"]
        );
        for stray in ["{", "}", "{a\n}", "}{"] {
            assert!(
                codes(&format!("{{code}} {{recipient}} {{referrer}} {stray}"))
                    .contains(&"stray-brace"),
                "{stray}"
            );
        }
    }

    #[test]
    fn the_letter_must_have_each_of_the_ten_items() {
        let missing = faults(Wording::Letter, "");
        assert_eq!(
            missing.len(),
            Wording::Letter
                .placeholders()
                .iter()
                .filter(|known| known.mandatory)
                .count()
        );
        for item in domain::completeness::Item::ALL {
            let name = match item.as_str() {
                "coded-reason" => "reason".to_owned(),
                other => other.replace('-', "_"),
            };
            assert!(
                missing
                    .iter()
                    .any(|fault| fault.detail.contains(&format!("{{{name}}}"))),
                "{name}"
            );
        }
    }
}
