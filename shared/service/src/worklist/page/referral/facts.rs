//! What is known, as lines with a name: a member of the stored JSON in a person's words.

use domain::time::Timestamp;
use serde_json::Value;

use super::super::labels;
use super::super::language::Language;
use super::super::rows::Names;
use super::Texts;
use super::codes;
use super::parts::items;
use super::words;
use crate::referrals::{DOCUMENTS_PATH, stored_id};

/// A line.
#[derive(Default)]
pub(super) struct Fact {
    /// A sign that says without colour how it stands.
    pub(super) sign: &'static str,
    pub(super) name: String,
    pub(super) text: String,
    /// A time, where it has one.
    pub(super) at: Option<String>,
    pub(super) link: Option<Link>,
    /// Whether somebody has to see to it.
    pub(super) is_bad: bool,
}

/// Where a line leads.
pub(super) struct Link {
    pub(super) address: String,
    pub(super) text: String,
}

/// Lines under a heading.
pub(super) struct Part {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) facts: Vec<Fact>,
}

/// Says stored JSON in words.
#[derive(Clone, Copy)]
pub(super) struct Teller<'a> {
    pub(super) language: Language,
    pub(super) texts: &'static Texts,
    pub(super) names: &'a Names,
    /// The events that the reader sees, by their ids: their numbers and kinds.
    pub(super) events: &'a [(String, i64, &'static str)],
}

/// Members whose text is the id of an event.
const EVENT_IDS: [&str; 4] = ["report", "question", "barrier", "event"];

/// Members in the order in which they are read; any other comes after them.
const READ_FIRST: [&str; 12] = [
    "start",
    "end",
    "location",
    "limit",
    "allowed",
    "due_at",
    "visit_on",
    "what",
    "summary",
    "next_steps",
    "documents",
    "performer",
];

/// How deep what was given as it came is read; the shapes allow more, and nobody reads it.
const DEPTH_MAX: usize = 6;

