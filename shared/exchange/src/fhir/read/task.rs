//! A Task as what happened to the referral that it fulfils.

use domain::kind::EventKind as E;
use domain::request::Identifier;

use super::super::codes::{BUSINESS_STATUS, FILLER, PLACER};
use super::super::pairs::{self, Meaning};
use super::super::{OUR_REFERRAL, ids};
use super::attachments::Attachment;
use super::node::Node;
use super::output::Output;
use super::reader::Reader;
use crate::said::{Happened, PatientName};

/// The extension of ours in which a Task says which event it was written after, and for which pair of statuses. It counts only
/// while the Task has that pair: whoever reads a Task, changes its status and sends it back, says something new.
pub(super) struct Told<'a> {
    kind: Option<E>,
    id: &'a str,
    pub node: Node<'a>,
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
        let of_event = task
            .extension("event")
            .and_then(|event| event.part("at"))
            .and_then(|at| self.instant(&at, "valueInstant"));
        let modified = self.instant(task, "lastModified");
        let occurred_at = if told.is_some() {
            of_event.or(modified)
        } else {
            // The time of the event before, sent back as it was read, is not when this one happened.
            modified.filter(|at| of_event.as_ref() != Some(at))
        };
        if about.is_empty() && patient.is_none() {
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
            service: None,
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
