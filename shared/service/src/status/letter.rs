//! What the session of a letter's link may say: what its office does with its own leg, now.
//!
//! Invariant: such a session reaches no other referral, no other leg and no other side, whatever the body names.

use domain::actions::may_say_by_letter;
use domain::payload::ReportedBy;

use super::incoming::Incoming;
use crate::auth::{Confined, Member};
use crate::http::Problem;
use crate::referrals::Record;

/// Where an event by a letter's link comes from.
pub(super) const SOURCE: &str = "letter";

/// Whether a caller may say `incoming` of the referral with this id; one that is confined to no leg may. `None` is a body with
/// faults: they are told only to who may say something.
///
/// # Errors
/// [`Problem::NotFound`] for another referral, [`Problem::Confined`] for an event that is not among those of a letter, or one that
/// claims another time or side than its own.
pub(super) fn may_say(
    member: &Member,
    id: &str,
    incoming: Option<&Incoming>,
) -> Result<(), Problem> {
    let Some(confined) = &member.confined_to else {
        return Ok(());
    };
    if confined.referral != id {
        return Err(Problem::NotFound);
    }
    let Some(incoming) = incoming else {
        return Ok(());
    };
    let claims = incoming.occurred_at.is_some()
        || incoming.speaks_as.is_some()
        || incoming.reported_by.is_some();
    if claims || !may_say_by_letter(incoming.kind) {
        return Err(Problem::Confined);
    }
    Ok(())
}

/// Whether the leg of a confined session is the present one: what a letter says, it says of that.
///
/// # Errors
/// [`Problem::NotFound`] when the referral has gone elsewhere.
pub(super) fn is_present(record: &Record, confined: &Confined) -> Result<(), Problem> {
    let leg = record.referral.leg().map(|leg| i64::from(leg.leg));
    if leg == Some(confined.leg) {
        Ok(())
    } else {
        Err(Problem::NotFound)
    }
}

/// Whose the event is, and how it was said: an office of the network speaks for itself. One outside it is no organisation, so that the
/// referrer hears of it as of any other side's, and says it on a portal of ours.
pub(super) fn author(record: &Record) -> (Option<String>, Option<ReportedBy>) {
    match record.referral.recipient() {
        Some(organization) => (Some(organization.to_owned()), None),
        None => (None, Some(ReportedBy::Portal)),
    }
}
