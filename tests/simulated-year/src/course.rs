//! What happens by itself: each step when its time has come, unless somebody was chased into it before.

use anyhow::Result;
use serde_json::{Value, json};

use crate::calendar::{DAY_MS, HOUR_MS, instant, on_business_day};
use crate::cases::{Truth, Visit};
use crate::dice::Dice;
use crate::fate::{Fate, Judgement, Patient};
use crate::network::{SERVICE, text};
use crate::year::{Action, Part, Year};

/// How long a visit takes.
const VISIT_MS: i64 = HOUR_MS;
/// When a patient who missed a visit books again alone.
const BOOKS_AGAIN_AFTER_MS: i64 = 3 * DAY_MS;
/// When an office goes on after an answer.
const GOES_ON_AFTER_MS: i64 = DAY_MS;

impl Year {
    /// A referral is sent.
    ///
    /// # Errors
    /// When intake does not take it.
    pub fn send(&mut self, number: usize) -> Result<()> {
        let mut dice = self.dice(Part::Request, number);
        let referrer =
            usize::try_from(dice.between(0, 1_000)).unwrap_or(0) % self.network.referrers.len();
        let recipient = self.some_recipient(&mut dice, None);
        let urgency = match dice.between(1, 100) {
            1 => "stat",
            2..=5 => "asap",
            6..=20 => "urgent",
            _ => "routine",
        };
        let body = json!({
            "patient": {
                "identifier": {"system": "urn:oid:2.999.1", "value": format!("p{number}")},
                "name": {"family": "Rivera", "given": ["Ana"]}, "birth_date": "1980-02-29", "phone": "+1 555 0100",
            },
            "recipient": {"organization": self.network.recipients[recipient].id, "service": SERVICE},
            "service": {"system": "http://snomed.info/sct", "code": "183519002"},
            "urgency": urgency, "clinical_question": "Is this angina?", "role": "evaluate",
            "supporting": [], "preparation": {"agreed": "yes", "barriers": []}, "overrides": [],
        });
        let key = &self.network.referrers[referrer].key;
        let answer = self
            .deployment
            .call("POST", "/intake/referrals", key, Some(&body))?;
        let id = text(&answer.expect(&[201])?, "id")?;
        self.add(id, referrer, recipient);
        Ok(())
    }

    /// A leg begins with its recipient.
    pub fn begin_leg(&mut self, case: usize) {
        let begun = &mut self.cases[case];
        let number = case * 10 + usize::try_from(begun.leg).unwrap_or(0);
        begun.truth = Truth::default();
        begun.fate = Fate::draw(&mut Dice::of(self.seed, Part::Fate as u64, number as u64));
        let leg = begun.leg;
        if begun.fate.is_looked_at {
            let at_ms = self.now_ms + begun.fate.decided_after_ms;
            self.plan(at_ms, Action::Decide(case, leg));
        }
    }

    /// Whether this leg is still the one that counts, and its office still there.
    #[must_use]
    pub fn is_alive(&self, case: usize, leg: u64) -> bool {
        let known = &self.cases[case];
        known.leg == leg && !known.truth.ended && self.active[known.recipient]
    }

    /// The office looks at the request.
    pub fn decide(&mut self, case: usize) {
        let decided = &mut self.cases[case];
        if decided.truth.decided.is_some() {
            return;
        }
        if decided.fate.asks && !decided.truth.asked {
            decided.truth.asked = true;
            self.say(
                case,
                "referral.info_requested",
                json!({"question": "Is there an ECG?"}),
                None,
            );
            return;
        }
        let (leg, fate) = (decided.leg, decided.fate.clone());
        decided.truth.decided = Some(fate.judgement);
        if fate.judgement == Judgement::Declines {
            self.say(
                case,
                "referral.declined",
                json!({"reason": "capacity"}),
                None,
            );
            return;
        }
        self.say(case, "referral.accepted", json!({}), None);
        if fate.scheduled {
            self.plan(
                self.now_ms + fate.scheduled_after_ms,
                Action::Schedule(case, leg),
            );
        }
    }

    /// The referrer answers the question, and the office goes on.
    ///
    /// # Errors
    /// When the answer is none that may come here.
    pub fn answer(&mut self, case: usize) -> Result<()> {
        self.refer(
            case,
            "referral.info_supplied",
            json!({"note": "It is in the letter."}),
        )?;
        let leg = self.cases[case].leg;
        self.plan(self.now_ms + GOES_ON_AFTER_MS, Action::Decide(case, leg));
        Ok(())
    }

    /// The office schedules by itself.
    pub fn schedule(&mut self, case: usize) {
        let truth = &self.cases[case].truth;
        if truth.visit.is_none() {
            self.book(case, self.cases[case].fate.patient == Patient::Goes);
        }
    }

