//! A referral as a caller sees it: the whole to its referrer, the request and its own legs to a recipient.

use domain::attention::Attention;
use domain::completeness;
use domain::limits::is_told;
use domain::priority::{Priority, priority};
use domain::referral::{Leg, Referral};
use domain::request::Request;
use domain::tasks::tasks;
use domain::time::Timestamp;
use serde_json::{Map, Value, json};

use super::record::Record;
use super::verdicts;
use crate::http::Problem;
use crate::json::to_value;

/// As whom a referral is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer<'a> {
    /// The referrer, or the system.
    Whole,
    /// A recipient, with its own legs.
    Legs(&'a str),
}

impl<'a> Viewer<'a> {
    /// How `organization` sees `referral`; `None` when it has no part in it.
    #[must_use]
    pub fn of(referral: &Referral, organization: &'a str) -> Option<Self> {
        if referral.referrer == organization {
            return Some(Self::Whole);
        }
        let has_leg = referral
            .legs
            .iter()
            .any(|leg| leg.recipient.organization() == Some(organization));
        has_leg.then_some(Self::Legs(organization))
    }

    fn sees(self, leg: &Leg) -> bool {
        match self {
            Self::Whole => true,
            Self::Legs(organization) => leg.recipient.organization() == Some(organization),
        }
    }
}

/// The referral as JSON, as of `now`.
///
/// # Errors
/// [`Problem::Internal`] when something of it cannot be written as JSON.
pub fn view(
    record: &Record,
    request: &Request,
    viewer: Viewer<'_>,
    now: Timestamp,
) -> Result<Value, Problem> {
    let referral = &record.referral;
    let legs: Vec<&Leg> = referral
        .legs
        .iter()
        .filter(|leg| viewer.sees(leg))
        .collect();
    let Some(leg) = legs.last().copied() else {
        return Err(Problem::NotFound);
    };
    let is_present = referral.leg().is_some_and(|last| last.leg == leg.leg);
    let mut members = match to_value(request)? {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    let mut set = |name: &str, value: Value| {
        members.insert(name.to_owned(), value);
    };
    set("id", record.id.as_str().into());
    set("version", record.version.into());
    set("network", referral.network.as_str().into());
    set("referrer", referral.referrer.as_str().into());
    set("recipient", to_value(&leg.recipient)?);
    set("leg", leg.leg.into());
    set("status", leg.status.as_str().into());
    set("task_status", leg.task_status.as_str().into());
    set("business_status", leg.business_status.as_str().into());
    set("urgency", referral.urgency().as_str().into());
    set("sent_at", to_value(&referral.sent_at)?);
    set(
        "completeness",
        to_value(&completeness::score(&referral.missing))?,
    );
    set("requirements", verdicts::requirements(referral)?);
    set("supplied", to_value(&referral.supplied)?);
    set("barriers", to_value(&referral.barriers)?);
    if let Some(proposed) = referral.urgency_proposed {
        set("urgency_proposed", proposed.as_str().into());
    }
    if let Some(filler) = &leg.filler {
        set("filler", to_value(filler)?);
    }
    if let Some(appointment) = &leg.appointment {
        set("appointment", to_value(appointment)?);
    }
    if is_present {
        present(record, viewer, now, &mut set)?;
    } else {
        past(leg, &mut set)?;
    }
    let since = leg.started_at;
    let questions: Vec<_> = referral
        .questions
        .iter()
        .filter(|question| viewer == Viewer::Whole || question.asked_at >= since)
        .collect();
    set("questions", to_value(&questions)?);
    let reports: Vec<_> = legs.iter().flat_map(|leg| &leg.reports).collect();
    set("reports", to_value(&reports)?);
    set("legs", to_value(&legs)?);
    set("disputes", verdicts::disputes(&legs)?);
    Ok(Value::Object(members))
}

/// What is there for those who still have to do with it.
fn present(
    record: &Record,
    viewer: Viewer<'_>,
    now: Timestamp,
    set: &mut impl FnMut(&str, Value),
) -> Result<(), Problem> {
    let referral = &record.referral;
    let running = &record.clocks.running;
    let whole = viewer == Viewer::Whole;
    let attention: Vec<Attention> = record
        .attention
        .iter()
        .copied()
        .filter(|what| whole || *what != Attention::PossibleDuplicate)
        .collect();
    let duplicates: &[String] = if whole {
        &referral.possible_duplicates
    } else {
        &[]
    };
    set("turn", to_value(&referral.turn)?);
    set("stage_since", to_value(&referral.stage_since)?);
    set("next_due_at", to_value(&next_due_at(record))?);
    set("attention", to_value(&attention)?);
    set("priority", to_value(&priority(referral, running, now))?);
    set(
        "deadlines",
        verdicts::deadlines(&record.clocks, record.policy.zone()),
    );
    set(
        "tasks",
        to_value(&tasks(referral, &record.policy, running, now))?,
    );
    set("contacts", to_value(&referral.contacts)?);
    set("failed_contacts", referral.failed_contacts.into());
    set("possible_duplicates", to_value(duplicates)?);
    set("closure", to_value(&referral.closure)?);
    set("parked", to_value(&referral.parked)?);
    if let Some(resolution) = referral.resolution {
        set("resolution", resolution.as_str().into());
    }
    Ok(())
}

/// What is there for a recipient whose leg was followed by another's.
fn past(leg: &Leg, set: &mut impl FnMut(&str, Value)) -> Result<(), Problem> {
    set("turn", Value::Null);
    set(
        "stage_since",
        to_value(&leg.ended_at.unwrap_or(leg.started_at))?,
    );
    set("next_due_at", Value::Null);
    set("attention", json!([]));
    set("priority", to_value(&Priority::default())?);
    set("deadlines", json!([]));
    set("tasks", json!([]));
    set("contacts", json!([]));
    set("possible_duplicates", json!([]));
    set("closure", json!({}));
    set("parked", json!([]));
    Ok(())
}

/// When the next limit passes; where all have, when somebody must look again. (The sweep looks sooner, where a limit is
/// half used or a reminder is due.)
fn next_due_at(record: &Record) -> Option<Timestamp> {
    let referral = &record.referral;
    let running = record.clocks.running.iter();
    let next = running
        .filter(|deadline| !is_told(referral, deadline))
        .map(|deadline| deadline.due_at)
        .min();
    next.or_else(|| record.next_due_at.filter(|_| !referral.is_finished()))
}
