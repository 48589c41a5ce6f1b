//! What the reader can do now, what is usual first: a form for each event that the guards would take.

use domain::actions::{Action, Asked, Place, Speaker, actions, dismissible, retractable};
use domain::attention::Attention;
use domain::event::{Author, Event};
use domain::kind::EventKind;
use domain::payload::Dismissible;
use domain::referral::Referral;
use domain::status::Side;
use domain::time::Timestamp;
use serde_json::Value;

use super::super::labels;
use super::codes;
use super::facts::Teller;
use super::form::{Choice, Form, Offered};
use super::parts::{items, text};
use super::words;
use crate::auth::Member;
use crate::referrals::Record;

/// Forms of one speaker: what the reader does for its own side, or records for one without software.
pub(super) struct Group {
    pub(super) title: String,
    pub(super) forms: Vec<Form>,
}

/// What the reader's side and events are.
pub(super) struct Reader<'a> {
    pub(super) member: &'a Member,
    pub(super) record: &'a Record,
    /// The referral as the API shows it.
    pub(super) view: &'a Value,
    pub(super) events: &'a [Event],
    pub(super) now: Timestamp,
}

/// For whom the reader may speak, and what is sent to say so.
struct Voice<'a> {
    speaker: Speaker<'a>,
    title: String,
    speaks_as: Option<Side>,
}