impl Teller<'_> {
    /// What a member is called; an unknown one by its own name.
    pub(super) fn member<'a>(&self, member: &'a str) -> &'a str {
        labels::text_of(words::MEMBER, member, self.language)
    }

    /// Every member of `value`, of what `event` says.
    pub(super) fn members(&self, event: &str, value: &Value) -> Vec<Fact> {
        let mut facts = Vec::new();
        let mut members: Vec<_> = value.as_object().into_iter().flatten().collect();
        let place = |member: &str| READ_FIRST.iter().position(|first| *first == member);
        members.sort_by_key(|(member, _)| place(member).unwrap_or(READ_FIRST.len()));
        for (member, value) in members {
            self.tell(event, member, value, &mut facts);
        }
        facts
    }

    /// Adds a member as one line, or as several.
    pub(super) fn tell(&self, event: &str, member: &str, value: &Value, facts: &mut Vec<Fact>) {
        match (member, value) {
            (_, Value::Null) => {}
            ("documents", Value::Array(documents)) => {
                for (number, document) in (1..).zip(documents) {
                    facts.push(self.document(number, document));
                }
            }
            ("supporting", Value::Array(items)) => {
                facts.extend(items.iter().map(|item| self.item(item)));
            }
            ("next_steps", Value::Array(steps)) => {
                for step in steps {
                    facts.push(self.line(event, member, step));
                }
            }
            ("changes" | "patient", Value::Object(members)) => {
                for (name, value) in members {
                    self.tell(event, name, value, facts);
                }
            }
            _ => facts.push(self.line(event, member, value)),
        }
    }

    fn line(&self, event: &str, member: &str, value: &Value) -> Fact {
        let mut fact = Fact {
            name: self.member(member).to_owned(),
            ..Fact::default()
        };
        if let Value::String(text) = value {
            if let Some((_, number, kind)) = self.event_named(member, text) {
                fact.link = Some(Link {
                    address: format!("#event-{number}"),
                    text: labels::text_of(labels::EVENT, kind, self.language).to_owned(),
                });
                return fact;
            }
            if member == "follows" {
                fact.link = Some(referral(text));
                return fact;
            }
            if let Ok(at) = text.parse::<Timestamp>() {
                fact.at = Some(at.to_string());
                return fact;
            }
        }
        fact.text = self.words(event, member, value, 0);
        fact
    }

    fn event_named(&self, member: &str, id: &str) -> Option<&(String, i64, &'static str)> {
        let is_id = EVENT_IDS.contains(&member);
        self.events.iter().find(|(known, ..)| is_id && known == id)
    }

    /// A value as one text.
    pub(super) fn words(&self, event: &str, member: &str, value: &Value, depth: usize) -> String {
        let part = |name: &str| value.get(name).and_then(Value::as_str);
        match value {
            Value::Null => String::new(),
            Value::Bool(true) => self.texts.yes.to_owned(),
            Value::Bool(false) => self.texts.no.to_owned(),
            Value::Number(number) => number.to_string(),
            Value::String(text) => match codes::table(event, member) {
                Some(table) => labels::text_of(table, text, self.language).to_owned(),
                None if member == "organization" => self.names.of(text).to_owned(),
                None if member == "allowed" => self.allowed(text),
                None => text.clone(),
            },
            _ if depth >= DEPTH_MAX => String::new(),
            Value::Array(items) => {
                let words = items
                    .iter()
                    .map(|item| self.words(event, member, item, depth + 1));
                words.collect::<Vec<_>>().join("; ")
            }
            Value::Object(members) => {
                if let (Some(family), "name") = (part("family"), member) {
                    let given = items(value, "/given").filter_map(Value::as_str);
                    return format!("{family}, {}", given.collect::<Vec<_>>().join(" "));
                }
                if let Some(code) = part("code") {
                    return match part("display") {
                        Some(display) => format!("{display} ({code})"),
                        None => code.to_owned(),
                    };
                }
                if let (Some(value), Some(system)) = (part("value"), part("system")) {
                    return format!("{value} ({system})");
                }
                if let Some(what) = part("what") {
                    let more = ["who", "when"].iter().filter_map(|name| part(name));
                    return std::iter::once(what)
                        .chain(more)
                        .collect::<Vec<_>>()
                        .join(" · ");
                }
                let words = members.iter().map(|(name, value)| {
                    let words = self.words(event, name, value, depth + 1);
                    format!("{}: {words}", self.member(name))
                });
                words.collect::<Vec<_>>().join(", ")
            }
        }
    }

    /// Time allowed: `3bd` as "3 business days", `1bd` as "1 business day".
    pub(super) fn allowed(&self, text: &str) -> String {
        let digits = text.chars().take_while(char::is_ascii_digit).count();
        let (amount, unit) = text.split_at_checked(digits).unwrap_or((text, ""));
        let unit = if amount == "1" { text } else { unit };
        format!(
            "{amount} {}",
            labels::text_of(codes::UNIT, unit, self.language)
        )
    }

    fn document(&self, number: usize, document: &Value) -> Fact {
        let text = |name: &str| document.get(name).and_then(Value::as_str);
        let mut fact = Fact {
            name: format!("{} {number}", self.texts.document),
            text: text("type").unwrap_or_default().to_owned(),
            ..Fact::default()
        };
        if let Value::String(id) = document {
            fact.link = Some(self.download(id));
        } else {
            let title = text("title").unwrap_or(self.texts.open);
            fact.lead(text("url").unwrap_or_default(), title);
        }
        fact
    }

    /// The way to a document that is stored here.
    fn download(&self, id: &str) -> Link {
        Link {
            address: format!("{DOCUMENTS_PATH}{id}"),
            text: self.texts.download.to_owned(),
        }
    }

    /// An item that came with the request or after it.
    pub(super) fn item(&self, item: &Value) -> Fact {
        let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
        let mut words = vec![text("display").to_owned()];
        if let Some(value) = item.get("value").filter(|value| !value.is_null()) {
            words.push(self.words("", "value", value, 0));
        }
        words.push(text("date").to_owned());
        let kind = labels::text_of(codes::KIND, text("kind"), self.language);
        let mut fact = Fact {
            name: kind.to_owned(),
            text: words.join(", "),
            ..Fact::default()
        };
        match stored_id(text("url")) {
            // By the address at which this page is, whatever it was when it was stored.
            Some(id) => fact.link = Some(self.download(id)),
            None => fact.lead(text("url"), self.texts.open),
        }
        fact
    }
}

impl Fact {
    /// Leads to a page elsewhere. What a partner gave as an address and is none of the web is told and leads nowhere.
    fn lead(&mut self, address: &str, text: &str) {
        if address.starts_with("https://") || address.starts_with("http://") {
            self.link = Some(Link {
                address: address.to_owned(),
                text: text.to_owned(),
            });
        } else if !address.is_empty() {
            self.text = format!("{} {address}", self.text);
        }
    }
}

/// A link to another referral.
pub(super) fn referral(id: &str) -> Link {
    Link {
        address: format!("/worklist/pages/referrals/{id}"),
        text: id.to_owned(),
    }
}
