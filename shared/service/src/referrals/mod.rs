//! A referral in the store and on the wire: what intake, status, sweep and worklist share.
//!
//! Invariant: a write is the new events, the row that they fold to, what is looked up beside it, and the receipt: all of it
//! or nothing. Of two writers of one referral one wins, by the primary key of `events`.

mod chain;
mod evaluate;
mod loaded;
mod record;
mod shapes;
pub(crate) mod sql;
mod stored_documents;
mod stored_event;
mod verdicts;
mod view;
mod waits;
mod write;

pub use chain::Link;
pub use evaluate::Evaluated;
pub use loaded::{Key, Loaded, STATEMENTS, Selector};
pub use record::Record;
pub use shapes::{
    CODING, IDENTIFIER, LANGUAGE, NEAR, PATIENT_CHANGES, RECIPIENT, REFERRAL, REQUEST,
    REQUEST_CHANGES, SPECIALTY, SUPPORTING, URGENCY,
};
pub use stored_documents::{PATH as DOCUMENTS_PATH, stored_id, stored_ids};
pub use stored_event::{StoredEvent, event_from_body};
pub use view::{Viewer, view};
pub use waits::{Wait, waits, waits_statement};
pub use write::{
    Append, Extra, NewReferral, POINTS_OVER, append_guarded, append_plain, columns, insert_pending,
    past_recipients, patient_key, shelve_event,
};