    /// A date is given to the patient.
    pub fn book(&mut self, case: usize, attended: bool) {
        let booked = &mut self.cases[case];
        let at_ms = on_business_day(self.now_ms + booked.fate.lead_ms);
        booked.truth.visit = Some(Visit {
            at_ms,
            attended,
            is_over: false,
        });
        booked.date_ms.get_or_insert(self.now_ms);
        let leg = booked.leg;
        self.say(
            case,
            "appointment.scheduled",
            json!({"start": instant(at_ms)}),
            None,
        );
        self.plan(at_ms + VISIT_MS, Action::Visit(case, leg));
    }

    /// The time of a visit has passed.
    pub fn visit(&mut self, case: usize) {
        let now_ms = self.now_ms;
        let visited = &mut self.cases[case];
        let Some(visit) = visited
            .truth
            .visit
            .as_mut()
            .filter(|visit| visit.at_ms + VISIT_MS == now_ms)
        else {
            return;
        };
        visit.is_over = true;
        let (leg, fate) = (visited.leg, visited.fate.clone());
        if visit.attended {
            visited.seen_ms.get_or_insert(now_ms);
            if fate.report_sent {
                self.plan(now_ms + fate.report_after_ms, Action::Report(case, leg));
            }
            return;
        }
        visited.truth.missed += 1;
        let missed = visited.truth.missed;
        if fate.no_show_told {
            self.say(case, "appointment.no_show", json!({}), None);
        }
        if fate.books_again && missed == 1 {
            self.plan(now_ms + BOOKS_AGAIN_AFTER_MS, Action::BookAgain(case, leg));
        }
    }

    /// The patient who missed the visit books again.
    pub fn book_again(&mut self, case: usize) {
        let truth = &self.cases[case].truth;
        if !truth.has_date() && !truth.is_seen() {
            self.book(case, true);
        }
    }

    /// The report is written and sent; `arrives` as it is fated, where nobody asked for it.
    pub fn report(&mut self, case: usize, arrives: Option<bool>) {
        let truth = &mut self.cases[case].truth;
        if std::mem::replace(&mut truth.reported, true) {
            return;
        }
        let seen = truth.visit.map_or(self.now_ms, |visit| visit.at_ms);
        let report = json!({"visit_on": instant(seen), "summary": "Stable angina.", "next_steps": [], "documents": []});
        self.say(case, "referral.outcome", report, arrives);
    }

    /// The referrer takes the referral to another recipient.
    ///
    /// # Errors
    /// When the answer is none that may come here.
    pub fn send_on(&mut self, case: usize) -> Result<()> {
        let number = case * 10 + usize::try_from(self.cases[case].leg).unwrap_or(0);
        let mut dice = self.dice(Part::Recipient, number);
        let recipient = self.some_recipient(&mut dice, Some(self.cases[case].recipient));
        let to = json!({"organization": self.network.recipients[recipient].id, "service": SERVICE});
        if self.refer(
            case,
            "referral.redirected",
            json!({"to": to, "reason": "It does not move."}),
        )? {
            let moved = &mut self.cases[case];
            moved
                .legs_before
                .push((moved.recipient, moved.fate.clone(), moved.truth.clone()));
            moved.leg += 1;
            moved.recipient = recipient;
            self.begin_leg(case);
        }
        Ok(())
    }

    /// The referrer reads the report, or deals with an end that has none.
    ///
    /// # Errors
    /// When an answer is none that may come here.
    pub fn acknowledge(&mut self, case: usize) -> Result<()> {
        let seen = self.read(case)?;
        let data = match seen["status"].as_str() {
            Some("completed") => {
                let reports = seen["reports"].as_array().map_or(&[][..], Vec::as_slice);
                let report = reports.last().map_or(&Value::Null, |report| &report["id"]);
                json!({"report": report, "care_plan_changed": true, "question_answered": "yes"})
            }
            Some("declined" | "not-completed" | "cancelled") => {
                json!({"resolution": "managed-here"})
            }
            _ => return Ok(()),
        };
        if self.refer(case, "referral.acknowledged", data)? && self.cases[case].fate.informed {
            let at_ms = self.now_ms + self.cases[case].fate.referrer_after_ms;
            self.plan(at_ms, Action::Inform(case));
        }
        Ok(())
    }

    /// The referrer tells the patient, where that is still to do.
    ///
    /// # Errors
    /// When an answer is none that may come here.
    pub fn inform(&mut self, case: usize) -> Result<()> {
        if self.read(case)?["turn"] == "referrer" {
            self.refer(case, "patient.informed", json!({"channel": "phone"}))?;
        }
        Ok(())
    }
}
