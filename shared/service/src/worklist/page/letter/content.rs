//! What a letter says of a referral, in words: each placeholder's text, or that it was not given.
//!
//! Source of the ten items and of what an answer holds: ACP High Value Care Coordination toolkit, NCQA CC-04, IHE 360X.

use domain::limits::LimitName;
use domain::policy::Allowed;
use domain::request::{Free, Request, Supporting, SupportingKind, Urgency};
use domain::time::Timestamp;
use domain::time_zone::TimeZone;

use super::super::labels::{self, Label};
use super::super::language::Language;
use super::parties::{Parties, Party};
use super::words::{AGREED, ITEMS, ROLE, SCHEDULING, TEXTS, Texts};
use crate::referrals::Record;

/// How deep a value that is shown as given is followed.
const DEPTH_MAX: usize = 4;

/// What there is to say.
pub(super) struct Content<'a> {
    pub(super) record: &'a Record,
    pub(super) request: &'a Request,
    pub(super) parties: &'a Parties,
    pub(super) language: Language,
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
        self.given(name)
            .unwrap_or_else(|| self.texts().not_given.to_owned())
    }

    /// The ten items and what goes with them, in their order: none is left out.
    pub(super) fn items(&self) -> Vec<Item> {
        let item = |(name, label): (&str, &'static str)| {
            let given = self.given(name);
            let is_given = given.is_some();
            let text = given.unwrap_or_else(|| self.texts().not_given.to_owned());
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
        let texts = self.texts();
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
            "role" => Some(self.label(ROLE, request.role.as_str())),
            "urgency" => Some(self.urgency()),
            "reason" => lines(
                request
                    .reason
                    .iter()
                    .map(|reason| format!("{} ({})", text_of_coding(reason), reason.code)),
            ),
            "summary" => request.summary.clone(),
            "results" => self.results(),
            "medications" => self.listed(SupportingKind::Medication, texts.no_medications),
            "allergies" => self.listed(SupportingKind::Allergy, texts.no_allergies),
            "patient_contact" => self.patient_contact(),
            "patient_agrees" => Some(self.patient_agrees()),
            "who_calls" => request
                .scheduling
                .map(|who| self.label(SCHEDULING, who.as_str())),
            "coverage" => request
                .coverage
                .as_ref()
                .and_then(|coverage| free(coverage, 0)),
            "attached" => lines(self.attached().map(|item| self.supporting(item))),
            "send_back" => Some(texts.send_back.to_owned()),
            "by_when" => self.by_when(),
            "where" => Some(self.place()),
            "when" => Some(self.when()),
            "bring" => Some(texts.bring.to_owned()),
            "call" => Some(self.whom_to_call(&self.parties.referrer)),
            _ => None,
        }
    }

    fn texts(&self) -> &'static Texts {
        TEXTS.of(self.language)
    }

    fn label(&self, table: &'static [Label], code: &str) -> String {
        labels::text_of(table, code, self.language).to_owned()
    }

    /// What came with the request and after it.
    pub(super) fn attached(&self) -> impl Iterator<Item = &Supporting> {
        let supplied = &self.record.referral.supplied;
        self.request.supporting.iter().chain(supplied)
    }

    fn urgency(&self) -> String {
        let urgency = self.record.referral.urgency();
        let name = self.label(labels::URGENCY, urgency.as_str());
        match &self.request.urgency_reason {
            Some(reason) => format!("{name}: {reason}"),
            None if urgency == Urgency::Routine => name,
            None => format!("{name}: {}", self.texts().not_given),
        }
    }

    /// Results that came, and those that the service asks for and lacks.
    fn results(&self) -> Option<String> {
        let texts = self.texts();
        let came = self
            .attached()
            .filter(|item| matches!(item.kind, SupportingKind::Lab | SupportingKind::Imaging))
            .map(|item| self.supporting(item));
        let lacking = self
            .record
            .referral
            .checks
            .iter()
            .filter(|check| !check.met)
            .map(|check| {
                let why = check.overridden.as_deref().unwrap_or(texts.not_given);
                format!("{}: {why}", check.display)
            });
        lines(came.chain(lacking))
    }

    fn listed(&self, kind: SupportingKind, none_known: &str) -> Option<String> {
        let came = self.attached().filter(|item| item.kind == kind);
        lines(came.map(|item| self.supporting(item))).or_else(|| {
            self.request
                .none_known
                .contains(&kind)
                .then(|| none_known.to_owned())
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
        let reached = patient.phone.is_some() || patient.email.is_some();
        reached.then(|| {
            joined([
                patient.phone.clone(),
                patient.email.clone(),
                patient
                    .contact_by
                    .as_ref()
                    .map(|by| self.label(labels::CONTACT_BY, by)),
                patient.language.as_ref().map(|language| {
                    let spoken = self.label(labels::SPOKEN, language);
                    format!("{}: {spoken}", self.texts().speaks)
                }),
            ])
        })
    }

    fn patient_agrees(&self) -> String {
        let preparation = &self.request.preparation;
        let agreed = self.label(AGREED, preparation.agreed.as_str());
        let why = preparation
            .reason
            .as_deref()
            .unwrap_or(self.texts().not_given);
        let mut text = format!("{agreed}: {why}");
        for barrier in &preparation.barriers {
            text.push('\n');
            text.push_str(barrier);
        }
        text
    }

    fn by_when(&self) -> Option<String> {
        let texts = self.texts();
        let due = |limit: LimitName| {
            let running = &self.record.clocks.running;
            running
                .iter()
                .find(|deadline| deadline.limit == limit)
                .map(|deadline| deadline.due_at)
        };
        let by = |text: &str, limit| due(limit).map(|at| format!("{text} {}", self.time(at)));
        let urgency = self.record.referral.urgency();
        let report = self.record.policy.allowed(LimitName::Outcome, urgency);
        let report = format!("{} {}", texts.report_within, self.allowed(report));
        let needed = self
            .request
            .needed_by
            .map(|day| format!("{} {day}", texts.needed_by));
        let all = [
            by(texts.answer_by, LimitName::Decided),
            by(texts.book_by, LimitName::Scheduled),
            by(texts.see_by, LimitName::Seen),
            Some(report),
            needed,
        ];
        lines(all.into_iter().flatten())
    }

    fn allowed(&self, allowed: Allowed) -> String {
        let texts = self.texts();
        let (amount, unit) = match allowed {
            Allowed::Hours(amount) => (amount, texts.hours),
            Allowed::Days(amount) => (amount, texts.days),
            Allowed::BusinessDays(amount) => (amount, texts.business_days),
        };
        format!("{amount} {unit}")
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
        let texts = self.texts();
        match self.appointment().and_then(|visit| visit.start) {
            Some(start) => self.time(start),
            None => match self
                .request
                .scheduling
                .map(domain::request::Scheduling::as_str)
            {
                Some("patient-calls") => texts.you_call.to_owned(),
                Some("referrer-books") => texts.we_book.to_owned(),
                _ => texts.they_call.to_owned(),
            },
        }
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
