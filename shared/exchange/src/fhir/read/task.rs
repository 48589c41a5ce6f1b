//! A Task as what happened to the referral that it fulfils.

use domain::kind::EventKind as E;
use domain::payload::{
    Accepted, DeclineReason, Declined, InfoRequested, InfoSupplied, InterimNote, MovedBy,
    NotCompleted, NotCompletedReason, Outcome, Payload, Remark, Visit, VisitCancelled,
};
use domain::request::{Free, Identifier};
use serde_json::Value;

use super::super::codes::{BUSINESS_STATUS, DECLINE_REASON, FILLER, NOT_COMPLETED_REASON, PLACER};
use super::super::pairs::{self, Meaning};
use super::super::{OUR_REFERRAL, ids};
use super::attachments::Attachment;
use super::node::Node;
use super::output::Output;
use super::party::Party;
use super::reader::Reader;
use super::supporting::Found;
use crate::said::{Happened, PatientName};

/// The extension of ours in which a Task says which event it was written after, and for which pair of statuses. It counts only
/// while the Task has that pair: whoever reads a Task, changes its status and sends it back, says something new.
pub(super) struct Told<'a> {
    kind: Option<E>,
    id: &'a str,
    node: Node<'a>,
}

/// Whether an element is the sender's word: not one that we wrote after another event than the Task tells of.
pub(super) fn counts(element: &Node<'_>, told: Option<&Told<'_>>) -> bool {
    let Some(said_by) = element.extension("said-by") else {
        return true;
    };
    told.is_some_and(|told| said_by.text("valueString") == Some(told.id))
}

impl<'a> Told<'a> {
    pub fn part(&self, name: &str) -> Option<Node<'a>> {
        self.node.part(name)
    }

    pub fn text(&self, name: &str) -> Option<String> {
        self.part(name)?.text("valueString").map(str::to_owned)
    }
}

/// What a Task says beside its statuses.
struct Words {
    /// `statusReason` in words.
    reason: Option<String>,
    /// Its notes.
    note: Option<String>,
}

