//! The message as segments, fields, repetitions, components and subcomponents (HL7 v2 chapter 2, message construction).
//!
//! One pass finds the segments and their fields; what is inside a field is split when it is read. A token is a slice of the
//! text: the memory is 16 bytes a field beside it. Nothing is refused for being unknown.

use crate::hl7::charset::Charset;
use crate::hl7::escape;
use crate::hl7::faults;
use crate::hl7::steps;
use crate::said::Fault;

/// Segments of one message; ours: a letter of a thousand lines in one OBX each fits several times.
pub const SEGMENTS_MAX: usize = 10_000;
/// Fields of one segment; ours: the longest of the standard, OBR, PV1 and IN1, have about 55.
pub const FIELDS_MAX: usize = 500;
/// Repetitions of one field, and components of a component, that are read; ours.
pub const PARTS_MAX: usize = 500;

/// The characters that separate, from MSH-1 and MSH-2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Separators {
    /// Between fields.
    pub field: char,
    /// Between components.
    pub component: char,
    /// Between repetitions; a message may declare none of the following.
    pub repetition: Option<char>,
    /// Around an escape sequence.
    pub escape: Option<char>,
    /// Between subcomponents.
    pub subcomponent: Option<char>,
    /// After a truncated value, since 2.7.
    pub truncation: Option<char>,
}

impl Separators {
    /// What is recommended, and written.
    pub const USUAL: Self = Self {
        field: '|',
        component: '^',
        repetition: Some('~'),
        escape: Some('\\'),
        subcomponent: Some('&'),
        truncation: None,
    };

    /// Reads them off the first bytes of a message.
    ///
    /// # Errors
    /// A fault where there is no MSH, or where two are the same or one is a letter, a digit or no printable ASCII.
    pub fn read(text: &[u8]) -> Result<Self, Fault> {
        let Some(rest) = text.strip_prefix(b"MSH") else {
            return Err(faults::of(
                "MSH",
                faults::SEGMENT,
                "a message begins with MSH",
            ));
        };
        let mut bytes = rest.iter().copied();
        let field = bytes.next().and_then(legal);
        let mut others = bytes
            .take_while(|byte| Some(char::from(*byte)) != field && *byte != b'\r' && *byte != b'\n')
            .take(6)
            .map(legal);
        let component = others.next().flatten();
        let rest: Vec<Option<char>> = others.collect();
        let (Some(field), Some(component)) = (field, component) else {
            return Err(illegal());
        };
        let mut all = vec![field, component];
        for separator in &rest {
            match separator {
                Some(one) if !all.contains(one) => all.push(*one),
                _ => return Err(illegal()),
            }
        }
        if all.len() > 6 || field == component {
            return Err(illegal());
        }
        let at = |index: usize| rest.get(index).copied().flatten();
        Ok(Self {
            field,
            component,
            repetition: at(0),
            escape: at(1),
            subcomponent: at(2),
            truncation: at(3),
        })
    }
}

fn legal(byte: u8) -> Option<char> {
    byte.is_ascii_punctuation().then(|| char::from(byte))
}

fn illegal() -> Fault {
    faults::of(
        "MSH-2",
        faults::DATA_TYPE,
        "the separators are different ASCII punctuation: field, component, repetition, escape, subcomponent, truncation",
    )
}

/// A message in tokens.
#[derive(Debug, Clone)]
pub struct Tokens<'a> {
    /// Its separators.
    pub separators: Separators,
    charset: Charset,
    segments: Vec<Segment<'a>>,
}

/// A segment: its name and its fields, as they stand.
#[derive(Debug, Clone)]
pub struct Segment<'a> {
    name: &'a str,
    text: &'a str,
    number: usize,
    fields: Vec<&'a str>,
    separators: Separators,
    charset: Charset,
}

/// A field, a repetition, a component or a subcomponent; empty where the message has none.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    raw: &'a str,
    separators: Separators,
    charset: Charset,
}

impl<'a> Tokens<'a> {
    /// Splits a text.
    ///
    /// # Errors
    /// Faults of separators, of lines that are no segment, and of limits.
    pub fn read(text: &'a str, charset: Charset) -> Result<Self, Fault> {
        steps::count(text.len());
        let separators = Separators::read(text.as_bytes())?;
        let mut segments: Vec<Segment<'a>> = Vec::new();
        let mut seen: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
        for line in text
            .split(['\r', '\n'])
            .filter(|line| !line.trim().is_empty())
        {
            if segments.len() >= SEGMENTS_MAX {
                return Err(limit(line_at(segments.len()), "segments", SEGMENTS_MAX));
            }
            let name = segment_name(line, separators.field)
                .ok_or_else(|| not_a_segment(segments.len()))?;
            let number = seen.entry(name).or_default();
            *number += 1;
            segments.push(Segment::read(line, name, *number, separators, charset)?);
        }
        if segments.iter().filter(|one| one.name == "MSH").count() > 1 {
            return Err(faults::of(
                "MSH[2]",
                faults::SEGMENT,
                "one message at a time",
            ));
        }
        Ok(Self {
            separators,
            charset,
            segments,
        })
    }

    /// Every segment, in order.
    #[must_use]
    pub fn segments(&self) -> &[Segment<'a>] {
        &self.segments
    }

