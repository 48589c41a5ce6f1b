//! What will happen to one leg of a referral if nobody chases it, and what comes to light when somebody does. Drawn once, before it
//! begins, so that the year with chasing and the year without have the same fates.

use crate::calendar::DAY_MS;
use crate::dice::Dice;
use crate::parameters as p;

/// What the recipient's office makes of the request when it looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// It takes it.
    Takes,
    /// It does not.
    Declines,
}

/// How the patient stands to the visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patient {
    /// Goes.
    Goes,
    /// Would go, and misses it.
    Forgets,
    /// Has a reason not to, as the code of `referral.not_completed`.
    HasReason(&'static str),
}

/// The fate of a leg.
#[derive(Debug, Clone)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is one thing that happens by itself or does not"
)]
pub struct Fate {
    /// Whether the office looks at the request by itself.
    pub is_looked_at: bool,
    /// When, after it came.
    pub decided_after_ms: i64,
    /// What it makes of it.
    pub judgement: Judgement,
    /// Whether it asks for what is missing first.
    pub asks: bool,
    /// Whether the referrer answers by itself.
    pub answered: bool,
    /// Whether the office schedules by itself.
    pub scheduled: bool,
    /// When, after it took it.
    pub scheduled_after_ms: i64,
    /// From booking to visit.
    pub lead_ms: i64,
    /// The patient.
    pub patient: Patient,
    /// Whether a patient who missed the visit books again alone.
    pub books_again: bool,
    /// Whether a patient who was called and booked again goes.
    pub goes_when_called: bool,
    /// Calls until the patient is reached; `None`: never by this number.
    pub calls_needed: Option<u32>,
    /// Whether the referrer finds another number.
    pub number_found: bool,
    /// Whether the office says by itself that the patient did not come.
    pub no_show_told: bool,
    /// Whether it sends a report by itself.
    pub report_sent: bool,
    /// When, after the visit.
    pub report_after_ms: i64,
    /// Whether that report comes to the referrer.
    pub report_arrives: bool,
    /// Whether the referrer notices a decline by itself.
    pub decline_noticed: bool,
    /// Whether it acknowledges by itself.
    pub acknowledged: bool,
    /// Whether it tells the patient by itself.
    pub informed: bool,
    /// How long the referrer takes for each of these.
    pub referrer_after_ms: i64,
}

impl Fate {
    /// Draws the fate of a leg.
    #[must_use]
    pub fn draw(dice: &mut Dice) -> Self {
        let lacks = dice.happens(p::LACKS_INFORMATION);
        let patient = patient(dice);
        let goes_when_called = dice.happens(match patient {
            Patient::HasReason("no-time") => p::GOES_WHEN_TIME_IS_FOUND,
            Patient::HasReason(_) => 0.0,
            Patient::Goes | Patient::Forgets => p::GOES_WHEN_CALLED,
        });
        Self {
            is_looked_at: !dice.happens(p::NEVER_LOOKED_AT),
            decided_after_ms: dice.days(p::DECIDES_IN_DAYS),
            judgement: if dice.happens(p::DECLINED) {
                Judgement::Declines
            } else {
                Judgement::Takes
            },
            asks: lacks && dice.happens(p::ASKS_FOR_IT),
            answered: dice.happens(p::ANSWERS),
            scheduled: dice.happens(p::SCHEDULED),
            scheduled_after_ms: dice.days(p::SCHEDULES_IN_DAYS),
            lead_ms: dice.between(p::LEAD_DAYS.0, p::LEAD_DAYS.1) * DAY_MS,
            patient,
            books_again: dice.happens(p::BOOKS_AGAIN),
            goes_when_called,
            calls_needed: calls_needed(dice),
            number_found: dice.happens(p::NUMBER_FOUND),
            no_show_told: dice.happens(p::NO_SHOW_TOLD),
            report_sent: dice.happens(p::REPORT_SENT),
            report_after_ms: dice.days(p::REPORTS_IN_DAYS),
            report_arrives: dice.happens(p::REPORT_RECEIVED / p::REPORT_SENT),
            decline_noticed: dice.happens(p::DECLINE_NOTICED),
            acknowledged: dice.happens(p::ACKNOWLEDGES),
            informed: dice.happens(p::INFORMS),
            referrer_after_ms: dice.days(p::REFERRER_ACTS_IN_DAYS),
        }
    }
}

fn patient(dice: &mut Dice) -> Patient {
    if dice.happens(p::GOES) {
        return Patient::Goes;
    }
    if dice.happens(p::FORGETS) {
        return Patient::Forgets;
    }
    let drawn = dice.share() * (p::RESOLVED + p::NO_TIME + p::DISAGREES);
    if drawn < p::RESOLVED {
        Patient::HasReason("resolved")
    } else if drawn < p::RESOLVED + p::NO_TIME {
        Patient::HasReason("no-time")
    } else {
        Patient::HasReason("disagreed")
    }
}

fn calls_needed(dice: &mut Dice) -> Option<u32> {
    const CALLS_MAX: u32 = 10;
    if dice.happens(p::UNREACHABLE) {
        return None;
    }
    let missed = (1..CALLS_MAX).take_while(|_| !dice.happens(p::CALL_REACHES));
    Some(u32::try_from(missed.count()).unwrap_or(0) + 1)
}
