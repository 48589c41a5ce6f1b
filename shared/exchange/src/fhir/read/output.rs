//! What a Task puts out: the visit that was booked, the report, what follows.

use domain::payload::{Document, NextStep, Visit};
use domain::request::Free;

use super::super::codes::OUTPUT_TYPE;
use super::attachments::Attachment;
use super::node::Node;
use super::reader::Reader;
use super::supporting::attachment;
use super::task::{Told, counts};

/// What the outputs of a Task say together.
#[derive(Default)]
pub(super) struct Output {
    pub visit: Option<Visit>,
    pub summary: Option<String>,
    pub next_steps: Vec<NextStep>,
    pub documents: Vec<Document>,
    pub visit_on: Option<String>,
    pub performer: Option<Free>,
}

impl Output {
    pub fn say(&mut self, text: &str) {
        match &mut self.summary {
            Some(summary) => {
                summary.push_str("\n\n");
                summary.push_str(text);
            }
            None => self.summary = Some(text.to_owned()),
        }
    }
}

impl<'a> Reader<'_, 'a> {
    /// Reads the outputs. Those that we wrote after an earlier event count only while the Task still tells of that one.
    pub fn output(
        &mut self,
        task: &Node<'a>,
        told: Option<&Told<'a>>,
        attached: &mut Vec<Attachment>,
    ) -> Output {
        let mut output = Output::default();
        for one in task.items("output") {
            if !counts(&one, told) {
                continue;
            }
            let kind = one
                .child("type")
                .and_then(|kind| self.code_in(&kind, OUTPUT_TYPE));
            if let Some(reference) = one.child("valueReference") {
                self.output_reference(reference, &mut output, attached);
            } else if let Some(text) = one
                .text("valueString")
                .or_else(|| one.text("valueMarkdown"))
            {
                match kind {
                    Some("next-step") => output.next_steps.push(next_step(&one, text)),
                    _ => output.say(text),
                }
            } else if let Some(found) = one.child("valueAttachment") {
                let document = self.document(&found, "Document", attached);
                output.documents.extend(document);
            } else if let Some(url) = one.text("valueUrl").or_else(|| one.text("valueUri")) {
                output.documents.push(Document::Linked {
                    title: "Document".to_owned(),
                    media_type: None,
                    url: url.to_owned(),
                });
            } else {
                self.warn(
                    one.at,
                    "has a value of a type that is not taken; it is kept as it came",
                );
            }
        }
        output
    }

    fn output_reference(
        &mut self,
        reference: Node<'a>,
        output: &mut Output,
        attached: &mut Vec<Attachment>,
    ) {
        let target = self.follow(reference);
        let Some(resource) = &target.resource else {
            let title = target.display().unwrap_or("Document").to_owned();
            if let Some(id) = target.our_id("Binary") {
                output.documents.push(Document::Stored(id.to_owned()));
            } else if let Some(url) = self.index.url_of(&target.reference) {
                self.warn(
                    target.reference.at.clone(),
                    "did not come along; its reference is kept as a document elsewhere",
                );
                output.documents.push(Document::Linked {
                    title,
                    media_type: None,
                    url,
                });
            } else {
                self.warn(
                    target.reference.at.clone(),
                    "did not come along, and is no address; it is kept as it came",
                );
            }
            return;
        };
        match resource.kind() {
            "Appointment" => output.visit = self.appointment(resource),
            "Bundle" => self.feedback(resource, output, attached),
            "Composition" => self.composition(resource, output),
            "DocumentReference" | "DiagnosticReport" => self.report(resource, output, attached),
            "Observation" => {
                let line = self.observation_line(resource);
                output.say(&line);
            }
            _ => self.warn(
                target.reference.at.clone(),
                "is of a type that is not taken as output; it is kept as it came",
            ),
        }
    }

    /// A document, or a report with its conclusion.
    pub fn report(
        &mut self,
        resource: &Node<'a>,
        output: &mut Output,
        attached: &mut Vec<Attachment>,
    ) {
        if let Some(conclusion) = resource.text("conclusion") {
            output.say(conclusion);
        }
        let title = resource.text("description").map(str::to_owned).or_else(|| {
            let concept = resource.child("type").or_else(|| resource.child("code"))?;
            self.words(&concept).map(str::to_owned)
        });
        let title = title.unwrap_or_else(|| "Report".to_owned());
        let mut forms = resource.items("presentedForm");
        for content in resource.items("content") {
            forms.extend(content.child("attachment"));
        }
        if forms.is_empty() {
            forms.extend(attachment(resource));
        }
        for form in forms {
            let document = self.document(&form, &title, attached);
            output.documents.extend(document);
        }
    }

    /// A booked visit. An end that is its start says that the end is not known: FHIR wants both or neither (app-2).
    fn appointment(&mut self, appointment: &Node<'a>) -> Option<Visit> {
        let start = self.instant(appointment, "start");
        if start.is_none() && appointment.child("start").is_none() {
            self.warn(
                appointment.path("start"),
                "is not given: the date is not known",
            );
        }
        let end = self
            .instant(appointment, "end")
            .filter(|end| Some(*end) != start);
        if let (Some(start), Some(end)) = (start, end)
            && end < start
        {
            self.fault(
                appointment.path("end"),
                "value",
                "must not be before the start",
            );
        }
        let location = appointment
            .items("participant")
            .into_iter()
            .find_map(|one| {
                let actor = one.child("actor")?;
                let target = self.follow(actor);
                if target.kind() != "Location" {
                    return None;
                }
                let name = target.resource.as_ref().and_then(super::person::line_name);
                name.or_else(|| target.display().map(str::to_owned))
                    .map(Free::Text)
            });
        Some(Visit {
            start,
            end,
            location,
            by: None,
        })
    }
}

fn next_step(output: &Node<'_>, what: &str) -> NextStep {
    let part = |name: &str| {
        output
            .extension(name)
            .and_then(|told| told.text("valueString").map(str::to_owned))
    };
    match (part("who"), part("when")) {
        (None, None) if output.extension("assigned").is_none() => NextStep::Text(what.to_owned()),
        (who, when) => NextStep::Assigned {
            what: what.to_owned(),
            who,
            when,
        },
    }
}
