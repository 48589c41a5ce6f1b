//! The parts of a referral that are lists of lines: what was asked, what came with it, what stands in the way, what closes it.
//!
//! Made from what the API answers, so that the page shows no more than it does.

use domain::completeness::Item;
use domain::event::Event;
use domain::kind::EventKind;
use domain::payload::Payload;
use domain::time::Timestamp;
use serde_json::Value;

use super::super::labels;
use super::codes;
use super::facts::{Fact, Part, Teller, referral};
use crate::http::Problem;
use crate::json::to_value;

/// LOINC: a patient's consent; as `formats` writes it.
const CONSENT: &str = "59284-0";

/// What an item is called that holds restrictions on use and redisclosure (42 CFR 2.32); as `formats` writes it.
const RESTRICTIONS: &str = "Security labels";

/// What the request is, in the order in which it is read.
const REQUEST: [&str; 15] = [
    "clinical_question",
    "role",
    "service",
    "summary",
    "reason",
    "urgency",
    "urgency_reason",
    "urgency_proposed",
    "requester",
    "ordered_at",
    "ordered_by_telehealth",
    "needed_by",
    "scheduling",
    "encounter",
    "follows",
];

/// What a recipient needs to know of the patient.
const PATIENT: [&str; 7] = [
    "identifier",
    "name",
    "birth_date",
    "phone",
    "email",
    "language",
    "contact_by",
];

