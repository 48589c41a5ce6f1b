//! What the referrer asks for: the referral as it was sent.
//!
//! Source: the ten items of a good request (ACP toolkit, NCQA CC-04, IHE 360X); codes are FHIR R4's where it has them.

use std::collections::BTreeMap;

use crate::time::{Date, Timestamp};
use serde::{Deserialize, Serialize};

use crate::codes::codes;

codes! {
    /// How soon (FHIR's request-priority).
    pub enum Urgency {
        /// In the usual time.
        Routine = "routine",
        /// Before routine.
        Urgent = "urgent",
        /// As soon as possible.
        Asap = "asap",
        /// At once.
        Stat = "stat",
    }
}

codes! {
    /// What the recipient is asked to do (ACP's types of referral).
    pub enum Role {
        /// See the patient and report.
        Evaluate = "evaluate",
        /// Answer without a visit.
        Advise = "advise",
        /// Take over the treatment of this condition.
        Treat = "treat",
        /// Treat together.
        CoManage = "co-manage",
        /// Do one procedure.
        Procedure = "procedure",
    }
}

codes! {
    /// What an item that comes with the request is.
    pub enum SupportingKind {
        /// A laboratory result.
        Lab = "lab",
        /// An image or its report.
        Imaging = "imaging",
        /// A medication.
        Medication = "medication",
        /// An allergy.
        Allergy = "allergy",
        /// A problem or diagnosis.
        Problem = "problem",
        /// A note.
        Note = "note",
        /// A document.
        Document = "document",
    }
}

codes! {
    /// Whether the patient agreed to the referral.
    pub enum Agreed {
        /// Yes.
        Yes = "yes",
        /// No.
        No = "no",
        /// Not yet.
        Undecided = "undecided",
    }
}

codes! {
    /// Who makes the appointment.
    pub enum Scheduling {
        /// The recipient calls the patient.
        RecipientCalls = "recipient-calls",
        /// The patient must call.
        PatientCalls = "patient-calls",
        /// The referrer books it.
        ReferrerBooks = "referrer-books",
    }
}

/// An id and who assigned it (HL7 v2 EI, FHIR Identifier). Equal values of two systems are two things.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Identifier {
    /// The assigner, as a URI.
    pub system: String,
    /// The id.
    pub value: String,
}

/// A coded concept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coding {
    /// The code system's URI.
    pub system: String,
    /// The code.
    pub code: String,
    /// The text a person reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
}

/// Content that is carried and shown, never interpreted.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Free {
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// Text.
    Text(String),
    /// Several.
    List(Vec<Free>),
    /// Named parts.
    Object(BTreeMap<String, Free>),
    /// Nothing.
    Nothing,
}

/// A person's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// The family name.
    pub family: String,
    /// The given names.
    #[serde(default)]
    pub given: Vec<String>,
}

/// Who is referred.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patient {
    /// The id at the referrer's.
    pub identifier: Identifier,
    /// The name.
    pub name: Name,
    /// The date of birth.
    pub birth_date: Date,
    /// Where to call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Where to write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The language to speak (BCP 47).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The way the patient wants to be reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_by: Option<String>,
}

/// An office that is not in the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct External {
    /// Its name.
    pub name: String,
    /// Its fax number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fax: Option<String>,
    /// Its phone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// Where a referral, or a leg of it, goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, try_from = "RecipientParts")]
pub enum Recipient {
    /// A service of an organisation in the network.
    Member {
        /// The organisation's id.
        organization: String,
        /// The service's id.
        #[serde(skip_serializing_if = "Option::is_none")]
        service: Option<String>,
    },
    /// An office outside it.
    Outside {
        /// Who it is.
        external: External,
    },
}

/// A recipient as it is written; reading it so keeps serde's buffering of untagged enums out of the wasm.
#[derive(Deserialize)]
struct RecipientParts {
    organization: Option<String>,
    service: Option<String>,
    external: Option<External>,
}

impl TryFrom<RecipientParts> for Recipient {
    type Error = &'static str;

    fn try_from(parts: RecipientParts) -> Result<Self, Self::Error> {
        match (parts.organization, parts.external) {
            (Some(organization), _) => Ok(Self::Member {
                organization,
                service: parts.service,
            }),
            (None, Some(external)) => Ok(Self::Outside { external }),
            (None, None) => Err("neither an organization nor an external office"),
        }
    }
}

impl Recipient {
    /// The organisation's id, where it is in the network.
    #[must_use]
    pub fn organization(&self) -> Option<&str> {
        match self {
            Self::Member { organization, .. } => Some(organization),
            Self::Outside { .. } => None,
        }
    }

    /// The service's id, where it is in the network.
    #[must_use]
    pub fn service(&self) -> Option<&str> {
        match self {
            Self::Member { service, .. } => service.as_deref(),
            Self::Outside { .. } => None,
        }
    }
}

/// Something that comes with the request: a result, a list, a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Supporting {
    /// What it is.
    pub kind: SupportingKind,
    /// Its code, such as a LOINC code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The text a person reads.
    pub display: String,
    /// Its date.
    pub date: Date,
    /// The result itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Free>,
    /// Where the whole of it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What the patient knows and wants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preparation {
    /// Whether the patient agreed.
    pub agreed: Agreed,
    /// Why, or why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What may stand in the way.
    #[serde(default)]
    pub barriers: Vec<String>,
}

