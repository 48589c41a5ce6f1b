//! Reading one message: which reader says what it says, and what every reader needs.

use domain::kind::EventKind;
use domain::merges::Merge;
use domain::payload::Payload;
use domain::request::{Coding, Identifier};
use domain::time::{Date, Timestamp};
use domain::time_zone::TimeZone;

use crate::hl7::header::Header;
use crate::hl7::order::{self, Group};
use crate::hl7::times::{Clock, Written};
use crate::hl7::tokens::{Part, Segment, Tokens};
use crate::hl7::{
    Document, Message, StatusQuestion, document, faults, merge, names, order_status, patient,
    referral_status, result, schedule,
};
use crate::said::{Fault, Happened, PatientName, Said, Warning};

/// A message that is being read: what was said so far, and what was wrong.
pub(crate) struct Reading<'t, 'a> {
    pub tokens: &'t Tokens<'a>,
    pub header: Header,
    pub clock: Clock<'t>,
    pub said: Vec<Said>,
    pub documents: Vec<Document>,
    pub merges: Vec<Merge>,
    pub merged_at: Option<Timestamp>,
    pub question: Option<StatusQuestion>,
    warnings: Vec<Warning>,
    faults: Vec<Fault>,
    /// Warnings that a thing said has taken along already.
    taken: usize,
}

/// LOINC's referral note: the service of an order that names none.
const REFERRAL_NOTE: &str = "57133-1";

/// Which side numbers what: whose assigner an id has that names none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Sender,
    Receiver,
}

/// Reads a message.
///
/// # Errors
/// Every fault found.
pub(crate) fn message(tokens: &Tokens<'_>, zone: Option<&TimeZone>) -> Result<Message, Vec<Fault>> {
    let header = Header::read(tokens)?;
    version(&header)?;
    let clock = Clock {
        offset_minutes: header.offset_minutes(),
        zone,
    };
    let mut reading = Reading {
        tokens,
        clock,
        header,
        said: Vec::new(),
        documents: Vec::new(),
        merges: Vec::new(),
        merged_at: None,
        question: None,
        warnings: Vec::new(),
        faults: Vec::new(),
        taken: 0,
    };
    let (message_type, trigger) = (
        reading.header.message_type.clone(),
        reading.header.trigger.clone(),
    );
    match (message_type.as_str(), trigger.as_str()) {
        ("OMG", "O19") => order::read(&mut reading),
        ("OSU", "O51") => order_status::read(&mut reading),
        ("SIU", "S12" | "S13" | "S14" | "S15" | "S26") => schedule::read(&mut reading),
        ("ORU", "R01") => result::observations(&mut reading),
        ("MDM", "T02") => document::read(&mut reading),
        ("REF" | "RRI", "I12" | "I13" | "I14" | "I15") => referral_status::read(&mut reading),
        ("ADT", "A40") => merge::read(&mut reading),
        ("OMG" | "OSU" | "SIU" | "ORU" | "MDM" | "REF" | "RRI" | "ADT", _) => {
            reading.fault(
                "MSH-9.2",
                faults::EVENT,
                "this trigger event is not read here",
            );
        }
        _ => reading.fault(
            "MSH-9.1",
            faults::MESSAGE_TYPE,
            "this type of message is not read here",
        ),
    }
    reading.end()
}

/// 2.3 to 2.8, whatever stands behind the second number; an empty one is taken.
fn version(header: &Header) -> Result<(), Vec<Fault>> {
    let numbers: Vec<&str> = header.version.split('.').take(2).collect();
    match numbers.as_slice() {
        ["2", "3" | "4" | "5" | "6" | "7" | "8"] | [""] => Ok(()),
        _ => Err(vec![faults::of(
            "MSH-12",
            faults::VERSION,
            "versions 2.3 to 2.8 are read",
        )]),
    }
}

impl<'t, 'a> Reading<'t, 'a> {
    pub fn fault(&mut self, at: impl Into<String>, code: &'static str, detail: impl Into<String>) {
        self.faults.push(faults::of(at, code, detail));
    }

    pub fn warn(&mut self, at: impl Into<String>, detail: impl Into<String>) {
        self.warnings.push(faults::warning(at, detail));
    }

    /// The warnings since the last thing said: they go with the next.
    pub fn take_warnings(&mut self) -> Vec<Warning> {
        let since = self.warnings.get(self.taken..).unwrap_or_default().to_vec();
        self.taken = self.warnings.len();
        since
    }

    /// Whose assigner an id has that names none: of the facility, else of the application.
    pub fn assigner(&self, side: Side) -> Option<String> {
        let (facility, application) = match side {
            Side::Sender => (
                &self.header.sending_facility,
                &self.header.sending_application,
            ),
            Side::Receiver => (
                &self.header.receiving_facility,
                &self.header.receiving_application,
            ),
        };
        facility
            .assigner
            .clone()
            .or_else(|| application.assigner.clone())
    }

