//! A referral as its FHIR resources are written from it.

use domain::event::Event;
use domain::referral::Referral;
use domain::request::Request;
use domain::time::Timestamp;

/// A referral as a caller may see it. A recipient's view has only its own legs and their events: what is given is written.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// The referral's id.
    pub id: &'a str,
    /// Its version, for `meta.versionId`.
    pub version: u64,
    /// What was asked, corrections included.
    pub request: &'a Request,
    /// How it stands.
    pub referral: &'a Referral,
    /// Its events, oldest first; those of a leg give its Task reason, notes and output. May be empty: then the Task says no
    /// more than the row does.
    pub events: &'a [Event],
    /// When it last changed, for `meta.lastUpdated` and `Task.lastModified`.
    pub last_modified: Timestamp,
}
