//! What is to happen to one referral.

use serde_json::{Value, json};

use crate::calendar::{DAY_MS, HOUR_MS, day, instant};
use crate::network::{EYES, HEART, PRACTICE, UNIVERSITY};
use crate::people::Patient;

/// A referral from its request on.
#[derive(Debug, Clone)]
pub struct Story {
    /// By which it is found again; empty where nobody asks.
    pub name: &'static str,
    /// When it is sent.
    pub sent_ms: i64,
    /// The request.
    pub body: Value,
    /// Who it goes to.
    pub recipient: &'static str,
    /// What follows, in its order.
    pub steps: Vec<Step>,
    /// When the last step happens.
    last_ms: i64,
}

/// An event.
#[derive(Debug, Clone)]
pub struct Step {
    /// When it is sent.
    pub at_ms: i64,
    /// The organisation that sends it.
    pub by: &'static str,
    /// Its type.
    pub kind: &'static str,
    /// Its data.
    pub data: Value,
}

impl Story {
    /// A referral of the practice to the heart centre, complete in every item.
    pub fn new(sent_ms: i64, patient: &Patient) -> Self {
        let body = json!({
            "patient": patient.json(),
            "recipient": {"organization": HEART, "service": "cardiology"},
            "service": {"system": "http://snomed.info/sct", "code": "183519002", "display": "Referral to cardiology service"},
            "urgency": "routine",
            "clinical_question": "Is the exertional chest pain cardiac, and is a stress test needed?",
            "role": "evaluate",
            "summary": "Chest pain on exertion for six weeks, relieved by rest. Normal resting ECG. Smoked until 2019.",
            "supporting": [
                {"kind": "lab", "code": "2160-0", "display": "Creatinine", "date": day(sent_ms - 5 * DAY_MS), "value": "0.9 mg/dL"},
                {"kind": "document", "display": "Resting ECG", "date": day(sent_ms - 9 * DAY_MS)},
                {"kind": "medication", "display": "Lisinopril 10 mg", "date": day(sent_ms - 30 * DAY_MS)},
            ],
            "none_known": ["allergy"],
            "preparation": {"agreed": "yes", "reason": "Knows what the visit is for.", "barriers": []},
            "requester": {"name": "Dr Ada Mockford", "phone": "+1 555 0101"},
            "reason": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I20.9", "display": "Angina pectoris, unspecified"}],
            "scheduling": "recipient-calls",
            "coverage": "Demo Health Plan",
            "overrides": [],
        });
        Self {
            name: "",
            sent_ms,
            body,
            recipient: HEART,
            steps: Vec::new(),
            last_ms: sent_ms,
        }
    }

    /// To whom it goes, for what, and what is asked there.
    pub fn to(mut self, offer: &Offer) -> Self {
        self.recipient = offer.organization;
        let (code, why) = offer.reason;
        self.with(json!({
            "recipient": {"organization": offer.organization, "service": offer.service},
            "service": {"system": "http://snomed.info/sct", "code": offer.code, "display": offer.display},
            "clinical_question": offer.question,
            "summary": offer.summary,
            "reason": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": code, "display": why}],
        }))
    }