    /// An id of a referral; one that names no assigner has that of its side, with a warning.
    pub fn entity(
        &mut self,
        at: impl Into<String>,
        field: Part<'_>,
        side: Side,
    ) -> Option<Identifier> {
        let value = field.part(1)?;
        let at = at.into();
        let own = names::assigner_of(field, 2);
        if own.is_none() {
            self.warn(
                &at,
                "no assigner: read as assigned by the facility of MSH-4 or MSH-6",
            );
        }
        let Some(system) = own.or_else(|| self.assigner(side)) else {
            self.fault(
                at,
                faults::REQUIRED,
                "an id without an assigner, and MSH names no facility: nobody can tell whose it is",
            );
            return None;
        };
        Some(Identifier { system, value })
    }

    /// An instant; a local time with no zone known is read as UTC, with a warning.
    pub fn instant(&mut self, at: impl Into<String>, text: Option<String>) -> Option<Timestamp> {
        let text = text?;
        let at = at.into();
        match Written::parse(&text).map(|written| written.instant(self.clock)) {
            Some(Some((instant, guessed))) => {
                if guessed {
                    self.warn(
                        at,
                        "no offset here or in MSH-7, and the sender has no time zone: read as UTC",
                    );
                }
                Some(instant)
            }
            Some(None) => {
                self.warn(at, "a day without a time: not read as an instant");
                None
            }
            None => {
                self.fault(at, faults::DATA_TYPE, "not a time");
                None
            }
        }
    }

    /// A day.
    pub fn date(&mut self, at: impl Into<String>, text: Option<String>) -> Option<Date> {
        match Written::parse(&text?) {
            Some(Written {
                date: Some(date), ..
            }) => Some(date),
            Some(_) => {
                self.warn(at, "a year or a month without a day: not read");
                None
            }
            None => {
                self.fault(at, faults::DATA_TYPE, "not a date");
                None
            }
        }
    }

    /// A visit's date: the instant, or the day where the zone is unknown.
    pub fn visit_on(&mut self, at: impl Into<String>, text: Option<String>) -> Option<String> {
        let written = Written::parse(&text?);
        let visit = written.and_then(|written| written.day_or_instant(self.clock));
        if visit.is_none() {
            self.fault(at, faults::DATA_TYPE, "not a date");
        }
        visit
    }

    /// When something happened, where its zone is known: guessed hours would change the order of events.
    pub fn happened_at(&self, text: Option<String>) -> Option<Timestamp> {
        let (instant, guessed) = Written::parse(&text?)?.instant(self.clock)?;
        (!guessed).then_some(instant)
    }

    /// The day of the message, for what has none of its own.
    pub fn message_day(&self) -> Option<Date> {
        Written::parse(self.header.datetime.as_deref()?)?.date
    }

    /// Who the patient of a group is.
    pub fn patient(&mut self, pid: Option<&Segment<'_>>) -> Option<PatientName> {
        pid.map(|pid| patient::name(self, pid))
    }

    /// Both ids of an order: the placer's and the filler's. `sent_by_filler` says whose assigner is whose.
    pub fn order_ids(
        &mut self,
        group: &Group<'_, '_>,
        sent_by_filler: bool,
    ) -> (Option<Identifier>, Option<Identifier>) {
        let (placer_side, filler_side) = if sent_by_filler {
            (Side::Receiver, Side::Sender)
        } else {
            (Side::Sender, Side::Receiver)
        };
        let either = |reading: &mut Self, number: usize, side| {
            ["ORC", "OBR"].into_iter().find_map(|name| {
                let segment = group.first(name)?;
                reading.entity(segment.at(number), segment.field(number), side)
            })
        };
        let placer = either(self, 2, placer_side);
        let filler = either(self, 3, filler_side);
        (placer, filler)
    }

    /// Something happened.
    pub fn happened(
        &mut self,
        kind: EventKind,
        data: Payload,
        when: Option<String>,
        about: Vec<Identifier>,
        patient: Option<PatientName>,
    ) {
        if about.is_empty() && patient.is_none() {
            self.fault(
                "PID-3",
                faults::REQUIRED,
                "neither an id of the referral nor a patient: nobody can tell what it is about",
            );
            return;
        }
        let occurred_at = self.happened_at(when);
        let warnings = self.take_warnings();
        self.said.push(Said::Event(Box::new(Happened {
            kind,
            data,
            occurred_at,
            about,
            service: self.service(),
            patient,
            source_id: Some(self.header.control_id.clone()),
            warnings,
        })));
    }

    /// The service of the order that is answered; a code for the report or the referral as a document says nothing of it.
    fn service(&self) -> Option<Coding> {
        let obr = self
            .tokens
            .segments()
            .iter()
            .find(|segment| segment.name() == "OBR")?;
        names::coding(obr.field(4)).filter(|service| {
            ![result::CONSULT_NOTE, REFERRAL_NOTE].contains(&service.code.as_str())
        })
    }

    fn end(self) -> Result<Message, Vec<Fault>> {
        if !self.faults.is_empty() {
            return Err(self.faults);
        }
        Ok(Message {
            header: self.header,
            said: self.said,
            documents: self.documents,
            warnings: self.warnings,
            merges: self.merges,
            merged_at: self.merged_at,
            question: self.question,
        })
    }
}