impl Teller<'_> {
    /// Everything that the reader can do, by speaker.
    pub(super) fn todo(&self, reader: &Reader<'_>) -> Vec<Group> {
        let referral = &reader.record.referral;
        // What the reader is not shown is not the reader's to set aside.
        let attention: Vec<Attention> = items(reader.view, "/attention")
            .filter_map(|code| Attention::parse(code.as_str()?))
            .collect();
        let mut groups = Vec::new();
        for (index, voice) in self.voices(reader).into_iter().enumerate() {
            let speaker = voice.speaker;
            let mut forms: Vec<Form> = actions(referral, speaker, &attention)
                .into_iter()
                .map(|action| self.form(index, &action, &voice, &attention, reader))
                .collect();
            if !speaker.records {
                forms.extend(self.take_back(index, &voice, reader));
                forms.extend(self.apply(index, reader).into_iter().filter(|_| index == 0));
            }
            if let Some(first) = forms.first_mut().filter(|_| index == 0) {
                first.is_first = first.is_next;
            }
            if !forms.is_empty() {
                groups.push(Group {
                    title: voice.title,
                    forms,
                });
            }
        }
        groups
    }

    fn voices<'a>(&self, reader: &'a Reader<'_>) -> Vec<Voice<'a>> {
        let record = reader.record;
        let referral: &Referral = &record.referral;
        let own = reader.member.organization.as_str();
        let asks = referral.referrer == own;
        let is_asked = referral.recipient() == Some(own);
        let was_asked = referral
            .legs
            .iter()
            .any(|leg| leg.recipient.organization() == Some(own));
        let voice = |side, records, title: String| Voice {
            speaker: Speaker {
                side,
                organization: own,
                records,
            },
            title,
            speaks_as: (asks && was_asked).then_some(side),
        };
        let side = |side: Side| {
            let name = labels::text_of(codes::SIDE, side.as_str(), self.language);
            format!("{} {}", self.texts.as_side, name.to_lowercase())
        };
        let recorded = |name: &str| format!("{} {name}", self.texts.told_by);
        let mut sides = vec![(Side::Recipient, is_asked), (Side::Referrer, asks)];
        sides.retain(|(_, is_own)| *is_own);
        // Whose turn it is comes first, where one organisation is both.
        if referral.turn == Some(Side::Referrer) {
            sides.reverse();
        }
        let is_both = sides.len() > 1;
        let own_voice = |(speaks_for, _)| {
            let title = if is_both {
                side(speaks_for)
            } else {
                String::new()
            };
            voice(speaks_for, false, title)
        };
        let mut voices: Vec<Voice<'_>> = sides.into_iter().map(own_voice).collect();
        if asks && !was_asked && !record.recipient_connected {
            let external = text(reader.view, "/recipient/external/name");
            let name = referral
                .recipient()
                .map_or(external, |id| self.names.of(id));
            voices.push(voice(Side::Recipient, true, recorded(name)));
        }
        if is_asked && !asks && !record.referrer_connected {
            let name = self.names.of(&referral.referrer);
            voices.push(voice(Side::Referrer, true, recorded(name)));
        }
        voices
    }

    fn form(
        &self,
        index: usize,
        action: &Action,
        voice: &Voice<'_>,
        attention: &[Attention],
        reader: &Reader<'_>,
    ) -> Form {
        let kind = action.event;
        let id = form_id(index, kind);
        let referral = &reader.record.referral;
        let offered = Offered {
            referral: reader.view,
            retractable: Vec::new(),
            dismissible: self.may_be_set_aside(attention),
            assigner: format!(
                "urn:referral-loop:organization:{}",
                reader.member.organization
            ),
        };
        let mut given = given(voice);
        if kind == EventKind::ReferralAcknowledged
            && let Some(report) = referral.newest_report()
            && !referral.status().is_ended_without_report()
        {
            given.push(("report", report.id.clone()));
        }
        let mut fields = Vec::new();
        if voice.speaker.records {
            let how = [Asked {
                member: "reported_by",
                required: true,
            }];
            fields = self.fields(&id, kind, &how, &offered);
        }
        fields.extend(self.fields(&id, kind, action.asks, &offered));
        let is_away = action.place == Place::Away || ends(kind);
        // What ends it, and what says that a report was read, is meant for the state that was seen.
        let is_about_state = is_away || kind == EventKind::ReferralAcknowledged;
        Form {
            text: labels::text_of(words::DO, kind.as_str(), self.language).to_owned(),
            event: kind.as_str(),
            path: events_path(&reader.record.id),
            given,
            if_match: is_about_state.then_some(reader.record.version),
            is_first: false,
            is_next: action.place == Place::Next,
            is_away,
            fields,
            id,
        }
    }

    fn may_be_set_aside(&self, attention: &[Attention]) -> Vec<Choice> {
        dismissible(attention)
            .map(Dismissible::as_str)
            .map(|code| Choice {
                value: code.to_owned(),
                text: labels::text_of(labels::ATTENTION, code, self.language).to_owned(),
            })
            .collect()
    }

    /// What the reader's side sent and may take back.
    fn take_back(&self, index: usize, voice: &Voice<'_>, reader: &Reader<'_>) -> Option<Form> {
        let author = Author {
            organization: Some(voice.speaker.organization.to_owned()),
            side: Some(voice.speaker.side),
            label: None,
        };
        let ids = retractable(reader.events, &author, reader.now);
        let choice = |id: String| {
            let event = reader.events.iter().find(|event| event.id == id)?;
            let what = labels::text_of(labels::EVENT, event.kind.as_str(), self.language);
            Some(Choice {
                text: format!("{what}, {}", minute(event.occurred_at)),
                value: id,
            })
        };
        let kind = EventKind::EventRetracted;
        let offered = Offered {
            referral: reader.view,
            retractable: ids.into_iter().filter_map(choice).collect(),
            dismissible: Vec::new(),
            assigner: String::new(),
        };
        if offered.retractable.is_empty() {
            return None;
        }
        let id = form_id(index, kind);
        let asks = domain::actions::asks(kind, reader.record.referral.status());
        Some(Form {
            text: labels::text_of(words::DO, kind.as_str(), self.language).to_owned(),
            event: kind.as_str(),
            path: events_path(&reader.record.id),
            given: given(voice),
            if_match: None,
            is_first: false,
            is_next: false,
            is_away: true,
            fields: self.fields(&id, kind, asks, &offered),
            id,
        })
    }

    /// A form for each event that waits for its place and may be applied by a person.
    fn apply(&self, index: usize, reader: &Reader<'_>) -> Vec<Form> {
        items(reader.view, "/parked")
            .map(|parked| {
                let kind = EventKind::parse(text(parked, "/type"));
                let what = kind.map_or("", EventKind::as_str);
                let event = text(parked, "/id");
                let id = format!("apply-{index}-{}", event.replace('.', "-"));
                let reason = [Asked {
                    member: "reason",
                    required: true,
                }];
                let offered = Offered {
                    referral: reader.view,
                    retractable: Vec::new(),
                    dismissible: Vec::new(),
                    assigner: String::new(),
                };
                Form {
                    text: format!(
                        "{}: {}",
                        self.texts.apply,
                        labels::text_of(labels::EVENT, what, self.language)
                    ),
                    event: "",
                    path: format!("/status/parked/{event}/apply"),
                    given: Vec::new(),
                    if_match: None,
                    is_first: false,
                    is_next: false,
                    is_away: false,
                    fields: self.fields(&id, EventKind::ReferralNote, &reason, &offered),
                    id,
                }
            })
            .collect()
    }
}

/// The form of an event; `index` tells the speakers apart.
pub(super) fn form_id(index: usize, kind: EventKind) -> String {
    format!("do-{index}-{}", kind.as_str().replace(['.', '_'], "-"))
}

/// Whether it ends the work of a recipient, though it is the usual thing to do where it is offered.
const fn ends(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::ReferralDeclined | EventKind::ReferralCancellationConfirmed
    )
}

/// A time within a text, where no script puts it into the reader's zone.
fn minute(at: Timestamp) -> String {
    let text = at.to_string();
    let minute = text.get(.."2026-03-02T09:00".len()).unwrap_or(&text);
    format!("{} UTC", minute.replace('T', " "))
}

fn events_path(referral: &str) -> String {
    format!("/status/referrals/{referral}/events")
}

fn given(voice: &Voice<'_>) -> Vec<(&'static str, String)> {
    let speaks_as = voice.speaks_as.map(|side| ("as", side.as_str().to_owned()));
    speaks_as.into_iter().collect()
}