/// The clinician who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requester {
    /// The clinician's id, such as an NPI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<Identifier>,
    /// The name.
    pub name: String,
    /// Where to call back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// Why a required item is missing and the referral goes all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// The requirement's id.
    pub requirement: String,
    /// The referrer's reason.
    pub reason: String,
}

/// The request, as the referrer sent it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Who is referred.
    pub patient: Patient,
    /// To whom.
    pub recipient: Recipient,
    /// What for.
    pub service: Coding,
    /// How soon.
    pub urgency: Urgency,
    /// The question to be answered.
    pub clinical_question: String,
    /// What the recipient is to do.
    pub role: Role,
    /// The story so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// What comes with it.
    #[serde(default)]
    pub supporting: Vec<Supporting>,
    /// What the patient knows and wants.
    pub preparation: Preparation,
    /// The clinician who asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester: Option<Requester>,
    /// Why, in codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reason: Vec<Coding>,
    /// Why it is not routine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency_reason: Option<String>,
    /// When it was ordered, where that was before it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordered_at: Option<Timestamp>,
    /// Whether it was ordered in a telehealth visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordered_by_telehealth: Option<bool>,
    /// Who makes the appointment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduling: Option<Scheduling>,
    /// What the referrer looked for and the patient has none of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub none_known: Vec<SupportingKind>,
    /// Who pays, as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Free>,
    /// The date by which it is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needed_by: Option<Date>,
    /// The referrer's id of this referral.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placer: Option<Identifier>,
    /// The encounter in which it was ordered, as given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encounter: Option<Free>,
    /// An earlier referral that this one follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<String>,
    /// Required items that are missing, and why it goes all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<Override>,
    /// How the recipient was found, where the referrer asked for a specialty and named none; shown as it was worked out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routed: Option<Free>,
}

/// A correction of the patient's details. The identifier is not among them: a wrong patient is entered in error.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PatientChanges {
    /// The right name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// The right date of birth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<Date>,
    /// The right phone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The right address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The right language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The right way to reach the patient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_by: Option<String>,
}

/// A correction of a request: the members that were wrong, as they should have been.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RequestChanges {
    /// The patient's details.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient: Option<PatientChanges>,
    /// What for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Coding>,
    /// The question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clinical_question: Option<String>,
    /// What the recipient is to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The story so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// What comes with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supporting: Option<Vec<Supporting>>,
    /// What the patient knows and wants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preparation: Option<Preparation>,
    /// The clinician who asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester: Option<Requester>,
    /// Why, in codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Vec<Coding>>,
    /// Why it is not routine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency_reason: Option<String>,
    /// Who makes the appointment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduling: Option<Scheduling>,
    /// What the patient has none of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub none_known: Option<Vec<SupportingKind>>,
    /// Who pays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Free>,
    /// The date by which it is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needed_by: Option<Date>,
    /// The encounter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encounter: Option<Free>,
}

impl RequestChanges {
    /// Whether it touches only how to reach the patient: all that a recipient may correct.
    #[must_use]
    pub fn is_contact_only(&self) -> bool {
        let Some(patient) = &self.patient else {
            return false;
        };
        patient.name.is_none()
            && patient.birth_date.is_none()
            && Self {
                patient: None,
                ..self.clone()
            } == Self::default()
    }
}

fn replace<T: Clone>(slot: &mut T, change: Option<&T>) {
    if let Some(change) = change {
        slot.clone_from(change);
    }
}

fn fill<T: Clone>(slot: &mut Option<T>, change: Option<&T>) {
    if change.is_some() {
        *slot = change.cloned();
    }
}

impl Request {
    /// Puts right what was wrong.
    pub fn correct(&mut self, changes: &RequestChanges) {
        if let Some(patient) = &changes.patient {
            replace(&mut self.patient.name, patient.name.as_ref());
            replace(&mut self.patient.birth_date, patient.birth_date.as_ref());
            fill(&mut self.patient.phone, patient.phone.as_ref());
            fill(&mut self.patient.email, patient.email.as_ref());
            fill(&mut self.patient.language, patient.language.as_ref());
            fill(&mut self.patient.contact_by, patient.contact_by.as_ref());
        }
        replace(&mut self.service, changes.service.as_ref());
        replace(
            &mut self.clinical_question,
            changes.clinical_question.as_ref(),
        );
        replace(&mut self.role, changes.role.as_ref());
        fill(&mut self.summary, changes.summary.as_ref());
        replace(&mut self.supporting, changes.supporting.as_ref());
        replace(&mut self.preparation, changes.preparation.as_ref());
        fill(&mut self.requester, changes.requester.as_ref());
        replace(&mut self.reason, changes.reason.as_ref());
        fill(&mut self.urgency_reason, changes.urgency_reason.as_ref());
        fill(&mut self.scheduling, changes.scheduling.as_ref());
        replace(&mut self.none_known, changes.none_known.as_ref());
        fill(&mut self.coverage, changes.coverage.as_ref());
        fill(&mut self.needed_by, changes.needed_by.as_ref());
        fill(&mut self.encounter, changes.encounter.as_ref());
    }
}
