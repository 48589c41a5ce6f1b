//! MSH: who sends what to whom, and which acknowledgement is wanted (HL7 v2 chapter 2, message header segment).

use domain::request::Identifier;

use crate::hl7::escape;
use crate::hl7::faults;
use crate::hl7::names;
use crate::hl7::times::Written;
use crate::hl7::tokens::{Part, Tokens};
use crate::said::{Fault, PartyName};

/// A header: all that an acknowledgement needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// MSH-9.1: `OMG`.
    pub message_type: String,
    /// MSH-9.2: `O19`. MSH-9.3 is often wrong and decides nothing.
    pub trigger: String,
    /// MSH-9.3, as sent.
    pub structure: Option<String>,
    /// MSH-10.
    pub control_id: String,
    /// MSH-12.1; empty where it was.
    pub version: String,
    /// MSH-3.
    pub sending_application: Party,
    /// MSH-4.
    pub sending_facility: Party,
    /// MSH-5.
    pub receiving_application: Party,
    /// MSH-6.
    pub receiving_facility: Party,
    /// MSH-11.1: production, training or debugging.
    pub processing_id: String,
    /// MSH-15: when an accept acknowledgement is wanted.
    pub accept_ack: Option<String>,
    /// MSH-16: when an application acknowledgement is wanted.
    pub application_ack: Option<String>,
    /// MSH-7, as sent.
    pub datetime: Option<String>,
    /// MSH-18, as sent.
    pub charset: Option<String>,
    /// MSH-21: `360X`.
    pub profile: Option<String>,
    /// The segments that RRI repeats (PRD, PID) and the number of the referral, with the usual separators.
    pub(crate) echo: Echo,
}

/// What an answer repeats.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Echo {
    /// PRD and PID segments.
    pub segments: Vec<String>,
    /// RF1-6.
    pub placer: String,
    /// RF1-11.
    pub filler: String,
}

/// An application or a facility, by every name the field gives it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Party {
    /// As identifiers that the directory may hold.
    pub identifiers: Vec<Identifier>,
    /// The namespace: an id of ours, perhaps.
    pub text: Option<String>,
    /// The field as it came, with the usual separators: it goes back as it is.
    pub(crate) raw: String,
    /// The URI of what it assigns where an id names no assigner.
    pub(crate) assigner: Option<String>,
}

impl Party {
    fn read(field: Part<'_>, tokens: &Tokens<'_>) -> Self {
        let (identifiers, text) = names::organization(field);
        Self {
            identifiers,
            text,
            raw: escape::transcribe(field.raw(), tokens.separators),
            assigner: names::assigner_of(field, 1),
        }
    }

    /// As the name of an organisation.
    #[must_use]
    pub fn name(&self) -> PartyName {
        PartyName {
            identifiers: self.identifiers.clone(),
            id: self.text.clone(),
            ..PartyName::default()
        }
    }
}

/// Segments that RRI repeats at most; ours, a referral names a handful of providers.
const ECHOED_MAX: usize = 20;

impl Header {
    /// Reads it. Only what an acknowledgement cannot do without is a fault.
    pub(crate) fn read(tokens: &Tokens<'_>) -> Result<Self, Vec<Fault>> {
        let field = |number| tokens.field("MSH", number);
        let mut found = Vec::new();
        let mut need = |at: &str, value: Option<String>| {
            value.unwrap_or_else(|| {
                found.push(faults::of(at, faults::REQUIRED, "is empty"));
                String::new()
            })
        };
        let message_type = need("MSH-9.1", field(9).part(1));
        let control_id = need("MSH-10", field(10).value());
        let header = Self {
            message_type,
            trigger: field(9).part(2).unwrap_or_default(),
            structure: field(9).part(3),
            control_id,
            version: field(12).value().unwrap_or_default(),
            sending_application: Party::read(field(3), tokens),
            sending_facility: Party::read(field(4), tokens),
            receiving_application: Party::read(field(5), tokens),
            receiving_facility: Party::read(field(6), tokens),
            processing_id: field(11).value().unwrap_or_else(|| "P".to_owned()),
            accept_ack: field(15).value(),
            application_ack: field(16).value(),
            datetime: field(7).value(),
            charset: field(18).value(),
            profile: field(21).value(),
            echo: Echo::read(tokens),
        };
        if found.is_empty() {
            Ok(header)
        } else {
            Err(found)
        }
    }

    /// The offset that times without one have.
    pub(crate) fn offset_minutes(&self) -> Option<i64> {
        Written::parse(self.datetime.as_deref()?)?.offset_minutes()
    }
}

impl Echo {
    fn read(tokens: &Tokens<'_>) -> Self {
        let raw = |name: &str, field| {
            escape::transcribe(tokens.field(name, field).raw(), tokens.separators)
        };
        let segments = tokens
            .segments()
            .iter()
            .filter(|one| matches!(one.name(), "PRD" | "PID"))
            .take(ECHOED_MAX)
            .map(|one| escape::transcribe(one.text(), tokens.separators))
            .collect();
        Self {
            segments,
            placer: raw("RF1", 6),
            filler: raw("RF1", 11),
        }
    }
}
