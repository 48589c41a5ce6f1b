//! What recipients say, and the notes and answers of both sides.

use serde::{Deserialize, Serialize};

use super::codes::{DeclineReason, MovedBy};
use super::report::{Document, NextStep};
use crate::request::{Free, Identifier, Supporting};
use crate::time::Timestamp;

macro_rules! payloads {
    ($($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $field:ident : $ty:ty,)* })+) => {
        $($(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct $name { $($(#[$doc])* #[serde(default, skip_serializing_if = "Absent::is_absent")] pub $field: $ty,)* })+
    };
}

/// Whether a member is left out of the stored JSON.
trait Absent {
    fn is_absent(&self) -> bool;
}

impl<T> Absent for Option<T> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T> Absent for Vec<T> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl Absent for bool {
    fn is_absent(&self) -> bool {
        !*self
    }
}

payloads! {
    /// Taken on.
    Accepted {
        /// The recipient's id of this referral.
        filler: Option<Identifier>,
        /// Who will see the patient, as given.
        performer: Option<Free>,
    }
    /// A note or a reason and nothing else.
    Remark {
        /// Why.
        reason: Option<String>,
        /// In words.
        note: Option<String>,
        /// What came with a note.
        documents: Vec<Document>,
    }
    /// A booked visit that will not be.
    VisitCancelled {
        /// Why.
        reason: Option<String>,
        /// Who cancelled it.
        by: Option<MovedBy>,
    }
    /// A first finding.
    InterimNote {
        /// In words.
        note: Option<String>,
        /// When the patient was seen, as given (a date or an instant).
        visit_on: Option<String>,
        /// The note itself, where it is a document.
        documents: Vec<Document>,
    }
    /// The outcome, or an amended one.
    Outcome {
        /// When the patient was seen, as given (a date or an instant).
        visit_on: Option<String>,
        /// Advice in place of a visit.
        advice: bool,
        /// What was found.
        summary: Option<String>,
        /// What follows, and who does it.
        next_steps: Vec<NextStep>,
        /// The report itself.
        documents: Vec<Document>,
        /// Who saw the patient, as given.
        performer: Option<Free>,
    }
    /// A question to the referrer.
    InfoRequested {
        /// What is asked.
        question: Option<String>,
        /// The ids of the requirements that are missing.
        requirements: Vec<String>,
    }
    /// An answer, or something new.
    InfoSupplied {
        /// The event that asked; without it every open question is answered.
        question: Option<String>,
        /// What comes with it.
        supporting: Vec<Supporting>,
        /// In words.
        note: Option<String>,
    }
}

/// Not taken on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Declined {
    /// Why.
    pub reason: DeclineReason,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Who might take it, as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alternative: Option<Free>,
}

/// A visit with a date.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    /// When it begins; unknown in BSeR's coarse form and in an implied step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Timestamp>,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Timestamp>,
    /// Where, as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Free>,
    /// Who moved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<MovedBy>,
}