impl<'a> Reader<'_, 'a> {
    /// Whether a Task only asks for the work, and a ServiceRequest beside it is a new referral.
    pub fn only_asks(&self, task: &Node<'a>) -> bool {
        let business = task
            .child("businessStatus")
            .and_then(|one| self.code_in(&one, BUSINESS_STATUS));
        pairs::meaning(task.text("status").unwrap_or_default(), business)
            == Meaning::Event(E::ReferralSent)
            && self
                .told(task)
                .is_none_or(|told| told.kind.is_none_or(|kind| kind == E::ReferralSent))
    }

    /// Reads a Task. `id` is our id of it, where the caller names it so.
    pub fn task(
        &mut self,
        task: &Node<'a>,
        id: Option<&str>,
        attached: &mut Vec<Attachment>,
    ) -> Option<Happened> {
        self.refuse_modifiers(task);
        let mut about = Vec::new();
        self.about(task, id, &mut about);
        let patient = self.task_patient(task);
        let told = self.told(task);
        let by_pair = self.meaning_of(task);
        let output = self.output(task, told.as_ref(), attached);
        let kind = self.kind_of_event(task, by_pair?, told.as_ref(), &output)?;
        let data = self.payload(task, kind, told.as_ref(), output)?;
        let occurred_at = if told.is_some() {
            task.extension("event")
                .and_then(|event| event.part("at"))
                .and_then(|at| self.instant(&at, "valueInstant"))
        } else {
            None
        };
        let occurred_at = occurred_at.or_else(|| self.instant(task, "lastModified"));
        if about.is_empty() {
            self.fault(
                task.path("identifier"),
                "required",
                "must say which referral: a placer's or filler's identifier, or focus",
            );
        }
        Some(Happened {
            kind,
            data,
            occurred_at,
            about,
            patient,
            source_id: None,
            warnings: std::mem::take(&mut self.warnings),
        })
    }

    fn told(&self, task: &Node<'a>) -> Option<Told<'a>> {
        let node = task.extension("event")?;
        let business = task
            .child("businessStatus")
            .and_then(|one| self.code_in(&one, BUSINESS_STATUS));
        let is_of = node.part("status")?.text("valueCode") == task.text("status")
            && node
                .part("business-status")
                .and_then(|part| part.text("valueCode"))
                == business;
        let kind = node
            .part("type")
            .and_then(|part| E::parse(part.text("valueCode")?));
        let id = node
            .part("id")
            .and_then(|part| part.text("valueString"))
            .unwrap_or_default();
        is_of.then_some(Told { kind, id, node })
    }

    /// Every id that leads to the referral.
    fn about(&mut self, task: &Node<'a>, id: Option<&str>, about: &mut Vec<Identifier>) {
        let mut add = |found: Option<Identifier>| {
            if let Some(found) = found.filter(|found| !about.contains(found)) {
                about.push(found);
            }
        };
        add(self.identifier_of_type(task, PLACER));
        add(self.identifier_of_type(task, FILLER));
        let mut orders = task.items("basedOn");
        orders.extend(task.child("focus"));
        for reference in orders {
            let target = self.follow(reference);
            if let Some(order) = target
                .resource
                .as_ref()
                .filter(|found| found.kind() == "ServiceRequest")
            {
                add(self.identifier_of_type(order, PLACER));
                add(self.identifier_of_type(order, FILLER));
            }
            add(target.our_id("ServiceRequest").map(ours));
            let logical = target.reference.child("identifier");
            add(logical.and_then(|one| self.identifier(&one)));
        }
        add(id.map(|id| ours(ids::leg_of(id).0)));
    }

    fn task_patient(&mut self, task: &Node<'a>) -> Option<PatientName> {
        let target = self.follow(task.child("for")?);
        self.patient_name(&target)
    }

    fn meaning_of(&mut self, task: &Node<'a>) -> Option<Meaning> {
        let Some(status) = task.text("status") else {
            self.fault(task.path("status"), "required", "is required");
            return None;
        };
        let business = self.business(task);
        let found = match (pairs::meaning(status, business), business) {
            (Meaning::Contradiction, Some(business)) if status == "requested" => {
                self.warn(
                    task.path("status"),
                    "is requested, which its businessStatus is past; the businessStatus counts",
                );
                pairs::business_alone(business)
            }
            (found, _) => found,
        };
        match found {
            Meaning::Unknown => {
                let detail = format!("must be one of {}", pairs::TASK_STATUSES.join(", "));
                self.fault(task.path("status"), "code-invalid", &detail);
            }
            Meaning::Contradiction => {
                self.fault(
                    task.path("businessStatus"),
                    "business-rule",
                    "does not go with the status: see BSeR's table of transitions",
                );
            }
            Meaning::Vague => {
                self.fault(
                    task.path("businessStatus"),
                    "required",
                    "is required while in-progress: 5.1, 5.1.1 to 5.1.4 or 5.2",
                );
            }
            _ => return Some(found),
        }
        None
    }

    fn business(&mut self, task: &Node<'a>) -> Option<&'a str> {
        let concept = task.child("businessStatus")?;
        let code = self.code_in(&concept, BUSINESS_STATUS);
        if code.is_none() {
            self.warn(
                concept.at,
                "is of another code system than BSeR's, and is not used",
            );
        }
        let is_known = |code: &&str| domain::status::BusinessStatus::parse(code).is_some();
        match code {
            Some(code) if !is_known(&code) => {
                self.fault(
                    task.path("businessStatus"),
                    "code-invalid",
                    "must be a code of TaskBusinessStatusCS",
                );
                None
            }
            code => code,
        }
    }

    /// Which event is meant, by the pair and by what our extension says of it.
    fn kind_of_event(
        &mut self,
        task: &Node<'a>,
        by_pair: Meaning,
        told: Option<&Told<'a>>,
        output: &Output,
    ) -> Option<E> {
        if let Some(told) = told {
            let Some(kind) = told.kind.filter(|kind| kind.is_sent_by_callers()) else {
                if told.kind == Some(E::ReferralSent) {
                    return self.nothing_new(task);
                }
                self.fault(
                    told.node.at.clone(),
                    "code-invalid",
                    "must name an event that a partner may send",
                );
                return None;
            };
            let by_pair = match by_pair {
                Meaning::Event(event) => Some(event),
                _ => None,
            };
            if has_bser_pair(kind) && by_pair.is_some_and(|pair| !pairs::stands_for(pair, kind)) {
                self.fault(
                    told.node.at.clone(),
                    "business-rule",
                    "names an event that does not go with the statuses",
                );
                return None;
            }
            return Some(kind);
        }
        match by_pair {
            Meaning::Event(E::ReferralSent)
                if !task.items("input").is_empty() || !task.items("note").is_empty() =>
            {
                Some(E::ReferralInfoSupplied)
            }
            Meaning::Event(E::ReferralSent) => self.nothing_new(task),
            Meaning::Event(event) => Some(event),
            _ if output.visit.is_none()
                && (output.summary.is_some() || !self.notes(task).is_empty()) =>
            {
                Some(E::ReferralInterimNote)
            }
            _ => Some(E::AppointmentScheduled),
        }
    }

    fn nothing_new(&mut self, task: &Node<'a>) -> Option<E> {
        self.fault(
            task.path("status"),
            "business-rule",
            "says only that the referral was sent; send its ServiceRequest to make one, or a note or input to add to it",
        );
        None
    }

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

    fn payload(
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
            E::AppointmentNoShow
            | E::ReferralCancellationRequested
            | E::ReferralCancellationConfirmed
            | E::ReferralEnteredInError => Payload::Remark(Remark {
                reason: words.reason,
                note: words.note,
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
    pub fn free_part(&mut self, told: &Told<'a>, name: &str) -> Option<Free> {
        let part = told.part(name)?;
        if let Some(text) = part.text("valueString") {
            return Some(Free::Text(text.to_owned()));
        }
        let json = part.text("valueMarkdown")?;
        let read = serde_json::from_str::<Value>(json).ok();
        if read.is_none() {
            self.fault(part.at, "value", "must be JSON");
        }
        Some(super::super::free::free_of(&read?))
    }

    pub fn moved_by(&mut self, told: Option<&Told<'a>>) -> Option<MovedBy> {
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
        join(words.reason, words.note).or_else(|| Some("No reason was given.".to_owned()))
    }

    fn supplied(&mut self, task: &Node<'a>, told: Option<&Told<'a>>, words: Words) -> Payload {
        let day = ["lastModified", "authoredOn"]
            .iter()
            .find_map(|name| task.text(name).and_then(super::reader::day_of));
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

/// BSeR's triggers: these do not go with any other pair of statuses.
fn has_bser_pair(kind: E) -> bool {
    pairs::has_a_pair(kind) && kind != E::ReferralInfoRequested
}

fn ours(id: &str) -> Identifier {
    Identifier {
        system: OUR_REFERRAL.to_owned(),
        value: id.to_owned(),
    }
}

fn join(first: Option<String>, then: Option<String>) -> Option<String> {
    match (first, then) {
        (Some(first), Some(then)) => Some(format!("{first}\n\n{then}")),
        (first, then) => first.or(then),
    }
}
