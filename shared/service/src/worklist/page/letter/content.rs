//! What a letter says of a referral, in words: each placeholder's text, or that it was not given.
//!
//! Source of the ten items and of what an answer holds: ACP High Value Care Coordination toolkit, NCQA CC-04, IHE 360X.

use std::collections::BTreeMap;

use domain::limits::LimitName;
use domain::policy::Allowed;
use domain::request::{Free, Request, Scheduling, Supporting, SupportingKind, Urgency};
use domain::time::Timestamp;
use domain::time_zone::TimeZone;

use super::super::labels;
use super::super::language::Language;
use super::parties::{Parties, Party};
use super::words::ITEMS;
use crate::letters::{SPOKEN, word};
use crate::referrals::Record;

/// How deep a value that is shown as given is followed.
const DEPTH_MAX: usize = 4;

/// What there is to say.
pub(super) struct Content<'a> {
    pub(super) record: &'a Record,
    pub(super) request: &'a Request,
    pub(super) parties: &'a Parties,
    /// The language of the page: the labels of a list are in it.
    pub(super) language: Language,
    /// What stands for codes and around what was given, name by name.
    pub(super) words: &'a str,
    pub(super) now: Timestamp,
}

/// A line of what is asked, for a list of them.
pub(super) struct Item {
    pub(super) label: &'static str,
    pub(super) lines: Vec<String>,
    pub(super) is_given: bool,
}

