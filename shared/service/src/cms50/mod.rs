//! CMS50 over an organisation's own rows: the facts of each of its patients who were referred, and the value sets that it has loaded.
//!
//! What counts is `domain::cms50`. Knows no FHIR but a few members of what is stored, because the worklist reads it too.

mod direct;
mod own;
mod sql;
mod value_sets;

pub(crate) use own::{Patient, Window, encounter_id, find};
pub(crate) use value_sets::{Loaded, statement as value_sets_statement};
