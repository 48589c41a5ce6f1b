//! For which side an event speaks.

use domain::kind::EventKind;
use domain::payload::ReportedBy;
use domain::status::Side;
use domain::transitions;

use crate::http::{Fault, Problem};
use crate::referrals::Record;

/// For which side `organization` speaks with this event.
///
/// An organisation speaks for its own side. Two exceptions: what it learned from a side without software (`reported_by`) it
/// says for that side, and where it is both sides, it says for which (`as`), unless only one may send the event.
///
/// # Errors
/// [`Problem::NotFound`] when it has no part in the referral, [`Problem::WrongSide`] when it may not speak for that side,
/// [`Problem::Invalid`] when it must say for which.
pub fn speaker(
    record: &Record,
    organization: &str,
    kind: EventKind,
    speaks_as: Option<Side>,
    reported_by: Option<ReportedBy>,
) -> Result<Side, Problem> {
    let referral = &record.referral;
    let asks = referral.referrer == organization;
    let is_asked = referral
        .legs
        .iter()
        .any(|leg| leg.recipient.organization() == Some(organization));
    let own = match (asks, is_asked) {
        (false, false) => return Err(Problem::NotFound),
        (true, false) => Some(Side::Referrer),
        (false, true) => Some(Side::Recipient),
        (true, true) => None,
    };
    if reported_by.is_some() {
        let other = own.map_or(Side::Recipient, Side::other);
        let is_connected = match other {
            Side::Referrer => record.referrer_connected,
            Side::Recipient => record.recipient_connected,
        };
        // Only who has the referral now speaks for a referrer without software, not everyone who ever had it.
        let speaks_now = other == Side::Recipient || referral.recipient() == Some(organization);
        return if is_connected || !speaks_now {
            Err(Problem::WrongSide)
        } else {
            Ok(other)
        };
    }
    match (own, speaks_as) {
        (Some(own), Some(speaks_as)) if own != speaks_as => Err(Problem::WrongSide),
        (Some(own), _) => Ok(own),
        (None, Some(speaks_as)) => Ok(speaks_as),
        (None, None) => only_side(kind).ok_or_else(|| {
            Problem::Invalid(vec![Fault::at(
                "/data/as",
                "required",
                "is required: the organisation is both sides of this referral",
            )])
        }),
    }
}

/// The side that alone may send this kind of event.
fn only_side(kind: EventKind) -> Option<Side> {
    match (
        transitions::may_send(kind, Side::Referrer),
        transitions::may_send(kind, Side::Recipient),
    ) {
        (true, false) => Some(Side::Referrer),
        (false, true) => Some(Side::Recipient),
        _ if kind == EventKind::ReferralCorrected => Some(Side::Referrer),
        _ => None,
    }
}
