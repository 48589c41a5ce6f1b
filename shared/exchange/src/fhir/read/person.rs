//! The patient, and how people are named.

use std::str::FromStr;

use domain::request::{Identifier, Name, Patient};
use domain::time::Date;

use super::super::codes::{IDENTIFIER_TYPE, MEDICAL_RECORD};
use super::node::Node;
use super::reader::{Reader, Target};
use crate::said::PatientName;

impl<'a> Reader<'_, 'a> {
    /// The patient of a referral: whole, or a fault for each element that is missing.
    pub fn patient(&mut self, subject: Option<Node<'a>>, at: String) -> Option<Patient> {
        let Some(subject) = subject else {
            self.fault(at, "required", "is required");
            return None;
        };
        let target = self.follow(subject);
        let Some(patient) = target.resource.filter(|found| found.kind() == "Patient") else {
            self.fault(
                target.reference.at,
                "required",
                "must lead to a Patient that comes along, contained or in the Bundle",
            );
            return None;
        };
        self.refuse_modifiers(&patient);
        let identifier = self.patient_identifier(&patient);
        if identifier.is_none() {
            self.fault(
                patient.path("identifier"),
                "required",
                "is required, with its system",
            );
        }
        let name = human_name(&patient);
        if name.is_none() {
            self.fault(
                patient.path("name"),
                "required",
                "is required, with the family name",
            );
        }
        let birth_date = self.date(&patient, "birthDate");
        if birth_date.is_none() && patient.child("birthDate").is_none() {
            self.fault(patient.path("birthDate"), "required", "is required");
        }
        let phone = self
            .telecom(&patient, "phone")
            .or_else(|| self.telecom(&patient, "sms"))
            .map(str::to_owned);
        Some(Patient {
            identifier: identifier?,
            name: name?,
            birth_date: birth_date?,
            phone,
            email: self.telecom(&patient, "email").map(str::to_owned),
            language: self.language(&patient),
            contact_by: contact_by(&patient),
        })
    }

    /// The record number (v2-0203 MR) first, then what is marked as official or usual, then the first that has a system.
    pub fn patient_identifier(&mut self, patient: &Node<'a>) -> Option<Identifier> {
        let all = patient.items("identifier");
        let rank = |one: &Node<'a>| {
            let is_record = one.child("type").is_some_and(|concept| {
                self.code_in(&concept, IDENTIFIER_TYPE) == Some(MEDICAL_RECORD)
            });
            match (is_record, one.text("use")) {
                (_, Some("old" | "temp")) => 4,
                (true, _) => 0,
                (false, Some("official")) => 1,
                (false, Some("usual")) => 2,
                (false, _) => 3,
            }
        };
        let mut ranked: Vec<(u8, Node<'a>)> =
            all.into_iter().map(|one| (rank(&one), one)).collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked.iter().find_map(|(_, one)| self.identifier(one))
    }

    fn language(&self, patient: &Node<'a>) -> Option<String> {
        let mut all = patient.items("communication");
        all.sort_by_key(|one| !one.flag("preferred"));
        let concept = all.first()?.child("language")?;
        let coding = self.codings(&concept).into_iter().next();
        coding
            .map(|coding| coding.code)
            .or_else(|| concept.text("text").map(str::to_owned))
    }

    /// Who the patient is as a message names one: to be compared, so that what is missing is no fault.
    pub fn patient_name(&mut self, target: &Target<'a>) -> Option<PatientName> {
        let mut named = PatientName::default();
        if let Some(identifier) = target.reference.child("identifier") {
            named.identifiers.extend(self.identifier(&identifier));
        }
        if let Some(patient) = target
            .resource
            .as_ref()
            .filter(|found| found.kind() == "Patient")
        {
            for identifier in patient.items("identifier") {
                named.identifiers.extend(self.identifier(&identifier));
            }
            named.name = human_name(patient);
            named.birth_date = patient
                .text("birthDate")
                .and_then(|text| Date::from_str(text).ok());
        }
        (named != PatientName::default()).then_some(named)
    }
}

/// The way the patient wants to be reached: our extension, else the telecom that is ranked first.
fn contact_by(patient: &Node<'_>) -> Option<String> {
    let told = patient.extension("contact-by");
    if let Some(text) = told.as_ref().and_then(|told| told.text("valueString")) {
        return Some(text.to_owned());
    }
    let all = patient.items("telecom");
    let first = all
        .iter()
        .find(|one| one.value.get("rank").and_then(serde_json::Value::as_u64) == Some(1))?;
    first.text("system").map(str::to_owned)
}

/// The name to use: the official one, then the usual one, then the first, with a family name; former ones never.
fn human_name(person: &Node<'_>) -> Option<Name> {
    let rank = |name: &Node<'_>| match name.text("use") {
        Some("official") => 0,
        Some("usual") => 1,
        Some("old" | "maiden" | "nickname" | "anonymous") => 3,
        _ => 2,
    };
    let mut all = person.items("name");
    all.sort_by_key(rank);
    let name = all.iter().find(|name| name.text("family").is_some())?;
    let given = name
        .value
        .get("given")
        .and_then(serde_json::Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|given| given.as_str().map(str::trim))
        .filter(|given| !given.is_empty())
        .map(str::to_owned)
        .collect();
    Some(Name {
        family: name.text("family")?.to_owned(),
        given,
    })
}

/// A person's or an organisation's name in one line.
pub(super) fn line_name(resource: &Node<'_>) -> Option<String> {
    if let Some(name) = resource.text("name") {
        return Some(name.to_owned());
    }
    if let Some(text) = resource
        .items("name")
        .iter()
        .find_map(|name| name.text("text"))
    {
        return Some(text.to_owned());
    }
    let name = human_name(resource)?;
    let mut words = name.given;
    words.push(name.family);
    Some(words.join(" "))
}
