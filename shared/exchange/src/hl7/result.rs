//! Results: the consultant's report, an interim note, a corrected report (OMG^O19 with ORC-1 RE, ORU^R01).

use domain::kind::EventKind;
use domain::payload::{Document as Listed, InterimNote, NextStep, Outcome, Payload};
use domain::request::Free;

use crate::hl7::document;
use crate::hl7::local::{self, Local};
use crate::hl7::order::{self, Group};
use crate::hl7::order_status;
use crate::hl7::reading::Reading;
use crate::hl7::tokens::Segment;
use crate::hl7::{faults, names, patient};

/// LOINC's consult note: its text is the report, and not one finding among others.
pub(crate) const CONSULT_NOTE: &str = "11488-4";

/// Whether it closes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finality {
    Preliminary,
    Final,
    Corrected,
}

/// Reads ORU^R01: the OBRs of one order are one report.
pub(crate) fn observations(reading: &mut Reading<'_, '_>) {
    let mut reports: Vec<Group<'_, '_>> = Vec::new();
    for group in order::groups(reading) {
        let ids = |group: &Group<'_, '_>| {
            let of = |number| {
                let raw = group.field("ORC", number).raw();
                if raw.is_empty() {
                    group.field("OBR", number).raw()
                } else {
                    raw
                }
                .to_owned()
            };
            (group.at("PID", 3), of(2), of(3))
        };
        match reports.last_mut() {
            Some(last) if ids(last) == ids(&group) => last.absorb(group),
            _ => reports.push(group),
        }
    }
    if reports.is_empty() {
        reading.fault("OBR", faults::SEGMENT, "a result has an OBR segment");
    }
    for group in &reports {
        let found = statuses(reading, group).or_else(|| from_order(group));
        finish(reading, group, found);
    }
}

/// Reads an order of OMG^O19 with ORC-1 RE: ORC-5 first, which is where 360X says it.
pub(crate) fn order(reading: &mut Reading<'_, '_>, group: &Group<'_, '_>) {
    let of_results = statuses(reading, group);
    let found = match (from_order(group), of_results) {
        (Some(Finality::Final), Some(Finality::Corrected)) => Some(Finality::Corrected),
        (Some(Finality::Final), Some(Finality::Preliminary)) => {
            let at = format!("{} and {}", group.at("ORC", 5), group.at("OBR", 25));
            reading.fault(
                at,
                faults::TABLE,
                "the order is complete and its result preliminary: one of them is wrong",
            );
            return;
        }
        (of_order, of_results) => of_order.or(of_results),
    };
    finish(reading, group, found);
}

fn finish(reading: &mut Reading<'_, '_>, group: &Group<'_, '_>, found: Option<Finality>) {
    match found {
        Some(finality) => report(reading, group, finality),
        None => {
            let at = format!("{} and {}", group.at("ORC", 5), group.at("OBR", 25));
            reading.fault(at, faults::TABLE, "neither says whether the result is final (CM, F), preliminary (A, IP, P) or corrected (C)");
        }
    }
}

/// ORC-5 (table 0038).
fn from_order(group: &Group<'_, '_>) -> Option<Finality> {
    match group.field("ORC", 5).value().as_deref()? {
        "CM" | "F" => Some(Finality::Final),
        "A" | "IP" => Some(Finality::Preliminary),
        _ => None,
    }
}

/// OBR-25 (table 0123) of all of them: corrected when one is, final when all are.
fn statuses(reading: &mut Reading<'_, '_>, group: &Group<'_, '_>) -> Option<Finality> {
    let mut all = None;
    for obr in group.own("OBR") {
        let Some(code) = obr.field(25).value() else {
            continue;
        };
        let one = match code.as_str() {
            "F" => Finality::Final,
            "C" => Finality::Corrected,
            "P" | "A" | "R" => Finality::Preliminary,
            _ => {
                reading.fault(
                    obr.at(25),
                    faults::TABLE,
                    "a result status that is read here is F, C, P, A or R",
                );
                return None;
            }
        };
        all = Some(match (all, one) {
            (None, one) => one,
            (Some(Finality::Preliminary), _) | (_, Finality::Preliminary) => Finality::Preliminary,
            (Some(Finality::Corrected), _) | (_, Finality::Corrected) => Finality::Corrected,
            _ => Finality::Final,
        });
    }
    all
}

fn report(reading: &mut Reading<'_, '_>, group: &Group<'_, '_>, finality: Finality) {
    let (placer, filler) = reading.order_ids(group, true);
    let patient = reading.patient(group.first("PID"));
    let content = Content::read(reading, group);
    let (kind, data) = content.event(reading, finality, group.at("OBR", 7));
    let when = group
        .field("OBR", 22)
        .value()
        .or_else(|| order_status::when(group));
    reading.happened(
        kind,
        data,
        when,
        placer.into_iter().chain(filler).collect(),
        patient,
    );
}

/// What a report holds.
#[derive(Default)]
pub(crate) struct Content {
    pub lines: Vec<String>,
    pub visit_on: Option<String>,
    pub performer: Option<Free>,
    links: Vec<Listed>,
    locals: Vec<Local>,
}

