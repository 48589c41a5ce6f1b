//! Whether an event is legal at its place: the row of the table, then what the row alone cannot say.

use crate::event::Event;
use crate::kind::EventKind;
use crate::payload::Payload;
use crate::referral::Referral;
use crate::request::{Recipient, Role};
use crate::status::{Side, Status};
use crate::transitions::{self, Off, Row};

/// Why an event does not count at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// This kind of event is the other side's to send.
    #[error("this event is the other side's to send")]
    WrongSide,
    /// It is not legal at its place, and may become so.
    #[error("the event is not legal yet")]
    NotYet,
    /// No path of transitions could ever make it legal.
    #[error("the event can never become legal here")]
    Never {
        /// What to do instead, where there is something.
        instead: &'static str,
    },
    /// There is a transition, and its condition does not hold.
    #[error("the condition of this event does not hold: {because}")]
    Guard {
        /// Which condition.
        because: &'static str,
    },
    /// The event lacks something that its place asks for.
    #[error("the event lacks what it needs here: {because}")]
    Incomplete {
        /// The member of `data`, as a JSON Pointer below it.
        pointer: &'static str,
        /// What is needed.
        because: &'static str,
    },
}

impl Refusal {
    /// A stable name for the kind of refusal.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::WrongSide => "wrong-side",
            Self::NotYet => "not-yet",
            Self::Never { .. } => "never-legal",
            Self::Guard { .. } => "guard-failed",
            Self::Incomplete { .. } => "incomplete",
        }
    }
}

/// The row that `event` takes where `referral` stands, or `None` where it is legal and moves nothing by a row.
///
/// # Errors
/// A [`Refusal`] that says why it does not count here.
pub fn judge(referral: &Referral, event: &Event) -> Result<Option<&'static Row>, Refusal> {
    let status = referral.status();
    let Some(side) = event.by.side else {
        return systems(referral, event, status);
    };
    if event.kind == EventKind::PatientMerged {
        return merges(side);
    }
    if !transitions::may_send(event.kind, side) {
        return Err(Refusal::WrongSide);
    }
    if side == Side::Recipient {
        speaks_for_present_leg(referral, event)?;
    }
    match event.kind {
        // Undone by the fold itself; one that stands here has not met its event yet.
        EventKind::EventRetracted => return Err(Refusal::NotYet),
        EventKind::AttentionDismissed if status != Status::EnteredInError => return Ok(None),
        EventKind::AttentionDismissed => return Err(Refusal::Never { instead: "" }),
        EventKind::ReferralCorrected if side == Side::Recipient => {
            return recipient_corrects(event, status);
        }
        _ => {}
    }
    let Some(row) = transitions::find(event.kind, side, status) else {
        let refusal = outside(referral, event.kind, side, status);
        return Err(while_there_is_room(referral, event.kind, refusal));
    };
    guard(referral, event, status)
        .map_err(|refusal| while_there_is_room(referral, event.kind, refusal))?;
    Ok(Some(row))
}

fn while_there_is_room(referral: &Referral, kind: EventKind, refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::NotYet if !kind.is_report() && referral.parked.len() >= PARKED_MAX => {
            Refusal::Guard {
                because: "as many events as can be kept (200) wait for their place already",
            }
        }
        refusal => refusal,
    }
}

/// What the system says is never parked: where it no longer applies, it was told and changes nothing.
fn systems(
    referral: &Referral,
    event: &Event,
    status: Status,
) -> Result<Option<&'static Row>, Refusal> {
    match event.data.as_ref() {
        _ if event.kind.is_the_systems() => Ok(None),
        // Either side may say it, and so has the same row.
        Payload::Unreachable(unreachable) if referral.has_failed(unreachable) => {
            Ok(transitions::find(event.kind, Side::Referrer, status))
        }
        Payload::Unreachable(_) => Ok(None),
        _ => Err(Refusal::WrongSide),
    }
}

/// Wherever the referral stands, and without moving it; the patient's id is the referrer's, and nobody else's to change.
const fn merges(side: Side) -> Result<Option<&'static Row>, Refusal> {
    match side {
        Side::Referrer => Ok(None),
        Side::Recipient => Err(Refusal::WrongSide),
    }
}

fn recipient_corrects(event: &Event, status: Status) -> Result<Option<&'static Row>, Refusal> {
    let contact_only = match event.data.as_ref() {
        Payload::Corrected(corrected) => corrected.changes.is_contact_only(),
        _ => false,
    };
    if !contact_only {
        return Err(Refusal::WrongSide);
    }
    transitions::find(event.kind, Side::Referrer, status)
        .map(Some)
        .ok_or(Refusal::Never { instead: "" })
}

/// A recipient speaks for its own leg: for one that has ended, only a report still counts for something.
pub(crate) fn speaks_for_present_leg(referral: &Referral, event: &Event) -> Result<(), Refusal> {
    if event.reported_by.is_some() || event.implied_by.is_some() {
        return Ok(());
    }
    let speaker = event.by.organization.as_deref();
    if speaker.is_some() && speaker == referral.recipient() {
        return Ok(());
    }
    let had_a_leg = referral
        .legs
        .iter()
        .any(|leg| speaker.is_some() && leg.recipient.organization() == speaker);
    if had_a_leg && !event.kind.is_report() {
        return Err(Refusal::Never {
            instead: "this leg has ended: the referral is with another recipient",
        });
    }
    Err(Refusal::NotYet)
}

