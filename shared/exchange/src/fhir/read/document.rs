//! A document Bundle by itself: BSeR's feedback, or a referral as a document.

use domain::kind::EventKind;
use domain::payload::{InterimNote, Outcome, Payload};

use super::super::OUR_REFERRAL;
use super::super::codes::{BSER, CONSULT_NOTE, FILLER, LOINC, PLACER, REFERRAL_NOTE};
use super::attachments::Attachment;
use super::node::Node;
use super::output::Output;
use super::reader::Reader;
use crate::said::{Happened, Said};
use domain::request::Identifier;

/// BSeR's section with the summary of a feedback.
const FEEDBACK_SUMMARY: &str = "RSRFS";

impl<'a> Reader<'_, 'a> {
    /// Reads a document: by its type a report, or a referral.
    pub fn document_bundle(
        &mut self,
        bundle: &Node<'a>,
        attached: &mut Vec<Attachment>,
    ) -> Option<Said> {
        let resources: Vec<Node<'a>> = bundle
            .items("entry")
            .iter()
            .filter_map(|entry| self.index.resource_of(entry))
            .collect();
        let Some(composition) = resources
            .first()
            .filter(|first| first.kind() == "Composition")
        else {
            self.fault(
                bundle.path("entry[0].resource"),
                "required",
                "must be the Composition",
            );
            return None;
        };
        let concept = composition.child("type");
        let kind = concept.as_ref().and_then(|kind| self.code_in(kind, LOINC));
        let is_feedback = composition.items("section").iter().any(|section| {
            section
                .child("code")
                .is_some_and(|code| self.code_in(&code, BSER) == Some(FEEDBACK_SUMMARY))
        });
        match kind {
            Some(CONSULT_NOTE) => {}
            _ if is_feedback => {}
            Some(REFERRAL_NOTE) => {
                let mut orders = resources
                    .iter()
                    .filter(|one| one.kind() == "ServiceRequest");
                let order = orders.next();
                let (Some(order), None) = (order, orders.next()) else {
                    self.fault(
                        bundle.path("entry"),
                        "required",
                        "must have one ServiceRequest: what the referral asks for",
                    );
                    return None;
                };
                let referral = self.referral(order, None, &resources)?;
                return Some(Said::Referral(Box::new(referral)));
            }
            _ => {
                let detail =
                    "must be a consult note (LOINC 11488-4) or a referral note (LOINC 57133-1)";
                self.fault(composition.path("type"), "code-invalid", detail);
                return None;
            }
        }
        self.feedback_event(bundle, composition, attached)
            .map(|happened| Said::Event(Box::new(happened)))
    }

    fn feedback_event(
        &mut self,
        bundle: &Node<'a>,
        composition: &Node<'a>,
        attached: &mut Vec<Attachment>,
    ) -> Option<Happened> {
        let kind = match composition.text("status") {
            Some("final") => EventKind::ReferralOutcome,
            Some("amended") => EventKind::ReferralOutcomeAmended,
            // A preliminary report closes nothing.
            Some("preliminary") => EventKind::ReferralInterimNote,
            _ => {
                self.fault(
                    composition.path("status"),
                    "code-invalid",
                    "must be preliminary, final or amended",
                );
                return None;
            }
        };
        let mut output = Output::default();
        self.feedback(bundle, &mut output, attached);
        let about = self.document_about(composition);
        let patient = composition.child("subject").and_then(|subject| {
            let target = self.follow(subject);
            self.patient_name(&target)
        });
        if about.is_empty() && patient.is_none() {
            self.fault(
                composition.path("section.focus"),
                "required",
                "must lead to the ServiceRequest, with its identifier",
            );
        }
        let occurred_at = self.instant(composition, "date");
        let data = if kind == EventKind::ReferralInterimNote {
            Payload::InterimNote(InterimNote {
                note: output.summary,
                visit_on: output.visit_on,
                documents: Vec::new(),
            })
        } else {
            if output.visit_on.is_none() {
                self.warn(
                    composition.path("event"),
                    "has no period: the date of the visit is not known",
                );
            }
            Payload::Outcome(Outcome {
                visit_on: output.visit_on,
                advice: false,
                summary: output.summary,
                next_steps: output.next_steps,
                documents: output.documents,
                performer: output.performer,
            })
        };
        let source_id = bundle
            .child("identifier")
            .and_then(|one| one.text("value").map(str::to_owned));
        Some(Happened {
            kind,
            data,
            occurred_at,
            about,
            service: None,
            patient,
            source_id,
            warnings: std::mem::take(&mut self.warnings),
        })
    }

    /// The referral that a document is about: the focus of its sections, and what its events are of.
    fn document_about(&mut self, composition: &Node<'a>) -> Vec<Identifier> {
        let mut references: Vec<Node<'a>> = composition
            .items("section")
            .iter()
            .filter_map(|section| section.child("focus"))
            .collect();
        for event in composition.items("event") {
            references.extend(event.items("detail"));
        }
        let mut about: Vec<Identifier> = Vec::new();
        for reference in references {
            let target = self.follow(reference);
            let mut found = Vec::new();
            if let Some(order) = target
                .resource
                .as_ref()
                .filter(|one| one.kind() == "ServiceRequest")
            {
                found.extend(self.identifier_of_type(order, PLACER));
                found.extend(self.identifier_of_type(order, FILLER));
            }
            found.extend(target.our_id("ServiceRequest").map(|id| Identifier {
                system: OUR_REFERRAL.to_owned(),
                value: id.to_owned(),
            }));
            if let Some(identifier) = target.reference.child("identifier") {
                found.extend(self.identifier(&identifier));
            }
            found.retain(|one| !about.contains(one));
            about.extend(found);
        }
        about
    }
}
