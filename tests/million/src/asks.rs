//! What is asked for: the first page of each list, and the measures of a year by each grouping.

use serde_json::{Value, json};

use crate::fill::OFFICES;
use crate::lives::URGENCIES;
use crate::store::RECIPIENTS;

/// The sums of a year of what was sent: one for each month, recipient, specialty (there is one here) and urgency.
const SENT_IN_A_YEAR: Growth = Growth::Sums(12 * RECIPIENTS * URGENCIES.len());

/// The same of what was received, by referrer.
const RECEIVED_IN_A_YEAR: Growth = Growth::Sums(12 * OFFICES * URGENCIES.len());

/// A request to the worklist function.
#[derive(Debug, Clone)]
pub struct Ask {
    /// What it is, in a few words.
    pub name: &'static str,
    /// Its path with its query.
    pub path: &'static str,
    /// What is posted, where it is no GET.
    pub body: Option<Value>,
    /// What its work follows.
    pub grows_with: Growth,
}

/// What the work of an answer follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Growth {
    /// The rows shown, and what is open: neither the store nor the organisation's own past.
    Nothing,
    /// The sums of the period: at most so many, however many referrals they are of.
    Sums(usize),
    /// What the organisation itself has of the period, or of all time; never the store.
    OwnRows,
}

/// Everything that is asked for.
#[must_use]
pub fn asks() -> Vec<Ask> {
    let get = |name, path, grows_with| Ask {
        name,
        path,
        body: None,
        grows_with,
    };
    let list = |name, path| get(name, path, Growth::Nothing);
    let year = |name, path| get(name, path, SENT_IN_A_YEAR);
    vec![
        list("list", "/worklist/referrals"),
        list("list, sent", "/worklist/referrals?direction=sent"),
        list("list, received", "/worklist/referrals?direction=received"),
        list("list, our turn", "/worklist/referrals?turn=mine"),
        list(
            "list, our turn, newest",
            "/worklist/referrals?turn=mine&sort=newest",
        ),
        list("list, status sent", "/worklist/referrals?status=sent"),
        list(
            "list, a status that none has",
            "/worklist/referrals?status=no-show",
        ),
        list("list, status closed", "/worklist/referrals?status=closed"),
        list("list, declined", "/worklist/referrals?status=declined"),
        list("list, stat", "/worklist/referrals?urgency=stat"),
        list("list, overdue", "/worklist/referrals?attention=overdue"),
        list("list, a service", "/worklist/referrals?service=main"),
        list("list, newest", "/worklist/referrals?sort=newest"),
        list("list, oldest", "/worklist/referrals?sort=oldest"),
        Ask {
            body: Some(json!({"patient": {"system": "urn:oid:1.2.3.4", "value": "p-100"}})),
            ..list("search, patient", "/worklist/referrals/search")
        },
        list("unmatched", "/worklist/unmatched"),
        get(
            "who read, a day",
            "/worklist/audit?from=2026-03-01&to=2026-03-02",
            Growth::OwnRows,
        ),
        list("has it changed", "/worklist/pages/live?of=worklist"),
        year(
            "measures, a year",
            "/worklist/measures?from=2025-01-01&to=2026-01-01",
        ),
        year(
            "measures, by specialty",
            "/worklist/measures?from=2025-01-01&to=2026-01-01&by=specialty",
        ),
        year(
            "measures, by urgency",
            "/worklist/measures?from=2025-01-01&to=2026-01-01&by=urgency",
        ),
        year(
            "measures, by recipient",
            "/worklist/measures?from=2025-01-01&to=2026-01-01&by=recipient",
        ),
        year(
            "measures, by month",
            "/worklist/measures?from=2025-01-01&to=2026-01-01&by=month",
        ),
        get(
            "measures, received",
            "/worklist/measures?from=2025-01-01&to=2026-01-01&direction=received",
            RECEIVED_IN_A_YEAR,
        ),
        year(
            "measures, page",
            "/worklist/pages/measures?from=2025-01-01&to=2026-01-01&by=recipient",
        ),
        get(
            "measures, odd days",
            "/worklist/measures?from=2025-01-15&to=2025-12-15",
            Growth::OwnRows,
        ),
        Ask {
            body: Some(json!({"text": "nobody is called this"})),
            ..get(
                "search, text",
                "/worklist/referrals/search",
                Growth::OwnRows,
            )
        },
    ]
}