impl Teller<'_> {
    /// Every part that has something to say; `is_present` where the reader still has to do with the referral.
    pub(super) fn parts(
        &self,
        referral: &Value,
        told: &[&Event],
        is_present: bool,
    ) -> Result<Vec<Part>, Problem> {
        let texts = self.texts;
        let part = |id, title, facts| Part { id, title, facts };
        let mut parts = vec![
            part("notices", texts.notices, self.notices(referral)),
            part("reports", texts.reports, self.reports(told)?),
            part("request", texts.request, self.request(referral)),
            part("patient", texts.patient, self.patient(referral)),
            part(
                "requirements",
                texts.requirements,
                self.requirements(referral),
            ),
            part("supporting", texts.supporting, self.supporting(referral)),
            part(
                "completeness",
                texts.completeness,
                self.completeness(referral),
            ),
        ];
        if is_present {
            parts.push(part("closing", texts.closing, self.closing(referral)));
            parts.push(part("contacts", texts.contacts, self.contacts(referral)));
            parts.push(part("barriers", texts.barriers, self.barriers(referral)));
        }
        parts.push(part(
            "questions",
            texts.questions,
            self.questions(referral, told),
        ));
        parts.push(part(
            "duplicates",
            texts.duplicates,
            self.duplicates(referral),
        ));
        parts.retain(|part| !part.facts.is_empty());
        Ok(parts)
    }

    fn some(&self, object: &Value, members: &[&str]) -> Vec<Fact> {
        let mut facts = Vec::new();
        for member in members {
            if let Some(value) = object.get(*member) {
                self.tell("", member, value, &mut facts);
            }
        }
        facts
    }

    fn request(&self, referral: &Value) -> Vec<Fact> {
        let mut facts = self.some(referral, &REQUEST);
        facts.extend(self.some(referral, &["placer", "filler"]));
        facts
    }

    fn patient(&self, referral: &Value) -> Vec<Fact> {
        let mut facts = referral
            .get("patient")
            .map(|patient| self.some(patient, &PATIENT))
            .unwrap_or_default();
        if let Some(preparation) = referral.get("preparation") {
            facts.extend(self.some(preparation, &["agreed", "reason", "barriers"]));
        }
        facts.retain(|fact| !(fact.text.is_empty() && fact.at.is_none() && fact.link.is_none()));
        facts
    }

    /// What must travel with the referral and be seen: who pays, consent, restrictions.
    fn notices(&self, referral: &Value) -> Vec<Fact> {
        let mut facts = self.some(referral, &["coverage"]);
        for item in items(referral, "/supporting").chain(items(referral, "/supplied")) {
            let restricts = text(item, "/display").starts_with(RESTRICTIONS);
            if text(item, "/code") == CONSENT || restricts {
                let mut fact = self.item(item);
                fact.sign = "!";
                fact.is_bad = restricts;
                if restricts {
                    fact.name = self.texts.redisclosure.to_owned();
                }
                facts.push(fact);
            }
        }
        facts
    }

    fn requirements(&self, referral: &Value) -> Vec<Fact> {
        let texts = self.texts;
        let fact = |check: &Value| {
            let is_met = check.get("met").and_then(Value::as_bool) == Some(true);
            let is_required = text(check, "/level") == "required";
            let overridden = text(check, "/override");
            let (sign, state) = match (is_met, overridden, text(check, "/problem")) {
                (true, ..) => ("✓", texts.met.to_owned()),
                (false, "", "too-old") => ("✗", texts.too_old.to_owned()),
                (false, "", _) => ("✗", texts.missing.to_owned()),
                (false, why, _) => ("!", format!("{} {why}", texts.overridden)),
            };
            let level = if is_required {
                texts.required
            } else {
                texts.advisory
            };
            let mut words = vec![state, level.to_owned()];
            if check.get("insisted").is_some() {
                words.push(texts.insisted.to_owned());
            }
            Fact {
                sign,
                name: text(check, "/display").to_owned(),
                text: words.join(" · "),
                is_bad: !is_met && is_required,
                ..Fact::default()
            }
        };
        items(referral, "/requirements").map(fact).collect()
    }

    fn supporting(&self, referral: &Value) -> Vec<Fact> {
        let mut facts: Vec<Fact> = items(referral, "/supporting")
            .chain(items(referral, "/supplied"))
            .map(|item| self.item(item))
            .collect();
        facts.extend(self.some(referral, &["none_known"]));
        facts
    }

    fn completeness(&self, referral: &Value) -> Vec<Fact> {
        let missing: Vec<&str> = items(referral, "/completeness/missing")
            .filter_map(Value::as_str)
            .collect();
        let fact = |item: &Item| {
            let is_missing = missing.contains(&item.as_str());
            let state = if is_missing {
                self.texts.missing
            } else {
                self.texts.there
            };
            Fact {
                sign: if is_missing { "✗" } else { "✓" },
                name: labels::text_of(codes::ITEM, item.as_str(), self.language).to_owned(),
                text: state.to_owned(),
                is_bad: is_missing,
                ..Fact::default()
            }
        };
        Item::ALL.iter().map(fact).collect()
    }

    fn closing(&self, referral: &Value) -> Vec<Fact> {
        let texts = self.texts;
        [
            ("report_received_at", texts.report_received),
            ("matched_at", texts.matched),
            ("acknowledged_at", texts.acknowledged),
            ("patient_informed_at", texts.patient_informed),
        ]
        .into_iter()
        .map(|(member, name)| {
            let at = text(referral, &format!("/closure/{member}"));
            let is_there = !at.is_empty();
            Fact {
                sign: if is_there { "✓" } else { "○" },
                name: name.to_owned(),
                text: if is_there { "" } else { texts.not_yet }.to_owned(),
                at: is_there.then(|| at.to_owned()),
                ..Fact::default()
            }
        })
        .collect()
    }

    fn contacts(&self, referral: &Value) -> Vec<Fact> {
        let fact = |contact: &Value| Fact {
            name: self.words("contact", "outcome", &contact["outcome"], 0),
            text: format!(
                "{} · {}",
                self.words("contact", "channel", &contact["channel"], 0),
                labels::text_of(codes::SIDE, text(contact, "/by"), self.language),
            ),
            at: Some(text(contact, "/at").to_owned()),
            ..Fact::default()
        };
        items(referral, "/contacts").map(fact).collect()
    }

    fn barriers(&self, referral: &Value) -> Vec<Fact> {
        let texts = self.texts;
        let fact = |barrier: &Value| {
            let resolved_at = text(barrier, "/resolved_at");
            let is_open = resolved_at.is_empty();
            let (state, at) = if is_open {
                (texts.open_until, text(barrier, "/due_at"))
            } else {
                (texts.resolved, resolved_at)
            };
            Fact {
                sign: if is_open { "!" } else { "✓" },
                name: self.words("barrier", "kind", &barrier["kind"], 0),
                text: format!("{} · {state}", text(barrier, "/owner")),
                at: Some(at.to_owned()),
                is_bad: is_open,
                ..Fact::default()
            }
        };
        items(referral, "/barriers").map(fact).collect()
    }

    /// Each question, and below it what was answered.
    fn questions(&self, referral: &Value, told: &[&Event]) -> Vec<Fact> {
        let texts = self.texts;
        let mut facts = Vec::new();
        for question in items(referral, "/questions") {
            let is_open = question.get("open").and_then(Value::as_bool) == Some(true);
            let requirements = items(question, "/requirements").filter_map(Value::as_str);
            let mut words = vec![text(question, "/question")];
            words.extend(requirements);
            words.retain(|word| !word.is_empty());
            facts.push(Fact {
                sign: if is_open { "?" } else { "✓" },
                name: if is_open {
                    texts.open_question
                } else {
                    texts.question
                }
                .to_owned(),
                text: words.join(" · "),
                at: Some(text(question, "/asked_at").to_owned()),
                is_bad: is_open,
                ..Fact::default()
            });
            let asked_at = text(question, "/asked_at").parse::<Timestamp>().ok();
            let is_answer = |event: &&&Event| match event.data.as_ref() {
                Payload::InfoSupplied(given) => match &given.question {
                    Some(id) => id == text(question, "/id"),
                    None => Some(event.occurred_at) >= asked_at,
                },
                _ => false,
            };
            if let Some(answer) = told.iter().find(is_answer) {
                let Payload::InfoSupplied(given) = answer.data.as_ref() else {
                    continue;
                };
                let items = given.supporting.iter().map(|item| item.display.as_str());
                let words: Vec<&str> = given.note.as_deref().into_iter().chain(items).collect();
                facts.push(Fact {
                    name: texts.answer.to_owned(),
                    text: words.join(" · "),
                    at: Some(answer.occurred_at.to_string()),
                    ..Fact::default()
                });
            }
        }
        facts
    }

    fn duplicates(&self, view: &Value) -> Vec<Fact> {
        let ids = items(view, "/possible_duplicates").filter_map(Value::as_str);
        ids.map(|id| Fact {
            name: self.texts.duplicate_of.to_owned(),
            link: Some(referral(id)),
            ..Fact::default()
        })
        .collect()
    }

    /// What came back: each report that counts, with its documents.
    fn reports(&self, told: &[&Event]) -> Result<Vec<Fact>, Problem> {
        let mut facts = Vec::new();
        for event in told {
            let is_report = event.kind.is_report() && event.kind != EventKind::ReferralInterimNote;
            if !is_report {
                continue;
            }
            facts.push(Fact {
                name: labels::text_of(labels::EVENT, event.kind.as_str(), self.language).to_owned(),
                at: Some(event.occurred_at.to_string()),
                ..Fact::default()
            });
            facts.extend(self.members(event.kind.as_str(), &to_value(event.data.as_ref())?));
        }
        Ok(facts)
    }
}

/// The items of a list, none where there is none.
pub(super) fn items<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    let list = value.pointer(pointer).and_then(Value::as_array);
    list.into_iter().flatten()
}

/// A text; empty where there is none.
pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    let text = value.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_default()
}