    /// The first segment of a name.
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&Segment<'a>> {
        self.segments.iter().find(|one| one.name == name)
    }

    /// A field of the first segment of a name; an empty one where there is none.
    #[must_use]
    pub fn field(&self, name: &str, number: usize) -> Part<'a> {
        self.first(name).map_or(
            Part {
                raw: "",
                separators: self.separators,
                charset: self.charset,
            },
            |segment| segment.field(number),
        )
    }
}

/// Three characters and then a separator or the end: no line of a letter that was broken in two.
fn segment_name(line: &str, field: char) -> Option<&str> {
    let name = line.get(..3)?;
    let is_name = name
        .bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && name.starts_with(|first: char| first.is_ascii_uppercase());
    let rest = line.get(3..)?;
    (is_name && (rest.trim().is_empty() || rest.starts_with(field))).then_some(name)
}

fn line_at(index: usize) -> String {
    format!("segment {}", index.saturating_add(1))
}

fn not_a_segment(index: usize) -> Fault {
    faults::of(
        line_at(index),
        faults::SEGMENT,
        "a segment begins with its three-character name and a field separator; a line break inside a value is \\.br\\",
    )
}

fn limit(at: String, what: &str, max: usize) -> Fault {
    faults::of(at, faults::LIMIT, format!("more than {max} {what}"))
}

impl<'a> Segment<'a> {
    fn read(
        line: &'a str,
        name: &'a str,
        number: usize,
        separators: Separators,
        charset: Charset,
    ) -> Result<Self, Fault> {
        let fields: Vec<&str> = line.split(separators.field).take(FIELDS_MAX + 2).collect();
        if fields.len() > FIELDS_MAX + 1 {
            return Err(limit(format!("{name}[{number}]"), "fields", FIELDS_MAX));
        }
        Ok(Self {
            name,
            text: line,
            number,
            fields,
            separators,
            charset,
        })
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// The whole line, as it came.
    #[must_use]
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// A field by its number; MSH-1 is the separator itself and so MSH-2 the first that is split off.
    #[must_use]
    pub fn field(&self, number: usize) -> Part<'a> {
        let index = if self.name == "MSH" {
            number.saturating_sub(1)
        } else {
            number
        };
        let raw = if index == 0 {
            ""
        } else {
            self.fields.get(index).copied().unwrap_or("")
        };
        Part {
            raw,
            separators: self.separators,
            charset: self.charset,
        }
    }

    /// Where a field stands: `PID-7`, `OBX[2]-5`.
    #[must_use]
    pub fn at(&self, field: usize) -> String {
        if self.number > 1 {
            format!("{}[{}]-{field}", self.name, self.number)
        } else {
            format!("{}-{field}", self.name)
        }
    }
}

impl<'a> Part<'a> {
    fn of(self, raw: &'a str) -> Self {
        Self { raw, ..self }
    }

    fn nth(self, separator: Option<char>, number: usize) -> Self {
        steps::count(self.raw.len());
        let part = match separator {
            Some(one) => self.raw.split(one).nth(number.saturating_sub(1)),
            None if number == 1 => Some(self.raw),
            None => None,
        };
        self.of(part.unwrap_or(""))
    }

    /// As it stands.
    #[must_use]
    pub fn raw(self) -> &'a str {
        self.raw
    }

    /// Every repetition that is not empty.
    pub fn repetitions(self) -> impl Iterator<Item = Self> {
        steps::count(self.raw.len());
        // A separator that no text has where the message declares none.
        let separator = self.separators.repetition.unwrap_or('\u{0}');
        self.raw
            .split(separator)
            .take(PARTS_MAX)
            .filter(|one| !one.is_empty())
            .map(move |raw| self.of(raw))
    }

    /// The first repetition.
    #[must_use]
    pub fn first(self) -> Self {
        self.nth(self.separators.repetition, 1)
    }

    /// A component by its number, of the first repetition.
    #[must_use]
    pub fn component(self, number: usize) -> Self {
        self.first().nth(Some(self.separators.component), number)
    }

    /// Every component, of the first repetition.
    pub fn components(self) -> impl Iterator<Item = Self> {
        let first = self.first();
        first
            .raw
            .split(self.separators.component)
            .take(PARTS_MAX)
            .map(move |raw| self.of(raw))
    }

    /// A subcomponent by its number.
    #[must_use]
    pub fn subcomponent(self, number: usize) -> Self {
        self.nth(self.separators.subcomponent, number)
    }

    /// The text, unescaped and trimmed; nothing where it is empty or HL7's null (`""`).
    #[must_use]
    pub fn text(self) -> Option<String> {
        steps::count(self.raw.len());
        if self.is_empty() {
            return None;
        }
        let text = escape::decode(self.raw, self.separators, self.charset);
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The text of the first subcomponent of the first component: what most fields are read by.
    #[must_use]
    pub fn value(self) -> Option<String> {
        self.component(1).subcomponent(1).text()
    }

    /// The text of a component's first subcomponent.
    #[must_use]
    pub fn part(self, component: usize) -> Option<String> {
        self.component(component).subcomponent(1).text()
    }

    /// Whether there is nothing, or HL7's null.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.raw.is_empty() || self.raw == "\"\""
    }
}
