//! Everything that happened, in the order of happening: who, when, when it was learned, from where, and what became of it.

use domain::event::Event;
use domain::fold::{Fate, Folded};
use serde_json::Value;

use super::super::labels;
use super::codes;
use super::facts::{Fact, Teller};
use crate::crypto::sha256_hex;
use crate::http::Problem;
use crate::json::to_value;
use crate::referrals::StoredEvent;

/// An event as it is told.
pub(super) struct Told {
    pub(super) number: i64,
    pub(super) what: &'static str,
    pub(super) who: String,
    pub(super) at: String,
    /// When it was learned, where that was another time.
    pub(super) learned_at: Option<String>,
    pub(super) source: String,
    pub(super) reported_by: Option<&'static str>,
    pub(super) leg: u32,
    /// What became of it, where it does not simply count.
    pub(super) fate: Option<&'static str>,
    /// Why a step was taken to have happened.
    pub(super) implied: Option<String>,
    pub(super) facts: Vec<Fact>,
}

impl Teller<'_> {
    /// The events that the reader sees, in the order of the fold.
    pub(super) fn told(
        &self,
        stored: &[&StoredEvent],
        folded: &Folded,
    ) -> Result<Vec<Told>, Problem> {
        let mut told = Vec::with_capacity(stored.len());
        for (id, fate, leg) in &folded.fates {
            if let Some(stored) = stored.iter().find(|stored| stored.event.id == *id) {
                told.push(self.one(stored, *fate, *leg)?);
            }
        }
        Ok(told)
    }

    fn one(&self, stored: &StoredEvent, fate: Fate, leg: u32) -> Result<Told, Problem> {
        let event = &stored.event;
        let kind = event.kind.as_str();
        let is_request = stored.seq == 1;
        let fate = match fate {
            Fate::Applied => None,
            Fate::Parked => Some("parked"),
            Fate::Retracted => Some("retracted"),
            Fate::Expired => Some("expired"),
        };
        Ok(Told {
            number: stored.seq,
            what: labels::text_of(labels::EVENT, kind, self.language),
            who: self.who(event),
            at: event.occurred_at.to_string(),
            learned_at: (event.recorded_at != event.occurred_at)
                .then(|| event.recorded_at.to_string()),
            source: labels::text_of(codes::SOURCE, &event.source, self.language).to_owned(),
            reported_by: event
                .reported_by
                .map(|by| labels::text_of(codes::REPORTED_BY, by.as_str(), self.language)),
            leg,
            fate: fate.map(|code| labels::text_of(codes::FATE, code, self.language)),
            implied: event
                .implied_by
                .is_some()
                .then(|| event.implied_because.clone().unwrap_or_default()),
            // The request has its own part of the page.
            facts: if is_request {
                Vec::new()
            } else {
                self.members(kind, &to_value(event.data.as_ref())?)
            },
        })
    }

    /// Who said it: the person, the organisation, the side.
    fn who(&self, event: &Event) -> String {
        let Some(organization) = event.by.organization.as_deref() else {
            return self.texts.system.to_owned();
        };
        let side = event.by.side.map(|side| side.as_str()).unwrap_or_default();
        let mut words = vec![
            event.by.label.as_deref().unwrap_or_default(),
            self.names.of(organization),
            labels::text_of(codes::SIDE, side, self.language),
        ];
        words.retain(|word| !word.is_empty());
        words.join(", ")
    }
}

/// The hash chain of a referral: where it ends, and whether it holds.
pub(super) struct Chain {
    pub(super) head: String,
    pub(super) length: usize,
    /// The number of the first event at which it does not hold.
    pub(super) broken_at: Option<usize>,
}

impl Chain {
    /// Checks the stored bodies with their hashes against each other and against the last hash, which the referral's row holds
    /// too. All events count, those that the reader does not see as well.
    pub(super) fn check(links: &[(&str, &str)], version: i64, tail_hash: &str) -> Self {
        let mut previous = "";
        let mut broken_at = None;
        for (number, (body, hash)) in (1..).zip(links) {
            let holds = sha256_hex(&[body.as_bytes()]) == *hash && follows(body, number, previous);
            if !holds {
                broken_at = broken_at.or(Some(number));
            }
            previous = hash;
        }
        let is_whole = usize::try_from(version) == Ok(links.len()) && previous == tail_hash;
        if !is_whole {
            broken_at = broken_at.or(Some(links.len().saturating_add(1)));
        }
        Self {
            head: tail_hash.to_owned(),
            length: links.len(),
            broken_at,
        }
    }
}

/// Whether a body says that it is the `number`-th, after the one with the hash `previous`.
fn follows(body: &str, number: usize, previous: &str) -> bool {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let says = |name: &str| body.get(name).and_then(Value::as_str);
    let seq = body.get("seq").and_then(Value::as_u64);
    says("previous_hash") == Some(previous) && seq == u64::try_from(number).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(count: u64) -> Vec<(String, String)> {
        let mut links: Vec<(String, String)> = Vec::new();
        for seq in 1..=count {
            let previous = links.last().map_or("", |(_, hash)| hash.as_str());
            let body = format!("{{\"previous_hash\":\"{previous}\",\"seq\":{seq}}}");
            let hash = sha256_hex(&[body.as_bytes()]);
            links.push((body, hash));
        }
        links
    }

    fn broken_at(links: &[(String, String)], version: i64, tail: &str) -> Option<usize> {
        let links: Vec<_> = links
            .iter()
            .map(|(body, hash)| (body.as_str(), hash.as_str()))
            .collect();
        Chain::check(&links, version, tail).broken_at
    }

    #[test]
    fn a_chain_holds_until_something_is_changed_cut_off_or_taken_out() {
        let whole = links(3);
        let tail = whole[2].1.clone();
        assert_eq!(broken_at(&whole, 3, &tail), None);
        let mut changed = links(3);
        changed[1].0.push(' ');
        assert_eq!(broken_at(&changed, 3, &tail), Some(2));
        let mut without = links(3);
        without.remove(1);
        assert_eq!(broken_at(&without, 3, &tail), Some(2));
        assert_eq!(
            broken_at(&links(2), 3, &tail),
            Some(3),
            "the tail is cut off"
        );
    }
}
