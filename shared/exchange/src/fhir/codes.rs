//! The code systems, identifier types and extensions that are read and written. Where FHIR, US Core or BSeR has an element,
//! that is used; an extension of ours (`urn:referral-loop:fhir:…`) only for what none of them has.

use domain::request::SupportingKind;

pub(crate) const IDENTIFIER_TYPE: &str = "http://terminology.hl7.org/CodeSystem/v2-0203";
pub(crate) const PLACER: &str = "PLAC";
pub(crate) const FILLER: &str = "FILL";
pub(crate) const MEDICAL_RECORD: &str = "MR";

/// BSeR's `Task.businessStatus`.
pub(crate) const BUSINESS_STATUS: &str =
    "http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS";
/// BSeR's sections of a feedback.
pub(crate) const BSER: &str = "http://hl7.org/fhir/us/bser/CodeSystem/bser";
pub(crate) const TASK_CODE: &str = "http://hl7.org/fhir/CodeSystem/task-code";
/// HL7 v2's trigger events; I12 is BSeR's `MessageHeader.eventCoding`.
pub(crate) const MESSAGE_EVENT: &str = "http://terminology.hl7.org/CodeSystem/v2-0003";
pub(crate) const LOINC: &str = "http://loinc.org";
pub(crate) const LANGUAGE: &str = "urn:ietf:bcp:47";
/// LOINC: a specialist's report, in the value set Consultant Report that CMS50 reads.
pub(crate) const CONSULT_NOTE: &str = "11488-4";
/// LOINC: a referral note, the type of BSeR's request document.
pub(crate) const REFERRAL_NOTE: &str = "57133-1";
/// LOINC: a patient's consent.
pub(crate) const CONSENT: &str = "59284-0";

pub(crate) const DECLINE_REASON: &str = "urn:referral-loop:decline-reason";
pub(crate) const NOT_COMPLETED_REASON: &str = "urn:referral-loop:not-completed-reason";
pub(crate) const OUTPUT_TYPE: &str = "urn:referral-loop:task-output";
pub(crate) const HASH_SYSTEM: &str = "urn:referral-loop:event-hash";

/// What the URLs of our extensions begin with.
pub(crate) const EXTENSION: &str = "urn:referral-loop:fhir:";

/// What is said to be absent by a code, and of which kind it is (SNOMED CT).
pub(crate) const NONE_KNOWN: &[(&str, SupportingKind)] = &[
    ("716186003", SupportingKind::Allergy),
    ("787481004", SupportingKind::Medication),
    ("160245001", SupportingKind::Problem),
];

/// BSeR's display of a business status.
pub(crate) fn business_display(code: &str) -> &'static str {
    match code {
        "2.0" => "Service Request Created",
        "3.0" => "Service Request Accepted",
        "4.0" => "Service Request Declined",
        "5.2" => "Service Request Cancellation Requested",
        "5.1.1" => "Service Request Event Scheduled",
        "5.1.2" => "Scheduled Service Request Event Unattended",
        "5.1.3" => "Scheduled Service Request Event Cancelled",
        "5.1.4" => "Service Request Event Completed",
        "6.0" => "Service Request Fulfillment Cancelled",
        "7.0" => "Service Request Fulfillment Completed",
        _ => "Service Request In Progress",
    }
}