fn outside(referral: &Referral, kind: EventKind, side: Side, status: Status) -> Refusal {
    match transitions::off_table(kind, side, status) {
        Off::Parked | Off::ReportParked => Refusal::NotYet,
        Off::ParkedWhileInsisting if referral.may_insist() => Refusal::NotYet,
        Off::ParkedWhileInsisting => Refusal::Never {
            instead: "the referrer has insisted once already",
        },
        Off::Never(instead) => Refusal::Never { instead },
    }
}

/// How many questions, barriers and supplied items a referral keeps track of, each. Its row would not hold more.
pub const ITEMS_MAX: usize = 200;

/// How many events of a referral wait for their place; reports are not counted, because none is refused.
pub const PARKED_MAX: usize = 200;

fn is_full(referral: &Referral, event: &Event) -> bool {
    let kept = match event.data.as_ref() {
        Payload::InfoRequested(_) => referral.questions.len(),
        Payload::BarrierRaised(_) => referral.barriers.len(),
        Payload::InfoSupplied(supplied) => referral
            .supplied
            .len()
            .saturating_add(supplied.supporting.len()),
        _ => 0,
    };
    kept >= ITEMS_MAX
}

fn guard(referral: &Referral, event: &Event, status: Status) -> Result<(), Refusal> {
    if is_full(referral, event) {
        return Err(Refusal::Guard {
            because: "the referral has as many of these as it can keep track of (200)",
        });
    }
    match (event.data.as_ref(), event.kind) {
        (_, EventKind::ReferralDisputed) => may_dispute(referral, status),
        (Payload::InfoRequested(asked), _) => may_insist_on(referral, &asked.requirements),
        (Payload::Acknowledged(acknowledged), _) => may_acknowledge(referral, status, acknowledged),
        (Payload::InfoSupplied(supplied), _) => match &supplied.question {
            Some(id) if !referral.questions.iter().any(|question| question.id == *id) => {
                Err(Refusal::NotYet)
            }
            _ => Ok(()),
        },
        (Payload::BarrierResolved(resolved), _) => {
            let is_known = referral
                .barriers
                .iter()
                .any(|barrier| barrier.id == resolved.barrier);
            if is_known {
                Ok(())
            } else {
                Err(Refusal::NotYet)
            }
        }
        (Payload::Redirected(redirected), _) => may_redirect(referral, status, &redirected.to),
        _ => Ok(()),
    }
}

/// On a requirement that the referrer overrode the recipient insists once; after that it accepts, or declines.
fn may_insist_on(referral: &Referral, requirements: &[String]) -> Result<(), Refusal> {
    let again = |requirement: &String| {
        referral.insisted.contains(requirement) && referral.is_overridden(requirement)
    };
    if requirements.iter().any(again) {
        return Err(Refusal::Guard {
            because: "the recipient has insisted once already on a requirement that the referrer overrode",
        });
    }
    Ok(())
}

fn may_dispute(referral: &Referral, status: Status) -> Result<(), Refusal> {
    if !referral.may_insist() {
        return Err(Refusal::Guard {
            because: "the referrer has insisted with this recipient once already",
        });
    }
    let advised = referral.newest_report().is_some_and(|report| report.advice);
    if status == Status::Completed && !(advised && referral.traits.role != Role::Advise) {
        return Err(Refusal::Guard {
            because: "only advice in place of a visit that was asked for can be disputed",
        });
    }
    Ok(())
}

fn may_acknowledge(
    referral: &Referral,
    status: Status,
    acknowledged: &crate::payload::Acknowledged,
) -> Result<(), Refusal> {
    // The report that was read may be on its way: of this leg, or of one that is still to be opened.
    let is_to_come = acknowledged.report.as_ref().is_some_and(|read| {
        let mut reports = referral.legs.iter().flat_map(|leg| &leg.reports);
        !reports.any(|report| report.id == *read)
    });
    if status.is_ended_without_report() {
        return match acknowledged.resolution {
            Some(_) => Ok(()),
            None if is_to_come => Err(Refusal::NotYet),
            None => Err(Refusal::Incomplete {
                pointer: "/resolution",
                because: "an end without a report is acknowledged with what becomes of the need",
            }),
        };
    }
    if is_to_come {
        return Err(Refusal::NotYet);
    }
    if acknowledged.care_plan_changed.is_none() {
        return Err(Refusal::Incomplete {
            pointer: "/care_plan_changed",
            because: "a report is acknowledged with whether the care plan changes",
        });
    }
    let newest = referral.newest_report().map(|report| report.id.as_str());
    let several = referral.leg().is_some_and(|leg| leg.reports.len() > 1);
    match acknowledged.report.as_deref() {
        Some(read) if Some(read) != newest => Err(Refusal::Guard {
            because: "a newer report has come than the one that was read",
        }),
        None if several => Err(Refusal::Guard {
            because: "there are two reports or more: `report` or If-Match must say which one was read",
        }),
        _ => Ok(()),
    }
}

/// To the recipient that has it already a referral goes again only after an end that is not a decline.
fn may_redirect(referral: &Referral, status: Status, to: &Recipient) -> Result<(), Refusal> {
    let same = referral.leg().is_some_and(|leg| leg.recipient == *to);
    let again = matches!(status, Status::Cancelled | Status::NotCompleted);
    if same && !again {
        return Err(Refusal::Incomplete {
            pointer: "/to",
            because: "the referral is with this recipient already",
        });
    }
    Ok(())
}
