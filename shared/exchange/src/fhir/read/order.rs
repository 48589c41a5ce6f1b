//! A ServiceRequest as a new referral.

use domain::request::{
    Agreed, Coding, Override, Preparation, Request, Role, Scheduling, SupportingKind, Urgency,
};
use domain::time::Date;

use super::free::referred;
use super::node::Node;
use super::reader::{Reader, day_of};
use super::supporting::Found;
use crate::said::NewReferral;

/// The intents that are an order (FHIR R4, request-intent).
const ORDERS: &[&str] = &[
    "order",
    "original-order",
    "reflex-order",
    "filler-order",
    "instance-order",
];

/// What the reason says: the question in words, and the codes.
struct Reason {
    question: Option<String>,
    codes: Vec<Coding>,
    summary: Option<String>,
}

impl<'a> Reader<'_, 'a> {
    /// Reads a ServiceRequest; `task` is the Task that asks for it, `beside` what came along and is no reference of its.
    pub fn referral(
        &mut self,
        order: &Node<'a>,
        task: Option<&Node<'a>>,
        beside: &[Node<'a>],
    ) -> Option<NewReferral> {
        self.refuse_modifiers(order);
        self.is_an_order(order);
        let patient = self.patient(order.child("subject"), order.path("subject"));
        let service = self.service(order);
        let urgency = self.code(order, "priority", Urgency::parse, Urgency::CODES);
        let reason = self.reason(order);
        if reason.question.is_none() {
            self.fault(
                order.path("reasonCode"),
                "required",
                "must say the question: reasonCode.text, note.text, or a coded reason with its display",
            );
        }
        let (requester, sender) = self.sender(order, task);
        let (recipient, party) = self.recipient(order, task);
        let ordered_at = self.instant(order, "authoredOn");
        let day = order
            .text("authoredOn")
            .or_else(|| task?.text("authoredOn"))
            .and_then(day_of)
            .or_else(|| self.bundle_day());
        let found = self.supporting(order, beside, day);
        let mut none_known = found.none_known;
        self.none_known(order, &mut none_known);
        let coverage = self.coverage(order);
        let needed_by = self.needed_by(order);
        let placer = self.placer(order, task);
        let encounter = order.child("encounter").and_then(|encounter| {
            let told = self.free(&encounter, "as-given");
            told.or_else(|| Some(referred(&self.follow(encounter))))
        });
        let role = self.our_code(order, "role", Role::parse, Role::CODES);
        let preparation = self.preparation(order);
        let scheduling = self.our_code(order, "scheduling", Scheduling::parse, Scheduling::CODES);
        let request = Request {
            patient: patient?,
            recipient,
            service: service?,
            urgency: urgency.unwrap_or(Urgency::Routine),
            clinical_question: reason.question?,
            role: role.unwrap_or(Role::Evaluate),
            summary: reason.summary,
            supporting: found.items,
            preparation,
            requester,
            reason: reason.codes,
            urgency_reason: our_text(order, "urgency-reason"),
            ordered_at,
            ordered_by_telehealth: order
                .extension("ordered-by-telehealth")
                .and_then(|told| told.value.get("valueBoolean")?.as_bool()),
            scheduling,
            none_known,
            coverage,
            needed_by,
            placer,
            encounter,
            follows: our_text(order, "follows"),
            overrides: overrides(order),
            routed: self.free(order, "routed"),
        };
        Some(NewReferral {
            request,
            recipient: party,
            sender,
            warnings: std::mem::take(&mut self.warnings),
        })
    }

    fn is_an_order(&mut self, order: &Node<'a>) {
        match order.text("status") {
            Some("active") => {}
            Some(_) => self.fault(
                order.path("status"),
                "business-rule",
                "must be active: a referral is sent as an order in force",
            ),
            None => self.fault(order.path("status"), "required", "is required"),
        }
        match order.text("intent") {
            Some(intent) if ORDERS.contains(&intent) => {}
            Some(_) => self.fault(order.path("intent"), "business-rule", "must be order"),
            None => self.fault(order.path("intent"), "required", "is required"),
        }
        if order.flag("doNotPerform") {
            self.fault(
                order.path("doNotPerform"),
                "business-rule",
                "must not be true: it would ask for nothing",
            );
        }
    }

    /// The service: the coding that the user chose, else the first with a system and a code.
    fn service(&mut self, order: &Node<'a>) -> Option<Coding> {
        let Some(concept) = order.child("code") else {
            self.fault(order.path("code"), "required", "is required");
            return None;
        };
        let chosen = concept
            .items("coding")
            .into_iter()
            .find(|coding| coding.flag("userSelected"));
        let all = self.codings(&concept);
        let code = chosen.as_ref().and_then(|chosen| chosen.text("code"));
        let found = all
            .iter()
            .find(|coding| Some(coding.code.as_str()) == code)
            .or_else(|| all.first())
            .cloned();
        if found.is_none() {
            self.fault(
                concept.path("coding"),
                "required",
                "must have a system and a code",
            );
        } else if all.len() > 1 && code.is_none() {
            self.warn(concept.at, "has more than one coding; the first one counts");
        }
        found
    }

    /// The question is the reason in words; without one it is the first note, then the display of a coded reason. The notes
    /// that are left are the summary.
    fn reason(&mut self, order: &Node<'a>) -> Reason {
        let mut codes = Vec::new();
        let mut words = Vec::new();
        for concept in order.items("reasonCode") {
            let codings = self.codings(&concept);
            match (codings.is_empty(), self.words(&concept)) {
                (true, Some(text)) => words.push(text.to_owned()),
                (true, None) => self.fault(
                    concept.at.clone(),
                    "value",
                    "must have a text, or a coding with its system",
                ),
                (false, _) => codes.extend(codings),
            }
        }
        let mut displays: Vec<String> = codes
            .iter()
            .filter_map(|coding| coding.display.clone())
            .collect();
        for reference in order.items("reasonReference") {
            let target = self.follow(reference);
            let concept = target
                .resource
                .as_ref()
                .and_then(|found| found.child("code"));
            if let Some(concept) = concept {
                displays.extend(self.words(&concept).map(str::to_owned));
                codes.extend(self.codings(&concept));
            } else {
                displays.extend(target.display().map(str::to_owned));
            }
        }
        let mut notes = self.notes(order);
        let question = if words.is_empty() {
            let from_note = (!notes.is_empty()).then(|| notes.remove(0).to_owned());
            from_note.or_else(|| {
                let question = displays.join("; ");
                if question.is_empty() {
                    return None;
                }
                self.warn(
                    order.path("reasonCode"),
                    "has no question in words; the display of the coded reason stands for it",
                );
                Some(question)
            })
        } else {
            Some(words.join("\n"))
        };
        Reason {
            question,
            codes,
            summary: (!notes.is_empty()).then(|| notes.join("\n\n")),
        }
    }

    /// Everything that comes with the request; where it is alone in a message, also what nobody refers to.
    fn supporting(
        &mut self,
        order: &Node<'a>,
        beside: &[Node<'a>],
        day: Option<Date>,
    ) -> Found<'a> {
        let mut found = Found::default();
        for reference in order.items("supportingInfo") {
            self.take_reference(reference, day, &mut found);
        }
        for resource in beside {
            self.take_item(resource, day, &mut found);
        }
        self.take_labels(day, &mut found);
        found
    }

    fn bundle_day(&self) -> Option<Date> {
        self.index
            .root()
            .and_then(|root| root.text("timestamp").and_then(day_of))
    }

    /// `occurrenceDateTime`, or the end of `occurrencePeriod`: by when it is needed. A date that we wrote because there must be one
    /// is nobody's wish.
    fn needed_by(&mut self, order: &Node<'a>) -> Option<Date> {
        if order.child("occurrenceDateTime").is_some() {
            let is_ours = order
                .child("_occurrenceDateTime")
                .is_some_and(|mark| mark.extension("said-by").is_some());
            return if is_ours {
                None
            } else {
                self.date(order, "occurrenceDateTime")
            };
        }
        if let Some(period) = order.child("occurrencePeriod") {
            let name = if period.child("end").is_some() {
                "end"
            } else {
                "start"
            };
            return self.date(&period, name);
        }
        if let Some(timing) = order.child("occurrenceTiming") {
            self.fault(
                timing.at,
                "not-supported",
                "is not taken: give occurrenceDateTime or occurrencePeriod",
            );
        }
        None
    }

    fn preparation(&mut self, order: &Node<'a>) -> Preparation {
        let told = order.extension("preparation");
        let agreed = told
            .as_ref()
            .and_then(|told| told.part("agreed"))
            .and_then(|part| self.code(&part, "valueCode", Agreed::parse, Agreed::CODES));
        let reason = told
            .as_ref()
            .and_then(|told| told.part("reason")?.text("valueString"))
            .map(str::to_owned);
        let barriers = told
            .iter()
            .flat_map(|told| told.items("extension"))
            .filter(|part| part.text("url") == Some("barrier"))
            .filter_map(|part| part.text("valueString").map(str::to_owned))
            .collect();
        Preparation {
            agreed: agreed.unwrap_or(Agreed::Undecided),
            reason,
            barriers,
        }
    }

    fn none_known(&mut self, order: &Node<'a>, none_known: &mut Vec<SupportingKind>) {
        for told in order.extensions("none-known") {
            let kind = self.code(
                &told,
                "valueCode",
                SupportingKind::parse,
                SupportingKind::CODES,
            );
            if let Some(kind) = kind.filter(|kind| !none_known.contains(kind)) {
                none_known.push(kind);
            }
        }
    }

    fn our_code<T>(
        &mut self,
        order: &Node<'a>,
        name: &str,
        parse: fn(&str) -> Option<T>,
        allowed: &[&str],
    ) -> Option<T> {
        let told = order.extension(name)?;
        self.code(&told, "valueCode", parse, allowed)
    }
}

pub(super) fn our_text(node: &Node<'_>, name: &str) -> Option<String> {
    node.extension(name)?.text("valueString").map(str::to_owned)
}

fn overrides(order: &Node<'_>) -> Vec<Override> {
    let all = order.extensions("override");
    all.iter()
        .filter_map(|told| {
            Some(Override {
                requirement: told.part("requirement")?.text("valueString")?.to_owned(),
                reason: told.part("reason")?.text("valueString")?.to_owned(),
            })
        })
        .collect()
}
