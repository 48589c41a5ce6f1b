//! BSeR's feedback document: a Composition, and what its sections refer to, as the outcome.

use domain::request::Free;
use serde_json::Value;

use super::super::limits::SUMMARY_CHARS_MAX;
use super::attachments::Attachment;
use super::node::Node;
use super::output::Output;
use super::party::Party;
use super::reader::Reader;

/// How deep sections are read. Ours: a document that a person reads has no more.
const SECTIONS_DEEP_MAX: u8 = 4;

impl<'a> Reader<'_, 'a> {
    /// Reads a document Bundle: its Composition is the summary, its documents and reports come along.
    pub fn feedback(
        &mut self,
        bundle: &Node<'a>,
        output: &mut Output,
        attached: &mut Vec<Attachment>,
    ) {
        let resources: Vec<Node<'a>> = bundle
            .items("entry")
            .iter()
            .filter_map(|entry| self.index.resource_of(entry))
            .collect();
        match resources.iter().find(|one| one.kind() == "Composition") {
            Some(composition) => self.composition(composition, output),
            None => self.fault(
                bundle.path("entry"),
                "required",
                "must begin with a Composition",
            ),
        }
        for resource in &resources {
            if matches!(resource.kind(), "DocumentReference" | "DiagnosticReport") {
                self.report(resource, output, attached);
            }
        }
    }

    /// A Composition as a summary: for each section its title, its narrative, and a line for each Observation.
    pub fn composition(&mut self, composition: &Node<'a>, output: &mut Output) {
        self.refuse_modifiers(composition);
        if composition.text("status") == Some("preliminary") {
            self.warn(
                composition.path("status"),
                "is preliminary: a report that may still change",
            );
        }
        let mut lines = Vec::new();
        self.sections(composition, &mut lines, 0);
        let mut summary = lines.join("\n");
        if summary.is_empty() {
            summary = composition
                .text("title")
                .unwrap_or("Report without a narrative")
                .to_owned();
        }
        if let Some((cut, _)) = summary.char_indices().nth(SUMMARY_CHARS_MAX) {
            summary.truncate(cut);
            self.warn(
                composition.path("section"),
                "is longer than a summary may be; the whole of it is kept as it came",
            );
        }
        output.say(&summary);
        let period = composition
            .items("event")
            .into_iter()
            .find_map(|event| event.child("period"));
        if let Some(period) = period {
            let name = if period.child("end").is_some() {
                "end"
            } else {
                "start"
            };
            if self.instant(&period, name).is_some() {
                output.visit_on = period.text(name).map(str::to_owned);
            }
        }
        if let Some(author) = composition.items("author").into_iter().next() {
            let mut party = Party::default();
            self.party(author, &mut party);
            output.performer = party.person.map(|person| Free::Text(person.name));
        }
    }

    fn sections(&mut self, node: &Node<'a>, lines: &mut Vec<String>, depth: u8) {
        if depth >= SECTIONS_DEEP_MAX {
            return;
        }
        for section in node.items("section") {
            if let Some(title) = section.text("title") {
                lines.push(title.to_owned());
            }
            let narrative = section
                .child("text")
                .and_then(|text| text.text("div").map(plain));
            lines.extend(narrative.filter(|text| !text.is_empty()));
            for entry in section.items("entry") {
                let target = self.follow(entry);
                match &target.resource {
                    Some(found) if found.kind() == "Observation" => {
                        let line = self.observation_line(found);
                        lines.push(line);
                    }
                    Some(_) => {}
                    None => lines.extend(target.display().map(str::to_owned)),
                }
            }
            self.sections(&section, lines, depth.saturating_add(1));
        }
    }

    /// An Observation in one line.
    pub fn observation_line(&self, observation: &Node<'a>) -> String {
        let name = observation
            .child("code")
            .and_then(|code| self.words(&code))
            .unwrap_or("Observation");
        match self.observed(observation) {
            Some(value) => format!("{name}: {}", line_of(&value)),
            None => name.to_owned(),
        }
    }
}

fn line_of(value: &Free) -> String {
    match value {
        Free::Text(text) => text.clone(),
        Free::Object(parts) => {
            let quantity: Vec<String> = ["comparator", "value", "unit"]
                .iter()
                .filter_map(|name| parts.get(*name))
                .map(line_of)
                .collect();
            if quantity.is_empty() {
                let named: Vec<String> = parts
                    .iter()
                    .map(|(name, part)| format!("{name} {}", line_of(part)))
                    .collect();
                named.join(", ")
            } else {
                quantity.join(" ")
            }
        }
        other => match super::super::free::value_of(other) {
            Value::Null => String::new(),
            value => value.to_string(),
        },
    }
}

/// The text of a narrative: tags become spaces, the five entities of XML their characters.
fn plain(xhtml: &str) -> String {
    let mut text = String::with_capacity(xhtml.len());
    let mut is_tag = false;
    for one in xhtml.chars() {
        match one {
            '<' => {
                is_tag = true;
                text.push(' ');
            }
            '>' if is_tag => is_tag = false,
            _ if is_tag => {}
            _ => text.push(one),
        }
    }
    let text = text
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&#39;", "'")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&");
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}
