//! What a person may ask of a verdict: by which limit, set by whom and on what basis; which requirement was insisted on; what
//! either side said in a dispute.

use domain::limits::{Clocks, LimitName, Terms};
use domain::policy::{SetBy, defaults};
use domain::referral::{EndReason, Leg, Referral};
use domain::time::Timestamp;
use serde_json::{Value, json};

use crate::http::Problem;
use crate::json::to_value;

/// Every limit that runs, and every one whose clock stands still.
pub(super) fn deadlines(clocks: &Clocks, time_zone: &str) -> Value {
    let running = clocks.running.iter().map(|it| {
        let mut shown = shown(it.limit, it.since, it.terms, time_zone);
        set(&mut shown, "due_at", it.due_at.to_string().into());
        shown
    });
    let stopped = clocks.stopped.iter().map(|it| {
        let mut shown = shown(it.limit, it.since, it.terms, time_zone);
        set(&mut shown, "stopped", true.into());
        shown
    });
    running.chain(stopped).collect()
}

fn shown(limit: LimitName, since: Timestamp, terms: Terms, time_zone: &str) -> Value {
    let basis = match terms.set_by {
        SetBy::Default => defaults::basis(limit),
        SetBy::Network => "set by the network",
        SetBy::Service => "set by the service",
    };
    json!({
        "limit": limit.as_str(),
        "since": since.to_string(),
        "allowed": terms.allowed.to_string(),
        "urgency": terms.urgency.as_str(),
        "set_by": terms.set_by.as_str(),
        "basis": basis,
        "time_zone": time_zone,
    })
}

/// How the requirements stand; those that the recipient insisted on say so.
pub(super) fn requirements(referral: &Referral) -> Result<Value, Problem> {
    let mut shown = to_value(&referral.checks)?;
    for requirement in shown.as_array_mut().into_iter().flatten() {
        let id = requirement.get("id").and_then(Value::as_str);
        if id.is_some_and(|id| referral.insisted.iter().any(|insisted| insisted == id)) {
            set(requirement, "insisted", true.into());
        }
    }
    Ok(shown)
}

/// What was said to each decline, and to that; `leg` is the one that the dispute opened.
pub(super) fn disputes(legs: &[&Leg]) -> Result<Value, Problem> {
    let mut disputes = Vec::new();
    let before = legs.iter().map(Some);
    for (leg, before) in legs.iter().zip(std::iter::once(None).chain(before)) {
        if !leg.disputed {
            continue;
        }
        let mut dispute = json!({"leg": leg.leg, "at": leg.started_at.to_string()});
        if let Some(reason) = &leg.dispute_reason {
            set(&mut dispute, "reason", reason.as_str().into());
        }
        if let Some(declined) = before
            && let Some(EndReason::Declined(reason)) = &declined.end_reason
        {
            let mut said = json!({"reason": reason.as_str()});
            if let Some(note) = &declined.end_note {
                set(&mut said, "note", note.as_str().into());
            }
            set(&mut dispute, "declined", said);
        }
        disputes.push(dispute);
    }
    Ok(disputes.into())
}

fn set(object: &mut Value, name: &str, value: Value) {
    if let Value::Object(members) = object {
        members.insert(name.to_owned(), value);
    }
}
