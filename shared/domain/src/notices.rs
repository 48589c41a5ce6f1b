//! Who hears of an event: the party that did not send it.
//!
//! Ours, because BSeR and 360X name one receiver a message, and a redirect has two. What a system found (a limit passed, a
//! reminder) concerns both sides; what is escalated to the network, its own office, where it has named one.

use crate::event::Event;
use crate::kind::EventKind;
use crate::payload::Payload;
use crate::policy::Told;
use crate::referral::Referral;

/// One organisation that hears of an event, and as what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hears<'a> {
    /// The organisation's id.
    pub organization: &'a str,
    /// The type under which it is told: a recipient to whom a referral is redirected is sent a referral.
    pub told_as: EventKind,
}

/// Everyone who hears of `event`, which made `after` of `before` (`None` for the first event), each once. The author's own
/// organisation is not among them.
#[must_use]
pub fn hearers<'a>(
    event: &'a Event,
    before: Option<&'a Referral>,
    after: &'a Referral,
) -> Vec<Hears<'a>> {
    if let Payload::Escalated(escalated) = event.data.as_ref()
        && let (Told::Network, Some(office)) = (escalated.tell, escalated.to.as_deref())
    {
        return vec![Hears {
            organization: office,
            told_as: event.kind,
        }];
    }
    let present = after.recipient();
    let former = before.and_then(Referral::recipient);
    let gets_it = event.kind == EventKind::ReferralRedirected && present != former;
    let parties = [
        (Some(after.referrer.as_str()), event.kind),
        (
            present,
            if gets_it {
                EventKind::ReferralSent
            } else {
                event.kind
            },
        ),
        // Redirected, or by an event that came late never sent to it: either way the referral is elsewhere now.
        (former, EventKind::ReferralRedirected),
    ];
    let author = event.by.organization.as_deref();
    let mut hearers: Vec<Hears<'a>> = Vec::new();
    for (organization, told_as) in parties {
        let Some(organization) = organization.filter(|id| Some(*id) != author) else {
            continue;
        };
        if !hearers
            .iter()
            .any(|known| known.organization == organization)
        {
            hearers.push(Hears {
                organization,
                told_as,
            });
        }
    }
    hearers
}
