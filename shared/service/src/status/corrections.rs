//! `referral.corrected` on the wire: what can be corrected, and the short form of how a patient is reached.
//!
//! A correction that is not understood is refused, not passed over: its sender believes that it was made.

use serde_json::{Map, Value};

use crate::http::{Fault, Object, Place, Shape};
use crate::referrals::{PATIENT_CHANGES, REQUEST_CHANGES};

/// Members of the patient that may stand in `changes` itself, where nothing else has their names. The identifier is one of
/// them to be refused.
const OF_THE_PATIENT: &[&str] = &[
    "identifier",
    "name",
    "birth_date",
    "phone",
    "email",
    "language",
    "contact_by",
];

/// Puts what stands in `changes` itself below its `patient`, and says which members those were. One that stands in both
/// places is left alone.
pub fn below_patient(data: &mut Value) -> Vec<&'static str> {
    let Some(Value::Object(changes)) = data.get_mut("changes") else {
        return Vec::new();
    };
    let mut moved = Vec::new();
    for name in OF_THE_PATIENT {
        if let Some(value) = changes.remove(*name) {
            let patient = changes
                .entry("patient")
                .or_insert_with(|| Value::Object(Map::new()));
            match patient {
                Value::Object(members) if !members.contains_key(*name) => {
                    members.insert((*name).to_owned(), value);
                    moved.push(*name);
                }
                _ => {
                    changes.insert((*name).to_owned(), value);
                }
            }
        }
    }
    moved
}

/// The fault, at the place where the sender wrote the member.
#[must_use]
pub fn where_written(mut fault: Fault, moved: &[&'static str]) -> Fault {
    if let Place::Body(at) = &mut fault.place
        && let Some(rest) = at.strip_prefix("/changes/patient/")
        && moved.contains(&rest.split('/').next().unwrap_or_default())
    {
        *at = format!("/changes/{rest}");
    }
    fault
}

/// The patient's identifier cannot be corrected: a wrong patient is entered in error.
#[must_use]
pub fn faults(data: &Value) -> Vec<Fault> {
    let Some(Value::Object(changes)) = data.get("changes") else {
        return Vec::new();
    };
    let mut faults = Vec::new();
    if changes.is_empty() {
        faults.push(Fault::at("/changes", "too-few", "must name what was wrong"));
    }
    faults.extend(unknown("/changes", changes, &REQUEST_CHANGES));
    if let Some(Value::Object(patient)) = changes.get("patient") {
        if patient.contains_key("identifier") {
            faults.push(Fault::at(
                "/changes/patient/identifier",
                "not-correctable",
                "cannot be corrected: enter the referral in error and send a new one",
            ));
        }
        faults.extend(unknown("/changes/patient", patient, &PATIENT_CHANGES));
    }
    faults
}

/// That there are members which cannot be corrected. They are not named: any text may stand there.
fn unknown(at: &str, members: &Map<String, Value>, shape: &Shape) -> Option<Fault> {
    let Shape::Object(Object { fields, .. }) = shape else {
        return None;
    };
    let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
    let is_known = |name: &String| {
        names.contains(&name.as_str()) || (name == "identifier" && at != "/changes")
    };
    (!members.keys().all(is_known)).then(|| {
        Fault::at(
            at,
            "not-correctable",
            format!(
                "has a member that cannot be corrected; these can: {}",
                names.join(", ")
            ),
        )
    })
}
