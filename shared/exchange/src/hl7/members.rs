//! The members of a request that are observations of our own code system.

use domain::request::{Agreed, Override, Preparation, SupportingKind};

use crate::hl7::faults;
use crate::hl7::given::Given;
use crate::hl7::local::{self, Local};
use crate::hl7::reading::Reading;

/// A member of ours with a code.
pub(crate) fn coded<T>(
    reading: &mut Reading<'_, '_>,
    locals: &[Local],
    code: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    let value = local::get(locals, code)?;
    let parsed = parse(value);
    if parsed.is_none() {
        reading.fault("OBX-5", faults::TABLE, format!("no code of `{code}`"));
    }
    parsed
}

pub(crate) fn none_known(reading: &mut Reading<'_, '_>, locals: &[Local]) -> Vec<SupportingKind> {
    let mut kinds = Vec::new();
    for one in local::each(locals, "none-known") {
        match SupportingKind::parse(&one.value) {
            Some(kind) => kinds.push(kind),
            None => reading.fault("OBX-5", faults::TABLE, "no code of `none-known`"),
        }
    }
    kinds
}

pub(crate) fn overrides(locals: &[Local]) -> Vec<Override> {
    local::each(locals, "override")
        .filter_map(|one| {
            Some(Override {
                requirement: one.sub_id.clone()?,
                reason: one.value.clone(),
            })
        })
        .collect()
}

/// What the patient knows and wants, where anything says so.
pub(crate) fn preparation(given: &Given) -> Option<Preparation> {
    let reason = local::get(&given.locals, "agreed-reason").map(str::to_owned);
    let barriers: Vec<String> = local::each(&given.locals, "barrier")
        .map(|one| one.value.clone())
        .collect();
    if given.agreed.is_none() && reason.is_none() && barriers.is_empty() {
        return None;
    }
    Some(Preparation {
        agreed: given.agreed.unwrap_or(Agreed::Undecided),
        reason,
        barriers,
    })
}
