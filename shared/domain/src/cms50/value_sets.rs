//! The value sets by which the measure knows its codes, and which codes are in them. The sets themselves are loaded, not shipped:
//! CPT is the American Medical Association's.
//!
//! Source: the measure's library, its `valueset` and `code` declarations.

use std::collections::{BTreeMap, BTreeSet};

/// A value set of the measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValueSet {
    /// Its OID in the Value Set Authority Center.
    pub oid: &'static str,
    /// Its name there.
    pub name: &'static str,
    /// What its codes say.
    pub says: Says,
}

/// What a code is looked up for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Says {
    /// `ServiceRequest.code`: it is a referral.
    Referral,
    /// `Task.reasonCode`: what came is a consultant's report.
    ConsultantReport,
    /// `Encounter.type`: it is a visit that counts.
    Encounter,
    /// `Procedure.code`: it is a procedure that counts.
    Procedure,
}

const fn set(says: Says, oid: &'static str, name: &'static str) -> ValueSet {
    ValueSet { oid, name, says }
}

/// All that the measure needs.
pub const VALUE_SETS: &[ValueSet] = &[
    set(
        Says::Referral,
        "2.16.840.1.113883.3.464.1003.101.12.1046",
        "Referral",
    ),
    set(
        Says::ConsultantReport,
        "2.16.840.1.113883.3.464.1003.121.12.1006",
        "Consultant Report",
    ),
    set(
        Says::Encounter,
        "2.16.840.1.113883.3.464.1003.101.12.1001",
        "Office Visit",
    ),
    set(
        Says::Encounter,
        "2.16.840.1.113883.3.526.3.1285",
        "Ophthalmological Services",
    ),
    set(
        Says::Encounter,
        "2.16.840.1.113883.3.464.1003.101.12.1025",
        "Preventive Care Services Established Office Visit, 18 and Up",
    ),
    set(
        Says::Encounter,
        "2.16.840.1.113883.3.464.1003.101.12.1022",
        "Preventive Care Services, Initial Office Visit, 0 to 17",
    ),
    set(
        Says::Encounter,
        "2.16.840.1.113883.3.464.1003.101.12.1023",
        "Preventive Care Services Initial Office Visit, 18 and Up",
    ),
    set(
        Says::Encounter,
        "2.16.840.1.113883.3.464.1003.101.12.1024",
        "Preventive Care, Established Office Visit, 0 to 17",
    ),
    set(
        Says::Procedure,
        "2.16.840.1.113883.3.526.3.1023",
        "Behavioral/Neuropsych Assessment",
    ),
    set(
        Says::Procedure,
        "2.16.840.1.113883.3.526.3.1492",
        "Psych Visit Diagnostic Evaluation",
    ),
];

/// Which codes say what, from the value sets that are loaded.
#[derive(Debug, Clone)]
pub struct Codes {
    loaded: BTreeSet<&'static str>,
    codes: BTreeMap<(Says, String), BTreeSet<String>>,
    is_named: fn(&str, &str) -> bool,
}

impl Codes {
    /// None yet. `is_named` says whether the measure names a procedure's code (its system, and the code) itself, outside any set.
    #[must_use]
    pub const fn new(is_named: fn(&str, &str) -> bool) -> Self {
        Self {
            loaded: BTreeSet::new(),
            codes: BTreeMap::new(),
            is_named,
        }
    }

    /// Adds a loaded value set: its OID, and its codes with their systems. One that the measure does not need adds nothing.
    pub fn load<'a>(&mut self, oid: &str, codes: impl IntoIterator<Item = (&'a str, &'a str)>) {
        let Some(set) = VALUE_SETS.iter().find(|set| set.oid == oid) else {
            return;
        };
        self.loaded.insert(set.oid);
        for (system, code) in codes {
            self.codes
                .entry((set.says, system.to_owned()))
                .or_default()
                .insert(code.to_owned());
        }
    }

    /// Whether a code is in a set that says this, or is named by the measure itself. The version of its system does not matter.
    #[must_use]
    pub fn say(&self, says: Says, system: &str, code: &str) -> bool {
        let is_in = |codes: &BTreeSet<String>| codes.contains(code);
        self.codes
            .get(&(says, system.to_owned()))
            .is_some_and(is_in)
            || (says == Says::Procedure && (self.is_named)(system, code))
    }

    /// What is needed and was not loaded.
    pub fn missing(&self) -> impl Iterator<Item = &'static ValueSet> {
        VALUE_SETS
            .iter()
            .filter(|set| !self.loaded.contains(set.oid))
    }

    /// Whether what is missing leaves nothing to be counted: referrals, reports, or every set of visits.
    #[must_use]
    pub fn is_unusable(&self) -> bool {
        let lacks = |says: Says| {
            VALUE_SETS
                .iter()
                .filter(|set| set.says == says)
                .all(|set| !self.loaded.contains(set.oid))
        };
        lacks(Says::Referral)
            || lacks(Says::ConsultantReport)
            || (lacks(Says::Encounter) && lacks(Says::Procedure))
    }
}
