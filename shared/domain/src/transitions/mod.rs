//! Which event may follow which status: one table of rows, and one of answers for everything outside it.
//!
//! Source: HL7 BSeR 2.0.0-ballot, "360X and BSeR state transitions" (rows with a number); rows without one are ours. The
//! tables were checked by machine: no pair of event and status has two rows for one side.

mod bser;
mod off_table;
mod own;

pub use off_table::{Off, OffTable};

use crate::kind::EventKind;
use crate::status::{BusinessStatus, Side, Status, TaskStatus};

/// Who may send the event of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// The referrer (BSeR's initiator).
    Referrer,
    /// The recipient.
    Recipient,
    /// Both.
    Either,
}

impl Actor {
    /// Whether `side` is meant.
    #[must_use]
    pub const fn is(self, side: Side) -> bool {
        matches!(
            (self, side),
            (Self::Either, _)
                | (Self::Referrer, Side::Referrer)
                | (Self::Recipient, Side::Recipient)
        )
    }
}

/// Whose turn it is after a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The referrer's.
    Referrer,
    /// The recipient's.
    Recipient,
    /// Nobody's: it is finished.
    Nobody,
    /// As it was.
    Same,
}

/// One legal transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// BSeR's number of the row (1 to 34), or `None` for the project's own.
    pub tid: Option<u8>,
    /// What happens.
    pub event: EventKind,
    /// Who may say so.
    pub by: Actor,
    /// The status before; `None` for the first event of all.
    pub from: Option<Status>,
    /// The status after.
    pub to: Status,
    /// The business status after; `None` leaves it as it was.
    pub business: Option<BusinessStatus>,
    /// The FHIR Task status after.
    pub task: TaskStatus,
    /// Whose turn it is after.
    pub turn: Next,
}

impl Row {
    /// Whether the row is BSeR's coarse form (5.1): taken in as one of the finer rows, never sent.
    #[must_use]
    pub const fn is_coarse(&self) -> bool {
        matches!(self.tid, Some(31..=34))
    }
}

/// All rows, BSeR's first.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    bser::ROWS.iter().chain(own::ROWS)
}

/// The row for `event` sent by `side` in `status`.
#[must_use]
pub fn find(event: EventKind, side: Side, status: Status) -> Option<&'static Row> {
    rows().find(|row| {
        row.event == event && row.from == Some(status) && row.by.is(side) && !row.is_coarse()
    })
}

/// Whether any row lets `side` send `event`.
#[must_use]
pub fn may_send(event: EventKind, side: Side) -> bool {
    match event {
        EventKind::EventRetracted | EventKind::AttentionDismissed => true,
        // The recipient may correct how to reach the patient, and nothing else.
        EventKind::ReferralCorrected => true,
        _ if event.is_the_systems() => false,
        _ => rows().any(|row| row.event == event && row.from.is_some() && row.by.is(side)),
    }
}

/// What becomes of `event` by `side` in a `status` that has no row for it.
#[must_use]
pub fn off_table(event: EventKind, side: Side, status: Status) -> Off {
    off_table::ROWS
        .iter()
        .find(|row| row.event == event && row.side == side && row.status == status)
        .map_or(Off::Never(""), |row| row.verdict)
}

/// Every answer outside the rows.
pub fn off_table_rows() -> impl Iterator<Item = &'static OffTable> {
    off_table::ROWS.iter()
}
