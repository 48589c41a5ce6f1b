//! An event as a caller sent it, read and checked: everything but who may send it and whether it is legal.

use std::sync::Arc;

use domain::event::{Author, Event};
use domain::kind::EventKind;
use domain::payload::{DeclineReason, Payload, ReportedBy};
use domain::status::Side;
use domain::time::SignedDuration;
use domain::time::Timestamp;
use serde_json::Value;

use super::corrections;
use super::shapes::data_shape;
use crate::call::read;
use crate::http::{Fault, Place, Problem};

/// How far ahead of our clock a caller's may be.
const AHEAD_MAX: SignedDuration = SignedDuration::from_mins(5);

/// An event that is well formed.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// What happened.
    pub kind: EventKind,
    /// What it says.
    pub data: Payload,
    /// When, where the caller said so; in whole milliseconds.
    pub occurred_at: Option<Timestamp>,
    /// Whether that is in whole seconds: written without a fraction.
    pub is_by_the_second: bool,
    /// For which side it speaks, where the caller said so.
    pub speaks_as: Option<Side>,
    /// How a side without software said it.
    pub reported_by: Option<ReportedBy>,
}

impl Incoming {
    /// Reads `type` and `data` of a body that has both.
    ///
    /// # Errors
    /// [`Problem::Invalid`] with every fault of `data`.
    pub fn read(body: &Value, now: Timestamp) -> Result<Self, Problem> {
        Self::read_where(body, now, |_, _| true)
    }

    /// The same, of what a message of another format says. A report is never refused: in one that has come so, the day of the
    /// visit may be missing, and what was found may be in its documents alone. A visit that is booked may be without its date:
    /// BSeR's coarse 5.1 says no more.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_message(body: &Value, now: Timestamp) -> Result<Self, Problem> {
        Self::read_where(body, now, |kind, fault| {
            let may_be_missing: &[&str] = match kind {
                EventKind::ReferralOutcome | EventKind::ReferralOutcomeAmended => {
                    &["/visit_on", "/summary"]
                }
                EventKind::AppointmentScheduled => &["/start"],
                _ => &[],
            };
            !(fault.code == "required"
                && matches!(&fault.place, Place::Body(at) if may_be_missing.contains(&at.as_str())))
        })
    }

    fn read_where(
        body: &Value,
        now: Timestamp,
        counts: impl Fn(EventKind, &Fault) -> bool,
    ) -> Result<Self, Problem> {
        let kind = body
            .get("type")
            .and_then(Value::as_str)
            .and_then(EventKind::parse)
            .ok_or_else(|| Problem::internal("the kind was not checked"))?;
        let mut data = body.get("data").cloned().unwrap_or_default();
        let moved = match kind {
            EventKind::ReferralCorrected => corrections::below_patient(&mut data),
            _ => Vec::new(),
        };
        let mut faults: Vec<Fault> = data_shape(kind).faults(&data);
        faults.extend(beyond_the_shape(kind, &data, now));
        faults.retain(|fault| counts(kind, fault));
        let as_written = |fault| below_data(corrections::where_written(fault, &moved));
        Problem::unless_empty(faults.into_iter().map(as_written).collect())?;
        let text = |name: &str| data.get(name).and_then(Value::as_str);
        Ok(Self {
            kind,
            occurred_at: text("occurred_at").and_then(instant),
            is_by_the_second: text("occurred_at").is_some_and(|at| !at.contains('.')),
            speaks_as: text("as").and_then(Side::parse),
            reported_by: text("reported_by").and_then(ReportedBy::parse),
            data: read::<Value>(data)
                .and_then(|data| Payload::read(kind, data).map_err(|_| unreadable()))?,
        })
    }

    /// The event, with what the service adds.
    #[must_use]
    pub fn into_event(
        self,
        id: String,
        by: Author,
        occurred_at: Timestamp,
        recorded_at: Timestamp,
        source: String,
        source_id: Option<String>,
    ) -> Event {
        Event {
            id,
            kind: self.kind,
            data: Arc::new(self.data),
            by,
            occurred_at,
            recorded_at,
            source,
            source_id,
            reported_by: self.reported_by,
            implied_by: None,
            implied_step: None,
            implied_because: None,
        }
    }
}

fn unreadable() -> Problem {
    Problem::Invalid(vec![Fault::at("/data", "unreadable", "cannot be read")])
}

fn below_data(mut fault: Fault) -> Fault {
    if let Place::Body(pointer) = &mut fault.place {
        pointer.insert_str(0, "/data");
    }
    fault
}

/// In whole milliseconds, as it is stored.
fn instant(text: &str) -> Option<Timestamp> {
    let instant: Timestamp = text.parse().ok()?;
    Timestamp::from_millisecond(instant.as_millisecond()).ok()
}

/// What one member alone does not show.
fn beyond_the_shape(kind: EventKind, data: &Value, now: Timestamp) -> Vec<Fault> {
    let text = |name: &str| data.get(name).and_then(Value::as_str);
    let time = |name: &str| text(name).and_then(instant);
    let is_absent = |name: &str| data.get(name).is_none_or(Value::is_null);
    let mut faults = Vec::new();
    let ahead = now.plus(AHEAD_MAX);
    if time("occurred_at").is_some_and(|at| at > ahead) {
        faults.push(Fault::at(
            "/occurred_at",
            "in-the-future",
            "must not be more than 5 minutes ahead",
        ));
    }
    if let (Some(start), Some(end)) = (time("start"), time("end"))
        && end <= start
    {
        faults.push(Fault::at("/end", "out-of-range", "must be after the start"));
    }
    if let Some(visit_on) = text("visit_on")
        && instant(visit_on).is_none()
        && visit_on.parse::<domain::time::Date>().is_err()
    {
        faults.push(Fault::at(
            "/visit_on",
            "not-a-date",
            "must be a date or an RFC 3339 instant",
        ));
    }
    match kind {
        EventKind::ReferralOutcome | EventKind::ReferralOutcomeAmended => {
            let advice = data.get("advice").and_then(Value::as_bool) == Some(true);
            if text("summary").is_some_and(|summary| summary.trim().is_empty()) {
                faults.push(Fault::at("/summary", "too-short", "must say something"));
            }
            if is_absent("visit_on") && !advice {
                faults.push(Fault::at(
                    "/visit_on",
                    "required",
                    "is required, unless advice is true",
                ));
            }
        }
        EventKind::ReferralDeclined
            if text("reason") == Some(DeclineReason::Other.as_str()) && is_absent("note") =>
        {
            faults.push(Fault::at(
                "/note",
                "required",
                "is required with the reason other",
            ));
        }
        EventKind::ReferralInfoSupplied if is_absent("supporting") && is_absent("note") => {
            faults.push(Fault::at(
                "/note",
                "required",
                "is required, unless supporting has items",
            ));
        }
        EventKind::ReferralAcknowledged
            if is_absent("care_plan_changed") && is_absent("resolution") =>
        {
            faults.push(Fault::at(
                "/care_plan_changed",
                "required",
                "is required, or resolution for an end without a report",
            ));
        }
        EventKind::ReferralCorrected => faults.extend(corrections::faults(data)),
        EventKind::ReferralRedirected => {
            faults.extend(crate::recipients::faults(data.get("to"), "/to"));
        }
        _ => {}
    }
    faults
}
