//! A referral as it is read for FHIR: as the caller may see it, with its events, and recorded as read.

use domain::event::Event;
use domain::fold::fold;
use domain::referral::{Leg, Referral};
use domain::request::Request;
use domain::time::Timestamp;
use formats::fhir::Shown;
use ports::Platform;

use crate::auth::Credentials;
use crate::call::Call;
use crate::http::Problem;
use crate::referrals::{Key, Loaded, STATEMENTS, Selector, Viewer};
use crate::worklist::reads;
use crate::worklist::timeline::{is_shown, place_of};

/// An event's place in the chain: its id, its hash and the one before.
#[derive(Debug)]
struct Hashed(String, String, Option<String>);

/// A referral, cut down to what its reader may see.
pub(in crate::exchange) struct Opened {
    pub(in crate::exchange) id: String,
    pub(in crate::exchange) version: i64,
    pub(in crate::exchange) request: Request,
    pub(in crate::exchange) referral: Referral,
    events: Vec<Event>,
    hashes: Vec<Hashed>,
    pub(in crate::exchange) last_modified: Timestamp,
}

impl Opened {
    /// As its resources are written from it.
    pub(in crate::exchange) fn shown(&self) -> Shown<'_> {
        Shown {
            id: &self.id,
            version: self.version.unsigned_abs(),
            request: &self.request,
            referral: &self.referral,
            events: &self.events,
            last_modified: self.last_modified,
        }
    }

    /// An event that the reader may see, with its hash and the one before.
    pub(in crate::exchange) fn events(&self) -> impl Iterator<Item = (&Event, &str, Option<&str>)> {
        self.events.iter().filter_map(|event| {
            let Hashed(_, hash, before) = self.hashes.iter().find(|one| one.0 == event.id)?;
            Some((event, hash.as_str(), before.as_deref()))
        })
    }

    /// A leg that the reader may see.
    ///
    /// # Errors
    /// [`Problem::NotFound`].
    pub(in crate::exchange) fn leg(&self, number: u32) -> Result<&Leg, Problem> {
        self.referral
            .legs
            .iter()
            .find(|leg| leg.leg == number)
            .ok_or(Problem::NotFound)
    }

    /// From what was read, as `organization` may see it.
    ///
    /// # Errors
    /// [`Problem::NotFound`] when it has no part in it.
    pub(in crate::exchange) fn new(loaded: Loaded, organization: &str) -> Result<Self, Problem> {
        let record = loaded.record;
        let viewer = Viewer::of(&record.referral, organization).ok_or(Problem::NotFound)?;
        let mut hashes: Vec<Hashed> = Vec::new();
        let mut events: Vec<Event> = Vec::new();
        for stored in loaded.history.into_iter().flatten() {
            let before = hashes.last().map(|last| last.1.clone());
            hashes.push(Hashed(stored.event.id.clone(), stored.hash, before));
            events.push(stored.event);
        }
        let folded = fold(&events);
        let last_modified = events
            .last()
            .map_or(record.referral.stage_since, |event| event.recorded_at);
        let events = events
            .into_iter()
            .filter(|event| {
                folded.as_ref().is_some_and(|folded| {
                    let (_, leg) = place_of(folded, &event.id);
                    is_shown(event, leg, &folded.referral, viewer, organization)
                })
            })
            .collect();
        let mut referral = record.referral;
        if viewer != Viewer::Whole {
            referral
                .legs
                .retain(|leg| leg.recipient.organization() == Some(organization));
            referral.possible_duplicates.clear();
        }
        Ok(Self {
            id: record.id,
            version: record.version,
            request: record
                .request
                .ok_or_else(|| Problem::internal("a referral has no request"))?,
            referral,
            events,
            hashes,
            last_modified,
        })
    }
}

/// Reads a referral, and records that it was read.
///
/// # Errors
/// [`Problem::NotFound`] when the caller has no part in it, and what `auth` says.
pub(in crate::exchange) async fn open<P: Platform>(
    call: &Call<P>,
    id: &str,
) -> Result<Opened, Problem> {
    let credentials = Credentials::of_member(call)?;
    let selector = Selector {
        key: Key::Id(id.to_owned()),
        events_from_ms: Some(0),
        with_request: true,
    };
    let mut statements = vec![credentials.statement()];
    statements.extend(selector.statements());
    statements.push(reads::of_referral_named(call, &credentials, id));
    let answer = call.platform.batch(statements).await?;
    let caller = credentials.caller(answer.first(0), call.now_milliseconds())?;
    caller.check(call.route.access)?;
    let loaded = Loaded::from_rows(answer.rows(1), answer.rows(2), answer.rows(STATEMENTS))?
        .pop()
        .ok_or(Problem::NotFound)?;
    let opened = Opened::new(loaded, &caller.member()?.organization)?;
    reads::stored(answer.rows(STATEMENTS + 1))?;
    Ok(opened)
}