impl Content {
    /// Reads OBR, OBX and NTE; documents go to the message's.
    pub fn read(reading: &mut Reading<'_, '_>, group: &Group<'_, '_>) -> Self {
        let mut content = Self {
            visit_on: reading.visit_on(group.at("OBR", 7), group.field("OBR", 7).value()),
            performer: performer(group),
            locals: local::all(group.own("OBX")),
            ..Self::default()
        };
        let mut segments = group.segments().peekable();
        while let Some(segment) = segments.next() {
            match segment.name() {
                "OBX" if local::is_local(segment) => {}
                "OBX" if document::is_encapsulated(segment) => {
                    let mut pieces = vec![segment];
                    while let Some(next) = segments.next_if(|next| document::goes_on(segment, next))
                    {
                        pieces.push(next);
                    }
                    let said = reading.said.len();
                    if let Some(document) = document::encapsulated(reading, &pieces, said) {
                        reading.documents.push(document);
                    }
                }
                "OBX" => content.observation(segment),
                "NTE" => content.lines.extend(
                    segment
                        .field(3)
                        .repetitions()
                        .filter_map(super::tokens::Part::text),
                ),
                _ => {}
            }
        }
        if content.visit_on.is_none() {
            let observed = group.own("OBX").find(|obx| !obx.field(14).is_empty());
            content.visit_on =
                observed.and_then(|obx| reading.visit_on(obx.at(14), obx.field(14).value()));
        }
        content
    }

    fn observation(&mut self, obx: &Segment<'_>) {
        match obx.field(2).value().as_deref() {
            Some("RP") => self.links.extend(link(obx)),
            _ => self.lines.extend(line(obx)),
        }
    }

    /// What is elsewhere, as documents.
    pub fn take_links(&mut self) -> Vec<Listed> {
        std::mem::take(&mut self.links)
    }

    /// The event that it is.
    pub fn event(
        self,
        reading: &mut Reading<'_, '_>,
        finality: Finality,
        visit_at: String,
    ) -> (EventKind, Payload) {
        let summary = (!self.lines.is_empty()).then(|| self.lines.join("\n"));
        let kind = match finality {
            Finality::Preliminary => {
                let note = InterimNote {
                    note: summary,
                    visit_on: self.visit_on,
                    documents: self.links,
                };
                return (EventKind::ReferralInterimNote, Payload::InterimNote(note));
            }
            Finality::Final => EventKind::ReferralOutcome,
            Finality::Corrected => EventKind::ReferralOutcomeAmended,
        };
        let advice = local::get(&self.locals, "advice") == Some("true");
        if self.visit_on.is_none() && !advice {
            reading.warn(visit_at, "no date of the visit");
        }
        let next_steps = local::each(&self.locals, "next-step")
            .map(|one| next_step(&one.value))
            .collect();
        let performer = local::get(&self.locals, "performer")
            .map(local::free)
            .or(self.performer);
        let data = Outcome {
            visit_on: self.visit_on,
            advice,
            summary,
            next_steps,
            documents: self.links,
            performer,
        };
        (kind, Payload::Outcome(data))
    }
}

/// A text, or a text with who does it, as JSON.
fn next_step(text: &str) -> NextStep {
    serde_json::from_str::<serde_json::Value>(text)
        .ok()
        .filter(serde_json::Value::is_object)
        .and_then(|value| serde_json::from_value(value).ok())
        .unwrap_or_else(|| NextStep::Text(text.to_owned()))
}

/// A reference pointer: RP's first component.
fn link(obx: &Segment<'_>) -> Option<Listed> {
    Some(Listed::Linked {
        title: names::coded_text(obx.field(3)).unwrap_or_else(|| "Document".to_owned()),
        media_type: document::media_type(obx.field(5).part(3), obx.field(5).part(4)),
        url: obx.field(5).part(1)?,
    })
}

/// One observation as a line of text: a note's text as it is, a finding with its name, value and unit.
pub(crate) fn line(obx: &Segment<'_>) -> Option<String> {
    let values: Vec<String> = obx
        .field(5)
        .repetitions()
        .filter_map(|one| value(obx, one))
        .collect();
    if values.is_empty() {
        return None;
    }
    let is_text = matches!(obx.field(2).value().as_deref(), Some("TX" | "FT"));
    let is_note = obx.field(3).part(1).as_deref() == Some(CONSULT_NOTE);
    if is_text || is_note {
        return Some(values.join("\n"));
    }
    let unit = obx
        .field(6)
        .value()
        .map(|unit| format!(" {unit}"))
        .unwrap_or_default();
    let name = names::coded_text(obx.field(3))
        .map(|name| format!("{name}: "))
        .unwrap_or_default();
    Some(format!("{name}{}{unit}", values.join(", ")))
}

fn value(obx: &Segment<'_>, one: super::tokens::Part<'_>) -> Option<String> {
    match obx.field(2).value().as_deref() {
        Some("CE" | "CWE" | "CNE" | "CF") => names::coded_text(one),
        Some("SN") => {
            let parts: Vec<String> = (1..=4)
                .filter_map(|component| one.part(component))
                .collect();
            (!parts.is_empty()).then(|| parts.join(" "))
        }
        _ => one.text(),
    }
}

/// Who answers for the result: OBR-32's name, else OBX-16's.
fn performer(group: &Group<'_, '_>) -> Option<Free> {
    let interpreter = group.field("OBR", 32).component(1);
    let words: Vec<String> = [6, 3, 4, 2, 5]
        .into_iter()
        .filter_map(|part| interpreter.subcomponent(part).text())
        .collect();
    if !words.is_empty() {
        return Some(Free::Text(words.join(" ")));
    }
    let observer = group
        .own("OBX")
        .find_map(|obx| patient::readable(obx.field(16), 2, 6));
    observer.map(Free::Text)
}