impl Content<'_> {
    /// The text of a placeholder; where nothing was given it says so.
    pub(super) fn text(&self, name: &str) -> String {
        self.given(name).unwrap_or_else(|| self.word("not-given"))
    }

    /// The ten items and what goes with them, in their order: none is left out.
    pub(super) fn items(&self) -> Vec<Item> {
        let item = |(name, label): (&str, &'static str)| {
            let given = self.given(name);
            let is_given = given.is_some();
            let text = given.unwrap_or_else(|| self.word("not-given"));
            Item {
                label,
                lines: text.lines().map(str::to_owned).collect(),
                is_given,
            }
        };
        labels::options(ITEMS, self.language).map(item).collect()
    }

    /// The text of a placeholder, where there is one.
    fn given(&self, name: &str) -> Option<String> {
        let request = self.request;
        let patient = &request.patient;
        match name {
            "date" => Some(self.day(self.now)),
            "referrer" => Some(self.parties.referrer.name.clone()),
            "referrer_contact" => self.parties.referrer.contact.clone(),
            "recipient" => Some(self.parties.recipient.name.clone()),
            "recipient_contact" => self.parties.recipient.contact.clone(),
            "requester" => request
                .requester
                .as_ref()
                .map(|requester| joined([Some(requester.name.clone()), requester.phone.clone()])),
            "patient" => Some(format!(
                "{} {}",
                patient.name.given.join(" "),
                patient.name.family
            )),
            "birth_date" => Some(patient.birth_date.to_string()),
            "patient_id" => Some(patient.identifier.value.clone()),
            "service" | "what" => Some(text_of_coding(&request.service)),
            "question" => some(&request.clinical_question),
            "role" => Some(self.coded("role", request.role.as_str())),
            "urgency" => Some(self.urgency()),
            "reason" => lines(
                request
                    .reason
                    .iter()
                    .map(|reason| format!("{} ({})", text_of_coding(reason), reason.code)),
            ),
            "summary" => request.summary.clone(),
            "results" => self.results(),
            "medications" => self.listed(SupportingKind::Medication, "no-medications"),
            "allergies" => self.listed(SupportingKind::Allergy, "no-allergies"),
            "patient_contact" => self.patient_contact(),
            "patient_agrees" => Some(self.patient_agrees()),
            "who_calls" => request
                .scheduling
                .map(|who| self.coded("scheduling", who.as_str())),
            "coverage" => request
                .coverage
                .as_ref()
                .and_then(|coverage| free(coverage, 0)),
            "attached" => lines(self.attached().map(|item| self.supporting(item)))
                .or_else(|| Some(self.word("nothing-attached"))),
            "send_back" => Some(self.word("send-back")),
            "by_when" => self.by_when(),
            "where" => Some(self.place()),
            "when" => Some(self.when()),
            "bring" => Some(self.word("bring").replace("; ", "\n")),
            "call" => Some(self.whom_to_call(&self.parties.referrer)),
            _ => None,
        }
    }

    /// The words of this name; one that has none stands for itself.
    fn word(&self, name: &str) -> String {
        word(self.words, name).unwrap_or(name).to_owned()
    }

    /// The words of a code among those of one kind.
    fn coded(&self, kind: &str, code: &str) -> String {
        let words = word(self.words, &format!("{kind}.{code}"));
        words.unwrap_or(code).to_owned()
    }

    /// What came with the request and after it.
    fn came(&self) -> impl Iterator<Item = &Supporting> {
        let supplied = &self.record.referral.supplied;
        self.request.supporting.iter().chain(supplied)
    }

    /// What of it is more than the line that stands under results, medications or allergies already: what there is to open, and what
    /// has no place of its own.
    pub(super) fn attached(&self) -> impl Iterator<Item = &Supporting> {
        self.came().filter(|item| {
            item.url.is_some()
                || matches!(
                    item.kind,
                    SupportingKind::Problem | SupportingKind::Note | SupportingKind::Document
                )
        })
    }

    fn urgency(&self) -> String {
        let urgency = self.record.referral.urgency();
        let name = self.coded("urgency", urgency.as_str());
        match &self.request.urgency_reason {
            Some(reason) => format!("{name}: {reason}"),
            None if urgency == Urgency::Routine => name,
            None => format!("{name}: {}", self.word("not-given")),
        }
    }

    /// Results that came, and those that the service asks for and lacks.
    fn results(&self) -> Option<String> {
        let not_given = self.word("not-given");
        let came = self
            .came()
            .filter(|item| matches!(item.kind, SupportingKind::Lab | SupportingKind::Imaging))
            .map(|item| self.supporting(item));
        let lacking = self
            .record
            .referral
            .checks
            .iter()
            .filter(|check| !check.met)
            .map(|check| {
                let why = check.overridden.as_deref().unwrap_or(&not_given);
                format!("{}: {why}", check.display)
            });
        lines(came.chain(lacking))
    }

    fn listed(&self, kind: SupportingKind, none_known: &str) -> Option<String> {
        let came = self.came().filter(|item| item.kind == kind);
        lines(came.map(|item| self.supporting(item))).or_else(|| {
            self.request
                .none_known
                .contains(&kind)
                .then(|| self.word(none_known))
        })
    }

    /// An item that came, in a line.
    pub(super) fn supporting(&self, item: &Supporting) -> String {
        let value = item.value.as_ref().and_then(|value| free(value, 0));
        let dated = format!("{}, {}", item.display, item.date);
        match value {
            Some(value) => format!("{dated}: {value}"),
            None => dated,
        }
    }

    fn patient_contact(&self) -> Option<String> {
        let patient = &self.request.patient;
        let not_given = self.word("not-given");
        let reached = patient.phone.is_some() || patient.email.is_some();
        let speaks = patient.language.as_ref().map(|tag| {
            let primary = tag.split('-').next().unwrap_or_default();
            let spoken = word(self.words, &format!("{SPOKEN}{primary}")).unwrap_or(tag);
            format!("{} {spoken}", self.word("speaks"))
        });
        let all = joined([
            (!reached).then(|| not_given.clone()),
            patient.phone.clone(),
            patient.email.clone(),
            patient
                .contact_by
                .as_ref()
                .map(|by| self.coded("contact-by", by)),
            speaks,
        ]);
        (all != not_given).then_some(all)
    }

    fn patient_agrees(&self) -> String {
        let preparation = &self.request.preparation;
        let agreed = self.coded("agreed", preparation.agreed.as_str());
        let why = preparation.reason.clone();
        let why = why.unwrap_or_else(|| self.word("not-given"));
        let mut text = format!("{agreed}: {why}");
        if !preparation.barriers.is_empty() {
            text.push('\n');
            text.push_str(&self.word("barriers"));
            text.push(' ');
            text.push_str(&preparation.barriers.join(", "));
        }
        text
    }

    fn by_when(&self) -> Option<String> {
        let due = |limit: LimitName| {
            let running = &self.record.clocks.running;
            running
                .iter()
                .find(|deadline| deadline.limit == limit)
                .map(|deadline| deadline.due_at)
        };
        let by = |name: &str, limit| {
            due(limit).map(|at| format!("{} {}", self.word(name), self.time(at)))
        };
        let urgency = self.record.referral.urgency();
        let report = self.record.policy.allowed(LimitName::Outcome, urgency);
        let report = format!("{} {}", self.word("report-within"), self.allowed(report));
        let needed = self
            .request
            .needed_by
            .map(|day| format!("{} {day}", self.word("needed-by")));
        let all = [
            by("answer-by", LimitName::Decided),
            by("book-by", LimitName::Scheduled),
            by("see-by", LimitName::Seen),
            Some(report),
            needed,
        ];
        lines(all.into_iter().flatten())
    }

    fn allowed(&self, allowed: Allowed) -> String {
        let (amount, unit) = match allowed {
            Allowed::Hours(amount) => (amount, "hours"),
            Allowed::Days(amount) => (amount, "days"),
            Allowed::BusinessDays(amount) => (amount, "business-days"),
        };
        format!("{amount} {}", self.word(unit))
    }

    fn place(&self) -> String {
        let recipient = &self.parties.recipient;
        let appointment = self.appointment().and_then(|visit| visit.location.as_ref());
        let all = [
            Some(recipient.name.clone()),
            appointment.and_then(|place| free(place, 0)),
            recipient.contact.clone(),
        ];
        lines(all.into_iter().flatten()).unwrap_or_default()
    }

    fn when(&self) -> String {
        if let Some(start) = self.appointment().and_then(|visit| visit.start) {
            return self.time(start);
        }
        // Who was not told otherwise is called.
        let who = self
            .request
            .scheduling
            .unwrap_or(Scheduling::RecipientCalls);
        self.coded("when", who.as_str())
    }

    /// The visit that is booked and still to come.
    pub(super) fn appointment(&self) -> Option<&domain::referral::Appointment> {
        let leg = self.record.referral.leg()?;
        leg.appointment
            .as_ref()
            .filter(|_| leg.status == domain::status::Status::Scheduled)
    }

    fn whom_to_call(&self, party: &Party) -> String {
        joined([
            Some(party.name.clone()),
            party.contact.clone(),
            self.request
                .requester
                .as_ref()
                .and_then(|requester| requester.phone.clone()),
        ])
    }

    /// A time as the clocks of the network show it.
    pub(super) fn time(&self, at: Timestamp) -> String {
        let (text, zone) = (self.local(at), self.record.policy.zone());
        format!(
            "{} {} ({zone})",
            text.get(..10).unwrap_or_default(),
            text.get(11..16).unwrap_or_default()
        )
    }

    /// The day of a time there.
    pub(super) fn day(&self, at: Timestamp) -> String {
        self.local(at).get(..10).unwrap_or_default().to_owned()
    }

    fn local(&self, at: Timestamp) -> String {
        let zone = domain::time_zone::by_name(self.record.policy.zone());
        let local_ms = zone.map_or(at.as_millisecond(), |zone: TimeZone| zone.local_ms(at));
        Timestamp::from_millisecond(local_ms)
            .unwrap_or(at)
            .to_string()
    }
}

