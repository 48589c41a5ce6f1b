//! The words of a Task: what the event that it tells of says.

use domain::kind::EventKind as E;
use domain::payload::{
    Accepted, DeclineReason, Declined, InfoRequested, InfoSupplied, InterimNote, MovedBy,
    NotCompleted, NotCompletedReason, Outcome, Payload, Remark, Visit, VisitCancelled,
};
use domain::request::Free;
use serde_json::Value;

use super::super::codes::{DECLINE_REASON, FILLER, NOT_COMPLETED_REASON};
use super::super::free::free_of;
use super::node::Node;
use super::output::Output;
use super::party::Party;
use super::reader::{Reader, day_of};
use super::supporting::Found;
use super::task::{Told, counts};
use crate::said::NO_REASON;

/// What a Task says beside its statuses.
struct Words {
    /// `statusReason` in words.
    reason: Option<String>,
    /// Its notes.
    note: Option<String>,
}

impl<'a> Reader<'_, 'a> {
    /// The words of a Task, but for those that were written from an event before this one.
    fn words_of(&self, task: &Node<'a>, told: Option<&Told<'a>>) -> Words {
        let is_said = |node: &Node<'a>| counts(node, told);
        let reason = task.child("statusReason").filter(|one| is_said(one));
        let notes: Vec<&str> = task
            .items("note")
            .iter()
            .filter(|note| is_said(note))
            .filter_map(|note| note.text("text"))
            .collect();
        Words {
            reason: reason
                .and_then(|concept| self.words(&concept))
                .map(str::to_owned),
            note: (!notes.is_empty()).then(|| notes.join("\n\n")),
        }
    }

    pub(super) fn payload(
        &mut self,
        task: &Node<'a>,
        kind: E,
        told: Option<&Told<'a>>,
        output: Output,
    ) -> Option<Payload> {
        let words = self.words_of(task, told);
        Some(match kind {
            E::ReferralAccepted => Payload::Accepted(Accepted {
                filler: self.identifier_of_type(task, FILLER),
                performer: self.performer(task, told),
            }),
            E::ReferralDeclined => self.declined(task, told, words),
            E::AppointmentScheduled | E::AppointmentRescheduled => {
                Payload::Visit(self.visit(task, told, output))
            }
            E::AppointmentCancelled => Payload::VisitCancelled(VisitCancelled {
                reason: words.reason.or(words.note),
                by: self.moved_by(told),
            }),
            E::ReferralInterimNote => Payload::InterimNote(InterimNote {
                note: join(words.note, output.summary),
                visit_on: self.visit_on(task, told).or(output.visit_on),
                documents: Vec::new(),
            }),
            E::ReferralOutcome | E::ReferralOutcomeAmended => {
                let visit_on = self.visit_on(task, told).or(output.visit_on);
                let advice = told
                    .and_then(|told| told.part("advice")?.value.get("valueBoolean")?.as_bool())
                    .unwrap_or(false);
                if visit_on.is_none() && !advice {
                    self.warn(
                        task.path("executionPeriod"),
                        "is not given: the date of the visit is not known",
                    );
                }
                Payload::Outcome(Outcome {
                    visit_on,
                    advice,
                    summary: join(output.summary, words.note),
                    next_steps: output.next_steps,
                    documents: output.documents,
                    performer: self.performer(task, told).or(output.performer),
                })
            }
            E::ReferralInfoRequested => Payload::InfoRequested(InfoRequested {
                question: words.reason.or(words.note),
                requirements: told
                    .iter()
                    .flat_map(|told| told.node.items("extension"))
                    .filter(|part| part.text("url") == Some("requirement"))
                    .filter_map(|part| part.text("valueString").map(str::to_owned))
                    .collect(),
            }),
            E::ReferralInfoSupplied => self.supplied(task, told, words),
            E::ReferralNotCompleted => self.not_completed(task, words),
            E::ReferralCancellationRequested | E::ReferralEnteredInError => {
                Payload::Remark(self.reasoned(task, words))
            }
            E::AppointmentNoShow | E::ReferralCancellationConfirmed => Payload::Remark(Remark {
                reason: words.reason,
                note: words.note,
                documents: Vec::new(),
            }),
            _ => return self.told_payload(kind, told?),
        })
    }

    /// An event that FHIR has no element for: its own JSON, in the extension that names it.
    fn told_payload(&mut self, kind: E, told: &Told<'a>) -> Option<Payload> {
        let text = told.text("data").unwrap_or_else(|| "{}".to_owned());
        let read = serde_json::from_str::<Value>(&text)
            .ok()
            .and_then(|data| Payload::read(kind, data).ok());
        if read.is_none() {
            self.fault(
                told.node.path("extension"),
                "value",
                "must hold the members of this event, as JSON",
            );
        }
        read
    }

    fn performer(&mut self, task: &Node<'a>, told: Option<&Told<'a>>) -> Option<Free> {
        if let Some(told) = told {
            return self.free_part(told, "performer");
        }
        let mut party = Party::default();
        let target = self.follow(task.child("owner")?);
        if matches!(target.kind(), "Practitioner" | "PractitionerRole") {
            self.party(target.reference, &mut party);
        }
        party.person.map(|person| Free::Text(person.name))
    }

    /// Free content in a part of our extension: a text, or the text of its JSON.
    fn free_part(&mut self, told: &Told<'a>, name: &str) -> Option<Free> {
        let part = told.part(name)?;
        if let Some(text) = part.text("valueString") {
            return Some(Free::Text(text.to_owned()));
        }
        let json = part.text("valueMarkdown")?;
        let read = serde_json::from_str::<Value>(json).ok();
        if read.is_none() {
            self.fault(part.at, "value", "must be JSON");
        }
        Some(free_of(&read?))
    }

    fn moved_by(&mut self, told: Option<&Told<'a>>) -> Option<MovedBy> {
        let part = told?.part("by")?;
        self.code(&part, "valueCode", MovedBy::parse, MovedBy::CODES)
    }

    fn declined(&mut self, task: &Node<'a>, told: Option<&Told<'a>>, words: Words) -> Payload {
        let known = task
            .child("statusReason")
            .and_then(|concept| self.our_reason(&concept, DECLINE_REASON, DeclineReason::parse));
        let alternative = told.and_then(|told| self.free_part(told, "alternative"));
        let (reason, note) = match known {
            Some(reason) => (reason, words.note),
            None => (DeclineReason::Other, self.reason_as_note(task, words)),
        };
        Payload::Declined(Declined {
            reason,
            note,
            alternative,
        })
    }

    fn not_completed(&mut self, task: &Node<'a>, words: Words) -> Payload {
        let known = task.child("statusReason").and_then(|concept| {
            self.our_reason(&concept, NOT_COMPLETED_REASON, NotCompletedReason::parse)
        });
        let (reason, note) = match known {
            Some(reason) => (reason, words.note),
            None => (NotCompletedReason::Other, self.reason_as_note(task, words)),
        };
        Payload::NotCompleted(NotCompleted { reason, note })
    }

    fn our_reason<T>(
        &self,
        concept: &Node<'a>,
        system: &str,
        parse: fn(&str) -> Option<T>,
    ) -> Option<T> {
        self.code_in(concept, system).and_then(parse)
    }

    /// A reason of no code of ours is `other`, and its words are the note.
    fn reason_as_note(&mut self, task: &Node<'a>, words: Words) -> Option<String> {
        if words.reason.is_some() {
            self.warn(
                task.path("statusReason"),
                "has no code that is known here: reason other, and its words are kept as the note",
            );
        } else {
            self.warn(task.path("statusReason"), "is not given: reason other");
        }
        join(words.reason, words.note).or_else(|| Some(NO_REASON.to_owned()))
    }

    /// Our event needs a reason, and BSeR's Task none: its note, or that there was none.
    fn reasoned(&mut self, task: &Node<'a>, words: Words) -> Remark {
        let (reason, note) = match words.reason {
            Some(reason) => (Some(reason), words.note),
            None => (words.note, None),
        };
        if reason.is_none() {
            self.warn(task.path("statusReason"), "is not given");
        }
        Remark {
            reason: reason.or_else(|| Some(NO_REASON.to_owned())),
            note,
            documents: Vec::new(),
        }
    }

    fn supplied(&mut self, task: &Node<'a>, told: Option<&Told<'a>>, words: Words) -> Payload {
        let day = ["lastModified", "authoredOn"]
            .iter()
            .find_map(|name| task.text(name).and_then(day_of));
        let mut found = Found::default();
        for input in task.items("input") {
            if !counts(&input, told) {
                continue;
            }
            if let Some(reference) = input.child("valueReference") {
                self.take_reference(reference, day, &mut found);
            }
        }
        Payload::InfoSupplied(InfoSupplied {
            question: told.and_then(|told| told.text("question")),
            supporting: found.items,
            note: words.note,
        })
    }

    fn visit(&mut self, task: &Node<'a>, told: Option<&Told<'a>>, output: Output) -> Visit {
        let location = told.and_then(|told| self.free_part(told, "location"));
        let by = self.moved_by(told);
        if output.visit.is_none() && told.is_none() {
            self.warn(
                task.path("output"),
                "has no Appointment with a start: the date is not known",
            );
        }
        let visit = output.visit.unwrap_or(Visit {
            start: None,
            end: None,
            location: None,
            by: None,
        });
        Visit {
            location: location.or(visit.location),
            by,
            ..visit
        }
    }

    /// When the patient was seen, as it is written: the end of the period, else its start.
    fn visit_on(&mut self, task: &Node<'a>, told: Option<&Told<'a>>) -> Option<String> {
        let period = task.child("executionPeriod")?;
        if !counts(&period, told) {
            return None;
        }
        let name = if period.child("end").is_some() {
            "end"
        } else {
            "start"
        };
        self.instant(&period, name)?;
        period.text(name).map(str::to_owned)
    }
}

fn join(first: Option<String>, then: Option<String>) -> Option<String> {
    match (first, then) {
        (Some(first), Some(then)) => Some(format!("{first}\n\n{then}")),
        (first, then) => first.or(then),
    }
}
