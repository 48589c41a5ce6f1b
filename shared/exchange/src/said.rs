//! What a partner said, whatever the format: a new referral, or something that happened to one.

use domain::kind::EventKind;
use domain::payload::Payload;
use domain::request::{Coding, Identifier, Name, Request};
use domain::time::{Date, Timestamp};

/// What stands for a reason that our event needs, its standard does not, and the sender did not give.
pub(crate) const NO_REASON: &str = "No reason was given.";

/// What one message, bundle or resource says.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// A referral is sent.
    Referral(Box<NewReferral>),
    /// Something happened to a referral.
    Event(Box<Happened>),
}

/// A new referral. Who receives it may be named by identifiers of the organisation, which the directory resolves.
#[derive(Debug, Clone, PartialEq)]
pub struct NewReferral {
    /// The request; its recipient is a placeholder where [`Self::recipient`] says who it is.
    pub request: Request,
    /// The receiving organisation and service, as the format names them.
    pub recipient: PartyName,
    /// The sending organisation, as the format names it.
    pub sender: Option<PartyName>,
    /// What could not be mapped and is kept as text.
    pub warnings: Vec<Warning>,
}

/// An organisation as a format names it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartyName {
    /// By identifiers, any of which the directory may know.
    pub identifiers: Vec<Identifier>,
    /// By our own id.
    pub id: Option<String>,
    /// The service's id, where it is named.
    pub service: Option<String>,
    /// The name that a person reads.
    pub name: Option<String>,
    /// How to reach it, where it is outside the network.
    pub phone: Option<String>,
    /// Its fax number, likewise.
    pub fax: Option<String>,
}

/// Something that happened to a referral.
#[derive(Debug, Clone, PartialEq)]
pub struct Happened {
    /// What.
    pub kind: EventKind,
    /// What it says.
    pub data: Payload,
    /// When, where the message says so.
    pub occurred_at: Option<Timestamp>,
    /// Which referral, by every id that the message gives: placer's, filler's, ours.
    pub about: Vec<Identifier>,
    /// The service that was asked for, where the message names one.
    pub service: Option<Coding>,
    /// Who the patient is, as the message says; it must agree with the referral's.
    pub patient: Option<PatientName>,
    /// The sender's own id of the message or event.
    pub source_id: Option<String>,
    /// What could not be mapped and is kept as text.
    pub warnings: Vec<Warning>,
}

/// A patient as a message names one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PatientName {
    /// Every identifier given.
    pub identifiers: Vec<Identifier>,
    /// The name.
    pub name: Option<Name>,
    /// The date of birth.
    pub birth_date: Option<Date>,
}

/// Why something that came cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where it stood: a FHIRPath (`Bundle.entry[1].resource.status`) or an HL7 v2 location (`PID-7`, `OBX[2]-5`).
    pub at: String,
    /// A stable code.
    pub code: &'static str,
    /// What is wrong, without any value of a patient's.
    pub detail: String,
}

/// What was kept as text because no code fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Where it stood.
    pub at: String,
    /// What was done with it.
    pub detail: String,
}