fn some(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.to_owned())
}

fn lines(all: impl Iterator<Item = String>) -> Option<String> {
    some(&all.collect::<Vec<_>>().join("\n"))
}

fn joined<const COUNT: usize>(all: [Option<String>; COUNT]) -> String {
    all.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn text_of_coding(coding: &domain::request::Coding) -> String {
    coding
        .display
        .clone()
        .unwrap_or_else(|| coding.code.clone())
}

/// A value with its unit, as people write it; `None` for an object that says anything else.
fn quantity(members: &BTreeMap<String, Free>) -> Option<String> {
    let member = |name: &str| free(members.get(name)?, DEPTH_MAX);
    let (value, unit) = (member("value")?, member("unit")?);
    (members.len() == 2).then(|| format!("{value} {unit}"))
}

/// A value as given, in words.
pub(super) fn free(value: &Free, depth: usize) -> Option<String> {
    if depth > DEPTH_MAX {
        return None;
    }
    let text = match value {
        Free::Flag(flag) => flag.to_string(),
        Free::Integer(number) => number.to_string(),
        Free::Number(number) => number.to_string(),
        Free::Text(text) => text.clone(),
        Free::List(list) => {
            let all: Vec<_> = list
                .iter()
                .filter_map(|value| free(value, depth + 1))
                .collect();
            all.join(", ")
        }
        Free::Object(members) => {
            if let Some(quantity) = quantity(members) {
                return Some(quantity);
            }
            let all: Vec<_> = members
                .iter()
                .filter_map(|(name, value)| Some(format!("{name} {}", free(value, depth + 1)?)))
                .collect();
            all.join(", ")
        }
        Free::Nothing => return None,
    };
    some(&text)
}