    /// By which it is found again.
    pub fn named(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    /// With members of the request that differ.
    pub fn with(mut self, members: Value) -> Self {
        if let (Value::Object(body), Value::Object(members)) = (&mut self.body, members) {
            body.extend(members);
        }
        self
    }

    /// The recipient says something, so many hours after what came before.
    pub fn they(self, hours: i64, kind: &'static str, data: Value) -> Self {
        let by = self.recipient;
        self.says(by, hours, kind, data)
    }

    /// The practice says something, so many hours after what came before.
    pub fn we(self, hours: i64, kind: &'static str, data: Value) -> Self {
        self.says(PRACTICE, hours, kind, data)
    }

    fn says(mut self, by: &'static str, hours: i64, kind: &'static str, data: Value) -> Self {
        self.last_ms += hours * HOUR_MS;
        self.steps.push(Step {
            at_ms: self.last_ms,
            by,
            kind,
            data,
        });
        self
    }

    /// The eye clinic has no software: the practice says what it learned from it by telephone.
    pub fn hear_by_phone(&mut self) {
        for step in self.steps.iter_mut().filter(|step| step.by == EYES) {
            step.by = PRACTICE;
            if let Value::Object(data) = &mut step.data {
                data.insert("reported_by".to_owned(), "phone".into());
            }
        }
    }

    /// Accepted.
    pub fn accepted(self, hours: i64) -> Self {
        self.they(
            hours,
            "referral.accepted",
            json!({"performer": "Dr Test Placebo"}),
        )
    }

    /// A visit is booked, so many days after it is.
    pub fn booked(self, hours: i64, in_days: i64) -> Self {
        let start = self.last_ms + hours * HOUR_MS + in_days * DAY_MS;
        let data = json!({"start": instant(start), "end": instant(start + HOUR_MS / 2), "location": "12 Mill Lane, room 3"});
        self.they(hours, "appointment.scheduled", data)
    }

    /// The report comes, on a visit so many days before.
    pub fn reported(self, hours: i64, days_before: i64) -> Self {
        let visit = self.last_ms + hours * HOUR_MS - days_before * DAY_MS;
        let data = json!({
            "visit_on": day(visit),
            "summary": "Stable symptoms, low risk. No invasive test is needed now.",
            "next_steps": ["Start a beta blocker", "See again in six months"],
            "documents": [{"title": "Consultation report", "type": "application/pdf", "url": "https://reports.example.org/demo.pdf"}],
            "performer": "Dr Test Placebo",
        });
        self.they(hours, "referral.outcome", data)
    }

    /// The recipient asks something.
    pub fn asked(self, hours: i64) -> Self {
        let data = json!({"question": "Which medication was tried, and for how long?"});
        self.they(hours, "referral.info_requested", data)
    }

    /// The practice answers.
    pub fn answered(self, hours: i64) -> Self {
        let data = json!({"supporting": [], "note": "Metoprolol 50 mg for two months."});
        self.we(hours, "referral.info_supplied", data)
    }

    /// The recipient sends it on to the university hospital's cardiology.
    pub fn redirected(self, hours: i64) -> Self {
        let to = json!({"organization": UNIVERSITY, "service": "cardiology"});
        let data = json!({"to": to, "reason": "Nearer to where the patient lives."});
        let mut story = self.they(hours, "referral.redirected", data);
        story.recipient = UNIVERSITY;
        story
    }

    /// The practice takes it back, and the recipient agrees.
    pub fn cancelled(self, hours: i64) -> Self {
        let data = json!({"reason": "The patient moved away."});
        self.we(hours, "referral.cancellation_requested", data)
            .they(20, "referral.cancellation_confirmed", json!({}))
    }

    /// The practice has seen that it ended without a report.
    pub fn dealt_with(self, resolution: &str) -> Self {
        let data = json!({"resolution": resolution, "care_plan_changed": false});
        self.we(28, "referral.acknowledged", data)
    }

    /// The report is read.
    pub fn read(self, hours: i64) -> Self {
        let data = json!({"question_answered": "yes", "care_plan_changed": true, "documented_in": "Chart, plan of care"});
        self.we(hours, "referral.acknowledged", data)
    }

    /// The patient is told.
    pub fn told(self, hours: i64) -> Self {
        self.we(hours, "patient.informed", json!({"channel": "phone"}))
    }
}

/// A service with what it is asked.
#[derive(Debug, Clone, Copy)]
pub struct Offer {
    /// The organisation.
    pub organization: &'static str,
    /// Its service.
    pub service: &'static str,
    /// What for, in SNOMED CT.
    pub code: &'static str,
    /// The same in words.
    pub display: &'static str,
    /// What is asked.
    pub question: &'static str,
    /// The story so far.
    pub summary: &'static str,
    /// Why, in ICD-10-CM.
    pub reason: (&'static str, &'static str),
}
