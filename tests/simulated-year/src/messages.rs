//! What a recipient's system says, and what becomes of it on the way: lost, twice, late and so out of order.

use anyhow::{Result, bail};
use serde_json::{Value, json};

use crate::calendar::{HOUR_MS, instant};
use crate::deployment::webhook;
use crate::dice::Dice;
use crate::parameters as p;
use crate::year::{Action, Part, Year};

/// A signed webhook that was sent, and may be sent again.
#[derive(Debug, Clone)]
pub struct Message {
    /// The referral's place among the cases.
    pub case: usize,
    /// The leg that it is of.
    pub leg: u64,
    /// The sender's place among the recipients.
    pub sender: usize,
    /// What it says.
    pub kind: &'static str,
    /// The `webhook-id`, the same whenever it is sent.
    pub id: String,
    /// The body, the same too.
    pub body: String,
    /// Whether it came and was taken.
    pub heard: bool,
}

impl Year {
    /// The recipient's system says what has just happened. `arrives` where that is fated; otherwise the line decides.
    ///
    /// # Errors
    /// Never now; the line carries it later.
    pub fn say(&mut self, case: usize, kind: &'static str, data: Value, arrives: Option<bool>) {
        let now_ms = self.now_ms;
        let told = &mut self.cases[case];
        told.messages += 1;
        let number = u64::try_from(case).unwrap_or(0) * 1_000 + told.messages;
        let mut line = Dice::of(self.seed, Part::Line as u64, number);
        let mut data = data;
        data["referral"] = told.id.as_str().into();
        data["occurred_at"] = instant(now_ms).into();
        let body = json!({"type": kind, "timestamp": instant(now_ms), "data": data});
        let message = self.messages.len();
        self.messages.push(Message {
            case,
            leg: told.leg,
            sender: told.recipient,
            kind,
            id: format!("{}-{}", told.id, told.messages),
            body: body.to_string(),
            heard: false,
        });
        // Everything is drawn, so that one draw does not change the next.
        let lost = line.happens(p::LOST);
        let doubled = line.happens(p::DOUBLED);
        let late = line.happens(p::LATE);
        let late_ms = line.between(1, p::LATE_HOURS_MAX) * HOUR_MS;
        if !arrives.unwrap_or(!lost) {
            return;
        }
        let comes_ms = now_ms + if late { late_ms } else { 1_000 };
        self.plan(comes_ms, Action::Arrive(message));
        if doubled {
            self.plan(comes_ms + late_ms, Action::Arrive(message));
        }
    }

    /// A message comes.
    ///
    /// # Errors
    /// When the answer is none that a webhook may get here.
    pub fn arrive(&mut self, message: usize) -> Result<()> {
        let sent = self.messages[message].clone();
        let source = &self.network.recipients[sent.sender].source;
        let answer = webhook(&self.deployment, source, &sent.id, &sent.body)?;
        // 409: the referral was taken elsewhere, or somebody else ended it meanwhile.
        let taken = answer.status == 202;
        if answer.status == 404 {
            return self.taken_back(sent.case, sent.leg);
        }
        answer.expect(&[202, 409])?;
        if !taken {
            self.refused += 1;
            return Ok(());
        }
        if std::mem::replace(&mut self.messages[message].heard, true) {
            return Ok(());
        }
        self.referrer_hears(&sent);
        Ok(())
    }

    /// The record has given the referral back to the recipient before, because it learned late that the patient has a date there.
    fn taken_back(&mut self, case: usize, leg: u64) -> Result<()> {
        let known = &mut self.cases[case];
        if known.leg != leg {
            return Ok(());
        }
        let Some(before) = known.legs_before.pop() else {
            bail!("{} is not there for its own recipient", known.id);
        };
        known.leg -= 1;
        (known.recipient, known.fate, known.truth) = before;
        Ok(())
    }

    /// What the referrer's office does by itself about what it hears, sooner or later or never.
    fn referrer_hears(&mut self, message: &Message) {
        let case = &self.cases[message.case];
        if case.leg != message.leg {
            return;
        }
        let fate = &case.fate;
        let (acts, action) = match message.kind {
            "referral.outcome" => (fate.acknowledged, Action::Acknowledge(message.case)),
            "referral.declined" => (
                fate.decline_noticed,
                Action::SendOn(message.case, message.leg),
            ),
            "referral.info_requested" => (fate.answered, Action::Answer(message.case, message.leg)),
            _ => return,
        };
        if acts {
            self.plan(self.now_ms + fate.referrer_after_ms, action);
        }
    }
}
