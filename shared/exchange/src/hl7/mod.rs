//! HL7 v2: IHE 360X and the messages around a referral, in and out.
//!
//! [`read`] says what a message says, in the terms of [`crate::said`]; [`acknowledge`] answers it; [`write`] says the same things
//! to a partner. What is mapped to what is the table of `docs/hl7.md`. Sources: HL7 v2.5.1 chapters 2, 4, 7, 9, 10 and 11, and
//! IHE PCC 360X 1.2. Time is linear in the bytes, and memory is bounded by them. The text of the message is kept by the caller.

use domain::merges::Merge;
use domain::request::Identifier;
use domain::time::Timestamp;
use domain::time_zone::TimeZone;

use crate::said::{Fault, PatientName, Said, Warning};

mod ack;
mod answer;
mod charset;
mod document;
mod escape;
pub mod faults;
mod frame;
mod given;
mod header;
mod local;
mod members;
mod merge;
mod names;
mod order;
mod order_status;
mod parties;
mod patient;
mod reading;
mod reason;
mod referral;
mod referral_status;
mod result;
mod schedule;
mod steps;
mod supporting;
mod times;
mod tokens;
mod write;

pub use ack::{Outcome, acknowledge, answer_status};
pub use answer::{Answer, answer};
pub use document::Document;
pub use frame::{content, unframed};
pub use header::{Header, Party};
pub use write::{About, Delivery, Envelope, Outbound, Site, challenge, deliver, write};

/// What one message says.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Who sends what to whom.
    pub header: Header,
    /// New referrals, and what happened to others, in the order of the message.
    pub said: Vec<Said>,
    /// The documents it carries; an outcome lists none by itself, because their ids are the caller's to give.
    pub documents: Vec<Document>,
    /// What could not be mapped and is kept as text, or not read at all.
    pub warnings: Vec<Warning>,
    /// Patients who turned out to be one (ADT^A40).
    pub merges: Vec<Merge>,
    /// When they did, where the message says so.
    pub merged_at: Option<Timestamp>,
    /// A question for the status of a referral (REF^I15).
    pub question: Option<StatusQuestion>,
}

/// A question for the status of a referral.
#[derive(Debug, Clone, PartialEq)]
pub struct StatusQuestion {
    /// Which one, by every id that the message gives.
    pub about: Vec<Identifier>,
    /// Whose it is.
    pub patient: PatientName,
}

/// Reads a message; local times are read as UTC, with a warning. See [`read_in`].
///
/// # Errors
/// Every fault that was found, each with where it stood.
pub fn read(bytes: &[u8]) -> Result<Message, Vec<Fault>> {
    read_in(bytes, None)
}

/// Reads a message of a sender whose local time is that of `zone`.
///
/// # Errors
/// As [`read`].
pub fn read_in(bytes: &[u8], zone: Option<&TimeZone>) -> Result<Message, Vec<Fault>> {
    frame::with_tokens(bytes, |tokens| reading::message(tokens, zone))
}

/// Reads the header alone: what answering a message needs that cannot be read any further.
///
/// # Errors
/// Where there is no message at all, or MSH-9 or MSH-10 is empty: such a one cannot be acknowledged.
pub fn header(bytes: &[u8]) -> Result<Header, Vec<Fault>> {
    frame::header(bytes)
}
