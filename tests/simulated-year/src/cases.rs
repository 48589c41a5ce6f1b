//! A referral of the year: its fate, and what has happened to it in truth, whatever the record knows of that.

use crate::fate::{Fate, Judgement};

/// A booked visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visit {
    /// When it begins.
    pub at_ms: i64,
    /// Whether the patient comes.
    pub attended: bool,
    /// Whether it is over.
    pub is_over: bool,
}

/// What has happened to a leg.
#[derive(Debug, Clone, Default)]
pub struct Truth {
    /// What the office decided.
    pub decided: Option<Judgement>,
    /// Whether it has asked for what is missing.
    pub asked: bool,
    /// The visit that is booked, or was.
    pub visit: Option<Visit>,
    /// Visits that the patient missed.
    pub missed: u32,
    /// Calls to the patient.
    pub calls: u32,
    /// Whether the report was written.
    pub reported: bool,
    /// Whether the office gave up, with a reason.
    pub ended: bool,
}

impl Truth {
    /// Whether the patient was seen.
    #[must_use]
    pub fn is_seen(&self) -> bool {
        self.visit
            .is_some_and(|visit| visit.is_over && visit.attended)
    }

    /// Whether the patient has a date that is still to come.
    #[must_use]
    pub fn has_date(&self) -> bool {
        self.visit.is_some_and(|visit| !visit.is_over)
    }
}

/// A referral.
#[derive(Debug, Clone)]
pub struct Case {
    /// The id that intake gave it.
    pub id: String,
    /// Its referrer's place among the referrers.
    pub referrer: usize,
    /// Its present recipient's place among the recipients.
    pub recipient: usize,
    /// The leg that counts, from 1.
    pub leg: u64,
    /// What would happen to that leg.
    pub fate: Fate,
    /// What has happened to that leg.
    pub truth: Truth,
    /// The legs before it: recipient, fate and what had happened. One may turn out to be the one that counts.
    pub legs_before: Vec<(usize, Fate, Truth)>,
    /// When it was sent.
    pub sent_ms: i64,
    /// When the patient first had a date.
    pub date_ms: Option<i64>,
    /// When the patient was seen.
    pub seen_ms: Option<i64>,
    /// How many messages were sent about it.
    pub messages: u64,
}
