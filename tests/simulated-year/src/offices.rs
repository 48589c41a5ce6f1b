//! Chasing: each business day every office looks at what its worklist shows as late, and acts on a share of it.

use anyhow::Result;
use serde_json::{Value, json};

use crate::calendar::{DAY_MS, parsed};
use crate::fate::Patient;
use crate::network::Office;
use crate::parameters as p;
use crate::year::Year;

/// After this many calls in vain the office says that the patient cannot be reached.
const CALLS_MAX: u32 = 3;
/// Visits that a patient may miss before the office gives up.
const MISSED_MAX: u32 = 2;

/// The day of the week, counted in whole weeks since the Unix epoch, a Thursday: Monday.
const LOOKS_AT_OTHERS_ON: i64 = 4;

/// Statuses from which a referrer may take a referral elsewhere.
const MOVABLE: [&str; 5] = [
    "sent",
    "info-requested",
    "accepted",
    "no-show",
    "appointment-cancelled",
];

impl Year {
    /// A recipient's office works on its list.
    ///
    /// # Errors
    /// When an answer is none that may come here.
    pub fn work_as_recipient(&mut self, number: usize) -> Result<()> {
        let office = self.network.recipients[number].clone();
        if office.never_looks || !self.active[number] {
            return Ok(());
        }
        for item in self.list(&office, &["overdue&turn=mine"])? {
            let Some(case) = self.case_of(&item) else {
                continue;
            };
            if self.cases[case].recipient == number && self.acts() {
                self.chased_recipient(case, item["status"].as_str().unwrap_or_default())?;
            }
        }
        Ok(())
    }

    /// A referrer's office works on its list.
    ///
    /// # Errors
    /// When an answer is none that may come here.
    pub fn work_as_referrer(&mut self, number: usize) -> Result<()> {
        let office = self.network.referrers[number].clone();
        let is_for_others =
            (self.now_ms / DAY_MS) % p::LOOKS_AT_OTHERS_EVERY_DAYS == LOOKS_AT_OTHERS_ON;
        let headings: &[&str] = if is_for_others {
            &["overdue", "other-side-closed", "patient-unreachable"]
        } else {
            &["overdue&turn=mine", "patient-unreachable&turn=mine"]
        };
        for item in self.list(&office, headings)? {
            let Some(case) = self.case_of(&item) else {
                continue;
            };
            if self.acts() {
                self.chased_referrer(case, &item)?;
            }
        }
        Ok(())
    }

    /// What an office's worklist shows first under these headings, each referral once.
    fn list(&self, office: &Office, headings: &[&str]) -> Result<Vec<Value>> {
        let mut found: Vec<Value> = Vec::new();
        for heading in headings {
            let path = format!(
                "/worklist/referrals?attention={heading}&limit={}",
                p::LOOKED_AT_A_DAY
            );
            let page = self
                .deployment
                .call("GET", &path, &office.key, None)?
                .expect(&[200])?;
            for item in page["items"].as_array().into_iter().flatten() {
                if found.iter().all(|known| known["id"] != item["id"]) {
                    found.push(item.clone());
                }
            }
        }
        Ok(found)
    }

    fn acts(&mut self) -> bool {
        let share = self.arm.share_acted_on();
        self.chase.happens(share)
    }

    fn chased_recipient(&mut self, case: usize, status: &str) -> Result<()> {
        let leg = self.cases[case].leg;
        // The record lacks what was done: it is sent again.
        let unheard: Vec<usize> = (0..self.messages.len())
            .filter(|message| {
                let sent = &self.messages[*message];
                sent.case == case && sent.leg == leg && !sent.heard
            })
            .collect();
        if !unheard.is_empty() {
            for message in unheard {
                self.arrive(message)?;
            }
            return Ok(());
        }
        let truth = &self.cases[case].truth;
        match status {
            _ if truth.ended => {}
            "sent" => self.decide(case),
            "accepted" | "scheduled" | "no-show" if truth.is_seen() => self.report(case, None),
            "scheduled" if truth.has_date() => {}
            "scheduled" => self.say(case, "appointment.no_show", json!({}), None),
            "accepted" | "no-show" if !truth.has_date() => self.call_patient(case),
            _ => {}
        }
        Ok(())
    }

    /// The office calls the patient, to find a date or a reason why there will be none.
    fn call_patient(&mut self, case: usize) {
        let called = &mut self.cases[case];
        called.truth.calls += 1;
        let calls = called.truth.calls;
        let contacted = |outcome| json!({"channel": "phone", "outcome": outcome});
        if called.fate.calls_needed.is_none_or(|needed| calls < needed) {
            self.say(case, "patient.contacted", contacted("no-answer"), None);
            if calls == CALLS_MAX {
                self.say(case, "patient.unreachable", json!({}), None);
            }
            return;
        }
        let (patient, missed, goes) = (
            called.fate.patient,
            called.truth.missed,
            called.fate.goes_when_called,
        );
        self.say(case, "patient.contacted", contacted("reached"), None);
        match patient {
            Patient::HasReason(reason @ ("resolved" | "disagreed")) => self.give_up(case, reason),
            _ if missed >= MISSED_MAX => self.give_up(case, "no-time"),
            Patient::Goes => self.book(case, true),
            // The first date is missed as it would have been; only after that the call makes a difference.
            Patient::Forgets => self.book(case, missed > 0 && goes),
            Patient::HasReason(_) => self.book(case, goes),
        }
    }

    fn give_up(&mut self, case: usize, reason: &str) {
        self.cases[case].truth.ended = true;
        self.say(
            case,
            "referral.not_completed",
            json!({"reason": reason}),
            None,
        );
    }

    fn chased_referrer(&mut self, case: usize, item: &Value) -> Result<()> {
        let shows = |what: &str| {
            item["attention"]
                .as_array()
                .is_some_and(|all| all.iter().any(|one| one == what))
        };
        let is_mine = item["turn"] == "referrer";
        let status = item["status"].as_str().unwrap_or_default();
        let may_move = self.cases[case].leg < p::LEGS_MAX && MOVABLE.contains(&status);
        let stands_ms = self.now_ms - parsed(&item["stage_since"]).unwrap_or(self.now_ms);
        match status {
            "completed" => self.acknowledge(case),
            "closed" => self.inform(case),
            "declined"
                if self.cases[case].leg < p::LEGS_MAX && self.chase.happens(p::DECLINE_SENT_ON) =>
            {
                self.send_on(case)
            }
            "declined" | "not-completed" | "cancelled" if item.get("resolution").is_none() => {
                self.acknowledge(case)
            }
            "declined" | "not-completed" | "cancelled" => self.inform(case),
            _ if shows("other-side-closed") && may_move => self.send_on(case),
            "info-requested" => self.answer(case),
            _ if shows("patient-unreachable") && is_mine => self.find_patient(case),
            _ if !is_mine && may_move && stands_ms > p::TAKEN_ELSEWHERE_AFTER_DAYS * DAY_MS => {
                self.send_on(case)
            }
            _ => Ok(()),
        }
    }

    /// The referrer looks for another number, or ends it.
    fn find_patient(&mut self, case: usize) -> Result<()> {
        let sought = &mut self.cases[case];
        if sought.fate.number_found {
            sought.fate.calls_needed = Some(1);
            let data = json!({"channel": "letter", "outcome": "reached"});
            self.refer(case, "patient.contacted", data)?;
        } else {
            self.refer(
                case,
                "referral.not_completed",
                json!({"reason": "unreachable"}),
            )?;
            self.cases[case].truth.ended = true;
        }
        Ok(())
    }
}
